"""Nothing a person types is syntax."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.search import query
from tests import strategies

NASTY = (
    '" OR NEAR(', "*", "^", "a:b", "title:kv", "-x", "C++", "GPT-4", "AND", "NOT", "OR",
    "AND OR NOT", "NEAR(a b, 3)", "{title}: x", "a\0b", "\0", "🤖", "🤖 agents", "the", "of the",
    "扩散模型", "日本語 の", "שלום", "' OR 1=1 --", "a* b*", '"', '""', "(", ")", "a AND (", "\\",
    "%_", "x" * 299, "ﬁ ª ①", "a\ud800b", "e\u0301", "\u202e", "- - -", "...", "_", "a_b",
)  # fmt: skip


def database() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE VIRTUAL TABLE t USING fts5 (title, summary, tokenize='porter unicode61')")
    made.execute("INSERT INTO t VALUES ('KV cache for GPT-4', 'not near or and the a b')")
    return made


DATABASE = database()


def found(match: str) -> int:
    return int(DATABASE.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match,)).fetchone()[0])


def judged(text: str) -> None:
    try:
        words = query.parse(text)
    except UserError as error:
        assert len(str(error)) < 100
        return
    assert 0 < len(words) <= query.MOST_WORDS
    assert found(query.every(words)) <= found(query.some(words))


@pytest.mark.parametrize("text", NASTY)
def test_no_typed_text_is_syntax(text: str) -> None:
    judged(text)
    if match := query.unfinished(text):
        found(match)


@given(strategies.text | st.lists(st.sampled_from(NASTY), max_size=6).map(" ".join))
def test_no_text_at_all_is_syntax(text: str) -> None:
    judged(text)
    if match := query.unfinished(text):
        found(match)


def test_words_count_once_and_in_order() -> None:
    assert query.parse("KV cache, kv-Cache!") == ("kv", "cache")
    assert query.every(("a", "b")) == '"a" AND "b"' and query.some(("a", "b")) == '"a" OR "b"'


@pytest.mark.parametrize("text", ["", " ", "...", "🤖", '"', "_", "\0"])
def test_without_words_there_is_nothing_to_look_for(text: str) -> None:
    with pytest.raises(UserError, match="Write what to search for after the command"):
        query.parse(text)


def test_a_query_that_is_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(UserError, match="may have 300 characters; this one has 10000"):
        query.parse("x" * 10_000)


def test_only_the_last_word_of_an_autocomplete_may_be_unfinished() -> None:
    assert query.unfinished("KV cac") == 'title : ("kv" AND "cac" *)'
    assert query.unfinished("  ") == ""
    assert found(query.unfinished("kv cac")) == 1 and found(query.unfinished("k cache")) == 0
