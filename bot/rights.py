"""Who else of this machine's users may read what the bot keeps, and how that is mended."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from bot.store.backup import is_backup

_LOOKED_AT = 2000  # files in search of backups


def open_to_others(store: Path, env: Path = Path(".env")) -> list[str]:
    """A sentence for each file or folder that others can read; empty: they can read none."""
    if os.name == "nt":  # it has other rights
        return []
    places = dict.fromkeys(path.absolute() for path in (Path(), store.parent))
    every = chain.from_iterable(map(_files, places))
    copies = [path for path in islice(every, _LOOKED_AT) if is_backup(path)]
    faults = [_open_to_others(path) for path in (store.parent, store, env, *copies)]
    if not faults[1]:  # else they have the store's rights, and will have its new ones
        faults += [_open_to_others(Path(f"{store}{end}")) for end in ("-wal", "-shm")]
    return list(dict.fromkeys(filter(None, faults)))


def _files(folder: Path) -> Iterator[Path]:
    """Those in a folder, and in its folders."""
    inner = []
    for path in _listed(folder):
        if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            inner.append(path)
        else:
            yield path
    for one in inner:
        yield from _listed(one)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _open_to_others(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ""
    # A folder that many share is not the bot's to close: its own files are what counts there.
    shared = stat.S_ISDIR(found.st_mode) and (path == Path() or found.st_mode & stat.S_ISVTX)
    # Another's file that our group may read is ours by that alone.
    others = 0o077 if found.st_uid == os.geteuid() else 0o007
    if shared or not found.st_mode & others:
        return ""
    right = "700" if stat.S_ISDIR(found.st_mode) else "600"
    return f"others may read {path}: chmod {right} {path}"
