"""A platform, the outbox in front of it, and a clock: for tests of what is sent."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.delivery import Dispatcher
from bot.model import Delivery, Destination, Place
from bot.store import Store, outbox, people
from tests.fakes import Clock, FakeAdapter, Post, at, papers_of
from tests.rounds import send_due
from tests.stored import SIX_HOURS, add, digest_of, save_papers

DAY = "2025-06-02"
NOW = at("2025-06-02 12:00")
MINUTE = timedelta(minutes=1)
DIGEST = digest_of(DAY, 7)


@dataclass
class Office:
    """Posts are sent by hand, or by a dispatcher that runs."""

    store: Store
    clock: Clock
    adapter: FakeAdapter
    dispatcher: Dispatcher

    async def add(
        self, *addresses: str, payload: str = DIGEST, platform: str = "discord", day: str = DAY,
        lasts: timedelta = SIX_HOURS, kind: str = "",
    ) -> None:  # fmt: skip
        """A post that is due now, for each address: of its subscription, where it has one."""
        await save_papers(self.store, *papers_of(DAY, 7))
        async with self.store.transaction() as tx:
            for address in addresses or ("c1",):
                sql = "SELECT id, kind FROM subscriptions WHERE address = :address"
                orders = await tx.rows(sql, address=address)
                order = next((one for one in orders if not kind or one["kind"] == kind), None)
                await add(
                    tx, address, day, payload, now=self.clock.now, platform=platform, lasts=lasts,
                    kind=order["kind"] if order else kind or "daily",
                    subscription=order["id"] if order else None,
                )  # fmt: skip

    async def send(self, *, times: int = 1, **time: float) -> None:
        """All that is due, then time passes; so often."""
        for _ in range(times):
            await self.dispatcher.expire()
            while await send_due(self.dispatcher, self.adapter.name):
                pass
            self.clock.pass_(**time)

    async def states(self) -> dict[str, str]:
        """Of the one row, or the oldest, at each address."""
        found = await self.store.rows("SELECT address, state FROM deliveries ORDER BY id DESC")
        return {row["address"]: row["state"] for row in found}

    async def rows(self) -> list[tuple[str, str, str]]:
        """Address, kind and state of all rows."""
        found = await self.store.rows("SELECT address, kind, state FROM deliveries ORDER BY id")
        return [(row["address"], row["kind"], row["state"]) for row in found]

    async def row(self, address: str = "c1") -> Delivery:
        [found] = await self.store.rows(
            "SELECT id FROM deliveries WHERE address = :address", address=address
        )
        one = await outbox.get(self.store, found["id"])
        assert one
        return one

    async def named(self, address: str, title: str, url: str = "") -> None:
        async with self.store.transaction() as tx:
            place = Place(title, url)
            await people.name_place(tx, Destination(self.adapter.name, address), place)

    def tried(self, address: str = "c1") -> list[Post]:
        return [post for post in self.adapter.tried if post.address == address]

    def told(self, address: str = "owner") -> list[str]:
        """The texts that arrived there."""
        return [post.message.text for post in self.adapter.posts if post.address == address]

    async def until(self, done: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """While the dispatcher runs."""
        async with asyncio.timeout(5):
            while not done(states := await self.states()):  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.005)
        return states

    async def stopped(self, running: asyncio.Task[None]) -> None:
        self.dispatcher.stop()
        async with asyncio.timeout(2):
            await running


def office(store: Store, **adapter: float) -> Office:
    clock, made = Clock(NOW), FakeAdapter(**adapter)
    return Office(store, clock, made, Dispatcher(store, {made.name: made}, clock))
