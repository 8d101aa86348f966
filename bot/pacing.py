"""How fast `doctor` asks a platform, which serves a running bot at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 64  # requests under way: a slow place holds up no other

Yield = Callable[[], Awaitable[None]]  # waits while a running bot needs the platform's rate


async def at_once() -> None:
    """There is no running bot."""


class Throttle:
    """Requests start evenly spaced; after a 429 later, and a fifth slower."""

    def __init__(self, rate: float, give_way: Yield = at_once) -> None:
        self._spacing = 1 / rate  # seconds
        self._give_way = give_way
        self._next = 0.0
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def take(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` gives, when its turn has come."""
        async with self._slots:
            await self._give_way()
            now = asyncio.get_running_loop().time()
            begin = self._next = max(self._next, now)
            self._next += self._spacing
            await asyncio.sleep(begin - now)
            return await ask()

    def rest(self, seconds: float) -> None:
        """The platform asks for it."""
        later = asyncio.get_running_loop().time() + seconds
        self._next = max(self._next, later)
        self._spacing *= 1.25
