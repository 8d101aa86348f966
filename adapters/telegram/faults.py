"""What Telegram's refusals mean."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import aiohttp
from telegram import error as tg

from bot.errors import PostError

# python-telegram-bot's own opt-in: RetryAfter.retry_after as a timedelta, without a warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")

REFUSED = "Telegram refused TELEGRAM_TOKEN; copy it again from @BotFather."
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_FINAL = (  # what Telegram writes, and the reason people read
    ("blocked", "the person blocked the bot"),
    ("deactivated|chat was deleted", "the account or group no longer exists"),
    ("kicked|not a member|channel_private", "the bot is not in the chat"),
    ("initiate conversation", "the private chat with the bot is not open"),
    ("chat not found|chat_id is empty|peer_id_invalid", "there is no such chat for the bot"),
    ("administrator rights|admin_required", "the bot must be an administrator there"),
    ("enough rights|no rights|(write|plain)_forbidden|restricted", "the bot may not post there"),
    ("was upgraded", "the group became a supergroup; set it up there again"),
    ("thread not found|topic_(deleted|id_invalid)", "the topic no longer exists"),
    ("topic_closed", "the topic is closed"),
)


@contextmanager
def post_errors() -> Iterator[None]:
    """Every way Telegram fails, as a PostError that says what it means for the message."""
    try:
        yield
    except tg.ChatMigrated as error:
        raise PostError("the chat has moved", moved_to=str(error.new_chat_id)) from error
    except tg.RetryAfter as error:
        raise PostError("Telegram asks to wait", retry_after=_seconds(error)) from error
    except tg.InvalidToken:
        # Without its cause, whose text holds the token. Not permanent: the chat is as it was.
        raise PostError(REFUSED) from None
    except (tg.Forbidden, tg.BadRequest) as error:
        raise _refusal(error) from error
    except TimeoutError as error:
        raise PostError("Telegram did not answer in time", ambiguous=True) from error
    except tg.NetworkError as error:
        if "Too Many Requests" in error.message:  # a 429 that names no time
            raise PostError("Telegram asks to wait", retry_after=30.0) from error
        if isinstance(error.__cause__, _NEVER_LEFT):
            raise PostError("Telegram cannot be reached") from error
        raise PostError("Telegram's answer was lost", ambiguous=True) from error
    except tg.Conflict as error:
        raise PostError("another program is using this bot's token") from error
    except (tg.TelegramError, KeyError, TypeError) as error:  # or an answer without a field
        raise PostError("Telegram's answer made no sense", ambiguous=True) from error


def _refusal(error: tg.Forbidden | tg.BadRequest) -> PostError:
    for pattern, reason in _FINAL:
        if re.search(pattern, error.message, re.IGNORECASE):
            return PostError(reason, permanent=True)
    if isinstance(error, tg.Forbidden):
        return PostError(f"Telegram forbids it: {error.message}", permanent=True)
    return PostError(f"Telegram refused it: {error.message}", refused=True)


def _seconds(error: tg.RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
