"""The words of a query, each in every way it may be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.query.clause import And, Consecutive, Field, Or, Text
from bot.query.graph import graph
from bot.query.normal import MOST_PARTS, STOPWORDS, stem, stems, words

LONGEST_PHRASE = 8  # words that are looked for as parts of compounds, too


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
    sought = graph(text)
    ways = dict.fromkeys([sequence, *sought.paths(), *_compounded(words(text), sought.parts)])
    sequences = tuple(Consecutive(way, field) for way in ways)
    return sequences[0] if len(sequences) == 1 else Or(sequences)


def _compounded(spelled: Sequence[str], parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Where some words may be a compound in the paper, which the index has before its parts:
    `large vision language models` is there as large visionlanguage vision language model."""
    if len(spelled) != len(parts) or len(parts) > LONGEST_PHRASE:
        return
    for length in range(2, min(len(parts), MOST_PARTS) + 1):
        for start in range(len(parts) - length + 1):
            if length < len(parts):  # else the words alone are in a row
                joined = stem("".join(spelled[start : start + length]))
                yield (*parts[:start], joined, *parts[start:])
