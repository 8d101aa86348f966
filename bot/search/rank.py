"""From several scores to one order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Weights:
    """What the scores count beside the words', which counts 1."""

    cosine: float
    maxsim: float
    sentence: float = 0.0


# Chosen on the sets named in DESIGN.md, not on those reported: without the encoder, and with it.
PLAIN = Weights(1.2, 0.9)
ENCODED = Weights(0.6, 1.8, 2.4)
# Lexical scores are divided by the best one, which is first moved by this share of the way to 1 (a
# paper that has every word): where even the best paper has few words, all scores stay low.
LEXICAL_FLOOR = 0.15
PRIOR_WEIGHT = 0.03  # how much of the score votes and age may move: between near-equals only
MIN_SCORE_RATIO = 0.12  # to the best score: papers below are left out


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper to be ranked."""

    lexical: float  # BM25; 1 for a paper that has all the words
    cosine: float | None = None  # of its words' vector with the query's; None: it has none yet
    maxsim: float | None = None  # of its words with the query's
    sentence: float | None = None  # as `cosine`, by the encoder
    votes: int = 0
    dated: date | None = None


def rank(candidates: Mapping[int, Candidate], today: date) -> list[int]:
    """The best first; those with a score below MIN_SCORE_RATIO of the best are left out."""
    scores = fuse(candidates)
    for pk, candidate in candidates.items():
        scores[pk] += PRIOR_WEIGHT * prior(candidate, today)
    least = MIN_SCORE_RATIO * max(scores.values(), default=0.0)
    ranked = sorted(scores, key=lambda pk: (-scores[pk], -pk))
    return [pk for pk in ranked if scores[pk] >= least]


def top_k(candidates: Mapping[int, Candidate], k: int) -> list[int]:
    """The best by their scores alone, the best first."""
    scores = fuse(candidates)
    return sorted(scores, key=lambda pk: (-scores[pk], -pk))[:k]


def fuse(candidates: Mapping[int, Candidate]) -> dict[int, float]:
    """One score for each: 1 for the words of the best, and more for what they mean.

    By score, not by rank: a clear winner stays one.
    """
    papers = candidates.values()
    best = max((paper.lexical for paper in papers), default=0.0)
    best = (1 - LEXICAL_FLOOR) * best + LEXICAL_FLOOR
    weights = ENCODED if any(paper.sentence is not None for paper in papers) else PLAIN
    semantic = (
        _above_least([paper.cosine for paper in papers], weights.cosine),
        _above_least([paper.maxsim for paper in papers], weights.maxsim),
        _above_least([paper.sentence for paper in papers], weights.sentence),
    )
    by_paper = zip(candidates.items(), zip(*semantic, strict=True), strict=True)
    return {pk: paper.lexical / best + sum(scores) for (pk, paper), scores in by_paper}


def _above_least(values: Sequence[float | None], weight: float) -> list[float]:
    """By how much each is above the least, weighted; an unknown one counts as the mean."""
    known = [value for value in values if value is not None]
    least, mean = min(known, default=0.0), sum(known) / max(len(known), 1)
    return [weight * ((mean if value is None else value) - least) for value in values]


def prior(candidate: Candidate, today: date) -> float:
    """0..1: votes, and for papers of the last years their age."""
    votes = min(1.0, math.log1p(candidate.votes) / 6)
    years = (today - candidate.dated).days / 365 if candidate.dated else 99.0
    return 0.6 * votes + 0.4 * math.exp(-max(years, 0.0) / 2)
