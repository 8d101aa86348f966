"""From three scores to one order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# What each score counts; chosen on the sets named in DESIGN.md, not on those reported.
LEXICAL, COSINE, MAXSIM = 0.65, 0.2, 0.15
WANTING = 0.3  # how much less words count where even the best paper has few of them
NEAR = 0.02  # how much of the score votes and age may move: between near-equals only
CUT = 0.12  # of the best score: what is below is not worth a look


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper to be ranked."""

    lexical: float  # BM25; 1 for a paper that has all the words
    cosine: float = 0.0  # of its vector with the query's
    maxsim: float = 0.0  # of its words with the query's
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


def fuse(found: Mapping[int, Candidate]) -> dict[int, float]:
    """One score in 0..1 for each. By score, not by rank: a clear winner stays one."""
    best = max((one.lexical for one in found.values()), default=0.0)
    best = (1 - WANTING) * best + WANTING
    cosine = _spread([one.cosine for one in found.values()])
    maxsim = _spread([one.maxsim for one in found.values()])
    return {
        pk: LEXICAL * one.lexical / best + COSINE * near + MAXSIM * words
        for (pk, one), near, words in zip(found.items(), cosine, maxsim, strict=True)
    }


def _spread(values: list[float]) -> list[float]:
    """From 0, the least, to 1, the largest; all 0 where they are equal."""
    low = min(values, default=0.0)
    span = max(values, default=0.0) - low
    return [(value - low) / span if span else 0.0 for value in values]


def prior(one: Candidate, today: date) -> float:
    """0..1: votes, and for papers of the last years their age."""
    votes = min(1.0, math.log1p(one.votes) / 6)
    years = (today - one.dated).days / 365 if one.dated else 99.0
    return 0.6 * votes + 0.4 * math.exp(-max(years, 0.0) / 2)
