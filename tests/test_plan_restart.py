"""On the day the clocks change, the program may stop at any quarter hour: no local date loses its
post, or has another."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import plan, schedule
from bot.collect import Collector
from bot.schedule import DAY
from bot.store import opened
from tests.fakes import FakeSource, on, papers_of, subscribe

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no disk to wait for
QUARTER = timedelta(minutes=15)
CHANGES = [
    ("Europe/Berlin", "2025-03-30"),
    ("Europe/Berlin", "2025-10-26"),
    ("America/New_York", "2025-03-09"),
    ("America/New_York", "2025-11-02"),
]
# One in each hour, and all around the gap and the hour that comes twice.
WALLS = [f"{hour:02}:{hour * 15 % 60:02}" for hour in range(24)]
WALLS += ["00:15", "01:00", "01:30", "01:45", "02:00", "02:15", "02:45", "03:00"]
DOWN = [QUARTER, 4 * QUARTER, 22 * QUARTER]  # half an hour less than what is given up

Rows = dict[tuple[str, str], tuple[str, str, str]]  # place and local date -> state, reason, list


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


def feed(middle: date) -> FakeSource:
    """One list for each day, weekends too."""
    source = FakeSource()
    for n in range(-6, 6):
        source.lists[middle + n * DAY] = papers_of(middle + n * DAY, 100 + n)
    return source


async def served(file: Path, source: FakeSource, moments: list[datetime]) -> None:
    """A program that looks at these moments, from its start to its stop."""
    async with opened(file) as store:
        collector = Collector(store, [source])
        for now in moments:
            await collector.refresh(now, back=3)
            while await plan.plan(store, collector, now):
                pass


def posts(file: Path) -> Rows:
    with closing(sqlite3.connect(file)) as db:
        sql = "SELECT address, local_date, state, reason, list_day FROM deliveries"
        found = db.execute(sql).fetchall()
    assert len(found) == len({row[:2] for row in found}), "one row for each local date"
    return {row[:2]: row[2:] for row in found}


def standing(file: Path) -> list[tuple[str, ...]]:
    """Each place's next run."""
    with closing(sqlite3.connect(file)) as db:
        return db.execute("SELECT address, run_at FROM subscriptions").fetchall()


def copy(file: Path, to: Path) -> Path:
    with closing(sqlite3.connect(file)) as here, closing(sqlite3.connect(to)) as there:
        here.backup(there)
    return to


class Life:
    """Three days around a change, as a program that never stops lives them."""

    def __init__(self, zone: str, day: str) -> None:
        self.zone, self.day = zone, on(day)
        midnight = datetime.combine(self.day, time(), ZoneInfo(zone))
        self.change = [midnight.astimezone(schedule.UTC) + n * QUARTER for n in range(-1, 101)]
        self.before = [self.change[0] - n * QUARTER for n in range(100, 0, -1)]
        self.after = [self.change[-1] + n * QUARTER for n in range(1, 101)]

    async def begun(self, file: Path) -> None:
        """Up to the evening before."""
        async with opened(file) as store:
            for wall in WALLS:
                await subscribe(store, wall, self.before[0], time=wall, zone=self.zone)
        await served(file, feed(self.day), self.before)

    def every_date_has_a_row(self, found: Rows) -> None:
        for wall in WALLS:
            for day in (self.day - DAY, self.day, self.day + DAY):
                assert found[wall, str(day)][0] in ("pending", "skipped"), (wall, day)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
async def test_a_program_that_starts_anew_each_quarter_hour_posts_the_same(
    zone: str, day: str
) -> None:
    life = Life(zone, day)
    with folder() as here:
        await life.begun(here / "whole.db")
        parts = copy(here / "whole.db", here / "parts.db")
        await served(here / "whole.db", feed(life.day), life.change + life.after)
        for moment in life.change:
            await served(parts, feed(life.day), [moment])
        await served(parts, feed(life.day), life.after)
        life.every_date_has_a_row(posts(parts))
        assert posts(parts) == posts(here / "whole.db")


@pytest.mark.parametrize(("zone", "day"), CHANGES)
async def test_a_stop_at_any_quarter_hour_loses_no_local_date(zone: str, day: str) -> None:
    """A quarter, an hour, or as long as a late post is still made. With its first look the program
    is where one that never stopped is; all it knows is in the store, so the rest is the same."""
    life = Life(zone, day)
    with folder() as here:
        running, source = here / "running.db", feed(life.day)
        await life.begun(running)
        never_stopped = {}
        for moment in life.change + life.after[: max(DOWN) // QUARTER]:
            await served(running, source, [moment])
            never_stopped[moment] = posts(running), standing(running)
            copy(running, here / f"{moment:%H%M%d}.db")
        for n, moment in enumerate(life.change):
            file, start = here / f"{moment:%H%M%d}.db", moment + DOWN[n % len(DOWN)]
            await served(file, source, [start])
            assert (posts(file), standing(file)) == never_stopped[start], (moment, start)
