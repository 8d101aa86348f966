"""A search that would take too long ends with a sentence, and holds up no other read."""

import asyncio
import time

import pytest

from bot.errors import TooLong, UserError
from bot.search import engine
from bot.search.engine import Engine
from bot.store import Store, papers
from tests.fakes import paper

ENDLESS = """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)
    SELECT max(i) FROM n"""


async def hog(store: Store, seconds: float, person: str = "hog") -> None:
    async with store.searches.turn(person, seconds):
        await store.rows(ENDLESS)


async def test_a_read_ends_when_its_budget_is_over(store: Store) -> None:
    begin = time.monotonic()
    with pytest.raises(TooLong):
        await hog(store, 0.05)
    assert time.monotonic() - begin < 10  # not the minutes it takes


async def test_other_reads_go_on_meanwhile_and_the_next_search_has_its_own_budget(
    store: Store,
) -> None:
    running = asyncio.create_task(hog(store, 0.5))
    await asyncio.sleep(0.05)
    assert not running.done()
    assert len(await store.rows("SELECT 1")) == 1
    assert not running.done(), "a read of the core waited for a search"
    with pytest.raises(TooLong):
        await running
    async with store.searches.turn("hog", 5.0):
        assert len(await store.rows("SELECT 1")) == 1


async def test_a_search_beside_anothers_long_one_does_not_wait(store: Store) -> None:
    running = asyncio.create_task(hog(store, 600.0))
    await asyncio.sleep(0.05)
    async with store.searches.turn("other", 600.0):
        assert len(await store.rows("SELECT 1")) == 1
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_waiting_for_ones_turn_costs_none_of_ones_time(store: Store) -> None:
    running = [asyncio.create_task(hog(store, 0.4, f"hog {n}")) for n in range(2)]
    await asyncio.sleep(0.05)
    async with store.searches.turn("other", 0.2):  # begins after more than that
        assert len(await store.rows("SELECT 1")) == 1
    for task in running:
        with pytest.raises(TooLong):
            await task


async def test_a_search_nobody_waits_for_ends_at_once(store: Store) -> None:
    for _ in range(3):
        running = asyncio.create_task(hog(store, 600.0))
        await asyncio.sleep(0.05)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    async with store.searches.turn("hog", 600.0):
        assert len(await store.rows("SELECT 1")) == 1


async def test_a_person_hears_it_in_one_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store.transaction() as tx:
        await papers.save(tx, [paper(n) for n in range(50)])
    search = await Engine.over(store)
    await search.catch_up()
    assert (await search.search("study", limit=5)).hits
    monkeypatch.setattr(engine, "SECONDS", 0.0)
    monkeypatch.setattr(engine, "TYPING", 0.0)
    for work in (search.search("study", limit=5), search.similar("2506.00001", limit=5),
                 search.suggest("study", limit=5), search.complete("study", limit=5)):  # fmt: skip
        with pytest.raises(UserError, match="Ask once more"):
            await work


async def test_the_first_search_after_a_start_has_more_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SECONDS", 0.0)
    search = await Engine.over(store)
    await search.add([paper(1)])
    assert (await search.search("study", limit=5)).hits
    with pytest.raises(TooLong) as late:
        await search.search("study", limit=5)
    assert "Ask once more" in str(late.value) and "takes too long" not in str(late.value)
