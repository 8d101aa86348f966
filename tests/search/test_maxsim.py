"""How near the words of a text come to a query's."""

import numpy as np
import pytest

from bot.query.normal import tokens
from bot.search.maxsim import WordVectors
from bot.search.table import Table


def test_the_nearest_word_counts_for_each_word_of_the_query() -> None:
    words = WordVectors(Table.load())
    texts = ["evicting keys of the attention cache", "a robot walks", "", "qqqq xyzzyx"]
    numbers = [words.numbers(set(tokens(text))) for text in texts]
    has = np.zeros((4, 2), np.bool_)
    cache, robot, nothing, odd = words.maxsim({"eviction": 2.0, "cache": 1.0}, numbers, has)
    assert cache > robot > nothing == 0 and cache > odd
    has[1] = True  # the words themselves, whatever the table thinks
    assert words.maxsim({"eviction": 2.0, "cache": 1.0}, numbers, has)[1] == pytest.approx(1)


def test_a_word_without_a_row_is_near_to_itself() -> None:
    words = WordVectors(Table.load())
    numbers = [words.numbers({text}) for text in ("xkcdvqz", "walrus")]
    same, other = words.maxsim({"xkcdvqz": 1.0}, numbers, np.zeros((2, 1), np.bool_))
    assert same == pytest.approx(1, abs=0.01) and other < 0.9
