"""discord.py's tree of slash commands, with every interaction answered."""

from __future__ import annotations

import discord
from discord import app_commands

from adapters.discord.answers import Answers


class Tree(app_commands.CommandTree[discord.Client]):
    """discord.py answers neither commands it does not know, nor words while something is wrong."""

    def __init__(self, client: discord.Client, answers: Answers) -> None:
        super().__init__(client)
        self._answers = answers

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Before anything else: what is being typed is ours alone to answer."""
        if interaction.type is discord.InteractionType.autocomplete:
            await self._answers.suggest(interaction)
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Discord shows people the commands of an older version for a while, or for good."""
        if isinstance(error, app_commands.CommandNotFound) and not error.parents:
            await self._answers.reply(interaction, command=error.name)
        else:
            await self._answers.changed(interaction)
