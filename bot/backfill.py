"""Every list there is, one after another: a day that fails holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.collect import Collector
from bot.errors import NotOpenYet, SourceError
from bot.list_collector import ROW
from bot.text import about

PAUSES = (5.0, 30.0, 120.0)  # seconds, while the source as a whole does not answer


class Backfill:
    """Fetches day after day, and remembers which failed."""

    def __init__(
        self, collector: Collector, clock: Callable[[], datetime], say: Callable[[str], None]
    ) -> None:
        self._collector = collector
        self._clock = clock
        self._say = say
        self._in_a_row = 0
        self._told = ""  # why days fail, as it was said last
        self._doubted: list[date] = []
        self.papers = 0
        self.failed: dict[date, str] = {}

    async def fetch(self, day: date) -> None:
        """Raises SourceError when the source does not answer at all."""
        try:
            await self._fetch(day)
            self._in_a_row, self._told = 0, ""
        except SourceError as error:
            if await self._is_of_the_day(error):
                self._say(f"\n{day}: {error}; passed over for now.")
                self.failed[day] = str(error)
            else:
                await self._patiently(day, error)

    async def _is_of_the_day(self, error: SourceError) -> bool:
        """Else the source as a whole does not answer."""
        if isinstance(error, NotOpenYet):  # it answered: its newest list is older
            return True
        if error.retry_after is not None:
            return False
        self._in_a_row += 1
        if self._in_a_row >= ROW and await self._collector.answers(self._clock()):
            self._in_a_row = 0
        return self._in_a_row < ROW

    async def _patiently(self, day: date, error: SourceError) -> None:
        """Raises SourceError when it does not answer for long."""
        for number, pause in enumerate(PAUSES):
            # A quota that is used up says so of each day anew.
            if str(error) != self._told and (not number or error.retry_after):
                self._told = str(error)
                self._say(f"\n{error}; {self._patience(number, error)}.")
            await asyncio.sleep(error.retry_after or pause)
            try:
                await self._fetch(day)
            except SourceError as again:
                error = again
            else:
                self._in_a_row = 0
                return
        raise error

    def _patience(self, number: int, error: SourceError) -> str:
        """For how long it is asked again, and until when."""
        seconds = (error.retry_after or PAUSES[number]) + sum(PAUSES[number + 1 :])
        until = self._clock() + timedelta(seconds=seconds)
        return (
            f"it is asked again for {about(seconds)}, until {until:%H:%M:%S} UTC "
            "(Ctrl-C ends it; what is fetched stays)"
        )

    async def _fetch(self, day: date, *, again: bool = False) -> None:
        now = self._clock()
        self.papers += await self._collector.fetch(day, now, again=again)
        if (await self._collector.status(day)).doubted_at:
            self._doubted.append(day)

    async def fetch_again(self) -> None:
        """What failed, and what was answered so that it had to be asked twice."""
        days, self._doubted = [*self.failed, *self._doubted], []
        for day in days:
            try:
                await self._fetch(day, again=True)
                self.failed.pop(day, None)
            except SourceError as error:
                self.failed[day] = str(error)
