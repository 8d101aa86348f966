"""`kv cache`: words without an operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from bot.query.clause import And, Text
from bot.query.condition import Condition
from bot.query.graph import Path, TokenGraph, graph
from bot.query.normal import STOPWORDS, tokens
from bot.query.paper import PaperText
from bot.query.spoken import escaped
from bot.query.terms import terms

MOST = 32


@dataclass(frozen=True, slots=True)
class Words(Condition):
    """Words as they were typed, in order; one said twice weighs more in a search.

    A paper matches when they stand together in it, or are all in its title or in one of its
    keywords: there each as a word, or all in one compound. A search ranks by them, and also shows
    papers that have only some.
    """

    words: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(escaped(self.words))

    def english(self) -> str:
        return " ".join(self.words)

    def joined(self, earlier: Self) -> Self:
        return replace(self, words=(*earlier.words, *self.words)[:MOST])

    @property
    def clause(self) -> Text:
        return And(tuple(term.within() for term in terms(self.words)))

    def matches(self, paper: PaperText) -> bool:
        sought = _sought(self.words)
        if not sought.may_be_in(paper.stems):
            return False
        if paper.has(sought.together):
            return True
        return any(_has_all(part, sought.each) for part in (paper.title, *paper.keywords))


@dataclass(frozen=True, slots=True)
class _Sought:
    """Some words as token graphs have them."""

    together: TokenGraph
    each: tuple[TokenGraph, ...]  # of each word but stop words
    ways: tuple[tuple[Path, ...], ...]  # the same, of those that may be written in several ways
    needed: frozenset[str]  # the stems of the others

    def may_be_in(self, stems: frozenset[str]) -> bool:
        """Whether each word is in a text that has these stems: few texts need a closer look."""
        if not self.needed <= stems:
            return False
        return all(any(map(stems.issuperset, paths)) for paths in self.ways)


@lru_cache(maxsize=16_384)
def _sought(words: tuple[str, ...]) -> _Sought:
    every = [token for word in words for token in tokens(word)]
    content = [token for token in every if token not in STOPWORDS] or every
    each = tuple(map(graph, content))
    ways = [sought.paths() for sought in each]
    needed = (word for paths in ways if len(paths) == 1 for word in paths[0])
    several = tuple(paths for paths in ways if len(paths) > 1)
    return _Sought(graph(" ".join(words)), each, several, frozenset(needed))


def _has_all(text: TokenGraph, each: Sequence[TokenGraph]) -> bool:
    """Whether each word is a token of the text, or all are in one compound."""
    if all(text.has(sought, whole=True) for sought in each):
        return bool(each)
    return any(
        all(any(map(compound.issuperset, sought.paths())) for sought in each)
        for compound in text.compounds()
    )
