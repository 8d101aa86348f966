"""From the sources into the store: politely, and knowing a partial day from a whole one."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from bot.collect import RECENT, WATCHED, Collector, is_whole
from bot.errors import SourceError
from bot.schedule import DAY
from bot.store import Store, papers
from tests.fakes import Clock, FakeSource, at, on, paper, papers_of

NOON = at("2025-06-04 12:00")
TODAY = on("2025-06-04")


@pytest.fixture
def source() -> FakeSource:
    made = FakeSource(every=timedelta(minutes=10))
    made.lists[TODAY] = papers_of(TODAY, 1, 2)
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


async def test_a_first_look_fetches_the_recent_days_newest_first(
    collector: Collector, source: FakeSource
) -> None:
    await collector.refresh(NOON)
    assert source.asked == [TODAY - n * DAY for n in range(RECENT)]
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
        if day < TODAY:
            assert min(apart, default=360) >= 360


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
    assert source.asked == [on("2025-06-05"), TODAY]
    assert (await collector.status(TODAY)).whole


async def test_a_day_that_is_asked_for_is_fetched_also_when_it_is_long_ago(
    collector: Collector, source: FakeSource
) -> None:
    old = on("2024-02-01")
    await collector.refresh(NOON, [old, TODAY + DAY], back=1)
    assert source.asked == [TODAY, old]


async def test_a_day_that_is_not_open_yet_is_no_fault(store: Store) -> None:
    source = FakeSource(today=lambda: TODAY - DAY)
    collector = Collector(store, [source])
    await collector.refresh(at("2025-06-04 00:01"), back=2)
    status = await collector.status(TODAY)
    assert (status.papers, status.whole, status.failing_since) == (0, False, None)
    source.asked.clear()
    await collector.refresh(at("2025-06-04 00:12"), back=2)
    assert source.asked == [TODAY]


async def test_a_failing_feed_is_asked_ever_less_up_to_every_ten_minutes(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    source.fault = SourceError("the feed answered 500")
    clock, asked = Clock(NOON), list[int]()
    for second in range(0, 3600, 5):
        source.asked.clear()
        await collector.refresh(clock.now)
        clock.pass_(seconds=5)
        asked += [second] * len(source.asked)
    apart = [b - a for a, b in pairwise(asked)]
    assert apart == [30, 60, 120, 240, 480, 600, 600, 600, 600]
    status = await collector.status(TODAY)
    assert (status.failing_since, status.fault) == (NOON, "the feed answered 500")
    source.fault = None
    await collector.refresh(clock.pass_(minutes=10))
    assert (await collector.status(TODAY)).failing_since is None
    assert await papers.fault(store, source.name) is None


async def test_a_feed_that_says_how_long_to_wait_is_left_alone_that_long(
    collector: Collector, source: FakeSource
) -> None:
    source.faults = [SourceError("too many requests", retry_after=1800)]
    await collector.refresh(NOON)
    await collector.refresh(NOON + timedelta(seconds=1799))
    assert len(source.asked) == 1
    await collector.refresh(NOON + timedelta(seconds=1800))
    assert len(source.asked) == 1 + RECENT


async def test_a_failing_feed_keeps_what_was_fetched_and_stops_at_the_fault(
    collector: Collector, source: FakeSource
) -> None:
    await collector.fetch(source, TODAY, NOON)
    source.fault = SourceError("down")
    await collector.refresh(NOON + timedelta(minutes=11))
    assert len(source.asked) == 2
    status = await collector.status(TODAY)
    assert (status.papers, status.fetched_at) == (2, NOON)


async def test_a_failing_feed_does_not_stop_the_others(store: Store) -> None:
    bad = FakeSource(name="bad", curated=False)
    good = FakeSource(name="good", curated=False)
    bad.fault = SourceError("down")
    good.lists[TODAY] = (paper(5, None),)
    daily = FakeSource()
    collector = Collector(store, [daily, bad, good])
    await collector.refresh_others(NOON)
    assert (len(bad.asked), len(good.asked), daily.asked) == (1, WATCHED, [])
    assert "2506.00005" in await papers.by_id(store, ["2506.00005"])
    await collector.refresh(NOON)
    assert daily.asked


async def test_catching_up_fetches_the_newest_list_when_none_is_near(
    collector: Collector, source: FakeSource
) -> None:
    source.lists = {on("2025-05-20"): papers_of("2025-05-20", 1, 2, 3)}
    await collector.catch_up(NOON)
    assert (await collector.status(on("2025-05-20"))).papers == 3
    source.asked.clear()
    await collector.catch_up(NOON + timedelta(minutes=1))
    assert source.asked == [], "nothing is fetched twice"


async def test_catching_up_after_a_long_pause_does_not_content_itself_with_an_old_list(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    source.lists = {on("2025-02-03"): papers_of("2025-02-03", 9)}
    await collector.fetch(source, on("2025-02-03"), at("2025-02-04 09:00"))
    source.lists[on("2025-05-20")] = papers_of("2025-05-20", 1)
    await collector.catch_up(NOON)
    assert await papers.newest_day(store, TODAY) == on("2025-05-20")


async def test_catching_up_asks_for_nothing_more_when_a_list_is_near_or_the_feed_is_down(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    source.fault = SourceError("down")
    await collector.catch_up(NOON)
    assert len(source.asked) == 1
    assert await papers.fault(store, source.name) == (1, NOON + timedelta(seconds=30))
    source.fault = None
    await collector.catch_up(NOON + timedelta(minutes=1))
    assert source.asked[1:] == [TODAY - n * DAY for n in range(WATCHED)]


async def test_catching_up_without_a_newest_list_notes_the_fault(
    store: Store, collector: Collector, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def newest() -> date:
        raise SourceError("gibberish")

    source.lists.clear()
    monkeypatch.setattr(source, "newest", newest)
    await collector.catch_up(NOON)
    assert (await collector.status(TODAY)).fault == "gibberish"


async def test_a_paper_is_found_in_the_store_first(store: Store, source: FakeSource) -> None:
    collector = Collector(store, [source])
    await collector.refresh(NOON, back=1)
    found = await collector.find("2506.00001")
    assert found and found.id == "2506.00001"
    assert source.asked_for == []


async def test_a_paper_is_looked_for_at_the_next_source_when_one_fails(store: Store) -> None:
    bad, good = FakeSource(), FakeSource(name="arxiv", curated=False)
    bad.fault = SourceError("down")
    good.single["2506.00077"] = paper(77, None)
    collector = Collector(store, [bad, good])
    found = await collector.find("2506.00077")
    assert found and found.id == "2506.00077"
    assert await collector.find("2506.00077")
    assert good.asked_for == ["2506.00077"], "it is in the store now"
    with pytest.raises(SourceError, match="down"):
        await collector.find("2506.99999")
    bad.fault = None
    assert await collector.find("2506.99999") is None
