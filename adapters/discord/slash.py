"""Slash commands made from the registry: knows how Discord wants them described."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Sequence

import discord
from discord import app_commands

from bot.dialogue import Choice
from bot.ports import CommandSpec
from bot.text import cut

Slash = app_commands.Command[discord.app_commands.Group, ..., None]
# reply(interaction, command=, text=, about=, hidden=); `about`: another channel's id, or 0
Reply = Callable[..., Coroutine[None, None, None]]

_CHANNEL = "channel"  # Discord's own option of every admin command
_CHANNEL_SUMMARY = "The channel to manage; without it, this one"
_WRITABLE = ("text", "news", "news_thread", "public_thread", "private_thread")


class _Writable(app_commands.Transformer):
    """A channel or thread that takes messages, by id: it need not be in the cache."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return [getattr(discord.ChannelType, name) for name in _WRITABLE]

    async def transform(
        self, interaction: discord.Interaction, value: discord.abc.Snowflake
    ) -> int:
        return value.id


def made(command: CommandSpec, reply: Reply) -> Slash:
    """The command as discord.py registers it; its options' values become one text, in order."""

    async def callback(interaction: discord.Interaction, **values: str | int | None) -> None:
        given = [(o, value) for o in command.options if (value := values.get(o.name)) is not None]
        words = [f"{o.name}:{value}" if o.named else str(value) for o, value in given]
        about = values.get(_CHANNEL) if command.admin else None
        await reply(
            interaction,
            command=command.name,
            text=" ".join(words),
            about=int(about or 0),
            hidden=command.private or command.admin,
        )

    # discord.py reads a command's options from its callback's signature.
    callback.__dict__["__signature__"] = inspect.Signature(_parameters(command))
    texts = {option.name: option.summary for option in command.options}
    if command.admin:
        texts[_CHANNEL] = _CHANNEL_SUMMARY
    everywhere = not command.admin
    slash: Slash = app_commands.Command(
        name=command.name,
        description=command.summary,
        callback=app_commands.describe(**texts)(callback),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=everywhere, private_channel=everywhere
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=everywhere),
    )
    if command.admin:
        slash.default_permissions = discord.Permissions(manage_guild=True)
    for option in command.options:
        if option.suggest:
            slash.autocomplete(option.name)(_unasked)
    return slash


def _parameters(command: CommandSpec) -> list[inspect.Parameter]:
    """Required ones first, as Discord wants them."""
    options = sorted(command.options, key=lambda option: not option.required)
    found = [_parameter("interaction", discord.Interaction)]
    found += [_parameter(o.name, str) if o.required else _optional(o.name, str) for o in options]
    return [*found, _optional(_CHANNEL, _Writable)] if command.admin else found


def _parameter(name: str, kind: type) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)


def _optional(name: str, kind: type) -> inspect.Parameter:
    return _parameter(name, kind).replace(default=None, annotation=kind | None)


async def _unasked(
    _interaction: discord.Interaction, _typed: str
) -> list[app_commands.Choice[str]]:
    """Says that an option has suggestions; `tree.Tree` answers before it would be asked."""
    return []


def choices(found: Sequence[Choice]) -> list[app_commands.Choice[str]]:
    """Those that Discord takes: at most 25, with a name and a value of 1 to 100 characters."""
    return [
        app_commands.Choice(name=cut(choice.label, 100), value=choice.value)
        for choice in found
        if choice.label.strip() and 0 < len(choice.value) <= 100
    ][:25]
