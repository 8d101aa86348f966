"""From the sources into the store: politely, and knowing a partial day from a whole one."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from bot.collect import Collector
from bot.errors import SourceError
from bot.list_collector import RECENT, WATCHED, is_whole
from bot.schedule import DAY
from bot.store import Store, lists, papers
from tests.fakes import Clock, FakeFeed, FakeSource, at, on, paper, papers_of

NOON = at("2025-06-04 12:00")
TODAY = on("2025-06-04")


@pytest.fixture
def source() -> FakeSource:
    """It has a list for every weekday of three months: of 4 June papers 4001 and 4002."""
    made = FakeSource(every=timedelta(minutes=10))
    for n in range(-40, 60):
        day = TODAY + n * DAY
        if day.weekday() < 5:
            first = day.month * 10_000 + day.day * 100
            made.lists[day] = papers_of(day, first, first + 1)
    return made


@pytest.fixture
def collector(store: Store, source: FakeSource) -> Collector:
    return Collector(store, [source])


@pytest.mark.parametrize(
    ("fetched_at", "whole"),
    [
        ("2025-06-02 07:45", False),
        ("2025-06-02 23:59", False),
        ("2025-06-03 00:00", True),
        ("2025-06-09 12:00", True),
        ("2025-06-01 12:00", False),
    ],
)
def test_a_list_is_whole_once_its_day_is_over_in_utc(fetched_at: str, whole: bool) -> None:
    assert is_whole(on("2025-06-02"), at(fetched_at)) is whole


# when it asks -----------------------------------------------------------------------------------


async def test_a_first_look_fetches_the_recent_days_the_newest_first(
    collector: Collector, source: FakeSource
) -> None:
    await collector.refresh(NOON)
    assert sorted(source.asked) == [TODAY - n * DAY for n in range(RECENT - 1, -1, -1)]
    assert source.asked[2:] == sorted(source.asked[2:], reverse=True)
    assert set(source.asked[:2]) == {TODAY, TODAY - DAY}
    status = await collector.status(TODAY)
    assert (status.papers, status.whole, status.fetched_at) == (2, False, NOON)


async def test_nothing_is_fetched_twice_before_its_time(
    collector: Collector, source: FakeSource
) -> None:
    clock, times = Clock(NOON), dict[date, list[float]]()
    for minute in range(24 * 60):
        source.asked.clear()
        await collector.refresh(clock.pass_(minutes=1))
        for day in source.asked:
            times.setdefault(day, []).append(minute)
    growing = times[TODAY][:60]  # until its day is over
    assert {b - a for a, b in pairwise(growing)} == {10}
    for day, asked in times.items():
        apart = [b - a for a, b in pairwise(asked)]
        if day < TODAY - (WATCHED - 2) * DAY:
            assert len(asked) <= 2, "a list that settled long ago"
        if day < TODAY and day.weekday() < 5:
            assert min(apart, default=360) >= 360


async def test_a_list_that_is_to_be_posted_is_asked_for_anew_when_its_reply_is_an_hour_old(
    collector: Collector, source: FakeSource
) -> None:
    await collector.refresh(at("2025-06-05 00:30"))
    source.asked.clear()
    await collector.refresh(at("2025-06-05 01:20"), [TODAY])
    assert TODAY not in source.asked
    await collector.refresh(at("2025-06-05 01:40"), [TODAY])
    assert source.asked.count(TODAY) == 1


async def test_old_days_are_fetched_once(collector: Collector, source: FakeSource) -> None:
    for hours in range(0, 200, 5):
        await collector.refresh(NOON + timedelta(hours=hours))
    old = [day for day in source.asked if day <= TODAY - WATCHED * DAY]
    assert len(old) == len(set(old)) == RECENT - WATCHED


async def test_the_day_that_ends_is_fetched_again_right_after_midnight(
    collector: Collector, source: FakeSource
) -> None:
    await collector.refresh(at("2025-06-04 23:58"))
    source.asked.clear()
    await collector.refresh(at("2025-06-04 23:59"))
    assert source.asked == []
    await collector.refresh(at("2025-06-05 00:00"))
    assert sorted(source.asked) == [TODAY, on("2025-06-05")]
    assert (await collector.status(TODAY)).whole


async def test_a_day_that_is_asked_for_is_fetched_also_when_it_is_long_ago(
    collector: Collector, source: FakeSource
) -> None:
    old = on("2024-02-01")
    await collector.refresh(NOON, [old, TODAY + DAY], back=1)
    assert source.asked == [TODAY, old]


# one day fails ----------------------------------------------------------------------------------


async def asks(collector: Collector, source: FakeSource, days: float) -> dict[date, list[float]]:
    """When each day's list was asked for, in hours since noon, looking every half minute."""
    clock, times = Clock(NOON), dict[date, list[float]]()
    while clock.now < NOON + days * DAY:
        source.asked.clear()
        await collector.refresh(clock.now)
        for day in source.asked:
            times.setdefault(day, []).append((clock.now - NOON) / timedelta(hours=1))
        clock.pass_(seconds=30)
    return times


BAD = [[1], [2], [1, 2], [2, 3], [6], [5, 6], [1, 2, 5], [1, 5, 6, 7]]  # days ago


@pytest.mark.parametrize("ago", BAD, ids=str)
async def test_a_day_that_always_fails_holds_up_no_other_and_is_asked_ever_more_rarely(
    collector: Collector, source: FakeSource, ago: list[int]
) -> None:
    bad = [TODAY - n * DAY for n in ago]
    for day in bad:
        source.broken[day] = SourceError("the feed answered 500")
    times = await asks(collector, source, 1.0)
    for day in source.lists:
        if TODAY - (RECENT - 1) * DAY <= day <= TODAY and day not in bad:
            assert (await collector.status(day)).papers == 2, day
    today = [b - a for a, b in pairwise(times[TODAY]) if b < 12]
    assert max(today) <= 0.2, "its list grows, and is fetched every ten minutes"
    for day in bad:
        assert len([when for when in times[day] if when > 1]) <= 12
        apart = [b - a for a, b in pairwise(times[day])]
        assert apart[-1] > 3 and max(apart) <= 6.1
        status = await collector.status(day)
        assert (status.failing_since, status.fault) == (NOON, "the feed answered 500")
    assert (await collector.status(TODAY)).failing_since is None


async def test_a_day_that_answers_again_is_taken_in(
    collector: Collector, source: FakeSource
) -> None:
    bad = TODAY - DAY
    source.broken[bad] = SourceError("the feed answered 500")
    await asks(collector, source, 0.2)
    source.broken.clear()
    await collector.refresh(NOON + DAY)
    status = await collector.status(bad)
    assert (status.papers, status.failing_since, status.fault) == (2, None, "")


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyError("paper"), RecursionError()])
async def test_a_reply_that_breaks_our_own_code_is_a_fault_of_that_day(
    collector: Collector, source: FakeSource, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    bad = TODAY - DAY
    source.broken[bad] = error
    await collector.refresh(NOON)
    assert len(source.asked) == RECENT
    status = await collector.status(bad)
    assert status.fault == f"the list of {bad} could not be read"
    assert "Traceback" in caplog.text
    with pytest.raises(SourceError, match="could not be read"):
        await collector.fetch(bad, NOON)


# the source fails -------------------------------------------------------------------------------


async def test_a_failing_feed_is_asked_ever_less_up_to_every_ten_minutes(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    source.fault = SourceError("the feed answered 500")
    clock, asked = Clock(NOON), Counter[int]()
    for second in range(0, 3600, 5):
        source.asked.clear()
        await collector.refresh(clock.now)
        clock.pass_(seconds=5)
        asked[second] += len(source.asked)
    apart = [b - a for a, b in pairwise(sorted(+asked))]
    assert apart == [30, 60, 120, 240, 480, 600, 600, 600, 600]
    assert max(asked.values()) <= 3
    status = await collector.status(TODAY)
    assert (status.failing_since, status.fault) == (NOON, "the feed answered 500")
    source.fault = None
    await collector.refresh(clock.pass_(minutes=10))
    for day in (TODAY, TODAY - DAY, TODAY - 5 * DAY):
        assert (await collector.status(day)).failing_since is None
        assert await lists.fault(store, source.name, day) is None, "no day was to blame"
    assert await lists.fault(store, source.name) is None


@pytest.mark.parametrize("days", [1, 2, 9])
async def test_after_an_outage_every_list_is_fetched_at_the_first_answer(
    collector: Collector, source: FakeSource, days: int
) -> None:
    """Also those whose turn it was when the outage began."""
    await collector.refresh(NOON)
    source.fault = SourceError("the feed answered 500")
    clock = Clock(NOON)
    while clock.now < NOON + days * DAY:
        await collector.refresh(clock.pass_(minutes=5))
    source.fault = None
    await collector.refresh(clock.pass_(minutes=10))
    for day in (TODAY + n * DAY for n in range(days + 1)):
        status = await collector.status(day)
        assert status.failing_since is None
        assert status.papers == (2 if day.weekday() < 5 else 0)


async def test_a_feed_that_says_how_long_to_wait_is_left_alone_that_long(
    collector: Collector, source: FakeSource
) -> None:
    source.faults = [SourceError("too many requests", retry_after=1800)]
    await collector.refresh(NOON)
    await collector.refresh(NOON + timedelta(seconds=1799))
    assert len(source.asked) == 1
    await collector.refresh(NOON + timedelta(seconds=1800))
    assert len(source.asked) == 1 + RECENT


async def test_a_failing_feed_keeps_what_was_fetched(
    collector: Collector, source: FakeSource
) -> None:
    await collector.fetch(TODAY, NOON)
    source.fault = SourceError("down")
    source.asked.clear()
    await collector.refresh(NOON + timedelta(minutes=11))
    assert len(source.asked) <= 3
    status = await collector.status(TODAY)
    assert (status.papers, status.fetched_at) == (2, NOON)


# catching up ------------------------------------------------------------------------------------


async def test_catching_up_fetches_the_newest_list_when_none_is_near(
    collector: Collector, source: FakeSource
) -> None:
    source.lists = {on("2025-05-20"): papers_of("2025-05-20", 1, 2, 3)}
    await collector.catch_up(NOON)
    assert (await collector.status(on("2025-05-20"))).papers == 3
    source.asked.clear()
    await collector.catch_up(NOON + timedelta(seconds=30))
    assert source.asked == [on("2025-05-20")] or source.asked == []


async def test_catching_up_after_a_long_pause_does_not_content_itself_with_an_old_list(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    source.lists = {on("2025-02-03"): papers_of("2025-02-03", 9)}
    await collector.fetch(on("2025-02-03"), at("2025-02-04 09:00"))
    source.lists[on("2025-05-20")] = papers_of("2025-05-20", 1)
    await collector.catch_up(NOON)
    assert await lists.newest_day(store, TODAY) == on("2025-05-20")


async def test_catching_up_asks_for_nothing_more_when_a_list_is_near_or_the_feed_is_down(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    source.fault = SourceError("down")
    await collector.catch_up(NOON)
    assert len(source.asked) <= 3
    fault = await lists.fault(store, source.name)
    assert fault and (fault.failures, fault.next_at) == (1, NOON + timedelta(seconds=30))
    source.fault = None
    source.asked.clear()
    await collector.catch_up(NOON + timedelta(minutes=1))
    assert sorted(source.asked, reverse=True) == [TODAY - n * DAY for n in range(WATCHED)]


async def test_catching_up_without_a_newest_list_notes_the_fault(
    collector: Collector, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def newest() -> date:
        raise SourceError("gibberish")

    source.lists.clear()
    monkeypatch.setattr(source, "newest", newest)
    await collector.catch_up(NOON)
    assert (await collector.status(TODAY)).fault == "gibberish"


# feeds that are only searched -------------------------------------------------------------------


async def test_what_arrives_is_kept_page_by_page_with_its_watermark(store: Store) -> None:
    feed = FakeFeed(page=2)
    feed.arrived = [paper(n, None) for n in range(5)]
    collector = Collector(store, [FakeSource()], [feed])
    await collector.refresh_feeds(NOON)
    assert feed.asked == ["", "2", "4"]
    assert len(await papers.by_id(store, [one.id for one in feed.arrived])) == 5
    await collector.refresh_feeds(NOON + feed.every - timedelta(seconds=1))
    assert len(feed.asked) == 3, "not before its time"
    feed.arrived.append(paper(9, None))
    await collector.refresh_feeds(NOON + feed.every)
    assert feed.asked[3:] == ["5"]
    assert paper(9).id in await papers.by_id(store, [paper(9).id])


async def test_a_fault_between_two_pages_loses_and_repeats_nothing(store: Store) -> None:
    feed = FakeFeed(page=2)
    feed.arrived = [paper(n, None) for n in range(5)]
    collector = Collector(store, [FakeSource()], [feed])
    feed.faults = []
    pages = feed.changes

    async def changes(since: str, today: date) -> object:
        if since == "2" and "down" not in told:
            told.append("down")
            raise SourceError("down")
        return await pages(since, today)

    told: list[str] = []
    feed.changes = changes  # type: ignore[assignment, method-assign]
    await collector.refresh_feeds(NOON)
    assert len(await papers.by_id(store, [one.id for one in feed.arrived])) == 2
    collector = Collector(store, [FakeSource()], [feed])  # also after another start
    await collector.refresh_feeds(NOON + timedelta(minutes=1))
    assert feed.asked == ["", "2", "4"]
    assert len(await papers.by_id(store, [one.id for one in feed.arrived])) == 5
    assert await lists.fault(store, feed.name) is None


@pytest.mark.parametrize("error", [SourceError("down"), ZeroDivisionError()])
async def test_a_failing_feed_does_not_stop_the_others(store: Store, error: Exception) -> None:
    bad, good, daily = FakeFeed(name="bad"), FakeFeed(name="good"), FakeSource()
    bad.faults = [error]  # type: ignore[list-item]
    good.arrived = [paper(5, None)]
    collector = Collector(store, [daily], [bad, good])
    await collector.refresh_feeds(NOON)
    assert (len(bad.asked), len(good.asked), daily.asked) == (1, 1, [])
    assert paper(5).id in await papers.by_id(store, [paper(5).id])
    await collector.refresh(NOON)
    assert daily.asked
    await collector.refresh_feeds(NOON + timedelta(minutes=1))
    assert len(bad.asked) == 2, "it is asked again"


# one paper --------------------------------------------------------------------------------------


async def test_a_paper_is_found_in_the_store_first(store: Store, source: FakeSource) -> None:
    collector = Collector(store, [source])
    await collector.refresh(NOON, back=1)
    known = source.lists[TODAY][0]
    found = await collector.find(known.id)
    assert found and found.id == known.id
    assert source.asked_for == []


@pytest.mark.parametrize("error", [SourceError("down"), ZeroDivisionError()])
async def test_a_paper_is_looked_for_at_the_next_source_when_one_fails(
    store: Store, error: Exception
) -> None:
    bad, good = FakeSource(), FakeFeed()
    bad.fault = error  # type: ignore[assignment]
    good.arrived = [paper(77, None)]
    collector = Collector(store, [bad], [good])
    found = await collector.find("2506.00077")
    assert found and found.id == "2506.00077"
    good.arrived.clear()
    assert await collector.find("2506.00077"), "it is in the store now"
    with pytest.raises(SourceError):
        await collector.find("2506.99999")
    bad.fault = None
    assert await collector.find("2506.99999") is None
