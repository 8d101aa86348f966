"""What a message in components says, as Discord sends it and as discord.py reads it."""

from collections.abc import Iterator, Sequence

import discord

TEXT_DISPLAY = 10


def texts(components: Sequence[dict]) -> list[str]:
    """Every text, in reading order."""
    return [part["content"] for part in walk(components) if part["type"] == TEXT_DISPLAY]


def walk(components: Sequence[dict]) -> Iterator[dict]:
    """All components, each before those within it."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        yield from walk([component["accessory"]] if "accessory" in component else [])


def words(message: discord.Message) -> str:
    """All that a message says, whatever its look."""
    parts = (c if isinstance(c, dict) else c.to_dict() for c in message.components)
    said = texts(list(parts))
    return "\n".join(filter(None, (message.content, *said)))
