"""Presses of buttons take effect in their order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    """One press among those on the same message."""

    def __init__(self, before: Turn | None) -> None:
        self._before = before
        self._over = asyncio.Event()
        self.passed = False  # a later press is waiting, whose answer takes the place of this one's

    async def come(self) -> None:
        """Wait until those before are over."""
        if self._before:
            await self._before._over.wait()
            self._before = None

    def begin_next(self) -> Turn:
        self.passed = True
        return Turn(self)

    def end(self) -> None:
        self._over.set()


class PressQueue:
    """Presses on one person's own answer are answered one after another.

    Each answer takes the place of the one before, so that the last press says which one stays.
    """

    def __init__(self) -> None:
        self._last: dict[int, Turn] = {}

    @asynccontextmanager
    async def taken(self, message: int | None) -> AsyncIterator[Turn]:
        """The turn of a press that came now. None: nothing to wait for."""
        last = None if message is None else self._last.get(message)
        turn = last.begin_next() if last else Turn(None)
        if message is not None:
            self._last[message] = turn
        try:
            yield turn
        finally:
            turn.end()
            if message is not None and self._last.get(message) is turn:
                del self._last[message]
