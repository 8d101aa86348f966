"""Words: which of them are rare enough to look for, and how well those of a paper match (BM25)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bot.query.normal import stem, stemmed, stems, telling
from bot.query.terms import Term

K1, B = 1.2, 0.75  # BM25's usual values
TITLE = 3.0  # a word in the title counts as so many in the abstract
PAIR = 0.35  # what two neighbours of the query are worth where they are neighbours in the paper
WHOLE = 1.25  # what the whole query is worth where it stands so in the title
FULL = 1.6  # BM25's factor for a word that a paper has well, of at most K1 + 1
LENGTH = 150.0  # words of a usual title and abstract


def rarest(found: Sequence[Term], papers: Mapping[str, int], budget: int) -> tuple[Term, ...]:
    """The rarest terms, while the papers that have them are within the budget."""

    def having(term: Term) -> int:
        return sum(min(papers.get(one, 0) for one in way) for way in term.ways)

    ordered = sorted(found, key=having)
    spent = accumulate(map(having, ordered))
    return tuple(term for term, cost in zip(ordered, spent, strict=True) if cost <= budget)


@dataclass(frozen=True, slots=True)
class PaperWords:
    """A paper as one scores it: stems between spaces."""

    heading: str  # the title as it is; the others are without stop words
    title: str
    rest: str
    length: int

    def has(self, one: str) -> bool:
        return f" {one} " in self.rest or f" {one} " in self.title


def text(title: Sequence[str], summary: Sequence[str], authors: Sequence[str]) -> PaperWords:
    """Of `normal.tokens` each."""
    head, rest = telling(title), telling(summary)
    length = head.count(" ") + rest.count(" ") + 2
    return PaperWords(f" {stemmed(title)} ", f" {head} ", f" {rest} {stemmed(authors)} ", length)


class Scorer:
    """BM25 of one query: its terms, its neighbouring words, and all of it as it stands.

    About 1 for a paper that has every word well.
    """

    def __init__(
        self, found: Sequence[Term], papers: Mapping[str, int], size: int, whole: str = ""
    ) -> None:
        self._terms = found
        words_ = stems(whole)
        self._whole = f" {' '.join(words_)} " if len(words_) > 1 else "?"
        self._size = size
        self._idf = {one: idf(papers.get(one, 0), size) for term in found for one in term.stems}
        heads = [term.ways[-1] for term in found]
        self._pairs = [
            (a[-1], b[0], min(self._idf[a[-1]], self._idf[b[0]])) for a, b in pairwise(heads)
        ] + [(a, b, min(self._idf[a], self._idf[b])) for way in heads for a, b in pairwise(way)]
        full = (max(sum(self._idf[one] for one in way) for way in term.ways) for term in found)
        self._perfect = FULL * sum(full) or 1.0

    def weight(self, word: str) -> float:
        """How telling one of the query's words is."""
        return self._idf.get(stem(word), idf(0, self._size))

    def __call__(self, paper: PaperWords) -> float:
        norm = K1 * (1 - B + B * paper.length / LENGTH)

        def weight(word: str) -> float:
            times = TITLE * paper.title.count(word) + paper.rest.count(word)
            return times * (K1 + 1) / (times + norm)

        has = {one: weight(f" {one} ") for one in self._idf}
        score = 0.0
        for term in self._terms:
            score += max(sum(self._idf[one] * has[one] for one in way) for way in term.ways)
        score += PAIR * sum(
            value * weight(f" {a} {b} ") for a, b, value in self._pairs if has[a] and has[b]
        )
        score *= WHOLE if self._whole in paper.heading else 1
        return score / self._perfect


class AnyScorer:
    """The best of several scorers: of a query with alternatives."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self._scorers = scorers

    def weight(self, word: str) -> float:
        return min(scorer.weight(word) for scorer in self._scorers)

    def __call__(self, paper: PaperWords) -> float:
        return max(scorer(paper) for scorer in self._scorers)


def idf(papers: int, size: int) -> float:
    """How telling a word is: Robertson and Sparck Jones's weight, never below zero."""
    return math.log(1 + (size - min(papers, size) + 0.5) / (papers + 0.5))
