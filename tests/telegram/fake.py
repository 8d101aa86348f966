"""A core that answers as told, and the adapter running against the double."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from adapters.telegram.client import make
from bot.commands import Command
from bot.commands.context import Context
from bot.config import Config, load
from bot.dialogue import Action, Choice, Message, Request
from bot.errors import UserError
from bot.ports import Adapter
from tests.telegram.double import TOKEN, TelegramDouble

ADA, BOB, GROUP, CHANNEL = 11, 12, -1001, -1001234567
NEXT = Action("Next", command="today", page=2, data="today-2-t")


async def _never(_ctx: Context, _request: Request) -> Message:
    raise AssertionError("the fake answers by itself")


class FakeHandle:
    """Records what arrives, and answers as told."""

    def __init__(self) -> None:
        self.commands = (
            Command("help", "What I can do", _never),
            Command("today", "Today's papers", _never),
            Command("search", "Find papers", _never),
            Command("setup", "Post here", _never, admin=True),
            Command("subscribe", "Follow a topic", _never, private=True),
        )
        self.requests: list[Request] = []
        self.told: list[tuple[str, ...]] = []
        self.greeted: set[str] = set()
        self.owners: dict[str, str] = {}
        self.silent: set[str] = set()  # people who were told that they ask too much
        self.reply: Callable[[Request], Awaitable[Message]] = self._echo

    async def _echo(self, request: Request) -> Message:
        return Message(text=f"{request.command}:{request.text}:{request.data}")

    async def answer(self, request: Request) -> Message | None:
        self.requests.append(request)
        if request.person in self.silent:
            return None
        try:
            if request.command == "setup" and not (
                request.may_manage and await request.may_manage()
            ):
                raise UserError(f"Only someone who may manage {request.place} can do that.")
            return await self.reply(request)
        except UserError as error:
            return Message(text=str(error), private=True)

    async def suggest(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        return ()

    async def added(self, address: str, by: str, title: str) -> bool:
        known = address in self.owners
        self.owners[address] = by
        self.told.append(("added", address, by, title))
        return known

    async def greets(self, address: str, title: str) -> bool:
        new = address not in self.greeted
        self.greeted.add(address)
        return new

    async def added_by(self, address: str) -> str | None:
        return self.owners.get(address)

    async def removed(self, address: str, reason: str, remedy: str = "") -> None:
        self.told.append(("removed", address, reason, remedy))

    async def returned(self, addresses: Sequence[str]) -> None:
        self.told.append(("returned", *addresses))

    async def moved(self, old: str, new: str) -> None:
        self.told.append(("moved", old, new))


def config(tg: TelegramDouble, token: str = TOKEN) -> Config:
    settings = load({"TELEGRAM_TOKEN": token, "TELEGRAM_API_BASE": tg.base})
    return replace(settings, database=Path("never.db"))


@asynccontextmanager
async def running(tg: TelegramDouble, handle: FakeHandle) -> AsyncIterator[Adapter]:
    adapter = make(config(tg))
    task = asyncio.create_task(adapter.run(handle))
    await tg.until(lambda: any(method == "getUpdates" for method, _ in tg.calls))
    try:
        yield adapter
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(5):
                await task
