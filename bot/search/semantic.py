"""Vectors: which papers are near a text, and which of their words are near its words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.search import normal
from bot.search.table import Table

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]
# One complex number takes both halves of a byte in a single look-up.
_HALVES = np.array([complex((b & 15) - 8, (b >> 4) - 8) for b in range(256)], np.complex64)
_BLOCK = 1 << 17  # codes compared at once: 4 MB, which stays in the processor's cache


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
        self._codes = np.zeros((1024, dim // 64), np.uint64)
        self._known = np.zeros(1024, np.bool_)
        self.size = 0  # papers known

    def put(self, pks: Sequence[int], vectors: Sequence[bytes]) -> None:
        if not pks:
            return
        self._grow(max(pks) + 1)
        rows, parts = np.asarray(pks), unpack(vectors)
        self._codes[rows] = np.packbits(parts > 0, axis=1).view(np.uint64)
        self._known[rows] = parts.any(axis=1)
        self.size = int(self._known.sum())

    def clear(self) -> None:
        self._known[:] = False
        self.size = 0

    def nearest(self, vector: Floats, count: int) -> list[int]:
        """The papers whose signs differ least from the vector's, the nearest first."""
        code = np.packbits(vector > 0).view(np.uint64)
        far = np.concatenate([
            np.bitwise_count(self._codes[start : start + _BLOCK] ^ code).sum(1, dtype=np.uint16)
            for start in range(0, len(self._codes), _BLOCK)
        ])  # fmt: skip
        far[~self._known] = 65535
        count = min(count, self.size)
        if count == 0:
            return []
        found = np.argpartition(far, count - 1)[:count]
        ordered: list[int] = found[np.argsort(far[found], kind="stable")].tolist()
        return ordered

    def _grow(self, rows: int) -> None:
        if rows <= len(self._codes):
            return
        more = max(rows, len(self._codes) * 5 // 4) - len(self._codes)
        self._codes = np.pad(self._codes, ((0, more), (0, 0)))
        self._known = np.pad(self._known, (0, more))


def cosines(vector: Floats, stored: Mapping[int, bytes]) -> dict[int, float]:
    """Of a vector of length one with each stored one."""
    if not stored:
        return {}
    rows = unpack(stored.values())
    found = rows @ vector / np.maximum(np.linalg.norm(rows, axis=1), 1e-9)
    return dict(zip(stored, found.tolist(), strict=True))


class Words:
    """The vectors of single words, made when a word is met."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._words = {"": 0}  # near to nothing; stands in a text without words
        self._tokens: dict[str, tuple[int, ...]] = {}
        self._vectors = np.zeros((1, table.dim), np.int8)

    def __len__(self) -> int:
        return len(self._words)

    def numbers(self, texts: Sequence[Collection[str]]) -> list[Numbers]:
        """The numbers of each text's words without its stop words. A text is `normal.tokens`."""
        known = self._tokens
        new = {token for tokens in texts for token in tokens if token not in known}
        self._learn({token: normal.telling_words(token) for token in new})
        found = (list(chain.from_iterable(map(known.__getitem__, tokens))) for tokens in texts)
        return [np.array(numbers or [0], np.intp) for numbers in found]

    def _learn(self, tokens: Mapping[str, Sequence[str]]) -> None:
        words = chain.from_iterable(tokens.values())
        new = list(dict.fromkeys(word for word in words if word not in self._words))
        if new:
            first, end = len(self._words), len(self._words) + len(new)
            if end > len(self._vectors):
                self._vectors = np.pad(self._vectors, ((0, end), (0, 0)))
            made = self._table.embed([[word] for word in new])
            self._vectors[first:end] = np.rint(made * 127)
            self._words.update(zip(new, range(first, end), strict=True))
        for token, parts in tokens.items():
            self._tokens[token] = tuple(self._words[word] for word in parts)

    def nearest(self, query: Mapping[str, float], texts: Sequence[Numbers]) -> list[float]:
        """For each text, how near its words come to the query's, in the mean by these weights.

        MaxSim of ColBERT (Khattab, Zaharia 2020), over vectors that know no context.
        """
        self._learn({word: [word] for word in query})
        asked = [self._words[word] for word in query] or [0]
        weights = np.array(list(query.values()) or [1.0], np.float32)
        used, places = np.unique(np.concatenate(texts), return_inverse=True)
        near = self._vectors[used].astype(np.float32) @ self._vectors[asked].astype(np.float32).T
        starts = np.cumsum([0, *map(len, texts[:-1])])
        best = np.maximum.reduceat(near[places], starts).clip(min=0) / 127**2
        found: list[float] = (best @ weights / weights.sum()).tolist()
        return found
