"""Days as people name them: one day's list, or a refusal; never another day's."""

import pytest

from tests.asking import Asking, labels, titles
from tests.fakes import at, paper, papers_of

FORM = "Write the day like 2025-06-12."


async def day(bot: Asking, words: str) -> str:
    """The title of the list that was shown; else why there is none."""
    message = await bot.ask(f"/date {words}".strip())
    return message.title.removeprefix("Daily Papers · ") if titles(message) else message.text


@pytest.mark.parametrize(
    "words",
    [
        "2026-07-17", "2026-7-17", "2026/07/17", "2026.07.17", "20260717", "17.07.2026",
        "17.7.2026", "17/07/2026", "07/17/2026", "17-07-2026", "17 07 2026", "17. 07. 2026",
        "17.07.", "17 July", "17 Jul", "July 17", "July 17th", "17th of July 2026", "Jul. 17, 2026",
        "17-Jul-2026", "2026 July 17", "17July2026", "Fri 17 July 2026", "Friday, July 17, 2026",
        "2026-07-17 (Friday)", "2026-W29-5", "2026-07-17T09:00:00Z", "the list of 17 July 2026",
        "friday", "Friday", "on friday", "last friday", "6 days ago", "six days ago",
        "２０２６－０７－１７", "2026–07–17", "2026−07−17", "2026\u201107\u201117",
        "\u200b2026-07\u2060-17\ufeff", "\u200f17.07.2026\u200e", "17\u00a0July\u00a02026",
        "“2026-07-17”", "day:2026-07-17", "day: friday", "Day=17.07.2026",
    ],
)  # fmt: skip
async def test_a_day_is_understood_however_it_is_written(bot: Asking, words: str) -> None:
    await bot.listed("2026-07-17", *papers_of("2026-07-17", 1))
    assert await day(bot, words) == "Fri 17 July 2026"


@pytest.mark.parametrize(
    ("words", "title"),
    [("today", "Thu 23 July 2026"), ("yesterday", "Wed 22 July 2026"),
     ("thursday", "Thu 23 July 2026"), ("last thursday", "Thu 16 July 2026"),
     ("tuesday", "Tue 21 July 2026"), ("the day before yesterday", "Tue 21 July 2026"),
     ("a week ago", "Thu 16 July 2026")],
)  # fmt: skip
async def test_days_are_counted_from_today(bot: Asking, words: str, title: str) -> None:
    for listed in ("2026-07-16", "2026-07-21", "2026-07-22", "2026-07-23"):
        await bot.listed(listed, paper(int(listed[-2:])))
    assert await day(bot, words) == title


async def test_today_is_the_places_own(bot: Asking) -> None:
    bot.clock.now = at("2026-07-23 23:00")
    await bot.listed("2026-07-23", paper(1))
    await bot.ask("/setup 09:00 Tokyo")
    assert await day(bot, "yesterday") == "Thu 23 July 2026"


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("7/8/2026", ["Fri 7 August 2026", "Wed 8 July 2026"]),
        ("08.07.2026", ["Wed 8 July 2026", "Fri 7 August 2026"]),
        ("3-6-2026", ["Wed 3 June 2026", "Fri 6 March 2026"]),
        ("3/6", ["Wed 3 June 2026", "Fri 6 March 2026"]),
        ("12062026", ["Fri 12 June 2026", "Sun 6 December 2026"]),
        ("17.07.26", ["Fri 17 July 2026", "Wed 26 July 2017"]),
        ("last tuesday", ["Tue 21 July 2026", "Tue 14 July 2026"]),
        ("31 July", ["Fri 31 July 2026", "Thu 31 July 2025"]),
        ("31.07.", ["Fri 31 July 2026", "Thu 31 July 2025"]),
    ],
)
async def test_a_day_that_may_be_two_is_refused_with_both_to_tap(
    bot: Asking, words: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/date {words}")
    assert message.text.startswith(f"{words} may be {choices[0]} or {choices[1]}.")
    assert "Write it like 202" in message.text and not titles(message)
    assert labels(message) == choices


async def test_the_day_that_is_tapped_is_shown(bot: Asking) -> None:
    await bot.listed("2026-07-08", paper(1))
    asked = await bot.ask("/date 7/8/2026")
    assert titles(await bot.press(asked, "Wed 8 July 2026"))
    ahead = await bot.press(asked, "Fri 7 August 2026")
    assert ahead.text == "The list of Fri 7 August 2026 has not begun yet."


@pytest.mark.parametrize(
    ("words", "what", "choices"),
    [
        ("2026-W29", "a week", ["Mon 13 July 2026", "Fri 17 July 2026"]),
        ("last week", "a week", ["Mon 13 July 2026", "Fri 17 July 2026"]),
        ("this week", "a week", ["Mon 20 July 2026", "Thu 23 July 2026"]),
        ("2026-07", "a month", ["Wed 1 July 2026", "Thu 23 July 2026"]),
        ("June 2026", "a month", ["Wed 3 June 2026", "Tue 30 June 2026"]),
        ("last 3 days", "some days", ["Mon 20 July 2026", "Thu 23 July 2026"]),
    ],
)
async def test_more_than_a_day_is_refused_with_its_days_to_tap(
    bot: Asking, words: str, what: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/date {words}")
    assert f"{words} is {what}, but each list is of one day." in message.text
    assert [labels(message)[0], labels(message)[-1]] == choices
    assert not any("Sat" in label or "Sun" in label for label in labels(message))


async def test_a_year_is_refused_with_the_right_form(bot: Asking) -> None:
    assert "2025 is a year" in await day(bot, "2025")
    assert "Write it like 2025-01-01." in await day(bot, "2025")


@pytest.mark.parametrize(
    ("words", "name", "choices"),
    [
        ("2026-07-18", "Sat 18 July 2026", ["Fri 17 July 2026", "Mon 20 July 2026"]),
        ("sunday", "Sun 19 July 2026", ["Fri 17 July 2026", "Mon 20 July 2026"]),
        ("2023-05-06", "Sat 6 May 2023", ["Fri 5 May 2023", "Mon 8 May 2023"]),
    ],
)
async def test_a_weekend_says_so_with_the_lists_around_it(
    bot: Asking, words: str, name: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/date {words}")
    assert message.text == f"There is no list of {name}: it is a weekend."
    assert labels(message) == choices


async def test_a_monday_that_is_to_come_is_not_offered(bot: Asking) -> None:
    bot.clock.now = at("2026-07-25 10:00")
    assert labels(await bot.ask("/date today")) == ["Fri 24 July 2026"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("tomorrow", "The list of Fri 24 July 2026 has not begun yet."),
        ("this friday", "The list of Fri 24 July 2026 has not begun yet."),
        ("next monday", "The list of Mon 27 July 2026 has not begun yet."),
        ("2026-12-01", "The list of Tue 1 December 2026 has not begun yet."),
        ("2023-05-03", "The lists begin on Thu 4 May 2023."),
        ("0001-01-01", "The lists begin on Thu 4 May 2023."),
    ],
)
async def test_before_the_first_list_and_after_the_newest_there_is_none(
    bot: Asking, words: str, text: str
) -> None:
    message = await bot.ask(f"/date {words}")
    assert message.text == text and labels(message)


@pytest.mark.parametrize(
    "words",
    ["", "heute", "nonsense", "5", "-1", "2026-07-17 2026-07-16",
     "٢٠٢٦-٠٧-١٧", "may", "9" * 10_000],
)  # fmt: skip
async def test_what_is_no_day_is_refused_with_the_right_form(bot: Asking, words: str) -> None:
    message = await bot.ask(f"/date {words}".strip())
    assert message.text == FORM and message.private
    assert labels(message)[0] == "Thu 23 July 2026", "the newest days can be tapped"


async def test_typing_a_day_in_words_offers_it(bot: Asking) -> None:
    from bot.commands.answer import suggest
    from bot.dialogue import Request

    async def offered(typed: str) -> list[str]:
        request = Request("chat", "c1", "u1", "date")
        found = await suggest(bot.core.ctx, bot.core.commands, request, "day", typed)
        return [choice.value for choice in found]

    assert await offered("friday") == ["2026-07-17"]
    assert await offered("3/6/2026") == ["2026-06-03", "2026-03-06"]
    assert await offered("tomorrow") == []
