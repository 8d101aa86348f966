"""The commands as Discord has them: changed only where they differ, and beside serving."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, MutableMapping, Sequence
from itertools import chain, repeat

import discord
from discord import app_commands

from adapters.discord import faults
from bot.errors import PostError

log = logging.getLogger(__name__)
_sleep = asyncio.sleep
_TIMEOUT = 120  # seconds for both requests, discord.py's own repeats included
_COMMAND = ("name", "type", "description", "default_member_permissions", "nsfw", "options")
_GLOBAL = ("contexts", "integration_types")  # a server's own commands have neither
_OPTION = ("name", "type", "description", "required", "autocomplete", "channel_types")
_LISTS = ("contexts", "integration_types", "channel_types")  # in no order
_ENTRY_POINT = 4  # the type of the command that opens an Activity; it is not ours
Tree = app_commands.CommandTree[discord.Client]
Json = Mapping[str, object]


async def keep(tree: Tree, home: discord.Object | None, ids: MutableMapping[str, int]) -> None:
    """Register the commands, for everybody or in one server; again later while refused.

    ids: is given the commands' numbers, by which a message can mention them.
    """
    pauses = chain((60, 300, 1800), repeat(3600))
    for attempt, pause in enumerate(pauses):
        try:
            async with faults.asking(tree.client, _TIMEOUT):
                ids.update(await _register(tree, home))
            return
        except PostError as fault:
            wait = max(pause, fault.wait) if isinstance(fault, faults.Limited) else pause
            absent = home is not None and fault.permanent
            reason = "DISCORD_GUILD is not a server I have been added to" if absent else str(fault)
            look = (fault.permanent or fault.refused) and attempt == 0
            level = logging.ERROR if look else logging.WARNING
            log.log(level, "discord commands not registered reason=%s retry_in=%d", reason, wait)
        except Exception:
            wait = pause
            log.exception("discord commands broke retry_in=%d", wait)
        await _sleep(wait)


async def _register(tree: Tree, home: discord.Object | None) -> Mapping[str, int]:
    """Their numbers by name."""
    number, http = tree.client.application_id or 0, tree.client.http
    if home:
        theirs = await http.get_guild_commands(number, home.id)
    else:
        theirs = await http.get_global_commands(number)
    fields = _COMMAND if home else (*_COMMAND, *_GLOBAL)
    ours = [command.to_dict(tree) for command in tree.get_commands(guild=home)]
    if _canonical(ours, fields) == _canonical(theirs, fields):
        log.info("discord commands unchanged commands=%d", len(ours))
        return {command["name"]: int(command["id"]) for command in theirs}
    synced = await tree.sync(guild=home)
    log.info("discord commands registered commands=%d", len(ours))
    return {command.name: command.id for command in synced}


def _canonical(commands: Sequence[Json], fields: Sequence[str]) -> object:
    """What we set of each command, in a form that is equal when Discord would do the same."""
    ours = [command for command in commands if command.get("type") != _ENTRY_POINT]
    return sorted([_value(command, field) for field in fields] for command in ours)


def _value(command: Json, field: str) -> object:
    value = command.get(field)
    if field == "options":
        options = value if isinstance(value, list) else []
        return str([[_value(option, name) for name in _OPTION] for option in options])
    if field in _LISTS:
        return str(sorted(value) if isinstance(value, list) else [])
    return "" if value in (None, False) else str(value)  # Discord leaves out what is false
