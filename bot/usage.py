"""How a command is typed, by reference: the core says which one, each platform writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.dialogue import Message, Usage

# Unicode's marks around annotated text, which it leaves to programs among themselves. What comes
# from outside has none: `text.one_line` drops them.
BEGIN, PART, END = "\ufff9\ufffa\ufffb"
_TOKEN = re.compile(f"{BEGIN}([^{BEGIN}{END}]*){END}")
_MARKS = re.compile(f"[{BEGIN}{PART}{END}]")
_HERE = "here"
Write = Callable[[Usage], str]


def usage(command: str, /, *, here: bool = False, **values: str) -> str:
    """A command with its options' values, as it stands in a message's text, title or note.

    here: it manages the place that the message is about.
    """
    return refer(Usage(command, tuple(values.items()), here))


def refer(one: Usage) -> str:
    """As it stands in a text."""
    options = [f"{name}={_MARKS.sub('', value)}" for name, value in one.values]
    return f"{BEGIN}{PART.join([one.command, _HERE if one.here else '', *options])}{END}"


def pieces(text: str) -> Iterator[str | Usage]:
    """A text as its plain parts and its usages."""
    for number, piece in enumerate(_TOKEN.split(text)):
        yield _read(piece) if number % 2 else _MARKS.sub("", piece)


def _read(token: str) -> Usage:
    command, here, *options = [*token.split(PART), ""]
    values = (option.partition("=") for option in options if option)
    return Usage(command, tuple((name, value) for name, _, value in values), here == _HERE)


def written(text: str, write: Write, plain: Callable[[str], str] = str) -> str:
    """The text with each usage as `write` says it, and the rest as `plain` does."""
    return "".join(write(p) if isinstance(p, Usage) else plain(p) for p in pieces(text))


def in_message(message: Message, write: Write) -> Message:
    """The message with its usages written."""
    title, caption = written(message.title, write), written(message.caption, write)
    text, note = written(message.text, write), written(message.note, write)
    return replace(message, title=title, caption=caption, text=text, note=note)


def bare(one: Usage) -> str:
    """As it is typed where a command takes one line of text: `/setup 09:00 Europe/Berlin`."""
    return " ".join([f"/{one.command}", *(value for _, value in one.values)])
