"""One run for each local date, in every zone there is."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.schedule import DAY, _instant, list_day, local_date, next_run
from tests.fakes import at, on

ZONES = sorted(
    name
    for name in available_timezones()
    if not name.startswith(("posix", "right/")) and name not in ("Factory", "localtime")
)
HOURS = ("00:00", "00:30", "02:30", "09:00", "23:59")
instants = st.integers(86_400, 2_143_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
walls = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))


@pytest.fixture(autouse=True)
def _fresh_instants() -> None:
    _instant.cache_clear()


def runs(after: datetime, wall: str, zone: str, until: datetime) -> list[datetime]:
    found = []
    while (after := next_run(after, wall, zone)) <= until:
        found.append(after)
    return found


def dates(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


@cache
def leapt(zone: str, first: date, last: date) -> frozenset[date]:
    """The dates of which a zone had no moment, found by looking at every quarter hour (UTC)."""
    start = datetime.combine(first - DAY, datetime.min.time(), UTC)
    quarters = range(((last - first).days + 3) * 96)
    seen = {(start + n * timedelta(minutes=15)).astimezone(ZoneInfo(zone)).date() for n in quarters}
    return frozenset(dates(first, last)) - seen


def assert_one_run_a_date(found: list[datetime], wall: str, zone: str) -> None:
    assert all(a < b for a, b in pairwise(found)), "strictly increasing"
    locals_ = [local_date(run, wall, zone) for run in found]
    assert len(set(locals_)) == len(locals_), "none doubled"
    missing = set(dates(locals_[0], locals_[-1])) - set(locals_)
    assert missing <= leapt(zone, locals_[0], locals_[-1]), "none missed"


@given(st.sampled_from(ZONES), walls, instants)
@example("Pacific/Apia", "09:00", at("2011-12-25 00:00"))
@example("Pacific/Kwajalein", "12:00", at("1993-08-15 00:00"))
@example("America/St_Johns", "00:00", at("2006-10-25 00:00"))
@example("America/Sao_Paulo", "00:00", at("2018-10-30 00:00"))
@settings(max_examples=300, deadline=None)
def test_from_any_instant_every_local_date_has_exactly_one_run(
    zone: str, wall: str, after: datetime
) -> None:
    assert_one_run_a_date(runs(after, wall, zone, after + 12 * DAY), wall, zone)


@pytest.mark.parametrize("wall", HOURS)
def test_every_zone_has_one_run_for_each_date_of_2025(wall: str) -> None:
    """Around each change of the clock; between changes a day is a day."""
    for zone in ZONES:
        for day in _changes(zone, 2025):
            after = datetime.combine(day - 3 * DAY, datetime.min.time(), UTC)
            found = runs(after, wall, zone, after + 7 * DAY)
            assert_one_run_a_date(found, wall, zone)
            assert len(found) in (6, 7, 8)


@cache
def _changes(zone: str, year: int) -> tuple[date, ...]:
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + n * DAY for n in range(366)]
    offsets = [noon.astimezone(ZoneInfo(zone)).utcoffset() for noon in noons]
    changed = [noons[n].date() for n in range(1, 366) if offsets[n] != offsets[n - 1]]
    return tuple(changed) or (date(year, 7, 1),)


@given(st.sampled_from(ZONES), walls, instants)
@settings(max_examples=200, deadline=None)
def test_the_local_date_of_a_run_comes_back_to_the_same_run(
    zone: str, wall: str, after: datetime
) -> None:
    run = next_run(after, wall, zone)
    assert _instant(local_date(run, wall, zone), wall, zone) == run
    assert next_run(run - timedelta(microseconds=1), wall, zone) == run


@pytest.mark.parametrize(
    ("zone", "wall", "day"),
    [
        ("Europe/Berlin", "02:30", "2025-03-30"),
        ("Europe/Berlin", "02:30", "2025-10-26"),
        ("Europe/Berlin", "00:15", "2025-03-30"),
        ("America/New_York", "01:30", "2025-11-02"),
        ("Australia/Lord_Howe", "02:15", "2025-10-05"),
        ("America/Havana", "00:30", "2025-03-09"),
        ("Pacific/Apia", "09:00", "2011-12-30"),
        ("America/St_Johns", "23:30", "2006-10-29"),
    ],
)
def test_any_quarter_hour_of_a_transition_day_leads_to_the_same_runs(
    zone: str, wall: str, day: str
) -> None:
    start = at(f"{day} 00:00") - DAY
    until = start + 4 * DAY
    whole = runs(start, wall, zone, until)
    for quarter in range(3 * 96):
        after = start + quarter * timedelta(minutes=15)
        assert runs(after, wall, zone, until) == [run for run in whole if run > after]


def test_a_time_in_the_spring_gap_moves_forward_by_the_gap() -> None:
    assert next_run(at("2025-03-29 12:00"), "02:30", "Europe/Berlin") == at("2025-03-30 01:30")
    local = next_run(at("2025-03-29 12:00"), "02:30", "Europe/Berlin").astimezone(
        ZoneInfo("Europe/Berlin")
    )
    assert f"{local:%H:%M}" == "03:30"
    half = next_run(at("2025-10-04 12:00"), "02:15", "Australia/Lord_Howe")
    assert f"{half.astimezone(ZoneInfo('Australia/Lord_Howe')):%d %H:%M}" == "05 02:45"


def test_a_repeated_time_uses_its_first_occurrence() -> None:
    first = next_run(at("2025-10-25 12:00"), "02:30", "Europe/Berlin")
    assert first == at("2025-10-26 00:30")
    assert next_run(first, "02:30", "Europe/Berlin") == at("2025-10-27 01:30")


def test_a_gap_over_midnight_keeps_the_run_on_its_own_date() -> None:
    """Toronto, 30 March 1919: clocks went from 23:30 to 00:30."""
    run = next_run(datetime(1919, 3, 30, 12, tzinfo=UTC), "23:45", "America/Toronto")
    assert run.astimezone(ZoneInfo("America/Toronto")).date() == date(1919, 3, 31)
    assert local_date(run, "23:45", "America/Toronto") == date(1919, 3, 30)


def test_samoa_had_no_30_december_2011() -> None:
    found = runs(at("2011-12-28 00:00"), "09:00", "Pacific/Apia", at("2012-01-02 00:00"))
    days = [local_date(run, "09:00", "Pacific/Apia").isoformat() for run in found]
    assert days == ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]


@pytest.mark.parametrize(
    ("zone", "wall", "posts"),
    [
        ("Europe/Berlin", "09:00", "2025-06-04"),  # 07:00 UTC: the day's list so far
        ("Asia/Tokyo", "09:00", "2025-06-03"),  # 00:00 UTC: the day before's, whole
        ("Pacific/Auckland", "08:00", "2025-06-03"),  # 20:00 UTC the day before
        ("America/New_York", "21:00", "2025-06-04"),  # 01:00 UTC the day after: whole
        ("America/Los_Angeles", "07:00", "2025-06-04"),
        ("UTC", "05:59", "2025-06-03"),
        ("UTC", "06:00", "2025-06-04"),
    ],
)
def test_a_run_posts_the_newest_list_worth_reading(zone: str, wall: str, posts: str) -> None:
    day = on("2025-06-04")
    run = _instant(day, wall, zone)
    assert list_day(run, local_date(run, wall, zone)) == on(posts)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Phoenix", "Asia/Kathmandu"])
@pytest.mark.parametrize("wall", ["00:00", "05:45", "09:00", "14:59", "23:00"])
def test_without_clock_changes_each_list_day_has_exactly_one_run(zone: str, wall: str) -> None:
    found = runs(at("2025-01-01 00:00"), wall, zone, at("2026-01-01 00:00"))
    covered = [list_day(run, local_date(run, wall, zone)) for run in found]
    assert covered == dates(covered[0], covered[-1])
