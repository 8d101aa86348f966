"""The bot behind its real door: a real store, a feed that is a table, a clock that stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from bot.collect import Collector
from bot.commands import registry
from bot.commands.answer import answer, suggest
from bot.commands.context import Context
from bot.dialogue import Action, Choice, Message, Request
from bot.lookup import Lookups
from bot.model import Paper
from bot.search.engine import Engine
from bot.search.index_cache import IndexCache
from bot.store import Store
from bot.usage import bare, in_message
from tests.fakes import Clock, FakeSource, at, on


@dataclass
class Bot:
    """Ask it as a person of Discord does: `/today` in the channel c1, or `alone`. Its answers have
    usages as they are typed in a terminal."""

    store: Store
    feed: FakeSource = field(default_factory=FakeSource)
    clock: Clock = field(default_factory=lambda: Clock(at("2025-06-12 17:00")))  # a Thursday
    sample: bool = False

    def __post_init__(self) -> None:
        self.collector = Collector(self.store, [self.feed])
        self.search = Engine(self.store, IndexCache(self.store, None), lambda: self.clock().date())

    @property
    def ctx(self) -> Context:
        lookups = Lookups(self.collector)
        return Context(self.store, self.collector, self.search, self.clock, lookups, self.sample)

    async def listed(self, day: str, *papers: Paper) -> None:
        """The feed has this list, and the bot has seen it."""
        self.feed.lists[on(day)] = tuple(replace(one, day=one.day or on(day)) for one in papers)
        await self.collector.fetch(on(day), self.clock())

    async def ask(
        self, line: str = "", *, person: str = "u1", address: str = "c1", page: int = 1,
        data: str = "", typed: str = "", manage: bool | None = True, alone: bool = False,
    ) -> Message:  # fmt: skip
        async def may_manage() -> bool:
            return bool(manage)

        command, _, text = line.removeprefix("/").partition(" ")
        request = Request(
            "discord", person if alone else address, person, command, text, page, data, alone,
            "#papers", "https://chat.example/papers", None if manage is None else may_manage,
            typed=typed,
        )  # fmt: skip
        return in_message(await answer(self.ctx, registry(), request), bare)

    async def press(self, message: Message, label: str, **how: object) -> Message:
        """Press the button with that label."""
        return await self.ask(data=button(message, label).data, **how)  # type: ignore[arg-type]

    async def suggest(self, command: str, option: str, typed: str) -> Sequence[Choice]:
        request = Request("discord", "c1", "u1", command)
        return await suggest(self.ctx, registry(), request, option, typed)

    async def kept(self) -> list[list[tuple[object, ...]]]:
        """All that is stored of people and places, to see that nothing changed."""
        return [
            [tuple(row) for row in await self.store.rows(f"SELECT * FROM {table}")]  # noqa: S608
            for table in ("subscriptions", "topics", "places", "deliveries", "contents")
        ]


def button(message: Message, label: str) -> Action:
    chosen = (a for menu in message.menus for a in menu.options)
    buttons = (a for row in message.actions for a in row)
    return next(a for a in (*buttons, *chosen) if a.label == label)


def labels(message: Message) -> list[str]:
    return [action.label for row in message.actions for action in row]


def marked(message: Message) -> list[str]:
    """The value that each setting has, by its menu."""
    return [m.options[m.chosen].label for m in message.menus if m.chosen is not None]


def titles(message: Message) -> list[str]:
    return [entry.title for section in message.sections for entry in section.entries]


def ranks(message: Message) -> list[int | None]:
    return [entry.rank for section in message.sections for entry in section.entries]


def today() -> date:
    return on("2025-06-12")


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)
