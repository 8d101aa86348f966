"""What is due becomes a frozen digest in the outbox, once for each destination and list day."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import assert_never

from bot import decide, digest, notice, progress
from bot.collect import Collector
from bot.decide import Row, Run, Verdict, list_days, run_after, run_of
from bot.digest import Digest
from bot.errors import StoreError, UserError
from bot.list_collector import WATCHED
from bot.model import ListStatus, PastDelivery, Place, Subscription, Topic
from bot.progress import REACH, Lists, Past
from bot.schedule import DAY, LATEST
from bot.states import DeliveryState, What
from bot.store import (
    Reader,
    Store,
    Transaction,
    history,
    lists,
    outbox,
    people,
    subscriptions,
    votes,
)  # fmt: skip

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=2)
BATCH = 100  # runs in one transaction
TOLD_WITHIN = timedelta(days=2)  # that a run is set aside


async def plan(store: Store, collector: Collector, now: datetime, limit: int = 500) -> int:
    """Plan the runs that are due. Returns how many there were. Harmless to repeat.

    Each planned run moves on, so repeating until it returns 0 comes to an end.
    """
    waiting, count = await subscriptions.are_due(store, now, limit)
    if days := list_days(waiting, now, WATCHED):
        await collector.refresh(now, days)
    planned, statuses = 0, dict[date, ListStatus]()
    for _ in range(0, count, BATCH):
        async with store.transaction() as tx:
            # Read again: while the feed was asked, people changed what they want.
            due = await subscriptions.due(tx, now, BATCH)
            batch = await _Batch.of(tx, collector, now, due, statuses)
            for one in due:
                await batch.plan(one)
            planned += len(due)
    return planned


async def past_of(
    reader: Reader, those: Sequence[Subscription], back_to: date | None = None
) -> dict[int, Past]:
    """What the places of these subscriptions have had, as far back as the next post depends on it;
    and of the lists since `back_to`."""
    events = await history.past(reader, [one.id for one in those], back_to)
    numbers = {e.content for some in events.values() for e in some if e.content}
    carried = _readable(await history.contents(reader, numbers))
    known = dict[tuple[date, tuple[PastDelivery, ...]], Past]()  # many places have one past
    for one in those:
        key = (one.first_day, events[one.id])
        if key not in known:
            known[key] = progress.past(*key, carried)
    return {one.id: known[one.first_day, events[one.id]] for one in those}


loaded = lru_cache(maxsize=512)(digest.loads)  # raises ValueError


def _readable(contents: Mapping[int, str]) -> dict[int, Digest]:
    digests = {}
    for number, text in contents.items():
        try:
            digests[number] = loaded(text)
        except ValueError as error:
            log.error("digest cannot be read content=%d reason=%s", number, error)
    return digests


@dataclass(frozen=True, slots=True)
class _Batch:
    """Runs planned in one transaction; those with the same past share what they are owed."""

    tx: Transaction
    collector: Collector
    now: datetime
    topics: Mapping[int, Sequence[Topic]]
    pasts: Mapping[int, Past]
    statuses: dict[date, ListStatus]
    lists: dict[tuple[date, date], Lists]
    owed: dict[tuple[date, Past, bool], progress.Owed]

    @classmethod
    async def of(
        cls, tx: Transaction, collector: Collector, now: datetime, due: Sequence[Subscription],
        statuses: dict[date, ListStatus],
    ) -> _Batch:  # fmt: skip
        topics = await subscriptions.topics_of(tx, [one.id for one in due])
        return cls(tx, collector, now, topics, await past_of(tx, due), statuses, {}, {})

    async def plan(self, one: Subscription) -> None:
        """One that cannot be planned is set aside, and holds up no other."""
        try:
            async with self.tx.part():
                await self._carry_out(run_of(one))
        except StoreError:
            raise
        except UserError as error:
            log.error("run set aside subscription=%d reason=%s", one.id, error)
            await self._tell(one, str(error))
            await self._wait(one, subscriptions.SET_ASIDE, str(error))
        except Exception:
            log.exception("run broke subscription=%d", one.id)
            await self._wait(one, subscriptions.SET_ASIDE, "it could not be planned; see the log")

    async def _carry_out(self, run: Run) -> None:
        one = run.subscription
        status = await self._status(run.day)
        decision = decide.decide(run, status, self.pasts[one.id], self.now)
        match decision.verdict:
            case Verdict.WAIT:
                await self._wait(one, LOOK_AGAIN, status.behind or decision.reason)
                return
            case Verdict.POST:
                await self._post(run)
            case Verdict.SKIP:
                await self._record(run, Row(DeliveryState.SKIPPED, decision.reason))
            case Verdict.MISS:
                await self._record(run, Row(DeliveryState.MISSED, decision.reason))
            case verdict:
                assert_never(verdict)
        await subscriptions.advance(self.tx, one.id, run_after(one, self.now))

    async def _tell(self, one: Subscription, why: str) -> None:
        """Who set it up hears once why its runs are set aside."""
        if one.owner is None or one.reason == why:
            return
        own = one.owner == one.destination.address
        place = Place("this chat") if own else await people.place(self.tx, one.destination)
        told = notice.waits(place, "" if own else one.destination.address, why)
        await outbox.add(
            self.tx, replace(one.destination, address=one.owner), What.NOTICE, self.now.date(),
            now=self.now, deadline=self.now + TOLD_WITHIN, payload=told.dumps(),
        )  # fmt: skip

    async def _wait(self, one: Subscription, pause: timedelta, reason: str) -> None:
        await subscriptions.look_again(self.tx, one.id, self.now + pause, reason)

    async def _status(self, day: date) -> ListStatus:
        if day not in self.statuses:
            self.statuses[day] = await self.collector.status(day)
        return self.statuses[day]

    async def _post(self, run: Run) -> None:
        status, owed = self.statuses[run.day], await self._owed(run)
        topics = self.topics.get(run.subscription.id, ())
        await self._record(run, decide.post(run, status, owed, topics, self.now))

    async def _owed(self, run: Run) -> progress.Owed:
        past, selected = self.pasts[run.subscription.id], run.subscription.is_selective
        key = (run.day, past, selected)
        if key not in self.owed:
            span = (run.day, min(past.since, run.day - REACH))
            if span not in self.lists:
                self.lists[span] = await lists_until(self.tx, *span, self.now)
            self.owed[key] = progress.owed(past, self.lists[span], selected=selected)
        return self.owed[key]

    async def _record(self, run: Run, row: Row) -> None:
        one = run.subscription
        await outbox.add(
            self.tx, one.destination, one.what, run.local_date, now=self.now,
            deadline=decide.deadline(one, self.now), list_day=run.day, subscription=one.id,
            payload=row.payload, state=row.state, reason=row.reason,
        )  # fmt: skip


async def lists_until(reader: Reader, day: date, since: date, now: datetime) -> Lists:
    """The lists up to a day, with papers as far back as a post has something to say of them, and
    what these gained by now."""
    days = await lists.listed(reader, day - 2 * REACH, day)
    gained = await votes.with_gains(reader, [paper for _, paper in days], now)
    found = [(listed, paper) for (listed, _), paper in zip(days, gained, strict=True)]
    older = await lists.with_papers(reader, since, day - REACH - DAY)
    return Lists(day, found, older, await lists.without_papers(reader, since, day))


async def take_back(store: Store, now: datetime) -> None:
    """What left its list is taken off the posts that are not sent yet."""
    left = await lists.left_since(store, now - 2 * LATEST)
    if not left:
        return
    async with store.transaction() as tx:
        unsent = await outbox.unsent_contents(tx)
        for number, frozen in _readable(unsent).items():
            fewer = digest.without(frozen, left)
            if fewer != frozen:
                log.info("papers taken back content=%d papers=%d", number,
                         len(frozen.items) - len(fewer.items))  # fmt: skip
                text = fewer.dumps() if fewer.items else ""
                await outbox.rewrite(tx, number, text, "its papers were taken off the list", now)
