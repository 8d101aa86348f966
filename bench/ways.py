"""How far a reader must follow the code from a request to its answer: one table.

bench/ways.py [--names]

Each way is run over the doubles that the tests use, while `sys.setprofile` writes down every
function of `bot` and `adapters` in the order in which it is first called, as a reader who follows
the run opens them. A comprehension or a lambda is part of its function; what a dataclass generates
has no file; the conditions of a query, bot/query/operators, are not counted. The feed and the
platform are doubles, so bot/sources and the adapters have no part in these ways.

functions  distinct ones
modules    distinct ones, in which those functions stand
returns    how often the next new function stands in a module that was read before and left since:
           runs of functions of one module, less the modules

Each way has a process of its own, in which all is imported, opened and loaded before; what is
computed once and then remembered is part of it. Of three tries the one with the fewest returns
counts: what runs side by side, a thread and a query, comes now in this order and now in that.
`--names` prints the functions too.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, FrameType
from typing import TypeVar

import click
from _table import ROOT

from bot import app, plan
from bot.app import Core, CoreHandle
from bot.search.engine import Engine
from tests.fakes import at, paper, papers_of
from tests.program import Program, program
from tests.rounds import send_due

PAPERS = 30  # of a list
TRIES = 3
DAY, NOW, DUE = "2025-06-03", "2025-06-02 10:00", "2025-06-03 09:01"
OURS = tuple(f"{ROOT / folder}/" for folder in ("bot", "adapters"))
UNCOUNTED = f"{ROOT / 'bot' / 'query' / 'operators'}/"
T = TypeVar("T")
Step = tuple[str, str]  # a function: its module and its name
QUERY = "cache eviction after:2024"
TITLES = (
    "Evicting old keys from a cache",
    "A survey of caches for attention",
    "Diffusion of heat in robots",
    "Eviction policies for web caches",
)


class Trace:
    """The functions first called while it is on, in that order, in all threads begun since."""

    def __init__(self) -> None:
        self._steps: dict[CodeType, Step] = {}
        self._on = False
        threading.setprofile(self._event)
        sys.setprofile(self._event)

    async def of(self, way: Awaitable[T]) -> tuple[list[Step], T]:
        """What was called on the way, and what it led to."""
        self._steps, self._on = {}, True
        try:
            result = await way
        finally:
            self._on = False
        return list(self._steps.values()), result

    def _event(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if not self._on or event != "call" or code in self._steps or code.co_name[0] == "<":
            return
        file = code.co_filename
        if file.startswith(OURS) and not file.startswith(UNCOUNTED):
            module = str(Path(file).relative_to(ROOT).with_suffix("")).replace("/", ".")
            self._steps[code] = (module, code.co_qualname)


def runs(steps: Sequence[Step]) -> Iterator[tuple[str, list[str]]]:
    """Modules as they are read one after another, each with its functions that are new then."""
    for module, those in groupby(steps, key=lambda step: step[0]):
        yield module, [name for _, name in those]


def returns(steps: Sequence[Step]) -> int:
    return len(list(runs(steps))) - len({module for module, _ in steps})


@asynccontextmanager
async def due(*orders: str, address: str = "c1") -> AsyncIterator[Program]:
    """A program that has the lists of some weeks and whose post of today's is due there: today's
    list is not fetched yet."""
    async with program(NOW) as bot:
        for back in range(30):
            day = at(DUE).date() - timedelta(days=back)
            if day.weekday() < 5:
                numbers = range(100 * (back + 1), 100 * (back + 1) + PAPERS)
                bot.feed.add(f"{day} 00:05", *papers_of(day, *numbers))
        await bot.tick()
        for line in orders:
            await bot.ask(line, address)
        bot.clock.now = at(DUE)
        bot.seconds += 60
        yield bot


@asynccontextmanager
async def shelved() -> AsyncIterator[tuple[Program, Engine]]:
    """A program with some papers to search."""
    async with program(NOW) as bot:
        engine = await Engine.over(bot.store, today=lambda: bot.clock().date())
        await engine.add([paper(n, title=title) for n, title in enumerate(TITLES, 1)])
        bot.core = Core(replace(bot.core.ctx, search=engine), bot.core.commands)
        bot.handle = CoreHandle(bot.core, bot.adapter.name, bot.dispatcher, bot.places)
        yield bot, engine


async def asked(trace: Trace) -> list[Step]:
    async with shelved() as (bot, _):
        steps, answer = await trace.of(bot.ask(f"/search {QUERY}"))
        assert answer.sections
        return steps


async def searched(trace: Trace) -> list[Step]:
    async with shelved() as (_, engine):
        steps, results = await trace.of(engine.search(QUERY, limit=10))
        assert results.hits
        return steps


async def planned(trace: Trace) -> list[Step]:
    async with due("/setup 09:00 UTC") as bot:
        steps, _ = await trace.of(plan.plan(bot.store, bot.core.collector, bot.clock()))
        assert await bot.states() == [(DAY, "pending")]
        return steps


async def dispatched(trace: Trace) -> list[Step]:
    async with due("/setup 09:00 UTC") as bot:
        await app.tick(bot.core, bot.dispatcher)
        steps, count = await trace.of(send_due(bot.dispatcher, bot.adapter.name))
        assert count == 1
        return steps


async def pressed(trace: Trace) -> list[Step]:
    """The button of a post that shows the papers which are not on its first page."""
    async with due("/setup 09:00 UTC") as bot:
        await bot.tick()
        [post] = bot.posts()
        steps, answer = await trace.of(bot.ask(data=post.message.actions[0][0].data))
        assert answer.sections
        return steps


async def of_a_topic(trace: Trace) -> list[Step]:
    async with due("/subscribe study of subject", "/subscriptions 09:00 UTC", address="u1") as bot:
        steps, _ = await trace.of(plan.plan(bot.store, bot.core.collector, bot.clock()))
        assert await bot.states("u1") == [(DAY, "pending")]
        return steps


WAYS = {
    "/search, from request to answer": asked,
    "/search, the engine's part": searched,
    "a daily post: fetch and plan": planned,
    "a daily post: dispatch one": dispatched,
    "a press of a post's button": pressed,
    "a topic's post: fetch and plan": of_a_topic,
}


def steps_of(way: str) -> list[Step]:
    return asyncio.run(WAYS[way](Trace()))


def measured() -> dict[str, list[Step]]:
    """Of each way, its functions in order."""
    with get_context("fork").Pool(len(WAYS), maxtasksperchild=1) as pool:
        tries = [pool.map(steps_of, WAYS, chunksize=1) for _ in range(TRIES)]
    return {
        way: min(those, key=returns)
        for way, those in zip(WAYS, zip(*tries, strict=True), strict=True)
    }


@click.command()
@click.option("--names", is_flag=True, help="Print the functions, one run of a module a line.")
def main(names: bool) -> None:
    """Print the table."""
    ways = measured()
    for way, steps in ways.items() if names else ():
        print(f"\n{way}")
        for module, functions in runs(steps):
            print(f"  {module}: {', '.join(functions)}")
    print(f"{'way':36}functions  modules  returns")
    for way, steps in ways.items():
        modules = {module for module, _ in steps}
        print(f"{way:36}{len(steps):9}{len(modules):9}{returns(steps):9}")


if __name__ == "__main__":
    main()
