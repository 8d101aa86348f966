"""From the outbox to the platforms: gate, durable intent, post, outcome."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta

from bot import lifecycle
from bot.admission import Admission
from bot.dialogue import Message
from bot.errors import PostError, StoreError, Untold
from bot.lane import Done, Lane
from bot.lease import Holder
from bot.limits import Gate
from bot.messages import Messages
from bot.model import Delivery, Destination, Place, Receipt
from bot.outcome import Outcome, broken, broken_off, is_recognised, outcome
from bot.ports import Adapter
from bot.ranks import Rank
from bot.states import DeliveryState, Edited
from bot.store import Store, Transaction, outbox, people, subscriptions

log = logging.getLogger(__name__)

PREFETCH = 64  # due posts read together
IDLE = 5.0  # seconds between two looks for what is due, and for room on a full disk


class Dispatcher:
    """Sends what is due, on every platform at once, until stopped."""

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        clock: Callable[[], datetime],
        seconds: Callable[[], float] = time.monotonic,
        lease: Holder | None = None,
    ) -> None:
        self._store = store
        self._lease = lease
        self._clock = clock
        self._seconds = seconds  # the gates' own clock: it never goes back
        self._lanes = {name: Lane(one, Gate(one.pace)) for name, one in adapters.items()}
        self._admissions = {n: Admission(e.gate, seconds) for n, e in self._lanes.items()}
        self._messages = Messages(store)
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Something was planned."""
        for lane in self._lanes.values():
            lane.wake.set()

    def stop(self) -> None:
        """Finish the posts in flight, begin no other; then `run` returns."""
        self._stopping.set()
        self.wake()
        for each in self._admissions.values():
            each.end()

    async def admit(self, name: str, address: str, rank: Rank = Rank.FIRST) -> bool:
        """Wait until an answer to a person may go: posts leave room for it. False: it is too late
        for one of the last rank."""
        adapter = self._lanes[name].adapter
        if not adapter.pace.answers:
            return True
        return await self._admissions[name].turn(*adapter.chat(address), rank)

    async def edit(self, where: Destination, receipt: Receipt, message: Message) -> Edited:
        """Change what was posted there, at the pace of the posts and once none of them could go
        instead. Raises PostError: the same may be asked again."""
        lane = self._lanes[where.platform]
        chat, _ = lane.adapter.chat(where.address)
        while not lane.has_room(chat, self._seconds()):
            if await _any(self._stopping, 0.1):
                raise PostError("the program stops")
        lane.gate.acquire(chat)
        try:
            return await lane.adapter.edit(where.address, receipt, message)
        except PostError as fault:
            lane.refused(chat, fault, self._seconds())
            raise
        finally:
            lane.release(where.address, self._seconds())

    async def recover(self) -> None:
        """At the start: what a process that died was sending may have arrived, or not."""
        error = PostError("the program stopped while sending", ambiguous=True)
        for name, lane in self._lanes.items():
            for one in await outbox.orphans(self._store, name, self._clock()):
                lane.done.append((one, outcome(one, error, lane.adapter, self._clock()), None))
            await self._commit(lane, [])
        await self.expire()

    async def expire(self) -> None:
        """Give up what is more than six hours late: its papers come with the next post."""
        now = self._clock()
        async with self._store.transaction() as tx:
            for one in await outbox.expire(tx, now):
                log.warning("given up delivery=%d reason=%s", one.id, one.reason)
                await lifecycle.tell_died(tx, one, one.reason, now, self._place_of(one))

    def _place_of(self, one: Delivery) -> lifecycle.PlaceOf:
        lane = self._lanes.get(one.destination.platform)
        return lane.adapter.place if lane else lambda _: Place("")

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes.values():
                group.create_task(self._serve(lane))

    async def _serve(self, lane: Lane) -> None:
        """Round after round. Each post is a task: a slow one holds up no other."""
        while not lane.adapter.up.is_set():
            if await _any(self._stopping, 0.1):
                return
        async with asyncio.TaskGroup() as posts:
            while lane.gate.busy or lane.done or not self._stopping.is_set():
                lane.wake.clear()
                try:
                    begun = await self._round(lane)
                    for post in begun:
                        posts.create_task(post)
                    if not begun:
                        await _any(lane.wake, await self._idle(lane))
                except StoreError as broken:  # a full disk: say so, and go on when there is room
                    name = lane.adapter.name
                    log.error("outbox cannot be written platform=%s reason=%s", name, broken)
                    if await _any(self._stopping, IDLE):
                        return

    async def _idle(self, lane: Lane) -> float:
        """Seconds until a post becomes due, or may: one that is due already waits for its chat."""
        if self._stopping.is_set():
            return 0.05
        if pause := lane.gate.wait(self._seconds()):
            return pause
        due = await outbox.next_due(self._store, lane.adapter.name, self._clock())
        if due is None:
            return IDLE
        wait = (due - self._clock()).total_seconds()
        return min(max(wait, 0.05), IDLE) if wait > 0 else lane.rest(self._seconds())

    async def _round(self, lane: Lane) -> list[Coroutine[None, None, None]]:
        """One commit, of the outcomes that came in and of the intents of what goes now; the posts
        are still to be sent."""
        picked = await self._pick(lane)
        claimed: dict[int, Delivery] = {}
        try:
            messages = {one.id: await self._messages.of(one, self._clock()) for one in picked}
            claimed = {one.id: one for one in await self._commit(lane, picked)}
        finally:
            for one in picked:
                if one.id not in claimed:
                    lane.release(one.destination.address, self._seconds())
        return [self._send(lane, one, messages[one.id]) for one in claimed.values()]

    async def _pick(self, lane: Lane) -> list[Delivery]:
        """Chats that rest are passed over, or the first of them would hold up all the others: also
        one with thousands of topics, each of them a place."""
        passed: set[str] = set()
        lane.gate.posting = bool(lane.prefetched)
        up = lane.adapter.up  # down between two starts: nothing is tried then
        while up.is_set() and not self._stopping.is_set() and not lane.gate.wait(self._seconds()):
            if picked := lane.pick(self._seconds()):
                return picked
            passed |= {
                lane.adapter.chat(one.destination.address)[0] for one in lane.prefetched.values()
            }
            name, now = lane.adapter.name, self._clock()
            found = await outbox.due(self._store, name, now, PREFETCH, passed)
            if not found:
                break
            lane.prefetched = {one.id: one for one in found}
        return []

    async def _commit(self, lane: Lane, picked: Sequence[Delivery]) -> list[Delivery]:
        """Write the outcomes there are, and take what was picked."""
        done, lane.done = lane.done, []
        if not done and not picked:
            return []
        try:
            return await self._store.write(lambda tx: self._write(tx, done, picked))
        except StoreError:  # what is known to have arrived must not be forgotten
            lane.done[:0] = done
            raise

    async def _send(self, lane: Lane, delivery: Delivery, message: Message | None) -> None:
        result, error = broken(delivery), None
        try:
            if message:
                receipt = await self._posted(lane.adapter, delivery, message)
                result = Outcome(DeliveryState.SENT, receipt=receipt)
        except Untold as unknown:
            result = Outcome(DeliveryState.UNKNOWN, str(unknown))
        except PostError as fault:
            result, error = self._failed(lane, delivery, fault), fault
        except Exception:
            log.exception("post broke delivery=%d platform=%s", delivery.id, lane.adapter.name)
            result = broken_off(delivery, lane.adapter, self._clock())
        lane.done.append((delivery, result, error))
        lane.release(delivery.destination.address, self._seconds())

    async def _posted(self, adapter: Adapter, delivery: Delivery, message: Message) -> Receipt:
        """Looks first whether an earlier, ambiguous attempt arrived, once a repeat would not be
        recognised any more."""
        address, since = delivery.destination.address, delivery.ambiguous_at
        found = None
        if since and not is_recognised(since, self._clock(), adapter):
            if not adapter.reads_back:
                raise Untold(delivery.reason)
            found = await adapter.find(address, message)
        return found or await adapter.post(address, message, key=delivery.key, plain=delivery.plain)

    def _failed(self, lane: Lane, delivery: Delivery, error: PostError) -> Outcome:
        result = outcome(delivery, error, lane.adapter, self._clock())
        loud = error.refused or (error.rejected and error.retry_after is None)
        level = logging.ERROR if loud else logging.WARNING
        log.log(level, "post failed delivery=%d platform=%s state=%s reason=%s",
                delivery.id, lane.adapter.name, result.state, error)  # fmt: skip
        chat, _ = lane.adapter.chat(delivery.destination.address)
        lane.refused(chat, error, self._seconds())
        return result

    async def _write(
        self, tx: Transaction, done: Sequence[Done], picked: Sequence[Delivery]
    ) -> list[Delivery]:
        if self._lease:
            await self._lease.check(tx)
        now = self._clock()
        if sent := [(one, end.receipt) for one, end, _ in done if end.state is DeliveryState.SENT]:
            await outbox.sent(tx, sent, now)
        for one, end, error in done:
            if end.state is not DeliveryState.SENT:
                await self._finish(tx, one, end, error)
        return await outbox.claim(tx, picked, now) if picked else []

    async def _finish(
        self, tx: Transaction, one: Delivery, end: Outcome, error: PostError | None
    ) -> None:
        now = self._clock()
        jitter = random.uniform(1.0, 1.2)  # noqa: S311 - spreads retries, guards nothing
        state = await outbox.finish(
            tx, one, end.state, now, due_at=now + timedelta(seconds=end.again_in * jitter),
            reason=end.reason, ambiguous_at=end.ambiguous_at, suspected=end.suspected,
            plain=end.plain,
        )  # fmt: skip
        if error and error.moved_to and state:
            await people.move(tx, one.destination, error.moved_to)
        if end.lost and error and state:
            those = await subscriptions.at_place(tx, one.destination)
            await lifecycle.lose(tx, those, end.reason, error.remedy, now, self._place_of(one))
        elif state is DeliveryState.DEAD:
            await lifecycle.tell_died(tx, one, end.reason, now, self._place_of(one))


async def _any(event: asyncio.Event, seconds: float) -> bool:
    """True when the event came before the time was over."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
