"""What is told of an operator that means nothing here, or not with its value."""

from __future__ import annotations

from datetime import date

from bot.days import impossible
from bot.query.operators import NAMED, OPERATORS, Dates
from bot.query.operators._named_text import NamedText

# Operators of other engines. With a space after the colon, too, they are no words of a title.
_NOWHERE = frozenset(
    ["site", "filetype", "ext", "inurl", "allinurl", "related", "lang", "language", "is"]
)
_WITHIN = frozenset(
    ["in", "from", "tag", "keyword", "keywords", "abs", "abstract", "intext", "allintext",
     "allintitle", "all"]
)  # fmt: skip
_NAMES = {  # `from` is a word of titles, too
    name: ours for kind in NAMED for name, ours in kind.names.items() if name != "from"
}
_CLOSED = frozenset(
    name for kind in NAMED if not issubclass(kind, NamedText) for name in kind.examples
)  # their values are not any words
_EXAMPLES = {name: example for kind in NAMED for name, example in kind.examples.items()}


def is_left_out(typed: str, value: str, *, spaced: bool) -> bool:
    """Whether an operator with a value it cannot have says nothing to look for, either.

    spaced: a space follows its colon, as one does in a title.
    """
    name = _NAMES.get(typed.lower(), "")
    return typed.lower() in _NOWHERE or (name in _CLOSED and bool(value) and not spaced)


def is_within(name: str) -> bool:
    """Whether an operator says where its value is to be looked for."""
    return name.lower() in _WITHIN


def _of_ours(name: str, typed: str, value: str, today: date | None, *, spaced: bool) -> str:
    if OPERATORS[name][0].compared and value.startswith("<"):
        return f"{name}:20 is at least 20 {name}; there is no way to ask for fewer."
    left_out = is_left_out(typed, value, spaced=spaced)
    became = "was left out" if left_out else "was searched as words"
    if name in Dates.examples and (none := impossible(value, today)):
        return f"{typed}:{value[:24]} {became}. {none}"
    return f"{typed}:{value[:24]} {became}; write it like {_EXAMPLES[name]}."


def note(typed: str, value: str, today: date | None, *, spaced: bool, minus: bool) -> str:
    """What is to be said; empty: it is no operator.

    spaced: a space follows its colon, as one does in a title.
    """
    name = typed.lower()
    if minus:
        return f"A minus leaves words out; there is no -{typed}:." if len(name) > 1 else ""
    if ours := _NAMES.get(name, ""):
        return _of_ours(ours, typed, value, today, spaced=spaced)
    if name in _NOWHERE and value:
        return f"{typed}: means nothing here and was left out."
    if name in _WITHIN and value:
        return f"{typed}: means nothing here; its words were searched."
    if len(name) > 1 and value and not spaced:
        return f"{typed}: means nothing here and was searched as a word."
    return ""
