"""The whole core behind its door, asked as people of any platform ask it."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot import app
from bot.commands.answer import answer
from bot.config import load
from bot.dialogue import Message, Request
from bot.model import Paper
from bot.usage import bare, in_message
from tests.fakes import Clock, FakeSource, at, on

_ORDER = re.compile(r"Each list day at (\S+) (\S+), (\d+) papers? in a post\.")


@dataclass
class Asking:
    """Its answers have usages as they are typed in a terminal."""

    core: app.Core
    feed: FakeSource
    clock: Clock
    platform: str = "chat"

    async def ask(
        self, line: str, *, address: str = "c1", person: str = "u1", data: str = "", page: int = 1
    ) -> Message:
        """Of a person who may manage that place."""

        async def may_manage() -> bool:
            return True

        command, _, text = line.removeprefix("/").partition(" ")
        request = Request(
            self.platform, address, person, command, text, page=page, data=data,
            one_to_one=address == person, place="#papers", may_manage=may_manage,
        )  # fmt: skip
        return in_message(await answer(self.core.ctx, self.core.commands, request), bare)

    async def press(self, message: Message, label: str, **where: str) -> Message:
        buttons = [a for row in message.actions for a in row]
        chosen = [a for menu in message.menus for a in menu.options]
        [data] = [a.data for a in (*buttons, *chosen) if a.label == label]
        return await self.ask("", data=data, **where)

    async def order(self) -> tuple[str, str, int] | None:
        """What `/settings` says is set up: time, zone, papers; None: nothing is."""
        found = _ORDER.match((await self.ask("/settings")).text)
        return (found[1], found[2], int(found[3])) if found else None

    async def listed(self, day: str, *papers: Paper) -> None:
        """The feed has this list, and the bot has seen it."""
        self.feed.lists[on(day)] = tuple(replace(one, day=on(day)) for one in papers)
        await self.core.collector.fetch(on(day), self.clock())


@asynccontextmanager
async def asking(folder: Path, patch: pytest.MonkeyPatch, now: str) -> AsyncIterator[Asking]:
    """On a new store; the clock stands at `now`."""
    feed, clock = FakeSource(), Clock(at(now))
    patch.setattr("bot.sources.make", lambda config: ((feed,), ()))
    config = load({"DATABASE_URL": f"sqlite:///{folder / 'asked.db'}"})
    async with app.core(config, clock) as core:
        yield Asking(core, feed, clock)


def labels(message: Message) -> list[str]:
    return [action.label for row in message.actions for action in row]


def titles(message: Message) -> Sequence[str]:
    return [entry.title for section in message.sections for entry in section.entries]
