"""Operators as people say them, and those of other engines: done, asked back or told."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.naming import page
from bot.query.operators import Without
from bot.query.parse import parse
from tests.asking import Asking, asking, labels, titles
from tests.fakes import paper

TODAY = date(2026, 7, 23)  # a Thursday
FLOW = paper(1, title="Flow matching with optimal transport")
SURVEY = paper(2, title="A survey of flow models")
WEAK = paper(3, title="Weak supervision without labels")


@pytest.fixture
async def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asking]:
    async with asking(tmp_path, monkeypatch, "2026-07-23 10:00") as made:
        await made.listed("2026-07-22", FLOW, SURVEY, WEAK)
        await made.core.ctx.search.catch_up()
        yield made


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        ("flow except survey", "flow -survey"),
        ("flow, except for any surveys", "flow -surveys"),
        ("flow excluding surveys and reviews", "flow -surveys -reviews"),
        ("flow excluding surveys, reviews after:2025", "flow -surveys -reviews after:2025"),
        ('flow other than "optimal transport"', 'flow -"optimal transport"'),
        ("flow apart from optimal transport", 'flow -"optimal transport"'),
        ("flow --survey", "flow -survey"),
        ("min_votes:5 flow", "flow votes:5"),
        ("flow votes:[5 TO 20]", "flow votes:5"),
        ("flow 2025-01..2025-03", "flow after:2025 before:2025-04"),
        ("flow after:2025-01..2025-03", "flow after:2025 before:2025-04"),
        ("flow date:[2025-01 TO 2025-03]", "flow after:2025 before:2025-04"),
        ("flow year>2023", "flow after:2024"),
        ("flow year<=2023", "flow before:2024"),
        ("flow start_date:2025-02", "flow after:2025-02"),
        ("flow votes:-5", "flow"),
        ("flow votes:<5", "flow"),
        ("flow max_votes:5", "flow"),
        ("flow sort:foo", "flow"),
        ("flow after:x..y", "flow"),
        ("flow NEAR/3 matching", "flow matching"),
        ("NEAR(flow matching)", "flow matching"),
        ("flow near/3 matching", "flow matching"),
        ("fl?w", "fl w"),
        ("/flow/ models", "flow models"),
    ],
)
def test_it_is_understood(typed: str, ours: str) -> None:
    assert str(parse(typed, TODAY)) == ours


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("flow except survey", "“except” leaves out what follows, as -survey does."),
        ("flow votes:-5", "no way to ask for fewer"),
        ("flow votes:5..20", "no way to ask for fewer"),
        ("flow max_votes:5", "no way to ask for fewer"),
        ("flow sort:foo", "sort:foo was left out; write it like sort:new or sort:votes."),
        ("flow after:2025-06-31", "after:2025-06-31 was left out. June 2025 has 30 days."),
        ("flow NEAR matching", "NEAR means nothing here"),
        ("flow w/5 matching", "NEAR means nothing here"),
        ("fl?w", "? and * stand for no letters here"),
        ("/fl.w/", "A pattern means nothing here"),
        ("start_time:9 flow", "start_time: means nothing here"),
    ],
)
def test_what_is_not_done_is_told(typed: str, told: str) -> None:
    assert told in " ".join(parse(typed, TODAY).notes)


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("agents without video", "agents -video"),
        ("agents but not video generation", 'agents -"video generation"'),
        ("agents no video", "agents -video"),
        ("agents w/o video has:code", "agents -video has:code"),
        ("flow last week", "flow after:2026-07-13 before:2026-07-20"),
        ("flow since 2024", "flow after:2024"),
        ("flow from June 2025", "flow after:2025-06"),
        ("flow 3 days ago", "flow after:2026-07-20 before:2026-07-21"),
        ("last week", "after:2026-07-13 before:2026-07-20"),
    ],
)
def test_what_may_be_words_stays_words_and_the_other_query_is_known(
    typed: str, instead: str
) -> None:
    query = parse(typed, TODAY)
    assert query.did_you_mean == instead == str(parse(instead, TODAY))
    assert "searched as" in query.notes[0] and "-video" not in str(query)


@pytest.mark.parametrize(
    "typed",
    ["Attention is not all you need", "No language left behind", "Excluding a grid minor",
     '"learning without forgetting"', "before:31 July 2025 kv", "ImageNet 2012 revisited",
     "what is attention?", "A* search", "a/b testing", "flow without"],
)  # fmt: skip
def test_of_a_title_nothing_is_told(typed: str) -> None:
    query = parse(typed, TODAY)
    assert query.notes == () and query.did_you_mean == "" and not query.all(Without)


BITS = (
    "kv flow except excluding other than apart from without but not no surveys, and (except"
    " x:except x:other fl?w x:fl?w NEAR x:NEAR( near/3 w/5 /re/ [ TO ] min_votes:5 min_votes="
    " year>2023 < >="
    " x:year>2023 2025-01..2025-03 x:2025..2026 votes:-5 votes:5..20 --x last week ago 3 days since"
    ' 2024 June sort:foo after:x..y author:ada "a b" 2401.01234 -survey'
)


@given(st.lists(st.sampled_from(BITS.split(" ")), max_size=8))
def test_whatever_is_understood_says_itself(parts: list[str]) -> None:
    try:
        query = parse(" ".join(parts), TODAY)
    except UserError:
        return
    assert parse(str(query), TODAY) == query
    if query.did_you_mean:
        assert str(parse(query.did_you_mean, TODAY)) == query.instead


async def test_without_can_be_meant_at_a_tap(bot: Asking) -> None:
    asked = await bot.ask("/search flow without survey")
    assert asked.text.startswith("“without” was searched as a word.")
    pressed = await bot.press(asked, "Search “flow -survey”")
    assert titles(pressed) == [FLOW.title]


async def test_a_time_in_words_can_be_meant_at_a_tap(bot: Asking) -> None:
    asked = await bot.ask("/search flow this week")
    label = next(label for label in labels(asked) if label.startswith("Search “flow after:"))
    assert SURVEY.title in titles(await bot.press(asked, label))


async def test_a_word_that_is_spelled_right_is_not_corrected(bot: Asking) -> None:
    more = [paper(n, title=f"Matching weak signals {n}") for n in range(10, 30)]
    await bot.listed("2026-07-21", *more)
    await bot.core.ctx.search.catch_up()
    for words in ("last week", "monday", "flow weeks"):
        shown = await bot.ask(f"/search {words}")
        assert "Showing results for" not in shown.text
    assert "Showing results for “matching”" in (await bot.ask("/search matchng")).text


@pytest.mark.parametrize(
    ("typed", "blamed"),
    [
        ("votes:9000+ flow", "9000 votes or more"),
        ("cat:cs.XX flow", "cs.XX"),
        ("flow before:2020", "before Jan 2020"),
        ("flow has:code", "with code"),
        ("author:nobody flow", "by nobody"),
    ],
)
async def test_the_filter_that_leaves_nothing_is_named_and_can_be_taken_off(
    bot: Asking, typed: str, blamed: str
) -> None:
    asked = await bot.ask(f"/search {typed}")
    assert f"What leaves nothing is: {blamed}." in asked.text
    assert "has this word" not in asked.text
    assert len(titles(await bot.press(asked, "Search “flow”"))) >= 2


async def test_words_that_no_paper_has_are_not_blamed_on_a_filter(bot: Asking) -> None:
    asked = await bot.ask("/search zzyzx votes:9000+")
    assert "What leaves nothing" not in asked.text or "Search “zzyzx”" not in labels(asked)


async def test_of_several_ids_the_first_is_shown_and_the_others_have_buttons(bot: Asking) -> None:
    for line in (f"/search {FLOW.id} {SURVEY.id}", f"/paper {FLOW.id} {page(SURVEY)}"):
        shown = await bot.ask(line)
        assert "You named several papers; this is the first." in shown.text + shown.note
        assert (await bot.press(shown, f"Paper {SURVEY.id}")).title == SURVEY.title
