"""Answers to commands and buttons: knows what a request is about, and who sees the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord

from adapters.discord import faults, rights
from adapters.discord.render import render
from bot.errors import PostError
from bot.model import Choice, Message, Request
from bot.ports import Handle

log = logging.getLogger(__name__)
_TIMEOUT = 30  # seconds for one request, discord.py's own repeats included
_LATER = "Discord does not say just now who may manage that channel. Try again in a minute."


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a request is about."""

    channel: rights.Place | None
    address: str
    managed: bool  # who asks may manage it
    elsewhere: bool = False  # not where the request was made


async def reply(
    core: Handle,
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
    asked = Request("discord", "", "", command=command, text=text, data=data)
    try:
        with faults.named():
            async with asyncio.timeout(_TIMEOUT):
                await interaction.response.defer(ephemeral=hidden, thinking=not own)
        message = await _answer(core, interaction, asked, about)
        with faults.named():
            async with asyncio.timeout(_TIMEOUT):
                await _show(interaction, message, hidden)
    except PostError as fault:
        log.warning("discord answer lost command=%s reason=%s", command, fault)


async def suggest(
    core: Handle, interaction: discord.Interaction, command: str, option: str, typed: str
) -> Sequence[Choice]:
    asked = Request("discord", "", "", command=command)
    return await core.suggest(_request(interaction, _here(interaction), asked), option, typed)


async def _answer(
    core: Handle, interaction: discord.Interaction, asked: Request, about: int
) -> Message:
    try:
        subject = await _subject(interaction, about)
    except PostError as fault:
        log.warning("discord channel not found out reason=%s", fault)
        return Message(text=_LATER, private=True)
    if subject.channel is None:
        return Message(text=rights.UNKNOWN, private=True)
    setting_up = asked.command == "setup" and subject.managed  # who may not, the core tells
    if setting_up and (barred := rights.barred(interaction, subject.channel)):
        return Message(text=barred, private=True)
    message = await core.answer(_request(interaction, subject, asked))
    address = subject.address if subject.elsewhere else ""
    return replace(message, about=message.about or address)


async def _show(interaction: discord.Interaction, message: Message, hidden: bool) -> None:
    embeds, view = render(message)
    if message.private and not hidden:
        # An answer keeps the visibility it was deferred with, so this one must be a second one;
        # and Discord takes a second one only once the first is no longer "thinking".
        await interaction.edit_original_response(content="…")
        await interaction.followup.send(embeds=embeds, view=view, ephemeral=True)
        await interaction.delete_original_response()
    else:
        await interaction.edit_original_response(embeds=embeds, view=view)


async def _subject(interaction: discord.Interaction, about: int) -> _Subject:
    """Where the request was made; another channel of that server; one of another server.

    Raises PostError when Discord does not say who manages a channel of another server.
    """
    here = _here(interaction)
    if not about or about == interaction.channel_id:
        return here
    guild = interaction.guild
    if guild and (channel := guild.get_channel_or_thread(about)):
        return _Subject(channel, f"c{about}", here.managed, elsewhere=True)
    with faults.named():
        async with asyncio.timeout(_TIMEOUT):
            theirs = await rights.managed(interaction.client, about, interaction.user.id)
    return _Subject(theirs, f"c{about}", managed=theirs is not None, elsewhere=True)


def _here(interaction: discord.Interaction) -> _Subject:
    channel = interaction.channel
    if _one_to_one(interaction):
        return _Subject(channel, f"u{interaction.user.id}", managed=True)
    manages = interaction.guild_id is not None and interaction.permissions.manage_guild
    return _Subject(channel, f"c{channel.id}" if channel else "", manages)


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
        place_url="" if alone or subject.channel is None else subject.channel.jump_url,
        may_manage=may_manage,
    )
