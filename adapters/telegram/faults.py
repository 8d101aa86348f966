"""What Telegram's refusals mean."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import aiohttp
from telegram import error as tg

from bot.connector import Unreached
from bot.errors import DailyPapersError, Instead, PostError
from bot.text import cut, one_line

# python-telegram-bot's own opt-in: RetryAfter.retry_after as a timedelta, without a warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")

REFUSED = "Telegram refused TELEGRAM_TOKEN; copy it again from @BotFather."
WEBHOOK = "a webhook is set on this bot's token"
# Whoever blocked the bot is who reads it, in `/subscriptions` and `/deliveries`.
BLOCKED = "I was blocked in our private chat"
UNBLOCK = "Unblock me in our private chat."
ADD_TO_GROUP = "Add me to the group again."
ADD_TO_CHANNEL = "Add me to the channel again, as an administrator who may post messages."

_NEVER_LEFT = (Unreached, aiohttp.InvalidURL)
# How Telegram's sentences and codes about the place begin, the reason people read, and what mends
# it. The Bot API server writes the sentences; codes in capitals are those of Telegram's own API.
# What the bot's account may do nowhere (USER_BANNED_IN_CHANNEL, PEER_FLOOD) is not here.
_PLACE = (
    (r"bot was blocked by the user|user_is_blocked|you_blocked_user",
     BLOCKED, UNBLOCK),
    (r"user is deactivated|(input_)?user_deactivated", "the account no longer exists", ""),
    (r"(the )?group( chat)? (was deleted|is deactivated)", "the group no longer exists", ""),
    (r"bot (was kicked from|is not a member of) the channel",
     "the bot is not in the chat", ADD_TO_CHANNEL),
    (r"bot (was kicked from|is not a member of) the", "the bot is not in the chat", ADD_TO_GROUP),
    (r"channel_private|user_not_participant|chat_forbidden|channel_public_group_na",
     "the bot is not in the chat", "Add me there again."),
    (r"bot can't initiate conversation|bot can't send messages to the user",
     "our private chat is not open", "Open a private chat with me and press Start."),
    (r"bot can't send messages to bots|user_is_bot", "that account is a bot", ""),
    (r"(private )?chat not found|chat_id is empty|(peer|chat)_id_invalid|channel_invalid",
     "there is no such chat for the bot",
     "If the chat still exists, add me to it again; in a private chat, press Start."),
    (r"need administrator rights|chat_admin_required", "the bot must be an administrator there",
     "Make me an administrator there who may post messages."),
    (r"(have no|not enough) rights( to send (text |plain )?messages?\b| to send a|$)"
     r"|have no write access|chat_(write|send_plain|guest_send)_forbidden|chat_restricted",
     "the bot may not post there", "Make me an administrator there, or lift my restrictions."),
    (r"allow_payment_required", "the chat takes Stars for each message",
     "Make me an administrator there."),
    (r"(the )?group( chat)? (was|has been) (upgraded|migrated)", "the group became a supergroup",
     Instead("Set me up again in the supergroup.")),
    (r"message thread not found|topic_(deleted|id_invalid)|topic (not found|was deleted)",
     "the topic no longer exists", ""),
    (r"topic_closed|(message thread|topic) is closed", "the topic is closed",
     "Open the topic again, or make me an administrator who may manage topics."),
)  # fmt: skip
_MESSAGE = re.compile(  # how a 400 begins that is about the message: it would be refused anywhere
    r"can't parse|unsupported (start tag|parse|url)|parse_mode"
    r"|((message )?(text|caption)|message|strings?) (is|must be) (empty|non-empty|too long|encoded)"
    r"|message_(empty|too_long)|too (many|much) (entities|buttons)|entit(y|ies)_|button_"
    r"|reply[_ ]markup|object expected as reply markup|inline (keyboard|button)|text buttons"
    r"|(wrong|invalid|failed to get) (file identifier/)?http url|wrong type of the web page"
    r"|url[_ ](invalid|host)|webpage_|wc_convert_url|external_url|start_param",
    re.IGNORECASE,
)
_NOT_JSON = ". Parsing the server response"  # the library adds this, and a proxy's whole page
_BAD_TOKEN = re.compile(r"unauthorized(: .*)?|not found", re.IGNORECASE)
_STATUS = re.compile(r".*\(\d{3}\)", re.DOTALL)  # of an answer without words of Telegram's own
_QUOTED = re.compile(r'"[^"]*"')  # it quotes what it does not understand: the message's own words
_TURNED_AWAY = re.compile(r".*\([34]\d\d\)", re.DOTALL)  # by what stands before Telegram


class Refusal(PostError):
    """Telegram said no, and not because of the place: it would say the same again."""


class Failed(PostError):
    """Telegram's own words that it failed (500 and above).

    For a post that is ambiguous like a lost answer; to a person we then rather answer again.
    """


@contextmanager
def post_errors(*, of_account: bool = False) -> Iterator[None]:
    """Every way Telegram fails, as a PostError that says what it means for the message.

    of_account: the request is getMe or getUpdates, which alone tell of the token. A 401, 404 or
        409 of any other may come of that chat, or of what stands before Telegram.
    """
    try:
        yield
    except tg.ChatMigrated as error:
        raise PostError("the chat has moved", moved_to=str(error.new_chat_id)) from error
    except tg.RetryAfter as error:
        wait = _seconds(error)
        raise PostError("Telegram asks to wait", retry_after=wait, rejected=True) from error
    except tg.InvalidToken as error:
        raise _token_fault(_words(error), of_account) from None
    except (tg.Forbidden, tg.BadRequest) as error:
        raise _refusal(error) from error
    except TimeoutError as error:
        raise PostError("Telegram did not answer in time", ambiguous=True) from error
    except tg.NetworkError as error:
        raise _network_fault(error) from error
    except tg.Conflict as error:
        raise PostError(
            _conflict(_words(error)) if of_account else _answered(_words(error))
        ) from error
    except DailyPapersError:
        raise
    except Exception as error:  # an answer that the library cannot read, whatever it raises then
        raise PostError("Telegram's answer made no sense", ambiguous=True) from error


def _refusal(error: tg.Forbidden | tg.BadRequest) -> PostError:
    words, forbidden = _words(error), isinstance(error, tg.Forbidden)
    for pattern, reason, remedy in _PLACE:
        if re.match(pattern, words, re.IGNORECASE):
            return PostError(reason, permanent=True, remedy=remedy, rejected=forbidden)
    malformed = not forbidden and _MESSAGE.match(words) is not None
    kind = PostError if _STATUS.fullmatch(words) else Refusal  # a page of what stands before it
    return kind(_answered(words), refused=malformed, rejected=forbidden)


def _token_fault(words: str, of_account: bool) -> PostError:
    """A 401 or 404. Not permanent: the chat is as it was. A proxy's page tells of no token."""
    refused = of_account and _BAD_TOKEN.fullmatch(words)
    reason = REFUSED if refused else _answered(words)
    return PostError(reason, rejected=words.lower().startswith("unauthorized"))


def _conflict(words: str) -> str:
    return WEBHOOK if "webhook" in words.lower() else "another program is using this bot's token"


def _network_fault(error: tg.NetworkError) -> PostError:
    if isinstance(error.__cause__, _NEVER_LEFT):
        return PostError(f"Telegram cannot be reached: {error.__cause__}")
    if _TURNED_AWAY.fullmatch(_words(error)):
        return PostError(_answered(_words(error)))
    own_words = error.__cause__ is None and not _STATUS.fullmatch(error.message)
    kind = Failed if own_words else PostError
    return kind("Telegram's answer was lost", ambiguous=True)


def _words(error: tg.TelegramError) -> str:
    """What Telegram wrote, without what it begins with and what the library adds."""
    return error.message.partition(_NOT_JSON)[0].removeprefix("Forbidden: ")


def _answered(words: str) -> str:
    return f"Telegram answered: {cut(one_line(_QUOTED.sub('…', words)), 200)}"


def _seconds(error: tg.RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
