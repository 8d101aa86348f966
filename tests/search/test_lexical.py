"""Words as FTS5 expressions, and how well a paper matches them."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search import lexical
from bot.search.lexical import Scorer, Term
from bot.search.normal import tokens


def text(title: str, rest: str = "", authors: str = "") -> lexical.Text:
    return lexical.text(tokens(title), tokens(rest), tokens(authors))


def score(query: str, title: str, rest: str = "", papers: dict[str, int] | None = None) -> float:
    found = lexical.terms(query.split())
    return Scorer(found, papers or {}, 1000, query)(text(title, rest))


def test_a_compound_is_found_joined_or_apart() -> None:
    [term] = lexical.terms(["GPT-4o"])
    assert term.ways == (("gpt4o",), ("gpt", "4o"))
    assert term.match == '(("gpt4o") OR ("gpt" AND "4o"))'


def test_stop_words_count_only_when_there_is_nothing_else() -> None:
    assert lexical.terms(["the", "cache"]) == lexical.terms(["caches"])
    assert lexical.terms(["the", "who"]) == (Term((("the",),)), Term((("who",),)))


def test_the_rarest_words_are_taken_while_they_are_within_the_budget() -> None:
    found = lexical.terms(["model", "cache", "eviction"])
    papers = {"model": 900, "cach": 60, "evict": 5}
    assert lexical.rarest(found, papers, 65) == (found[2], found[1])
    assert lexical.rarest(found, papers, 4) == ()


@given(st.lists(st.text(max_size=20), max_size=6), st.text(max_size=40))
def test_whatever_is_typed_is_no_fts5_syntax(typed: list[str], phrase: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE f USING fts5 (title)")
    found = lexical.terms(typed)
    for match in (lexical.every(found), lexical.some(found), lexical.phrase(phrase)):
        if match:
            db.execute("SELECT rowid FROM f WHERE f MATCH ?", [match]).fetchall()
            db.execute("SELECT rowid FROM f WHERE f MATCH ?", [f"title : ({match})"]).fetchall()
    db.close()


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("cache", ("A cache", "x y z"), ("A walrus", "cache y z")),  # in the title
        ("kv cache", ("x", "a kv cache here"), ("x", "cache of a kv")),  # neighbours
        ("gpt4o", ("GPT-4o", ""), ("GPT", "")),
        ("all you need", ("Walks are all you need", ""), ("All the walks you need", "")),
        ("cold heat", ("x", "cold heat cold"), ("x", "cold cold cold")),  # both rather than one
    ],
)
def test_one_paper_matches_better_than_another(
    query: str, better: tuple[str, str], worse: tuple[str, str]
) -> None:
    assert score(query, *better) > score(query, *worse)


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    papers = {"walrus": 2, "model": 700}
    assert score("walrus model", "x", "walrus", papers) > score(
        "walrus model", "x", "model", papers
    )
    assert lexical.idf(5000, 1000) > 0


def test_authors_count_without_making_a_paper_long() -> None:
    many = text("Tides", "Water.", " ".join(f"Name{n}" for n in range(900)))
    assert many.length == 2 and many.has("name7")
