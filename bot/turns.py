"""Fair turns: how much one person, or one chat, may ask. Times are seconds of a monotonic clock."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.dialogue import Message, Request
from bot.errors import UserError

Key = tuple[str, str]  # platform, and a person's or a place's address
REMEMBERED = 10_000  # people and places that asked lately


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many at once, and then so many a second."""

    burst: float
    rate: float


PERSON = Allowance(15, 0.5)
PLACE = Allowance(40, 1.0)
TYPING = Allowance(40, 4.0)  # lists that are shown while one types
KEEPING = Allowance(100, 100 / 86_400)  # answers whose buttons have words that the store must keep
AT_ONCE = 2  # requests of one person that are worked on, or wait for it
WAITING = 3


class Bucket:
    """Tokens that come back with time."""

    __slots__ = ("_at", "_left", "told")

    def __init__(self, allowance: Allowance, now: float) -> None:
        self._left = allowance.burst
        self._at = now
        self.told = -math.inf  # until when it need not be told again that it asked too much

    def take(self, allowance: Allowance, now: float) -> float:
        """0.0: one was taken; else seconds until there is one."""
        gained = max(now - self._at, 0.0) * allowance.rate
        self._left, self._at = min(allowance.burst, self._left + gained), now
        if self._left >= 1.0:
            self._left -= 1.0
            return 0.0
        return (1.0 - self._left) / allowance.rate

    def is_full(self, allowance: Allowance, now: float) -> bool:
        return self._left + (now - self._at) * allowance.rate >= allowance.burst


class Buckets:
    """One for each key that asked lately."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._of: dict[Key, Bucket] = {}

    def take(self, key: Key, now: float) -> tuple[float, Bucket]:
        """Seconds to wait, and whose bucket that is."""
        if key not in self._of and len(self._of) >= REMEMBERED:
            self._forget(now)
        bucket = self._of.setdefault(key, Bucket(self._allowance, now))
        return bucket.take(self._allowance, now), bucket

    def _forget(self, now: float) -> None:
        """Those that are full say nothing; were all of them busy, the oldest go."""
        busy = {k: b for k, b in self._of.items() if not b.is_full(self._allowance, now)}
        self._of = dict(list(busy.items())[-REMEMBERED // 2 :])


@dataclass(slots=True)
class _Pending:
    """One person's requests."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    count: int = 0


class FairUse:
    """Who may be answered now. One person who asks too much waits alone."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._people, self._places = Buckets(PERSON), Buckets(PLACE)
        self._typing = Buckets(TYPING)
        self._pending: dict[Key, _Pending] = {}

    def refusal(self, request: Request) -> Message | None:
        """What to say to somebody who asked too much: a message without words when that was said
        already. None: they are to be answered."""
        now, platform = self._seconds(), request.platform
        asked = [(self._people, request.person, "You")]
        if not request.one_to_one:
            asked.append((self._places, request.address, "This chat"))
        for buckets, who, name in asked:
            pause, bucket = buckets.take((platform, who), now)
            if pause:
                return _told(bucket, name, pause, now)
        return None

    def may_type(self, request: Request) -> bool:
        """Whether a list is made for somebody who types."""
        pause, _ = self._typing.take((request.platform, request.person), self._seconds())
        return not pause

    @asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[None]:
        """A person's requests are done a few at a time. Raises UserError when too many wait."""
        key = (request.platform, request.person)
        pending = self._pending.setdefault(key, _Pending())
        if pending.count >= AT_ONCE + WAITING:
            raise UserError("One after the other, please: I am still at what you asked before.")
        pending.count += 1
        try:
            async with pending.slots:
                yield
        finally:
            pending.count -= 1
            if not pending.count:
                self._pending.pop(key, None)


def _told(bucket: Bucket, name: str, pause: float, now: float) -> Message:
    if now < bucket.told:
        return Message(private=True)
    bucket.told = now + max(pause, 30.0)
    wait = f"{math.ceil(pause)} second{'s' if pause > 1 else ''}"
    text = f"{name} asked a lot at once. In {wait} I answer again."
    return Message(text=text, private=True)
