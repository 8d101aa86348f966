"""The words of a query, each in every way it may be written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.query.clause import And, Consecutive, Field, Or, Text
from bot.query.graph import graph
from bot.query.normal import STOPWORDS, stem, stems, words


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query in each way it may be written: gpt4o, or gpt and 4o."""

    ways: tuple[tuple[str, ...], ...]  # of stems

    def within(self, field: Field = "") -> Text:
        """That a paper has the word, in a field or anywhere."""
        ways = (And(tuple(Consecutive((word,), field) for word in way)) for way in self.ways)
        return Or(tuple(ways))

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(word for way in self.ways for word in way))


def terms(typed: Iterable[str]) -> tuple[Term, ...]:
    """The terms of a query's words. Stop words count only when there is nothing else."""
    expanded = [parts for word in typed if (parts := words(word))]
    content = [parts for parts in expanded if not STOPWORDS.issuperset(parts)]
    return tuple(dict.fromkeys(map(_term, content or expanded)))


def _term(parts: Sequence[str]) -> Term:
    first, *rest = parts
    if not rest:
        return Term(((stem(first),),))
    rest = [part for part in rest if part not in STOPWORDS] or rest
    smallest = [part for part in rest if not any(other in part for other in rest if other != part)]
    apart = tuple(dict.fromkeys(map(stem, smallest)))
    if all(part in first for part in rest):
        return Term(((stem(first),), apart))
    return Term(((stem(first), *apart),))


def stems_of(terms: Iterable[Term]) -> frozenset[str]:
    """All stems of some terms."""
    return frozenset(stem for term in terms for stem in term.stems)


def phrase(text: str, field: Field = "") -> Text | None:
    """The words of a text in a row, as an index has them: compounds with their parts between.

    None when the text has no words.
    """
    sequence = tuple(stems(text))
    if not sequence:
        return None
    ways = dict.fromkeys([sequence, *graph(text).paths()])
    sequences = tuple(Consecutive(way, field) for way in ways)
    return sequences[0] if len(sequences) == 1 else Or(sequences)
