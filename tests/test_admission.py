"""Answers that wait for the platform: what was asked first goes first, searches after the rest."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.discord.client import Discord
from bot import admission
from bot.admission import Admission
from bot.delivery import Dispatcher
from bot.limits import Gate
from bot.model import Pace
from bot.ranks import Rank
from bot.store import Store
from tests.fakes import Clock, FakeAdapter


class Hand:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Crowd:
    """People whose answers wait for a platform that takes one in a second and a half."""

    def __init__(self) -> None:
        self.clock = Hand()
        self.answers = Admission(Gate(Pace(1, 1)), self.clock)
        self.went: list[str] = []
        self.tasks: list[asyncio.Task[bool]] = []

    async def asks(self, name: str, rank: Rank = Rank.FIRST) -> asyncio.Task[bool]:
        async def answer() -> bool:
            went = await self.answers.turn(name, 0.0, rank)
            self.went += [name] * went
            return went

        self.tasks.append(asyncio.create_task(answer()))
        await _settled()
        return self.tasks[-1]

    async def passes(self, times: int = 1) -> None:
        """Time for one answer more, so often."""
        for _ in range(times):
            self.clock.now += 2.0
            went = len(self.went)
            async with asyncio.timeout(10):
                await self._more(went)

    async def _more(self, went: int) -> None:
        while len(self.went) == went:  # noqa: ASYNC110 - the clock that is waited for stands
            await asyncio.sleep(0.001)

    def close(self) -> None:
        for task in self.tasks:
            task.cancel()


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks again often: the clock of these tests stands."""
    wait = Gate.person_wait
    monkeypatch.setattr(Gate, "person_wait", lambda gate, now: min(wait(gate, now), 0.001))


async def test_who_asked_first_is_answered_first(crowd: Crowd) -> None:
    for name in "abcd":
        await crowd.asks(name)
    assert crowd.went == ["a"]
    await crowd.passes(3)
    assert crowd.went == ["a", "b", "c", "d"]


async def test_searches_wait_for_the_rest_and_excuses_for_both(crowd: Crowd) -> None:
    await crowd.asks("now")
    for n in range(3):
        await crowd.asks(f"sorry {n}", Rank.SORRY)
        await crowd.asks(f"search {n}", Rank.SEARCH)
    await crowd.passes()
    await crowd.asks("help")
    await crowd.passes(6)
    assert crowd.went == [
        "now", "search 0", "help", "search 1", "search 2", "sorry 0", "sorry 1", "sorry 2",
    ][: len(crowd.went)]  # fmt: skip
    assert len(crowd.went) == 8


async def test_an_excuse_that_comes_too_late_is_not_said(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd.asks("now")
    monkeypatch.setattr(admission, "PATIENCE", 0.02)
    late, search = await crowd.asks("sorry", Rank.SORRY), await crowd.asks("found", Rank.SEARCH)
    assert await late is False
    await crowd.passes()
    assert await search
    assert crowd.went == ["now", "found"]


async def test_who_gives_up_keeps_nobody_waiting(crowd: Crowd) -> None:
    await crowd.asks("now")
    gone = await crowd.asks("gone")
    await crowd.asks("next")
    gone.cancel()
    await crowd.passes()
    assert crowd.went == ["now", "next"]


async def test_at_the_end_all_that_wait_go(crowd: Crowd) -> None:
    tasks = [await crowd.asks(name) for name in "abc"]
    crowd.answers.end()
    assert all(await asyncio.gather(*tasks))


async def test_where_answers_do_not_count_none_waits_and_no_post_does(store: Store) -> None:
    adapter = FakeAdapter()
    adapter.pace = replace(adapter.pace, ceiling=1, bulk=1, answers=False)
    dispatcher = Dispatcher(store, {"discord": adapter}, Clock(), Hand())
    for n in range(100):  # the clock stands: one that waited would do so for ever
        async with asyncio.timeout(5):
            assert await dispatcher.admit("discord", f"u{n}")


@pytest.mark.parametrize(("pace", "count"), [(Discord.pace, False), (Pace(30, 28), True)])
def test_answers_count_among_messages_but_not_on_discord(pace: Pace, count: bool) -> None:
    assert pace.answers == count
