"""From the outbox to the platforms: gate, durable intent, post, outcome."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot import digest
from bot.commands import buttons
from bot.errors import PostError, StoreError, Untold
from bot.limits import Gate
from bot.model import Delivery, Destination, Message, Receipt
from bot.outcome import Outcome, broken, outcome
from bot.ports import Adapter
from bot.store import Store, Transaction, outbox, papers, people
from bot.text import cut, one_line

log = logging.getLogger(__name__)

AHEAD = 8  # due posts looked at together
IDLE = 5.0  # seconds between two looks for what is due, and for room on a full disk


class Dispatcher:
    """Sends what is due, on every platform at once, until stopped."""

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        clock: Callable[[], datetime],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._adapters = adapters
        self._clock = clock
        self._seconds = seconds  # the gates' own clock: it never goes back
        self._gates = {name: Gate(adapter.pace) for name, adapter in adapters.items()}
        self._wake = {name: asyncio.Event() for name in adapters}
        self._busy: dict[str, set[str]] = {name: set() for name in adapters}  # addresses
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Something was planned."""
        for event in self._wake.values():
            event.set()

    def stop(self) -> None:
        """Finish the posts in flight, begin no other; then `run` returns."""
        self._stopping.set()
        self.wake()

    async def admit(self, name: str, address: str) -> None:
        """Wait until an answer to a person may go. Posts leave room for it, so it hardly does."""
        gate = self._gates[name]
        while pause := gate.person_wait(self._seconds()):
            if await _any(self._stopping, pause):
                break
        chat, spacing = self._adapters[name].chat(address)
        gate.answered(chat, self._seconds(), spacing)

    async def recover(self) -> None:
        """At the start: what a process that died was sending may have arrived, or not."""
        error = PostError("the program stopped while sending", ambiguous=True)
        for name, adapter in self._adapters.items():
            for one in await outbox.orphans(self._store, name):
                await self._finish(one, outcome(one, error, adapter, self._clock()))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for name, adapter in self._adapters.items():
                for _ in range(adapter.pace.in_flight):
                    group.create_task(self._serve(name))

    async def _serve(self, name: str) -> None:
        """One of the lanes of a platform: a slow post holds up no other."""
        up = self._adapters[name].up
        while not up.is_set():
            if await _any(self._stopping, 0.1):
                return
        while not self._stopping.is_set():
            self._wake[name].clear()
            if not await self._send_next(name):
                await _any(self._wake[name], await self._idle(name))

    async def _idle(self, name: str) -> float:
        """Seconds until a post becomes due, or may: one that is due already waits for its chat."""
        due = await outbox.next_due(self._store, name)
        if due is None:
            return IDLE
        return min(max((due - self._clock()).total_seconds(), 0.05), IDLE)

    async def send_due(self, name: str) -> int:
        """Send one handful of what is due. Returns how many were tried."""
        lanes = range(self._adapters[name].pace.in_flight)
        return sum(await asyncio.gather(*(self._send_next(name) for _ in lanes)))

    async def _send_next(self, name: str) -> bool:
        """Send the oldest post due to an address that no other lane sends to, and whose chat may
        have one now; False: there is none."""
        busy, adapter = self._busy[name], self._adapters[name]
        try:
            delivery = await self._next(name)
            if delivery is None:
                return False
            address = delivery.destination.address
            busy.add(address)
            self._wake[name].set()  # there may be more, for the idle lanes
            try:
                await self._send(adapter, delivery)
            finally:
                busy.discard(address)
        except StoreError as broken:  # a full disk: say so, and go on when there is room
            log.error("outbox cannot be written platform=%s reason=%s", name, broken)
            await _any(self._stopping, IDLE)
        return True

    async def _next(self, name: str) -> Delivery | None:
        """Chats that rest are passed over, or the first of them would hold up all the others."""
        gate, chat = self._gates[name], self._adapters[name].chat
        skipped = set(self._busy[name])
        while True:
            found = await outbox.due(self._store, name, self._clock(), AHEAD, skipped)
            for delivery in found:
                address = delivery.destination.address
                resting = gate.resting(chat(address)[0], self._seconds())
                if address not in self._busy[name] and not resting:
                    return delivery
                skipped.add(address)
            if len(found) < AHEAD:
                return None

    async def _send(self, adapter: Adapter, delivery: Delivery) -> None:
        try:
            message = await self._message(delivery)
        except StoreError:
            raise
        except Exception:
            log.exception("post broke before sending delivery=%d", delivery.id)
            message = None
        gate, (chat, spacing) = (
            self._gates[adapter.name],
            adapter.chat(delivery.destination.address),
        )
        while pause := gate.wait(chat, self._seconds()):
            if await _any(self._stopping, pause):
                return
        if self._stopping.is_set():
            return
        gate.take()
        try:
            claimed = await outbox.intend(self._store, delivery, self._clock())
            if claimed and message is None:
                await self._finish(claimed, broken(claimed))
            elif claimed and message:
                await self._post(adapter, claimed, message)
        finally:
            gate.land(chat, self._seconds(), spacing)

    async def _post(self, adapter: Adapter, delivery: Delivery, message: Message) -> None:
        address = delivery.destination.address
        try:
            receipt = await self._arrived(adapter, delivery, message)
            receipt = receipt or await adapter.post(address, message, key=delivery.key)
        except Untold as unknown:
            await self._finish(delivery, Outcome("unknown", str(unknown)))
        except PostError as error:
            await self._failed(adapter, delivery, error)
        except Exception:
            log.exception("post broke delivery=%d platform=%s", delivery.id, adapter.name)
            await self._finish(delivery, broken(delivery))
        else:
            await self._finish(delivery, Outcome("sent", message_id=receipt.message_id))

    async def _arrived(
        self, adapter: Adapter, delivery: Delivery, message: Message
    ) -> Receipt | None:
        """The proof that an earlier, ambiguous attempt arrived; None: send it (again)."""
        since = delivery.ambiguous_at
        if since is None or self._clock() < since + adapter.resend_within:
            return None
        if not adapter.reads_back:
            raise Untold(delivery.reason)
        return await adapter.find(delivery.destination.address, message)

    async def _failed(self, adapter: Adapter, delivery: Delivery, error: PostError) -> None:
        result = outcome(delivery, error, adapter, self._clock())
        level = logging.ERROR if error.refused else logging.WARNING
        log.log(level, "post failed delivery=%d platform=%s state=%s reason=%s",
                delivery.id, adapter.name, result.state, error)  # fmt: skip
        gate = self._gates[adapter.name]
        if error.permanent or error.retry_after is not None:
            gate.refused(self._seconds())
        if error.retry_after is not None:
            gate.slow_down(self._seconds(), error.retry_after)
        await self._finish(delivery, result, error)

    async def switch_off(self, where: Destination, reason: str) -> None:
        """Nothing goes to that address any more; who set it up is told why, once."""
        async with self._store.transaction() as tx:
            await self._switch_off(tx, where, reason)
        self.wake()

    async def _switch_off(self, tx: Transaction, where: Destination, reason: str) -> None:
        now = self._clock()
        place = cut(one_line(await people.title(tx, where)), 100) or "a place you set up"
        text = (
            f"I stopped posting Daily Papers in {place}: {reason.rstrip('.')}. Once that is "
            "mended, run /resume there (for a Telegram channel, here: /resume @itsname)."
        )
        for one in await people.switch_off(tx, where, reason):
            log.warning("switched off subscription=%d reason=%s", one.id, reason)
            if one.owner and one.owner != where.address:
                owner = Destination(where.platform, one.owner)
                await outbox.add(tx, owner, "notice", now.date(), now=now, payload=text)

    async def _message(self, delivery: Delivery) -> Message:
        if delivery.kind == "notice":
            return Message(text=delivery.payload)
        frozen = digest.loads(delivery.payload)
        shown = [item.id for item in frozen.items[: frozen.size]]
        known = await papers.by_id(self._store, shown)
        message = digest.message(frozen, known, delivery.id)
        return await buttons.pack(self._store, message, self._clock())

    async def _finish(
        self, delivery: Delivery, result: Outcome, error: PostError | None = None
    ) -> None:
        """Write the outcome and what follows from it. While the disk is full, keep trying: a post
        that is known to have arrived must not be forgotten."""
        while True:
            try:
                await self._store.write(lambda tx: self._settle(tx, delivery, result, error))
                return
            except StoreError as broken:
                log.error("outcome cannot be written delivery=%d reason=%s", delivery.id, broken)
                if await _any(self._stopping, IDLE):
                    return

    async def _settle(
        self, tx: Transaction, delivery: Delivery, result: Outcome, error: PostError | None
    ) -> None:
        now = self._clock()
        jitter = random.uniform(1.0, 1.2)  # noqa: S311 - spreads retries, guards nothing
        await outbox.finish(
            tx,
            delivery,
            result.state,
            now,
            reason=result.reason,
            message_id=result.message_id,
            due_at=now + timedelta(seconds=result.again_in * jitter),
            ambiguous_at=result.ambiguous_at,
        )
        if error and error.moved_to:
            await people.move(tx, delivery.destination, error.moved_to)
        elif error and error.permanent:
            await self._switch_off(tx, delivery.destination, str(error))


async def _any(event: asyncio.Event, seconds: float) -> bool:
    """True when the event came before the time was over."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
