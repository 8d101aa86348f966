"""What is old goes, and what the next post must know stays."""

from datetime import timedelta

import pytest

from bot.store import Store, history, people, upkeep
from tests.fakes import at, subscribe
from tests.stored import add, digest_of

NOW = at("2025-06-02 09:00")
MINUTE = timedelta(minutes=1)
OPEN = ("pending", "sending", "retry")
POSTS = ("sent", "unknown", "retired")
OTHERS = ("dead", "cancelled", "skipped", "missed", "paused")


async def dates(store: Store, address: str = "c1") -> list[str]:
    found = await store.rows(
        "SELECT local_date FROM deliveries WHERE address = :a ORDER BY local_date", a=address
    )
    return [row["local_date"].removeprefix("2025-") for row in found]


async def prune(store: Store, before: str, most: int = -1) -> int:
    async with store.transaction() as tx:
        return await upkeep.prune(tx, at(f"2025-{before} 00:00"), most)


@pytest.mark.parametrize("state", OPEN)
async def test_what_is_not_finished_is_kept_however_old(store: Store, state: str) -> None:
    await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-03-01", state=state)
        await add(tx, "c1", "2025-06-01", state="sent")
    assert await prune(store, "07-01") == 0


@pytest.mark.parametrize("state", POSTS + OTHERS)
async def test_what_is_finished_and_old_goes_some_at_a_time(store: Store, state: str) -> None:
    async with store.transaction() as tx:
        for day in range(1, 8):
            await add(tx, "c1", f"2025-03-{day:02}", state=state)
        await add(tx, "c1", "2025-06-01", state="sent")
    assert await prune(store, "03-07", most=4) == 4
    assert await prune(store, "03-07") == 2
    assert await prune(store, "03-07") == 0
    assert await dates(store) == ["03-07", "06-01"]


@pytest.mark.parametrize("state", POSTS)
async def test_the_newest_post_of_a_place_stays_with_the_days_a_next_post_looks_back_to(
    store: Store, state: str
) -> None:
    for address, kind in (("c1", "daily"), ("c1", "topics"), ("c2", "daily")):
        await subscribe(store, address, NOW, kind=kind, owner=address)
    async with store.transaction() as tx:
        for day in (10, 11, 20):
            await add(tx, "c1", f"2025-03-{day}", state=state)
        await add(tx, "c1", "2025-03-21", state="dead")
        await add(tx, "c1", "2025-03-15", state=state, kind="topics")
        await add(tx, "c2", "2025-03-01", state=state)
    await prune(store, "06-30")
    assert await dates(store) == ["03-11", "03-15", "03-20", "03-21"]
    assert await dates(store, "c2") == ["03-01"]


@pytest.mark.parametrize("state", POSTS + OTHERS)
async def test_nothing_old_stays_of_what_nobody_is_subscribed_to(store: Store, state: str) -> None:
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-03-01", state=state)
        await add(tx, "c1", "2025-03-02", state=state, kind="topics")
    assert await prune(store, "06-30") == 2
    assert await dates(store) == []


async def test_old_notices_go(store: Store) -> None:
    async with store.transaction() as tx:
        for state in POSTS:
            await add(tx, "c1", "2025-03-01", f"told {state}", kind="notice", state=state)
    assert await prune(store, "06-30") == 3


async def test_what_the_next_post_knows_is_the_same_after_pruning(store: Store) -> None:
    """Also where the place has had nothing for months."""
    number = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        for n in range(1, 31):
            day = f"2025-03-{n:02}"
            await add(tx, "c1", day, digest_of(day, n), state="sent")
    before = await history.past(store, [number])
    assert await prune(store, "06-30") == 20
    assert await history.past(store, [number]) == before
    async with store.transaction() as tx:
        await upkeep.prune_contents(tx)
    assert len(await store.rows("SELECT id FROM contents")) == 10


async def test_old_texts_go_and_contents_that_no_delivery_has(store: Store) -> None:
    await people.keep_texts(store, {"old": "words"}, NOW)
    await people.keep_texts(store, {"used": "words"}, NOW)
    await people.keep_texts(store, {"used": "words"}, NOW + 2 * MINUTE)
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-06-02", "kept")
        await add(tx, "c2", "2025-06-02", "kept")
        await add(tx, "c3", "2025-06-02", "dropped")
        await tx.run("DELETE FROM deliveries WHERE address IN ('c2', 'c3')")
        await upkeep.prune_texts(tx, NOW + MINUTE)
        await upkeep.prune_contents(tx)
    assert await people.kept_text(store, "old") is None
    assert await people.kept_text(store, "used") == "words"
    assert [row["text"] for row in await store.rows("SELECT text FROM contents")] == ["kept"]
