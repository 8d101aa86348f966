"""One command's run: its settings, the event loop, and what its faults become."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TypeVar

import click

from bot import environment, settings
from bot.config import Config
from bot.errors import DailyPapersError
from bot.stop import ignore_signals
from bot.terminal import OutputError
from bot.usage import bare, written

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)


class OneLine(logging.Formatter):
    """What others wrote into a message, a platform's error say, begins no line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return "".join(c if c.isprintable() else "�" for c in super().formatMessage(record))


def start_log() -> None:
    """To standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    for noisy in ("httpx", "discord", "telegram", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def load() -> Config:
    """The settings; a wrong one is one sentence and exit status 1."""
    try:
        return settings.load(environment.settings(Path(".env"), os.environ))
    except DailyPapersError as fault:
        raise click.ClickException(str(fault)) from None


def go(work: Coroutine[None, None, T]) -> T:
    """Run to the end; a fault this program names is one sentence and exit status 1."""
    try:
        return asyncio.run(work)
    except* OutputError as faults:
        if all(fault.unread for fault in _leaves(faults)):
            raise SystemExit(0) from None  # `search ... | head`: its reader has seen enough
        raise click.ClickException(_sentences(faults)) from None
    except* DailyPapersError as faults:
        raise click.ClickException(_sentences(faults)) from None
    finally:
        ignore_signals()


def _sentences(group: BaseExceptionGroup[BaseException]) -> str:
    return "\n".join(sorted({written(str(error), bare) for error in _leaves(group)}))


def _leaves(group: BaseExceptionGroup[E]) -> Iterator[E]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
