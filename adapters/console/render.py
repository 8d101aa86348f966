"""A message as a terminal shows it. Pure; nothing in it can move the cursor."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

import click

from bot.dialogue import Action, Entry, Message
from bot.text import one_line, runs
from bot.usage import bare, in_message

_PAD = "\0"  # stands for the second column of a wide character; `one_line` leaves none in a text


def render(message: Message, *, width: int = 88) -> str:
    """The message as text, at most `width` columns where words allow; styled for a terminal."""
    message = in_message(message, bare)
    actions = [action for row in message.actions for action in row]
    pressed = _numbered([a for a in actions if a.data], 1)
    parts = [_bold(message.title, width)] if message.title else []
    parts += [click.style(_wrapped(message.caption, width), dim=True)] if message.caption else []
    parts += [_wrapped(line, width) for line in message.text.splitlines()]
    paragraphs = (_wrapped(line, width) for line in message.passage.splitlines())
    parts += ["", *paragraphs] if message.passage else []
    for section in message.sections:
        if section.heading:
            parts += ["", _bold(section.heading, width)]
        for entry in section.entries:
            parts += ["", *_entry(entry, width)]
    menus = list(_menus(message, len([a for a in actions if a.data]) + 1))
    for small in (*(_filled(m, width) for m in menus), _wrapped(message.note, width),
                  _filled(pressed, width)):  # fmt: skip
        if small:
            parts += ["", click.style(small, dim=True)]
    links = [one_line(f"{action.label}: {action.url}") for action in actions if action.url]
    parts += ["", *links] if links else []
    return "\n".join(parts)


def buttons(message: Message) -> list[Action]:
    """What can be pressed, in the order of its numbers: the buttons, then the menus' values."""
    pressed = [action for row in message.actions for action in row if action.data]
    return [*pressed, *(action for menu in message.menus for action in menu.options)]


def _numbered(actions: Sequence[Action], first: int, chosen: int | None = None) -> str:
    shown = (one_line(action.label) for action in actions)
    # Numbers are what one types here, so a label that is one says of what.
    labels = [f"paper {label}" if label.isdecimal() else label for label in shown]
    choices = [f"[{first + n}] {'✓' * (n == chosen)}{label}" for n, label in enumerate(labels)]
    # A label is not broken over two lines: these spaces are none to textwrap.
    return "   ".join(choice.replace(" ", "\xa0") for choice in choices)


def _menus(message: Message, first: int) -> Iterator[str]:
    """Each with its values, and how another is typed."""
    for menu in message.menus:
        choices = [_numbered(menu.options, first, menu.chosen)]
        if menu.other:
            choices.append(f"or type /{menu.other.command} {menu.other.example}".rstrip())
        label = f"{one_line(menu.label)}: " if menu.label else ""
        yield label + "   ".join(filter(None, choices))
        first += len(menu.options)


def _bold(text: str, width: int) -> str:
    return click.style(_wrapped(text, width), bold=True)


def _entry(entry: Entry, width: int) -> Iterator[str]:
    number = f"{entry.rank}. " if entry.rank else "· "
    indent = " " * len(number)
    yield number + _bold(entry.title, width - len(number)).replace("\n", f"\n{indent}")
    facts = [entry.meta, *(f"matched: {reason}" for reason in entry.reasons)]
    if known := " · ".join(filter(None, facts)):
        yield _wrapped(known, width, indent)
    if entry.summary:
        yield _summary(entry, width, indent)
    labels = [label for label, _ in entry.links if label != "PDF"]
    yield indent + click.style(one_line(" · ".join([entry.url, *labels])), dim=True)


def _summary(entry: Entry, width: int, indent: str) -> str:
    """Wrapped first: styles have no width. Wrapping moves spaces alone, so what is bold is told by
    how many other characters stand before it."""
    text = one_line(entry.summary)
    bold = entry.bold if text == entry.summary else ()  # they count in the text as it came
    marks = (strong for run, strong in runs(text, bold) for c in run if c != " ")
    shown = _wrapped(text, width, indent)
    marked = [(n, n + 1) for n, c in enumerate(shown) if c not in " \n" and next(marks)]
    styled = (click.style(run, bold=True) if strong else run for run, strong in runs(shown, marked))
    return "".join(styled)


def _wrapped(text: str, width: int, indent: str = "") -> str:
    return _filled(one_line(text), width, indent)


def _filled(text: str, width: int, indent: str = "") -> str:
    """At most `width` columns; East Asian characters take two each."""
    text = "".join(c + _PAD * (east_asian_width(c) in "WF") for c in text)
    width -= _PAD in text  # a line may end between a character and its second column
    lines = textwrap.fill(
        text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    return lines.replace(_PAD, "")
