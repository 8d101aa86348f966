"""Discord over discord.py: answers, buttons and posts; knows ids and rights."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import faults, rights, slash
from adapters.discord.render import PREFIX, embeds, opening, render
from bot.config import Config
from bot.errors import ConfigError, DailyPapersError, PostError, Untold
from bot.model import Choice, Message, Pace, Receipt, Request
from bot.ports import Adapter, Handle

if TYPE_CHECKING:
    from discord.interactions import InteractionChannel

log = logging.getLogger(__name__)
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it has nothing to say
_sleep = asyncio.sleep
_TIMEOUT = 30  # seconds for one request, discord.py's own repeats included


def make(config: Config) -> Adapter:
    """The adapter, pointed at the configured hosts."""
    Route.BASE = config.discord_api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(config.discord_gateway_url)
    return Discord(config.tokens["DISCORD_TOKEN"], config.discord_guild)


class Discord:
    """Addresses: `c<channel or thread id>`, `u<user id>` for that person's private chat."""

    name = "discord"
    resend_within = timedelta(seconds=60)  # a nonce is recognised for "the past few minutes"
    reads_back = True
    pace = Pace(ceiling=50, bulk=45)

    def __init__(self, token: str, home: int | None) -> None:
        self._token = token
        self._home = home
        self._client: discord.Client | None = None
        self.up = asyncio.Event()

    def client(self, handle: Handle) -> discord.Client:
        """A fresh client that serves `handle`; posts go out through the newest one."""
        self._client = _Client(handle, self._home)
        return self._client

    async def run(self, handle: Handle) -> None:
        for pause in chain((5, 15, 60), repeat(300)):
            try:
                await self._serve(self.client(handle))
            except PostError as fault:
                wait = fault.retry_after or pause
                log.warning("discord unreachable reason=%s retry_in=%d", fault, wait)
                await _sleep(wait)
            else:
                return

    async def _serve(self, client: discord.Client) -> None:
        try:
            with faults.named():
                async with asyncio.timeout(120):
                    await client.login(self._token)
                self.up.set()
                await _connected(client)
        finally:
            # The gateway's goodbye may take half a minute; shutting down may not.
            with suppress(TimeoutError):
                async with asyncio.timeout(3):
                    await client.close()
            await client.http.close()

    async def post(self, address: str, message: Message, *, key: str) -> Receipt:
        client = self._client
        if client is None or client.user is None or client.is_closed():
            raise PostError("Not connected to Discord yet")
        embeds, view = render(message)
        with faults.named():
            async with asyncio.timeout(_TIMEOUT):
                target = await _target(client, address)
        with faults.named(sending=True):
            async with asyncio.timeout(_TIMEOUT):
                # discord.py adds enforce_nonce: a repeat within minutes is the same message
                sent = await target.send(embeds=embeds, view=view, nonce=key)
        return Receipt(str(sent.id))

    def chat(self, address: str) -> tuple[str, float]:
        """Commonly 5 messages in 5 s a channel; discord.py keeps to what the headers say."""
        return address, 1.0

    async def find(self, address: str, message: Message) -> Receipt | None:
        client = self._client
        if client is None or client.user is None:
            raise PostError("Not connected to Discord yet")
        if address.startswith("c") and not rights.reads(client, int(address[1:])):
            raise Untold("I may not read that channel's history, so I cannot tell")
        wanted = opening(embeds(message)[0])
        with faults.named():
            async with asyncio.timeout(_TIMEOUT):
                target = await _target(client, address)
                async for found in target.history(limit=50):
                    ours = found.author == client.user and not found.interaction_metadata
                    if ours and found.embeds and opening(found.embeds[0]) == wanted:
                        return Receipt(str(found.id))
        return None

    async def check(self, addresses: Sequence[str]) -> list[str]:
        client = discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30)
        try:
            with faults.named():
                async with client, asyncio.timeout(60):
                    await client.login(self._token)
                    places = [int(a[1:]) for a in addresses if a.startswith("c")]
                    return [p for place in places if (p := await rights.problem(client, place))]
        except DailyPapersError as fault:
            return [str(fault)]


async def _connected(client: discord.Client) -> None:
    """Serve until the connection ends for good, or until cancelled."""
    # In a task of its own: Python 3.11's wait_for, which discord.py connects with, can swallow a
    # cancellation. Closing the client ends the task whatever it swallowed.
    connection = asyncio.ensure_future(client.connect())
    connection.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        await asyncio.wait([connection])
    finally:
        connection.cancel()
    connection.result()


async def _target(client: discord.Client, address: str) -> discord.abc.Messageable:
    number = int(address[1:])
    if address.startswith("c"):
        return client.get_partial_messageable(number)
    return await client.create_dm(discord.Object(number))


class _Client(discord.Client):
    """discord.py's connection, with our commands and buttons on it."""

    def __init__(self, core: Handle, home: int | None) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=30,  # longer waits are the caller's business
        )
        self._core = core
        self._home = discord.Object(home) if home else None
        self.tree = app_commands.CommandTree(self)
        for command in core.commands:
            self.tree.add_command(slash.made(command, self.reply, self._suggest))

    async def setup_hook(self) -> None:
        scopes = ("bot", "applications.commands")
        number = self.application_id or 0
        invite = discord.utils.oauth_url(number, permissions=rights.NEEDED, scopes=scopes)
        log.info("discord is up invite=%s", invite)
        if self._home is None:
            await self.tree.sync()
            return
        # Only there: Discord would list a command twice that is both global and a server's own.
        self.tree.copy_global_to(guild=self._home)
        try:
            await self.tree.sync(guild=self._home)
        except discord.Forbidden as error:
            raise ConfigError("DISCORD_GUILD is not a server I have been added to.") from error

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        pressed = interaction.type is discord.InteractionType.component
        if pressed and (words := interaction.custom_id or "").startswith(PREFIX):
            data, _, about = words.removeprefix(PREFIX).partition("@")
            await self.reply(interaction, data=data, about=int(about or 0))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        for channel in (*guild.channels, *guild.threads):
            await self._core.removed(f"c{channel.id}", "I was removed from the server")

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._core.removed(f"c{channel.id}", "the channel was deleted")

    async def on_raw_thread_delete(self, thread: discord.RawThreadDeleteEvent) -> None:
        await self._core.removed(f"c{thread.thread_id}", "the thread was deleted")

    async def _suggest(
        self, interaction: discord.Interaction, command: str, option: str, typed: str
    ) -> Sequence[Choice]:
        request = _request(interaction, interaction.channel, command)
        return await self._core.suggest(request, option, typed)

    async def reply(
        self,
        interaction: discord.Interaction,
        *,
        command: str = "",
        text: str = "",
        data: str = "",
        about: int = 0,
        hidden: bool = True,
    ) -> None:
        """Defer at once (Discord waits three seconds), ask the core, show its answer.

        A press on the presser's own answer changes that answer; a press on a message that
        others see is answered to the presser alone.
        """
        own = interaction.message is not None and interaction.message.flags.ephemeral
        try:
            with faults.named():
                async with asyncio.timeout(_TIMEOUT):
                    await interaction.response.defer(ephemeral=hidden, thinking=not own)
            place = _place(interaction, about)
            request = _request(interaction, place, command, text, data)
            barred = rights.barred(interaction, place, setup=command == "setup")
            if barred:
                message = Message(text=barred, private=True)
            else:
                message = await self._core.answer(request)
            with faults.named():
                async with asyncio.timeout(_TIMEOUT):
                    await _show(interaction, message, str(about or ""), hidden)
        except PostError as fault:
            log.warning("discord answer lost command=%s reason=%s", command, fault)


async def _show(
    interaction: discord.Interaction, message: Message, about: str, hidden: bool
) -> None:
    embeds, view = render(message, about)
    if message.private and not hidden:
        # An answer keeps the visibility it was deferred with, so this one must be a second one;
        # and Discord takes a second one only once the first is no longer "thinking".
        await interaction.edit_original_response(content="…")
        await interaction.followup.send(embeds=embeds, view=view, ephemeral=True)
        await interaction.delete_original_response()
    else:
        await interaction.edit_original_response(embeds=embeds, view=view)


def _place(interaction: discord.Interaction, about: int) -> InteractionChannel | None:
    """The channel an interaction is about: another one of the same server, if we see it."""
    if not about or about == interaction.channel_id:
        return interaction.channel
    return interaction.guild.get_channel_or_thread(about) if interaction.guild else None


def _request(
    interaction: discord.Interaction,
    place: InteractionChannel | None,
    command: str,
    text: str = "",
    data: str = "",
) -> Request:
    person = f"u{interaction.user.id}"
    alone = interaction.guild_id is None and interaction.context.dm_channel
    name = getattr(place, "name", None)

    async def may_manage() -> bool:
        return alone or (interaction.guild_id is not None and interaction.permissions.manage_guild)

    return Request(
        platform=Discord.name,
        address=person if alone or place is None else f"c{place.id}",
        person=person,
        command=command,
        text=text,
        data=data,
        one_to_one=alone,
        place=f"#{name}" if name else "here",
        may_manage=may_manage,
    )
