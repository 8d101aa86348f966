"""`/settings`, `/deliveries` and the next post say the same of a list, and what happened."""

from collections.abc import AsyncIterator

import pytest

from bot.store import history
from tests.commands.conftest import labels
from tests.fakes import at, papers_of, unreachable
from tests.program import Program, listed, program

WEEKS = ("2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05", "2025-06-06", "2025-06-09",
         "2025-06-10", "2025-06-11", "2025-06-12", "2025-06-13", "2025-06-16", "2025-06-17",
         "2025-06-18", "2025-06-20")  # fmt: skip
THURSDAY = "The list of Thu 5 June has no post of its own: the next one brings it."


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Monday, 2 June 2025; c1 has its post at nine. 19 June is a holiday."""
    async with program("2025-06-02 00:10") as made:
        listed(made.feed, *WEEKS)
        await made.ask("/setup 09:00 utc")
        yield made


async def shown(running: Program) -> list[str]:
    return (await running.ask("/deliveries")).text.splitlines()


async def failed(running: Program) -> list[str]:
    return [
        str(one.delivery.list_day) for one in await history.newest(running.store, 9, failed=True)
    ]


# a changed time ---------------------------------------------------------------------------------


async def test_a_list_that_a_change_moves_to_the_next_post_has_not_failed(running: Program) -> None:
    await running.until("2025-06-05 08:00")
    assert THURSDAY in (await running.ask("/setup 07:00 utc")).text
    message = await running.ask("/deliveries")
    assert message.text.splitlines()[0] == "Wed 4 June: posted at 09:10 UTC"
    assert message.text.splitlines()[3:] == [THURSDAY] and not message.actions
    settings = (await running.ask("/settings")).text
    assert THURSDAY in settings and "The last one, Wed 4 June 2025, was posted." in settings
    assert await failed(running) == []
    await running.until("2025-06-06 08:00")
    assert running.numbers()[-1] == [62, 61, 52, 51]
    assert (
        "The list of Thu 5 June had no post of its own: the time was changed;"
        in running.texts()[-1]
    )
    assert (await shown(running))[:2] == [
        "Fri 6 June: posted at 07:10 UTC", "Wed 4 June: posted at 09:10 UTC",
    ]  # fmt: skip


@pytest.mark.parametrize("changes", [
    ["21:00 New York", "noon London", "21:00 New York", "midnight Tokyo"],
    ["09:00 tokyo", "09:00 utc", "18:00 utc", "07:00 utc"],
    ["23:59 auckland", "12:15 honolulu", "00:00 utc", "09:00 tokyo"],
])  # fmt: skip
async def test_however_often_a_time_is_changed_no_list_is_said_to_have_failed(
    running: Program, changes: list[str]
) -> None:
    await running.until("2025-06-05 08:00")
    for change in changes:
        await running.ask(f"/setup {change}")
        message = await running.ask("/deliveries")
        assert "did not come" not in message.text and not message.actions
        left = [
            line for line in (await running.ask("/settings")).text.splitlines() if "own" in line
        ]
        assert [line for line in message.text.splitlines() if "own" in line] == left
        running.clock.pass_(minutes=7)
    await running.until("2025-06-10 20:00")
    posted = sorted(number for post in running.numbers() for number in post)
    owed = [21, 22, 31, 32, 41, 42, 51, 52, 61, 62, 91, 92, 101, 102]
    assert len(posted) >= 12 and posted == owed[: len(posted)]
    assert "own" not in (await running.ask("/deliveries")).text
    assert await failed(running) == []


@pytest.mark.parametrize("order", ["/pause", "thrown out"])
async def test_a_time_changed_while_nothing_is_posted_is_why_a_list_has_no_post(
    running: Program, order: str
) -> None:
    await running.ask("/setup 18:00 utc")
    await running.until("2025-06-05 12:00")
    if order == "/pause":
        await running.ask(order)
    else:
        await running.handle.removed("c1", "I was thrown out")
    assert THURSDAY in (await running.ask("/setup 07:00 utc")).text
    await running.until("2025-06-06 08:00")
    assert running.numbers()[-1] == [62, 61, 52, 51]
    assert (
        "The list of Thu 5 June had no post of its own: the time was changed;"
        in running.texts()[-1]
    )


async def test_a_pause_that_ends_before_a_later_time_of_the_day_leaves_nothing_out(
    running: Program,
) -> None:
    await running.until("2025-06-05 08:00")
    await running.ask("/pause")
    running.clock.pass_(hours=2)
    await running.ask("/setup 18:00 utc")
    message = await running.ask("/deliveries")
    assert "Thu 5 June" not in message.text and not message.actions
    await running.until("2025-06-05 19:00")
    assert running.numbers()[-1] == [52, 51]


async def test_what_was_missed_before_a_change_is_not_put_down_to_it(running: Program) -> None:
    await running.until("2025-06-03 12:00")
    running.clock.now = at("2025-06-05 17:00")  # it was off meanwhile
    await running.ask("/setup 07:00 utc")
    await running.until("2025-06-06 08:00")
    assert (
        "The lists of Wed 4 June, Thu 5 June did not come: the bot was not running;"
        in running.texts()[-1]
    )


async def test_a_change_of_time_is_remembered_when_the_clock_goes_back(running: Program) -> None:
    await running.until("2025-06-05 08:00")
    await running.ask("/setup 07:00 utc")
    await running.set_clock("2025-06-05 07:59")
    await running.started()
    assert (await shown(running))[3:] == [THURSDAY]
    await running.until("2025-06-06 08:00")
    assert (
        "The list of Thu 5 June had no post of its own: the time was changed;"
        in running.texts()[-1]
    )


async def test_an_old_button_for_a_list_that_another_post_brings_posts_nothing(
    running: Program,
) -> None:
    await running.until("2025-06-05 08:00")
    await running.ask("/setup 07:00 utc")
    number = next(row["id"] for row in await running.rows() if row["state"] == "replaced")
    for _ in range(2):
        answer = await running.ask(data=f"resend-1-t{number}")
        assert answer.text == (
            "There is nothing of that post to send again: no post of its own: the time was changed."
        )


# ten posts --------------------------------------------------------------------------------------


async def test_ten_posts_are_ten_posts_whatever_days_had_no_list(running: Program) -> None:
    await running.until("2025-06-20 12:00")
    lines = await shown(running)
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "Fri 20 June", "Wed 18 June", "Tue 17 June", "Mon 16 June", "Fri 13 June", "Thu 12 June",
        "Wed 11 June", "Tue 10 June", "Mon 9 June", "Fri 6 June",
    ]  # fmt: skip
    assert all("posted at" in line for line in lines[:-1])
    assert lines[-1] == "No list on Thu 19 June."


async def test_a_list_that_is_not_there_in_time_is_said_until_it_comes(running: Program) -> None:
    listed(running.feed, "2025-06-23", "2025-06-25")
    await running.until("2025-06-24 16:00")
    assert (await shown(running))[-2:] == [
        "No list on Thu 19 June.",
        "Nothing was listed on Tue 24 June by then: the next post brings what came later.",
    ]
    running.feed.add("2025-06-24 20:00", *papers_of("2025-06-24", 241))
    await running.until("2025-06-25 10:00")
    assert (await shown(running))[-1] == "No list on Thu 19 June."
    assert running.numbers()[-1] == [252, 251, 241]
    assert "The list of Tue 24 June did not come: it was published late;" in running.texts()[-1]


async def test_the_last_post_of_settings_is_a_post(running: Program) -> None:
    await running.until("2025-06-08 12:00")
    assert "The last one, Fri 6 June 2025, was posted." in (await running.ask("/settings")).text
    await running.until("2025-06-20 02:00")
    assert "The last one, Wed 18 June 2025, was posted." in (await running.ask("/settings")).text


async def test_before_the_first_post_a_day_without_a_list_is_said(running: Program) -> None:
    await running.until("2025-06-19 08:00")
    await running.ask("/setup 09:00 utc", address="c2")
    await running.until("2025-06-20 08:00")
    assert (await running.ask("/deliveries", address="c2")).text.splitlines() == [
        "No post for #c2 was due yet.", "No list on Thu 19 June.",
    ]  # fmt: skip


async def test_a_list_that_had_its_post_is_named_once(running: Program) -> None:
    await running.until("2025-06-05 10:00")
    await running.ask("/setup 18:00 utc")
    await running.until("2025-06-06 10:00")
    assert [line for line in await shown(running) if "5 June" in line] == [
        "Thu 5 June: posted at 09:10 UTC"
    ]
    assert not any("-06-" in row["reason"] for row in await running.rows())


async def test_of_a_post_that_failed_it_is_said_where_its_papers_are(running: Program) -> None:
    await running.until("2025-06-02 08:00")
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-02 16:30")
    running.adapter.always.clear()
    line = "Mon 2 June: could not be posted: the platform cannot be reached"
    message = await running.ask("/deliveries")
    assert message.text == line and labels(message) == ["Post Mon 2 June again"]
    await running.until("2025-06-03 10:00")
    message = await running.ask("/deliveries")
    assert message.text.splitlines()[1] == f"{line}; a later post has its papers"
    assert not message.actions


async def test_what_came_more_than_a_week_ago_is_neither_offered_nor_promised(
    running: Program,
) -> None:
    await running.until("2025-06-02 08:00")
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-02 16:30")
    running.adapter.always.clear()
    await running.until("2025-06-05 10:00")
    await running.ask("/setup 18:00 utc")
    await running.until("2025-06-13 20:00")
    message = await running.ask("/deliveries")
    assert message.text.splitlines()[-1].startswith("Mon 2 June: could not be posted")
    assert not message.actions and "Nothing was listed" not in message.text
