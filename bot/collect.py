"""All sources into the store: the lists that are posted, what arrived, and one paper."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from bot.errors import SourceError
from bot.list_collector import RECENT, WATCHED, ListCollector, door, set_aside
from bot.model import ListStatus, Paper
from bot.period import Period
from bot.ports import Feed, ListSource, Source
from bot.store import Store, lists, papers

log = logging.getLogger(__name__)


class Collector:
    """Keeps the store up to date with its sources. The first one's lists are waited for; papers of
    the others' come with them, as far as they are there."""

    def __init__(
        self, store: Store, sources: Sequence[ListSource], feeds: Sequence[Feed] = ()
    ) -> None:
        self._store = store
        self._feeds = feeds
        self._sources: list[Source] = [*sources, *feeds]
        self._first, *self._others = [ListCollector(store, source) for source in sources]
        self._turn = asyncio.Lock()

    @property
    def curated(self) -> ListSource:
        """The source whose lists are waited for."""
        return self._first.source

    async def refresh(
        self, now: datetime, days: Iterable[date] = (), *, back: int = RECENT
    ) -> None:
        """Fetch the lists that are due, of `back` days and `days`; those of `days` are to be
        posted, so they are due sooner. A source that fails holds up no other."""
        wanted = tuple(days)
        async with self._turn:
            for each in (self._first, *self._others):
                await each.refresh(now, wanted, back=back)

    async def fetch(self, day: date, now: datetime, *, again: bool = False) -> int:
        """Fetch the lists of a day and save them. Returns how many papers the first source's has.
        Raises SourceError when that fails.

        again: a reply that was doubted before is believed now, however soon.
        """
        count = await self._first.fetch(day, now, again=again)
        for each in self._others:
            try:
                await each.fetch(day, now, again=again)
            except SourceError as error:
                await set_aside(self._store, each.source, day, error, now)
        return count

    async def fetch_period(self, period: Period, now: datetime) -> None:
        """Fetch the lists of a week or a month of all sources. Raises SourceError when the first
        one fails."""
        await self._first.fetch_period(period, now)
        for each in self._others:
            try:
                await each.fetch_period(period, now)
            except SourceError as error:
                log.warning("period failed source=%s period=%s reason=%s",
                            each.source.name, period, error)  # fmt: skip

    async def missing(self, period: Period, now: datetime) -> list[date]:
        """The days of it whose lists of the first source are not stored, or not whole."""
        return await self._first.missing(period, now)

    async def answers(self, now: datetime) -> bool:
        """Whether the first source, of which days failed, has the list of another day."""
        return await self._first.answers(now)

    async def catch_up(self, now: datetime) -> None:
        """At the start: the newest lists, also when none is near."""
        await self.refresh(now, back=WATCHED)
        await self._first.catch_up(now)

    async def status(self, day: date) -> ListStatus:
        """What is known of the first source's list of that day."""
        return await self._first.status(day)

    async def refresh_feeds(self, now: datetime) -> None:
        """What arrived at the sources that are only searched, page by page. They may be slow:
        nothing waits for them."""
        for feed in self._feeds:
            fault = await lists.fault(self._store, feed.name)
            mark, next_at = await lists.watermark(self._store, feed.name)
            if (fault and fault.next_at > now) or (next_at and next_at > now):
                continue
            try:
                more = True
                while more:
                    mark, more = await self._next_page(feed, mark, now)
            except SourceError as error:
                await set_aside(self._store, feed, None, error, now)

    async def _next_page(self, feed: Feed, mark: str, now: datetime) -> tuple[str, bool]:
        """A page and its watermark are kept together, or not at all."""
        with door(feed, "what arrived"):
            page = await feed.changes(mark, now.date())
        async with self._store.transaction() as tx:
            await papers.save(tx, page.papers)
            next_at = now if page.more else now + feed.every
            await lists.save_watermark(tx, feed.name, page.watermark, next_at)
        return page.watermark, page.more

    async def stored(self, paper_id: str) -> Paper | None:
        return (await papers.by_id(self._store, [paper_id])).get(paper_id)

    async def find(self, paper_id: str) -> Paper | None:
        """A paper from the store, else from the sources. Raises SourceError if none could say."""
        if stored := await self.stored(paper_id):
            return stored
        failure = None
        for source in self._sources:
            try:
                with door(source, paper_id):
                    found = await source.find(paper_id)
            except SourceError as error:
                failure = error
                continue
            if found:
                async with self._store.transaction() as tx:
                    await papers.save(tx, [found])
                return found
        if failure:
            raise failure
        return None
