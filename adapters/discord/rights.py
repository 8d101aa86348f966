"""What the bot needs to post in a channel, who manages it, and how what is missing is said."""

from __future__ import annotations

import discord

from bot.text import one_line
from bot.usage import usage

Channel = discord.abc.GuildChannel | discord.Thread
Place = Channel | discord.DMChannel | discord.GroupChannel

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    read_message_history=True,
)
# One sentence for a channel that is unknown and for one that is not theirs: it tells neither.
UNKNOWN = "I cannot see that channel, or you may not manage it. If it is yours, let me in."
_UNKNOWN_CODES = (10003, 10004, 10007, 10013, 50001, 50013)  # of a channel, a server, a member


def title(channel: Place | None) -> str:
    """`#papers in Acme`, for who is elsewhere: many servers have a #papers."""
    server = one_line(channel.guild.name) if isinstance(channel, Channel) else ""
    name = f"#{getattr(channel, 'name', '')}"
    return f"{name} in {server}" if server else name


async def reads(client: discord.Client, number: int) -> bool:
    """Whether a channel's history can be trusted: without the right Discord shows an empty one.

    Raises discord.py's errors when Discord does not say.
    """
    channel = client.get_channel(number)
    if isinstance(channel, Channel):
        return _given(channel).read_message_history
    try:
        asked = await _asked(client, number)
    except (discord.Forbidden, discord.NotFound):
        return True  # whoever keeps us out keeps us out of the history too, and says so
    return asked is None or asked[1].read_message_history


def may_post(channel: Channel) -> bool:
    """As far as the client's cache knows."""
    if not isinstance(channel, discord.abc.Messageable):
        return False  # a category, or a forum
    given = _given(channel)
    locked = isinstance(channel, discord.Thread) and channel.locked and not given.manage_threads
    return not locked and not _missing(given, isinstance(channel, discord.Thread))


async def problem(client: discord.Client, number: int) -> str:
    """What keeps us from posting in that channel, asked over REST alone; empty if nothing.

    Raises discord.py's errors, also where Discord does not show us the channel.
    """
    asked = await _asked(client, number)
    return told(*asked) if asked else ""


def told(channel: Channel, given: discord.Permissions) -> str:
    """What of these rights keeps us from posting there, a thread's being as in its channel."""
    thread = isinstance(channel, discord.Thread)
    if isinstance(channel, discord.Thread) and channel.locked and not given.manage_threads:
        return f"#{channel.name} is locked: unlock it, or give me Manage Threads there."
    if thread and not given.send_messages:
        given.embed_links = True  # what it is in a thread cannot be told from its channel
    missing = _missing(given, thread)
    return missing and f"I may not post in #{channel.name}: give me {missing} there."


async def _asked(client: discord.Client, number: int) -> tuple[Channel, discord.Permissions] | None:
    """A channel and our rights there, a thread's as in its channel. None: a private chat."""
    channel = await client.fetch_channel(number)
    if not isinstance(channel, Channel) or client.user is None:
        return None
    guild = await client.fetch_guild(channel.guild.id)
    me = await guild.fetch_member(client.user.id)
    ruling = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
    return channel, (await guild.fetch_channel(ruling)).permissions_for(me)


async def managed(client: discord.Client, number: int, person: int) -> Channel | None:
    """A channel of a server that person manages. None: another's, or none we know.

    Raises discord.py's errors when Discord does not say.
    """
    try:
        channel = client.get_channel(number) or await client.fetch_channel(number)
        if not isinstance(channel, Channel):
            return None
        guild = client.get_guild(channel.guild.id)
        if guild is None or guild.unavailable:
            guild = await client.fetch_guild(channel.guild.id)
        member = await guild.fetch_member(person)
    except discord.HTTPException as error:
        if error.code in _UNKNOWN_CODES:
            return None
        raise
    return channel if member.guild_permissions.manage_guild else None


def barred(interaction: discord.Interaction, place: Place) -> str:
    """Why a channel cannot be set up, before anything is changed; empty if it can."""
    given = interaction.app_permissions
    if isinstance(place, Channel) and place.id != interaction.channel_id:
        given = _given(place)
    missing = _missing(given, isinstance(place, discord.Thread))
    return missing and (
        f"I may not post in #{one_line(str(place))} yet: give me {missing} there, "
        f"then run {usage('setup')} again. Nothing was changed."
    )


def _given(channel: Channel) -> discord.Permissions:
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return discord.Permissions.none()  # its channel is hidden from us
    me: discord.Member | None = channel.guild.me  # None: a server that is not in the cache
    return channel.permissions_for(me) if me else discord.Permissions.none()


def _missing(rights: discord.Permissions, thread: bool) -> str:
    writing = rights.send_messages_in_threads if thread else rights.send_messages
    needed = {
        "View Channel": rights.view_channel,
        "Send Messages in Threads" if thread else "Send Messages": writing,
        "Embed Links": rights.embed_links,
    }
    *most, last = [name for name, given in needed.items() if not given] or [""]
    return f"{', '.join(most)} and {last}" if most else last
