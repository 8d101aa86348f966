"""Vectors made small: the nearest papers by signs and cosines."""

import numpy as np
import pytest

from bot.search import quantize
from bot.search.quantize import BinaryCodes, quantize_int4
from bot.search.table import Floats


@pytest.fixture(scope="module")
def vectors() -> Floats:
    random = np.random.default_rng(5).normal(size=(3000, 256)).astype(np.float32)
    unit: Floats = random / np.linalg.norm(random, axis=1, keepdims=True)
    return unit


def test_packed_vectors_keep_their_direction(vectors: Floats) -> None:
    back = quantize.dequantize_int4(quantize_int4(vectors))
    cosines = (back * vectors).sum(1) / np.linalg.norm(back, axis=1)
    assert len(quantize_int4(vectors)[0]) == 128 and cosines.min() > 0.98


def test_the_nearest_are_found_nearest_first(vectors: Floats) -> None:
    codes = BinaryCodes(256)
    pks = list(range(7, 7 + len(vectors)))
    codes.put(pks, quantize_int4(vectors))
    for row in (0, 1234, 2999):
        near = vectors[row] + 0.02 * vectors[row - 1]
        assert codes.nearest(near, 5)[0] == pks[row]
        assert len(codes.nearest(near, 50)) == 50
    assert codes.size == 3000


def test_only_the_papers_of_a_span_are_looked_at(vectors: Floats) -> None:
    codes = BinaryCodes(256)
    codes.put(list(range(len(vectors))), quantize_int4(vectors))
    every = [pk for pk in codes.nearest(vectors[5], len(vectors)) if 100 <= pk <= 199]
    assert codes.nearest(vectors[5], 10, (100, 199)) == every[:10]
    assert sorted(codes.nearest(vectors[5], 10, (2995, 10**9))) == list(range(2995, 3000))
    assert codes.nearest(vectors[5], 10, (1, 0)) == []


def test_papers_without_a_vector_are_near_to_nothing(vectors: Floats) -> None:
    codes = BinaryCodes(256)
    assert codes.nearest(vectors[0], 5) == []
    codes.put([5000], quantize_int4(vectors[:1]))
    codes.put([6], quantize_int4(np.zeros((1, 256), np.float32)))
    assert codes.nearest(-vectors[0], 5) == [5000]


def test_a_vector_that_is_put_again_replaces_the_old_one(vectors: Floats) -> None:
    codes = BinaryCodes(256)
    codes.put([1, 2], quantize_int4(vectors[:2]))
    codes.put([1, 2], quantize_int4(vectors[[1, 0]]))
    assert (codes.nearest(vectors[0], 1), codes.size) == ([2], 2)


def test_cosines_are_those_of_the_vectors(vectors: Floats) -> None:
    stored = dict(enumerate(quantize_int4(vectors[:40])))
    found = quantize.cosines(vectors[3], stored)
    assert np.allclose(list(found.values()), vectors[:40] @ vectors[3], atol=0.05)
    assert max(found, key=found.__getitem__) == 3 and quantize.cosines(vectors[0], {}) == {}
