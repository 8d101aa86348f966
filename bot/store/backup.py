"""Copies of the store, marked so that one put back is known; all of it is SQLite's own."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiosqlite

from bot import location
from bot.errors import StoreError
from bot.states import DeliveryState
from bot.store import Reader, Transaction, files, moment
from bot.store.words import SENDING, UNSENT

_MARK = 0x44504250  # `PRAGMA application_id` of a copy; a store that is in use has 0


@dataclass(frozen=True, slots=True)
class Copy:
    """What a backup holds."""

    papers: int
    subscriptions: int


async def save(store: Path, file: Path) -> Copy:
    """Copy a store, also while a program uses it, to a file that does not exist yet.

    It appears whole or not at all. Raises StoreError.
    """
    with _told(file), _beside(store, file) as part:
        # Not the backup API: its copy could not be told from a store with a -wal file (`check`).
        async with aiosqlite.connect(store, timeout=10, isolation_level=None) as db:
            await db.execute("VACUUM INTO ?", [str(part)])
        async with aiosqlite.connect(part, isolation_level=None) as copy:
            await copy.execute(f"PRAGMA application_id = {_MARK}")
            [[found]] = await copy.execute_fetchall("PRAGMA integrity_check(1)")
            sql = "SELECT (SELECT count(*) FROM papers), (SELECT count(*) FROM subscriptions)"
            [(papers, subscriptions)] = await copy.execute_fetchall(sql)
        if found != "ok":
            raise StoreError(f"No backup was made: the store is damaged ({found}).")
    return Copy(papers, subscriptions)


@contextmanager
def _beside(store: Path, file: Path) -> Iterator[Path]:
    """A name in the same folder; what is there in the end gets the file's name."""
    location.check(store)
    files.check_ours(store)
    if not file.name.strip():
        raise StoreError("No backup was made: name a new file for it.")
    if file.is_dir():
        raise StoreError(
            f"No backup was made: {file} exists already, as a folder: name a new file in it."
        )
    if file.exists():
        raise StoreError(f"No backup was made: {file} exists already.")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
        part = Path(folder) / file.name
        yield part
        part.chmod(0o600)  # whoever has it has all subscriptions
        with part.open("r+b") as whole:
            os.fsync(whole.fileno())
        try:
            os.link(part, file)  # never over a file that came meanwhile
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            part.replace(file)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"No backup was made: {error}.") from error
    except OSError as error:
        raise StoreError(f"No backup was made: {error.strerror}: {file}.") from error


def check(store: Path) -> None:
    """Raises StoreError when a backup was put back beside the -wal file of the store it replaces:
    SQLite would write that file's pages into it."""
    wal = Path(f"{store}-wal")
    if not store.is_file() or not wal.is_file() or not wal.stat().st_size:
        return
    with store.open("rb") as file:
        # The file format's read and write version: 1 in a copy, 2 in a store that has a -wal file.
        if file.read(20)[18:] == b"\x01\x01":
            raise StoreError(
                f"{wal} belongs to another store than {store}: stop every program that uses them, "
                "remove it, and start again."
            )


def is_backup(file: Path) -> bool:
    """Whether a file is a copy that `save` made."""
    try:
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            head = stream.read(72)
    except OSError:
        return False
    # https://www.sqlite.org/fileformat.html: the application id is at offset 68
    return head.startswith(b"SQLite format 3\0") and head[68:] == _MARK.to_bytes(4, "big")


async def is_copy(reader: Reader) -> bool:
    """Whether this store was put back from a backup, and nothing was done about it yet."""
    return bool((await reader.rows("PRAGMA application_id"))[0][0] == _MARK)


async def retire(tx: Transaction, now: datetime, reason: str) -> tuple[int, int]:
    """Nothing that waits in a copy is sent any more, and it is a store again; what its runs up to
    now may have posted is still to be noted (`restored_at`).

    Returns how many posts this retired, and of how many nobody knows whether they arrived.
    """
    sql = f"""UPDATE deliveries SET state = '{DeliveryState.RETIRED}', reason = :reason,
        finished_at = :now WHERE {UNSENT}"""
    retired = await tx.run(sql, now=now, reason=reason)
    sql = f"""UPDATE deliveries SET state = '{DeliveryState.UNKNOWN}', reason = :reason,
        finished_at = :now, ambiguous_at = coalesce(ambiguous_at, tried_at) WHERE {SENDING}"""
    unknown = await tx.run(sql, now=now, reason=reason)
    # Posts made after the backup have numbers this file never saw. Discord would take a new post
    # with such a number for the old one, and old buttons would page through new posts.
    sql = "DELETE FROM sqlite_sequence WHERE name = 'deliveries' RETURNING seq"
    newest = max([row[0] for row in await tx.rows(sql)], default=0)
    sql = "INSERT INTO sqlite_sequence (name, seq) VALUES ('deliveries', :seq)"
    await tx.run(sql, seq=max(newest, int(now.timestamp() * 1000)))
    sql = "INSERT OR REPLACE INTO facts (name, value) VALUES ('restored_at', :now)"
    await tx.run(sql, now=now)
    await tx.run("PRAGMA application_id = 0")
    return retired, unknown


async def restored_at(reader: Reader) -> datetime | None:
    """When a backup was put back whose runs are not noted yet."""
    rows = await reader.rows("SELECT value FROM facts WHERE name = 'restored_at'")
    return moment(rows[0]["value"]) if rows else None


async def settled(tx: Transaction) -> None:
    """They are."""
    await tx.run("DELETE FROM facts WHERE name = 'restored_at'")
