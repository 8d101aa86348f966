"""Sources into the store: asks politely, backs off, and knows a partial day from a whole one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from bot.errors import NotOpenYet, SourceError
from bot.model import PaperList, Paper
from bot.ports import Source
from bot.schedule import DAY
from bot.store import Store, papers
from bot.store.papers import Status

log = logging.getLogger(__name__)

WATCHED = 4  # days back from today that are fetched again: votes settle, late papers arrive
RECENT = 28  # days back that are fetched at least once, for /week, /trending and topics' examples
SETTLE = timedelta(hours=12)  # between two fetches of a watched list that is whole
NEVER = timedelta(days=10_000)


def is_whole(day: date, fetched_at: datetime) -> bool:
    """A list grows all through its day (UTC): 56 % at 07:45, 90 % at 17:10, all after midnight."""
    return fetched_at >= _end(day)


def _end(day: date) -> datetime:
    return datetime.combine(day + DAY, datetime.min.time(), UTC)


class Collector:
    """Keeps the store up to date with its sources."""

    def __init__(self, store: Store, sources: Sequence[Source]) -> None:
        self._store = store
        self._sources = sources
        self._turns = {source.name: asyncio.Lock() for source in sources}

    @property
    def curated(self) -> Source:
        """The source of the daily lists."""
        return next(source for source in self._sources if source.curated)

    async def refresh(
        self, now: datetime, days: Iterable[date] = (), *, back: int = RECENT
    ) -> None:
        """Fetch the daily lists that are due, of `back` days and `days`, newest first."""
        await self._refresh(self.curated, now, days, back)

    async def refresh_others(self, now: datetime) -> None:
        """The sources that are only searched. They may be slow: nothing waits for them."""
        for source in self._sources:
            if not source.curated:
                await self._refresh(source, now, (), WATCHED)

    async def _refresh(
        self, source: Source, now: datetime, days: Iterable[date], back: int
    ) -> None:
        """A failing feed is left alone until its turn comes."""
        today = now.date()
        wanted = {today - n * DAY for n in range(back)} | {day for day in days if day <= today}
        async with self._turns[source.name]:
            fault = await papers.fault(self._store, source.name)
            if fault and fault[1] > now:
                return
            next_at = await papers.next_fetches(self._store, source.name, min(wanted))
            for day in sorted(wanted, reverse=True):
                if day in next_at and next_at[day] > now:
                    continue
                try:
                    await self.fetch(source, day, now)
                except SourceError as error:
                    await self._failed(source, error, now)
                    return

    async def fetch(self, source: Source, day: date, now: datetime) -> int:
        """Fetch one list and save it. Returns how many papers it has. Raises SourceError."""
        try:
            found = await source.fetch(day)
        except NotOpenYet:
            found = ()
        whole = is_whole(day, now)
        next_at = min(now + source.every, _end(day))
        if whole:
            next_at = now + (SETTLE if day > now.date() - WATCHED * DAY else NEVER)
        listing = PaperList(source.name, day, tuple(found), now, whole)
        await papers.save_listing(self._store, listing, next_at=next_at)
        return len(found)

    async def _failed(self, source: Source, error: SourceError, now: datetime) -> None:
        before = await papers.fault(self._store, source.name)
        pause = min(30 * 2 ** (before[0] if before else 0), 600)
        pause = max(pause, error.retry_after or 0)
        log.warning("feed failed source=%s again_in=%.0fs reason=%s", source.name, pause, error)
        await papers.save_fault(
            self._store, source.name, str(error), now=now, next_at=now + timedelta(seconds=pause)
        )

    async def catch_up(self, now: datetime) -> None:
        """At the start: when no list is near (long holidays), fetch the newest there is."""
        await self.refresh(now, back=WATCHED)
        source, today = self.curated, now.date()
        known = await papers.newest_day(self._store, today)
        near = known and known > today - WATCHED * DAY
        if near or await papers.fault(self._store, source.name):
            return
        try:
            newest = await source.newest()
        except SourceError as error:
            await self._failed(source, error, now)
        else:
            await self.refresh(now, [newest] if newest else [], back=WATCHED)

    async def status(self, day: date) -> Status:
        """What is known of that day's list."""
        return await papers.status(self._store, self.curated.name, day)

    async def find(self, paper_id: str) -> Paper | None:
        """A paper from the store, else from the sources. Raises SourceError if none could say."""
        stored = (await papers.by_id(self._store, [paper_id])).get(paper_id)
        if stored:
            return stored
        failure = None
        for source in self._sources:
            try:
                found = await source.find(paper_id)
            except SourceError as error:
                failure = error
                continue
            if found:
                async with self._store.transaction() as tx:
                    await papers.save(tx, [found], curated=source.curated)
                return found
        if failure:
            raise failure
        return None
