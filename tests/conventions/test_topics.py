"""Topics: words that stand together. What could match nothing is never kept."""

import pytest

from tests.asking import Asking, labels


async def topics(bot: Asking) -> list[str]:
    shown = await bot.ask("/subscriptions", address="u1")
    return [line.removeprefix("· ") for line in shown.text.splitlines() if line.startswith("· ")]


@pytest.mark.parametrize(
    "words",
    ["author:hinton", "Author : Hinton", "author = hinton", "kv author:“geoffrey hinton”",
     "title:flow", "title: flow", "cat:cs.CL", "org:google", "after:2025", "since:2025 kv",
     "votes:20", "votes>20", "kv votes >= 20", "has:code", "sort:new",
     "site:arxiv.org", "intitle:flow", "filetype:pdf", "-author:hinton kv",
     "year=2025", "author：hinton", "topic: author:hinton"],
)  # fmt: skip
async def test_a_searchs_operator_is_refused(bot: Asking, words: str) -> None:
    message = await bot.ask(f"/subscribe {words}", address="u1")
    assert "is for searches: a topic is words that stand together" in message.text
    assert await topics(bot) == []


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("flow OR diffusion", ["flow", "diffusion"]),
        ("flow | diffusion", ["flow", "diffusion"]),
        ("kv cache || vae", ["kv cache", "vae"]),
        ("flow AND survey", ["flow survey"]),
        ("kv NOT survey", ["kv -survey"]),
        ("kv AND NOT survey", ["kv -survey"]),
    ],
)
async def test_words_between_words_are_refused_with_what_to_tap(
    bot: Asking, words: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/subscribe {words}", address="u1")
    assert labels(message) == choices and await topics(bot) == []
    for label in choices:
        await bot.press(message, label, address="u1")
    assert sorted(await topics(bot)) == sorted(choices)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('kv -"optimal transport"', "a minus leaves out one word"),
        ("kv -(survey review)", "a minus leaves out one word"),
        ("diffus* model", "A topic is whole words"),
        ("https://arxiv.org/abs/2505.24864", "A topic is words, such as: kv cache"),
        ("arXiv:2505.24864", "A topic is words, such as: kv cache"),
        ("2505.24864", "A topic is words, such as: kv cache"),
        ("–survey", "at least one word to look for"),
        ("\u200b", "Write the topic after the command"),
    ],
)
async def test_what_could_match_nothing_is_refused(bot: Asking, words: str, reason: str) -> None:
    message = await bot.ask(f"/subscribe {words}", address="u1")
    assert reason in message.text and await topics(bot) == []


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("kv cache –survey", "kv cache -survey"),
        ("kv\u00a0cache \u200b", "kv cache"),
        ("“kv cache”", '"kv cache"'),
        ("ｋｖ ｃａｃｈｅ", "kv cache"),
        ("topic:kv cache", "kv cache"),
        ("BERT: pre-training", "BERT: pre-training"),
        ("A* search", "A* search"),
        ("R&D", "R&D"),
        ("not all", "not all"),
    ],
)
async def test_what_is_words_is_kept(bot: Asking, words: str, kept: str) -> None:
    await bot.ask(f"/subscribe {words}", address="u1")
    assert await topics(bot) == [kept]


async def test_a_topic_is_dropped_by_its_name_as_it_is_pasted(bot: Asking) -> None:
    await bot.ask("/subscribe kv cache -survey", address="u1")
    dropped = await bot.ask("/unsubscribe KV\u00a0cache –survey\u200b", address="u1")
    assert dropped.text.startswith("Dropped") and await topics(bot) == []
