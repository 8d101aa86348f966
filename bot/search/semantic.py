"""Vectors: which papers are near a text, and which of their words are near its words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from bot.query import normal
from bot.search.table import Table
from bot.store.filters import EVERYWHERE, PkRange

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
# One complex number takes both halves of a byte in a single look-up.
_HALVES = np.array([complex((b & 15) - 8, (b >> 4) - 8) for b in range(256)], np.complex64)
_ANY = np.zeros(1, np.int64)  # where a text has no word that is known


def pack(vectors: Floats) -> list[bytes]:
    """Each vector with 4 bits a dimension, two to a byte: 1..15, and 8 is zero.

    Scaled to its largest part: a cosine needs no length.
    """
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = np.rint(vectors * (7 / np.maximum(largest, 1e-9))).astype(np.int8) + 8
    return [row.tobytes() for row in (scaled[:, ::2] | scaled[:, 1::2] << 4).astype(np.uint8)]


def unpack(packed: Collection[bytes]) -> Floats:
    """Their rows, of any length."""
    halves = np.frombuffer(b"".join(packed), np.uint8).reshape(len(packed), -1)
    return _HALVES[halves].view(np.float32)


class Codes:
    """One bit for each dimension of each paper's vector, by the paper's number (pk)."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._codes = np.zeros((dim // 64, 1024), np.uint64)
        self._known = np.zeros(1024, np.bool_)
        self.size = 0  # papers known

    def put(self, pks: Sequence[int], vectors: Sequence[bytes]) -> None:
        if not pks:
            return
        self._grow(max(pks) + 1)
        rows, parts = np.asarray(pks), unpack(vectors)
        self._codes[:, rows] = np.packbits(parts > 0, axis=1).view(np.uint64).T
        self._known[rows] = parts.any(axis=1)
        self.size = int(self._known.sum())

    def nearest(self, vector: Floats, count: int, span: PkRange = EVERYWHERE) -> list[int]:
        """The papers, from the first to the last of a span, whose signs differ least from the
        vector's, the nearest first."""
        first, last = span
        known = self._known[first : last + 1]  # before the codes: this runs beside `put`
        far = np.zeros(len(known), np.uint16)
        asked = np.packbits(vector > 0).view(np.uint64)
        for part, codes in zip(asked, self._codes[:, first : first + len(known)], strict=True):
            far += np.bitwise_count(codes ^ part)
        far[~known] = 65535
        count = min(count, int(known.sum()))
        if count == 0:
            return []
        least = np.searchsorted(np.cumsum(np.bincount(far, minlength=1)), count)
        found = np.flatnonzero(far <= least)
        ordered = found[np.argsort(far[found], kind="stable")][:count] + first
        nearest: list[int] = ordered.tolist()
        return nearest

    def _grow(self, rows: int) -> None:
        more = max(rows, len(self._known) * 5 // 4) - len(self._known)
        if rows > len(self._known):
            self._codes = np.pad(self._codes, ((0, 0), (0, more)))
            self._known = np.pad(self._known, (0, more))


def unit(vectors: Floats) -> Floats:
    """Each made one long; zero stays zero."""
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return found


def cosines(vector: Floats, stored: Mapping[int, bytes]) -> dict[int, float]:
    """Of a vector of length one with each stored one."""
    if not stored:
        return {}
    found = unit(unpack(stored.values())) @ vector
    return dict(zip(stored, found.tolist(), strict=True))


class Words:
    """Words as numbers: of the table's rows, and after them those made of its pieces."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._tokens: dict[str, tuple[int, ...]] = {}
        self._made: dict[str, int] = {}  # word -> number; their vectors come with `nearest`
        self._vectors = np.zeros((0, table.dim), np.float16)
        self._embedded = 0  # of those

    def __len__(self) -> int:
        return len(self._tokens)

    def numbers(self, tokens: Collection[str]) -> Numbers:
        """The numbers of a text's words, stop words left out. The text is its `normal.tokens`."""
        known = self._tokens
        for token in tokens:
            if token not in known:
                told = (word for word in normal.expanded(token) if word not in normal.STOPWORDS)
                known[token] = tuple(map(self._number, told))
        return np.fromiter(chain.from_iterable(map(known.__getitem__, tokens)), np.int64)

    def _number(self, word: str) -> int:
        row = self._table.vocabulary.pieces(word)
        if len(row) == 1:
            return row[0]
        return self._made.setdefault(word, len(self._table.vocabulary) + len(self._made))

    def _rows(self, numbers: Numbers) -> Floats:
        """Their vectors, each of length one."""
        new = list(islice(self._made, self._embedded, None))
        if len(self._made) > len(self._vectors):
            self._vectors = np.pad(self._vectors, ((0, len(self._made)), (0, 0)))
        self._vectors[self._embedded : len(self._made)] = self._table.embed([[w] for w in new])
        self._embedded = len(self._made)
        first = int(np.searchsorted(numbers, len(self._table.vocabulary)))
        rows = self._table.rows(numbers[:first])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        made = self._vectors[numbers[first:] - len(self._table.vocabulary)]
        return np.concatenate([rows, made], dtype=np.float32)

    def nearest(
        self, query: Mapping[str, float], texts: Sequence[Numbers], has: NDArray[np.bool_]
    ) -> list[float]:
        """For each text, how near its words come to the query's, in the mean by these weights.

        `has` (texts, words of the query): the text has that very word, known or not. MaxSim of
        ColBERT (Khattab, Zaharia 2020), over vectors that know no context.
        """
        asked = self._table.embed([[word] for word in query])
        weights = np.array(list(query.values()), np.float32)
        some = [text if len(text) else _ANY for text in texts]
        used, places = np.unique(np.concatenate(some), return_inverse=True)
        near = self._rows(used) @ asked.T
        starts = np.cumsum([0, *map(len, some[:-1])])
        best = np.maximum.reduceat(near[places], starts).clip(min=0)
        best[[not len(text) for text in texts]] = 0
        best[has] = 1
        found: list[float] = (best @ weights / max(weights.sum(), 1e-9)).tolist()
        return found
