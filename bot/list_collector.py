"""One source's lists into the store: a reply is held against the question, a fault set aside."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from bot.dates import long_date
from bot.errors import NotOpenYet, SourceError
from bot.model import ListStatus, Paper, PaperList
from bot.period import FIRST_DAY, Period
from bot.ports import ListSource, Source
from bot.schedule import DAY
from bot.store import Store, lists, periods
from bot.store.lists import Fault

log = logging.getLogger(__name__)

WATCHED = 4  # days back from today that are fetched again: votes settle, late papers arrive
RECENT = 28  # days back that are fetched at least once, for /week, /trending and topics' examples
NEAR = 7 * DAY  # lists this near are compared with: a feed may answer one for another
SETTLE = timedelta(hours=12)  # between two fetches of a watched list that is whole
POSTED = timedelta(hours=1)  # a reply older than this is asked for anew before it is posted
SECOND_LOOK = timedelta(minutes=1)  # after which a reply that was doubted is believed
NEVER = timedelta(days=10_000)
ROW = 2  # days that fail one after another: then a third is asked, whether it is the source


def is_whole(day: date, fetched_at: datetime) -> bool:
    """A list grows all through its day (UTC): 56 % at 07:45, 90 % at 17:10, all after midnight."""
    return fetched_at >= _end(day)


def _end(day: date) -> datetime:
    return datetime.combine(day + DAY, datetime.min.time(), UTC)


def in_order(days: Collection[date], today: date) -> list[date]:
    """Pure. Newest first, but today after the weekday before: by that list is known whether the
    source has gone on to today's."""
    before = today - DAY * (1 if today.weekday() else 3)
    first = [day for day in (before, today) if day in days]
    return first + [day for day in sorted(days, reverse=True) if day not in first]


def is_doubtful(day: date, reply: Collection[str], known: Collection[str], now: datetime) -> bool:
    """Pure. Whether a reply (ids) must be repeated before it is believed: a finished weekday
    without papers, and the loss of more than half of a list."""
    lost = len(set(known) - set(reply))
    if 2 * lost > len(known):
        return True
    return not reply and day.weekday() < 5 and is_whole(day, now)


def older_list(
    day: date, reply: Collection[str], near: Mapping[date, Collection[str]]
) -> date | None:
    """Pure. The earlier list that most of a reply (ids) is on: the feed has not gone on to this day
    yet. Raises SourceError when most of it is on a later one.

    Of 10,161 recorded papers none is on two lists.
    """
    shared = {other: len(set(reply) & set(those)) for other, those in near.items()}
    nearest = max(shared, key=lambda other: (shared[other], other == day), default=day)
    if nearest == day or 2 * shared[nearest] <= len(reply):
        return None
    if nearest > day:
        other = long_date(nearest, year=False)
        raise SourceError(f"the feed answered the list of {other} for {long_date(day)}")
    return nearest


def on_none_before(
    day: date, reply: Iterable[Paper], near: Mapping[date, Collection[str]]
) -> tuple[Paper, ...]:
    """Pure. The papers of a reply that are on no earlier list."""
    before = {number for other, those in near.items() if other < day for number in those}
    return tuple(paper for paper in reply if paper.id not in before)


class ListCollector:
    """Keeps the lists of one source."""

    def __init__(self, store: Store, source: ListSource) -> None:
        self.source = source
        self._store = store
        self._failing: set[date] = set()  # since a list was answered
        self._answered: date | None = None  # the last list that was
        self._newest: tuple[datetime | None, date | None] = (None, None)  # when asked, what it is

    async def refresh(
        self, now: datetime, days: Iterable[date] = (), *, back: int = RECENT
    ) -> None:
        """Fetch the lists that are due, of `back` days and `days`; those of `days` are to be
        posted, so they are due sooner.

        A day that fails is set aside with a pause of its own; a source that fails, whole.
        """
        source, today = self.source, now.date()
        posted = {day for day in days if day <= today}
        wanted = {today - n * DAY for n in range(back)} | posted
        fault = await lists.fault(self._store, source.name)
        if fault and fault.next_at > now:
            return
        stale, first = now - POSTED, min(wanted)
        next_at = await lists.next_fetches(self._store, source.name, first, stale, posted)
        for day in in_order(wanted, today):
            if day in next_at and next_at[day] > now:
                continue
            try:
                await self.fetch(day, now)
            except NotOpenYet as error:
                await set_aside(self._store, source, day, error, now)
            except SourceError as error:
                if await self._failed(day, error, now):
                    return

    async def _failed(self, day: date, error: SourceError, now: datetime) -> bool:
        """Whether it is the source: then no day is to blame."""
        self._failing.add(day)
        some = error.retry_after is None and len(self._failing) < ROW
        if some or (error.retry_after is None and await self.answers(now)):
            await set_aside(self._store, self.source, day, error, now)
            return False
        since = await lists.forgive(self._store, self.source.name, self._failing)
        await set_aside(self._store, self.source, None, error, now, since or now)
        return True

    async def answers(self, now: datetime) -> bool:
        """Whether the source, of which days failed, has the list of another day: of one that it had
        before, or each time of an older one."""
        fault = await lists.fault(self._store, self.source.name)
        older = now.date() - DAY * (ROW + (fault.failures if fault else 0) % RECENT)
        others = filter(None, (self._answered, older, older - DAY, older - ROW * DAY))
        other = next((day for day in others if day not in self._failing), older)
        try:
            await self.fetch(other, now)
        except NotOpenYet:
            return True  # it said what its newest list is
        except SourceError:
            return False
        return True

    async def fetch(self, day: date, now: datetime, *, again: bool = False) -> int:
        """Fetch one list and save it. Returns how many papers it has. Raises SourceError.

        again: a reply that was doubted before is believed now, however soon.
        """
        source = self.source
        reply = await self._ask(day, now)
        self._failing.clear()
        self._answered = day
        near = await lists.members(self._store, source.name, day - NEAR, day + NEAR)
        known = near.get(day, set())
        if older := older_list(day, [paper.id for paper in reply], near):
            log.warning("feed answered an older list source=%s day=%s", source.name, day)
            reply = on_none_before(day, reply, near)
            if day.weekday() < 5:
                return await self._add(day, reply, known, older, now)
        if is_doubtful(day, [paper.id for paper in reply], known, now):
            doubted = (await lists.status(self._store, source.name, day)).doubted_at
            if not (doubted and (again or doubted <= now - SECOND_LOOK)):
                async with self._store.transaction() as tx:
                    await lists.doubt(tx, source.name, day, now, next_at=now + SECOND_LOOK)
                log.warning("reply doubted source=%s day=%s papers=%d known=%d", source.name, day,
                            len(reply), len(known))  # fmt: skip
                return len(known)
        await self._save(PaperList(source.name, day, reply, now, is_whole(day, now)))
        return len(reply)

    async def _add(
        self, day: date, new: Iterable[Paper], known: Collection[str], older: date, now: datetime
    ) -> int:
        """Of a reply that is mostly an earlier list: what is new joins this day's, and nothing
        leaves it. What the feed answered is noted; it is no failure."""
        name = self.source.name
        stored = [p for p in await lists.between(self._store, day, day) if p.id in known]
        papers = tuple({paper.id: paper for paper in (*stored, *new)}.values())
        before = await lists.fault(self._store, name, day)
        next_at = now + (POSTED if is_whole(day, now) else self.source.every)
        if papers:
            listed = PaperList(name, day, papers, now, whole=False)
            async with self._store.transaction() as tx:
                await lists.save(tx, listed, next_at=next_at)
        told = f"the feed still answered the list of {long_date(older, year=False)}"
        since = before.since if before else now
        await lists.save_fault(self._store, name, day, Fault(since, told, 0, next_at))
        return len(papers)

    async def _ask(self, day: date, now: datetime) -> tuple[Paper, ...]:
        """That day's list; empty while it is not open. Of a day that is over nothing is known then:
        raises NotOpenYet when the source's newest list is older, else SourceError."""
        try:
            with door(self.source, f"the list of {day}"):
                return await self.source.fetch(day)
        except NotOpenYet as error:
            if not is_whole(day, now):
                return ()
            newest = await self._newest_lately(now)
            if newest and newest < day:
                raise NotOpenYet(f"the feed's newest list is of {long_date(newest)}") from error
            refused = f"the feed refuses the list of {long_date(day)}, which is over"
            raise SourceError(refused) from error

    async def _newest_lately(self, now: datetime) -> date | None:
        """The source's newest list, as it said within the hour."""
        asked_at, newest = self._newest
        if asked_at is None or not asked_at <= now < asked_at + POSTED:
            newest = await self._newest_list()
            self._newest = (now, newest)
        return newest

    async def _newest_list(self) -> date | None:
        with door(self.source, "its newest list"):
            return await self.source.newest()

    async def fetch_period(self, period: Period, now: datetime) -> None:
        """Fetch all papers of a week or a month together. The lists of its days stay as they are:
        not every paper says rightly of which it is. Raises SourceError."""
        with door(self.source, f"the lists of {period}"):
            reply = await self.source.fetch_period(period)
        if not reply and is_whole(period.last, now):
            raise SourceError(f"the feed has nothing for {period}")
        async with self._store.transaction() as tx:
            await periods.save(tx, self.source.name, period, reply, now)

    async def missing(self, period: Period, now: datetime) -> list[date]:
        """The days of it that have begun, but of whose lists not all is stored that there was when
        they ended, or of a day that is not over, nothing."""
        together = await periods.fetched_at(self._store, self.source.name, period)
        known = await periods.lists_of(self._store, self.source.name, period)
        return [
            day
            for day in period.days()
            if FIRST_DAY <= day <= now.date() and not _is_stored(day, now, known.get(day), together)
        ]

    async def _save(self, listed: PaperList) -> None:
        day, now = listed.day, listed.fetched_at
        next_at = min(now + self.source.every, _end(day))
        if listed.whole:
            next_at = now + (SETTLE if day > now.date() - WATCHED * DAY else NEVER)
        async with self._store.transaction() as tx:
            await lists.save(tx, listed, next_at=next_at)

    async def catch_up(self, now: datetime) -> None:
        """When no list is near (long holidays), fetch the newest there is."""
        source, today = self.source, now.date()
        known = await lists.newest_day(self._store, today)
        near = known and known > today - WATCHED * DAY
        fault = await lists.fault(self._store, source.name)
        if near or (fault and fault.next_at > now):
            return
        try:
            if newest := await self._newest_list():
                await self.fetch(newest, now)
        except SourceError as error:
            await set_aside(self._store, source, None, error, now)

    async def status(self, day: date) -> ListStatus:
        """What is known of that day's list."""
        return await lists.status(self._store, self.source.name, day)


async def set_aside(
    store: Store, source: Source, day: date | None, error: SourceError, now: datetime,
    since: datetime | None = None,
) -> None:  # fmt: skip
    """Until when a day, or a whole source, is not asked: ever longer, and longest for a day
    that is over."""
    before = await lists.fault(store, source.name, day)
    failures = before.failures if before else 0
    most = 600 if day is None or not is_whole(day, now) else 6 * 3600
    pause = max(min(30 * 2 ** min(failures, 12), most), error.retry_after or 0)
    log.warning("feed failed source=%s day=%s again_in=%.0fs reason=%s",
                source.name, day or "all", pause, error)  # fmt: skip
    begun = before.since if before else since or now
    fault = Fault(begun, str(error), failures + 1, now + timedelta(seconds=pause))
    await lists.save_fault(store, source.name, day, fault)


def _is_stored(day: date, now: datetime, *fetched_at: datetime | None) -> bool:
    """Pure. Whether a fetch has what there is of that day's list to be had."""
    if not is_whole(day, now):
        return any(at and at.date() >= day for at in fetched_at)
    return any(at and is_whole(day, at) for at in fetched_at)


@contextmanager
def door(source: Source, what: str) -> Iterator[None]:
    """A reply nobody thought of is a fault of what was asked for, and stops nothing else."""
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        log.exception("source broke source=%s asked=%s", source.name, what)
        raise SourceError(f"{what} could not be read") from error
