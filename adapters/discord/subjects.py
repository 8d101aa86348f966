"""What a request is about, which may be another channel than its own, and who asks."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import discord

from adapters.discord import faults, rights
from bot.commands.elsewhere import place_in
from bot.dialogue import Message, Request
from bot.errors import PostError
from bot.ports import Handle
from bot.turns import Allowance, Buckets

log = logging.getLogger(__name__)
_TIMEOUT = 30  # seconds to find out about a channel of another server
_LATER = "Discord does not say just now who may manage that channel. Try again in a minute."
_IN_ITS_OPTION = (
    "That names a place: choose the channel in this command's option channel. Nothing was changed."
)


# Looks at other servers' channels, each up to three requests. They count in the same 50 a second
# as posts, of which these leave five; and what stands on a button, a person may make up.
_MINE, _ALL = Allowance(5, 0.2), Allowance(6, 1.0)


class Looks:
    """How often people may have Discord asked about channels of other servers."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._people, self._all = Buckets(_MINE), Buckets(_ALL)

    def may(self, person: int) -> bool:
        """Whether this person may have one more now; it is counted."""
        now = self._seconds()
        pause, _ = self._people.take(("discord", str(person)), now)
        return not pause and not self._all.take(("discord", ""), now)[0]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a request is about."""

    channel: rights.Place | None
    address: str
    managed: bool  # who asks may manage it
    elsewhere: bool = False  # not where the request was made


async def ask(
    core: Handle, interaction: discord.Interaction, asked: Request, about: int, looks: Looks
) -> Message | None:
    """The core's answer. None: it has told this person already that they ask too much."""
    admin = {command.name for command in core.commands if command.admin}
    if asked.command in admin and not asked.data and place_in(asked.text):
        return Message(text=_IN_ITS_OPTION, private=True)
    try:
        subject = await _subject(interaction, about, looks)
    except PostError as fault:
        log.warning("discord channel not found out reason=%s", fault)
        return Message(text=_LATER, private=True)
    if subject.elsewhere and subject.channel is None:
        return Message(text=rights.UNKNOWN, private=True)
    name = asked.command or asked.data.partition("-")[0]
    setting_up = name == "setup" and subject.managed  # who may not, the core tells
    if setting_up and subject.channel and (barred := rights.barred(interaction, subject.channel)):
        return Message(text=barred, private=True)
    message: Message | None = await core.answer(_request(interaction, subject, asked))
    if message is None:
        return None
    about_it = message.about or (subject.address if subject.elsewhere else "")
    if about_it == f"c{interaction.channel_id}" and not message.elsewhere:
        about_it = ""
    return replace(message, about=about_it)


def here(interaction: discord.Interaction, asked: Request) -> Request:
    """The request as one about the place it was made in."""
    return _request(interaction, _here(interaction), asked)


async def _subject(interaction: discord.Interaction, about: int, looks: Looks) -> _Subject:
    """Where the request was made; another channel of that server; one of another server.

    Raises PostError when Discord does not say who manages a channel of another server, or is not
    to be asked so often.
    """
    subject = _here(interaction)
    if not about or about == interaction.channel_id:
        return subject
    guild = interaction.guild
    if guild and (channel := guild.get_channel_or_thread(about)):
        return _Subject(channel, f"c{about}", subject.managed, elsewhere=True)
    if not looks.may(interaction.user.id):
        raise PostError("too many channels of other servers are asked about")
    async with faults.asking(interaction.client, _TIMEOUT):
        theirs = await rights.managed(interaction.client, about, interaction.user.id)
    return _Subject(theirs, f"c{about}", managed=theirs is not None, elsewhere=True)


def _here(interaction: discord.Interaction) -> _Subject:
    """Its channel is None where it is of a kind that discord.py does not know yet."""
    channel = interaction.channel
    if _one_to_one(interaction):
        return _Subject(channel, f"u{interaction.user.id}", managed=True)
    manages = interaction.guild_id is not None and interaction.permissions.manage_guild
    if channel is None:
        return _Subject(None, "", managed=False)
    return _Subject(channel, f"c{channel.id}", manages)


def _one_to_one(interaction: discord.Interaction) -> bool:
    return interaction.guild_id is None and interaction.context.dm_channel


def _request(interaction: discord.Interaction, subject: _Subject, asked: Request) -> Request:
    person = f"u{interaction.user.id}"
    alone = not subject.elsewhere and _one_to_one(interaction)
    name = getattr(subject.channel, "name", None)

    async def may_manage() -> bool:
        return subject.managed

    return replace(
        asked,
        address=subject.address or person,
        person=person,
        one_to_one=alone,
        place=f"#{name}" if name and not alone else "here",
        place_title=rights.title(subject.channel) if name and not alone else "",
        place_url="" if alone or subject.channel is None else subject.channel.jump_url,
        may_manage=may_manage,
    )
