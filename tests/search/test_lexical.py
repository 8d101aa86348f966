"""How well a paper's words match a query's."""

import pytest

from bot.query.normal import tokens
from bot.query.terms import Term, terms
from bot.search import lexical
from bot.search.lexical import DisjunctionMaxScorer, Scorer


def text(title: str, rest: str = "", authors: str = "") -> lexical.PaperWords:
    return lexical.paper_words(tokens(title), tokens(rest), tokens(authors))


def score(query: str, title: str, rest: str = "", papers: dict[str, int] | None = None) -> float:
    found = terms(query.split())
    return Scorer(found, papers or {}, 1000, query)(text(title, rest))


def test_a_compound_is_found_joined_or_apart() -> None:
    [term] = terms(["GPT-4o"])
    assert term.ways == (("gpt4o",), ("gpt", "4o"))


def test_stop_words_count_only_when_there_is_nothing_else() -> None:
    assert terms(["the", "cache"]) == terms(["caches"])
    assert terms(["the", "who"]) == (Term((("the",),)), Term((("who",),)))


def test_the_rarest_words_are_taken_while_they_are_within_the_budget() -> None:
    found = terms(["model", "cache", "eviction"])
    papers = {"model": 900, "cach": 60, "evict": 5}
    assert lexical.rarest(found, papers, 65) == (found[2], found[1])
    assert lexical.rarest(found, papers, 4) == ()


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


def test_with_alternatives_the_better_one_counts() -> None:
    papers = {"walrus": 2, "model": 700}
    one, other = (Scorer(terms([word]), papers, 1000, word) for word in ("walrus", "model"))
    either = DisjunctionMaxScorer([one, other])
    for title in ("A walrus", "A model", "A walrus model"):
        assert either(text(title)) == max(one(text(title)), other(text(title)))
    assert either.idf("walrus") == one.idf("walrus")
