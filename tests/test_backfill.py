"""Filling the store with every list: a day that fails holds up no other, and is said at the end."""

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest

from bot import backfill
from bot.backfill import Backfill
from bot.collect import Collector
from bot.errors import NotOpenYet, SourceError
from bot.model import Paper
from bot.schedule import DAY
from bot.store import Store, lists
from tests.fakes import Clock, FakeSource, at, on, papers_of

FIRST = on("2025-05-05")  # a Monday
DAYS = [FIRST + n * DAY for n in range(12)]


class Shelf:
    """A feed with a list for each weekday, and what was said meanwhile."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.source = FakeSource()
        for day in DAYS:
            if day.weekday() < 5:
                self.source.lists[day] = papers_of(day, day.day * 10, day.day * 10 + 1)
        self.said: list[str] = []
        clock = Clock(at("2025-06-04 12:00"))
        self.filling = Backfill(Collector(store, [self.source]), clock, self.said.append)

    async def fill(self, days: Sequence[date] = DAYS) -> None:
        for day in days:
            await self.filling.fetch(day)
        await self.filling.fetch_again()

    async def there(self) -> set[date]:
        return await lists.whole_days(self.store, self.source.name)


@pytest.fixture
def shelf(store: Store) -> Shelf:
    return Shelf(store)


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, without making them."""
    pauses, yielding = list[float](), asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            pauses.append(seconds)
        await yielding(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return pauses


async def test_every_list_is_fetched_once(shelf: Shelf, waited: list[float]) -> None:
    await shelf.fill()
    assert await shelf.there() == set(DAYS)
    assert shelf.filling.papers == 20
    assert shelf.source.asked == DAYS
    assert (shelf.filling.failed, shelf.said, waited) == ({}, [], [])


@pytest.mark.parametrize("error", [SourceError("it answered 500"), ZeroDivisionError()])
async def test_days_that_always_fail_are_passed_over_and_named_at_the_end(
    shelf: Shelf, waited: list[float], error: Exception
) -> None:
    bad = [DAYS[1], DAYS[3], DAYS[8]]
    for day in bad:
        shelf.source.broken[day] = error
    await shelf.fill()
    assert await shelf.there() == set(DAYS) - set(bad)
    assert list(shelf.filling.failed) == bad
    assert len(shelf.said) == 3 and "passed over for now" in shelf.said[0]
    assert waited == []


async def test_a_day_that_failed_once_is_asked_again_at_the_end(shelf: Shelf) -> None:
    shelf.source.faults = [SourceError("it answered 500")]
    await shelf.fill()
    assert await shelf.there() == set(DAYS)
    assert shelf.filling.failed == {}
    assert shelf.source.asked == [*DAYS, DAYS[0]]


@pytest.mark.parametrize("count", [2, 3, 5])
async def test_some_days_that_fail_one_after_another_are_passed_over_too(
    shelf: Shelf, count: int
) -> None:
    bad = DAYS[2 : 2 + count]
    for day in bad:
        shelf.source.broken[day] = SourceError("it answered 500")
    await shelf.fill()
    assert await shelf.there() == set(DAYS) - set(bad)
    assert list(shelf.filling.failed) == bad


async def test_an_outage_is_waited_out_and_no_day_is_lost(
    shelf: Shelf, waited: list[float]
) -> None:
    await shelf.filling.fetch(DAYS[0])
    shelf.source.faults = [SourceError("down")] * 4
    await shelf.fill(DAYS[1:])
    assert await shelf.there() == set(DAYS)
    assert shelf.filling.failed == {}
    assert waited and set(waited) <= set(backfill.PAUSES)
    [told] = [said for said in shelf.said if "asked again" in said]
    assert "for 2 minutes and 35 seconds, until 12:02:35 UTC (Ctrl-C ends it" in told


async def test_a_feed_that_says_how_long_to_wait_is_left_alone_that_long(
    shelf: Shelf, waited: list[float]
) -> None:
    shelf.source.faults = [SourceError("too many requests", retry_after=77.0)]
    await shelf.fill()
    assert waited == [77.0]
    [told] = shelf.said
    assert "too many requests; it is asked again for" in told and "until 12:03:47 UTC" in told
    assert await shelf.there() == set(DAYS)


async def test_a_reason_that_each_day_has_is_said_once(shelf: Shelf, waited: list[float]) -> None:
    busy = SourceError("too many requests", retry_after=7.0)
    fetch, tried = shelf.source.fetch, set[date]()

    async def every_other(day: date) -> tuple[Paper, ...]:
        if day not in tried:
            tried.add(day)
            raise busy
        return await fetch(day)

    shelf.source.fetch = every_other  # type: ignore[method-assign]
    await shelf.fill()
    assert await shelf.there() == set(DAYS) and waited == [7.0] * len(DAYS)
    assert len(shelf.said) == 1


async def test_a_source_that_does_not_answer_at_all_ends_it(shelf: Shelf) -> None:
    await shelf.filling.fetch(DAYS[0])
    shelf.source.fault = SourceError("down")
    with pytest.raises(SourceError, match="down"):
        await shelf.fill(DAYS[1:])
    assert len(shelf.source.asked) < 20
    shelf.source.fault = None
    await shelf.fill(DAYS[1:])
    assert await shelf.there() == set(DAYS)


async def test_an_empty_weekday_is_asked_for_twice_and_then_believed(shelf: Shelf) -> None:
    shelf.source.lists[DAYS[2]] = ()
    await shelf.fill()
    assert await shelf.there() == set(DAYS)
    assert shelf.source.asked == [*DAYS, DAYS[2]]


async def test_days_that_the_feed_has_not_come_to_are_named_and_fetched_another_time(
    shelf: Shelf, waited: list[float]
) -> None:
    behind = DAYS[8:]
    for day in behind:
        shelf.source.broken[day] = NotOpenYet("HTTP 400")
    newest = {day: shelf.source.lists.pop(day) for day in behind if day.weekday() < 5}
    await shelf.fill()
    assert await shelf.there() == set(DAYS) - set(behind)
    assert set(shelf.filling.failed) == set(behind) and waited == []
    assert set(shelf.filling.failed.values()) == {"the feed's newest list is of Mon 12 May 2025"}
    shelf.source.lists |= newest
    shelf.source.broken.clear()
    shelf.filling.failed.clear()
    await shelf.fill(behind)
    assert await shelf.there() == set(DAYS)
