"""Signals that end the program: in good order, and in any case within five seconds."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from contextlib import suppress

log = logging.getLogger(__name__)

LIMIT = (
    4.6  # seconds a stop may take: then it is cut off, which loses nothing that a crash would not
)
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


def on_signals() -> asyncio.Event:
    """Set by the first of them; what comes later changes nothing, the stop is under way."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        if number != signal.SIGINT and signal.getsignal(number) is signal.SIG_IGN:
            continue  # nohup
        with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, _begin, stopping)
    return stopping


def _begin(stopping: asyncio.Event) -> None:
    if stopping.is_set():
        return
    stopping.set()
    forced = threading.Timer(LIMIT, _force)
    forced.daemon = True
    forced.start()


def _force() -> None:
    """A thread of its own: whatever hangs, the loop too, does not hold it up."""
    log.warning("stop cut off seconds=%.1f", LIMIT)
    os._exit(0)


def ignore_signals() -> None:
    """The program has ended and only has to go: a further signal has nothing to say."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
