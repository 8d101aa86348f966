"""The hello in a server that was joined: in which channel, and that it comes once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import discord

from adapters.discord import faults, rights
from adapters.discord.render import render
from bot.errors import PostError
from bot.hello import hello
from bot.ports import Handle

log = logging.getLogger(__name__)
_TIMEOUT = 30  # seconds
_NEW = timedelta(days=1)  # a server that was joined while the bot was off is greeted so long


def is_new(guild: discord.Guild) -> bool:
    """Whether it was joined lately."""
    me: discord.Member | None = guild.me  # None: a server that is not in the cache
    joined = me.joined_at if me else None
    return joined is not None and discord.utils.utcnow() - joined < _NEW


async def greet(client: discord.Client, core: Handle, guild: discord.Guild) -> None:
    """Say hello where we may write. The store is told before: a second one would be worse than
    none."""
    channel = next(_channels(guild), None)
    if channel is None or not await core.greets(f"g{guild.id}", guild.name):
        return
    try:
        async with faults.asking(client, _TIMEOUT, sending=True):
            await channel.send(view=render(hello()), nonce=f"hello{guild.id}")
    except PostError as fault:
        log.warning("discord hello not said guild=%d reason=%s", guild.id, fault)


def _channels(guild: discord.Guild) -> Iterator[discord.TextChannel]:
    """Those we may post in; the one for the system's own messages first."""
    system = [guild.system_channel] if guild.system_channel else []
    return (channel for channel in (*system, *guild.text_channels) if rights.may_post(channel))
