"""The door for people: every command, press and word being typed gets an answer, once."""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import discord
from discord import app_commands

from adapters.discord import chosen, presses, slash, subjects
from adapters.discord.attempts import insist, taken
from adapters.discord.menus import FIELD, Pressed
from adapters.discord.responses import Response
from bot.dialogue import Message, Request
from bot.errors import PostError
from bot.ports import Handle

log = logging.getLogger(__name__)
_QUICK = 1.5  # seconds for an answer that is shown at once; with what is left, Discord hears of it
_OPENING = 2.8  # seconds until a modal is with Discord, which waits three
_SUGGESTING = 2.5  # seconds for suggestions; Discord waits three
_SUGGESTED = 2.9  # seconds until they are with Discord
_FINISHING = 0.5  # seconds for the answers under way when the connection is given up
_OLD = "That button is too old; send the command again."
_CHANGED = "I do not know that command as Discord sent it. Try again in a minute."
_ENOUGH = "That was too much at once. Wait a little."

Ask = Callable[[], Awaitable[Message | None]]


class Answers:
    """What people of one connection ask."""

    def __init__(self, core: Handle) -> None:
        self._core = core
        self.ids = dict[str, int]()  # the commands' numbers, once Discord has them
        self._turns = presses.PressQueue()
        self._looks = subjects.Looks()
        self._under_way: set[asyncio.Task[object]] = set()
        self._typing: set[asyncio.Task[object]] = set()  # those about words being typed

    async def reply(
        self,
        interaction: discord.Interaction,
        *,
        command: str = "",
        text: str = "",
        data: str = "",
        typed: str = "",
        about: int = 0,
        hidden: bool = True,
    ) -> None:
        asked = Request("discord", "", "", command=command, text=text, data=data, typed=typed)
        ask = partial(subjects.ask, self._core, interaction, asked, about, self._looks)
        await self._serve(interaction, command or data.partition("-")[0], ask, hidden)

    async def press(self, interaction: discord.Interaction) -> None:
        pressed, typed = chosen.pressed(interaction), chosen.typed(interaction)
        if pressed is None or (pressed.kind != FIELD and typed):
            await self._say(interaction, _OLD)
        elif pressed.kind == FIELD and interaction.type is discord.InteractionType.component:
            await self._open(interaction, pressed)
        else:
            await self.reply(interaction, data=pressed.data, typed=typed, about=pressed.about)

    async def _open(self, interaction: discord.Interaction, field: Pressed) -> None:
        """Ask for a value, at once: Discord takes a modal as the first response alone."""
        until = asyncio.get_running_loop().time() + _OPENING
        with _counted(self._under_way):
            asking = chosen.modal(field, interaction.message)
            try:
                send = partial(interaction.response.send_modal, asking)
                await insist(send, "modal", until)
            except PostError as fault:
                if not taken(fault):
                    log.warning("discord modal lost reason=%s", fault)

    async def changed(self, interaction: discord.Interaction) -> None:
        """A command of ours that is not as we know it: Discord still has an older one."""
        await self._say(interaction, _CHANGED)

    async def suggest(self, interaction: discord.Interaction) -> None:
        """Choices for what is being typed: none where they take long, or anything goes wrong."""
        until = asyncio.get_running_loop().time() + _SUGGESTED
        with _counted(self._typing):
            found = await self._choices(interaction)
            try:
                await insist(partial(interaction.response.autocomplete, found), "choices", until)
            except PostError as fault:
                if not taken(fault):
                    log.info("discord choices lost reason=%s", fault)

    async def finish(self) -> None:
        """A moment for the answers under way; then they end."""
        if under_way := set(self._under_way):
            _, late = await asyncio.wait(under_way, timeout=_FINISHING)
            if late:
                log.error("discord answers cut off count=%d", len(late))
        for task in self._under_way | self._typing:
            task.cancel()

    async def _serve(
        self, interaction: discord.Interaction, name: str, ask: Ask, hidden: bool
    ) -> None:
        """The door: whatever goes wrong is a sentence with a ticket, and one line in the log."""
        message = interaction.message
        own = message.id if message and message.flags.ephemeral else None
        with _counted(self._under_way):
            async with self._turns.taken(own) as turn:
                response = Response(interaction, hidden, turn, self.ids)
                try:
                    answer = await _asked(response, turn, ask)
                    await response.show(answer or Message(text=_ENOUGH, private=True))
                except PostError as fault:
                    if response.passed:
                        log.info("discord answer dropped for a later one command=%s", name)
                    else:
                        await _lost(response, name, str(fault))
                except Exception as error:
                    await _lost(response, name, _where(error))

    async def _say(self, interaction: discord.Interaction, words: str) -> None:
        async def said() -> Message:
            return Message(text=words, private=True)

        await self._serve(interaction, "", said, hidden=True)

    async def _choices(
        self, interaction: discord.Interaction
    ) -> Sequence[app_commands.Choice[str]]:
        command, option, typed = _typed(interaction)
        asked = subjects.here(interaction, Request("discord", "", "", command=command))
        try:
            async with asyncio.timeout(_SUGGESTING):
                return slash.choices(await self._core.suggest(asked, option, typed))
        except TimeoutError:
            log.info("discord choices late command=%s", command)
        except Exception as error:
            log.error("discord choices broke command=%s error=%s", command, _where(error))
        return ()


@contextmanager
def _counted(among: set[asyncio.Task[object]]) -> Iterator[None]:
    """This task is one of those until it is done."""
    task = asyncio.current_task()
    if task:
        among.add(task)
    try:
        yield
    finally:
        among -= {task}


async def _asked(response: Response, turn: presses.Turn, ask: Ask) -> Message | None:
    """The core's answer; where it takes long, Discord hears meanwhile that it will come."""

    async def ask_in_turn() -> Message | None:
        await turn.come()
        return await ask()

    async with asyncio.TaskGroup() as group:
        asking = group.create_task(ask_in_turn())
        await asyncio.wait({asking}, timeout=_QUICK)
        if not asking.done():
            await response.defer()
    return asking.result()


async def _lost(response: Response, name: str, reason: str) -> None:
    ticket = secrets.token_hex(4)
    told = await response.tell(f"I could not show that answer (ticket {ticket}).")
    log.error("discord answer lost ticket=%s command=%s told=%s reason=%s",
              ticket, name, told, reason)  # fmt: skip


def _where(error: Exception) -> str:
    """Where it broke, but not `log.exception`: an error's own words may be the person's."""
    if isinstance(error, ExceptionGroup):
        return "\n".join(_where(one) for one in error.exceptions)
    return "\n".join((type(error).__name__, *traceback.format_tb(error.__traceback__)))


def _typed(interaction: discord.Interaction) -> tuple[str, str, str]:
    """A command, one of its options, and what was typed there so far."""
    data: Mapping[str, object] = interaction.data or {}
    options = data.get("options")
    for option in options if isinstance(options, list) else ():
        if option.get("focused"):
            return str(data["name"]), str(option["name"]), str(option.get("value", ""))
    return str(data.get("name", "")), "", ""
