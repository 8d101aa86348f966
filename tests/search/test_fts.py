"""Clauses as FTS5 expressions: whatever was typed, nothing in it is syntax."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query.clause import And, Consecutive, Not, Or, Text
from bot.query.terms import phrase, terms
from bot.search import fts

PAPERS = ("tide basalt", "tide lichen", "basalt tide", "quartz", "basalt")


@pytest.fixture
def index() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE f USING fts5 (title, summary)")
    db.executemany("INSERT INTO f VALUES (?, 'x')", [(one,) for one in PAPERS])
    yield db
    db.close()


def word(text: str) -> Consecutive:
    return Consecutive((text,))


@pytest.mark.parametrize(
    ("wanted", "unwanted", "papers"),
    [
        ([word("tide")], [], [1, 2, 3]),
        ([word("tide"), word("basalt")], [], [1, 3]),
        ([Consecutive(("tide", "basalt"))], [], [1]),
        ([Or((word("lichen"), word("quartz")))], [], [2, 4]),
        ([Or((And((word("tide"), word("basalt"))), word("quartz")))], [], [1, 3, 4]),
        ([word("tide")], [word("lichen")], [1, 3]),
        ([word("tide"), Not(word("lichen"))], [], [1, 3]),
        ([Or((word("tide"), word("quartz")))], [word("lichen"), word("basalt")], [4]),
        ([Consecutive(("tide",), "title")], [], [1, 2, 3]),
        ([Consecutive(("tide",), "summary")], [], []),
        ([Consecutive(("qua",), prefix=True)], [], [4]),
        ([Consecutive(("tide", "li"), prefix=True)], [], [2]),
    ],
)
def test_an_expression_finds_what_its_clauses_say(
    index: sqlite3.Connection, wanted: list[Text], unwanted: list[Text], papers: list[int]
) -> None:
    match = fts.expression(wanted, unwanted)
    assert [
        row[0] for row in index.execute("SELECT rowid FROM f WHERE f MATCH ?", [match])
    ] == papers


def test_without_anything_wanted_there_is_no_expression() -> None:
    assert fts.expression([], [word("tide")]) == "" and fts.any_of([]) == ""


@given(st.lists(st.text(max_size=20), max_size=6), st.text(max_size=40))
def test_whatever_is_typed_is_no_fts5_syntax(typed: list[str], text: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE f USING fts5 (title)")
    found = [term.within() for term in terms(typed)]
    said = [*found, *filter(None, [phrase(text), phrase(text, "title")])]
    for match in (fts.expression(said), fts.any_of(said), fts.expression(said, said)):
        if match:
            db.execute("SELECT rowid FROM f WHERE f MATCH ?", [match]).fetchall()
    db.close()
