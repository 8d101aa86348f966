"""Signals that end the program: in good order, and in any case within five seconds."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

log = logging.getLogger(__name__)

LIMIT = (
    4.6  # seconds a stop may take: then it is cut off, which loses nothing that a crash would not
)
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@contextmanager
def on_signals() -> Iterator[asyncio.Event]:
    """An event that the first signal sets; what comes later changes nothing: the stop is under way.

    Not the loop's own handlers: with it they end, and a second signal would kill what is left.
    """
    stopping, loop, came = asyncio.Event(), asyncio.get_running_loop(), list[int]()

    def begin(number: int, _: FrameType | None) -> None:
        if not came:
            came.append(number)
            _force_after(LIMIT)
            with suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(stopping.set)

    before = {}
    for number in SIGNALS:
        # Left alone: a hang-up under nohup, and all of them in another thread, as in a test.
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(ValueError):
                before[number] = signal.signal(number, begin) or signal.SIG_DFL
    try:
        yield stopping
    finally:
        if not came:
            for number, handler in before.items():
                signal.signal(number, handler)


def _force_after(seconds: float) -> None:
    """By a thread of its own: whatever hangs, the loop too, does not hold it up."""
    forced = threading.Timer(seconds, _force)
    forced.daemon = True
    forced.start()


def _force() -> None:
    log.warning("stop cut off seconds=%.1f", LIMIT)
    os._exit(0)


def ignore_signals() -> None:
    """The program has ended and only has to go: a further signal has nothing to say."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
