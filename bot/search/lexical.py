"""Words: which of them are rare enough to look for, and how well those of a paper match (BM25)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bot.query.normal import content_stems, stem, stemmed, stems
from bot.query.terms import Term, terms

K1, B = 1.2, 0.75  # BM25's usual values
TITLE_BOOST = 3.0  # a word in the title counts as so many in the abstract
PROXIMITY_BONUS = 0.35  # of two neighbours of the query that are neighbours in the paper, by idf
TITLE_BONUS = 1.25  # a factor, where the whole query stands as it is in the title
SATURATED = 1.6  # BM25's factor for a word that a paper has well, of at most K1 + 1
AVERAGE_LENGTH = 150.0  # words of a title and abstract


def rarest(ranked: Sequence[Term], doc_freqs: Mapping[str, int], budget: int) -> tuple[Term, ...]:
    """The rarest terms, as long as the papers that have them, summed up, are within the budget."""

    def cost(term: Term) -> int:
        return sum(min(doc_freqs.get(stem, 0) for stem in way) for way in term.ways)

    by_cost = sorted(ranked, key=cost)
    spent = accumulate(map(cost, by_cost))
    return tuple(term for term, total in zip(by_cost, spent, strict=True) if total <= budget)


@dataclass(frozen=True, slots=True)
class PaperWords:
    """A paper as a scorer reads it: stems between spaces."""

    heading: str  # the title with its stop words; the others are without
    title: str
    rest: str
    length: int

    def has(self, stem: str) -> bool:
        return f" {stem} " in self.rest or f" {stem} " in self.title


def paper_words(title: Sequence[str], summary: Sequence[str], authors: Sequence[str]) -> PaperWords:
    """Of `normal.tokens` each."""
    head, rest = content_stems(title), content_stems(summary)
    length = head.count(" ") + rest.count(" ") + 2
    return PaperWords(f" {stemmed(title)} ", f" {head} ", f" {rest} {stemmed(authors)} ", length)


class Scorer:
    """BM25 of one query: its terms, its neighbouring words, and all of it as it stands.

    About 1 for a paper that has every word well.
    """

    def __init__(
        self, terms: Sequence[Term], doc_freqs: Mapping[str, int], paper_count: int, text: str = ""
    ) -> None:
        """`text`: the query as it stands."""
        self._terms = terms
        phrase = stems(text)
        self._phrase = f" {' '.join(phrase)} " if len(phrase) > 1 else "?"
        self._paper_count = paper_count
        self._idf = {
            stem: idf(doc_freqs.get(stem, 0), paper_count) for term in terms for stem in term.stems
        }
        ways = [term.ways[-1] for term in terms]
        between = [(left[-1], right[0]) for left, right in pairwise(ways)]
        pairs = between + [pair for way in ways for pair in pairwise(way)]
        self._pairs = [(a, b, min(self._idf[a], self._idf[b])) for a, b in pairs]
        full = (max(self._sum_idf(way) for way in term.ways) for term in terms)
        self._perfect = SATURATED * sum(full) or 1.0

    def idf(self, word: str) -> float:
        """Of one of the query's words; of any other as of a word that no paper has."""
        return self._idf.get(stem(word), idf(0, self._paper_count))

    def __call__(self, paper: PaperWords) -> float:
        norm = K1 * (1 - B + B * paper.length / AVERAGE_LENGTH)

        def tf(words: str) -> float:
            times = TITLE_BOOST * paper.title.count(words) + paper.rest.count(words)
            return times * (K1 + 1) / (times + norm)

        tfs = {stem: tf(f" {stem} ") for stem in self._idf}
        score = 0.0
        for term in self._terms:
            score += max(sum(self._idf[stem] * tfs[stem] for stem in way) for way in term.ways)
        score += PROXIMITY_BONUS * sum(
            weight * tf(f" {a} {b} ") for a, b, weight in self._pairs if tfs[a] and tfs[b]
        )
        score *= TITLE_BONUS if self._phrase in paper.heading else 1
        return score / self._perfect

    def _sum_idf(self, stems: Sequence[str]) -> float:
        return sum(self._idf[stem] for stem in stems)


class DisjunctionMaxScorer:
    """The best of several scorers: of a query with alternatives."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self._scorers = scorers

    def idf(self, word: str) -> float:
        return min(scorer.idf(word) for scorer in self._scorers)

    def __call__(self, paper: PaperWords) -> float:
        return max(scorer(paper) for scorer in self._scorers)


def scorer(
    branches: Iterable[Sequence[str]], doc_freqs: Mapping[str, int], paper_count: int
) -> DisjunctionMaxScorer:
    """Of a query with alternatives: the words of each, as typed."""
    return DisjunctionMaxScorer(
        [Scorer(terms(words), doc_freqs, paper_count, " ".join(words)) for words in branches]
    )


def bm25_budget(paper_count: int, *, wide: bool = False) -> int:
    """How many papers FTS5 may rank for one query: a share of all, and so many at least.

    wide: it has filters that most papers pass, which are looked up for many of those papers, too
    """
    return max(6_000, int(0.03 * paper_count)) // (2 if wide else 1)


def idf(doc_freq: int, paper_count: int) -> float:
    """Inverse document frequency: Robertson and Sparck Jones's weight, never below zero."""
    return math.log(1 + (paper_count - min(doc_freq, paper_count) + 0.5) / (doc_freq + 0.5))
