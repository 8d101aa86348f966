"""What Discord's refusals mean: which are for good, which may be tried again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.errors import ConfigError, DailyPapersError, PostError

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
_GONE = "The channel is gone"
_CLOSED = "That person does not take messages from me"
_FINAL = {
    10003: _GONE,
    10004: "The server is gone",
    10013: "That account is gone",
    50001: "I may not see that channel",
    50007: _CLOSED,
    50008: "That is not a channel I can write in",
    50013: "I may not write in that channel",
    50024: "That is not a channel I can write in",
    50083: "The thread is archived",
    50278: _CLOSED,  # no server in common any more
}
_TOKEN = "Discord refused DISCORD_TOKEN; copy it again from the Developer Portal, Bot, Reset Token."  # noqa: S105


@contextmanager
def named(*, sending: bool = False) -> Iterator[None]:
    """Errors of discord.py and below become ours.

    `sending`: a message may have left, so a lost answer leaves its fate unknown.
    """
    try:
        yield
    except discord.LoginFailure as error:
        raise ConfigError(_TOKEN) from error
    except discord.ConnectionClosed as error:
        raise _ended(error.code) from error
    except discord.RateLimited as error:
        raise PostError("Discord asks to wait", retry_after=error.retry_after) from error
    except discord.HTTPException as error:
        raise _answered(error, sending) from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise PostError("Discord cannot be reached") from error
    except (aiohttp.ClientError, OSError) as error:  # OSError: timeouts too
        raise PostError("Discord did not answer", ambiguous=sending) from error
    except (TypeError, KeyError, ValueError) as error:  # discord.py reading a proxy's page
        raise PostError("Something that is not Discord answered", ambiguous=sending) from error
    except RuntimeError as error:  # aiohttp's word for a session closed while we waited our turn
        raise PostError("The connection to Discord is closing") from error


def _ended(code: int) -> DailyPapersError:
    if code == 4004:  # the token was reset while we were connected
        return ConfigError(_TOKEN)
    return ConfigError(f"Discord ended the connection for good (close code {code}).")


def _answered(error: discord.HTTPException, sending: bool) -> PostError:
    if error.code in _FINAL:
        return PostError(_FINAL[error.code], permanent=True)
    if error.status == 429:
        wait = float(error.response.headers.get("Retry-After", 60))
        return PostError("Discord asks to wait", retry_after=wait)
    if error.status >= 500:
        return PostError(f"Discord is in trouble (status {error.status})", ambiguous=sending)
    if error.status == 401:
        return PostError("Discord refused DISCORD_TOKEN")
    if error.status in (403, 404) and not error.code:  # a proxy's page, not Discord's word
        return PostError(f"Something between us and Discord answered {error.status}")
    if error.status == 403:
        return PostError(f"Discord does not let me write there (code {error.code})", permanent=True)
    return PostError(f"Discord refused the message (code {error.code})", refused=True)
