"""Asking a feed as the collector does: page after page, each watermark written down."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.errors import SourceError
from bot.sources.arxiv import Arxiv
from bot.sources.web import Pace
from tests.sources.archive import Archive

NOWHERE = "http://127.0.0.1:9"  # nothing listens there


@dataclass
class Harvester:
    """What a store would keep: the papers that came, and the newest watermark."""

    source: Arxiv
    archive: Archive
    watermark: str = ""
    ids: list[str] = field(default_factory=list)

    async def page(self) -> bool:
        """One page; whether there is more at once."""
        changes = await self.source.changes(self.watermark, self.archive.today)
        self.ids += [paper.id for paper in changes.papers]
        self.watermark = changes.watermark
        return changes.more

    async def drain(self, pages: int = 1000) -> list[str]:
        """All there is now, in the order of coming. A list that never ends fails the test."""
        before = len(self.ids)
        for _ in range(pages):
            if not await self.page():
                return self.ids[before:]
        raise AssertionError("there is always more")

    async def persist(self, tries: int) -> int:
        """As after back-offs: asks on when a page fails. How many did."""
        failures = 0
        for _ in range(tries):
            try:
                if not await self.page():
                    return failures
            except SourceError:
                failures += 1
        return failures


@asynccontextmanager
async def harvesting(
    archive: Archive, pace: Pace, categories: Iterable[str] = ("cs.CL",), watermark: str = ""
) -> AsyncIterator[Harvester]:
    """A process that asks, from its start to its end."""
    source = Arxiv(tuple(categories), NOWHERE, archive.base, pace)
    try:
        yield Harvester(source, archive, watermark)
    finally:
        await source.close()
