"""A connection to the store's file, with the functions that its word indexes need."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite

from bot.query.normal import stems, words
from bot.query.recheck import is_by


@asynccontextmanager
async def connected(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    # aiosqlite leaves a thread behind where a file cannot be opened, so that is found out before.
    await asyncio.to_thread(lambda: sqlite3.connect(path, timeout=10).close())
    async with aiosqlite.connect(path, isolation_level=None, timeout=10) as db:
        db.row_factory = sqlite3.Row
        # A page holds whole papers: of a new store's 4 KB pages a quarter would be empty.
        await db.execute("PRAGMA page_size = 8192")
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            await db.execute(f"PRAGMA {pragma}")
        # What the word indexes are made of.
        for name, split in (("stems", stems), ("words", words)):
            await db.create_function(name, 1, _spaced(split), deterministic=True)
        await db.create_function("is_by", 2, is_by, deterministic=True)
        yield db


def _spaced(split: Callable[[str], list[str]]) -> Callable[[str], str]:
    return lambda text: " ".join(split(text))


async def secret(db: aiosqlite.Connection) -> bytes:
    """The same for as long as there is the store."""
    sql = "INSERT OR IGNORE INTO facts (name, value) VALUES ('secret', hex(randomblob(16)))"
    await db.execute(sql)
    [[value]] = await db.execute_fetchall("SELECT value FROM facts WHERE name = 'secret'")
    return bytes.fromhex(value)
