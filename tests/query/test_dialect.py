"""Other engines' ways to search: understood as what they mean, or told in the answer."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.query.operators import Without
from bot.query.parse import parse
from tests.asking import Asking, asking, labels, titles
from tests.fakes import paper
from tests.queries import query

TODAY = date(2026, 7, 23)  # a Thursday
FLOW = paper(1, title="Flow matching with optimal transport", authors=("Geoffrey Hinton",))
SURVEY = paper(2, title="A survey of flow models", authors=("Ada Lovelace",))
CACHE = paper(3, title="The kv cache of a language model", authors=("Grace Hopper",))


@pytest.fixture
async def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asking]:
    async with asking(tmp_path, monkeypatch, "2026-07-23 10:00") as made:
        await made.listed("2026-07-22", FLOW, SURVEY, CACHE)
        await made.core.ctx.search.catch_up()
        yield made


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        ("flow NOT survey", "flow -survey"),
        ("flow AND NOT survey", "flow -survey"),
        ("flow ANDNOT survey", "flow -survey"),
        ("NOT survey flow", "flow -survey"),
        ('flow NOT "optimal transport"', 'flow -"optimal transport"'),
        ("flow NOT (survey OR review)", "flow -survey -review"),
        ("flow -(survey review)", "flow -survey -review"),
        ("flow !survey", "flow -survey"),
        ("flow –survey", "flow -survey"),
        ("flow —survey", "flow -survey"),
        ("flow −survey", "flow -survey"),
        ("flow -“optimal transport”", 'flow -"optimal transport"'),
        ("flow NOT author:hinton", "flow -author:hinton"),
        ("flow AND survey", "flow survey"),
        ("flow && survey", "flow survey"),
        ("+flow survey", 'survey "flow"'),
        ("#flow ~survey", "flow survey"),
        ("(flow) [survey]", "flow survey"),
        ("title: flow", "title:flow"),
        ("Title : flow", "title:flow"),
        ("intitle:flow", "title:flow"),
        ("ti:flow", "title:flow"),
        ("Author:Hinton", "author:Hinton"),
        ("author = hinton", "author:hinton"),
        ("author=hinton", "author:hinton"),
        ('author = "geoffrey hinton"', 'author:"geoffrey hinton"'),
        ("author:'geoffrey hinton'", 'author:"geoffrey hinton"'),
        ("author：hinton", "author:hinton"),
        ("inauthor:hinton", "author:hinton"),
        ("by:hinton", "author:hinton"),
        ("votes>20 kv", "kv votes:21"),
        ("kv votes > 20", "kv votes:21"),
        ("kv votes >= 20", "kv votes:20"),
        ("votes≥20", "votes:20"),
        ("votes=20", "votes:20"),
        ("votes:20+", "votes:20"),
        ("upvotes: 20", "votes:20"),
        ("kv 20+ votes", "kv votes:20"),
        ("kv >20 votes", "kv votes:21"),
        ("‘flow matching’", '"flow matching"'),
        ("'flow matching' kv", 'kv "flow matching"'),
        ("``flow matching'' kv", 'kv "flow matching"'),
        ("`flow matching`", '"flow matching"'),
        ("«flow matching»", '"flow matching"'),
        ("„flow matching“", '"flow matching"'),
        ("「流匹配」", '"流匹配"'),
    ],
)
def test_it_is_understood_as_what_it_means(typed: str, ours: str) -> None:
    assert parse(typed, TODAY) == parse(ours, TODAY)
    assert str(parse(typed, TODAY)) == ours


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        ("after:yesterday", "after:2026-07-22"),
        ("after:today", "after:2026-07-23"),
        ("kv after:last week", "kv after:2026-07-13"),
        ("after:last month kv", "kv after:2026-06"),
        ('after:"last week"', "after:2026-07-13"),
        ("since:2025", "after:2025"),
        ("from:2025", "after:2025"),
        ("to:2024", "before:2025"),
        ("after:friday", "after:2026-07-17"),
        ("after:3 days ago", "after:2026-07-20"),
        ("before:31.07.2025", "before:2025-07-31"),
        ("before:07/31/2025", "before:2025-07-31"),
        ("before:20250731", "before:2025-07-31"),
        ("before:31 July 2025 kv", "kv before:2025-07-31"),
        ("before:July 31st, 2025 kv", "kv before:2025-07-31"),
        ("after:July 2025", "after:2025-07"),
        ("after:2025-W30", "after:2025-07-21"),
        ("date:2025", "year:2025"),
        ("date:2025-03", "after:2025-03 before:2025-04"),
        ("on:2025-03-04", "after:2025-03-04 before:2025-03-05"),
        ("date:2025-03..2025-05", "after:2025-03 before:2025-06"),
        ("date:last year", "year:2025"),
        ("year:2023–2024", "year:2023-2024"),
        ("date = 2025", "year:2025"),
    ],
)  # fmt: skip
def test_a_date_is_understood_however_it_is_written(typed: str, ours: str) -> None:
    query = parse(typed, TODAY)
    assert str(query) == ours and not query.notes


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("kv after:7/8/2025", ["2025-08-07", "2025-07-08"]),
        ("before:03.04.2025 kv", ["2025-04-03", "2025-03-04"]),
        ("after:31 July kv", ["2026-07-31", "2025-07-31"]),
    ],
)
def test_a_date_that_may_be_two_is_refused_with_both_queries(typed: str, days: list[str]) -> None:
    with pytest.raises(UserError, match=f"may be {days[0]} or {days[1]}: write which") as refused:
        parse(typed, TODAY)
    name = "before" if "before" in typed else "after"
    assert [parse(words) for _, words in refused.value.choices] == [
        parse(f"kv {name}:{day}") for day in days
    ]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("flow NOT survey", "NOT leaves a word out, as in -survey"),
        ("after:2025-13", "There is no month 13."),
        ("after:someday", "write it like after:2025-03-31"),
        ("before:", "write it like before:2025-03-31"),
        ("year:25", "write it like year:2025"),
        ("date:never", "write it like date:2025-03"),
        ("votes:many", "write it like votes:20"),
        ("votes<5 kv", "votes:20 is at least 20 votes"),
        ("cat:dogs", "write it like cat:cs.CL"),
        ("has:pdf", "write it like has:code"),
        ("sort:best-first", "write it like sort:new"),
        ("author:", "write it like author:hinton"),
        ("by hinton", "write author:hinton"),
        ("papers by geoffrey hinton", 'write author:"geoffrey hinton"'),
        ("site:arxiv.org kv", "site: means nothing here and was left out"),
        ("filetype:pdf kv", "filetype: means nothing here and was left out"),
        ("lang:en kv", "lang: means nothing here and was left out"),
        ("from:google", "from: means nothing here; its words were searched"),
        ("abs:kv", "abs: means nothing here; its words were searched"),
        ("venue:neurips", "venue: means nothing here and was searched as a word"),
        ("kv -has:code", "there is no -has:"),
        ("kv -site:github.com", "there is no -site:"),
        ("diffus* kv", "* and ~ mean nothing here"),
        ('"flow matching"~5', "* and ~ mean nothing here"),
        ('"flow matching', "A quotation mark has no second one"),
        ('kv "flow" "matching', "A quotation mark has no second one"),
    ],
)
def test_what_means_nothing_is_told(typed: str, told: str) -> None:
    assert told in " ".join(parse(typed, TODAY).notes)


@pytest.mark.parametrize(
    "typed",
    ["kv cache -survey", '"flow matching" -"optimal transport"', "BERT: Pre-training of X",
     "KV Cache: A survey", "C++ A* search", "what is attention?", "R&D of 12\" vinyl", "p(x|y)",
     "O'Brien's method", "learning by doing", "Attention Is NOT All You Need", "x^2 + y^2",
     "author:hinton after:2025 has:code sort:new votes:>20", "https://arxiv.org/abs/2401.01234",
     "arXiv:2401.01234 [cs.CL]", "doi:10.48550/arXiv.2401.01234", "GPT–4o", "not or and"],
)  # fmt: skip
def test_of_what_is_a_title_or_ours_nothing_is_told(typed: str) -> None:
    assert parse(typed, TODAY).notes == ()


def test_a_title_in_capitals_loses_no_word() -> None:
    query = parse("Attention Is NOT All You Need", TODAY)
    assert not query.all(Without) and query.words[-2:] == ("You", "Need")


def test_without_a_today_words_like_yesterday_are_told() -> None:
    assert parse("after:yesterday").notes and parse("after:2025-03-04").notes == ()


BITS = (
    "kv flow survey NOT AND OR ANDNOT && || | & + ! # ~ * ^ ( ) -( - ' ` '' \" “ ” ‘ = : ： votes "
    "> >= < ≥ 20 author by title after: before: date: from: site: x.y a:b not All — – − word* ~2 "
    "#tag 7/8/2026 2025..2026 year: cat: cs.CL sort: has: code -has:code 2401.01234 $x_2$ \\ don't"
)
PARTS = st.lists(st.sampled_from([*BITS.split(), "last week", " ", " ", "\u200b"]), max_size=9)


@given(PARTS, st.sampled_from(["", " "]))
def test_whatever_is_understood_says_itself(parts: list[str], between: str) -> None:
    try:
        query = parse(between.join(parts), TODAY)
    except UserError as error:
        assert len(str(error)) < 100
        return
    assert parse(str(query), TODAY) == query


async def test_what_not_leaves_out_is_not_found(bot: Asking) -> None:
    message = await bot.ask("/search flow NOT survey")
    assert titles(message) == [FLOW.title]
    assert "without “survey”" in message.text and "as in -survey" in message.text


async def test_not_alone_says_what_is_missing(bot: Asking) -> None:
    message = await bot.ask("/search NOT flow")
    assert message.text.startswith("Add a word to look for") and not titles(message)


async def test_a_phrase_can_be_left_out(bot: Asking) -> None:
    assert titles(await bot.ask('/search flow -"optimal transport"')) == [SURVEY.title]


async def test_what_was_left_out_is_told_above_the_papers(bot: Asking) -> None:
    message = await bot.ask("/search flow after:2026-13")
    told = "after:2026-13 was left out. There is no month 13."
    assert message.text.splitlines()[0] == told and titles(message)


async def test_it_is_told_where_nothing_is_found_too(bot: Asking) -> None:
    message = await bot.ask("/search author:nobody year:25")
    assert "write it like year:2025" in message.text and not titles(message)


async def test_no_more_than_three_things_are_told(bot: Asking) -> None:
    message = await bot.ask("/search kv OR a* year:25 cat:dogs site:x.y diffus* -has:code")
    assert sum("here" in line or "like" in line for line in message.text.splitlines()) == 3


async def test_days_are_counted_from_the_bots_today(bot: Asking) -> None:
    message = await bot.ask("/search flow after:yesterday")
    assert "since 22 Jul 2026" in message.text or "Nothing found" in message.text
    assert "words" not in message.text.partition("\n")[0]


async def test_a_date_that_may_be_two_can_be_tapped(bot: Asking) -> None:
    asked = await bot.ask("/search flow before:7/8/2027")
    assert labels(asked) == ["before:2027-08-07", "before:2027-07-08"]
    assert "before 8 Jul 2027" in (await bot.press(asked, "before:2027-07-08")).text


async def test_discords_own_option_may_be_typed(bot: Asking) -> None:
    assert titles(await bot.ask("/search query:flow -survey")) == [FLOW.title]


async def test_a_filters_button_has_the_query_as_it_was_understood(bot: Asking) -> None:
    pressed = await bot.press(await bot.ask("/search flow NOT survey"), "Has code")
    assert "flow -survey has:code" in pressed.text


def test_a_query_with_a_note_is_the_same_query() -> None:
    assert parse("flow diffus*") == query(words=("flow", "diffus")) and parse("diffus*").notes
    assert hash(parse("flow diffus*")) == hash(parse("flow diffus"))
