"""What the bot needs to post in a channel, and how it says what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from adapters.discord import faults
from bot.errors import PostError

if TYPE_CHECKING:
    from discord.interactions import InteractionChannel


NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    read_message_history=True,
)


def reads(client: discord.Client, number: int) -> bool:
    """Whether a channel's history can be trusted: without the right Discord shows an empty one."""
    channel = client.get_channel(number)
    if isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return channel.permissions_for(channel.guild.me).read_message_history
    return True  # a private chat


async def problem(client: discord.Client, number: int) -> str:
    """What keeps us from posting in that channel, asked over REST alone; empty if nothing."""
    try:
        with faults.named():
            channel = await client.fetch_channel(number)
            if isinstance(channel, discord.abc.PrivateChannel) or client.user is None:
                return ""
            guild = await client.fetch_guild(channel.guild.id)
            me = await guild.fetch_member(client.user.id)
            thread = isinstance(channel, discord.Thread)
            ruling = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
            given = (await guild.fetch_channel(ruling)).permissions_for(me)
    except PostError as fault:
        return f"Channel {number}: {fault}."
    missing = _missing(given, thread)
    return missing and f"I may not post in #{channel.name}: give me {missing} there."


def _missing(rights: discord.Permissions, thread: bool) -> str:
    writing = rights.send_messages_in_threads if thread else rights.send_messages
    needed = {
        "View Channel": rights.view_channel,
        "Send Messages in Threads" if thread else "Send Messages": writing,
        "Embed Links": rights.embed_links,
    }
    *most, last = [name for name, given in needed.items() if not given] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def barred(
    interaction: discord.Interaction, place: InteractionChannel | None, *, setup: bool
) -> str:
    """Why a channel cannot be managed, or set up, before anything is changed; empty if it can."""
    if place is None:
        return "I cannot see that channel: let me in, then ask again."
    if not setup or not interaction.permissions.manage_guild:
        return ""  # who may not manage hears that from the core
    missing = _missing(_given(interaction, place), isinstance(place, discord.Thread))
    return missing and (
        f"I may not post in #{place} yet: give me {missing} there, then run /setup again. "
        "Nothing was changed."
    )


def _given(interaction: discord.Interaction, place: InteractionChannel) -> discord.Permissions:
    if place.id == interaction.channel_id or interaction.guild is None:
        return interaction.app_permissions
    if isinstance(place, discord.Thread) and place.parent is None:
        return discord.Permissions.none()  # its channel is hidden from us
    return place.permissions_for(interaction.guild.me)
