"""What is told of an operator that means nothing here, or not with its value."""

from __future__ import annotations

from bot.query.operators import NAMED

# Operators of other engines. With a space after the colon, too, they are no words of a title.
_NOWHERE = frozenset(
    ["site", "filetype", "ext", "inurl", "allinurl", "related", "lang", "language", "is"]
)
_WITHIN = frozenset(
    ["in", "from", "tag", "keyword", "keywords", "abs", "abstract", "intext", "allintext",
     "allintitle", "all"]
)  # fmt: skip
_NAMES = {name: ours for kind in NAMED for name, ours in kind.names.items()}
_EXAMPLES = {name: example for kind in NAMED for name, example in kind.examples.items()}


def is_nowhere(name: str) -> bool:
    """Whether an operator's value is nothing to look for."""
    return name.lower() in _NOWHERE


def is_within(name: str) -> bool:
    """Whether an operator says where its value is to be looked for."""
    return name.lower() in _WITHIN


def note(typed: str, value: str, *, spaced: bool, minus: bool) -> str:
    """What is to be said; empty: it is no operator.

    spaced: a space follows its colon, as one does in a title.
    """
    name = typed.lower()
    if minus:
        return f"A minus leaves words out; there is no -{typed}:." if len(name) > 1 else ""
    if example := _EXAMPLES.get(_NAMES.get(name, "")):
        return f"{typed}:{value[:20]} was searched as words; write it like {example}."
    if name in _NOWHERE and value:
        return f"{typed}: means nothing here and was left out."
    if name in _WITHIN and value:
        return f"{typed}: means nothing here; its words were searched."
    if len(name) > 1 and value and not spaced:
        return f"{typed}: means nothing here and was searched as a word."
    return ""
