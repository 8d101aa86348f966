"""The gateway's connections: how many, whether they may start, and which of them is silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import discord
from discord.http import Route

from adapters.discord import faults
from bot.errors import DailyPapersError, PostError

log = logging.getLogger(__name__)
_sleep = asyncio.sleep
_TIMEOUT = 15  # seconds for Discord's advice; without it the gateway itself says what is wrong
_LOOK = 15.0  # seconds between two looks at the shards
_SILENT = 300.0  # seconds without a shard's events until the log says so
_DEAD = 1800.0  # and until all of them are begun again


class _Cause(logging.Filter):
    """discord.py tells of a gateway out of reach with a traceback, every five seconds or so: here
    with its cause, and as what will be tried again."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        try:
            if isinstance(error, Exception):
                with faults.named():
                    raise error
        except DailyPapersError as fault:
            record.msg, record.args = "discord gateway lost reason=%s", (fault,)
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        except Exception:
            return True  # a fault of ours or of discord.py's, with all it has
        return True


logging.getLogger("discord.shard").addFilter(_Cause())


@dataclass(frozen=True, slots=True)
class _Advice:
    """Discord's answer to `/gateway/bot`."""

    shards: int
    starts_left: int
    reset_in: float  # seconds until there are new starts


async def count(client: discord.Client, known: int) -> int:
    """How many shards Discord wants, once that many may start.

    Discord resets the token of a bot that starts more sessions than it has left.
    """
    while True:
        advice = await _advised(client, known)
        if advice.starts_left >= advice.shards:
            return advice.shards
        wait = max(advice.reset_in, 5.0)
        log.error("discord starts used up left=%d shards=%d retry_in=%d",
                  advice.starts_left, advice.shards, wait)  # fmt: skip
        await _sleep(wait)


async def _advised(client: discord.Client, known: int) -> _Advice:
    try:
        async with faults.asking(client, _TIMEOUT):
            return _read(await client.http.request(Route("GET", "/gateway/bot")))
    except PostError as fault:
        log.warning("discord does not say how many shards reason=%s shards=%d", fault, known)
        return _Advice(known, known, 0.0)


def _read(told: Mapping[str, object]) -> _Advice:
    """Without its `url`: DISCORD_GATEWAY_URL says where the gateway is."""
    shards = max(1, int(str(told["shards"])))
    limit = told.get("session_start_limit")
    if not isinstance(limit, dict):
        return _Advice(shards, shards, 0.0)
    return _Advice(shards, int(limit["remaining"]), float(limit["reset_after"]) / 1000)


async def watch(silent: Mapping[int, float]) -> None:
    """Name a shard that is silent for long. Raises PostError when one of them is dead.

    `silent`: since when, on the loop's clock, by shard. discord.py connects them again one after
    another, so that one that cannot be reached holds up the others.
    """
    clock = asyncio.get_running_loop().time
    told: set[int] = set()
    while True:
        await _sleep(_LOOK)
        told &= silent.keys()
        for shard, since in silent.items():
            if clock() - since >= _DEAD:
                raise PostError(f"Shard {shard} is dead")
            if clock() - since >= _SILENT and shard not in told:
                told.add(shard)
                log.error("discord shard is silent shard=%d seconds=%d", shard, clock() - since)
