"""One platform as the outbox meets it, seen from above: what it took, and what it is asked."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.dialogue import Message
from bot.errors import PostError, Untold
from bot.model import Pace, Place, Receipt
from bot.store import Row
from tests.fakes import Clock, gone, lost, unreachable


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


@dataclass(frozen=True)
class Copy:
    """What people see."""

    key: str
    message: Message
    chat: str
    at: datetime
    id: str


@dataclass(frozen=True)
class Answer:
    """How the platform treats one request, and what happens elsewhere while it does."""

    what: str
    meanwhile: str


FAULTS: dict[str, Callable[[], Exception]] = {
    "answer lost": lost,
    "request lost": lost,
    "late": lost,
    "unreachable": unreachable,
    "too fast": lambda: PostError("too fast", retry_after=17.0),
    "not understood": lambda: PostError("40333", rejected=True),
    "gone": gone,
    "refused": lambda: PostError("embed too large", refused=True),
    "breaks": ZeroDivisionError,
}
Meanwhile = Callable[[str, str, Row], Coroutine[Any, Any, None]]


@dataclass
class Platform:
    """It answers each address by its script, and then takes everything."""

    clock: Clock  # its own, which never jumps
    reads_back: bool
    meanwhile: Meanwhile
    row: Callable[[str], Coroutine[Any, Any, Row | None]]  # of a key, as it is durable
    name: str = "discord"
    resend_within: timedelta = timedelta(0)
    remembers: timedelta = timedelta(0)  # a key, for longer than we rely on: requests take time
    pace: Pace = field(default_factory=lambda: Pace(10_000, 10_000, 2))
    up: asyncio.Event = field(default_factory=asyncio.Event)
    shown: list[Copy] = field(default_factory=list)
    ids: "count[int]" = field(default_factory=count)
    late: list[tuple[datetime, Copy]] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    script: dict[str, deque[Answer]] = field(default_factory=dict)
    flying: set[str] = field(default_factory=set)
    claims: list[Row] = field(default_factory=list)
    blamed: Counter[str] = field(default_factory=Counter)  # key -> how often its place was
    refused: set[str] = field(default_factory=set)  # keys whose usual form was
    wrong: list[str] = field(default_factory=list)  # an assert in `post` would be a fault of it

    def __post_init__(self) -> None:
        self.up.set()

    def chat(self, address: str) -> tuple[str, float]:
        return address, 0.0

    def place(self, address: str) -> Place:
        return Place(f"#{address}")

    async def run(self, handle: object) -> None: ...

    async def obstacle(self, address: str) -> str:
        return ""

    async def check(self, addresses: object) -> list[str]:
        return []

    async def post(
        self, address: str, message: Message, *, key: str, plain: bool = False
    ) -> Receipt:
        if key in self.flying:
            self.wrong.append(f"{key} was sent twice at once")
        self.flying.add(key)
        try:
            claim = await self.row(key)
            self._look_at(claim, key, plain)
            script = self.script.get(address)
            answer = script.popleft() if script else Answer("accept", "")
            if answer.meanwhile and claim:
                await self.meanwhile(answer.meanwhile, address, claim)
            await asyncio.sleep(0)
            return self._answered(answer.what, address, message, key, plain)
        finally:
            self.flying.discard(key)

    def _look_at(self, claim: Row | None, key: str, plain: bool) -> None:
        if claim is None or claim["state"] != "sending":
            self.wrong.append(f"{key} was sent without an intent")
            return
        self.claims.append(claim)
        if claim["tried_at"] >= claim["deadline"]:
            self.wrong.append(f"{key} was sent after its deadline")
        if plain != (key in self.refused):
            self.wrong.append(f"{key} was sent plain={plain}")

    def _answered(
        self, what: str, address: str, message: Message, key: str, plain: bool
    ) -> Receipt:
        self.arrive()
        made = Copy(key, message, self.home(address), self.clock.now, f"m{next(self.ids)}")
        if what == "malformed":  # its usual form is; its plainest is not
            what = "accept" if plain else "refused"
        if what == "moves":
            self.moved.setdefault(address, f"{address}2")
        if address in self.moved:
            raise PostError("the chat moved", moved_to=self.moved[address])
        self.blamed[key] += what == "gone"
        self.refused |= {key} if what == "refused" else set()
        if what in ("accept", "answer lost", "killed after"):
            made = self._take(made)
        if what == "late":  # the request is slow, and arrives after we gave it up
            self.late.append((self.clock.now + timedelta(seconds=20), made))
        if what.startswith("killed"):
            raise Killed
        if what in FAULTS:
            raise FAULTS[what]()
        return Receipt(made.id)

    def _take(self, made: Copy) -> Copy:
        for known in self.shown:
            if known.key == made.key and made.at < known.at + self.remembers:
                return known
        self.shown.append(made)
        return made

    def arrive(self) -> None:
        for when, made in [one for one in self.late if one[0] <= self.clock.now]:
            self.late.remove((when, made))
            self._take(Copy(made.key, made.message, made.chat, when, made.id))

    def home(self, address: str) -> str:
        while address in self.moved:
            address = self.moved[address]
        return address

    async def find(self, address: str, message: Message) -> Receipt | None:
        self.arrive()
        script = self.script.get(address)
        what = script.popleft().what if script else "accept"
        if not self.reads_back or what == "refused":
            raise Untold("nobody can tell")
        if what in ("unreachable", "too fast", "answer lost", "not understood"):
            raise FAULTS[what]()
        here = [c for c in self.shown if (c.chat, c.message) == (self.home(address), message)]
        return Receipt(here[-1].id) if here else None
