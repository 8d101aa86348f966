"""What can be pressed and chosen under a message, as Discord's components; what stands on it.

https://docs.discord.com/developers/components/reference
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import ui

from adapters.discord.markdown import escape, fit, flat, link, units
from bot.dialogue import Action, Field, Menu, Message

PREFIX = "dp:"  # ours; a kind's mark, the action's data, and `@channel` if it is elsewhere
FIELD, MENU, CHANNEL = "?", "+", "~"  # a value to be typed; a menu by its number; a channel
OPTIONS, LABEL, OPTION = 25, 80, 100  # Discord's limits
EXAMPLE = "for example "  # stands before a field's example
_ROWS = 5
_ID = re.compile(rf"{PREFIX}([?+~]?)([A-Za-z0-9_-]{{1,64}})(?:@([0-9]{{1,19}}))?")
_CHANNELS = [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.news_thread,
             discord.ChannelType.public_thread, discord.ChannelType.private_thread]  # fmt: skip
Row = ui.ActionRow[ui.LayoutView]


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was pressed or chosen, by its custom_id."""

    kind: str
    data: str  # the action's; of a menu its number
    about: int  # a channel; 0: here


def read(custom_id: str) -> Pressed | None:
    """None: no version wrote it so."""
    found = _ID.fullmatch(custom_id)
    return Pressed(found[1], found[2], int(found[3] or 0)) if found else None


def selects(message: Message, about: str) -> list[ui.Item[ui.LayoutView]]:
    """Each menu under its label, and the channels to choose from."""
    shown = list[ui.Item[ui.LayoutView]]()
    for number, menu in enumerate(message.menus):
        if menu.options:
            shown.append(ui.TextDisplay(f"-# {escape(flat(menu.label))}"))
            shown.append(Row(_select(menu, number, about)))
    if message.elsewhere:
        shown.append(ui.TextDisplay(f"-# {escape(flat(message.elsewhere.label))}"))
        shown.append(Row(_channels(message.elsewhere, message.about)))
    return shown


def size(shown: Sequence[ui.Item[ui.LayoutView]]) -> int:
    """Characters of their labels."""
    return sum(units(item.content) + 2 for item in shown if isinstance(item, ui.TextDisplay))


def _select(menu: Menu, number: int, about: str) -> ui.Select[ui.LayoutView]:
    room = OPTIONS - (menu.other is not None)
    options = [
        discord.SelectOption(
            label=fit(flat(action.label), OPTION), value=action.data, default=n == menu.chosen
        )
        for n, action in enumerate(menu.options[:room])
    ]
    if menu.other:
        label, ask = fit(flat(menu.other.label), OPTION), fit(_question(menu.other), OPTION)
        value = f"{FIELD}{menu.other.data}"
        options.append(discord.SelectOption(label=f"{label}…", value=value, description=ask))
    holder = fit(flat(menu.label), OPTION) or None
    return ui.Select(
        custom_id=custom_id(MENU, str(number), about), options=options, placeholder=holder
    )


def _question(field: Field) -> str:
    example = f" {EXAMPLE}{field.example}" if field.example else ""
    return flat(f"{field.ask}{example}")


def _channels(action: Action, about: str) -> ui.ChannelSelect[ui.LayoutView]:
    """The place that the message is about is chosen already."""
    kind, number = discord.SelectDefaultValueType.channel, about[1:]
    now = [discord.SelectDefaultValue(id=int(number), type=kind)] if about[:1] == "c" else []
    return ui.ChannelSelect(
        custom_id=custom_id(CHANNEL, action.data, ""), channel_types=_CHANNELS,
        placeholder=fit(flat(action.label), OPTION) or None,
        default_values=now,
    )  # fmt: skip


def rows(message: Message, about: str) -> list[Row]:
    """The actions and the fields without a menu as buttons, at most 5 x 5; a press comes back as
    an interaction.

    about: id of the channel they are about, when it is not the one they stand in
    """
    found, seen = list[Row](), set[str]()
    fields: list[Action | Field] = [m.other for m in message.menus if m.other and not m.options]
    for buttons in (*message.actions, fields):
        row = Row()
        for button in buttons[:5]:
            target = _target(button, about)
            if target and target not in seen:  # Discord refuses a custom_id used twice
                seen.add(target)
                row.add_item(_button(button, target))
        if row.children:
            found.append(row)
    return found[:_ROWS]


def _target(button: Action | Field, about: str) -> str:
    """An address or a custom_id."""
    if isinstance(button, Field):
        return custom_id(FIELD, button.data, about)
    there = button.about[1:] if button.about.startswith("c") else about
    return link(button.url) or custom_id("", button.data, there)


def custom_id(kind: str, data: str, about: str) -> str:
    return f"{PREFIX}{kind}{data}@{about}".removesuffix("@") if data else ""


def _button(button: Action | Field, target: str) -> ui.Button[ui.LayoutView]:
    label = fit(flat(button.label), LABEL) or "Open"
    if isinstance(button, Action) and button.url:
        return ui.Button(label=label, url=target)
    return ui.Button(label=label, custom_id=target)
