"""Posts that died, and that no later post brought: they can be sent again, however old they are."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.dialogue import Message
from bot.errors import SourceError
from bot.repost import Nothing, Resent, resend_failed
from tests.commands.conftest import labels
from tests.fakes import at, on, unreachable
from tests.program import Program, listed, program

WEEKS = ("2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05", "2025-06-06", "2025-06-09",
         "2025-06-10", "2025-06-11", "2025-06-12", "2025-06-13", "2025-06-16", "2025-06-17",
         "2025-06-18", "2025-06-19", "2025-06-20")  # fmt: skip
NAMED = "Not posted: the lists of Mon 2 June to Thu 5 June (the platform cannot be reached)."


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Monday, 2 June 2025; c1 has its post at nine, by ada's order."""
    async with program("2025-06-02 00:10") as made:
        listed(made.feed, *WEEKS)
        await made.ask("/setup 09:00 utc", person="ada")
        yield made


@pytest.fixture
async def outage(running: Program) -> Program:
    """No post arrived for nine weekdays; that of the tenth brought the last five and named four."""
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-12 16:30")
    running.adapter.always.clear()
    await running.until("2025-06-13 10:00")
    assert NAMED in running.texts()[-1] and len(running.posts()) == 1
    running.adapter.posts.clear()
    return running


async def pressed(made: Program, message: Message, label: str) -> str:
    text = (await made.press(message, label, person="ada")).text
    await made.tick()
    return text


async def resent(made: Program, since: str, **how: bool) -> list[tuple[str, int, Nothing | None]]:
    now = made.clock.now
    found: list[Resent] = [
        one
        async for one in resend_failed(made.store, made.core.collector, at(since), now, now, **how)
    ]
    await made.tick()
    return [(str(one.record.delivery.list_day), one.papers, one.nothing) for one in found]


@pytest.mark.parametrize("weeks", [0, 1])
async def test_a_list_that_was_only_named_is_sent_again_at_a_tap_once(
    outage: Program, weeks: int
) -> None:
    if weeks:
        await outage.until("2025-06-17 10:00", minutes=60)
        outage.adapter.posts.clear()
    shown = await outage.ask("/deliveries")
    mine = [label for label in labels(shown) if label.startswith("Post ")]
    assert mine[0] == "Post Thu 5 June again" and "Post Fri 6 June again" not in mine
    said = await pressed(outage, shown, "Post Thu 5 June again")
    assert said.startswith("The post of Thu 5 June goes out again now.")
    assert outage.numbers() == [[52, 51]]
    assert await pressed(outage, shown, "Post Thu 5 June again") == (
        "There is nothing of that post to send again: its papers came since, or are on their way."
    )
    assert "Post Thu 5 June again" not in labels(await outage.ask("/deliveries"))
    await outage.until("2025-06-18 10:00", minutes=60)
    assert [52, 51] not in outage.numbers()[1:]


async def test_after_an_outage_what_was_only_named_goes_out_again_once(outage: Program) -> None:
    came = [(f"2025-06-{day:02}", 0, Nothing.CAME) for day in (6, 9, 10, 11, 12)]
    named = [(f"2025-06-{day:02}", 2, None) for day in (2, 3, 4, 5)]
    assert await resent(outage, "2025-06-02 08:00", dry_run=True) == named + came
    assert outage.posts() == []
    assert await resent(outage, "2025-06-02 08:00") == named + came
    assert outage.numbers() == [[22, 21], [32, 31], [42, 41], [52, 51]]
    again = await resent(outage, "2025-06-02 08:00")
    assert {nothing for _, _, nothing in again} == {Nothing.CAME}
    assert len(outage.posts()) == 4


async def test_a_notice_says_that_papers_come_only_where_they_do(running: Program) -> None:
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-12 16:30")
    running.adapter.always.clear()
    assert running.texts("ada")[-1].endswith("Its papers come with the next post.")
    await running.until("2025-06-13 10:00")
    running.adapter.always["c1"] = unreachable()
    shown = await running.ask("/deliveries")
    await pressed(running, shown, "Post Thu 5 June again")
    running.clock.pass_(hours=7)
    await running.tick()
    running.adapter.always.clear()
    await running.tick()
    told = running.posts("ada")[-1].message
    assert "The post of Thu 5 June for #c1 could not be sent" in told.text
    assert told.text.endswith("Its papers do not come by themselves.")
    assert (await pressed(running, told, "Post it now")).startswith("The post of Thu 5 June goes")
    assert running.numbers()[-1] == [52, 51]


async def off(made: Program) -> None:
    """The program was not running for ten days, after which one list could not be read."""
    await made.until("2025-06-02 10:00")
    made.adapter.posts.clear()
    made.feed.broken[on("2025-06-05")] = SourceError("it answered 500")
    made.clock.now = at("2025-06-13 08:50")
    await made.until("2025-06-13 10:00")


async def test_each_list_of_a_long_time_without_the_program_is_shown_and_sent_again(
    running: Program,
) -> None:
    await off(running)
    assert (
        "Not posted: the lists of Tue 3 June to Thu 5 June (the bot was not running)."
        in running.texts()[-1]
    )
    missed = [day for day, state in await running.states() if state == "missed"]
    assert missed == list(WEEKS[1:9])
    shown = (await running.ask("/deliveries")).text
    for day in ("Tue 3 June", "Wed 4 June", "Thu 5 June", "Thu 12 June"):
        assert f"{day}: did not come: the bot was not running" in shown
    running.adapter.posts.clear()
    again = await resent(running, "2025-06-13 00:00")
    assert again[:3] == [
        ("2025-06-03", 2, None), ("2025-06-04", 2, None), ("2025-06-05", 0, Nothing.UNREAD),
    ]  # fmt: skip
    assert {nothing for _, _, nothing in again[3:]} == {Nothing.CAME}
    running.feed.broken.clear()
    assert ("2025-06-05", 2, None) in await resent(running, "2025-06-13 00:00")
    assert running.numbers() == [[32, 31], [42, 41], [52, 51]]


async def test_of_a_list_that_cannot_be_read_the_answer_says_so(running: Program) -> None:
    await off(running)
    shown = await running.ask("/deliveries")
    said = await pressed(running, shown, "Post Thu 5 June again")
    assert "no papers of its list are known; " in said and "2025-06-05" in said
    running.feed.broken.clear()
    assert "goes out again now" in await pressed(running, shown, "Post Thu 5 June again")


async def test_where_posts_are_off_a_post_is_left_alone_for_that(outage: Program) -> None:
    await outage.ask("/pause", person="ada")
    again = await resent(outage, "2025-06-02 08:00")
    assert {nothing for _, _, nothing in again} == {Nothing.OFF}
    assert outage.clock.now - at("2025-06-02 08:00") > timedelta(days=9)
