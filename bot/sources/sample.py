"""The bundled sample: one real list day, for a machine without a network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bot.model import Paper
from bot.period import Period
from bot.sources.huggingface import parse_list


class Sample:
    """Titles, names, dates and figures are facts; the summaries are this project's own words.

    The file has the shape of Hugging Face's own answer, one paper a line.
    """

    name = "sample"
    every = timedelta(days=1)

    def __init__(self) -> None:
        self._papers = tuple(parse_list(Path(__file__).with_name("sample.json").read_bytes()))
        self._newest = max(paper.day for paper in self._papers if paper.day)

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        return tuple(paper for paper in self._papers if paper.day == day)

    async def fetch_period(self, period: Period) -> tuple[Paper, ...]:
        return tuple(p for p in self._papers if p.day and period.first <= p.day <= period.last)

    async def newest(self) -> date | None:
        return self._newest

    def clock(self, clock: Callable[[], datetime]) -> Callable[[], datetime]:
        """The same clock, but never before its day is over: a machine's may be wrong."""
        over = datetime.combine(self._newest + self.every, time(), UTC)
        return lambda: max(clock(), over)

    async def find(self, paper_id: str) -> Paper | None:
        return next((paper for paper in self._papers if paper.id == paper_id), None)

    async def close(self) -> None:
        pass
