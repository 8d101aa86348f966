"""From three scores to one order."""

from datetime import date

from bot.search import rank
from bot.search.rank import Candidate

TODAY = date(2025, 6, 10)


def test_words_decide_before_meaning_does() -> None:
    found = {1: Candidate(0.9, 0.2, 0.5), 2: Candidate(0.1, 0.5, 0.5), 3: Candidate(0.9, 0.5, 0.5)}
    assert rank.order(found, TODAY) == [3, 1, 2]


def test_meaning_decides_where_no_paper_has_the_words() -> None:
    weak = {1: Candidate(0.10, 0.2, 0.4), 2: Candidate(0.02, 0.6, 0.6)}
    assert rank.order(weak, TODAY) == [2, 1]


def test_votes_and_age_decide_between_equals_only() -> None:
    old, new = date(2023, 1, 1), date(2025, 6, 1)
    equal = {1: Candidate(0.5, votes=0, dated=old), 2: Candidate(0.5, votes=0, dated=new),
             3: Candidate(0.5, votes=200, dated=old)}  # fmt: skip
    assert rank.order(equal, TODAY) == [3, 2, 1]
    assert rank.order({**equal, 4: Candidate(0.6)}, TODAY)[0] == 4


def test_the_hopeless_are_left_out() -> None:
    found = {1: Candidate(1.0, 0.5, 0.5), 2: Candidate(0.0, 0.0, 0.0)}
    assert rank.order(found, TODAY) == [1] and rank.order({}, TODAY) == []


def test_scores_stay_between_nothing_and_one() -> None:
    found = {pk: Candidate(pk / 4, pk / 10, pk / 20) for pk in range(6)}
    assert all(0 <= score <= 1.2 for score in rank.fuse(found).values())
