"""Papers and lists that are asked of the sources because a person wants them: within bounds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from bot.collect import Collector
from bot.errors import SourceError, UserError
from bot.limits import Window
from bot.model import Paper
from bot.period import Period
from bot.text import plural

T = TypeVar("T")
SHARE, SHARE_PERIOD = 100, 300.0  # of 500 requests in five minutes; the rest is the collector's
MINE, MINE_PERIOD = 6, 120.0  # requests that one person may cause, in so many seconds
WEEK, MONTH = 3, 10  # requests that the lists of so long a time are counted as: pages of 100
WEEKS, MONTHS = 2, 3  # look-ups that one person is counted for them
AT_ONCE = 2
WAITING = 12  # more would wait too long
DEADLINE = 20.0  # seconds, waiting included
MISSES, MISS_LASTS = 5_000, 600.0  # ids that nobody had, and seconds for which that is believed
RESTS = 60.0  # seconds longer than a source asks for: its first requests are the collector's
_BUSY = "Many look papers up just now; try again in a minute."


class Lookups:
    """Answers from the store cost nothing; what is asked of a source is bounded."""

    def __init__(self, collector: Collector, seconds: Callable[[], float] = time.monotonic) -> None:
        self._collector = collector
        self._seconds = seconds
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._count = 0  # under way, or waiting
        self._share = Window(SHARE, SHARE_PERIOD)
        self._rests_until = 0.0  # a source said that it was asked too much
        self._people: dict[str, Window] = {}
        self._running: dict[str, asyncio.Task[Paper | None]] = {}
        self._periods: dict[Period, asyncio.Task[None]] = {}
        self._missed: dict[str, float] = {}  # id -> until when

    async def find(self, paper_id: str, person: str) -> Paper | None:
        """A paper from the store, else from the sources; None when nobody has it.

        Raises UserError when too much is asked, SourceError when no source could say.
        """
        if stored := await self._collector.stored(paper_id):
            return stored
        if self._missed.get(paper_id, 0.0) > self._seconds():
            return None
        running = self._running.get(paper_id)
        if running is None:
            self._allow(person)
            running = self._begin(paper_id)
        found = await asyncio.shield(running)  # others may wait for it, too
        if found is None:
            self._remember(paper_id)
        return found

    def _begin(self, paper_id: str) -> asyncio.Task[Paper | None]:
        ask = partial(self._collector.find, paper_id)
        running = self._running[paper_id] = asyncio.ensure_future(self._in_turn(ask))
        self._count += 1

        def done(task: asyncio.Task[Paper | None]) -> None:
            self._count -= 1
            self._running.pop(paper_id, None)
            if not task.cancelled():
                task.exception()  # whoever waited has it; nobody need

        running.add_done_callback(done)
        return running

    async def fetch(self, day: date, now: datetime, person: str) -> None:
        """Fetch the list of a day. Raises UserError and SourceError like `find`."""
        self._allow(person)
        await self._counted(partial(self._collector.fetch, day, now))

    async def fetch_period(self, period: Period, now: datetime, person: str) -> None:
        """Fetch the lists of a week or a month: together, which takes a few requests instead of one
        a day. Raises UserError and SourceError like `find`."""
        running = self._periods.get(period)
        if running is None:
            self._allow(person, *((MONTHS, MONTH) if period.is_month else (WEEKS, WEEK)))
            work = self._counted(partial(self._collector.fetch_period, period, now))
            running = self._periods[period] = asyncio.ensure_future(work)
            running.add_done_callback(partial(self._fetched, period))
        await asyncio.shield(running)  # others may wait for it, too

    def _fetched(self, period: Period, task: asyncio.Task[None]) -> None:
        del self._periods[period]
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody need

    async def _counted(self, work: Callable[[], Awaitable[object]]) -> None:
        self._count += 1
        try:
            await self._in_turn(work)
        finally:
            self._count -= 1

    def _allow(self, person: str, lookups: int = 1, requests: int = 1) -> None:
        """Count what that person has looked up, and the requests it takes. Raises UserError."""
        now = self._seconds()
        if len(self._people) > 10_000:
            self._people = {who: one for who, one in self._people.items() if one.used(now)}
        mine = self._people.setdefault(person, Window(MINE, MINE_PERIOD))
        if pause := mine.wait(now, MINE + 1 - lookups):
            raise UserError(
                "You had as many papers or lists looked up as one person may; "
                f"in {plural(max(1, round(pause)), 'second')} you may ask for another."
            )
        rests = self._rests_until > now
        if rests or self._count >= AT_ONCE + WAITING or self._share.wait(now, SHARE + 1 - requests):
            raise UserError(_BUSY)
        for window, times in ((mine, lookups), (self._share, requests)):
            for _ in range(times):
                window.count(now)

    async def _in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(DEADLINE), self._slots:
                return await work()
        except SourceError as error:
            if error.retry_after:
                self._rests_until = self._seconds() + error.retry_after + RESTS
            raise
        except TimeoutError:
            raise UserError("The sources are slow just now; try again in a minute.") from None

    def _remember(self, paper_id: str) -> None:
        now = self._seconds()
        if len(self._missed) >= MISSES:
            self._missed = {one: until for one, until in self._missed.items() if until > now}
        if len(self._missed) < MISSES:
            self._missed[paper_id] = now + MISS_LASTS
