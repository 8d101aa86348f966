"""A message as a terminal shows it. Pure; nothing in it can move the cursor."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from bot.model import Entry, Message
from bot.text import one_line


def render(message: Message, *, width: int = 88) -> str:
    """The message as text, at most `width` columns where words allow; styled for a terminal."""
    parts = [click.style(one_line(message.title), bold=True)] if message.title else []
    parts += [_wrapped(line, width) for line in message.text.splitlines()]
    for section in message.sections:
        if section.heading:
            parts += ["", click.style(one_line(section.heading), bold=True)]
        for entry in section.entries:
            parts += ["", *_entry(entry, width)]
    if message.note:
        parts += ["", click.style(one_line(message.note), dim=True)]
    buttons = [one_line(action.label) for row in message.actions for action in row if action.data]
    if buttons:
        choices = "   ".join(f"[{n}] {label}" for n, label in enumerate(buttons, 1))
        parts += ["", click.style(choices, dim=True)]
    links = [action for row in message.actions for action in row if action.url]
    parts += [f"{one_line(action.label)}: {action.url}" for action in links]
    return "\n".join(parts)


def _entry(entry: Entry, width: int) -> Iterator[str]:
    number = f"{entry.rank}. " if entry.rank else "· "
    indent = " " * len(number)
    title = textwrap.wrap(one_line(entry.title), width - len(number)) or ["?"]
    yield number + click.style(f"\n{indent}".join(title), bold=True)
    facts = [entry.meta, *(f"matched: {reason}" for reason in entry.reasons)]
    for line in (" · ".join(filter(None, facts)), entry.summary):
        if line:
            yield _wrapped(line, width, indent)
    labels = " · ".join(label for label, _ in entry.links if label.startswith(("Disc", "Code")))
    yield indent + click.style(" · ".join(filter(None, (entry.url, labels))), dim=True)


def _wrapped(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(
        one_line(text), width, initial_indent=indent, subsequent_indent=indent,
        break_on_hyphens=False,
    )  # fmt: skip
