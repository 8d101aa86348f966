"""Every zone, 96 times of day, three years: one run for each local date, none missed or doubled.

Zones with the same clock are swept once. Around every change of a clock each run is made; between
two changes, where the offset stays as it is, the runs must lie whole days apart. SWEEP=full makes
all 63 million runs, zone by zone.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.schedule import DAY, local_date, next_run
from tests.test_schedule import ZONES

WALLS = [f"{n // 4:02}:{n % 4 * 15:02}" for n in range(96)]
START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
MINUTE, QUARTER = timedelta(minutes=1), timedelta(minutes=15)
NONE = timedelta(0)
SAMPLE = ["Africa/Casablanca", "America/Nuuk", "Australia/Lord_Howe", "Europe/Berlin"]

Change = tuple[datetime, timedelta]  # the first moment of an offset, and by how much it is more
Clock = tuple[timedelta, tuple[Change, ...]]  # the offset at the start, and every change


def offset(moment: datetime, zone: str) -> timedelta:
    found = moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found


def changes(zone: str) -> Iterator[Change]:
    step = DAY / 2
    looks = [START + n * step for n in range(-8, int((END - START) / step) + 8)]
    for early, late in pairwise(looks):
        before, after = offset(early, zone), offset(late, zone)
        if before == after:
            continue
        while late - early > MINUTE:
            middle = early + (late - early) // 2 // MINUTE * MINUTE
            early, late = (middle, late) if offset(middle, zone) == before else (early, middle)
        yield late, after - before


@pytest.fixture(scope="module")
def clocks() -> dict[Clock, list[str]]:
    """Zones by what their clocks do in these years."""
    found = defaultdict(list)
    for zone in ZONES:
        found[offset(START - 4 * DAY, zone), tuple(changes(zone))].append(zone)
    return found


def runs(after: datetime, wall: str, zone: str, until: datetime) -> list[tuple[datetime, date]]:
    """Each run with its local date."""
    found = []
    while (run := next_run(after, wall, zone)) < until:
        assert run > after, (zone, wall, after)
        found.append((run, local_date(run, wall, zone)))
        after = run
    return found


def assert_one_a_date(
    found: list[tuple[datetime, date]], wall: str, zone: str, gaps: dict[datetime, timedelta]
) -> None:
    """At that wall time, the first of two; in a gap later by the gap."""
    info, at = ZoneInfo(zone), time.fromisoformat(wall)
    first = found[0][1]
    for n, (run, day) in enumerate(found):
        assert day == first + n * DAY, (zone, wall, run)
        local = run.astimezone(info)
        late = local.replace(tzinfo=None) - datetime.combine(day, at)
        assert not local.fold, (zone, wall, run)
        assert late == NONE or any(
            late == gap and NONE <= run - change < gap for change, gap in gaps.items()
        ), (zone, wall, run)


def sweep(zone: str, wall: str, found_changes: tuple[Change, ...]) -> None:
    """Four days around each change, and the ends, also begun at each quarter hour near it; what is
    between them hangs together."""
    gaps = {change: by for change, by in found_changes if by > NONE}
    middles = sorted({START, END, *(change for change, _ in found_changes)})
    windows = [runs(one - 4 * DAY, wall, zone, one + 4 * DAY) for one in middles]
    for middle, window in zip(middles, windows, strict=True):
        assert window[0][0] < middle - 2 * DAY and window[-1][0] > middle + 2 * DAY
        assert_one_a_date(window, wall, zone, gaps)
    for change, _ in found_changes:
        around = next(window for window in windows if window[-1][0] > change)
        for start in (change + n * QUARTER for n in range(-6, 7)):
            expected = next(run for run, _ in around if run > start)
            assert next_run(start, wall, zone) == expected, (zone, wall, start)
    for (*_, (last, day)), ((run, then), *_) in pairwise(windows):
        if last < run:
            assert run - last == then - day, (zone, wall, last)
            for one in (last, last + (then - day) // DAY // 2 * DAY, run - DAY):
                assert next_run(one, wall, zone) == one + DAY, (zone, wall, one)


def test_every_zone_has_one_run_for_each_local_date(clocks: dict[Clock, list[str]]) -> None:
    assert sum(map(len, clocks.values())) == len(ZONES) > 590
    for (_, found), (zone, *_) in clocks.items():
        for wall in WALLS:
            sweep(zone, wall, found)


def test_zones_with_the_same_clock_have_the_same_runs(clocks: dict[Clock, list[str]]) -> None:
    for (_, found), (first, *others) in clocks.items():
        moments = [START, *(change - DAY for change, _ in found)]
        for wall in ("00:00", "02:30", "23:15"):
            expected = [next_run(one, wall, first) for one in moments]
            for zone in others:
                assert [next_run(one, wall, zone) for one in moments] == expected, (zone, first)


def three_years(zone: str, wall: str, gaps: dict[datetime, timedelta]) -> None:
    found = runs(START - DAY, wall, zone, END)
    assert_one_a_date(found, wall, zone, gaps)
    assert found[0][1] <= START.date() and found[-1][1] >= END.date() - DAY * 2


@pytest.mark.parametrize("zone", SAMPLE)
def test_three_years_run_by_run(zone: str) -> None:
    gaps = dict(changes(zone))
    for wall in WALLS[3::8]:
        three_years(zone, wall, gaps)


@pytest.mark.skipif(os.environ.get("SWEEP") != "full", reason="SWEEP=full: it takes a long time")
def test_three_years_run_by_run_in_every_zone() -> None:
    for zone in ZONES:
        gaps = dict(changes(zone))
        for wall in WALLS:
            three_years(zone, wall, gaps)
