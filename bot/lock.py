"""One process for each token: a lock that dies with its process."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import ConfigError

try:
    import fcntl
except ImportError:  # Windows: a second process is not noticed there
    fcntl = None  # type: ignore[assignment]


@contextmanager
def held(setting: str, token: str) -> Iterator[None]:
    """Hold the lock of a token, whichever store or folder of this machine it is used from.

    The file names neither token nor platform account. Raises ConfigError saying who holds it.
    """
    name = hashlib.sha256(token.encode()).hexdigest()[:16]
    file = _opened(setting, f"daily-papers-{name}.lock")
    try:
        _take(setting, file)
        yield
    finally:
        os.close(file)


def _take(setting: str, file: int) -> None:
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(file, 100, 0).decode() or "it is just starting"
        raise ConfigError(
            f"Another Daily Papers already serves this {setting}: {holder}."
        ) from None
    with suppress(OSError):  # another user's file can be locked, but not written to
        os.ftruncate(file, 0)
        me = f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        os.write(file, me.encode())


def _opened(setting: str, name: str) -> int:
    """In a folder that all may write to, a name may be a link to a file of ours: not followed."""
    try:
        path = Path(tempfile.gettempdir()) / name
        follow = getattr(os, "O_NOFOLLOW", 0)
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | follow, 0o644)
        except PermissionError:
            return os.open(path, os.O_RDONLY | follow)
    except OSError as error:
        raise ConfigError(
            f"The lock file of {setting} cannot be opened ({error}); "
            "if no other user serves this token, remove it."
        ) from error
