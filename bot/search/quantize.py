"""Vectors made small: 4 bits a dimension for cosines, 1 bit for Hamming distances."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.search.table import Floats
from bot.store.filters import EVERYWHERE, PkRange

# One complex number takes both halves of a byte in a single look-up.
_NIBBLES = np.array([complex((b & 15) - 8, (b >> 4) - 8) for b in range(256)], np.complex64)
_FAR = 65535  # the distance of a paper without a vector


def quantize_int4(vectors: Floats) -> list[bytes]:
    """Each vector with 4 bits a dimension, two to a byte: 1..15, and 8 is zero.

    Scaled to its largest part: a cosine needs no length.
    """
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = np.rint(vectors * (7 / np.maximum(largest, 1e-9))).astype(np.int8) + 8
    return [row.tobytes() for row in (scaled[:, ::2] | scaled[:, 1::2] << 4).astype(np.uint8)]


def dequantize_int4(quantized: Collection[bytes]) -> Floats:
    """(vectors, dim), in the direction that each had, of any length."""
    pairs = np.frombuffer(b"".join(quantized), np.uint8).reshape(len(quantized), -1)
    return _NIBBLES[pairs].view(np.float32)


def normalize(vectors: Floats) -> Floats:
    """Each with length one; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = vectors / np.maximum(lengths, 1e-9)
    return unit


def cosines(vector: Floats, quantized: Mapping[int, bytes]) -> dict[int, float]:
    """The cosine of a vector of length one with each of `quantize_int4`'s, by the same keys."""
    if not quantized:
        return {}
    products = normalize(dequantize_int4(quantized.values())) @ vector
    return dict(zip(quantized, products.tolist(), strict=True))


class BinaryCodes:
    """The signs of each paper's vector, one bit a dimension, by the paper's number (pk)."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._codes = np.zeros((dim // 64, 1024), np.uint64)
        self._known = np.zeros(1024, np.bool_)
        self.size = 0  # papers that have a vector

    def put(self, pks: Sequence[int], quantized: Sequence[bytes]) -> None:
        """Add the papers' vectors, or replace them. A vector of zeros is none."""
        if not pks:
            return
        self._grow(max(pks) + 1)
        rows, vectors = np.asarray(pks), dequantize_int4(quantized)
        self._codes[:, rows] = np.packbits(vectors > 0, axis=1).view(np.uint64).T
        self._known[rows] = vectors.any(axis=1)
        self.size = int(self._known.sum())

    def nearest(self, vector: Floats, count: int, pks: PkRange = EVERYWHERE) -> list[int]:
        """The `count` papers of the range with the least Hamming distance, the nearest first."""
        first, last = pks
        known = self._known[first : last + 1]  # before the codes: this runs beside `put`
        distances = self._distances(vector, slice(first, first + len(known)))
        distances[~known] = _FAR
        count = min(count, int(known.sum()))
        if count == 0:
            return []
        most = np.searchsorted(np.cumsum(np.bincount(distances, minlength=1)), count)
        within = np.flatnonzero(distances <= most)
        by_distance = within[np.argsort(distances[within], kind="stable")][:count] + first
        nearest: list[int] = by_distance.tolist()
        return nearest

    def _distances(self, vector: Floats, pks: slice) -> NDArray[np.uint16]:
        distances = np.zeros(pks.stop - pks.start, np.uint16)
        query = np.packbits(vector > 0).view(np.uint64)
        for bits, codes in zip(query, self._codes[:, pks], strict=True):
            distances += np.bitwise_count(codes ^ bits)
        return distances

    def _grow(self, rows: int) -> None:
        more = max(rows, len(self._known) * 5 // 4) - len(self._known)
        if rows > len(self._known):
            self._codes = np.pad(self._codes, ((0, 0), (0, more)))
            self._known = np.pad(self._known, (0, more))
