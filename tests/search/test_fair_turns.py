"""Searches of many people at once: who searches much waits alone, and nobody waits for long."""

import asyncio
from collections.abc import Iterator

import pytest

from bot.errors import Busy
from bot.search.engine import Engine
from bot.store import Store, papers, searches
from tests.fakes import paper


class Crowd:
    """People whose searches last until a test ends them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.searches = store.searches
        self.begun: list[str] = []  # in their order
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: list[asyncio.Task[None]] = []

    async def asks(
        self, person: str, name: str = "", *, typing: bool = False
    ) -> asyncio.Task[None]:
        """A search begins, or waits, before this returns."""
        name = name or person
        end = self.ends[name] = asyncio.Event()

        async def search() -> None:
            async with self._store.searches.turn(person, 600.0, typing=typing):
                self.begun.append(name)
                await end.wait()

        self.tasks.append(asyncio.create_task(search()))
        await _settled()
        return self.tasks[-1]

    async def ends_of(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()
        await _settled()

    def close(self) -> None:
        for task in self.tasks:
            task.cancel()


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def crowd(store: Store) -> Iterator[Crowd]:
    made = Crowd(store)
    yield made
    made.close()


async def test_one_person_has_one_search_at_a_time(crowd: Crowd) -> None:
    await crowd.asks("me", "first")
    await crowd.asks("me", "second")
    await crowd.asks("you")
    assert crowd.begun == ["first", "you"]
    await crowd.ends_of("first")
    assert crowd.begun == ["first", "you", "second"]


async def test_a_stranger_is_before_all_that_others_wait_for(crowd: Crowd) -> None:
    for person in ("a", "b"):
        await crowd.asks(person, f"{person}0")
        for n in range(1, 6):
            await crowd.asks(person, f"{person}{n}")
    await crowd.asks("stranger")
    await asyncio.sleep(0.02)
    await crowd.ends_of("a0")
    assert crowd.begun[2] == "stranger"  # a used some time, the stranger none


async def test_who_used_less_time_is_next(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    await crowd.asks("long")
    await crowd.asks("short")
    await crowd.ends_of("short")
    await crowd.asks("holder")
    await asyncio.sleep(0.02)
    await crowd.ends_of("long")
    await crowd.asks("another")
    await crowd.asks("long", "long again")
    await crowd.asks("short", "short again")
    await crowd.ends_of("holder")
    assert crowd.begun[-1] == "short again"
    await crowd.ends_of("short again")
    assert crowd.begun[-1] == "long again"


async def test_a_turn_that_does_not_come_is_one_kind_sentence(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "PATIENCE", 0.05)
    for person in ("a", "b"):
        await crowd.asks(person)
    with pytest.raises(Busy, match="Many people search just now"):
        await (await crowd.asks("me"))
    await crowd.ends_of("a", "b")
    await crowd.asks("me", "again")
    assert crowd.begun[-1] == "again"


async def test_the_queue_is_bounded_and_who_used_most_leaves_it(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "WAITING", 5)
    await crowd.asks("attacker", "spent")
    await crowd.asks("holder")
    await asyncio.sleep(0.02)
    await crowd.ends_of("spent")
    await crowd.asks("other holder")
    waiting = [await crowd.asks("attacker", f"attack {n}") for n in range(8)]
    people = [await crowd.asks(f"person {n}") for n in range(5)]
    refused = [task.done() for task in waiting]
    assert refused == [True] * 8  # the newest first; then those made room
    assert not any(task.done() for task in people)
    for task in waiting:
        with pytest.raises(Busy):
            await task


async def test_who_would_wait_too_long_hears_so_at_once(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(crowd.searches, "_seconds", lambda: now)
    for n in range(40):  # each search lasts a second
        await crowd.asks(f"slow {n}")
        now += 1.0
        await crowd.ends_of(f"slow {n}")
    for person in ("a", "b"):
        await crowd.asks(person)
    waiting = [await crowd.asks(f"person {n}") for n in range(500)]
    kept = [task for task in waiting if not task.done()]
    assert kept == waiting[: len(kept)]  # first come, first served
    assert 1 <= len(kept) <= searches.PATIENCE * searches.AT_ONCE
    with pytest.raises(Busy):
        await waiting[-1]


async def test_what_was_typed_since_takes_the_place_of_what_was_typed_before(crowd: Crowd) -> None:
    for person in ("a", "b"):
        await crowd.asks(person)
    typed = [await crowd.asks("me", f"k{n}", typing=True) for n in range(4)]
    search = await crowd.asks("me", "search")
    assert [task.done() for task in typed] == [True, True, True, False]
    assert not search.done()
    for task in typed[:3]:
        with pytest.raises(Busy):
            await task


async def test_who_gives_up_waiting_leaves_nothing_behind(crowd: Crowd) -> None:
    for person in ("a", "b"):
        await crowd.asks(person)
    task = await crowd.asks("me")
    task.cancel()
    await crowd.ends_of("a")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await crowd.ends_of("b")
    for person in ("c", "d"):
        await crowd.asks(person)
    assert crowd.begun == ["a", "b", "c", "d"]


async def test_a_turn_that_comes_as_one_gives_up_is_anothers(crowd: Crowd) -> None:
    for person in ("a", "b"):
        await crowd.asks(person)
    task = await crowd.asks("me")
    crowd.ends["a"].set()
    for _ in range(3):  # the turn comes, and before it is taken nobody wants it any more
        await asyncio.sleep(0)
        if not crowd.begun[2:]:
            task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await crowd.ends_of("b")
    for person in ("c", "d"):
        await crowd.asks(person)
    assert crowd.begun[-2:] == ["c", "d"]


async def test_the_engine_takes_each_persons_turn(store: Store) -> None:
    async with store.transaction() as tx:
        await papers.save(tx, [paper(n) for n in range(20)])
    search = await Engine.over(store)
    await search.catch_up()
    async with store.searches.turn("me", 600.0):
        mine = [
            asyncio.create_task(one)
            for one in (
                search.search("study", limit=5, person="me"),
                search.similar("2506.00001", limit=5, person="me"),
                search.suggest("study", limit=5, person="me"),
            )
        ]
        assert (await search.search("study", limit=5, person="you")).hits
        assert await search.complete("stu", limit=5, person="you")
        assert not any(task.done() for task in mine)
    assert all(await asyncio.gather(*mine))
