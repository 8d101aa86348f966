"""From some scores to one order."""

from datetime import date

import pytest

from bot.search import rank
from bot.search.rank import Candidate

TODAY = date(2025, 6, 10)


def test_words_decide_before_meaning_does() -> None:
    found = {1: Candidate(0.9, 0.2, 0.5), 2: Candidate(0.1, 0.5, 0.5), 3: Candidate(0.9, 0.5, 0.5)}
    assert rank.rank(found, TODAY) == [3, 1, 2]


def test_meaning_decides_where_no_paper_has_the_words() -> None:
    weak = {1: Candidate(0.10, 0.2, 0.4), 2: Candidate(0.02, 0.6, 0.6)}
    assert rank.rank(weak, TODAY) == [2, 1]


def test_votes_and_age_decide_between_equals_only() -> None:
    old, new = date(2023, 1, 1), date(2025, 6, 1)
    equal = {1: Candidate(0.5, votes=0, dated=old), 2: Candidate(0.5, votes=0, dated=new),
             3: Candidate(0.5, votes=200, dated=old)}  # fmt: skip
    assert rank.rank(equal, TODAY) == [3, 2, 1]
    assert rank.rank({**equal, 4: Candidate(0.6)}, TODAY)[0] == 4


def test_the_hopeless_are_left_out() -> None:
    found = {1: Candidate(1.0, 0.5, 0.5), 2: Candidate(0.0, 0.0, 0.0)}
    assert rank.rank(found, TODAY) == [1] and rank.rank({}, TODAY) == []


def test_only_differences_in_meaning_count() -> None:
    low = {pk: Candidate(0.5, pk / 10, pk / 20, pk / 30) for pk in range(6)}
    high = {pk: Candidate(0.5, pk / 10 + 0.4, pk / 20 + 0.1, pk / 30 + 0.3) for pk in range(6)}
    assert rank.fuse(low) == pytest.approx(rank.fuse(high))
    assert all(score >= 0 for score in rank.fuse(low).values())


def test_a_paper_without_a_vector_is_as_near_as_the_others_in_the_mean() -> None:
    found = {1: Candidate(0.5, 0.2), 2: Candidate(0.5, 0.6), 3: Candidate(0.5), 4: Candidate(0.9)}
    assert rank.rank(found, TODAY) == [4, 2, 3, 1]


def test_the_encoder_counts_where_there_is_one() -> None:
    plain = {1: Candidate(0.5, 0.3, 0.4), 2: Candidate(0.5, 0.2, 0.4)}
    read = {1: Candidate(0.5, 0.3, 0.4, 0.1), 2: Candidate(0.5, 0.2, 0.4, 0.5)}
    assert (rank.top_k(plain, 1), rank.top_k(read, 1)) == ([1], [2])


@pytest.mark.parametrize("sentence", [None, 0.4])
def test_the_paper_whose_single_words_come_nearer_comes_first(sentence: float | None) -> None:
    found = {
        1: Candidate(0.5, 0.3, 0.6, sentence),
        2: Candidate(0.5, 0.3, 0.2, sentence, votes=200, dated=TODAY),
    }
    assert rank.rank(found, TODAY) == [1, 2]
