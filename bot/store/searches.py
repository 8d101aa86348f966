"""The reads of searches: beside all others, each search in its turn, and within its time."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import aiosqlite

from bot.errors import Busy, TooLong

AT_ONCE = 2  # searches that read at the same time, of two people
WAITING = 48  # searches that wait for their turn: Telegram takes so many answers in three seconds
PATIENCE = 4.0  # seconds a search may wait; while somebody types, less
AT_FIRST = 0.05  # seconds that a search is taken to last before any did
TYPING = 2.0  # Discord waits three seconds for a list
HALVED = 30.0  # seconds after which the time a person used counts half
REMEMBERED = 1000  # people who used some
_CHECKED = 5_000  # steps of SQLite's machine between two looks at the clock: well under 1 ms

Parameters = Mapping[str, str | int | float | bytes | None]


class Searcher:
    """A connection that one search at a time reads by."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db
        self._until = 0.0  # on the monotonic clock

    @classmethod
    async def over(cls, db: aiosqlite.Connection) -> Searcher:
        searcher = cls(db)
        await db.set_progress_handler(searcher._is_over, _CHECKED)
        return searcher

    def begin(self, seconds: float) -> None:
        """The time of a search begins."""
        self._until = time.monotonic() + seconds

    def _is_over(self) -> bool:
        """Asked by SQLite, in its thread, while it reads."""
        return time.monotonic() > self._until

    async def rows(self, sql: str, params: Parameters) -> list[sqlite3.Row]:
        """Raises TooLong, or SQLite's error when it is interrupted."""
        if self._is_over():
            raise TooLong
        reading = asyncio.ensure_future(self._db.execute_fetchall(sql, params))
        try:
            return list(await asyncio.shield(reading))
        except asyncio.CancelledError:
            self._until = 0.0  # nobody waits for it; but the next search must not wait for it
            await asyncio.gather(reading, return_exceptions=True)
            raise


@dataclass(eq=False, slots=True)
class _Waiting:
    person: str
    typing: bool
    searcher: asyncio.Future[Searcher]  # once it is its turn


# Whose connection the search that is running reads by, also in tasks that it begins.
_SEARCHER: ContextVar[Searcher | None] = ContextVar("searcher", default=None)


def searcher() -> Searcher | None:
    return _SEARCHER.get()


class Searches:
    """Who searches now. Next is who used the least time lately, and one person reads by one
    connection at most: so whoever searches much waits alone."""

    def __init__(
        self, searchers: Sequence[Searcher], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._free = list(searchers)
        self._seconds = seconds
        self._queue: list[_Waiting] = []
        self._running = set[str]()
        self._used: dict[str, tuple[float, float]] = {}  # person -> seconds used, and when told
        self._lasts = AT_FIRST  # seconds, on average of the last few

    @asynccontextmanager
    async def turn(
        self, person: str, seconds: float, *, typing: bool = False
    ) -> AsyncIterator[None]:
        """Whatever is read inside is read beside all other reads, and ends with TooLong when its
        seconds are over: they begin with the turn. Raises Busy when that does not come."""
        searcher = await self._come(_Waiting(person, typing, asyncio.Future()))
        begin = self._seconds()
        searcher.begin(seconds)
        token = _SEARCHER.set(searcher)
        try:
            yield
        finally:
            _SEARCHER.reset(token)
            self._count(person, self._seconds() - begin)
            self._leave(person, searcher)

    async def _come(self, one: _Waiting) -> Searcher:
        with self._queued(one):
            self._advance()
            try:
                async with asyncio.timeout(TYPING if one.typing else PATIENCE):
                    return await one.searcher
            except BaseException as error:
                self._give_back(one)
                if isinstance(error, TimeoutError):
                    raise Busy from None
                raise

    def _give_back(self, one: _Waiting) -> None:
        """Its turn may have come at the same moment as the end of its patience."""
        came = one.searcher
        if came.done() and not came.cancelled() and not came.exception():
            self._leave(one.person, came.result())

    @contextmanager
    def _queued(self, one: _Waiting) -> Iterator[None]:
        """In the queue; what a person typed before waits no longer, and of too many it is whoever
        used the most."""
        former = [w for w in self._queue if (w.person, w.typing) == (one.person, True)]
        self._queue.append(one)
        for other in former if one.typing else ():
            self._refuse(other)
        if len(self._queue) > self._room():
            self._refuse(max(reversed(self._queue), key=lambda w: self._spent(w.person)))
        try:
            yield
        finally:
            if one in self._queue:
                self._queue.remove(one)

    def _room(self) -> int:
        """How many may wait: those whose turn is likely to come in time. Others hear so at once."""
        return max(2 * AT_ONCE, min(WAITING, int(PATIENCE / 2 * AT_ONCE / self._lasts)))

    def _refuse(self, one: _Waiting) -> None:
        self._queue.remove(one)
        if not one.searcher.done():
            one.searcher.set_exception(Busy())

    def _advance(self) -> None:
        """Give the turns there are."""
        while self._free and (ready := [w for w in self._queue if w.person not in self._running]):
            one = min(ready, key=lambda w: self._spent(w.person))
            self._queue.remove(one)
            if one.searcher.done():  # its asker has just gone
                continue
            self._running.add(one.person)
            one.searcher.set_result(self._free.pop())

    def _leave(self, person: str, searcher: Searcher) -> None:
        self._running.discard(person)
        self._free.append(searcher)
        self._advance()

    def _spent(self, person: str) -> float:
        """Seconds a person used lately."""
        seconds, at = self._used.get(person, (0.0, 0.0))
        return float(seconds * 0.5 ** ((self._seconds() - at) / HALVED))

    def _count(self, person: str, seconds: float) -> None:
        self._lasts += (seconds - self._lasts) / 10
        spent = self._spent(person) + seconds
        self._used.pop(person, None)
        self._used[person] = spent, self._seconds()
        if len(self._used) > REMEMBERED:
            del self._used[next(iter(self._used))]
