"""What is due becomes a frozen digest in the outbox, once for each destination and local date."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from bot import digest, schedule
from bot.collect import Collector
from bot.digest import Digest
from bot.model import Paper, Subscription, Topic
from bot.store import Store, Transaction, outbox, papers, people
from bot.store.papers import Status

log = logging.getLogger(__name__)

ON_TIME = timedelta(minutes=15)  # a list fetched this short before a run is fresh; later is late
LOOK_AGAIN = timedelta(minutes=2)
REACH = timedelta(days=7)  # how far back a post still brings what came late or was missed
BATCH = 100  # runs in one transaction


@dataclass(frozen=True, slots=True)
class Run:
    """One subscription's run: which local date it is for, and which day's list it posts."""

    subscription: Subscription
    local_date: date
    day: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a run: 'post', 'wait', 'skip' (nothing to post) or 'miss' (too late)."""

    what: str
    reason: str = ""


def run_of(subscription: Subscription) -> Run:
    at = subscription.run_at
    local = schedule.local_date(at, subscription.time, subscription.zone)
    return Run(subscription, local, schedule.list_day(at, local))


def decide(run: Run, status: Status, now: datetime) -> Verdict:
    """Pure. A list that is stale or still empty is waited for, up to six hours."""
    asked = run.subscription
    late = now - asked.run_at > schedule.LATEST
    fetched = status.fetched_at
    fresh = fetched is not None and (status.whole or fetched >= asked.run_at - ON_TIME)
    if asked.last_day and run.day <= asked.last_day:
        return Verdict("skip", f"the list of {run.day} was posted before")
    if fresh and status.papers and not late:
        return Verdict("post")
    if not status.papers and run.day.weekday() >= 5 and (fresh or late):
        return Verdict("skip", f"no list: {run.day:%A}")
    if fresh and not status.papers and (status.whole or late):
        return Verdict("skip", f"no list on {run.day}")
    if late and asked.reason:
        return Verdict("miss", asked.reason)
    if late:
        return Verdict("miss", "the bot was not running")
    if status.failing_since:
        since = digest.clock(status.failing_since, asked.zone)
        return Verdict("wait", f"no answer from the feed since {since}")
    return Verdict("wait", "nothing on its list by then" if fresh else "")


async def plan(store: Store, collector: Collector, now: datetime, limit: int = 500) -> int:
    """Settle the runs that are due. Returns how many there were. Harmless to repeat.

    Each settled run moves on, so repeating until it returns 0 comes to an end.
    """
    waiting = [run_of(one) for one in await people.due(store, now, limit)]
    if timely := {r.day for r in waiting if now - r.subscription.run_at <= schedule.LATEST}:
        await collector.refresh(now, timely)
    settled, statuses = 0, dict[date, Status]()
    for _ in range(0, len(waiting), BATCH):
        async with store.transaction() as tx:
            # Read again: while the feed was asked, people changed what they want.
            due = await people.due(tx, now, BATCH)
            ids = [one.id for one in due]
            topics = await people.topics_of(tx, ids)
            first_days = await people.first_days(tx, ids)
            batch = _Batch(tx, now, await papers.arrival(tx), topics, first_days, {})
            for run in map(run_of, due):
                if run.day not in statuses:
                    statuses[run.day] = await collector.status(run.day)
                await batch.settle(run, statuses[run.day])
            settled += len(due)
    return settled


@dataclass(frozen=True, slots=True)
class _Batch:
    """Runs settled in one transaction; those with the same past share one look at the papers."""

    tx: Transaction
    now: datetime
    arrival: int
    topics: Mapping[int, Sequence[Topic]]
    first_days: Mapping[int, date]
    seen: dict[tuple[date, date | None, int, date | None], Sequence[Paper]]

    async def settle(self, run: Run, status: Status) -> None:
        verdict = decide(run, status, self.now)
        one = run.subscription
        if verdict.what == "wait":
            await people.look_again(self.tx, one.id, self.now + LOOK_AGAIN, verdict.reason)
            return
        posted = None
        if verdict.what == "post":
            if await self._post(run, status):
                posted = (run.day, self.arrival)
        else:
            missed = outbox.MISSED if verdict.what == "miss" else ""
            await self._record(run, payload=missed, state="skipped", reason=verdict.reason)
        after = max(one.run_at, self.now - REACH)
        next_run = schedule.next_run(after, one.time, one.zone)
        await people.ran(self.tx, one.id, next_run, posted)

    async def _post(self, run: Run, status: Status) -> bool:
        """False when that local date already has its post."""
        one = run.subscription
        as_of, notes = status.fetched_at or self.now, await self._notes(run)
        draft = Digest(one.kind, run.day, status.whole, as_of, one.zone, one.papers, (), notes)
        topics = self.topics.get(one.id, ())
        found = digest.compose(draft, await self._unposted(run), topics)
        if found.items:
            return await self._record(run, payload=found.dumps())
        return await self._record(run, state="skipped", reason="nothing matched")

    async def _notes(self, run: Run) -> tuple[str, ...]:
        one = run.subscription
        notes = []
        if self.now - one.run_at > ON_TIME:
            why = one.reason or "the bot was not running"
            notes.append(f"Late, due at {digest.clock(one.run_at, one.zone)}: {why}.")
        if one.last_day:
            missed = await outbox.missed_since(self.tx, one.id, one.last_day)
            for why, group in groupby(missed, key=itemgetter(1)):
                days = ", ".join(digest.name(day, year=False) for day, _ in group)
                notes.append(f"Nothing came on {days}: {why}.")
        return tuple(notes)

    async def _unposted(self, run: Run) -> Sequence[Paper]:
        one = run.subscription
        key = (run.day, one.last_day, one.last_arrival, self.first_days.get(one.id))
        if key not in self.seen:
            since = run.day - REACH
            self.seen[key] = await papers.unposted(self.tx, run.day, since, *key[1:])
        return self.seen[key]

    async def _record(self, run: Run, **what: str) -> bool:
        one, where = run.subscription, run.subscription.destination
        return await outbox.add(
            self.tx, where, one.kind, run.local_date, now=self.now, subscription=one.id, **what
        )
