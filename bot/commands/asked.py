"""What a person typed after a command, and what a refusal of it offers to tap instead."""

from __future__ import annotations

import re

from bot.commands import Command
from bot.errors import UserError
from bot.model import Action, Message
from bot.text import cut, typed

_ROW = 4  # buttons in a row: their labels are words


def words(command: Command, text: str) -> str:
    """The text without the name of its option, which Discord writes before it: `day:friday`."""
    text = typed(text)
    if len(command.options) != 1:
        return text
    named = re.match(rf"{command.options[0].name}\s*[:=]\s*", text, re.IGNORECASE)
    return text[named.end() :] if named else text


def refusal(command: Command, error: UserError) -> Message:
    """The reason, and a button for each thing that may have been meant."""
    choices = [Action(cut(label, 60), command=command.name, text=w) for label, w in error.choices]
    rows = [tuple(choices[n : n + _ROW]) for n in range(0, min(len(choices), 5 * _ROW), _ROW)]
    return Message(text=str(error), actions=tuple(rows), private=True)
