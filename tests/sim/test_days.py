"""Simulated days: nothing lost, nothing twice, and no list day without a post or a word."""

import asyncio
import os
import random
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot import lifecycle, schedule
from bot.commands.scheduling import of
from bot.model import Destination
from bot.schedule import DAY
from bot.states import What
from bot.store import subscriptions
from tests.fakes import at
from tests.sim.judge import judge, twice
from tests.sim.world import HOUR, Earth, Killed, Life, earth

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no disk to wait for
START = at("2025-06-02 00:00")
SEEDS = int(os.environ.get("SIM_SEEDS", "4"))
DAYS = int(os.environ.get("SIM_DAYS", "24"))
PLACES = int(os.environ.get("SIM_PLACES", "8"))
SECOND = "Studies"
STEP = timedelta(minutes=30)
WHEN = [("09:00", "Europe/Berlin"), ("09:00", "Asia/Tokyo"), ("21:00", "America/New_York"),
        ("07:55", "Europe/London"), ("00:00", "UTC"), ("18:30", "Asia/Kolkata"),
        ("23:59", "Pacific/Auckland"), ("12:15", "Pacific/Honolulu")]  # fmt: skip


def day_of(line: str) -> str:
    """Whose list a line of `/deliveries` is about."""
    return line.split(":")[0].removeprefix("List of ")


@dataclass
class Story:
    """What befalls the world, drawn from one seed."""

    earth: Earth
    chance: random.Random
    places: list[Destination]
    first: dict[Destination, date] = field(default_factory=dict)  # the first list owed
    by_hand: dict[Destination, set[datetime]] = field(default_factory=dict)
    stopped: list[tuple[datetime, datetime]] = field(default_factory=list)
    paused: set[Destination] = field(default_factory=set)
    doubtful: dict[Destination, set[date]] = field(default_factory=dict)
    beside: random.Random = field(default_factory=lambda: random.Random(7))

    async def act(self, life: Life) -> None:
        """What people do in half an hour."""
        for where in self.places:
            if where in self.first and self.beside.random() < 0.02:
                await self._make_again(life, where)
            if where not in self.first:
                if self.chance.random() < 0.05:
                    await self._set_up(life, where)
            elif self.chance.random() < 0.012:
                await self._meddle(life, where)

    async def ask_what_is_doubtful(self, life: Life) -> None:
        """A program that was killed may have sent what no chat shows: it says so."""
        for where in self.first:
            shown = await life.says(where, "deliveries")
            for line in shown.text.splitlines():
                if "may not have arrived" in line and SECOND not in line:
                    said = datetime.strptime(f"{day_of(line)} 2025", "%a %d %B %Y")  # noqa: DTZ007
                    self.doubtful.setdefault(where, set()).add(said.date())

    async def _set_up(self, life: Life, where: Destination) -> None:
        wall, zone = self.chance.choice(WHEN)
        now = self.earth.clock.now
        await life.says(where, f"setup {wall} {zone} {self.chance.choice([3, 5, 15])}")
        run = schedule.next_run(now, wall, zone)
        self.first[where] = schedule.list_day(run, schedule.local_date(run, wall, zone))

    async def _make_again(self, life: Life, where: Destination) -> None:
        """A second subscription is made beside the first, or anew."""
        wall, zone = self.beside.choice(WHEN)
        async with life.ctx.store.transaction() as tx:
            if one := await subscriptions.get(tx, where, SECOND):
                await subscriptions.delete(tx, one.id, self.earth.clock.now)
            await lifecycle.set_up(
                tx, where, of(wall, zone, 15, self.earth.clock.now), None, self.earth.clock.now,
                name=SECOND, what=What.QUERY, query="study",
            )  # fmt: skip

    async def _meddle(self, life: Life, where: Destination) -> None:
        what = self.chance.choice(["pause", "resume", "move", "now", "now", "again"])
        if what == "move":
            wall, zone = self.chance.choice(WHEN)
            await life.says(where, f"setup {wall} {zone}")
            self.paused.discard(where)
        elif what in ("pause", "resume"):
            await life.says(where, what)
            self.paused ^= {where} if (what == "pause") != (where in self.paused) else set()
        elif what == "now":
            await life.says(where, "postnow")
            self.by_hand.setdefault(where, set()).add(self.earth.clock.now)
        else:
            shown = await life.says(where, "deliveries")
            for row in shown.actions[:1]:
                if not any("may not" in line for line in shown.text.splitlines()):
                    await life.presses(where, row[0].data)
                    self.by_hand.setdefault(where, set()).add(self.earth.clock.now)


def _story(folder: Path, seed: int) -> Story:
    made = earth(folder / "papers.db", seed, START, DAYS)
    chance = random.Random(seed)
    names = ["discord", "telegram"]
    story = Story(made, chance, [Destination(names[n % 2], f"c{n}") for n in range(PLACES)])

    def stretch(longest: float) -> tuple[datetime, datetime]:
        begin = START + chance.uniform(0, DAYS) * DAY
        return begin, begin + chance.uniform(0.2, longest) * HOUR

    weeks = max(1, DAYS // 12)
    made.feed.down = [stretch(20) for _ in range(weeks)]
    made.feed.broken_days = {START.date() + chance.randrange(DAYS) * DAY}
    for _ in range(weeks):
        day = START.date() + chance.randrange(1, DAYS) * DAY
        made.feed.stale_until[day] = START + (day - START.date()) + chance.choice([5, 9, 16]) * HOUR
    story.stopped = [stretch(30) for _ in range(weeks)] + [stretch(24 * 12)]
    for platform in made.platforms.values():
        platform.down = [stretch(14) for _ in range(weeks)]
        platform.shaky = chance.choice([0.0, 0.05, 0.2])
        for where in story.places:
            if chance.random() < 0.3:
                platform.forbidden[where.address] = stretch(80)
            platform.slips[where.address] = chance.choice([0, 0, 0, 1])
            platform.malformed[where.address] = chance.choice([0, 0, 0, 1])
    return story


async def _live(story: Story) -> list[str]:
    """Half hours to the end, in as many lives as it takes; what was wrong."""
    made, end = story.earth, START + DAYS * DAY
    quiet = end - 10 * DAY
    while made.clock.now < end:
        victim = story.chance.choice([*made.platforms.values()])
        victim.kill_at = victim.requests + story.chance.randint(20, 60)
        try:
            async with made.life() as life:
                await story.ask_what_is_doubtful(life)
                while made.clock.now < end and not _is_stopped(story):
                    if made.clock.now < quiet:
                        await story.act(life)
                    await life.tick()
                    made.clock.now += STEP
        except* Killed:
            made.clock.now += timedelta(seconds=story.chance.choice([1, 30, 90, 900]))
        while _is_stopped(story):
            made.clock.now += STEP
    async with made.life() as life:
        return [fault async for fault in _faults(story, life)]


def _is_stopped(story: Story) -> bool:
    now = story.earth.clock.now
    return any(start <= now < end for start, end in story.stopped)


async def _faults(story: Story, life: Life):  # type: ignore[no-untyped-def]
    last = (START + DAYS * DAY).date() - 4 * DAY
    for where in story.places:
        if where not in story.first:
            continue
        by_hand = story.by_hand.get(where, set())
        doubtful = story.doubtful.get(where, set())
        first = story.first[where]
        found = await judge(story.earth, life, where, first, last, by_hand, doubtful)
        for kind in ("lost", "twice", "withdrawn"):
            for what in getattr(found, kind):
                yield f"{where.address} {kind}: {what}"
        for what in twice(story.earth, where, SECOND):
            yield f"{where.address} twice beside: {what}"
        early = story.first[where] < last - 10 * DAY
        if not found.posts and early and where not in story.paused:
            yield f"{where.address}: no post at all"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_list_day_is_posted_or_named_and_no_paper_comes_twice(seed: int) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        assert asyncio.run(_live(_story(Path(folder), seed))) == []
