"""One step of an answer: how it is asked of Discord once, and when it is asked again."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from itertools import chain, repeat

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter

from adapters.discord import faults
from bot.errors import PostError

log = logging.getLogger(__name__)
_sleep = asyncio.sleep
LONGEST = 10.0  # seconds for one request
_SHORTEST = 0.5  # and for one of those that must be answered at once
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds between two requests, then the last
_DOUBTED = 3  # how often a refusal is heard that may be a proxy's, or an outage's
_TAKEN = 40060  # "Interaction has already been acknowledged"
_MARKS = {"id", "interaction"}  # what an answer has that says something was done
_LOST = (10015, 10062, 50027)  # unknown webhook, unknown interaction, invalid token: it is over

# Whether Discord did what this task asked last. discord.py takes a step for done before it reads
# the answer, and may be too old to read it.
_done: ContextVar[bool] = ContextVar("discord_done", default=False)
Step = Callable[[], Awaitable[object]]


class SingleAttempt(AsyncWebhookAdapter):
    """discord.py's requests about an interaction, each sent once.

    discord.py repeats some faults for 25 seconds, does not repeat others, and returns late from
    the last request of a bucket: too slow for an answer that must come within three seconds, and
    then nobody knows what arrived. Discord does not count these requests in the bot's global limit
    (https://docs.discord.com/developers/interactions/receiving-and-responding#endpoints), and each
    interaction has buckets of its own, so none waits for another, or for a post.
    """

    def __init__(self) -> None:
        """Without the locks of discord.py, which are all it would keep."""

    async def request(
        self,
        route: Route,
        session: aiohttp.ClientSession,
        *,
        payload: Mapping[str, object] | None = None,
        multipart: Sequence[Mapping[str, object]] | None = None,
        proxy: str | None = None,
        proxy_auth: aiohttp.BasicAuth | None = None,
        files: Sequence[discord.File] | None = None,
        reason: str | None = None,
        auth_token: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> object:
        if multipart or files or reason or auth_token:
            raise NotImplementedError("an answer is JSON, and needs no more than its token")
        body = None if payload is None else json.dumps(payload)
        headers = {} if payload is None else {"Content-Type": "application/json"}
        query = {name: str(value) for name, value in (params or {}).items()}
        async with session.request(
            route.method, route.url, data=body, headers=headers, params=query, proxy=proxy,
            proxy_auth=proxy_auth,
        ) as response:  # fmt: skip
            told = await _read(response)
            _done.set(True)
            return told


async def _read(response: aiohttp.ClientResponse) -> object:
    """What Discord answered. Raises discord.py's errors, and TypeError when it was not Discord."""
    text = await response.text(encoding="utf-8")
    told = json.loads(text) if response.content_type == "application/json" else text
    if response.status == 204:
        return told
    if response.status < 300:
        if isinstance(told, dict) and told.keys() & _MARKS:
            return told
        raise TypeError("not an answer of Discord")
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    usual = discord.DiscordServerError if response.status >= 500 else discord.HTTPException
    raise kinds.get(response.status, usual)(response, told)


async def insist(
    step: Step,
    name: str,
    until: float,
    *,
    stop: Callable[[], bool] = lambda: False,
    arrived: Callable[[], Awaitable[bool]] | None = None,
) -> None:
    """Ask for a step until Discord takes it. Raises PostError: refused for good, or time is over.

    until: by the loop's clock; one attempt is made in any case
    stop: nobody wants it any more
    arrived: whether an attempt of unknown fate arrived, for a step that must not happen twice
    The error's `ambiguous` says that an attempt may have arrived.
    """
    clock = asyncio.get_running_loop().time
    ambiguous = False
    for attempt, pause in enumerate(chain(_PAUSES, repeat(_PAUSES[-1])), 1):
        fault = await _once(step, min(LONGEST, max(_SHORTEST, (until - clock()) / 2)))
        if fault is None:
            return
        ambiguous |= fault.ambiguous
        wait = max(fault.wait, pause) if isinstance(fault, faults.Limited) and fault.told else pause
        if _final(fault, attempt) or stop() or clock() + wait >= until:
            fault.ambiguous = ambiguous
            raise fault
        log.warning("discord answer delayed step=%s reason=%s retry_in=%.1f", name, fault, wait)
        await _sleep(wait)
        if ambiguous and arrived and await arrived():
            return


async def _once(step: Step, seconds: float) -> PostError | None:
    _done.set(False)
    try:
        with faults.named(sending=True):
            async with asyncio.timeout(seconds):
                await step()
    except PostError as fault:
        return None if _done.get() else fault
    return None


def _final(fault: PostError, attempt: int) -> bool:
    return isinstance(fault, faults.Refusal) and (fault.lasting or attempt >= _DOUBTED)


def taken(fault: PostError) -> bool:
    """Whether Discord has a first response to this interaction already."""
    return isinstance(fault, faults.Refusal) and fault.code == _TAKEN


def over(fault: PostError) -> bool:
    """Whether Discord takes nothing more for this interaction."""
    return isinstance(fault, faults.Refusal) and fault.code in _LOST


def malformed(fault: PostError) -> bool:
    """Whether Discord refused what it was given; in another form it may take it."""
    told = isinstance(fault, faults.Refusal) and fault.status == 400
    return fault.refused or (told and not taken(fault))
