"""The bundled sample: one real list day, for a machine without a network."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from bot.model import Paper
from bot.sources.huggingface import parse_list


class Sample:
    """Titles, names, dates and figures are facts; the summaries are this project's own words.

    The file has the shape of Hugging Face's own answer, one paper a line.
    """

    name = "sample"
    every = timedelta(days=1)

    def __init__(self) -> None:
        self._papers = tuple(parse_list(Path(__file__).with_name("sample.json").read_bytes()))

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        return tuple(paper for paper in self._papers if paper.day == day)

    async def newest(self) -> date | None:
        return max(paper.day for paper in self._papers if paper.day)

    async def find(self, paper_id: str) -> Paper | None:
        return next((paper for paper in self._papers if paper.id == paper_id), None)

    async def close(self) -> None:
        pass
