"""Where the store is, and what is said where there is none."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

from bot.errors import StoreError


def is_absent(file: Path) -> bool:
    """Whether there is no store, nor anything else, at that place. SQLite takes an empty file for a
    new database."""
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # there may be one, which cannot be looked at: who opens it says why
        return False
    return stat.S_ISREG(found.st_mode) and not found.st_size


def none_at(file: Path) -> str:
    """One sentence: where was looked, and how another store is named."""
    return (
        f"There is no store at {file.absolute()}: `run` makes one there; for another, cd to the "
        "folder with its .env, or name it in DATABASE_URL."
    )


def made_at(file: Path) -> str:
    """One sentence."""
    return f"A new, empty store was made at {file.absolute()}."


def check(file: Path) -> None:
    """Raises StoreError where there is no store."""
    if is_absent(file):
        raise StoreError(none_at(file))


def check_can_be_made(file: Path) -> None:
    """Makes none. Raises StoreError where none can be."""
    try:
        with tempfile.TemporaryFile(dir=nearest_folder(file)):
            pass
    except OSError as error:
        raise StoreError(f"The store {file} cannot be made: {error.strerror}.") from error


def nearest_folder(file: Path) -> Path:
    """The folder of a file, or the one in which it would be made."""
    folders = file.parent.absolute().parents
    return file.parent if file.parent.is_dir() else next(f for f in folders if f.is_dir())
