"""Words after a command: understood, or refused with what to type; never left aside."""

import pytest

from bot.commands import registry
from tests.asking import Asking, labels, titles
from tests.fakes import paper

BARE = [one.name for one in registry().values() if one.bare]


@pytest.mark.parametrize("name", BARE)
async def test_a_command_that_takes_nothing_says_so(bot: Asking, name: str) -> None:
    refused = await bot.ask(f"/{name} now please")
    assert refused.text.startswith(f"/{name} takes nothing after it, such as “now please”.")
    assert (await bot.press(refused, "Go on without it")).text == (await bot.ask(f"/{name}")).text


async def test_what_is_refused_is_not_done(bot: Asking) -> None:
    await bot.ask("/setup 09:00 UTC")
    await bot.ask("/pause until monday")
    assert await bot.order() and "paused" not in (await bot.ask("/settings")).text


async def test_another_days_list_is_pointed_to(bot: Asking) -> None:
    assert "/date 2025-06-12 shows another day's list" in (await bot.ask("/today friday")).text


@pytest.mark.parametrize(
    "words",
    ["2026-W29", "last", "last week", "W29", "week 29", "29", "2026-07-15", "15 July 2026",
     "https://huggingface.co/papers/week/2026-W29"],
)  # fmt: skip
async def test_a_week_is_understood_however_it_is_written(bot: Asking, words: str) -> None:
    await bot.listed("2026-07-15", paper(1, title="Of last week"))
    await bot.listed("2026-07-22", paper(2, title="Of this week"))
    week = await bot.ask(f"/week {words}")
    assert week.title == "The week of Mon 13 July 2026" and titles(week) == ["Of last week"]
    assert week.text == "" and labels(week) == ["‹ Week of 6 July", "Week of 20 July ›"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("foo", "Write the week like 2026-W30."),
        ("2026-06", "2026-06 is more than one week. Write the week like 2026-W30."),
        ("2025-W54", "2025 has 52 weeks. Write the week like 2026-W30."),
        ("2027-W01", "The week of Mon 4 January 2027 has not begun yet."),
        ("2020-W01", "The lists begin on Thu 4 May 2023."),
    ],
)
async def test_what_is_no_week_is_refused(bot: Asking, words: str, sentence: str) -> None:
    assert (await bot.ask(f"/week {words}")).text == sentence


async def test_help_explains_one_command(bot: Asking) -> None:
    assert "/search – Find papers" in (await bot.ask("/help search")).text
    assert "zone: Time zone" in (await bot.ask("/help /setup")).text
    assert "did you mean /similar?" in (await bot.ask("/help similer")).text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tody", "today"), ("serach", "search"), ("Trendng", "trending"), ("unsub", "unsubscribe"),
     ("subscirbe", "subscribe"), ("setings", "settings")],
)  # fmt: skip
async def test_a_mistyped_command_has_the_nearest_named(
    bot: Asking, typed: str, meant: str
) -> None:
    assert f"did you mean /{meant}?" in (await bot.ask(f"/{typed}")).text


@pytest.mark.parametrize("typed", ["nonsense", "x", "ab", "mre", "resnd"])
async def test_what_is_near_to_no_command_is_not_guessed(bot: Asking, typed: str) -> None:
    text = (await bot.ask(f"/{typed}")).text
    assert text == "I do not know that command; /help lists those I know."


@pytest.mark.parametrize(
    ("words", "why"),
    [("2025-06-31", "June 2025 has 30 days."), ("29 February 2025", "February 2025 has 28 days."),
     ("06/31/2025", "June 2025 has 30 days."), ("31 april", "April has 30 days."),
     ("2026-13-01", "There is no month 13."), ("2026-02-30", "February 2026 has 28 days.")],
)  # fmt: skip
async def test_an_impossible_day_is_named(bot: Asking, words: str, why: str) -> None:
    assert (await bot.ask(f"/date {words}")).text == f"{why} Write the day like 2025-06-12."


async def test_the_sites_own_pages_of_lists_are_understood(bot: Asking) -> None:
    await bot.listed("2026-07-15", paper(1, title="One"))
    site = "https://huggingface.co/papers"
    for line in (f"/date {site}/date/2026-07-15", f"/search {site}/date/2026-07-15/"):
        assert (await bot.ask(line)).title == "Daily Papers · Wed 15 July 2026"
    assert "/week 2026-W29 shows all of it" in (await bot.ask(f"/date {site}/week/2026-W29")).text
    assert (await bot.ask(f"/search {site}/week/2026-W29")).title == "The week of Mon 13 July 2026"
    month = await bot.ask(f"/date {site}/month/2026-06")
    assert month.text.startswith("2026-06 is a month") and "Mon 15 June 2026" in labels(month)


async def test_all_topics_can_be_dropped_at_one_tap_more(bot: Asking) -> None:
    await bot.ask("/subscribe kv cache", address="u1")
    await bot.ask("/subscribe agents", address="u1")
    off = await bot.ask("/subscriptions off", address="u1")
    assert off.text.startswith("Topics have no pause")
    sure = await bot.press(off, "Drop all topics", address="u1")
    assert "agents" in (await bot.ask("/subscriptions", address="u1")).text
    assert (await bot.press(sure, "Drop 2 topics", address="u1")).text.startswith("Dropped 2")
    assert "no topics yet" in (await bot.ask("/subscriptions", address="u1")).text


async def test_a_topic_called_all_is_dropped_by_its_name(bot: Asking) -> None:
    await bot.ask("/subscribe all", address="u1")
    await bot.ask("/subscribe agents", address="u1")
    assert (await bot.ask("/unsubscribe all", address="u1")).text.startswith("Dropped “all”")


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("agents without video", ["agents -video", "The words “agents without video”"]),
        ("agents except video", ["agents -video"]),
        ("agents excluding video, surveys", ["agents -video -surveys"]),
        ("agents but not video", ["agents -video", "The words “agents but not video”"]),
    ],
)
async def test_a_topic_that_leaves_out_in_words_is_asked_back(
    bot: Asking, words: str, choices: list[str]
) -> None:
    asked = await bot.ask(f"/subscribe {words}", address="u1")
    assert labels(asked) == choices and "Topic kept" not in asked.title
    for label in choices:
        kept = await bot.press(asked, label, address="u1")
        assert kept.title.startswith("Topic kept")


async def test_two_dashes_leave_a_word_out_of_a_topic(bot: Asking) -> None:
    kept = await bot.ask("/subscribe agents --video", address="u1")
    assert kept.title == "Topic kept: agents -video"


async def test_what_a_paper_is_like_is_told_and_others_are_offered(bot: Asking) -> None:
    await bot.listed(
        "2026-07-22", paper(1, title="Flow matching for speech"), paper(2, title="Flow matching"),
        paper(3, title="A survey of caches"),
    )  # fmt: skip
    await bot.core.ctx.search.catch_up()
    shown = await bot.ask("/similar flow matching speech")
    assert shown.text.startswith("Like “Flow matching for speech”")
    either = await bot.ask("/similar matching flow")
    assert "Was another paper meant?" in either.note
    assert {"Flow matching for speech", "Flow matching"} & set(labels(either))


async def test_words_of_no_title_take_no_paper(bot: Asking) -> None:
    await bot.listed("2026-07-22", paper(1, title="Flow matching"), paper(2, title="KV caches"))
    await bot.core.ctx.search.catch_up()
    refused = await bot.ask("/similar purple flow elephants")
    assert refused.text.startswith("I find no paper called “purple flow elephants”")
    assert "Like “Flow matching”" in (await bot.press(refused, "Flow matching")).text
