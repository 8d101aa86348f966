"""A feed that grows, two platforms that fail in every way, people who pause, move and resume, and a
program that is stopped, killed and started again, over as many days as a test wants.

Only the ports, the commands and the clock are used: nothing of the program's inside.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bot import app, restore, rewind
from bot.collect import Collector
from bot.commands import registry
from bot.commands.answer import answer
from bot.commands.context import Context
from bot.delivery import Dispatcher
from bot.dialogue import Message, Request
from bot.errors import NotOpenYet, PostError, SourceError, Untold
from bot.lookup import Lookups
from bot.model import Destination, Pace, Paper, Place, Receipt
from bot.period import Period
from bot.places import Places
from bot.schedule import DAY
from bot.search.engine import Engine
from bot.store import opened
from tests.fakes import Clock, paper
from tests.rounds import send_due

HOUR = timedelta(hours=1)


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


@dataclass
class ListedPaper:
    paper: Paper
    joined: datetime
    left: datetime | None = None


class GrowingFeed:
    """Lists that grow through their day, with late papers, papers taken off, and days published
    late; and the ways in which a feed goes wrong."""

    name = "huggingface"
    every = timedelta(minutes=10)

    def __init__(self, clock: Clock, seed: int, first: date, days: int) -> None:
        self._clock = clock
        self._chance = random.Random(f"feed {seed}")
        self.lists = {first + n * DAY: self._grown(first + n * DAY, n) for n in range(days)}
        self.down: list[tuple[datetime, datetime]] = []
        self.broken_days: set[date] = set()
        self.stale_until: dict[date, datetime] = {}  # till then the day before is answered

    def _grown(self, day: date, number: int) -> list[ListedPaper]:
        if day.weekday() >= 5 or self._chance.random() < 0.05:  # a holiday
            return []
        midnight = datetime.combine(day, time(), UTC)
        late = 30 * HOUR if self._chance.random() < 0.08 else timedelta(0)
        listed = []
        for n in range(self._chance.randint(3, 7)):
            hours = self._chance.choice([1, 2, 4, 8, 14, 20, 23, 26, 40])
            joined = midnight + late + hours * HOUR
            left = joined + 5 * HOUR if n > 3 and self._chance.random() < 0.1 else None
            listed.append(ListedPaper(paper(number * 10 + n, day), joined, left))
        return listed

    def at(self, day: date, moment: datetime) -> tuple[Paper, ...]:
        """The list as it stands then."""
        there = (
            one.paper
            for one in self.lists.get(day, ())
            if one.joined <= moment and not (one.left and one.left <= moment)
        )
        return tuple(there)

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        now = self._clock.now
        if any(start <= now < end for start, end in self.down) or day in self.broken_days:
            raise SourceError("the feed answered 500")
        if datetime.combine(day, time(), UTC) > now:
            raise NotOpenYet("not open yet")
        if now < self.stale_until.get(day, now):
            return self.at(day - DAY, now)
        return self.at(day, now)

    async def fetch_period(self, period: Period) -> tuple[Paper, ...]:
        return ()

    async def newest(self) -> date | None:
        return max((day for day in self.lists if self.at(day, self._clock.now)), default=None)

    async def find(self, paper_id: str) -> Paper | None:
        return None

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Seen:
    """A message as it came to a chat, or may have come."""

    key: str
    at: datetime
    message: Message
    sure: bool  # False: the platform did not say


@dataclass
class Platform:
    """One chat platform. `reads_back` and a nonce: like Discord; neither: like Telegram."""

    name: str
    clock: Clock
    reads_back: bool
    chance: random.Random
    resend_within: timedelta = timedelta(0)
    pace: Pace = field(default_factory=lambda: Pace(10_000, 10_000))
    up: asyncio.Event = field(default_factory=asyncio.Event)
    chats: dict[str, list[Seen]] = field(default_factory=dict)
    down: list[tuple[datetime, datetime]] = field(default_factory=list)  # cannot be reached
    shaky: float = 0.0  # how often an answer is lost
    forbidden: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    slips: dict[str, int] = field(default_factory=dict)  # so often "no access", and never again
    malformed: dict[str, int] = field(default_factory=dict)  # so often "invalid form"
    kill_at: int = 0  # the request with this number kills the program
    requests: int = 0

    async def run(self, handle: object) -> None: ...

    async def post(
        self, address: str, message: Message, *, key: str, plain: bool = False
    ) -> Receipt:
        self.requests += 1
        now = self.clock.now
        if any(start <= now < end for start, end in self.down):
            raise PostError("the platform cannot be reached")
        if self._refuses(address):
            raise PostError("no access", permanent=True, remedy="Let me in.")
        if not plain and self.malformed.get(address, 0) > 0:
            self.malformed[address] -= 1
            raise PostError("invalid form", refused=True)
        lost = self.chance.random() < self.shaky
        arrives = not lost or self.chance.random() < 0.5
        known = [s for s in self.chats.get(address, []) if s.key == key and s.sure]
        again = known and now < known[-1].at + self.resend_within
        if not again:
            self.chats.setdefault(address, []).append(Seen(key, now, message, arrives))
        if self.requests == self.kill_at:
            raise Killed
        if lost:
            raise PostError("the answer was lost", ambiguous=True)
        return Receipt(key)

    def _refuses(self, address: str) -> bool:
        if self.slips.get(address, 0) > 0:
            self.slips[address] -= 1
            return True
        start, end = self.forbidden.get(address, (self.clock.now, self.clock.now))
        return start <= self.clock.now < end

    async def find(self, address: str, message: Message) -> Receipt | None:
        if not self.reads_back:
            raise Untold("nobody can tell")
        titles = _titles(message)
        for seen in self.chats.get(address, []):
            if seen.sure and _titles(seen.message) == titles:
                return Receipt(seen.key)
        return None

    def chat(self, address: str) -> tuple[str, float]:
        return address, 0.0

    def place(self, address: str) -> Place:
        return Place(address)

    async def obstacle(self, address: str) -> str:
        start, end = self.forbidden.get(address, (self.clock.now, self.clock.now))
        return "no access" if start <= self.clock.now < end else ""

    async def check(self, addresses: object) -> list[str]:
        return []


def _titles(message: Message) -> list[str]:
    shown = [entry.title for section in message.sections for entry in section.entries]
    return [message.title, message.text, *shown]


async def _may() -> bool:
    return True


@dataclass
class Life:
    """The program between a start and a stop."""

    ctx: Context
    dispatcher: Dispatcher
    places: Places
    platforms: Sequence[str]

    async def tick(self) -> None:
        """What the bells do, and what is due is sent."""
        await app.tick(app.Core(self.ctx, registry()), self.dispatcher)
        await self.places.look_at_lost()
        for _ in range(50):
            if not sum([await send_due(self.dispatcher, name) for name in self.platforms]):
                return

    async def says(self, where: Destination, text: str) -> Message:
        command, _, words = text.partition(" ")
        return await self._ask(where, command=command, text=words)

    async def presses(self, where: Destination, data: str) -> Message:
        return await self._ask(where, data=data)

    async def _ask(self, where: Destination, **what: str) -> Message:
        asked = Request(where.platform, where.address, f"owner of {where.address}",
                        place=where.address, may_manage=_may, **what)  # fmt: skip
        return await answer(self.ctx, registry(), asked)


@dataclass
class Earth:
    """What is there whether the program runs or not."""

    clock: Clock
    feed: GrowingFeed
    platforms: dict[str, Platform]
    path: Path

    @asynccontextmanager
    async def life(self) -> AsyncIterator[Life]:
        async with opened(self.path) as store:
            search = await Engine.over(store, today=lambda: self.clock.now.date())
            collector = Collector(store, [self.feed])
            ctx = Context(store, collector, search, self.clock, Lookups(collector))
            await rewind.rewind(store, self.clock.now, jumped=False)
            await restore.settle(store, ctx.collector, self.clock.now)
            dispatcher = Dispatcher(store, self.platforms, self.clock)
            await dispatcher.recover()
            places = Places(store, self.platforms, self.clock)
            yield Life(ctx, dispatcher, places, tuple(self.platforms))


def earth(path: Path, seed: int, first: datetime, days: int) -> Earth:
    clock = Clock(first)
    platforms = {
        "discord": Platform("discord", clock, True, random.Random(f"d {seed}")),
        "telegram": Platform("telegram", clock, False, random.Random(f"t {seed}")),
    }
    platforms["discord"].resend_within = timedelta(seconds=60)
    for platform in platforms.values():
        platform.up.set()
    return Earth(clock, GrowingFeed(clock, seed, first.date(), days + 3), platforms, path)
