"""The known word, or words, that an unknown one is meant to be."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from heapq import nlargest

from rapidfuzz import process
from rapidfuzz.distance import OSA

MIN_LENGTH = 4  # shorter words are names and symbols: every other word is near
_LETTERS = re.compile(r"[^\W\d_]+")


class TermDictionary:
    """Words, and how many titles have each."""

    def __init__(self, doc_freqs: Mapping[str, int]) -> None:
        self._doc_freqs = doc_freqs
        self._sorted = sorted(doc_freqs)
        self._by_length: dict[int, list[str]] = {}
        for word in doc_freqs:
            if len(word) >= MIN_LENGTH and _LETTERS.fullmatch(word):
                self._by_length.setdefault(len(word), []).append(word)

    def correct(self, word: str) -> str:
        """The word, or the two words, that an unknown one is meant to be; empty: none is near."""
        if len(word) < MIN_LENGTH or not _LETTERS.fullmatch(word):
            return ""
        return self._nearest(word) or " ".join(self._split(word))

    def with_prefix(self, prefix: str, count: int) -> dict[str, int]:
        """The commonest words that begin so, and how many titles have each."""
        start = bisect_left(self._sorted, prefix)
        end = bisect_left(self._sorted, prefix + "\U0010ffff")
        commonest = nlargest(count, self._sorted[start:end], key=self._doc_freqs.__getitem__)
        return {word: self._doc_freqs[word] for word in commonest}

    def _nearest(self, word: str) -> str:
        most = _max_edits(word)
        lengths = range(len(word) - most, len(word) + most + 1)
        known = [word for length in lengths for word in self._by_length.get(length, ())]
        return next(iter(nearest(word, known, self._doc_freqs)), "")

    def _split(self, word: str) -> tuple[str, ...]:
        """Two words written as one: kvcache."""
        pairs = ((word[:at], word[at:]) for at in range(2, len(word) - 1))
        known = [pair for pair in pairs if all(part in self._doc_freqs for part in pair)]
        return max(known, key=lambda pair: min(map(self._doc_freqs.__getitem__, pair)), default=())


def nearest(word: str, known: Sequence[str], doc_freqs: Mapping[str, int]) -> list[str]:
    """Known words within one edit (two in a long word), the likeliest first: that with fewer edits,
    that which begins the same, for people know how a word begins, and then the commoner one.

    An edit is a letter too many, too few, wrong, or swapped with the next (OSA distance).
    """
    most = _max_edits(word)
    matches = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=20)

    def cost(match: tuple[str, float, int]) -> tuple[float, bool, int]:
        near, edits, _ = match
        return edits, word[0] != near[0], -doc_freqs[near]

    return [near for near, _, _ in sorted(matches, key=cost)]


def _max_edits(word: str) -> int:
    return 1 if len(word) < 8 else 2
