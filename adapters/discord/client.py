"""Discord over discord.py: one adapter; knows when to connect, and how a post is sent and found."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.webhook.async_ import async_context

from adapters.discord import faults, rights
from adapters.discord.attempts import SingleAttempt
from adapters.discord.checkup import Checkup
from adapters.discord.connection import Connection
from adapters.discord.history import COMPONENTS, PLAIN, look_of
from adapters.discord.plain import content
from adapters.discord.render import render
from bot.config import Config
from bot.connector import Connector
from bot.dialogue import Message
from bot.errors import DailyPapersError, NotSent, PostError, Untold
from bot.model import Pace, Place, Receipt
from bot.network import Network
from bot.pacing import Yield, at_once
from bot.ports import Adapter, Handle
from bot.states import Edited

log = logging.getLogger(__name__)
_sleep = asyncio.sleep
_TIMEOUT = 30  # seconds for one request, discord.py's own repeats included
_LOGIN = 120  # seconds
_STEADY = 600.0  # seconds of serving after which a fault is a new one


def make(config: Config) -> Adapter:
    """The adapter, pointed at the configured hosts."""
    Route.BASE = config.discord_api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(config.discord_gateway_url)
    return Discord(config.tokens["DISCORD_TOKEN"], config.discord_guild, config.network)


class Discord:
    """Addresses: `c<channel or thread id>`, `u<user id>` for that person's private chat."""

    name = "discord"
    resend_within = timedelta(seconds=60)  # a nonce is recognised for "the past few minutes"
    reads_back = True
    # Interaction endpoints are not bound to the bot's global rate limit.
    # https://discord.com/developers/docs/interactions/receiving-and-responding#endpoints
    pace = Pace(ceiling=50, bulk=45, answers=False)

    def __init__(self, token: str, home: int | None, network: Network | None = None) -> None:
        self._token = token
        self._home = home
        self._network = network or Network()
        self._client: Connection | None = None
        self._shards = 1  # how many there were the last time
        self.up = asyncio.Event()

    def client(self, handle: Handle) -> Connection:
        """A fresh client that serves `handle`; posts go out through the newest one."""
        self._client = Connection(handle, self._home, self._shards, self._network)
        return self._client

    async def run(self, handle: Handle) -> None:
        async_context.set(SingleAttempt())  # for this task and those it begins
        pauses, rest = _pauses(), 0.0
        while True:
            async with self._closing(self.client(handle)) as client:
                try:
                    await self._login(client)
                except PostError as fault:
                    await _sleep(_wait(fault, pauses))
                    rest = 0.0
                    continue
                if rest:
                    await _sleep(rest)  # posts go meanwhile: they do not need the gateway
                began = client.loop.time()
                try:
                    await client.hold(self._shards)
                except PostError as fault:
                    self._shards = client.shard_count or 1
                    if client.loop.time() - began > _STEADY:
                        pauses = _pauses()
                    rest = _wait(fault, pauses)

    @asynccontextmanager
    async def _closing(self, client: Connection) -> AsyncIterator[Connection]:
        try:
            yield client
        finally:
            self.up.clear()
            await client.shut()

    async def _login(self, client: Connection) -> None:
        with faults.named():
            async with asyncio.timeout(_LOGIN):
                await client.login(self._token)
        self.up.set()

    async def post(
        self, address: str, message: Message, *, key: str, plain: bool = False
    ) -> Receipt:
        client = self._connected()
        async with faults.asking(client, _TIMEOUT):
            target = await _target(client, address)
        send = _rendered(target, message, key, plain)  # here an error of ours is named as it is
        async with faults.asking(client, _TIMEOUT, sending=True):
            sent = await send()
        return Receipt(str(sent.id), PLAIN if plain else COMPONENTS)

    async def edit(self, address: str, receipt: Receipt, message: Message) -> Edited:
        """A plain message stays one; one with embeds, of an older version, gets components."""
        client = self._connected()
        async with faults.asking(client, _TIMEOUT):
            target = await _target(client, address)
        posted = target.get_partial_message(int(receipt.message_id))
        if receipt.look == PLAIN:
            change = posted.edit(content=content(message))
        else:
            change = posted.edit(content=None, embeds=(), view=render(message))
        try:
            async with faults.asking(client, _TIMEOUT):
                await change
        except faults.Refusal as refusal:
            if refusal.code not in faults.NO_EDIT:
                raise
            return faults.NO_EDIT[refusal.code]
        return Edited.DONE

    def chat(self, address: str) -> tuple[str, float]:
        """Commonly 5 messages in 5 s a channel; discord.py keeps to what the headers say."""
        return address, 1.0

    async def find(self, address: str, message: Message) -> Receipt | None:
        client = self._connected()
        me = client.user
        if me is None:
            raise NotSent("Not connected to Discord yet")
        async with faults.asking(client, _TIMEOUT):
            if address.startswith("c") and not await rights.reads(client, int(address[1:])):
                raise Untold("I may not read that channel's history, so I cannot tell")
            target = await _target(client, address)
            async for found in target.history(limit=50):
                ours = found.author.id == me.id and not found.interaction_metadata
                if ours and (look := look_of(message, found)):
                    return Receipt(str(found.id), look)
        return None

    def place(self, address: str) -> Place:
        channel = None
        if self._client and address.startswith("c"):
            number = int(address[1:])
            channel = self._client.get_channel(number) or self._client.leaving.get(number)
        if isinstance(channel, rights.Channel):
            return Place(rights.title(channel), channel.jump_url)
        return Place("")

    async def obstacle(self, address: str) -> str:
        if not address.startswith("c"):
            raise Untold("Only a message can tell whether that person takes messages from me")
        client = self._connected()
        try:
            async with faults.asking(client, _TIMEOUT):
                return await rights.problem(client, int(address[1:]))
        except PostError as fault:
            if not fault.permanent:
                raise
            return f"{fault}."

    async def check(self, addresses: Sequence[str], give_way: Yield = at_once) -> list[str]:
        """One sentence for each thing that keeps the bot from working there."""
        client = discord.Client(
            intents=discord.Intents(guilds=True), max_ratelimit_timeout=30,
            connector=Connector(self._network, limit=0), http_trace=faults.trace(),
        )  # fmt: skip
        places = [int(address[1:]) for address in addresses if address.startswith("c")]
        try:
            async with client:
                with faults.named():
                    async with asyncio.timeout(_TIMEOUT):
                        await client.login(self._token)
                look = Checkup(client, give_way)
                gateway, found = await asyncio.gather(look.gateway(), look.places(places))
        except DailyPapersError as fault:
            return [str(fault)]
        return [gateway, *found] if gateway else found

    def _connected(self) -> Connection:
        client = self._client
        if client is None or client.user is None or client.is_closed():
            raise NotSent("Not connected to Discord yet")
        return client


def _pauses() -> Iterator[float]:
    return chain((5.0, 15.0, 60.0), repeat(300.0))


def _wait(fault: PostError, pauses: Iterator[float]) -> float:
    """Seconds until the connection is tried again; the fault is in the log."""
    asked = fault.wait if isinstance(fault, faults.Limited) else 0.0
    wait = max(next(pauses), asked)
    look = isinstance(fault, faults.GatewayClosed) and fault.lasting
    level = logging.ERROR if look else logging.WARNING
    log.log(level, "discord unreachable reason=%s retry_in=%d", fault, wait)
    return wait


async def _target(
    client: discord.Client, address: str
) -> discord.PartialMessageable | discord.DMChannel:
    number = int(address[1:])
    if address.startswith("c"):
        return client.get_partial_messageable(number)
    return await client.create_dm(discord.Object(number))


def _rendered(
    target: discord.abc.Messageable, message: Message, key: str, plain: bool
) -> Callable[[], Coroutine[Any, Any, discord.Message]]:
    """What sends it. discord.py adds enforce_nonce: a repeat within minutes is the same message."""
    if plain:
        text = content(message)
        return lambda: target.send(content=text, nonce=key, suppress_embeds=True)
    view = render(message)
    return lambda: target.send(view=view, nonce=key)
