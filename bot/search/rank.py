"""From some scores to one order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Weights:
    """What each score counts, in all 1."""

    lexical: float
    cosine: float
    maxsim: float
    sentence: float = 0.0


# Chosen on the sets named in DESIGN.md, not on those reported: without the encoder, and with it.
PLAIN = Weights(0.65, 0.2, 0.15)
ENCODED = Weights(0.39, 0.09, 0.18, 0.34)
WANTING = 0.3  # how much less words count where even the best paper has few of them
NEAR = 0.02  # how much of the score votes and age may move: between near-equals only
CUT = 0.12  # of the best score: what is below is not worth a look


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper to be ranked."""

    lexical: float  # BM25; 1 for a paper that has all the words
    cosine: float | None = None  # of its words' vector with the query's; None: it has none yet
    maxsim: float = 0.0  # of its words with the query's
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


def fuse(found: Mapping[int, Candidate]) -> dict[int, float]:
    """One score in 0..1 for each. By score, not by rank: a clear winner stays one."""
    papers = found.values()
    best = max((one.lexical for one in papers), default=0.0)
    best = (1 - WANTING) * best + WANTING
    weights = ENCODED if any(one.sentence is not None for one in papers) else PLAIN
    spread = (
        _spread([one.cosine for one in papers]),
        _spread([one.maxsim for one in papers]),
        _spread([one.sentence for one in papers]),
    )
    return {
        pk: weights.lexical * one.lexical / best
        + weights.cosine * cosine
        + weights.maxsim * maxsim
        + weights.sentence * sentence
        for (pk, one), cosine, maxsim, sentence in zip(found.items(), *spread, strict=True)
    }


def _spread(values: Sequence[float | None]) -> list[float]:
    """From 0, the least, to 1, the largest; what is not known is in the middle of the known."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = (high - low) or 1.0
    mean = sum(known) / len(known) if known else 0.0
    return [((mean if value is None else value) - low) / span for value in values]


def prior(one: Candidate, today: date) -> float:
    """0..1: votes, and for papers of the last years their age."""
    votes = min(1.0, math.log1p(one.votes) / 6)
    years = (today - one.dated).days / 365 if one.dated else 99.0
    return 0.6 * votes + 0.4 * math.exp(-max(years, 0.0) / 2)
