"""Which papers a topic matches."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.model import Topic
from bot.topics import MOST_CHARACTERS, matching, topic_query
from tests import strategies
from tests.fakes import paper


def clean(text: str) -> str:
    return str(topic_query(text, date(2025, 6, 12)))


def hit(topic: str, title: str = "", summary: str = "", *keywords: str) -> bool:
    made = paper(1, title=title or "A title", summary=summary, keywords=keywords)
    return bool(matching([Topic(1, clean(topic))], made))


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        ("kv cache", "The KV cache revisited"),
        ("kv cache", "KV-Cache compression"),
        ("kv-cache", "kv cache compression"),
        ("KV Caches", "One cache for K and V: a KV design"),
        ("cache kv", "The KV cache"),
        ("gpu", "Training on many GPUs"),
        ("GPUs", "One GPU is enough"),
        ("loss", "Losses, losses"),
        ("biases", "A bias"),
        ("patches", "Patch by patch"),
        ("policies", "A policy"),
        ("movie", "Movies"),
        ("box", "Boxes"),
        ("d2moe", "D^{2}MoE: a mixture"),
        ("lp norm", "On $\\ell_p$ norms"),
        ("Schrödinger", "A SCHRÖDINGER bridge"),
        ("state-of-the-art", "State of the art"),
        ("c++", "Bugs in C++"),
        ("qwen 3", "Qwen3 report"),
        ("qwen3", "Qwen 3 report"),
        ("扩散模型", "扩散模型"),
    ],
)
def test_a_topic_matches_however_it_is_written(topic: str, title: str) -> None:
    assert hit(topic, title)


@pytest.mark.parametrize(
    ("topic", "title"),
    [("art", "Cartography"), ("rl", "Curl"), ("news", "A new idea"), ("kv cache", "A cache"),
     ("loss", "Lost"), ("agent", "Agency"), ("video", "Audio")],
)  # fmt: skip
def test_a_part_of_a_word_or_of_a_topic_is_no_match(topic: str, title: str) -> None:
    assert not hit(topic, title, title)


def test_words_must_stand_together_in_an_abstract_but_not_in_a_title() -> None:
    assert hit("image editing", summary="We study image editing.")
    assert not hit("image editing", summary="Editing of an image.")
    assert hit("image editing", "Editing of an image")
    assert not hit("image editing", "Editing", "An image.")


def test_words_of_a_title_are_not_pieces_of_its_compounds() -> None:
    assert not hit("world models", "A Model Card for Real-World Use")
    assert hit("world models", "Models of the World") and hit("alpha renyi", "Rényi-α bounds")
    assert hit("use real-world", "A Model Card for Real-World Use")


def test_a_papers_keywords_count_like_its_title() -> None:
    assert hit("world model", "Dreamer", "", "world models", "planning")
    assert hit("models of the world", "Dreamer", "", "world models", "planning")
    assert not hit("dreamer planning", "Dreamer", "", "world models", "planning")
    assert not hit("models planning", "X", "It has no such words.", "world models here", "plans")


@pytest.mark.parametrize(
    "where", [("A survey of RL", ""), ("RL", "Surveys."), ("RL", "", "survey")]
)
def test_a_word_after_a_minus_must_be_nowhere(where: tuple[str, ...]) -> None:
    assert hit("rl", *where) and not hit("rl -survey", *where)
    assert not hit("-surveys RL", *where) and hit("rl -robots", *where)


def test_every_topic_that_matches_is_named_in_order() -> None:
    topics = [Topic(n, text) for n, text in enumerate(("rl", "robots", "zebra", "rl -robot"))]
    assert matching(topics, paper(1, title="RL for robots")) == ("rl", "robots")


@pytest.mark.parametrize(
    ("text", "kept"),
    [("  kv \n cache ", "kv cache"), ("x" * MOST_CHARACTERS, "x" * MOST_CHARACTERS),
     ("KV -Survey", "KV -Survey"), ("a\x00b\u202e", "a b")],
)  # fmt: skip
def test_a_topic_is_kept_as_it_was_written_on_one_line(text: str, kept: str) -> None:
    assert clean(text) == kept


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "Write the topic"), (" \n", "Write the topic"), ("x" * 81, "80 characters"),
     ("-a", "at least one word"), ("- -", "at least one word"), ("🤖", "at least one word"),
     ("cat -CATS", "nothing could match")],
)  # fmt: skip
def test_what_can_match_nothing_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        clean(text)


@given(strategies.text, strategies.text)
def test_no_topic_and_no_paper_break_the_matching(topic: str, title: str) -> None:
    made = paper(1, title=title, summary=title, keywords=(title,))
    try:
        text = clean(topic)
    except UserError:
        return
    assert matching([Topic(1, text)], made) in ((), (text,))


@given(st.lists(st.sampled_from(["kv", "cache", "GPU", "loss", "patch"]), min_size=1, max_size=5))
def test_a_title_always_matches_itself(words: list[str]) -> None:
    assert hit(" ".join(words), f"On {' '.join(words)} again")
