"""What a person pressed, chose or typed, read from an interaction; and what asks for a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import discord
from discord import ui

from adapters.discord.menus import CHANNEL, EXAMPLE, FIELD, MENU, Pressed, custom_id, read
from bot.text import cut

TYPED = 200  # characters that may be typed in a field
_TITLE = 45  # Discord's limit


def pressed(interaction: discord.Interaction) -> Pressed | None:
    """The action itself where it was an option of a menu, or is about a channel that was chosen.
    None: no version of ours wrote it so."""
    known, values = read(interaction.custom_id or ""), _values(interaction)
    if known is None or known.kind not in (MENU, CHANNEL):
        return known
    if not values:
        return None
    if known.kind == CHANNEL:
        about = int(values[0]) if values[0].isdecimal() else 0
        return replace(known, kind="", about=about)
    kind = FIELD if values[0].startswith(FIELD) else ""
    return replace(known, kind=kind, data=values[0].removeprefix(FIELD))


def _values(interaction: discord.Interaction) -> Sequence[str]:
    data: Mapping[str, object] = interaction.data or {}
    values = data.get("values")
    return [str(value) for value in values] if isinstance(values, list) else []


def typed(interaction: discord.Interaction) -> str:
    """What was typed into a modal; empty: it is none."""
    data: Mapping[str, object] = interaction.data or {}
    return " ".join(_typed(data.get("components"))).strip()


def _typed(components: object) -> Iterator[str]:
    for component in components if isinstance(components, list) else ():
        if isinstance(component, dict):
            yield from _typed([component.get("component")])
            yield from _typed(component.get("components"))
            yield from [str(component["value"])] if "value" in component else []


def modal(field: Pressed, shown: discord.Message | None) -> ui.Modal:
    """What asks for a field's value. Its words are those of the message it is opened from, so that
    nothing of it need be kept."""
    label, question = next(_words(field.data, shown.components if shown else ()), ("", ""))
    ask, _, example = question.partition(EXAMPLE)
    label = label.rstrip("…") or "Type it here"
    number = custom_id(FIELD, field.data, str(field.about or ""))
    asking = ui.Modal(title=cut(label, _TITLE), custom_id=number)
    text = ui.TextInput[ui.Modal](
        placeholder=example or None, max_length=TYPED, custom_id="typed", required=True
    )
    asking.add_item(ui.Label(text=cut(ask.strip() or label, _TITLE), component=text))
    asking.stop()  # discord.py would keep it, and lose it at a restart
    return asking


def _words(data: str, components: Sequence[object]) -> Iterator[tuple[str, str]]:
    """The label and the question of the field with that data."""
    for component in components:
        if isinstance(component, discord.Container | discord.ActionRow):
            yield from _words(data, component.children)
        elif isinstance(component, discord.SelectMenu):
            for option in component.options:
                if option.value == f"{FIELD}{data}":
                    yield option.label, option.description or ""
        elif isinstance(component, discord.Button):
            known = read(component.custom_id or "")
            if known and (known.kind, known.data) == (FIELD, data):
                yield component.label or "", ""
