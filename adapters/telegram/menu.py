"""The commands in Telegram's menu and the bot's descriptions: set beside serving, and only where
they differ."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import telegram

from adapters.telegram.faults import post_errors
from bot.errors import PostError
from bot.ports import CommandSpec

DESCRIPTION = (
    "Each day's research papers, as Hugging Face's community votes them: in your group or channel "
    "at the hour you choose, or what matches your topics in private. Press Start to begin."
)  # at most 512 characters
SHORT = "Each day's research papers, for your group, your channel or you."  # at most 120
Menu = tuple[telegram.BotCommandScope, tuple[tuple[str, str], ...]]
log = logging.getLogger(__name__)

SOONEST, LATEST = 30.0, 3600.0  # seconds between two tries of what was refused


@dataclass(frozen=True, slots=True)
class Step:
    """Something to register, where Telegram has it otherwise."""

    name: str
    work: Callable[[], Awaitable[None]]


async def register(bot: telegram.Bot, commands: Sequence[CommandSpec]) -> None:
    """Try until Telegram has them. Never raises: people are served without a menu, too."""
    steps = [Step(scope.type, partial(_register, bot, scope, m)) for scope, m in _menus(commands)]
    try:
        await _until_registered([*steps, *_profile(bot)])
    except Exception:
        log.exception("commands not registered")


def _menus(commands: Sequence[CommandSpec]) -> list[Menu]:
    """Those that change a place are shown only where people may manage it."""
    everyone = [command for command in commands if not command.admin]
    scopes: tuple[tuple[telegram.BotCommandScope, Sequence[CommandSpec]], ...] = (
        (telegram.BotCommandScopeDefault(), everyone),
        (telegram.BotCommandScopeAllChatAdministrators(), commands),
        (telegram.BotCommandScopeAllPrivateChats(), commands),
    )
    return [(scope, tuple((c.name, c.summary[:256]) for c in listed)) for scope, listed in scopes]


def _profile(bot: telegram.Bot) -> list[Step]:
    """What people read before they write to the bot."""
    return [Step("description", partial(_describe, bot)), Step("short", partial(_name, bot))]


async def _describe(bot: telegram.Bot) -> None:
    if (await bot.get_my_description()).description != DESCRIPTION:
        await bot.set_my_description(DESCRIPTION)


async def _name(bot: telegram.Bot) -> None:
    if (await bot.get_my_short_description()).short_description != SHORT:
        await bot.set_my_short_description(SHORT)


async def _until_registered(steps: list[Step]) -> None:
    pause = SOONEST
    while steps:
        steps, asked = await _round(steps)
        if steps:
            wait = max(pause, asked)
            log.warning("commands not registered scopes=%d again_in=%d", len(steps), wait)
            await asyncio.sleep(wait)
            pause = min(2 * pause, LATEST)


async def _round(steps: list[Step]) -> tuple[list[Step], float]:
    """What was refused, which does not hold up the rest, and the seconds Telegram asks to wait."""
    refused: list[Step] = []
    wait = 0.0
    for step in steps:
        try:
            if not wait:
                with post_errors():
                    await step.work()
                continue
        except PostError as error:
            log.warning("commands refused scope=%s reason=%s", step.name, error)
            wait = error.retry_after or 0.0
        refused.append(step)
    return refused, wait


async def _register(
    bot: telegram.Bot, scope: telegram.BotCommandScope, commands: tuple[tuple[str, str], ...]
) -> None:
    if await _registered(bot, scope) != commands:
        await bot.set_my_commands(commands, scope)


async def _registered(
    bot: telegram.Bot, scope: telegram.BotCommandScope
) -> tuple[tuple[str, str], ...] | None:
    """What Telegram has; None where it does not say."""
    try:
        with post_errors():
            found = await bot.get_my_commands(scope)
            return tuple((command.command, command.description) for command in found)
    except PostError as error:
        if error.retry_after:
            raise
        return None
