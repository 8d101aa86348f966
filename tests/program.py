"""The program from its clock to its platform, ticked by hand: a feed that is a table, an adapter
that writes down what it is asked to post, and people who ask and press."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot import app, restore, rewind
from bot.app import Core, CoreHandle
from bot.collect import Collector
from bot.commands import registry
from bot.commands.context import Context
from bot.delivery import Dispatcher
from bot.dialogue import Message, Request
from bot.lookup import Lookups
from bot.model import Subscription
from bot.places import Places
from bot.search.engine import Engine
from bot.search.index_cache import IndexCache
from bot.store import Row, Store, opened, subscriptions
from tests.fakes import Clock, FakeAdapter, Post, at, papers_of
from tests.rounds import send_due
from tests.test_plan import Growing

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no disk to wait for


@dataclass
class Program:
    """It stands until it is told to tick."""

    store: Store
    clock: Clock
    feed: Growing
    adapter: FakeAdapter = field(default_factory=FakeAdapter)
    seconds: float = 0.0  # that passed, whatever the clock says

    def __post_init__(self) -> None:
        search = Engine(self.store, IndexCache(self.store, None), lambda: self.clock().date())
        collector = Collector(self.store, [self.feed])
        context = Context(self.store, collector, search, self.clock, Lookups(collector))
        self.core = Core(context, registry())
        adapters = {self.adapter.name: self.adapter}
        self.dispatcher = Dispatcher(self.store, adapters, self.clock, lambda: self.seconds)
        self.places = Places(self.store, adapters, self.clock)
        self.handle = CoreHandle(self.core, self.adapter.name, self.dispatcher, self.places)

    # the clock ----------------------------------------------------------------------------------

    async def started(self) -> None:
        """What the program does first."""
        await rewind.rewind(self.store, self.clock(), jumped=False)
        await restore.settle(self.store, self.core.collector, self.clock())
        await self.dispatcher.recover()

    async def set_clock(self, text: str) -> None:
        """The clock jumps; a second passes. The bells notice when it goes back."""
        back = at(text) < self.clock.now
        self.clock.now, self.seconds = at(text), self.seconds + 1
        if back:
            await rewind.rewind(self.store, self.clock())

    async def tick(self) -> None:
        """What the bells ring for, a second after whatever was asked."""
        self.seconds += 1
        await app.tick(self.core, self.dispatcher)
        await self.places.look_at_lost()
        while await send_due(self.dispatcher, self.adapter.name):
            pass

    async def until(self, text: str, minutes: float = 30) -> None:
        """Tick up to that moment."""
        while self.clock.now < at(text):
            self.clock.pass_(minutes=minutes)
            self.seconds += minutes * 60
            await self.tick()

    # people -------------------------------------------------------------------------------------

    async def ask(
        self,
        line: str = "",
        address: str = "c1",
        person: str = "u1",
        data: str = "",
        added_by: str | None = None,
    ) -> Message:
        """Of a person who may manage the place."""

        async def may_manage() -> bool:
            return True

        command, _, text = line.removeprefix("/").partition(" ")
        return await self.handle.answer(
            Request(
                self.adapter.name, address, person, command, text, data=data,
                one_to_one=address == person, place=f"#{address}",
                place_url=f"https://chat.example/{address}", may_manage=may_manage,
                nameless=person == f"as {address}", added_by=added_by,
            )
        )  # fmt: skip

    async def press(self, message: Message, label: str, **where: str) -> Message:
        offered = [*message.actions, *(menu.options for menu in message.menus)]
        [data] = [a.data for row in offered for a in row if a.label == label]
        return await self.ask(data=data, **where)

    # what came of it ----------------------------------------------------------------------------

    def posts(self, address: str = "c1") -> list[Post]:
        """What arrived there."""
        return [post for post in self.adapter.posts if post.address == address]

    def tried_at(self, address: str = "c1") -> list[Post]:
        """What was asked to be posted there, also what did not arrive."""
        return [post for post in self.adapter.tried if post.address == address]

    def numbers(self, address: str = "c1") -> list[list[int]]:
        """Of the papers on the first page of each post there."""
        return [
            [
                int(entry.title.split()[-1])
                for part in post.message.sections
                for entry in part.entries
            ]
            for post in self.posts(address)
            if post.message.sections
        ]

    def texts(self, address: str = "c1") -> list[str]:
        posts = (post.message for post in self.posts(address))
        return [f"{post.caption}\n{post.text}".strip() for post in posts]

    async def rows(self, address: str = "c1") -> list[Row]:
        sql = "SELECT * FROM deliveries WHERE address = :address ORDER BY local_date, id"
        return await self.store.rows(sql, address=address)

    async def states(self, address: str = "c1") -> list[tuple[str, str]]:
        """The list and the state of each of its rows."""
        return [(row["list_day"], row["state"]) for row in await self.rows(address)]

    async def order(self, number: int) -> Subscription:
        one = await subscriptions.by_id(self.store, number)
        assert one
        return one


@asynccontextmanager
async def program(now: str) -> AsyncIterator[Program]:
    """On a new store; the clock stands at `now`."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        async with opened(Path(folder) / "papers.db") as store:
            clock = Clock(at(now))
            yield Program(store, clock, Growing(clock))


def listed(feed: Growing, *days: str) -> None:
    """Each day's list has two papers from its night on: of 2 June 21 and 22, and so on."""
    for day in days:
        number = int(day[-2:]) * 10
        feed.add(f"{day} 00:05", *papers_of(day, number + 1, number + 2))
