"""What SQLite's errors mean, in one sentence each."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import StoreError, TooLong

INSTEAD = "run it with another Python, such as one from python.org or a python:3 container"
_LACKING = re.compile(r"no such (?:module|function|table): (fts5\w*|json\w*)", re.IGNORECASE)
_REFUSALS = {
    sqlite3.SQLITE_FULL: "The disk is full: nothing was changed.",
    sqlite3.SQLITE_READONLY: "The store cannot be written to: check its folder.",
    sqlite3.SQLITE_CANTOPEN: "The store cannot be opened: check its folder.",
    sqlite3.SQLITE_BUSY: "The store is busy: another program holds it.",
    sqlite3.SQLITE_CORRUPT: "The store's file is damaged: restore a backup.",
    sqlite3.SQLITE_NOTADB: "The store's file is damaged: restore a backup.",
    sqlite3.SQLITE_IOERR: "The disk is full, or does not answer: nothing was changed.",
    sqlite3.SQLITE_PERM: "The store cannot be opened: check its folder.",
    sqlite3.SQLITE_PROTOCOL: "The store's folder is on a disk without locks: move it.",
    sqlite3.SQLITE_NOLFS: "The disk takes no file as large as the store.",
}


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if missing := _lacking(error):
            raise StoreError(missing) from error
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise TooLong from error
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest tells kinds of it apart
        if code in _REFUSALS:
            raise StoreError(_REFUSALS[code]) from error
        raise


def _lacking(error: sqlite3.Error) -> str:
    """The sentence for a feature that this build of SQLite lacks; empty for another error."""
    found = _LACKING.search(str(error))
    return without("FTS5" if found[1].lower().startswith("fts") else "JSON") if found else ""


def without(feature: str) -> str:
    version = sqlite3.sqlite_version
    return f"This Python's SQLite ({version}) was built without {feature}: {INSTEAD}."
