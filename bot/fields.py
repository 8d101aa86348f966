"""The values that people may type when a button asks for them, by the data on that button. Pure."""

from __future__ import annotations

from bot.dialogue import Field
from bot.payload import payload


def _field(label: str, ask: str, command: str, text: str, example: str) -> Field:
    return Field(label, ask, command, text, example, str(payload(command, 1, text)))


TIME = _field("Another time", "At what time?", "setup", "time:", "18:30")
CITY = _field("Another city", "Which city or region?", "setup", "zone:", "Lisbon")
TOPIC = _field("Follow a topic", "Which topic?", "subscribe", "", "kv cache -survey")
_KNOWN = {field.data: field for field in (TIME, CITY, TOPIC)}


def by_data(data: str) -> Field:
    """What to ask for; in general words where a button is of another version."""
    command = data.partition("-")[0]
    return _KNOWN.get(data) or Field("Type it", "Which words?", command, data=data)
