"""What can never arrive costs little, holds up nobody, and comes to an end."""

import asyncio
import logging
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import delivery, plan
from bot.collect import Collector
from bot.delivery import Dispatcher
from bot.model import Destination, Pace, Schedule
from bot.outcome import POISON
from bot.store import Store, Transaction, opened, subscriptions
from tests.fakes import FakeAdapter, FakeSource, at, gone, on, papers_of, subscribe
from tests.program import MEMORY
from tests.stored import add, digest_of, save_papers

NOW, DAY = at("2025-06-02 12:00"), on("2025-06-02")
DIGEST = digest_of("2025-06-02", 1)
LANES = 16
INVALID, INVALID_PERIOD = 1000, 600.0  # Discord bans at ten times that


@dataclass
class Hand:
    """Time by hand: whoever waits goes on once it has passed."""

    seconds: float = 0.0
    waiting: list[float] = field(default_factory=list)  # until when

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Stands in for `delivery._any`."""
        until = self.seconds + seconds
        self.waiting.append(until)
        try:
            while not event.is_set() and self.seconds < until:  # noqa: ASYNC110 - nobody rings
                await asyncio.sleep(0.001)
        finally:
            self.waiting.remove(until)
        return event.is_set()

    async def all_wait(self, adapter: FakeAdapter) -> None:
        """Until there is nothing to do: for some turns of the loop, as posts begin in tasks."""
        turns = 0
        async with asyncio.timeout(60):
            while turns < 5:
                idle = self.waiting and min(self.waiting) > self.seconds and not adapter.in_flight
                turns = turns + 1 if idle else 0
                await asyncio.sleep(0.001)


@dataclass
class World:
    store: Store
    hand: Hand
    adapter: FakeAdapter
    dispatcher: Dispatcher

    async def place(self, *addresses: str, owner: str | None = None, payload: str = DIGEST) -> None:
        """Places with a subscription, and a post that is due."""
        async with self.store.transaction() as tx:
            order = Schedule("09:00", "UTC", 10, NOW + timedelta(hours=21), DAY)
            for address in addresses:
                where = Destination("discord", address)
                number = await subscriptions.save(tx, where, order, owner)
                await add(tx, address, "2025-06-02", payload, now=NOW, subscription=number)

    async def idle(self) -> None:
        await self.hand.all_wait(self.adapter)

    def tried(self) -> int:
        return len(self.adapter.tried)

    def refused(self) -> int:
        return sum(post.address.startswith("dead") for post in self.adapter.tried)

    def arrived(self) -> set[str]:
        return {post.address for post in self.adapter.posts}

    async def count(self, table: str, state: str) -> int:
        sql = f"SELECT count(*) AS n FROM {table} WHERE state = :state"  # noqa: S608
        [found] = await self.store.rows(sql, state=state)
        return int(found["n"])


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hand, adapter = Hand(), FakeAdapter()
    adapter.pace = Pace(ceiling=100_000, bulk=100_000, in_flight=LANES)
    monkeypatch.setattr(delivery, "_any", hand.wait)
    monkeypatch.setattr(logging.getLogger("bot.delivery"), "disabled", True)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        async with opened(Path(folder) / "papers.db") as store:
            await save_papers(store, *papers_of(DAY, 1))
            dispatcher = Dispatcher(store, {"discord": adapter}, hand.clock, lambda: hand.seconds)
            yield World(store, hand, adapter, dispatcher)


async def test_five_thousand_dead_channels_cost_two_requests_each(world: World) -> None:
    dead = [f"dead{n}" for n in range(5000)]
    world.adapter.always = {address: gone() for address in dead}
    await world.place(*dead[:1500], owner="owner")
    living = [f"living{n}" for n in range(20)]
    await world.place(*living)
    await world.place(*dead[1500:])
    running = asyncio.create_task(world.dispatcher.run())

    # At a thousand such answers the breaker opens: nothing goes out, but people are answered.
    await world.idle()
    assert INVALID <= world.tried() < INVALID + LANES
    assert not world.arrived()
    async with asyncio.timeout(1):
        await world.dispatcher.admit("discord", "person")
    for part in (0.5, 0.99):
        world.hand.seconds = INVALID_PERIOD * part
        await world.idle()
        assert world.tried() < INVALID + LANES

    # It closes, and in some turns the living are served, and each of the dead asked once more.
    for turn in range(1, 14):
        before = world.refused()
        world.hand.seconds = turn * (INVALID_PERIOD + 1)
        await world.idle()
        assert world.refused() - before < INVALID + LANES
    times = Counter(post.address for post in world.adapter.tried)
    assert [times[address] for address in dead] == [2] * 5000
    told = Counter(post.message.text for post in world.adapter.posts if post.address == "owner")
    [notice] = told
    assert "and 1497 more" in notice and told[notice] == 1, "one cause is one notice"
    assert all("the channel is gone" in text for text in told)
    assert await world.count("subscriptions", "off") == 5000
    assert await world.count("subscriptions", "on") == len(living)
    assert await world.count("deliveries", "dead") == 5000
    assert await world.count("deliveries", "sent") == 1 + len(living)

    # The next day nobody asks them again.
    world.hand.seconds += 86_400
    due, _ = await subscriptions.are_due(world.store, world.hand.clock(), 10_000)
    assert {one.destination.address for one in due} == set(living)
    world.dispatcher.stop()
    async with asyncio.timeout(5):
        await running


async def test_a_post_that_always_raises_is_set_aside_and_blocks_nobody(world: World) -> None:
    broken, unreadable = [f"broken{n}" for n in range(20)], [f"unreadable{n}" for n in range(20)]
    world.adapter.always = {address: ZeroDivisionError() for address in broken}
    await world.place(*broken)
    await world.place(*unreadable, payload="{")
    living = [f"living{n}" for n in range(40)]
    await world.place(*living)
    running = asyncio.create_task(world.dispatcher.run())
    await world.idle()
    assert world.arrived() == set(living), "although the others are older"
    for _ in range(60):
        world.hand.seconds += 5
        await world.idle()
    times = Counter(post.address for post in world.adapter.tried)
    assert [times[address] for address in broken] == [POISON] * 20
    found = await world.store.rows("SELECT * FROM deliveries WHERE state <> 'sent'")
    assert {row["address"] for row in found} == {*broken, *unreadable}
    for row in found:
        state = "unknown" if row["address"] in broken else "dead"  # it may have been sent before
        assert (row["state"], row["attempts"]) == (state, POISON)
        assert "see the log" in row["reason"]
    assert await world.count("subscriptions", "off") == 0, "the fault is ours"
    world.dispatcher.stop()
    async with asyncio.timeout(5):
        await running


async def longest_stretch(done: asyncio.Event) -> float:
    """The longest time the loop did not come round."""
    longest, last = 0.0, time.perf_counter()
    while not done.is_set():
        await asyncio.sleep(0)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    return longest


async def test_a_thousand_due_at_once_are_planned_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, sizes = FakeSource(), list[int]()
    source.lists[DAY] = papers_of(DAY, *range(1, 60))
    for n in range(1000):
        await subscribe(world.store, f"c{n}", at("2025-06-01 12:00"), time="12:00")
    topics_of = subscriptions.topics_of

    async def counted(tx: Transaction, numbers: Sequence[int]) -> object:
        sizes.append(len(numbers))
        return await topics_of(tx, numbers)

    monkeypatch.setattr(subscriptions, "topics_of", counted)
    collector, done = Collector(world.store, [source]), asyncio.Event()
    await collector.refresh(NOW)
    watch = asyncio.create_task(longest_stretch(done))
    while await plan.plan(world.store, collector, NOW):
        pass
    done.set()
    print(f"longest stretch without the loop: {1000 * await watch:.1f} ms")  # noqa: T201 - with -s
    assert [size for size in sizes if size] == [plan.BATCH] * (1000 // plan.BATCH)
    assert await world.count("deliveries", "pending") == 1000
