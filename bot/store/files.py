"""The files of the store: for their owner alone, and what must hold before SQLite writes there."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from bot.errors import StoreError
from bot.store.faults import INSTEAD, without

OLDEST = (3, 35)  # RETURNING and DROP COLUMN
_OURS = {"papers", "subscriptions", "deliveries"}
_HEAD = b"SQLite format 3\0"
_FEATURES = {  # what a build of SQLite can lack, and what shows it
    "FTS5": "CREATE VIRTUAL TABLE temp.probe USING fts5 (words)",
    "JSON": "SELECT value FROM json_each('[1]')",
}


def prepare(path: Path) -> None:
    """Make the folder and the file where there are none. Raises StoreError where no store can be,
    and sqlite3.Error; a file of another program is left as it is."""
    _check_sqlite()
    _make_folder(path.parent)
    _make(Path(os.path.realpath(path)))
    if not path.is_file():
        raise StoreError(f"The store cannot be at {path}: that is no file.")
    check_ours(path)


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise StoreError(
            f"This Python's SQLite is {sqlite3.sqlite_version}; {oldest} or newer is needed: "
            f"{INSTEAD}."
        )
    db = sqlite3.connect(":memory:")
    try:
        for feature, statement in _FEATURES.items():
            try:
                db.execute(statement)
            except sqlite3.Error as error:
                raise StoreError(without(feature)) from error
    finally:
        db.close()


def _make_folder(folder: Path) -> None:
    try:
        with suppress(FileExistsError):
            folder.mkdir(0o700, parents=True)
            folder.chmod(0o700)  # whatever the umask
        if not folder.is_dir():
            raise NotADirectoryError(20, "Not a directory")
    except OSError as error:
        raise StoreError(f"The folder {folder} cannot be made: {error.strerror}.") from error


def _make(file: Path) -> None:
    """SQLite gives the -wal and -shm files the rights of this one."""
    try:
        with suppress(FileExistsError):
            made = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            os.close(made)
            file.chmod(0o600)
    except OSError as error:
        raise StoreError(f"The store {file} cannot be made: {error.strerror}.") from error


def check_ours(path: Path) -> None:
    """Raises StoreError for a file of another program, not for an empty one; and sqlite3.Error."""
    if _is_foreign(path):
        raise StoreError(
            f"{path} is no SQLite file, so no store of Daily Papers: name another file in "
            "DATABASE_URL; if it was a store, put a backup back."
        )
    db = sqlite3.connect(path, timeout=10)
    try:
        [version] = db.execute("PRAGMA user_version").fetchone()
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    finally:
        db.close()
    if not names >= _OURS and (names or version):
        raise StoreError(
            f"{path} is the database of another program: name another file in DATABASE_URL."
        )


def _is_foreign(path: Path) -> bool:
    """Whether it begins as no database does: https://www.sqlite.org/fileformat.html"""
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEAD))
    except OSError:  # SQLite says what is wrong
        return False
    return bool(head.strip(b"\0")) and head != _HEAD  # zeros: what a disk lost
