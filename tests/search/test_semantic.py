"""The nearest papers by signs and cosines, and the nearest words."""

import numpy as np
import pytest

from bot.query.normal import tokens
from bot.search import semantic
from bot.search.semantic import Codes, Words
from bot.search.table import Table


@pytest.fixture(scope="module")
def vectors() -> semantic.Floats:
    made = np.random.default_rng(5).normal(size=(3000, 256)).astype(np.float32)
    found: semantic.Floats = made / np.linalg.norm(made, axis=1, keepdims=True)
    return found


def test_packed_vectors_keep_their_direction(vectors: semantic.Floats) -> None:
    back = semantic.unpack(semantic.pack(vectors))
    cosines = (back * vectors).sum(1) / np.linalg.norm(back, axis=1)
    assert len(semantic.pack(vectors)[0]) == 128 and cosines.min() > 0.98


def test_the_nearest_are_found_nearest_first(vectors: semantic.Floats) -> None:
    codes = Codes(256)
    pks = list(range(7, 7 + len(vectors)))
    codes.put(pks, semantic.pack(vectors))
    for row in (0, 1234, 2999):
        near = vectors[row] + 0.02 * vectors[row - 1]
        assert codes.nearest(near, 5)[0] == pks[row]
        assert len(codes.nearest(near, 50)) == 50
    assert codes.size == 3000


def test_only_the_papers_of_a_span_are_looked_at(vectors: semantic.Floats) -> None:
    codes = Codes(256)
    codes.put(list(range(len(vectors))), semantic.pack(vectors))
    every = [pk for pk in codes.nearest(vectors[5], len(vectors)) if 100 <= pk <= 199]
    assert codes.nearest(vectors[5], 10, (100, 199)) == every[:10]
    assert sorted(codes.nearest(vectors[5], 10, (2995, 10**9))) == list(range(2995, 3000))
    assert codes.nearest(vectors[5], 10, (1, 0)) == []


def test_papers_without_a_vector_are_near_to_nothing(vectors: semantic.Floats) -> None:
    codes = Codes(256)
    assert codes.nearest(vectors[0], 5) == []
    codes.put([5000], semantic.pack(vectors[:1]))
    codes.put([6], semantic.pack(np.zeros((1, 256), np.float32)))
    assert codes.nearest(-vectors[0], 5) == [5000]


def test_a_vector_that_is_put_again_replaces_the_old_one(vectors: semantic.Floats) -> None:
    codes = Codes(256)
    codes.put([1, 2], semantic.pack(vectors[:2]))
    codes.put([1, 2], semantic.pack(vectors[[1, 0]]))
    assert (codes.nearest(vectors[0], 1), codes.size) == ([2], 2)


def test_cosines_are_those_of_the_vectors(vectors: semantic.Floats) -> None:
    stored = dict(enumerate(semantic.pack(vectors[:40])))
    found = semantic.cosines(vectors[3], stored)
    assert np.allclose(list(found.values()), vectors[:40] @ vectors[3], atol=0.05)
    assert max(found, key=found.__getitem__) == 3 and semantic.cosines(vectors[0], {}) == {}


def test_the_nearest_word_counts_for_each_word_of_the_query() -> None:
    words = Words(Table.load())
    texts = ["evicting keys of the attention cache", "a robot walks", "", "qqqq xyzzyx"]
    numbers = [words.numbers(set(tokens(text))) for text in texts]
    has = np.zeros((4, 2), np.bool_)
    cache, robot, nothing, odd = words.nearest({"eviction": 2.0, "cache": 1.0}, numbers, has)
    assert cache > robot > nothing == 0 and cache > odd
    has[1] = True  # the words themselves, whatever the table thinks
    assert words.nearest({"eviction": 2.0, "cache": 1.0}, numbers, has)[1] == pytest.approx(1)


def test_a_word_without_a_row_is_near_to_itself() -> None:
    words = Words(Table.load())
    numbers = [words.numbers({text}) for text in ("xkcdvqz", "walrus")]
    same, other = words.nearest({"xkcdvqz": 1.0}, numbers, np.zeros((2, 1), np.bool_))
    assert same == pytest.approx(1, abs=0.01) and other < 0.9
