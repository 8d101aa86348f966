"""The connection to Discord: the gateway's events, told to the core."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Sequence
from functools import partial

import discord

from adapters.discord import faults, greeting, register, rights, shards, slash
from adapters.discord.answers import Answers
from adapters.discord.menus import PREFIX
from adapters.discord.openings import Openings, everywhere
from adapters.discord.tree import Tree
from bot.connector import Connector
from bot.errors import PostError
from bot.network import Network
from bot.ports import Handle

log = logging.getLogger(__name__)
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it has nothing to say
_sleep = asyncio.sleep
_GOODBYE = 3.0  # seconds: the gateway's goodbye may take half a minute, shutting down may not
# Seconds after the last server until discord.py takes another for a new one; its own default.
_ARRIVING = 2.0
_INVITE = "Add me to the server again: open my profile and press Add App."


def _parse(event: str, parse: Callable[[object], None], data: object) -> None:
    """What discord.py cannot read ends its connection for everybody: that event is left out."""
    try:
        parse(data)
    except Exception as error:
        number = data.get("id") if isinstance(data, dict) else None
        # One line, not `log.exception`: an outage at Discord's may have thousands of them.
        [*_, where] = traceback.extract_tb(error.__traceback__)
        log.error("discord event set aside event=%s id=%s error=%s at=%s:%s",
                  event, number, type(error).__name__, where.name, where.lineno)  # fmt: skip


class Connection(discord.AutoShardedClient):
    """discord.py's connection, with our commands and buttons on it."""

    def __init__(self, core: Handle, home: int | None, shard_count: int, network: Network) -> None:
        super().__init__(
            shard_count=shard_count,
            connector=Connector(network, limit=0),  # as discord.py's own; the gateway's, too
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=_ARRIVING,
            max_messages=None,
            max_ratelimit_timeout=30,  # longer waits are the caller's business
            http_trace=faults.trace(),
        )
        parsers = self._connection.parsers  # nothing public stands between an event and its parser
        for event, parse in parsers.items():
            parsers[event] = partial(_parse, event, parse)
        self._core = core
        self._home = discord.Object(home) if home else None
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent: dict[int, float] = {}  # shard -> since when
        self._openings = Openings()
        self.leaving: dict[int, rights.Channel] = {}  # while the core is told that it lost them
        self._answers = Answers(core)
        self.tree = Tree(self, self._answers)
        for command in core.commands:
            self.tree.add_command(slash.made(command, self._answers.reply))
        if self._home:  # only there: Discord would list twice what is both global and a server's
            self.tree.copy_global_to(guild=self._home)

    async def setup_hook(self) -> None:
        scopes = ("bot", "applications.commands")
        number = self.application_id or 0
        invite = discord.utils.oauth_url(number, permissions=rights.NEEDED, scopes=scopes)
        log.info("discord is up invite=%s", invite)
        registering = register.keep(self.tree, self._home, self._answers.ids)
        self._tasks.add(asyncio.create_task(registering))

    async def hold(self, known: int) -> None:
        """Serve until the gateway ends it: raises PostError, or ConfigError for a refused token.

        known: how many shards there were the last time.
        """
        self.shard_count = await shards.count(self, known)
        now = self.loop.time()
        # Discord takes one start in five seconds.
        self._silent |= {shard: now + 5 * shard for shard in range(self.shard_count)}
        ends = {
            asyncio.create_task(self.connect()),
            asyncio.create_task(shards.watch(self._silent)),
        }
        self._tasks |= ends
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        with faults.named():
            for task in done:
                if not task.cancelled():
                    await task
        raise PostError("Discord ended the connection")

    async def shut(self) -> None:
        """Close, and leave nothing behind."""
        await self._answers.finish()
        for task in self._tasks:
            task.cancel()
        tasks = {*self._tasks, asyncio.create_task(self.close())}
        await asyncio.wait(tasks, timeout=_GOODBYE)
        await self.http.close()
        # Python 3.11's wait_for, which discord.py connects with, can swallow a cancellation.
        while pending := {task for task in tasks if not task.done()}:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=0.5)
        for task in tasks:
            if not task.cancelled():
                task.exception()  # it has been told, or came of closing

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Discord takes one start in five seconds."""
        if not initial:
            await _sleep(5)

    async def on_shard_connect(self, shard_id: int) -> None:
        self._silent.pop(shard_id, None)

    async def on_shard_resumed(self, shard_id: int) -> None:
        self._silent.pop(shard_id, None)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        self._silent.setdefault(shard_id, self.loop.time())

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        kinds = (discord.InteractionType.component, discord.InteractionType.modal_submit)
        if interaction.type in kinds and (interaction.custom_id or "").startswith(PREFIX):
            await self._answers.press(interaction)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server of ours came into view: at the start, or after an outage of its own."""
        await self._returned(self._openings.begin(guild))
        if greeting.is_new(guild):
            await greeting.greet(self, self._core, guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._openings.begin(guild)
        await self._returned([f"c{channel.id}" for channel in everywhere(guild)])
        await greeting.greet(self, self._core, guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Not for an outage: discord.py has `guild_unavailable` for that."""
        self._openings.forget(guild)
        for channel in everywhere(guild):
            await self._left(channel.id, channel, "I was removed from the server", _INVITE)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._left(channel.id, channel, "the channel was deleted", faults.ELSEWHERE)

    async def on_raw_thread_delete(self, thread: discord.RawThreadDeleteEvent) -> None:
        reason = "the thread was deleted"
        await self._left(thread.thread_id, thread.thread, reason, faults.ELSEWHERE)

    async def _left(
        self, number: int, channel: rights.Channel | None, reason: str, remedy: str
    ) -> None:
        """Its owner hears of it by name, which discord.py has forgotten by now."""
        if channel:
            self.leaving[number] = channel
        try:
            await self._core.removed(f"c{number}", reason, remedy)
        finally:
            self.leaving.pop(number, None)

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        await self._changed(channel.guild, [channel])

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, channel: discord.abc.GuildChannel
    ) -> None:
        threads = [thread for thread in channel.guild.threads if thread.parent_id == channel.id]
        await self._changed(channel.guild, [channel, *threads])

    async def on_thread_update(self, _before: discord.Thread, thread: discord.Thread) -> None:
        await self._changed(thread.guild, [thread])

    async def on_thread_join(self, thread: discord.Thread) -> None:
        """It came into view: it was reopened, or we were let in."""
        if rights.may_post(thread):
            await self._returned([f"c{thread.id}"])

    async def on_guild_role_update(self, before: discord.Role, role: discord.Role) -> None:
        if before.permissions != role.permissions:
            await self._changed(role.guild)

    async def on_member_update(self, _before: discord.Member, member: discord.Member) -> None:
        """Without the members' intent Discord sends it for ourselves: a role given, or taken."""
        if self.user and member.id == self.user.id:
            await self._changed(member.guild)

    async def _changed(
        self, guild: discord.Guild, among: Sequence[rights.Channel] | None = None
    ) -> None:
        await self._returned(self._openings.opened(guild, among or everywhere(guild)))

    async def _returned(self, addresses: Sequence[str]) -> None:
        if addresses:
            await self._core.returned(addresses)
