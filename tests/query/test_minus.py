"""A minus that leaves nothing out, and who wrote a paper: told, with the query that does it."""

from datetime import date

import pytest

from bot.errors import UserError
from bot.query.operators import Without
from bot.query.parse import parse
from bot.topics import topic_query

TODAY = date(2026, 7, 23)


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("flow - video", "flow -video"),
        ("flow – video", "flow -video"),
        ("flow — video", "flow -video"),
        ("flow − video", "flow -video"),
        ("flow -- video", "flow -video"),
        ("flow - video - audio", "flow -video -audio"),
        ("flow - long video", 'flow -"long video"'),
        ('flow - "long video"', 'flow -"long video"'),
        ("flow - author:hinton", "flow -author:hinton"),
        ("flow - video after:2025", "flow -video after:2025"),
    ],
)
def test_a_minus_with_a_space_is_told_and_may_be_meant(typed: str, instead: str) -> None:
    query = parse(typed, TODAY)
    assert query.notes == ("A minus with a space after it leaves nothing out.",)
    assert query.did_you_mean == instead == str(parse(instead, TODAY))
    assert not query.all(Without)


@pytest.mark.parametrize(
    "title",
    ["Physics Cognition in Video Generation - A Survey", "Language Interfaces – An Overview",
     "WebThinker - Deep Research for Large Reasoning Models", "pre-training", "flow -", "not all"],
)  # fmt: skip
def test_a_dash_of_a_title_is_not_told(title: str) -> None:
    assert parse(title, TODAY).notes == ()


@pytest.mark.parametrize("typed", ["not agents", "no agents", "except agents", "- agents",
                                   "other than agents", "without agents"])  # fmt: skip
def test_a_word_that_leaves_out_all_there_is_is_told(typed: str) -> None:
    [note] = parse(typed, TODAY).notes
    assert "To leave a word out, write another before it: robots -survey." in note
    with pytest.raises(UserError, match="write another before it") as refused:
        topic_query(typed, TODAY)
    [(_, choice)] = refused.value.choices
    assert topic_query(choice, TODAY).notes == ()


@pytest.mark.parametrize("typed", ["kv -has:code", "kv -votes:5", "kv -after:2025", "kv -sort:new"])
def test_what_cannot_be_left_out_is_told_and_no_words(typed: str) -> None:
    query = parse(typed, TODAY)
    assert str(query) == "kv" and "A minus leaves words out; there is no -" in query.notes[0]


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("by Kaiming He", 'author:"Kaiming He"'),
        ("papers by hinton", "author:hinton"),
        ("anything written by Geoffrey Hinton", 'author:"Geoffrey Hinton"'),
        ("Kaiming He's papers", 'author:"Kaiming He"'),
        ("author Kaiming He", 'author:"Kaiming He"'),
        ("papers by hinton after:2025", "author:hinton after:2025"),
        ("diffusion papers by Kaiming He", 'diffusion author:"Kaiming He"'),
    ],
)
def test_who_wrote_it_has_the_operator_named(typed: str, instead: str) -> None:
    query = parse(typed, TODAY)
    assert query.did_you_mean == instead
    who = instead[instead.index("author:") :].removesuffix(" after:2025")
    assert f"To find who wrote a paper, write {who}." in query.notes


def test_papers_by_a_time_have_no_author() -> None:
    assert "author:" not in parse("papers by yesterday", TODAY).did_you_mean
