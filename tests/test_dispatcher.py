"""The dispatcher at work: many posts at once, slow places, a full disk, and a stop."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from bot import delivery
from bot.errors import PostError
from bot.model import Delivery
from bot.store import Store, outbox
from tests.fakes import Post
from tests.office import DAY, NOW, Office, office
from tests.rounds import send_due
from tests.stored import add


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for room, or for the next look."""
    monkeypatch.setattr(delivery, "IDLE", 0.01)


@pytest.fixture
def post(store: Store) -> Office:
    return office(store)


async def test_what_is_planned_is_sent_when_the_dispatcher_is_woken(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "IDLE", 60.0)
    running = asyncio.create_task(post.dispatcher.run())
    await asyncio.sleep(0.05)
    await post.add("c1", *(f"d{n}" for n in range(20)))
    post.dispatcher.wake()
    await post.until(lambda states: set(states.values()) == {"sent"})
    await post.stopped(running)


async def test_a_place_that_hangs_delays_no_other_and_eight_go_at_once(post: Office) -> None:
    hang = asyncio.Event()

    async def wait(made: Post) -> None:
        if made.address.startswith("slow"):
            await hang.wait()

    post.adapter.before = wait
    post.adapter.delay = 0.05
    await post.add("slow", *(f"c{n}" for n in range(40)))
    running = asyncio.create_task(post.dispatcher.run())
    states = await post.until(lambda states: list(states.values()).count("sent") == 40)
    assert states["slow"] == "sending"
    assert post.adapter.most_in_flight == post.adapter.pace.in_flight
    hang.set()
    await post.stopped(running)
    assert (await post.states())["slow"] == "sent"


async def test_many_posts_for_one_place_go_one_by_one_and_hold_up_no_other(post: Office) -> None:
    together: list[int] = []
    await post.add(*["owner"] * 12, payload='{"text": "told"}', kind="notice")
    await post.add("c1")
    flying = 0

    async def count(made: Post) -> None:
        nonlocal flying
        if made.address == "owner":
            flying += 1
            together.append(flying)
            await asyncio.sleep(0.001)
            flying -= 1

    post.adapter.before = count
    running = asyncio.create_task(post.dispatcher.run())
    await post.until(lambda states: set(states.values()) == {"sent"})
    async with asyncio.timeout(5):
        while len(post.adapter.posts) < 13:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert set(together) == {1}
    keys = [int(one.key[2:]) for one in post.adapter.posts if one.address == "owner"]
    assert keys == sorted(keys), "in the order they were written in"
    assert "c1" in [one.address for one in post.adapter.posts[:4]]
    await post.stopped(running)


async def test_stopping_finishes_the_posts_in_flight_and_begins_no_other(post: Office) -> None:
    post.adapter.delay = 0.1
    await post.add(*(f"c{n}" for n in range(20)))
    running = asyncio.create_task(post.dispatcher.run())
    await post.until(lambda states: "sending" in states.values())
    await asyncio.sleep(0.05)
    await post.stopped(running)
    states = list((await post.states()).values())
    assert 1 <= states.count("sent") <= post.adapter.pace.in_flight
    assert states.count("sent") + states.count("pending") == 20
    assert len(post.adapter.tried) == states.count("sent")


async def test_stopping_ends_with_the_last_outcome(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "IDLE", 60.0)
    post.adapter.delay = 0.05
    await post.add("c1", "c2")
    running = asyncio.create_task(post.dispatcher.run())
    await post.until(lambda states: "sending" in states.values())
    await post.stopped(running)
    assert set((await post.states()).values()) == {"sent"}


async def test_stopping_does_not_wait_for_a_closed_gate(post: Office) -> None:
    post.adapter.always["c1"] = PostError("too fast", retry_after=3600, everywhere=True)
    await post.add("c1")
    await post.send()
    await post.add("c2")
    running = asyncio.create_task(post.dispatcher.run())
    await asyncio.sleep(0.05)
    await post.stopped(running)
    assert (await post.states())["c2"] == "pending"


async def test_while_its_adapter_is_down_nothing_is_tried_and_then_all_is_sent(
    post: Office,
) -> None:
    await post.add("c1")
    post.adapter.up.clear()
    running = asyncio.create_task(post.dispatcher.run())
    await asyncio.sleep(0.2)
    assert post.adapter.tried == []
    post.adapter.up.set()
    await post.until(lambda states: states == {"c1": "sent"})
    post.adapter.up.clear()  # between two starts
    await post.add("c2")
    post.dispatcher.wake()
    await asyncio.sleep(0.2)
    assert len(post.adapter.tried) == 1
    post.adapter.up.set()
    await post.until(lambda states: set(states.values()) == {"sent"})
    await post.stopped(running)


async def test_a_chat_that_rests_holds_up_no_other(store: Store) -> None:
    made = office(store)
    made.adapter.spacing = 3600.0
    await made.add("c1")
    await made.send()
    await made.add(*["c1"] * 40, payload='{"text": "told"}', kind="notice")
    await made.add("c2")
    await made.send()
    assert [post.address for post in made.adapter.posts] == ["c1", "c2"]


async def test_two_topics_of_one_chat_are_not_written_to_at_once(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    flying, most = Counter[str](), Counter[str]()

    async def count(made: Post) -> None:
        chat, _ = post.adapter.chat(made.address)
        flying[chat] += 1
        most[chat] = max(most[chat], flying[chat])
        await asyncio.sleep(0.01)
        flying[chat] -= 1

    monkeypatch.setattr(post.adapter, "chat", lambda address: (address.partition("/")[0], 0.0))
    post.adapter.before = count
    await post.add("g/1", "g/2", "g/3", "h")
    running = asyncio.create_task(post.dispatcher.run())
    await post.until(lambda states: set(states.values()) == {"sent"})
    assert most == {"g": 1, "h": 1}
    await post.stopped(running)


async def test_a_chat_with_a_thousand_topics_costs_others_no_search_through_them(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, look = 0, outbox.due

    async def counted(*args: Any) -> list[Delivery]:
        nonlocal looks
        looks += 1
        return await look(*args)

    monkeypatch.setattr(outbox, "due", counted)
    monkeypatch.setattr(post.adapter, "chat", lambda address: (address.partition("/")[0], 3600.0))
    await post.add(*[f"g/{n}" for n in range(1000)], "other")
    for _ in range(3):
        await send_due(post.dispatcher, post.adapter.name)
    assert [one.address for one in post.adapter.posts] == ["g/0", "other"]
    assert looks <= 10


# a full disk ------------------------------------------------------------------------------------


async def fill(store: Store, pages: int) -> None:
    async with store.transaction() as tx:
        await tx.rows(f"PRAGMA max_page_count = {pages}")


async def test_a_disk_that_is_full_while_finishing_neither_ends_the_dispatcher_nor_repeats(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, refused = outbox.sent, 0

    async def full(tx: object, *args: object) -> None:
        nonlocal refused
        if refused < 3:
            refused += 1
            await fill_up(tx)
        await sent(tx, *args)  # type: ignore[arg-type]

    async def fill_up(tx: object) -> None:
        assert isinstance(tx, outbox.Transaction)
        await tx.rows("PRAGMA max_page_count = 1")
        try:
            for n in range(3000):
                sql = "INSERT INTO places (platform, address, title) VALUES ('x', :n, :n)"
                await tx.run(sql, n=f"{n}{'x' * 3000}")
        finally:
            await tx.rows("PRAGMA max_page_count = 1000000")

    monkeypatch.setattr("bot.delivery.outbox.sent", full)
    await post.add("c1", "c2", "c3")
    running = asyncio.create_task(post.dispatcher.run())
    await post.until(lambda states: set(states.values()) == {"sent"})
    assert refused == 3
    assert sorted(one.address for one in post.adapter.tried) == ["c1", "c2", "c3"]
    await post.stopped(running)


async def test_a_disk_that_is_full_before_sending_sends_nothing_until_there_is_room(
    post: Office,
) -> None:
    await post.add("c1")
    async with post.store.transaction() as tx:
        await tx.run("CREATE TABLE ballast (x)")
        await tx.run("""CREATE TRIGGER heavy AFTER UPDATE ON deliveries BEGIN
            INSERT INTO ballast VALUES (zeroblob(500000)); END""")
    await fill(post.store, 1)
    running = asyncio.create_task(post.dispatcher.run())
    await asyncio.sleep(0.1)
    assert not running.done()
    assert post.adapter.tried == []
    assert (await post.states()) == {"c1": "pending"}
    await fill(post.store, 1_000_000)
    await post.until(lambda states: states == {"c1": "sent"})
    assert len(post.adapter.tried) == 1
    await post.stopped(running)


async def test_what_is_due_all_at_once_is_sent_within_its_time(post: Office) -> None:
    """More than are read together, some of them for one chat."""
    async with post.store.transaction() as tx:
        for n in range(3 * delivery.PREFETCH):
            await add(tx, f"c{n % 100}", DAY, '{"text": "told"}', kind="notice", now=NOW)
    running = asyncio.create_task(post.dispatcher.run())
    async with asyncio.timeout(10):
        while len(post.adapter.posts) < 3 * delivery.PREFETCH:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert len({one.key for one in post.adapter.posts}) == 3 * delivery.PREFETCH
    await post.stopped(running)
