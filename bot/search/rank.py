"""From some scores to one order."""

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
WANTING = 0.15  # how much less words count where even the best paper has few of them
NEAR = 0.03  # how much of the score votes and age may move: between near-equals only
CUT = 0.12  # of the best score: what is below is not worth a look


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper to be ranked."""

    lexical: float  # BM25; 1 for a paper that has all the words
    cosine: float | None = None  # of its words' vector with the query's; None: it has none yet
    maxsim: float | None = None  # of its words with the query's
    sentence: float | None = None  # as `cosine`, by the encoder
    votes: int = 0
    dated: date | None = None


def order(found: Mapping[int, Candidate], today: date) -> list[int]:
    """The best first, the hopeless left out."""
    scores = fuse(found)
    for pk, one in found.items():
        scores[pk] += NEAR * prior(one, today)
    least = CUT * max(scores.values(), default=0.0)
    ranked = sorted(scores, key=lambda pk: (-scores[pk], -pk))
    return [pk for pk in ranked if scores[pk] >= least]


def first(found: Mapping[int, Candidate], count: int) -> list[int]:
    """The best by their scores alone, the best first."""
    scores = fuse(found)
    return sorted(scores, key=lambda pk: (-scores[pk], -pk))[:count]


def fuse(found: Mapping[int, Candidate]) -> dict[int, float]:
    """One score for each: 1 for the words of the best, and more for what they mean.

    By score, not by rank: a clear winner stays one.
    """
    papers = found.values()
    best = max((one.lexical for one in papers), default=0.0)
    best = (1 - WANTING) * best + WANTING
    weights = ENCODED if any(one.sentence is not None for one in papers) else PLAIN
    meant = (
        _above([one.cosine for one in papers], weights.cosine),
        _above([one.maxsim for one in papers], weights.maxsim),
        _above([one.sentence for one in papers], weights.sentence),
    )
    return {
        pk: one.lexical / best + sum(scores)
        for (pk, one), scores in zip(found.items(), zip(*meant, strict=True), strict=True)
    }


def _above(values: Sequence[float | None], weight: float) -> list[float]:
    """By how much each is above the least; what is not known is as the known are in the mean."""
    known = [value for value in values if value is not None]
    least, mean = min(known, default=0.0), sum(known) / max(len(known), 1)
    return [weight * ((mean if value is None else value) - least) for value in values]


def prior(one: Candidate, today: date) -> float:
    """0..1: votes, and for papers of the last years their age."""
    votes = min(1.0, math.log1p(one.votes) / 6)
    years = (today - one.dated).days / 365 if one.dated else 99.0
    return 0.6 * votes + 0.4 * math.exp(-max(years, 0.0) / 2)
