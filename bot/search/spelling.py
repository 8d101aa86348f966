"""What was meant by a word that no paper has."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from heapq import nlargest

from rapidfuzz import process
from rapidfuzz.distance import OSA

LEAST = 4  # shorter words are names and symbols: every other word is near
_LETTERS = re.compile(r"[^\W\d_]+")


class Vocabulary:
    """The words of titles, and how many titles have each."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words
        self._sorted = sorted(words)
        self._by_length: dict[int, list[str]] = {}
        for word in words:
            if len(word) >= LEAST and _LETTERS.fullmatch(word):
                self._by_length.setdefault(len(word), []).append(word)

    def meant(self, word: str) -> str:
        """The word, or the two words, that an unknown one stands for; empty when none is near."""
        if len(word) < LEAST or not _LETTERS.fullmatch(word):
            return ""
        return self._nearest(word) or " ".join(self._apart(word))

    def beginning(self, prefix: str, count: int) -> dict[str, int]:
        """The commonest words that begin so, and how many titles have each."""
        start = bisect_left(self._sorted, prefix)
        end = bisect_left(self._sorted, prefix + "\U0010ffff")
        found = nlargest(count, self._sorted[start:end], key=self._words.__getitem__)
        return {word: self._words[word] for word in found}

    def _nearest(self, word: str) -> str:
        most = _slips(word)
        lengths = range(len(word) - most, len(word) + most + 1)
        among = [one for length in lengths for one in self._by_length.get(length, ())]
        return next(iter(nearest(word, among, self._words)), "")

    def _apart(self, word: str) -> tuple[str, ...]:
        """Two words written as one: kvcache."""
        pairs = ((word[:at], word[at:]) for at in range(2, len(word) - 1))
        known = [pair for pair in pairs if all(part in self._words for part in pair)]
        return max(known, key=lambda pair: min(map(self._words.__getitem__, pair)), default=())


def nearest(word: str, among: Sequence[str], papers: Mapping[str, int]) -> list[str]:
    """Words within one slip (two in a long one), the likeliest first: that with fewer slips, that
    which begins the same, for people know how a word begins, and then the commoner one.

    A slip is a letter too many, too few, wrong, or swapped with the next.
    """
    found = process.extract(word, among, scorer=OSA.distance, score_cutoff=_slips(word), limit=20)

    def cost(one: tuple[str, float, int]) -> tuple[float, bool, int]:
        meant, slips, _ = one
        return slips, word[0] != meant[0], -papers[meant]

    return [meant for meant, _, _ in sorted(found, key=cost)]


def _slips(word: str) -> int:
    return 1 if len(word) < 8 else 2
