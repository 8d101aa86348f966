"""Months of arXiv with moderation, downtime, kills and faults: every paper that arrived, comes."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import SourceError
from bot.sources.web import Pace
from tests.sources.archive import Archive, answer
from tests.sources.feed import Clock
from tests.sources.harvest import harvesting

DAY = timedelta(days=1)
CATEGORIES = ("cs.CL", "cs.LG", "hep-th")


class World:
    """An archive that lives on while the program is off, and the program's notebook."""

    def __init__(self, archive: Archive, pace: Pace, clock: Clock, seed: int) -> None:
        self.archive, self.pace, self.clock = archive, pace, clock
        self.chance = random.Random(seed)
        self.watermark = ""
        self.ids: set[str] = set()
        self.number = 0

    def day(self) -> None:
        """What arXiv does in a day: submissions, moderation, announcements, revisions."""
        archive, chance = self.archive, self.chance
        archive.today += DAY
        for _ in range(chance.randrange(4)):
            self.number += 1
            categories = " ".join(chance.sample(CATEGORIES, chance.randrange(1, 3)))
            archive.submit(f"{archive.today:%y%m}.{self.number:05}", categories)
        for paper_id in list(archive.held):
            if chance.random() < 0.6:  # most at once, some after weeks
                archive.release(paper_id)
                if chance.random() < 0.2:  # visible only after the day that it names
                    late = replace(archive.entries[paper_id], datestamp=archive.today - DAY)
                    archive.entries[paper_id] = late
        for paper_id in chance.sample(list(archive.entries), min(1, len(archive.entries))):
            archive.announce(paper_id, archive.entries[paper_id].categories)
        if chance.random() < 0.5:
            archive.expire_tokens()

    async def run(self, pages: int) -> None:
        """One process, killed after so many pages, with faults on the way."""
        async with harvesting(self.archive, self.pace, CATEGORIES, self.watermark) as harvester:
            for _ in range(pages):
                if self.chance.random() < 0.15:
                    self.archive.faults = [answer(b"", self.chance.choice((429, 500, 503)))]
                try:
                    more = await harvester.page()
                except SourceError as fault:
                    self.clock.now += fault.retry_after or 0
                    continue
                finally:
                    self.archive.faults.clear()
                self.watermark = harvester.watermark
                if not more:
                    break
            self.ids.update(harvester.ids)


@pytest.mark.parametrize("seed", range(12))
async def test_neither_downtime_nor_moderation_nor_a_kill_leaves_a_hole(
    archive: Archive, pace: Pace, clock: Clock, seed: int
) -> None:
    world = World(archive, pace, clock, seed)
    await world.run(pages=30)
    for _ in range(25):
        off = world.chance.choice((1, 1, 1, 2, 9, 40))
        for _ in range(off):
            world.day()
        for _ in range(world.chance.randrange(1, 4)):
            await world.run(pages=world.chance.randrange(1, 12))
    await world.run(pages=500)
    await world.run(pages=500)
    assert world.ids == set(archive.entries), f"{world.number} were submitted"
    for category in ("cs:cs:CL", "cs:cs:LG", "physics:hep-th"):
        since = [query["from"] for query in archive.lists if query.get("set") == category]
        assert since == sorted(since), "nothing is asked for again from the beginning"
        assert since[-1] > since[0]
