"""One process for each token: a lock that dies with its process, in a folder of one's own."""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot import __version__
from bot.errors import ConfigError

try:
    import fcntl
except ImportError:  # Windows: a second process is not noticed there
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

_HOLDER = re.compile(rb"process \d{1,10}, since [\d :-]{16} UTC")
# A name may be anything where others write: a link, or a FIFO, which would be waited for.
_PLAINLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def held(setting: str, token: str) -> Iterator[str]:
    """Hold the lock of a token, whichever store or folder of this user it is used from.

    Gives which lock file of which host it is; empty when there can be none. The file names neither
    token nor platform account. Raises ConfigError saying who holds it.
    """
    file = _opened(token)
    if file is None:  # no one can keep the bot from serving so
        log.error("no lock, so a second start goes unnoticed setting=%s", setting)
        yield ""
        return
    try:
        if not _taken(file):
            raise ConfigError(f"Another Daily Papers already serves this {setting}: {_told(file)}.")
        me = f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        with suppress(OSError):  # a full disk
            os.ftruncate(file, 0)
            os.write(file, me.encode())
        status = os.fstat(file)
        yield f"{platform.node()}:{status.st_dev}:{status.st_ino}" if fcntl else ""
    finally:
        os.close(file)


@contextmanager
def all_held(tokens: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Hold the lock of every token, by setting, and give the same of each. Raises ConfigError."""
    with ExitStack() as stack:
        files = {}
        for setting, token in sorted(tokens.items()):
            files[setting] = stack.enter_context(held(setting, token))
            log.info("serving setting=%s version=%s", setting, __version__)
        yield files


def holder(token: str) -> str:
    """Which process of this user serves a token, in words; empty: none."""
    file = _opened(token)
    if file is None:
        return ""
    try:
        return "" if _taken(file) else _told(file)
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _told(file: int) -> str:
    found = _HOLDER.fullmatch(os.pread(file, 100, 0))
    return found[0].decode() if found else "it is just starting"


def _opened(token: str) -> int | None:
    """In the first of our folders that can be used; None: in none of them."""
    name = f"{hashlib.sha256(token.encode()).hexdigest()[:16]}.lock"
    for folder in _folders():
        with suppress(OSError):
            _own(folder)
            file = os.open(folder / name, os.O_RDWR | os.O_CREAT | _PLAINLY, 0o600)
            if stat.S_ISREG(os.fstat(file).st_mode):
                return file
            os.close(file)
    return None


def _folders() -> Iterator[Path]:
    """For temporary files, which every start of one user finds, however it is started; should
    another user have taken the name there, at home."""
    user = os.geteuid() if hasattr(os, "geteuid") else ""
    with suppress(OSError):
        yield Path(tempfile.gettempdir()) / f"daily-papers-{user}"
    with suppress(RuntimeError):
        yield Path.home() / ".cache" / "daily-papers"


def _own(folder: Path) -> None:
    """Make it, for us alone. Raises OSError where it is another's, or no folder."""
    with suppress(FileExistsError):
        folder.mkdir(0o700, parents=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(folder)
    if hasattr(os, "geteuid"):
        if found.st_uid != os.geteuid():
            raise PermissionError(folder)
        folder.chmod(0o700)
