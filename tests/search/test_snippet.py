"""The sentence a result shows, and the words in it that are bold."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.model import Paper
from bot.query import normal
from bot.search.snippet import LONGEST, snippet
from bot.text import plain, runs
from tests import strategies

ABSTRACT = (
    "Serving long prompts is slow. We compress the cache of keys and values, which we call a KV "
    "cache, while the model answers. Compression costs little. Robots are left to others."
)


def explained(words: str, abstract: str = ABSTRACT) -> tuple[str, list[str]]:
    """The sentence, and its bold words."""
    paper = Paper("2506.00001", "A title", abstract)
    text, spans = snippet(paper, frozenset(normal.stems(words)))
    return text, [text[start:end] for start, end in spans]


def test_the_sentence_with_the_most_of_the_words_is_shown() -> None:
    text, bold = explained("kv cache compression")
    assert text == (
        "We compress the cache of keys and values, which we call a KV cache, while the model "
        "answers."
    )
    assert bold == ["compress", "cache", "KV", "cache"]


def test_of_two_as_good_the_first_is_shown() -> None:
    assert explained("compression")[0].startswith("We compress")
    assert explained("slow robots")[0] == "Serving long prompts is slow."


def test_words_that_say_nothing_count_for_nothing() -> None:
    text, bold = explained("the cost of the robots", "The the of the of. A cost. Robots.")
    assert (text, bold) == ("A cost.", ["cost"])


def test_a_word_that_comes_twice_is_not_two_words() -> None:
    text, _ = explained(
        "cache cost compression", "A cache, a cache, a cache. Compressed at a cost."
    )
    assert text == "Compressed at a cost."


def test_without_a_match_it_says_what_the_paper_does() -> None:
    text, bold = explained("zebra")
    assert text.startswith("We compress the cache") and bold == []
    assert len(text) <= LONGEST
    assert explained("zebra", "") == ("", []) == explained("", "")


@pytest.mark.parametrize(
    ("words", "abstract", "bold"),
    [
        ("caching", "It caches.", ["caches"]),
        ("gpt4o", "We ask GPT-4o twice.", ["GPT-4o"]),
        ("gpt-4o", "We ask GPT4o twice.", ["GPT4o"]),
        ("schrodinger", 'A Schr\\"odinger bridge.', ["Schrödinger"]),
        ("lp", "In the $\\ell_p$ norm.", ["ℓₚ"]),
        ("lambda", "The choice of λ matters.", ["λ"]),
        ("attention", "A cross-attention map.", ["attention"]),
        ("cross-attention", "A cross-attention map.", ["cross-attention"]),
        ("ﬁne-tuned", "The fine-tuned one.", ["fine-tuned"]),
    ],
)
def test_words_are_bold_however_they_are_written(
    words: str, abstract: str, bold: list[str]
) -> None:
    assert explained(words, abstract) == (plain(abstract), bold)


LONG = (
    "It begins with a remark of some length that nobody looked for, " * 3
    + "then comes the eviction of what the cache no longer needs, "
    + "and it ends with remarks, as before, that go on and on " * 4
)


def test_a_long_sentence_is_cut_around_its_words_between_words() -> None:
    text, bold = explained("cache eviction", LONG)
    assert bold == ["eviction", "cache"]
    assert text.startswith("…") and text.endswith("…")
    assert LONGEST - 30 < len(text) <= LONGEST
    assert f" {text.strip('…')} " in LONG
    before, after = text.index("eviction"), len(text) - text.index("cache")
    assert abs(before - after) < 40, "the words stand in the middle"


def test_a_long_sentence_that_matches_at_an_end_is_cut_at_the_other() -> None:
    text, bold = explained("begins remark", LONG)
    assert text.startswith("It begins") and text.endswith("…") and bold[:2] == ["begins", "remark"]
    text, bold = explained("finally", LONG + "until it finally stops.")
    assert text.startswith("…") and text.endswith("until it finally stops.")


def test_a_cut_does_not_go_through_a_compound() -> None:
    before, between, after = "and so on " * 30, "by the way " * 17, "so on " * 30
    apart = f"{before}co-quantization {between}of all the cache {after}"
    text, bold = explained("quantization cache", apart)
    assert text.startswith("…co-quantization") and bold == ["quantization"]
    assert not text.endswith("cac…")


def test_of_a_long_sentence_the_part_with_the_most_words_is_shown() -> None:
    apart = f"A cache {'and so on ' * 40} cache eviction {'and so on ' * 40} eviction."
    text, bold = explained("cache eviction", apart)
    assert bold == ["cache", "eviction"] and "cache eviction" in text


def test_a_part_of_a_right_to_left_abstract_stays_isolated() -> None:
    text, bold = explained("cache", "שלום קורא. Here is a cache שלום.")
    assert text == "\u2068Here is a cache שלום.\u2069" and bold == ["cache"]


WORDS = "kv cache of the 扩散 模型 GPT-4o k-nn λ norm " + " ".join(strategies.NASTY)


@settings(max_examples=200)
@given(
    st.one_of(strategies.text, st.lists(st.sampled_from(WORDS.split()), max_size=80).map(" ".join)),
    st.lists(st.sampled_from(WORDS.split()), max_size=5).map(" ".join),
)
@example("x" * 1000, "x" * 40)
@example(f"cache {'y' * 300} cache", "cache")
@example(f"{'y' * 300} cache {'y' * 300}", "cache")
def test_whatever_the_abstract_the_sentence_fits_and_is_its_own(abstract: str, words: str) -> None:
    paper, stems = Paper("1", "t", abstract), frozenset(normal.stems(words))
    text, spans = snippet(paper, stems)
    assert len(text) <= LONGEST
    assert not spans or text.strip("…\u2068\u2069") in plain(abstract)
    assert text.count("\u2068") == text.count("\u2069")
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(first[1] < second[0] for first, second in pairwise(spans))
    for run, bold in runs(text, spans):
        assert not bold or stems & set(normal.stems(run)) or not run.isalnum()
