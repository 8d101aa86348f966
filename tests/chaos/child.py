"""The real program in a child process, which may be told to die at the n-th passage of a step."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

import adapters.discord.client
import adapters.telegram.client
from bot import app, config, outcome
from bot.delivery import Dispatcher
from bot.store import outbox

Call = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Point:
    """A function of the program, watched from outside."""

    owner: Any
    name: str
    before: bool = False
    counts: Callable[..., bool] = lambda *_: True  # of the arguments before, of the result after


def _is_message(response: aiohttp.ClientResponse, *_: object) -> bool:
    path = response.url.path
    return response.method == "POST" and path.endswith(("/sendMessage", "/messages"))


# What the engine calls at each step: the one table to change when the engine does.
STEPS = {
    "after_claim": (Point(Dispatcher, "_pick", counts=bool),),
    "after_intent": (Point(Dispatcher, "_commit", counts=bool),),  # it is durable
    "after_written": (Point(aiohttp.ClientResponse, "start", before=True, counts=_is_message),),
    "after_answer": (
        Point(adapters.telegram.client.Telegram, "post"),
        Point(adapters.discord.client.Discord, "post"),
    ),
    "before_mark": (Point(outbox, "sent", before=True),),
    "after_mark": (Point(outbox, "sent"),),  # it is not durable yet
    "after_commit": (Point(Dispatcher, "_commit"),),
}


class Fuse:
    """Kills this process at the n-th passage after its first post to Discord, which is up last."""

    def __init__(self, nth: int) -> None:
        self._left = nth
        self._lit = False
        post = adapters.discord.client.Discord.post

        async def first(*args: Any, **named: Any) -> Any:
            self._lit = True
            return await post(*args, **named)

        setattr(adapters.discord.client.Discord, "post", first)  # noqa: B010 - not its own kind

    def watch(self, point: Point) -> None:
        inner: Call = getattr(point.owner, point.name)

        async def watched(*args: Any, **named: Any) -> Any:
            if point.before:
                if point.counts(*args):
                    await asyncio.sleep(0)  # aiohttp writes a request's body in a task
                    await asyncio.sleep(0)
                    self._pass()
                return await inner(*args, **named)
            result = await inner(*args, **named)
            if point.counts(result):
                self._pass()
            return result

        setattr(point.owner, point.name, watched)

    def _pass(self) -> None:
        self._left -= self._lit
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _impatient(seconds: float) -> None:
    """Shorter waits for an answer than the product's, so that a test need not wait as long."""
    transport = adapters.telegram.client.Transport
    for module, name, value in (
        (adapters.discord.client, "_TIMEOUT", seconds),
        (outcome, "SECOND_LOOK", seconds),
        (
            adapters.telegram.client,
            "Transport",
            lambda connections, read_timeout, network: transport(
                connections, seconds if connections > 1 else read_timeout, network
            ),
        ),
    ):
        assert hasattr(module, name)
        setattr(module, name, value)


async def _watched(program: Coroutine[Any, Any, None]) -> None:
    """Says in the log how long the loop did nothing but one thing, in time of the processor, and
    how long after the start."""
    running, longest, begin = asyncio.ensure_future(program), (0.0, 0.0), time.monotonic()
    while not running.done():
        before = time.thread_time()
        await asyncio.wait([running], timeout=0.002)
        longest = max(longest, (time.thread_time() - before, time.monotonic() - begin))
    logging.getLogger(__name__).info("longest stretch=%.3f after=%.1f", *longest)
    await running


def main(
    env: Mapping[str, str],
    log: Path,
    step: str = "",
    nth: int = 1,
    patience: float = 0.0,
    ahead: timedelta = timedelta(0),
) -> None:
    """What `python -m bot run` does, without a terminal, and `ahead` of this machine's clock."""
    tempfile.tempdir = str(log.parent)  # its locks are apart from those of other test runs
    logging.basicConfig(
        filename=log, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for noisy in ("discord", "telegram", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    fuse = Fuse(nth)
    for point in STEPS[step] if step else ():
        fuse.watch(point)
    if patience:
        _impatient(patience)
    try:
        program = app.run(config.load(env), console=False, clock=lambda: app.utc_now() + ahead)
        asyncio.run(_watched(program))
    except BaseException:
        logging.getLogger(__name__).exception("the program ended")
        raise
