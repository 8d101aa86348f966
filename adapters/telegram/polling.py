"""Long polling: raw updates, so that one the library cannot read loses no other."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import telegram
from telegram.constants import UpdateType
from telegram.request import BaseRequest

from adapters.telegram.faults import REFUSED, WEBHOOK, post_errors
from bot.errors import ConfigError, PostError
from bot.text import one_line

T = TypeVar("T")
Take = Callable[[int, object], Awaitable[None]]  # a number and an update; returns soon
log = logging.getLogger(__name__)

_LISTEN = [
    UpdateType.MESSAGE, UpdateType.CHANNEL_POST, UpdateType.CALLBACK_QUERY,
    UpdateType.MY_CHAT_MEMBER,
]  # fmt: skip
_POLL = 25  # seconds Telegram holds an empty getUpdates open
_LATE = 10.0  # seconds its answer may take beyond that
STUCK = 2.0  # seconds before updates without a number are asked for again


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """The result of getMe or getUpdates, after as many tries as it takes.

    Raises ConfigError for a refused token.
    """
    failures = 0
    while True:
        try:
            with post_errors(of_account=True):
                return await call()
        except PostError as error:
            if str(error) == REFUSED:
                raise ConfigError(REFUSED) from None
            failures += 1
            wait = error.retry_after or min(2.0 ** min(failures - 1, 5), 30.0)
            if _is_power_of_two(failures):
                cause = type(error.__cause__).__name__
                log.warning("telegram trouble failures=%d reason=%s %s", failures, error, cause)
        await asyncio.sleep(wait)


async def poll(bot: telegram.Bot, request: BaseRequest, take: Take) -> None:
    """Hand every update on, with its number. Ends only by an exception."""
    offset = stuck = 0
    while True:
        updates = await patiently(partial(_updates, bot, request, offset))
        stuck = stuck + 1 if updates and not any(map(_number, updates)) else 0
        if stuck:  # Telegram would answer with them at once, for ever
            if _is_power_of_two(stuck):
                log.error("updates have no update_id count=%d", len(updates))
            await asyncio.sleep(STUCK)
            continue
        for update in updates:
            if number := _number(update):
                offset = number + 1
            await take(number, update)


def _number(update: object) -> int:
    """Its update_id, which Telegram counts from 1 in 32 bits; 0: it has none."""
    number: object = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        return 0
    return number if 0 < number < 2**31 - 1 else 0


async def _updates(bot: telegram.Bot, request: BaseRequest, offset: int) -> list[object]:
    """As they came. Not `Bot.get_updates`: one it cannot read loses it all of them, for ever."""
    wanted: dict[str, str | int] = {"timeout": _POLL, "allowed_updates": json.dumps(_LISTEN)}
    if offset:
        wanted["offset"] = offset
    url = f"{bot.base_url}/getUpdates?{urlencode(wanted)}"
    try:
        with post_errors(of_account=True):
            updates: object = await request.post(url, read_timeout=_POLL + _LATE)
    except PostError as error:
        if str(error) == WEBHOOK:
            raise await _without_webhook(bot) from error
        if str(error) == REFUSED:
            await bot.get_me()  # a second look: raises again where the token is really refused
            raise PostError("Telegram refused the token for a moment") from error
        raise
    if not isinstance(updates, list):
        raise PostError("Telegram's answer made no sense")
    return updates


async def _without_webhook(bot: telegram.Bot) -> PostError:
    """Take it off, and say so, or what keeps it there. What waits for the bot stays: it comes by
    polling then."""
    try:
        host = await webhook_host(bot) or "an unknown host"
    except PostError:
        host = "an unknown host"
    try:
        with post_errors():
            await bot.delete_webhook(drop_pending_updates=False)
    except PostError as error:
        why = f"a webhook at {host} is set on this bot's token and could not be taken off: {error}"
        return PostError(why, retry_after=error.retry_after)
    return PostError(f"a webhook at {host} was taken off this bot's token")


async def webhook_host(bot: telegram.Bot) -> str:
    """Where Telegram sends this bot's updates; empty: nowhere. The rest of the address is secret.

    Raises PostError.
    """
    with post_errors():
        url = (await bot.get_webhook_info()).url
        return one_line(urlsplit(url).hostname or "an unknown host") if url else ""


def _is_power_of_two(count: int) -> bool:
    return count & (count - 1) == 0  # what goes on for long is said ever more rarely
