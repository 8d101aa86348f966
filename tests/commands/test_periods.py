"""A week's or a month's lists as one: fetched together, and never passed off as whole."""

import pytest

from bot.commands.listday import month
from bot.errors import SourceError, UserError
from bot.lookup import MONTH, SHARE
from bot.period import month_of, week_of
from tests.commands.conftest import Bot, labels, titles
from tests.fakes import at, on, paper, papers_of


def fill(bot: Bot, *days: str) -> None:
    """The feed has a list of one paper for each of these days, numbered by the day."""
    for day in days:
        bot.feed.lists[on(day)] = papers_of(day, int(day[-2:]))


async def test_a_past_month_is_fetched_together_and_once(bot: Bot) -> None:
    fill(bot, "2024-03-01", "2024-03-15", "2024-03-24", "2024-04-01")  # the 24th is a Sunday
    for _ in range(3):
        message = await bot.ask("/month 2024-03")
        assert message.title == "March 2024" and message.text == ""
        assert message.caption == "3 papers · the most voted first"
        assert titles(message) == [f"A study of subject {n}" for n in (24, 15, 1)]
    assert bot.feed.periods == ["2024-03"] and bot.feed.asked == []


async def test_a_week_of_stored_lists_costs_the_feed_nothing(bot: Bot) -> None:
    for n in range(2, 9):
        await bot.listed(f"2025-06-{n:02}", *papers_of(f"2025-06-{n:02}", n))
    assert len(titles(await bot.ask("/week 2025-W23"))) == 7
    assert bot.feed.periods == []


async def test_what_a_month_says_of_a_day_is_no_list_of_that_day(bot: Bot) -> None:
    bot.feed.lists[on("2024-03-15")] = (
        paper(1, "2024-03-15"),
        paper(2, None),
        paper(3, "2024-03-14"),
    )
    await bot.ask("/month 2024-03")
    message = await bot.ask("/date 2024-03-15")
    assert bot.feed.asked == [on("2024-03-15")] and len(titles(message)) == 3


async def test_a_list_that_was_fetched_before_its_day_ended_is_completed(bot: Bot) -> None:
    bot.clock.now = at("2025-03-05 09:00")
    await bot.listed("2025-03-05", *papers_of("2025-03-05", 1))
    bot.clock.now = at("2025-06-12 17:00")
    for n in (3, 4, 6, 7, 8, 9):
        await bot.listed(f"2025-03-{n:02}", *papers_of(f"2025-03-{n:02}", n))
    bot.feed.lists[on("2025-03-05")] = papers_of("2025-03-05", 1, 2)
    assert (await bot.ask("/week 2025-W10")).caption == "8 papers · the most voted first"
    assert bot.feed.periods == ["2025-W10"]


async def test_what_could_not_be_fetched_is_named_with_a_button_to_ask_again(bot: Bot) -> None:
    await bot.listed("2025-06-03", *papers_of("2025-06-03", 3))
    fill(bot, "2025-06-04")
    bot.feed.fault = SourceError("Hugging Face could not be reached")
    message = await bot.ask("/week 2025-W23")
    assert titles(message) == ["A study of subject 3"]
    assert message.text == (
        "Not all of it is here, without Mon 2 June, Wed 4 June to Sun 8 June. "
        "Hugging Face could not be reached."
    )
    bot.feed.fault = None
    message = await bot.press(message, "Ask again")
    assert message.text == "" and len(titles(message)) == 2


async def test_without_any_paper_the_fault_is_said(bot: Bot) -> None:
    bot.feed.fault = SourceError("Hugging Face could not be reached")
    message = await bot.ask("/month 2024-03")
    assert message.text == "Hugging Face could not be reached. I have no papers of March 2024 yet."
    bot.feed.fault = None  # and a finished month without papers is not believed
    assert "the feed has nothing for 2024-03" in (await bot.ask("/month 2024-03")).text


async def test_the_month_that_goes_on_is_so_far_and_is_not_asked_for_twice(bot: Bot) -> None:
    fill(bot, "2025-06-02", "2025-06-11", "2025-06-12")
    for _ in range(2):
        message = await bot.ask("/month this")
        assert message.caption == "3 papers so far · the most voted first" and message.text == ""
    assert bot.feed.periods == ["2025-06"]
    assert labels(message) == ["‹ May 2025"], "the one after has not begun"


async def test_buttons_lead_to_the_ones_before_and_after(bot: Bot) -> None:
    fill(bot, "2024-02-29", "2024-03-01", "2024-04-01")
    message = await bot.press(await bot.ask("/month 2024-03"), "‹ February 2024")
    assert message.title == "February 2024" and titles(message) == ["A study of subject 29"]
    assert (await bot.press(message, "March 2024 ›")).title == "March 2024"
    fill(bot, "2023-05-04")
    assert labels(await bot.ask("/week 2023-W18")) == ["Week of 8 May ›"], "the first lists"


async def test_people_who_read_old_months_leave_the_collector_its_quota(bot: Bot) -> None:
    context = bot.ctx
    period, refused = month_of(on("2025-05-01")), 0
    for n in range(20):
        try:
            await context.lookups.fetch_period(period, bot.clock(), f"u{n}")
        except UserError:
            refused += 1
        except SourceError:  # it has none of them
            period = period.before()
    assert len(bot.feed.periods) == SHARE // MONTH and refused == 20 - SHARE // MONTH


@pytest.mark.parametrize(
    "words",
    ["2025-03", "2025/03", "03/2025", "March 2025", "mar 2025", "march", "3", "in march",
     "2025-03-09", "March, 2025",
     "https://huggingface.co/papers/month/2025-03", "month:2025-03"],
)  # fmt: skip
async def test_a_month_is_understood_however_it_is_written(bot: Bot, words: str) -> None:
    fill(bot, "2025-03-03")
    assert (await bot.ask(f"/month {words}")).title == "March 2025"


@pytest.mark.parametrize(
    ("words", "begins"),
    [("last", "2025-05-01"), ("last month", "2025-05-01"), ("this", "2025-06-01"),
     ("previous", "2025-05-01"), ("december", "2024-12-01"), ("june", "2025-06-01"),
     ("last june", "2024-06-01"), ("this june", "2025-06-01"), ("yesterday", "2025-06-01")],
)  # fmt: skip
def test_a_month_by_its_name_alone_is_the_newest(words: str, begins: str) -> None:
    assert month(words, on("2025-06-12")) == month_of(on(begins))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("foo", "Write the month like 2025-06."),
     ("2024", "2024 is more than one month. Write the month like 2025-06."),
     ("2025-13", "There is no month 13. Write the month like 2025-06."),
     ("2025-07", "July 2025 has not begun yet."), ("next", "July 2025 has not begun yet."),
     ("2023-04", "The lists begin on Thu 4 May 2023.")],
)  # fmt: skip
async def test_what_is_no_month_of_lists_is_refused(bot: Bot, words: str, sentence: str) -> None:
    assert (await bot.ask(f"/month {words}")).text == sentence


async def test_a_month_typed_as_a_day_or_searched_as_a_link_leads_to_it(bot: Bot) -> None:
    fill(bot, "2024-03-01")
    assert "/month 2024-03 shows all of it" in (await bot.ask("/date 2024-03")).text
    link = "https://huggingface.co/papers/month/2024-03"
    assert (await bot.ask(f"/search {link}")).title == "March 2024"


async def test_months_are_offered_while_one_is_typed(bot: Bot) -> None:
    offered = await bot.suggest("month", "month", "")
    assert (offered[0].label, offered[0].value) == ("June 2025", "2025-06")
    begun = await bot.suggest("month", "month", "mar")
    assert [choice.value for choice in begun] == ["2025-03", "2024-03"]


def test_a_period_knows_the_ones_beside_it() -> None:
    week = week_of(on("2024-12-31"))
    assert (str(week), str(week.before()), str(week.after())) == (
        "2025-W01", "2024-W52", "2025-W02",
    )  # fmt: skip
    assert str(month_of(on("2024-02-29")).before()) == "2024-01"
    assert len(month_of(on("2024-02-29")).days()) == 29
