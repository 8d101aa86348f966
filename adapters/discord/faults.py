"""What Discord's refusals mean: a fault of the place, of the message, or one that passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp
import discord

from bot.connector import ASKED, Unreached
from bot.errors import ConfigError, Instead, PostError
from bot.states import Edited
from bot.usage import usage

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
_GRANT = (
    "Give me View Channel, Send Messages and Embed Links there; "
    "in a thread, Send Messages in Threads too."
)
ELSEWHERE = Instead(f"Run {usage('setup')} in another channel to post there instead.")
# The person is who reads it, in `/subscriptions` and `/deliveries`.
_CLOSED = "Direct messages from me are turned off"
_PLACE = {  # the codes about a channel, a server or a person: why, and what its owner can do
    10003: ("The channel is gone", ELSEWHERE),
    10004: ("The server is gone", ""),
    10013: ("That account is gone", ""),
    40058: ("That is a forum, where I cannot post", ELSEWHERE),
    50001: ("I may not see that channel", _GRANT),
    50007: (
        _CLOSED,
        "Turn on Direct Messages in the Privacy Settings of a server we share, and unblock me.",
    ),
    50008: ("That is not a channel I can write in", ELSEWHERE),
    50009: ("The server's verification level keeps me out", "Give me a role in that server."),
    50013: ("I may not write in that channel", _GRANT),
    50024: ("That is not a channel I can write in", ELSEWHERE),
    50033: ("That account cannot be written to", ""),
    50083: ("The thread is archived", "Reopen the thread, or give me Manage Threads there."),
    50278: (
        "We are in no server together",
        "Add me to a server that you are in: open my profile and press Add App.",
    ),
    160005: ("The thread is locked", "Unlock the thread, or give me Manage Threads there."),
}
# The codes about a message: its form, its size, its words.
_MESSAGE = {
    20009, 40005, 50006, 50035, 50045, 50046, 50081, 50109, 50110, 50146, 50600, 240000,
}  # fmt: skip
# Of the message or of its title: a rule of that server, which its admins can change.
_MODERATED = {200000, 200001}
_AUTOMOD = (
    "the server's AutoMod blocked it; in Server Settings, AutoMod, allow my role in that rule"
)
NO_EDIT = {10008: Edited.GONE, 50005: Edited.UNSUPPORTED, 50021: Edited.UNSUPPORTED}
_OUTAGE = 40333  # a refusal of Discord's own network, which has nothing to do with the request
_TOKEN = "Discord refused DISCORD_TOKEN; copy it again from the Developer Portal, Bot, Reset Token."  # noqa: S105
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
_ENDED = {
    4010: "Discord has no such shard",
    4011: "Discord wants the bot on more shards",
    4012: "Discord no longer takes this gateway version: update the bot",
    4013: "Discord does not know an intent the bot asks for: update the bot",
    4014: "Discord does not allow an intent the bot asks for: see the Developer Portal, Bot",
}
_UNTOLD = 60.0  # seconds to wait where Discord does not say
# Of the newest answer of 429 in this task: whether it is about all requests. None: there was none.
_limit: ContextVar[bool | None] = ContextVar("discord_limit", default=None)


class Limited(PostError):
    """Discord asks to wait, `wait` seconds: everywhere, or on that route alone.

    `told`: it said how long.
    """

    def __init__(self, wait: float, *, everywhere: bool, rejected: bool, told: bool = True) -> None:
        super().__init__(
            "Discord asks to wait", rejected=rejected, retry_after=wait, everywhere=everywhere
        )
        self.wait = wait
        self.told = told


class Refusal(PostError):
    """An answer of 400 to 499 that is no limit. `code`: Discord's own; 0: it, or a proxy, has none.

    `lasting`: asking again changes nothing, as far as the code tells.
    """

    def __init__(
        self, reason: str, status: int, code: int, *, permanent: bool = False, remedy: str = "",
        refused: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            reason, permanent=permanent, remedy=remedy, refused=refused,
            rejected=status in (401, 403),
        )  # fmt: skip
        self.status = status
        self.code = code
        self.lasting = code not in (0, _OUTAGE)


class GatewayClosed(PostError):
    """Discord ended the connection. `lasting`: it will again until a person does something."""

    def __init__(self, code: int) -> None:
        why = _ENDED.get(code, "Discord ended the connection")
        super().__init__(f"{why} (close code {code})")
        self.lasting = code in (4012, 4013, 4014)


def trace() -> aiohttp.TraceConfig:
    """For discord.py's session: its RateLimited does not say what the limit is about."""

    async def answered(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        if params.response.status == 429:
            _limit.set(_everywhere(params.response.headers))

    config = aiohttp.TraceConfig()
    config.on_request_end.append(answered)
    return config


def _everywhere(headers: Mapping[str, str]) -> bool:
    """A 429 of Cloudflare, which has no Via, or of Discord's limit over all requests."""
    scope = headers.get("X-RateLimit-Scope", "")
    return "Via" not in headers or scope == "global" or "X-RateLimit-Global" in headers


@contextmanager
def named(*, sending: bool = False) -> Iterator[None]:
    """Errors of discord.py and below become ours.

    `sending`: a message may have left, so a lost answer leaves its fate unknown.
    """
    _limit.set(None)
    try:
        yield
    except discord.LoginFailure as error:
        raise ConfigError(_TOKEN) from error
    except discord.PrivilegedIntentsRequired as error:
        raise GatewayClosed(4014) from error
    except discord.ConnectionClosed as error:
        if error.code == 4004:  # the token was reset while we were connected
            raise ConfigError(_TOKEN) from error
        raise GatewayClosed(error.code) from error
    except discord.RateLimited as error:
        everywhere = _limit.get()  # None: discord.py keeps us from asking before the time
        raise Limited(
            error.retry_after, everywhere=bool(everywhere), rejected=everywhere is not None
        ) from error
    except discord.HTTPException as error:
        raise _answered(error, sending) from error
    except Unreached as error:
        raise PostError(f"Discord cannot be reached: {error}") from error
    except (aiohttp.ClientError, OSError) as error:  # OSError: timeouts too
        raise PostError("Discord did not answer", ambiguous=sending) from error
    except (TypeError, LookupError, ValueError, AttributeError) as error:  # a proxy's page, read
        raise PostError("Something that is not Discord answered", ambiguous=sending) from error
    except RuntimeError as error:  # aiohttp's word for a session closed while we waited our turn
        raise PostError("The connection to Discord is closing", ambiguous=sending) from error
    except discord.DiscordException as error:
        raise PostError(f"Discord cannot be used ({error})", ambiguous=sending) from error


@asynccontextmanager
async def asking(
    client: discord.Client, seconds: float, *, sending: bool = False
) -> AsyncIterator[None]:
    """Requests of the bot, with a time limit and with their errors named.

    When a 429 is about all requests, discord.py holds them until the one that met it has waited:
    for ever, if that is cancelled. Whoever then asks too early meets the 429 again.
    """
    with named(sending=sending):
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            client.http._global_over.set()
            raise


def _answered(error: discord.HTTPException, sending: bool) -> PostError:
    status, code = error.status, error.code
    if status == 429:
        headers = error.response.headers
        asked = _seconds(headers.get("Retry-After", ""))
        wait = _UNTOLD if asked is None else asked
        everywhere, told = _everywhere(headers), asked is not None
        return Limited(wait, everywhere=everywhere, rejected=True, told=told)
    if status >= 500:
        return PostError(f"Discord is in trouble (status {status})", ambiguous=sending)
    if status == 407:  # of a proxy before a host that is asked without TLS
        return PostError(f"Discord cannot be reached: {ASKED}")
    if code in _PLACE:
        reason, remedy = _PLACE[code]
        return Refusal(reason, status, code, permanent=True, remedy=remedy)
    if code in _MODERATED:
        return Refusal(_AUTOMOD, status, code, refused=True)
    if code in _MESSAGE or status == 413:
        reason = f"Discord refused the message (status {status}, code {code})"
        return Refusal(reason, status, code, refused=True)
    who = "Discord" if code else "Discord, or a proxy before it,"
    return Refusal(f"{who} answered {status} (code {code})", status, code)


def _seconds(header: str) -> float | None:
    try:
        return float(header)
    except ValueError:
        return None
