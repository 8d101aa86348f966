"""Reading: today's list, another day's, the week, what trends, one paper."""

import pytest

from bot.collect import Collector
from bot.commands.empty import FILL
from bot.errors import SourceError
from bot.model import Paper
from tests.commands.conftest import Bot, button, labels, ranks, titles
from tests.fakes import FakeFeed, at, on, paper, papers_of

DOWN = SourceError("Hugging Face could not be reached")


async def fail(bot: Bot) -> None:
    """The feed stops answering now, and the bot has noticed."""
    bot.feed.fault = DOWN
    await bot.collector.refresh(bot.clock())


async def test_todays_list_comes_best_voted_first_and_says_it_is_not_whole(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 3, 9, 5))
    message = await bot.ask("/today")
    assert message.title == "Daily Papers · Thu 12 June 2025"
    assert message.text == "By Thu 12 June at 17:00 UTC; the list is not whole yet."
    assert titles(message) == [f"A study of subject {n}" for n in (9, 5, 3)]
    assert not message.private and not message.actions


async def test_on_a_weekend_today_says_so_and_shows_the_newest_list(bot: Bot) -> None:
    bot.clock.now = at("2025-06-14 10:00")
    await bot.listed("2025-06-13", *papers_of("2025-06-13", 1))
    message = await bot.ask("/today")
    assert message.title == "Daily Papers · Fri 13 June 2025"
    assert message.text == (
        "There is no list of Sat 14 June 2025: it is a weekend. This is the newest list."
    )
    assert titles(message) == ["A study of subject 1"]


async def test_while_todays_list_is_empty_it_says_so_and_shows_yesterdays(bot: Bot) -> None:
    bot.clock.now = at("2025-06-12 00:30")
    await bot.listed("2025-06-11", *papers_of("2025-06-11", 1, 2))
    await bot.listed("2025-06-12")
    message = await bot.ask("/today")
    assert message.text == (
        "The list of Thu 12 June 2025 was still empty at 00:30 UTC. This is the newest list."
    )


async def test_today_is_the_day_it_is_in_the_places_zone(bot: Bot) -> None:
    bot.clock.now = at("2025-06-11 22:00")
    await bot.listed("2025-06-10", *papers_of("2025-06-10", 9))
    await bot.listed("2025-06-11", *papers_of("2025-06-11", 1, 2))
    await bot.ask("/setup 09:00 tokyo")
    tokyo = await bot.ask("/today")
    assert tokyo.text == (
        "The list of Thu 12 June 2025 has not begun yet. This is the newest list. "
        "By Thu 12 June at 07:00 Asia/Tokyo; the list is not whole yet."
    )
    bot.clock.now = at("2025-06-12 01:00")
    await bot.listed("2025-06-11", *papers_of("2025-06-11", 1, 2))
    await bot.ask("/setup 09:00 los angeles")
    assert (
        await bot.ask("/today")
    ).caption == "2 papers · by AK and the research community"  # still the 11th there


async def test_a_feed_that_fails_is_named_with_the_older_list(bot: Bot) -> None:
    await bot.listed("2025-06-11", *papers_of("2025-06-11", 1))
    await fail(bot)
    message = await bot.ask("/today")
    assert message.text.startswith(
        "The list of Thu 12 June 2025 is not fetched yet. The feed has given no right answer since "
        "Thu 12 June at 17:00 UTC (Hugging Face could not be reached); I keep asking. "
        "This is the newest list."
    )
    assert titles(message) == ["A study of subject 1"]


async def test_a_feed_that_fails_from_the_start_is_named_too(bot: Bot) -> None:
    text = (await bot.ask("/today")).text
    assert text == f"The list of Thu 12 June 2025 is not fetched yet. {FILL}"
    await fail(bot)
    message = await bot.ask("/today")
    assert "Hugging Face could not be reached" in message.text and not message.sections
    for line in ("/week", "/trending"):
        text = (await bot.ask(line)).text
        assert text == (
            "No papers are stored yet: the feed has given no right answer (Hugging Face could not "
            f"be reached). The first list comes when the feed answers. {FILL}"
        )


async def test_a_feed_that_fails_later_in_the_day_is_named_with_the_partial_list(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1))
    bot.clock.pass_(hours=2)
    await fail(bot)
    message = await bot.ask("/today")
    assert "By Thu 12 June at 17:00 UTC; the list is not whole yet." in message.text
    assert "The feed has given no right answer since Thu 12 June at 19:00 UTC." in message.text


async def test_any_day_is_fetched_when_it_is_asked_for_and_only_once(bot: Bot) -> None:
    bot.feed.lists[on("2024-02-29")] = papers_of("2024-02-29", *range(12))
    first = await bot.ask("/date 2024-02-29")
    assert first.title == "Daily Papers · Thu 29 February 2024" and first.text == ""
    assert first.caption == "12 papers · by AK and the research community"
    assert first.note == "Page 1 of 2" and ranks(first) == list(range(1, 11))
    second = await bot.press(first, "Next ›")
    assert ranks(second) == [11, 12] and labels(second) == ["‹ Back"]
    assert (await bot.press(second, "‹ Back")).sections == first.sections
    assert bot.feed.asked == [on("2024-02-29")]


async def test_a_page_button_of_today_means_the_same_list_tomorrow(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", *range(12)))
    shown = await bot.ask("/today")
    bot.clock.now = at("2025-06-13 12:00")
    await bot.listed("2025-06-13", *papers_of("2025-06-13", *range(20, 40)))
    assert (await bot.press(shown, "Next ›")).title == "Daily Papers · Thu 12 June 2025"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/date 2025-06-07", "There is no list of Sat 7 June 2025: it is a weekend."),
        ("/date 2025-06-13", "The list of Fri 13 June 2025 has not begun yet."),
        ("/date 9999-12-31", "The list of Fri 31 December 9999 has not begun yet."),
        ("/date 2023-05-03", "The lists begin on Thu 4 May 2023."),
        ("/date 0001-01-01", "The lists begin on Thu 4 May 2023."),
        ("/date 2025-02-30", "February 2025 has 28 days. Write the day like 2025-06-12."),
        ("/date nonsense", "Write the day like 2025-06-12."),
        ("/date", "Write the day like 2025-06-12."),
        (
            "/date 12.06.2025",
            "12.06.2025 may be Thu 12 June 2025 or Sat 6 December 2025. Write it like 2025-06-12.",
        ),
        ("/date today", "The list of Thu 12 June 2025 was still empty at 17:00 UTC."),
        ("/date " + "9" * 10_000, "Write the day like 2025-06-12."),
    ],
)
async def test_a_day_without_a_list_says_why_in_one_sentence(
    bot: Bot, line: str, text: str
) -> None:
    message = await bot.ask(line)
    assert message.text == text and not message.sections


async def test_a_weekday_without_papers_is_asked_for_twice_before_it_has_no_list(bot: Bot) -> None:
    first = await bot.ask("/date 2025-05-01")
    assert first.text == ("There is no list of Thu 1 May 2025, by the feed's only answer so far.")
    bot.clock.pass_(minutes=1)
    second = await bot.ask("/date 2025-05-01")
    assert second.text == "There is no list of Thu 1 May 2025: no papers were listed."
    await bot.ask("/date 2025-05-01")
    assert len(bot.feed.asked) == 2


async def test_a_day_that_cannot_be_fetched_says_so(bot: Bot) -> None:
    bot.feed.fault = DOWN
    message = await bot.ask("/date 2025-05-05")
    assert message.text == "Hugging Face could not be reached. Try again in a few minutes."
    bot.feed.fault = None
    bot.feed.lists[on("2025-05-05")] = papers_of("2025-05-05", 1)
    assert titles(await bot.ask("/date 2025-05-05")) == ["A study of subject 1"]


async def test_days_with_lists_are_suggested_newest_first(bot: Bot) -> None:
    for day in ("2025-06-09", "2025-06-10", "2025-05-30"):
        await bot.listed(day, paper(int(day[-2:]), day))
    values = [choice.value for choice in await bot.suggest("date", "day", "")]
    assert values == ["2025-06-10", "2025-06-09", "2025-05-30"]
    (choice,) = await bot.suggest("date", "day", "2025-05")
    assert choice.label == "2025-05-30 (Friday)"
    assert not await bot.suggest("date", "day", "%") and not await bot.suggest("date", "day", "x")


async def test_the_week_has_every_lists_papers_once_the_most_voted_first(bot: Bot) -> None:
    for day, numbers in (("09", (1, 8)), ("10", (7, 2)), ("06", (49,))):
        await bot.listed(f"2025-06-{day}", *papers_of(f"2025-06-{day}", *numbers))
    message = await bot.ask("/week")
    assert message.title == "The week of Mon 9 June 2025"
    assert message.caption == "4 papers so far · the most voted first"
    assert titles(message) == [f"A study of subject {n}" for n in (8, 7, 2, 1)]
    bot.clock.now = at("2025-06-14 08:00")
    assert (await bot.ask("/week")).caption == "4 papers · the most voted first"


async def test_on_a_monday_without_a_list_the_week_is_the_last_one_and_says_so(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1))
    bot.clock.now = at("2025-06-16 05:00")
    message = await bot.ask("/week")
    assert message.title == "The week of Mon 9 June 2025"
    assert message.text.startswith("This week has no list yet; this is the newest one that has.")


async def test_what_trends_are_votes_for_their_age(bot: Bot) -> None:
    await bot.listed("2025-06-05", paper(1, "2025-06-05", votes=500))  # eight days: too old
    await bot.listed("2025-06-06", paper(2, "2025-06-06", votes=60))
    await bot.listed("2025-06-11", paper(3, "2025-06-11", votes=40))
    await bot.listed("2025-06-12", paper(4, "2025-06-12", votes=20), paper(5, votes=None, day=None))
    message = await bot.ask("/trending")
    assert titles(message) == [f"A study of subject {n}" for n in (3, 4, 2, 5)]
    assert message.text == "Votes weighed against age, over the seven days up to Thu 12 June."


@pytest.mark.parametrize("command", ["week", "trending", "today", "date 2025-06-12"])
@pytest.mark.parametrize(("page", "first"), [(0, 1), (-5, 1), (1, 1), (2, 11), (999_999, 21)])
async def test_a_page_that_is_not_there_is_the_nearest(
    bot: Bot, command: str, page: int, first: int
) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", *range(25)))
    message = await bot.ask(command, page=page)
    assert ranks(message)[0] == first and message.note == f"Page {first // 10 + 1} of 3"


@pytest.mark.parametrize(
    "words",
    [
        "2506.00007",
        "2506.00007v2",
        "arXiv:2506.00007",
        "https://arxiv.org/abs/2506.00007v12",
        "http://www.arxiv.org/pdf/2506.00007v2.pdf",
        "https://arxiv.org/pdf/2506.00007",
        "https://arxiv.org/html/2506.00007v1#S2",
        "https://huggingface.co/papers/2506.00007",
        "https://hf.co/papers/2506.00007#community",
        "https://www.alphaxiv.org/abs/2506.00007?chatId=12",
        "https://doi.org/10.48550/arXiv.2506.00007",
        "10.48550/arXiv.2506.00007",
        "Have you seen arxiv.org/abs/2506.00007?",
        "See 2506.00007.",
        "(2506.00007), please",
        "<https://arxiv.org/abs/2506.00007>",
    ],
)
async def test_a_paper_is_found_by_its_id_in_any_link(bot: Bot, words: str) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 7))
    assert (await bot.ask(f"/paper {words}")).title == "A study of subject 7"


@pytest.mark.parametrize(
    "words",
    ["cs/0112017", "https://arxiv.org/abs/cs/0112017v1", "arXiv:cs/0112017", "cs.CL/0112017",
     "https://arxiv.org/pdf/cs/0112017.pdf"],
)  # fmt: skip
async def test_an_old_style_id_is_found_with_and_without_its_subject(bot: Bot, words: str) -> None:
    bot.feed.single["cs/0112017"] = Paper("cs/0112017", "An older paper")
    message = await bot.ask(f"/paper {words}")
    assert message.title == "An older paper"
    assert button(message, "arXiv").url == "https://arxiv.org/abs/cs/0112017"


@pytest.mark.parametrize("words", ["", "2506", "12506.00007", "2506.000071", "2506.0000", "x/1"])
async def test_what_is_no_id_is_asked_for_again(bot: Bot, words: str) -> None:
    message = await bot.ask(f"/paper {words}")
    assert message.text.startswith("Give an arXiv id such as") and bot.feed.asked_for == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("2506.9113", "since 2015 an id has five digits after the dot"),
        ("arXiv:2506.9113v2", "since 2015 an id has five digits after the dot"),
        ("1402.12345", "until 2014 an id had four digits after the dot"),
        ("2513.00001", "its first four digits are a year and a month"),
        ("2507.00001", "its first four digits are a month to come"),
    ],
)
async def test_an_impossible_id_is_asked_of_nobody(bot: Bot, words: str, why: str) -> None:
    assert why in (await bot.ask(f"/paper {words}")).text
    assert why in (await bot.ask(f"/similar {words}")).text
    assert bot.feed.asked_for == []


async def test_an_unknown_paper_and_a_silent_feed_are_different_answers(bot: Bot) -> None:
    text = (await bot.ask("/paper 2506.99999")).text
    assert text == "I find no paper 2506.99999, neither in the lists nor on arXiv."
    bot.feed.fault = DOWN
    text = (await bot.ask("/paper 2506.99999")).text
    assert text == "Hugging Face could not be reached. Try again in a few minutes."


async def test_a_card_has_all_there_is_readable_and_labelled(bot: Bot) -> None:
    full = paper(
        7, "2025-06-12", title="D^{2}MoE and $\\ell_p$ norms", votes=1234, comments=3, stars=2500,
        authors=tuple(f"Name {n}" for n in range(14)), organization="A \\'Ecole",
        published=on("2025-06-10"), code="https://github.com/a/b", project="https://a.example",
        ai_summary="A machine said.", submitter="Zoe", thumbnail="https://cdn.example/7.png",
        summary="Word " * 1000,
    )  # fmt: skip
    await bot.listed("2025-06-12", full)
    message = await bot.ask("/paper 2506.00007")
    assert message.title == "D²MoE and ℓₚ norms"
    assert message.text.endswith("Name 11 and 2 more")
    assert message.caption == (
        "▲ 1234 · A École · listed Thu 12 June 2025 · on arXiv Tue 10 June 2025 · submitted by Zoe"
    )
    assert message.passage.endswith("AI summary (by the source): A machine said.")
    assert message.picture and message.picture.url == "https://cdn.example/7.png"
    links, tools = message.actions
    assert [action.label for action in links] == [
        "arXiv", "PDF", "Discussion (3)", "Code ★ 2.5k", "Project",
    ]  # fmt: skip
    assert all(action.url and not action.data for action in links) and len(message.passage) < 2500
    assert [action.label for action in tools] == ["Similar papers"]


async def test_a_paper_never_listed_has_a_card_without_a_discussion(bot: Bot) -> None:
    bot.feed.single["2506.00009"] = Paper("2506.00009", "Bare")
    message = await bot.ask("/paper 2506.00009")
    assert (message.text, labels(message)) == ("", ["arXiv", "PDF", "Similar papers"])


async def test_papers_are_suggested_by_id_and_by_unfinished_title(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 7, 8))
    for typed in ("2506.00007", "https://arxiv.org/abs/2506.00007", "7 of a stud"):
        (choice,) = await bot.suggest("paper", "id", typed)
        assert (choice.label, choice.value) == ("2506.00007 A study of subject 7", "2506.00007")
    assert len(await bot.suggest("paper", "id", "stu")) == 2
    for typed in ("", '" OR *', "\0", "subject 9", "x" * 5000):
        assert not await bot.suggest("paper", "id", typed)


async def test_a_sample_is_called_one_everywhere(bot: Bot) -> None:
    bot.sample = True
    await bot.listed("2025-06-10", *papers_of("2025-06-10", *range(12)))
    for line in ("/today", "/date 2025-06-10", "/week", "/trending", "/search study"):
        message = await bot.ask(line)
        assert message.note.endswith(
            "Sample papers: the feed could not be reached. Nothing you set here is kept."
        )
    assert (await bot.ask("/today")).caption == "12 papers · bundled with this program"
    missing = await bot.ask("/date 2025-06-11")
    assert missing.text == "The sample has the list of Tue 10 June 2025 alone."
    assert "The sample does not have 2501.00001" in (await bot.ask("/paper 2501.00001")).text
    assert "The sample is small; try reasoning" in (await bot.ask("/search zebra")).text


async def test_a_paper_only_arxiv_has_is_found_there(bot: Bot) -> None:
    other = FakeFeed(name="arxiv")
    other.arrived = [Paper("2506.00077", "From arXiv")]
    bot.collector = Collector(bot.store, [bot.feed], [other])
    assert (await bot.ask("/paper 2506.00077")).title == "From arXiv"
    bot.feed.fault = DOWN
    assert (await bot.ask("/paper 2506.00077")).title == "From arXiv", "it is stored now"
