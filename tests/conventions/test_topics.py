"""Topics: what could match nothing is never kept, and what is kept is understood."""

import pytest

from tests.asking import Asking, labels


async def topics(bot: Asking) -> list[str]:
    shown = await bot.ask("/subscriptions", address="u1")
    return [line.removeprefix("· ") for line in shown.text.splitlines() if line.startswith("· ")]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("author:hinton", "author:hinton"),
        ("Author : Hinton", "author:Hinton"),
        ("author = hinton", "author:hinton"),
        ("kv author:“geoffrey hinton”", 'kv author:"geoffrey hinton"'),
        ("title: flow", "title:flow"),
        ("cat:CS.cl", "cat:cs.CL"),
        ("org:google", "org:google"),
        ("since:2025 kv", "kv after:2025"),
        ("votes>20", "votes:21"),
        ("kv has:code", "kv has:code"),
        ("-author:hinton kv", "kv -author:hinton"),
        ("author：hinton", "author:hinton"),
        ("topic: author:hinton", "author:hinton"),
        ('kv -"optimal transport"', 'kv -"optimal transport"'),
        ("kv -(survey review)", "kv -survey -review"),
        ("flow OR diffusion", "flow OR diffusion"),
        ("kv cache || vae", "kv cache OR vae"),
        ("flow AND survey", "flow survey"),
    ],
)
async def test_a_topic_is_written_like_a_search(bot: Asking, words: str, kept: str) -> None:
    await bot.ask(f"/subscribe {words}", address="u1")
    assert await topics(bot) == [kept]


@pytest.mark.parametrize(
    ("words", "reason", "choices"),
    [
        ("kv NOT survey", "NOT leaves a word out", ["kv -survey"]),
        ("kv AND NOT survey", "NOT leaves a word out", ["kv -survey"]),
        ("diffus* model", "* and ~ mean nothing here", ["diffus model"]),
        ("kv sort:new", "A topic has no order", ["kv"]),
        ("kv votes:many", "votes:many was left out", ["kv"]),
        ("flow, robots", "with any of these, or with all", ["flow OR robots", "flow robots"]),
        ("a; b c;", "with any of these, or with all", ["a OR b c", "a b c"]),
        ("kv in:title", "in: means nothing here", ["kv title"]),
        ("kv site:arxiv.org", "site: means nothing here", ["kv"]),
        ("kv filetype:pdf", "filetype: means nothing here", ["kv"]),
    ],
)
async def test_what_is_not_understood_is_refused_with_what_to_tap(
    bot: Asking, words: str, reason: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/subscribe {words}", address="u1")
    assert reason in message.text and labels(message) == choices and await topics(bot) == []
    for label in choices:
        await bot.press(message, label, address="u1")
    assert sorted(await topics(bot)) == sorted(choices)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("https://arxiv.org/abs/2505.24864", "a link or a number is one paper"),
        ("arXiv:2505.24864", "a link or a number is one paper"),
        ("2505.24864", "a link or a number is one paper"),
        ("kv before:2025", "there will be none before Jan 2025"),
        ("kv year:2024", "there will be none in 2024"),
        ("kv -cache -kv", "nothing could match"),
        ("(kv OR cache) -kv -caches", "nothing could match"),
        ("author:hinton -author:hinton", "nothing could match"),
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
        ("BERT: pre-training", "BERT pre-training"),
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
