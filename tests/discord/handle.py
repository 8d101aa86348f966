"""A core for the adapter to talk to: remembers what it was asked, answers what it was told."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.commands import Command, Option
from bot.dialogue import Choice, Message, Request


async def _unused(*_: object) -> Message:
    raise AssertionError("the adapter asks the handle, never a command")


COMMANDS = (
    Command("today", "Today's papers", _unused),
    Command(
        "search",
        "Find papers by words",
        _unused,
        (Option("order", "Newest or best first"), Option("query", "Words", required=True)),
    ),
    Command(
        "setup",
        "Post the daily papers in a channel",
        _unused,
        (
            Option("time", "HH:MM"),
            Option("zone", "Time zone", suggest=_unused),
            Option("papers", "How many"),
        ),
        admin=True,
    ),
    Command("pause", "Stop the daily post for a while", _unused, admin=True),
    Command("subscribe", "Follow a topic", _unused, (Option("topic", "Words"),), private=True),
)


@dataclass
class FakeHandle:
    """`answers` are given in turn, then the last again; none before the `gate` opens."""

    answers: list[Message | None] = field(default_factory=lambda: [Message(text="An answer")])
    choices: Sequence[Choice] = ()
    asked: list[Request] = field(default_factory=list)
    suggested: list[tuple[Request, str, str]] = field(default_factory=list)
    gone: list[tuple[str, str, str]] = field(default_factory=list)
    back: list[Sequence[str]] = field(default_factory=list)
    commands: Sequence[Command] = COMMANDS
    greeting: bool = False  # whether new servers are greeted
    greeted: set[str] = field(default_factory=set)
    gate: asyncio.Event | None = None
    heard: Callable[[Request], None] = lambda _request: None  # before it answers

    async def answer(self, request: Request) -> Message | None:
        self.asked.append(request)
        if self.gate:
            await self.gate.wait()
        self.heard(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def suggest(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        self.suggested.append((request, option, typed))
        if self.gate:
            await self.gate.wait()
        return self.choices

    async def added(self, address: str, by: str, title: str) -> bool:
        raise AssertionError("Discord does not say who added the bot")

    async def greets(self, address: str, title: str) -> bool:
        new = self.greeting and address not in self.greeted
        self.greeted.add(address)
        return new

    async def added_by(self, address: str) -> str | None:
        return None

    async def removed(self, address: str, reason: str, remedy: str = "") -> None:
        self.gone.append((address, reason, remedy))

    async def returned(self, addresses: Sequence[str]) -> None:
        self.back.append(addresses)

    async def moved(self, old: str, new: str) -> None:
        raise AssertionError("Discord's channels do not move")
