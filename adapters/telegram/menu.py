"""The commands in Telegram's menu: registered beside serving, and only where they differ."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import telegram

from adapters.telegram.faults import post_errors
from bot.errors import PostError
from bot.ports import CommandSpec

Menu = tuple[telegram.BotCommandScope, tuple[tuple[str, str], ...]]
log = logging.getLogger(__name__)

SOONEST, LATEST = 30.0, 3600.0  # seconds between two tries of what was refused


async def register(bot: telegram.Bot, commands: Sequence[CommandSpec]) -> None:
    """Try until Telegram has them. Never raises: people are served without a menu, too."""
    try:
        await _until_registered(bot, _menus(commands))
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


async def _until_registered(bot: telegram.Bot, menus: list[Menu]) -> None:
    pause = SOONEST
    while menus:
        menus, asked = await _round(bot, menus)
        if menus:
            wait = max(pause, asked)
            log.warning("commands not registered scopes=%d again_in=%d", len(menus), wait)
            await asyncio.sleep(wait)
            pause = min(2 * pause, LATEST)


async def _round(bot: telegram.Bot, menus: list[Menu]) -> tuple[list[Menu], float]:
    """What was refused, which does not hold up the rest, and the seconds Telegram asks to wait."""
    refused: list[Menu] = []
    wait = 0.0
    for menu in menus:
        try:
            if not wait:
                with post_errors():
                    await _register(bot, *menu)
                continue
        except PostError as error:
            log.warning("commands refused scope=%s reason=%s", menu[0].type, error)
            wait = error.retry_after or 0.0
        refused.append(menu)
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
