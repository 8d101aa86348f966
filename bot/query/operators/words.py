"""`kv cache`: words without an operator."""

from __future__ import annotations

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
        together, apart = _paths(self.words)
        if paper.has(together):
            return True
        return any(_has_all(part, apart) for part in (paper.title, *paper.keywords))


@lru_cache(maxsize=4096)
def _paths(words: tuple[str, ...]) -> tuple[tuple[Path, ...], tuple[tuple[Path, ...], ...]]:
    """The words in a row, and each by itself: every path of each."""
    each = [token for word in words for token in tokens(word)]
    said = [token for token in each if token not in STOPWORDS] or each
    return graph(" ".join(words)).paths(), tuple(graph(token).paths() for token in said)


def _has_all(text: TokenGraph, apart: tuple[tuple[Path, ...], ...]) -> bool:
    if all(any(text.has(path, whole=True) for path in paths) for paths in apart):
        return bool(apart)
    return any(
        all(any(compound.issuperset(path) for path in paths) for paths in apart)
        for compound in text.compounds()
    )
