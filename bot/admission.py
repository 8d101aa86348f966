"""Which answer to a person goes next, where answers count in the platform's limit."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from bot.limits import Gate
from bot.ranks import Rank

PATIENCE = 30.0  # seconds after which nobody needs to hear that they must wait


@dataclass(order=True, slots=True)
class _Waiting:
    rank: Rank
    number: int  # in the order of coming
    first: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class Admission:
    """The answers of one platform. Those of lower rank wait while others do, so that a crowd that
    searches keeps nobody's `/help` waiting; within a rank, first come, first served."""

    def __init__(self, gate: Gate, seconds: Callable[[], float]) -> None:
        self._gate = gate
        self._seconds = seconds
        self._numbers = count()
        self._waiting: list[_Waiting] = []
        self._over = False

    async def turn(self, chat: str, spacing: float, rank: Rank) -> bool:
        """Wait until an answer to that chat may go. False: it would be too late to say that."""
        mine = _Waiting(rank, next(self._numbers))
        insort(self._waiting, mine)
        try:
            async with asyncio.timeout(PATIENCE if rank is Rank.SORRY else None):
                await self._come(mine)
        except TimeoutError:
            return False
        finally:
            self._waiting.remove(mine)
            if self._waiting:
                self._waiting[0].first.set()
        self._gate.answered(chat, spacing, self._seconds())
        return True

    async def _come(self, mine: _Waiting) -> None:
        while not self._over:
            mine.first.clear()
            if self._waiting[0] is not mine:
                await mine.first.wait()
            elif pause := self._gate.person_wait(self._seconds()):
                await _any(mine.first, pause)
            else:
                return

    def end(self) -> None:
        """The program stops: what waits goes now."""
        self._over = True
        for each in self._waiting:
            each.first.set()


async def _any(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
