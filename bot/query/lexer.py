"""A query's text as a tree: alternatives of items and groups, none of which is read yet.

Quotation marks come first: what is between two is one character while the rest is looked at, so
that nothing reaches into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.query.operators import OPERATORS

_FIRST = 0xE000  # of the characters that nobody may type: they stand for what is quoted
_LAST = 0xF8FF
QUOTED = f"[{chr(_FIRST)}-{chr(_LAST)}]"
_QUOTES = re.compile(r'(?<![\w\\])"((?:\\"|[^"])*)"')  # \" is LaTeX's accent
_ITEM = re.compile(  # -"quoted", name:value, name: "quoted", word
    r"[(\[]*(?P<minus>-(?=[^\s-]))?"
    r"(?:(?P<name>[A-Za-z_]+):(?:\s+(?!-|[A-Za-z_]+:))?)?"
    rf"(?:(?P<quoted>{QUOTED})|(?P<word>(?:\\\"|[^\s\"{QUOTED[1:]})+))"
)
# Before a group: nothing, a minus, an operator's name.
_NAMED = re.compile(rf"(?<![^\s(])(-)?({'|'.join(OPERATORS)}):\s*\Z", re.IGNORECASE)
_BARE = re.compile(r"(?:(?<![^\s(])|(?<=:))(-?)()\Z")
_AFTER = re.compile(r"[,.;:!?]*(?=[\s)]|\Z)")
_OR = re.compile(r"(?<![^\s(])OR(?![^\s)])")


@dataclass(frozen=True, slots=True)
class Item:
    """A word, a quoted text, or either as the value of a name."""

    minus: bool
    name: str  # as typed
    value: str
    is_quoted: bool
    is_spaced: bool  # a space follows its colon, as one does in a title
    start: int  # in the text of `Masked`
    end: int


@dataclass(frozen=True, slots=True)
class Group:
    """What is in parentheses: with OR in it, or after a minus or a name."""

    minus: bool
    name: str
    alternatives: Alternatives


Sequence = tuple[Item | Group, ...]
Alternatives = tuple[Sequence, ...]


class Masked:
    """A text whose quoted parts are one character each."""

    def __init__(self, text: str) -> None:
        self._quoted: list[str] = []
        self.text = ""
        self.mask(re.sub(QUOTED, " ", text))

    def mask(self, text: str) -> None:
        """Take this text, which may have new quotation marks, instead."""

        def kept(quoted: re.Match[str]) -> str:
            text = re.sub(QUOTED, lambda char: self.quoted(char[0]), quoted[1])
            self._quoted.append(" ".join(text.split()))
            return chr(_FIRST + len(self._quoted) - 1)

        self.text = _QUOTES.sub(kept, text)

    def quoted(self, char: str) -> str:
        """What a character stands for."""
        return self._quoted[ord(char) - _FIRST]

    def plain(self, text: str) -> str:
        """A part of the masked text as it was typed."""
        return re.sub(QUOTED, lambda char: f'"{self.quoted(char[0])}"', text)

    def tree(self) -> Alternatives:
        pairs = _pairs(self.text)
        return self._alternatives(0, len(self.text), pairs)

    def _alternatives(self, start: int, end: int, pairs: dict[int, int]) -> Alternatives:
        found: list[list[Item | Group]] = [[]]
        for node in self._nodes(start, end, pairs):
            if node is None:
                found.append([])
            else:
                found[-1].append(node)
        return tuple(map(tuple, found))

    def _nodes(self, start: int, end: int, pairs: dict[int, int]) -> Iterator[Item | Group | None]:
        """None: an OR."""
        for opening in sorted(pairs):
            if start <= opening < end and (before := self._before(opening, pairs[opening], start)):
                yield from self._items(start, before.start())
                inner = self._alternatives(opening + 1, pairs[opening], pairs)
                yield Group(bool(before[1]), before[2] or "", inner)
                start = pairs[opening] + 1
        yield from self._items(start, end)

    def _before(self, opening: int, closing: int, start: int) -> re.Match[str] | None:
        """The minus and the name before a group's parenthesis; None when it is none of a group."""
        before = _NAMED.search(self.text, start, opening) or _BARE.search(self.text, start, opening)
        if not before or not _AFTER.match(self.text, closing + 1):
            return None
        has_or = _OR.search(self.text, opening + 1, closing)
        return before if has_or or before[1] or before[2] else None

    def _items(self, start: int, end: int) -> Iterator[Item | None]:
        for item in _ITEM.finditer(self.text, start, end):
            yield None if item[0] == "OR" else self._item(item)

    def _item(self, item: re.Match[str]) -> Item:
        name, word = item["name"] or "", item["word"]
        value = self.quoted(item["quoted"]) if word is None else word
        spaced = f"{name}: " in item[0]
        return Item(bool(item["minus"]), name, value, word is None, spaced, *item.span())


def _pairs(text: str) -> dict[int, int]:
    """Where each parenthesis that is closed opens, and where it is closed."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for at, char in enumerate(text):
        if char == "(":
            opened.append(at)
        elif char == ")" and opened:
            pairs[opened.pop()] = at
    return pairs
