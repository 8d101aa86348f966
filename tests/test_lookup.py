"""What people have looked up at the sources holds up nobody, and leaves the collector its quota."""

import asyncio
from collections.abc import Callable

import pytest

from bot import lookup
from bot.collect import Collector
from bot.errors import SourceError, UserError
from bot.lookup import Lookups
from bot.model import Paper
from bot.store import Store
from tests.fakes import Clock, FakeSource, on, paper, papers_of


class Slow(FakeSource):
    """It answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.begun = asyncio.Event()
        self.at_once = self.most = 0

    async def find(self, paper_id: str) -> Paper | None:
        self.at_once += 1
        self.begun.set()
        self.most = max(self.most, self.at_once)
        try:
            await self.gate.wait()
            return await super().find(paper_id)
        finally:
            self.at_once -= 1


class Hand:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def over(store: Store, source: FakeSource, clock: Callable[[], float] | None = None) -> Lookups:
    return Lookups(Collector(store, [source]), clock or Hand())


async def test_what_is_stored_costs_nothing(store: Store) -> None:
    source = FakeSource()
    source.lists[on("2025-06-02")] = papers_of("2025-06-02", 1)
    collector = Collector(store, [source])
    await collector.fetch(on("2025-06-02"), Clock().now)
    lookups = Lookups(collector, Hand())
    for _ in range(100):
        found = await lookups.find("2506.00001", "me")
        assert found
    assert source.asked_for == []


async def test_an_id_that_nobody_has_is_asked_for_once_in_ten_minutes(store: Store) -> None:
    source, clock = FakeSource(), Hand()
    lookups = over(store, source, clock)
    for person in ("me", "you", "me", "her"):
        assert await lookups.find("2506.09999", person) is None
    assert source.asked_for == ["2506.09999"]
    clock.now += lookup.MISS_LASTS + 1
    await lookups.find("2506.09999", "me")
    assert len(source.asked_for) == 2


async def test_one_person_may_have_few_looked_up_and_others_still_may(store: Store) -> None:
    source, clock = FakeSource(), Hand()
    source.single = {"2506.00042": paper(42)}
    lookups = over(store, source, clock)
    for n in range(lookup.MINE):
        assert await lookups.find(f"2506.1000{n}", "me") is None
    with pytest.raises(UserError, match="in 120 seconds you may ask for another"):
        await lookups.find("2506.20000", "me")
    assert len(source.asked_for) == lookup.MINE
    assert await lookups.find("2506.00042", "you")
    clock.now += lookup.MINE_PERIOD + 1
    assert await lookups.find("2506.30000", "me") is None


async def test_people_together_leave_the_collector_most_of_the_quota(store: Store) -> None:
    source = FakeSource()
    lookups = over(store, source)
    refused = 0
    for n in range(300):
        try:
            await lookups.find(f"2506.1{n:04}", f"person {n}")
        except UserError:
            refused += 1
    assert len(source.asked_for) == lookup.SHARE
    assert refused == 300 - lookup.SHARE


async def test_the_list_of_a_day_counts_like_a_paper(store: Store) -> None:
    source, now = FakeSource(), Clock().now
    lookups = over(store, source)
    for n in range(lookup.MINE):
        await lookups.fetch(on(f"2025-05-0{n + 1}"), now, "me")
    with pytest.raises(UserError):
        await lookups.fetch(on("2025-05-20"), now, "me")
    await lookups.fetch(on("2025-05-20"), now, "you")


async def test_few_are_asked_at_once_and_what_would_wait_too_long_is_refused(store: Store) -> None:
    source = Slow()
    lookups = over(store, source)
    tasks = [asyncio.create_task(lookups.find(f"2506.1{n:04}", f"person {n}")) for n in range(40)]
    for _ in range(20):
        await asyncio.sleep(0.005)
    assert source.at_once == lookup.AT_ONCE
    source.gate.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert source.most == lookup.AT_ONCE
    assert sum(one is None for one in done) == lookup.AT_ONCE + lookup.WAITING
    assert {str(one) for one in done if one} == {lookup._BUSY}


async def test_two_who_ask_for_the_same_paper_wait_for_one_request(store: Store) -> None:
    source = Slow()
    source.single = {"2506.00042": paper(42)}
    lookups = over(store, source)
    first = asyncio.create_task(lookups.find("2506.00042", "me"))
    second = asyncio.create_task(lookups.find("2506.00042", "you"))
    await source.begun.wait()
    first.cancel()  # one who goes away does not take the answer along
    source.gate.set()
    found = await second
    assert found and found.id == "2506.00042"
    assert source.asked_for == ["2506.00042"]


async def test_a_source_that_is_slow_is_not_waited_for_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "DEADLINE", 0.01)
    source = Slow()
    lookups = over(store, source)
    with pytest.raises(UserError, match="slow just now"):
        await lookups.find("2506.00042", "me")
    assert source.at_once == 0


async def test_a_source_that_fails_is_not_taken_for_one_that_has_nothing(store: Store) -> None:
    source = FakeSource()
    source.faults = [SourceError("it answered 500")]
    source.single = {"2506.00042": paper(42)}
    lookups = over(store, source)
    with pytest.raises(SourceError):
        await lookups.find("2506.00042", "me")
    assert await lookups.find("2506.00042", "me")


async def test_after_a_429_the_first_requests_are_the_collectors(store: Store) -> None:
    source, clock = FakeSource(), Hand()
    lookups = over(store, source, clock)
    source.fault = SourceError("it asked for a pause", retry_after=30.0)
    with pytest.raises(SourceError):
        await lookups.find("2506.10000", "me")
    source.fault = None
    clock.now += 31
    for person in ("me", "you"):
        with pytest.raises(UserError, match="Many look papers up"):
            await lookups.find("2506.10001", person)
    clock.now += lookup.RESTS
    assert await lookups.find("2506.10001", "you") is None
