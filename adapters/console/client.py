"""Standard input and output: every command works here, without an account."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta

import click

from adapters.console.render import buttons, render
from bot.config import Config
from bot.dialogue import Message, Request
from bot.errors import PostError, Untold
from bot.model import Pace, Place, Receipt
from bot.pacing import Yield, at_once
from bot.ports import Adapter, Handle
from bot.states import Edited
from bot.terminal import OutputError, in_background, say
from bot.text import one_line

PROMPT = "papers> "
_BUTTON = re.compile(r"[\[(#]?(\d{1,2})[\]).]?", re.ASCII)  # as it is shown, [1], or nearly


def show(message: Message) -> None:
    """Print a message; styles only where the output is a terminal."""
    width = min(shutil.get_terminal_size((88, 24)).columns, 100)
    say(render(message, width=width) + "\n")


class Console:
    """One person at a terminal, or a file of commands."""

    name = "console"
    resend_within = timedelta(0)
    reads_back = False
    pace = Pace(1000, 1000)

    def __init__(self) -> None:
        self.up = asyncio.Event()
        self.up.set()
        self._buttons: list[str] = []
        self._commands: set[str] = set()

    async def run(self, handle: Handle) -> None:
        """Today's post, then a command a line until the input ends, or the output does."""
        with suppress(OutputError):
            await self._serve(handle)

    async def _serve(self, handle: Handle) -> None:
        self._commands = {command.name for command in handle.commands}
        self._show(await _asked(handle, _request("today")))
        if sys.stdin.isatty():
            say("Type /help for the commands, a button's number to press it, /quit to end.")
        async for line in _lines():
            text = one_line(line)
            if text and not sys.stdin.isatty():
                say(click.style(f"{PROMPT}{text}", dim=True))
            if text in ("/quit", "/exit", "quit", "exit"):
                return
            if text:
                self._show(await self._answer(handle, text))

    async def _answer(self, handle: Handle, line: str) -> Message:
        """To a button's number, a command with or without its slash, else words to search."""
        if found := _BUTTON.fullmatch(line):
            number = int(found[1])
            if not 0 < number <= len(self._buttons):
                return Message(text=f"There is no button {number} above.")
            return await _asked(handle, _request(data=self._buttons[number - 1]))
        command, _, text = line.removeprefix("/").partition(" ")
        if line.startswith("/") or command.lower() in self._commands:
            return await _asked(handle, _request(command.lower(), text))
        return await _asked(handle, _request("search", line))

    def _show(self, message: Message) -> None:
        self._buttons = [action.data for action in buttons(message)]
        show(message)

    async def post(
        self, address: str, message: Message, *, key: str, plain: bool = False
    ) -> Receipt:
        """A scheduled post appears between the prompts."""
        try:
            self._show(message)
        except OutputError as error:
            raise PostError("the terminal is gone") from error
        return Receipt(key)

    async def edit(self, address: str, receipt: Receipt, message: Message) -> Edited:
        """What is printed stays."""
        return Edited.UNSUPPORTED

    def chat(self, address: str) -> tuple[str, float]:
        return address, 0.0

    def place(self, address: str) -> Place:
        return Place("this terminal")

    async def obstacle(self, address: str) -> str:
        return ""

    async def find(self, address: str, message: Message) -> Receipt | None:
        raise Untold("a terminal cannot be read back")

    async def check(self, addresses: Sequence[str], give_way: Yield = at_once) -> list[str]:
        return []


async def _asked(handle: Handle, request: Request) -> Message:
    return await handle.answer(request) or Message()


async def _may_manage() -> bool:
    return True


def _request(command: str = "", text: str = "", data: str = "") -> Request:
    return Request(
        "console", "here", "here", command, text, data=data, one_to_one=True,
        place="this terminal", may_manage=_may_manage,
    )  # fmt: skip


async def _lines() -> AsyncIterator[str]:
    """Lines of standard input. A daemon thread reads: a terminal cannot be read without blocking,
    and a program that is told to stop must not wait for the next line."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def read() -> None:
        # Unbuffered: a buffered stdin held by a daemon thread aborts the interpreter's exit.
        rest = b""
        while chunk := _typed():
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                loop.call_soon_threadsafe(lines.put_nowait, line)
        for last in (rest, None):  # the last line may have no end
            loop.call_soon_threadsafe(lines.put_nowait, last)

    threading.Thread(target=read, daemon=True).start()
    while True:
        if sys.stdin.isatty():
            say(PROMPT, nl=False)
        line = await lines.get()
        if line is None:
            return
        yield line.decode(errors="replace")


def _typed() -> bytes:
    """What comes next; empty at the end. A job in the background waits until it is in front."""
    while True:
        try:
            return os.read(0, 65536)
        except OSError:  # in the background, SIGTTIN being ignored; or the terminal is gone
            if not in_background():
                return b""
            time.sleep(1)


def make(config: Config) -> Adapter:
    return Console()
