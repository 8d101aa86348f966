"""One process for each token: a lock that dies with its process."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import ConfigError

try:
    import fcntl
except ImportError:  # Windows: a second process is not noticed there
    fcntl = None  # type: ignore[assignment]


@contextmanager
def held(setting: str, token: str) -> Iterator[None]:
    """Hold the lock of a token, whichever store or folder it is used from.

    The file names neither token nor platform account. Raises ConfigError saying who holds it.
    """
    name = hashlib.sha256(token.encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"daily-papers-{name}.lock"
    with path.open("a+", encoding="utf-8") as file:
        try:
            if fcntl:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ConfigError(
                f"Another Daily Papers already serves this {setting}: {file.read().strip()}."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
        file.flush()
        yield
