"""What a person typed after a command, and what a refusal of it offers to tap instead."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.commands import Command
from bot.dialogue import Action, Field, Menu, Message
from bot.errors import Busy, UserError
from bot.ranks import Rank
from bot.text import cut, typed
from bot.usage import usage

_SLIPS = 2  # of a command's name
_BEGUN = 3  # letters that a name may be cut to
_ROW = 4  # buttons in a row: their labels are words


def words(command: Command, text: str) -> str:
    """The text without the name of its option, which Discord writes before it: `day:friday`."""
    text = typed(text)
    if len(command.options) != 1:
        return text
    named = re.match(rf"{command.options[0].name}\s*[:=]\s*", text, re.IGNORECASE)
    return text[named.end() :] if named else text


def check(command: Command, text: str) -> None:
    """Raises UserError for words after a command that takes none: they meant something."""
    if not (text and command.bare):
        return
    why = f"{usage(command.name, here=command.admin)} takes nothing after it, such as “"
    raise UserError(f"{why}{cut(text, 30)}”. {command.other}".strip(), [("Go on without it", "")])


def unknown(commands: Mapping[str, Command], name: str) -> UserError:
    """What is said of a command there is not, with the one that may be meant."""
    lists = f"{usage('help')} lists those I know."
    if near := _nearest(name, [one.name for one in commands.values() if not one.hidden]):
        shown = usage(near, here=commands[near].admin)
        return UserError(f"I do not know that command; did you mean {shown}? {lists}")
    return UserError(f"I do not know that command; {lists}")


def _nearest(name: str, known: list[str]) -> str:
    """The command that is spelled nearly so, or begins so."""
    name = name.lower()
    slips = min(_SLIPS, len(name) // 2)
    if found := process.extractOne(name, known, scorer=OSA.distance, score_cutoff=slips):
        return found[0]
    begun = [one for one in known if len(name) >= _BEGUN and one.startswith(name)]
    return begun[0] if begun else ""


def refusal(command: Command, error: UserError, *, again: bool = False) -> Message:
    """The reason, and a button for each thing that may have been meant. again: it was typed in a
    field, which is offered once more."""
    choices = [Action(cut(label, 60), command=command.name, text=w) for label, w in error.choices]
    rows = [tuple(choices[n : n + _ROW]) for n in range(0, min(len(choices), 5 * _ROW), _ROW)]
    rank = Rank.SORRY if isinstance(error, Busy) else Rank.FIRST
    field = Field("Type it again", f"{command.summary}: which words?", command.name)
    menus = (Menu("", other=field),) if again else ()
    return Message(text=str(error), actions=tuple(rows), menus=menus, private=True, rank=rank)
