"""What the settings of a place leave out is said each time, until it came or was named."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes import at
from tests.program import Program, listed, program

THURSDAY = "The list of Thu 12 June has no post of its own: the next one brings it."


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Wednesday, 11 June 2025."""
    async with program("2025-06-11 00:10") as made:
        listed(made.feed, "2025-06-11", "2025-06-12", "2025-06-13", "2025-06-16", "2025-06-17")
        yield made


async def said(running: Program, *lines: str) -> list[str]:
    return [(await running.ask(line)).text for line in lines]


async def test_every_change_says_what_is_left_out_however_many_were_before(
    running: Program,
) -> None:
    await said(running, "/setup 21:00 New York")
    await running.until("2025-06-12 17:00")
    london, tokyo, fewer, shown = await said(
        running, "/setup noon London", "/setup midnight Tokyo", "/setup 3 papers", "/settings"
    )
    for text in (london, tokyo, fewer, shown):
        assert THURSDAY in text
    await running.until("2025-06-13 17:00")
    assert running.numbers()[-1] == [132, 131, 122] and len(running.numbers()) == 2
    assert (
        "The list of Thu 12 June had no post of its own: the time was changed;"
        in running.texts()[-1]
    )
    assert all("no post of its own" not in text for text in await said(running, "/settings"))


async def test_a_change_that_brings_a_list_its_post_back_says_nothing_of_it(
    running: Program,
) -> None:
    await said(running, "/setup 21:00 New York")
    await running.until("2025-06-12 17:00")
    [left, back] = await said(running, "/setup noon London", "/setup 21:00 New York")
    assert THURSDAY in left and "no post of its own" not in back
    await running.until("2025-06-13 12:00")
    assert running.numbers() == [[112, 111], [122, 121]]
    assert "what was listed then" not in running.texts()[-1]


async def test_several_lists_are_named_together(running: Program) -> None:
    await said(running, "/setup 09:00 utc")
    await running.until("2025-06-12 08:00")
    assert THURSDAY in (await said(running, "/setup 07:00 utc"))[0]
    await running.handle.removed("c1", "I was thrown out")
    running.adapter.obstacles["c1"] = "I was thrown out"
    await running.until("2025-06-13 12:00")
    [text] = await said(running, "/setup 06:30 utc")
    assert "The lists of Thu 12 June, Fri 13 June have no posts of their own: the next " in text
    await running.until("2025-06-16 12:00")
    assert running.numbers()[-1] == [162, 161, 132, 131, 122, 121]


async def test_what_a_pause_left_out_is_said_to_be_named(running: Program) -> None:
    await said(running, "/setup 09:00 utc", "/pause")
    await running.until("2025-06-12 12:00")
    [text] = await said(running, "/setup 10:00 utc")
    named = "The lists of Wed 11 June, Thu 12 June do not come; the next post has a button for each"
    assert named in text
    await running.until("2025-06-13 12:00")
    assert (
        "Not posted: the lists of Wed 11 June, Thu 12 June (the posts were paused)."
        in running.texts()[0]
    )


async def test_a_day_without_a_list_is_not_said_to_be_left_out(running: Program) -> None:
    await said(running, "/setup 21:00 New York")
    await running.until("2025-06-14 20:00")
    text, shown = await said(running, "/setup noon London", "/settings")
    assert "Sat 14 June" not in text
    assert "did not come" not in shown


async def test_a_holidays_list_that_was_passed_over_is_said_until_it_is_known_that_there_was_none(
    running: Program,
) -> None:
    await said(running, "/setup 21:00 New York")
    await running.until("2025-06-18 17:00")
    await said(running, "/setup noon London")
    await running.until("2025-06-19 10:00")
    shown = await said(running, "/settings")
    assert "no post of its own" not in shown[0]


async def test_a_list_whose_post_was_due_the_day_after_is_not_taken_for_that_days_post(
    running: Program,
) -> None:
    """At nine in Tokyo, Thursday's list is posted on Friday."""
    await said(running, "/setup 09:00 tokyo")
    await running.until("2025-06-12 00:30")
    assert (
        "List of Wed 11 June: posted on Thu 12 June at 09:"
        in (await said(running, "/deliveries"))[0]
    )
    await running.until("2025-06-12 20:00")
    await said(running, "/setup 20:00 tokyo")
    await running.until("2025-06-13 12:00")
    text = running.texts()[-1]
    assert "The list of Thu 12 June had no post of its own: the time was changed;" in text
    assert "Nothing came" not in text and "its time" not in text


async def test_of_a_post_that_was_missed_the_list_is_named_not_its_day(running: Program) -> None:
    await said(running, "/setup 09:00 tokyo")
    await running.until("2025-06-12 01:00")
    running.clock.now = at("2025-06-13 20:00")
    await running.tick()
    shown = (await said(running, "/deliveries"))[0]
    assert shown.startswith("List of Thu 12 June: did not come: the bot was not running")
    await running.until("2025-06-17 12:00")
    assert "The list of Thu 12 June did not come: the bot was not running;" in running.texts()[1]
