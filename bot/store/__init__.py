"""One SQLite file: one writer behind a lock, one reader, and others for searches, which have turns
and a budget. All SQL lives in this package."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.errors import StoreError
from bot.model import Destination
from bot.store import files
from bot.store.connection import connected, secret
from bot.store.faults import translated
from bot.store.schema import MIGRATIONS
from bot.store.searches import AT_ONCE, Searcher, Searches, searcher
from bot.store.upgrade import FUNCTIONS

log = logging.getLogger(__name__)

Plain = str | int | float | bytes | None
Value = Plain | date | datetime
Row = sqlite3.Row
T = TypeVar("T")
MOST_SHARED = 64  # writes in one commit
INSERTED = 500  # rows that one statement inserts


class Transaction:
    """What runs inside `Store.transaction()`; all of it is kept, or none."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db

    async def rows(self, sql: str, /, **params: Value) -> list[Row]:
        return list(await self._db.execute_fetchall(sql, bind(params)))

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """What runs inside is kept whole or not at all, and the transaction goes on. Raises
        StoreError when the disk refuses: then nothing of the transaction is kept."""
        with translated():
            await self._db.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                await self._db.execute("ROLLBACK TO part")
                raise
            finally:
                await self._db.execute("RELEASE part")

    async def run(self, sql: str, /, **params: Value) -> int:
        """Returns how many rows changed."""
        return (await self._db.execute(sql, bind(params))).rowcount

    async def run_many(self, sql: str, many: Sequence[dict[str, Value]]) -> None:
        await self._db.executemany(sql, [bind(params) for params in many])

    async def put(self, into: str, rows: Sequence[Sequence[Plain]], then: str = "") -> None:
        """Insert rows, of many some hundred in one statement: while it runs, so can Python."""
        whole = len(rows) // INSERTED * INSERTED
        for some, step in ((rows[:whole], INSERTED), (rows[whole:], 1)):
            if some:
                row = f"({', '.join('?' * len(some[0]))})"
                sql = f"INSERT INTO {into} VALUES {', '.join([row] * step)} {then}"
                parts = (some[at : at + step] for at in range(0, len(some), step))
                await self._db.executemany(sql, [[*chain.from_iterable(part)] for part in parts])


_Work = tuple[Callable[[Transaction], Awaitable[None]], Callable[[Exception | None], None]]


class Store:
    """Made by `opened`. Reads have a connection of their own: never a half-done transaction."""

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection,
        searchers: Sequence[Searcher],
    ) -> None:  # fmt: skip
        self.path = path
        self._writer = writer
        self._reader = reader
        self.searches = Searches(searchers)
        self._turn = asyncio.Lock()
        self.secret = b""  # signs what only this store can have put on a button
        self._waiting: list[_Work] = []

    async def rows(self, sql: str, /, **params: Value) -> list[Row]:
        """Raises StoreError; TooLong beyond the search's budget."""
        mine = searcher()
        with translated():
            if mine:
                return await mine.rows(sql, bind(params))
            return list(await self._reader.execute_fetchall(sql, bind(params)))

    async def row(self, sql: str, /, **params: Value) -> Row | None:
        found = await self.rows(sql, **params)
        return found[0] if found else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One writer at a time; durable when it returns. Raises StoreError, rolled back."""
        async with self._turn, self._began() as tx:
            yield tx

    @asynccontextmanager
    async def _began(self) -> AsyncIterator[Transaction]:
        with translated():
            try:
                await self._writer.execute("BEGIN IMMEDIATE")
                yield Transaction(self._writer)
                await self._writer.execute("COMMIT")
            except BaseException:
                # Does nothing when nothing is open. A cancelled BEGIN or COMMIT still runs in
                # the connection's thread, before this.
                await self._writer.rollback()
                raise

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do `work` as a transaction whose commit others that wait may share: a commit costs a
        sync of the disk, a share of it little. When one of them fails, each is done by itself."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        result: list[T] = []

        async def run(tx: Transaction) -> None:
            result[:] = [await work(tx)]

        def resolve(error: Exception | None) -> None:
            if not done.done():
                done.set_exception(error) if error else done.set_result(result[0])

        self._waiting.append((run, resolve))
        async with self._turn:
            if not done.done():
                batch, self._waiting = self._waiting[:MOST_SHARED], self._waiting[MOST_SHARED:]
                try:
                    await self._commit(batch)
                except asyncio.CancelledError:  # the others' turns come
                    self._waiting[:0] = [one for one in batch if one != (run, resolve)]
                    raise
        return await done

    async def _commit(self, batch: Sequence[_Work]) -> None:
        try:
            async with self._began() as tx:
                for run, _ in batch:
                    await run(tx)
        except Exception as error:
            if len(batch) == 1:
                batch[0][1](error)
                return
            for one in batch:
                await self._commit([one])
        else:
            for _, resolve in batch:
                resolve(None)

    async def damage(self) -> str | None:
        """What `PRAGMA quick_check` finds wrong, in its words; None when nothing is."""
        found = await self.row("PRAGMA quick_check(1)")
        return None if found is None or found[0] == "ok" else str(found[0])

    async def optimize(self) -> None:
        with translated():
            async with self._turn:
                await self._writer.execute("PRAGMA optimize")
                await self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)")


Reader = Store | Transaction  # both answer `rows`


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Store]:
    """Open, make or migrate the store. Raises StoreError when the file cannot be used."""
    with translated():
        await asyncio.to_thread(files.prepare, path)
        async with connected(path) as writer:
            await _migrate(writer)
            async with AsyncExitStack() as stack:
                reader, *others = [
                    await stack.enter_async_context(connected(path)) for _ in range(1 + AT_ONCE)
                ]
                for db in (reader, *others):
                    await db.execute("PRAGMA query_only = ON")
                store = Store(path, writer, reader, [await Searcher.over(db) for db in others])
                store.secret = await secret(writer)
                yield store


async def _migrate(db: aiosqlite.Connection) -> None:
    await db.execute("BEGIN IMMEDIATE")  # two programs may open a new file at once
    [[version]] = await db.execute_fetchall("PRAGMA user_version")
    if version > len(MIGRATIONS):
        raise StoreError("The store was made by a newer version of this program; update it.")
    for name, arguments, function in FUNCTIONS:
        await db.create_function(name, arguments, function, deterministic=True)
    for statement in chain.from_iterable(MIGRATIONS[version:]):
        await db.execute(statement)
    await db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    await db.execute("COMMIT")


def bind(params: dict[str, Value]) -> dict[str, Plain]:
    return {name: bound(value) for name, value in params.items()}


def bound(value: Value) -> Plain:
    """Days as YYYY-MM-DD, moments as UTC in microseconds: both sort as text."""
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value


def at(where: Destination) -> dict[str, str]:
    """A place, as the parameters of a query."""
    return {"platform": where.platform, "address": where.address}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """Raises ValueError or TypeError for what is none, as `instant`, `day` and `number` do: SQLite
    keeps any value in any column."""
    return instant(text) if text else None


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"no zone: {text!r}")
    return at


def or_none(parse: Callable[[Any], T], value: object) -> T | None:
    """What a source can say again is as if unknown where it cannot be read."""
    try:
        return parse(value)
    except (ValueError, TypeError):
        return None


def number(value: object, least: int = 0) -> int:
    if not isinstance(value, int) or value < least:
        raise ValueError(f"no number from {least} on: {value!r}")
    return value


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def read_all(rows: Iterable[Row], read: Callable[[Row], T], noun: str) -> tuple[list[T], list[int]]:
    """What these rows say, and the ids of those that `read` raises ValueError or TypeError for:
    they are named in the log."""
    good, broken = list[T](), list[int]()
    for row in rows:
        try:
            good.append(read(row))
        except (ValueError, TypeError) as error:
            log.error("row cannot be read %s=%s reason=%s", noun, row["id"], error)
            broken.append(row["id"])
    return good, broken
