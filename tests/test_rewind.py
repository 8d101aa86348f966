"""The clock goes back, and ahead and back: posts come all the same, and none comes twice."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import app
from bot.errors import SourceError
from bot.store import lists
from tests.fakes import at, forbidden, lost, on, paper, subscribe, unreachable
from tests.program import Program, listed, program

WEEK = ("2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05", "2025-06-06")
YEARS_AHEAD = "2026-07-08"  # 400 days after 3 June 2025


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Since Monday, 2 June 2025; c1 has its post at nine."""
    async with program("2025-06-02 00:10") as made:
        listed(made.feed, *WEEK)
        await subscribe(made.store, "c1", made.clock.now)
        yield made


async def minutes(made: Program, count: int) -> None:
    """Four ticks a minute, as the bells ring."""
    for _ in range(4 * count):
        made.clock.pass_(seconds=15)
        made.seconds += 15
        await made.tick()


# two hours back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", ["08:50", "09:00", "09:01", "09:40", "10:50"])
async def test_two_hours_back_around_the_post_neither_lose_nor_repeat_it(
    running: Program, jump: str
) -> None:
    await running.until("2025-06-03 08:30")
    await running.until(f"2025-06-03 {jump}", minutes=5)
    back = running.clock.now - timedelta(hours=2)
    await running.set_clock(f"{back:%Y-%m-%d %H:%M}")
    await running.until("2025-06-05 12:00")
    assert running.numbers() == [[22, 21], [32, 31], [42, 41], [52, 51]]
    assert not any("did not" in text or "what was listed then" in text for text in running.texts())


async def test_a_post_that_waits_is_tried_at_once_and_its_time_is_not_over_sooner(
    running: Program,
) -> None:
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-02 12:00")
    await running.set_clock("2025-06-02 10:00")
    running.adapter.always.clear()
    await minutes(running, 1)
    assert running.numbers() == [[22, 21]]


async def test_a_feed_that_failed_is_asked_again_and_no_fault_is_from_the_future(
    running: Program,
) -> None:
    running.feed.fault = SourceError("it is down", retry_after=7200)
    await running.until("2025-06-02 10:00")
    await running.set_clock("2025-06-02 08:00")
    running.feed.fault = None
    await minutes(running, 2)
    status = await running.core.collector.status(on("2025-06-02"))
    assert status.failing_since is None and status.papers == 2
    await running.until("2025-06-02 09:30", minutes=5)
    assert running.numbers() == [[22, 21]]


async def test_a_post_that_was_given_up_by_the_wrong_clock_is_sent_after_all(
    running: Program,
) -> None:
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-02 10:00")
    running.clock.now = at("2025-06-02 15:30")
    await running.tick()
    assert (await running.states()) == [("2025-06-02", "dead")]
    running.adapter.always.clear()
    await running.set_clock("2025-06-02 10:05")
    await minutes(running, 2)
    assert running.numbers() == [[22, 21]]
    await running.until("2025-06-03 12:00")
    assert running.numbers() == [[22, 21], [32, 31]]
    assert "what was listed then" not in running.texts()[-1]


async def test_a_post_that_was_sent_anew_meanwhile_is_not_sent_twice(running: Program) -> None:
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-02 10:00")
    running.clock.now = at("2025-06-02 15:30")
    await running.tick()
    running.adapter.always.clear()
    await running.ask("/postnow")
    await minutes(running, 1)
    assert running.numbers() == [[22, 21]]
    await running.set_clock("2025-06-02 10:05")
    await running.until("2025-06-03 12:00")
    assert running.numbers() == [[22, 21], [32, 31]]


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("reads_back", [True, False])
@pytest.mark.parametrize("back", ["07:00", "08:30", "08:59"])
async def test_a_repeat_is_not_taken_for_recognised_because_the_clock_went_back(
    running: Program, arrived: bool, reads_back: bool, back: str
) -> None:
    """The platform knows a repeated key for a minute of its own clock."""
    running.adapter.reads_back = reads_back
    running.adapter.errors["c1"] = [lost()]
    await running.until("2025-06-02 09:00", minutes=5)
    assert (await running.states()) == [("2025-06-02", "retry")]
    if arrived:
        running.adapter.posts.append(running.adapter.tried[0])
    await running.set_clock(f"2025-06-02 {back}")
    await minutes(running, 40)
    state = "sent" if reads_back else "unknown"
    assert (await running.states()) == [("2025-06-02", state)]
    assert len(running.adapter.tried) == (2 if reads_back and not arrived else 1)


@pytest.mark.parametrize("line", ["/pause", ""])
async def test_what_waits_for_a_place_that_is_not_on_any_more_is_not_revived(
    running: Program, line: str
) -> None:
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-02 10:00")
    running.clock.now = at("2025-06-02 15:30")
    await running.tick()
    if line:
        await running.ask(line)
    else:
        await running.handle.removed("c1", "I was thrown out")
    running.adapter.always.clear()
    await running.set_clock("2025-06-02 10:05")
    await minutes(running, 2)
    assert running.posts() == []
    assert (await running.states()) == [("2025-06-02", "dead")]


# 400 days ahead, and back ----------------------------------------------------------------------


@pytest.mark.parametrize("now", ["08:40", "09:00", "09:10", "15:30"])
async def test_400_days_ahead_for_three_minutes_and_back_neither_lose_nor_repeat_a_post(
    running: Program, now: str
) -> None:
    await running.until("2025-06-03 08:30")
    await running.until(f"2025-06-03 {now}", minutes=5)
    running.clock.now = at(f"{YEARS_AHEAD} {now}")
    await minutes(running, 3)
    await running.set_clock(f"2025-06-03 {now}")
    await running.until("2025-06-06 12:00")
    assert running.numbers() == [[22, 21], [32, 31], [42, 41], [52, 51], [62, 61]]
    assert not any(
        "Not posted" in text or "what was listed then" in text for text in running.texts()
    )


async def test_a_program_that_starts_with_the_right_clock_again_goes_on_as_well(
    running: Program,
) -> None:
    await running.until("2025-06-02 12:00")
    running.clock.now = at(f"{YEARS_AHEAD} 12:00")
    await minutes(running, 3)
    running.clock.now = at("2025-06-02 12:10")
    await running.started()
    await running.until("2025-06-03 12:00")
    assert running.numbers() == [[22, 21], [32, 31]]


async def test_nothing_spins_while_the_clock_is_ahead_nor_after(running: Program) -> None:
    await running.until("2025-06-03 08:30")
    for jump in (f"{YEARS_AHEAD} 08:30", "2025-06-03 08:40"):
        await running.set_clock(jump)
        await running.tick()
        running.feed.asked.clear()
        before = len(await running.rows())
        await minutes(running, 5)
        assert len(running.feed.asked) < 40, "the feed is not asked over and over"
        assert len(await running.rows()) <= before + 1, "no run is settled over and over"


async def test_what_is_pruned_by_the_wrong_clock_does_not_come_again(running: Program) -> None:
    """The hourly upkeep rings while the clock is ahead: all posts look old."""
    await running.until("2025-06-05 12:00")
    before = running.numbers()
    running.clock.now = at(f"{YEARS_AHEAD} 12:00")
    await app.prune(running.core)
    await running.set_clock("2025-06-05 12:10")
    await running.until("2025-06-06 12:00")
    assert running.numbers() == [*before, [62, 61]]
    assert "what was listed then" not in running.texts()[-1]


async def test_faults_and_lists_of_the_future_are_asked_for_anew(running: Program) -> None:
    await running.until("2025-06-02 08:00")
    running.clock.now = at(f"{YEARS_AHEAD} 08:00")
    running.feed.fault = SourceError("it answered 500")
    await minutes(running, 3)
    running.feed.fault = None
    await running.set_clock("2025-06-02 08:10")
    collector = running.core.collector
    assert await lists.fault(running.store, running.feed.name) is None
    await minutes(running, 3)
    assert (await collector.status(on("2025-06-02"))).papers == 2
    running.feed.add("2025-06-02 08:15", paper(7, "2025-06-02"))
    await running.until("2025-06-02 09:10", minutes=5)
    assert running.numbers() == [[22, 21, 7]], "the growing list is fetched on"


async def test_a_lost_place_is_looked_at_again_though_its_look_was_put_off_by_a_wrong_clock(
    running: Program,
) -> None:
    running.adapter.always["c1"] = forbidden()
    running.adapter.obstacles["c1"] = "I may not write there."
    await running.until("2025-06-02 12:00", minutes=5)
    assert [state for _, state in await running.states()] == ["dead"]
    running.clock.now = at(f"{YEARS_AHEAD} 12:00")
    await minutes(running, 3)
    await running.set_clock("2025-06-02 12:10")
    running.adapter.always.clear()
    running.adapter.obstacles.clear()
    await running.until("2025-06-03 13:00", minutes=10)
    assert running.numbers() == [[32, 31, 22, 21]]


# what a person chose ----------------------------------------------------------------------------


@pytest.mark.parametrize("noticed", ["running", "at the start"])
async def test_a_pause_is_still_called_one_after_the_clock_went_back(
    running: Program, noticed: str
) -> None:
    await running.until("2025-06-02 12:00")
    await running.ask("/pause")
    await running.until("2025-06-05 07:30")
    await running.ask("/resume")
    if noticed == "running":
        await running.set_clock("2025-06-05 05:30")
    else:
        running.clock.now = at("2025-06-05 05:30")
        await running.started()
    await running.until("2025-06-05 12:00")
    assert running.numbers() == [[22, 21], [52, 51]]
    text = running.texts()[-1]
    assert "Not posted: the lists of Tue 3 June, Wed 4 June (the posts were paused)." in text
    assert "not running" not in text


async def test_a_list_that_a_pause_left_out_today_comes_when_its_time_comes_again(
    running: Program,
) -> None:
    await running.until("2025-06-03 08:00")
    await running.ask("/pause")
    await running.until("2025-06-03 09:30")
    await running.ask("/resume")
    await running.set_clock("2025-06-03 07:30")
    await running.until("2025-06-04 12:00")
    assert running.numbers() == [[22, 21], [32, 31], [42, 41]]
    assert "paused" not in running.texts()[-1]
