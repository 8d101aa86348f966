"""Which channels are closed to the bot, and which of them a change has opened."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from adapters.discord import rights


class Openings:
    """The closed channels of each server, by what its newest events say."""

    def __init__(self) -> None:
        self._closed: dict[int, set[int]] = {}

    def begin(self, guild: discord.Guild) -> list[str]:
        """A server came into view. Returns the addresses where the bot may post."""
        channels = everywhere(guild)
        closed = self._closed[guild.id] = {c.id for c in channels if not rights.may_post(c)}
        return [f"c{channel.id}" for channel in channels if channel.id not in closed]

    def opened(self, guild: discord.Guild, among: Iterable[rights.Channel]) -> list[str]:
        """Something changed. Returns the addresses that were closed and are not any more."""
        closed = self._closed.setdefault(guild.id, set())
        opened = []
        for channel in among:
            if not rights.may_post(channel):
                closed.add(channel.id)
            elif channel.id in closed:
                closed.remove(channel.id)
                opened.append(f"c{channel.id}")
        return opened

    def forget(self, guild: discord.Guild) -> None:
        self._closed.pop(guild.id, None)


def everywhere(guild: discord.Guild) -> list[rights.Channel]:
    """A server's channels and the threads the bot can see."""
    return [*guild.channels, *guild.threads]
