"""What did not come: named with why by the next post, and posted at a tap; each list once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import app
from bot.dialogue import Message
from bot.errors import PostError
from bot.repost import Resent, resend_failed
from bot.schedule import DAY
from tests.commands.conftest import labels
from tests.fakes import at, lost, on, paper, papers_of, subscribe, unreachable
from tests.program import Program, listed, program

WEEK = ("2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05", "2025-06-06")
NEXT_WEEK = ("2025-06-09", "2025-06-10", "2025-06-11", "2025-06-12", "2025-06-13")
NOW = "Post today's list now"


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Monday, 2 June 2025; c1 has its post at nine, by ada's order."""
    async with program("2025-06-02 00:10") as made:
        listed(made.feed, *WEEK, *NEXT_WEEK)
        await made.ask("/setup 09:00 utc", person="ada")
        yield made


async def down(made: Program, since: str, until: str) -> None:
    """The platform cannot be reached meanwhile."""
    await made.until(since)
    made.adapter.always["c1"] = unreachable()
    await made.until(until)
    made.adapter.always.clear()


async def pressed(made: Program, message: Message, label: str) -> str:
    text = (await made.press(message, label, person="ada")).text
    await made.tick()
    return text


# what the next post says ------------------------------------------------------------------------


async def test_a_post_that_died_gives_its_papers_to_the_next_which_says_why(
    running: Program,
) -> None:
    await down(running, "2025-06-02 08:00", "2025-06-02 16:30")
    assert await running.states() == [("2025-06-02", "dead")]
    await running.until("2025-06-03 10:00")
    assert running.numbers() == [[32, 31, 22, 21]]
    assert (
        "The list of Mon 2 June did not come: the platform cannot be reached; "
        "what was listed then is below." in running.texts()[0]
    )
    assert labels(running.posts()[0].message) == ["Mon 2 June"]
    shown = await running.press(running.posts()[0].message, "Mon 2 June")
    assert shown.title == "Daily Papers · Mon 2 June 2025"
    await running.until("2025-06-04 10:00")
    assert running.numbers()[1:] == [[42, 41]] and "what was listed then" not in running.texts()[1]


async def test_who_set_it_up_hears_of_a_post_that_died_and_posts_it_at_a_tap(
    running: Program,
) -> None:
    await down(running, "2025-06-02 08:00", "2025-06-02 16:30")
    [told] = [post.message for post in running.posts("ada")]
    assert "The post of Mon 2 June for #c1 could not be sent" in told.text
    said = await pressed(running, told, "Post it now")
    assert said.startswith("The post of Mon 2 June goes out again now.")
    assert running.numbers() == [[22, 21]]
    again = await pressed(running, told, "Post it now")
    assert again == (
        "There is nothing of that post to send again: its papers came since, or are on their way."
    )
    await running.until("2025-06-03 10:00")
    assert running.numbers() == [[22, 21], [32, 31]]
    assert "what was listed then" not in running.texts()[1]


async def test_days_beyond_our_reach_are_named_each_with_a_button(running: Program) -> None:
    await running.until("2025-06-02 10:00")
    running.clock.now = at("2025-06-13 08:50")
    await running.until("2025-06-13 10:00")
    assert running.numbers()[1][:2] == [132, 131]
    text, message = running.texts()[1], running.posts()[1].message
    assert "The lists of Fri 6 June to Thu 12 June did not come: the bot was not running;" in text
    assert "Not posted: the lists of Tue 3 June to Thu 5 June (the bot was not running)." in text
    for day in ("Thu 12 June", "Fri 6 June", "Tue 3 June"):
        assert day in labels(message)
        shown = await running.press(message, day)
        assert shown.title.startswith(f"Daily Papers · {day}")
    await running.until("2025-06-14 10:00")
    assert len(running.posts()) == 2


async def test_of_months_of_nothing_the_last_two_are_named_and_no_day_that_had_its_post(
    running: Program,
) -> None:
    """By then the rows of what came are pruned, but for the newest."""
    await running.until("2025-06-06 10:00")
    listed(running.feed, "2025-12-01")
    await once(running, "2025-12-01 08:50")
    await running.until("2025-12-01 10:00")
    text = running.texts()[-1]
    assert (
        "Not posted: the lists of Thu 2 October to Mon 3 November (the bot was not running)."
        in text
    )
    assert "June" not in text


async def test_of_a_gap_within_two_months_every_day_is_named_and_no_other(running: Program) -> None:
    await running.until("2025-06-06 10:00")
    listed(running.feed, "2025-07-31")
    await once(running, "2025-07-31 08:50")
    await running.until("2025-07-31 10:00")
    text = running.texts()[-1]
    assert "Not posted: the lists of Mon 9 June to Thu 3 July (the bot was not running)." in text
    assert "what was listed then" not in text, "no list of these days is known"


async def test_a_long_pause_is_called_one(running: Program) -> None:
    await running.until("2025-06-06 10:00")
    await running.ask("/pause")
    listed(running.feed, "2025-10-31")
    await once(running, "2025-10-31 08:30")
    await running.ask("/resume")
    await running.until("2025-10-31 10:00")
    text = running.texts()[-1]
    assert "(the posts were paused)" in text and "not running" not in text


async def test_a_person_whose_topics_match_nothing_for_months_is_told_of_no_gap(
    running: Program,
) -> None:
    await subscribe(
        running.store, "bob", running.clock.now, kind="topics", owner="bob", topics=["zebra"]
    )
    days = [on("2025-06-16") + n * DAY for n in range(117)]
    weekdays = [day for day in days if day.weekday() < 5]
    for n, day in enumerate(weekdays):
        running.feed.add(f"{day} 00:05", *papers_of(day, 1000 + n))
    running.feed.add(f"{weekdays[-1]} 00:05", paper(77, weekdays[-1], title="A zebra 77"))
    for day in days[:-1]:
        await once(running, f"{day} 09:05")
    assert running.posts("bob") == []
    await once(running, f"{days[-1]} 09:05")
    assert running.numbers("bob") == [[77]]
    [text] = running.texts("bob")
    assert "Not posted" not in text and "what was listed then" not in text


async def once(made: Program, text: str) -> None:
    """The only tick of that day, and the upkeep."""
    made.clock.now = at(text)
    await made.tick()
    await app.prune(made.core)


# pauses and changes -----------------------------------------------------------------------------


async def test_a_pause_is_named_with_a_button_for_each_list_and_its_papers_do_not_come(
    running: Program,
) -> None:
    await running.until("2025-06-02 10:00")
    assert "the post after that says which lists did not come" in (await running.ask("/pause")).text
    await running.until("2025-06-04 10:00")
    await running.ask("/resume")
    await running.until("2025-06-05 10:00")
    assert running.numbers() == [[22, 21], [52, 51]]
    assert (
        "Not posted: the lists of Tue 3 June, Wed 4 June (the posts were paused)."
        in running.texts()[1]
    )
    assert labels(running.posts()[1].message) == ["Wed 4 June", "Tue 3 June"]
    await running.until("2025-06-06 10:00")
    assert "Not posted" not in running.texts()[2], "said once"


async def test_a_pause_while_a_post_waits_loses_it_not(running: Program) -> None:
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-02 10:00")
    await running.ask("/pause")
    running.adapter.always.clear()
    await running.until("2025-06-02 11:00")
    assert running.posts() == []
    resumed = await running.ask("/resume")
    assert NOW in labels(resumed)
    await running.until("2025-06-03 10:00")
    assert running.numbers() == [[32, 31, 22, 21]]


async def test_after_a_resume_todays_list_comes_at_a_tap_and_not_again(running: Program) -> None:
    await running.ask("/pause")
    await running.until("2025-06-02 12:00")
    resumed = await running.ask("/resume")
    assert await pressed(running, resumed, NOW) == "2 papers of Mon 2 June: on the way to #c1."
    assert running.numbers() == [[22, 21]]
    for message in (resumed, await running.ask("/settings")):
        if NOW in labels(message):
            said = await pressed(running, message, NOW)
            assert said == "All that is listed was posted for #c1, or is on its way."
    await running.until("2025-06-03 10:00")
    assert running.numbers() == [[22, 21], [32, 31]]
    assert "Not posted" not in running.texts()[1]


async def test_a_zone_changed_right_after_the_post_leaves_out_nothing(running: Program) -> None:
    """Monday's list was posted in Tokyo on Tuesday morning; in Berlin Tuesday's comes the same day,
    and one that has no run of its own is brought by the next."""
    await running.ask("/setup 09:00 tokyo", person="ada")
    await running.until("2025-06-03 01:00")
    assert running.numbers() == [[22, 21]]
    await running.ask("/setup 09:00 europe/berlin", person="ada")
    await running.until("2025-06-04 12:00")
    assert running.numbers() == [[22, 21], [32, 31], [42, 41]]
    said = await running.ask("/setup 09:00 tokyo", person="ada")
    await running.until("2025-06-06 12:00")
    numbers = [number for post in running.numbers() for number in post]
    assert sorted(numbers) == [21, 22, 31, 32, 41, 42, 51, 52], said.text


async def test_what_a_change_leaves_out_is_said_at_once_and_comes_with_the_next(
    running: Program,
) -> None:
    await running.until("2025-06-02 10:00")
    await running.until("2025-06-03 08:00")
    said = await running.ask("/setup 07:00 utc", person="ada")
    assert "The list of Tue 3 June has no post of its own: the next one brings it." in said.text
    assert "Post the list of Mon 2 June now" not in labels(said)
    await running.until("2025-06-04 08:00")
    assert running.numbers() == [[22, 21], [42, 41, 32, 31]]
    assert (
        "The list of Tue 3 June had no post of its own: the time was changed;" in running.texts()[1]
    )


async def test_what_a_change_leaves_out_can_be_posted_at_once(running: Program) -> None:
    await running.until("2025-06-03 08:00")
    said = await running.ask("/setup 07:00 utc", person="ada")
    assert NOW in labels(said)
    await pressed(running, said, NOW)
    await running.until("2025-06-04 08:00")
    assert running.numbers()[1:] == [[32, 31], [42, 41]]
    assert "what was listed then" not in running.texts()[2]


async def test_a_place_set_up_anew_after_its_order_was_erased_gets_no_paper_twice(
    running: Program,
) -> None:
    await running.ask("/setup 09:00 utc", address="bob", person="bob")
    await running.until("2025-06-03 10:00")
    async with running.store.transaction() as tx:
        await tx.run("DELETE FROM subscriptions")
    await running.ask("/setup 10:30 utc", person="ada")
    await running.until("2025-06-04 12:00")
    assert running.numbers() == [[22, 21], [32, 31], [42, 41]]


# doubtful posts ---------------------------------------------------------------------------------


async def test_a_doubtful_post_counts_as_posted_and_can_be_sent_again_as_it_was(
    running: Program,
) -> None:
    running.adapter.resend_within = timedelta(0)
    running.adapter.errors["c1"] = [lost()]
    await running.until("2025-06-03 10:00")
    assert running.numbers() == [[32, 31]], "it may have arrived"
    shown = await running.ask("/deliveries")
    assert "Mon 2 June: may not have arrived: the answer did not come in time" in shown.text
    await pressed(running, shown, "Post Mon 2 June again")
    assert running.numbers() == [[32, 31], [22, 21]]
    keys = [post.key for post in running.tried_at()]
    assert keys == ["dp1", "dp2", "dp1"]


async def test_a_post_sent_again_by_hand_that_fails_for_good_is_still_in_doubt(
    running: Program,
) -> None:
    running.adapter.resend_within = timedelta(0)
    running.adapter.errors["c1"] = [lost()]
    await running.until("2025-06-02 10:00")
    running.adapter.always["c1"] = PostError("embed too large", refused=True)
    shown = await running.ask("/deliveries")
    await pressed(running, shown, "Post Mon 2 June again")
    running.adapter.always.clear()
    await running.until("2025-06-03 10:00")
    assert running.numbers() == [[32, 31]], "the first may have arrived"
    assert (await running.states())[0] == ("2025-06-02", "unknown")


# after an outage, for all places ----------------------------------------------------------------


@pytest.fixture
async def outage(running: Program) -> Program:
    """Of five places one had its post, one may have had it, one was paused; two did not."""
    for address in ("c2", "c3", "c4", "c5"):
        await running.ask("/setup 09:00 utc", address=address, person="ada")
    running.adapter.resend_within = timedelta(0)
    running.adapter.errors["c3"] = [lost()]
    for address in ("c1", "c2", "c4"):
        running.adapter.always[address] = unreachable()
    await running.until("2025-06-02 16:30")
    await running.ask("/pause", address="c4")
    running.adapter.always.clear()
    running.adapter.posts.clear()
    return running


async def resent(made: Program, **how: bool) -> list[tuple[str, int]]:
    since, until = at("2025-06-02 08:00"), at("2025-06-02 17:00")
    found: list[Resent] = [
        one
        async for one in resend_failed(
            made.store, made.core.collector, since, until, made.clock.now, **how
        )
    ]
    await made.tick()
    return [(one.record.delivery.destination.address, one.papers) for one in found]


async def test_what_would_be_sent_again_is_told_and_nothing_is_changed(outage: Program) -> None:
    before = [tuple(row) for row in await outage.store.rows("SELECT * FROM deliveries")]
    told = [("c1", 2), ("c2", 2), ("c3", 2), ("c4", 0)]
    assert sorted(await resent(outage, dry_run=True)) == told
    assert [tuple(row) for row in await outage.store.rows("SELECT * FROM deliveries")] == before
    assert outage.adapter.posts == []


async def test_what_failed_goes_out_again_everywhere_once(outage: Program) -> None:
    assert sorted(await resent(outage)) == [("c1", 2), ("c2", 2), ("c3", 2), ("c4", 0)]
    assert sorted(post.address for post in outage.adapter.posts) == ["c1", "c2", "c3"]
    assert [papers for _, papers in await resent(outage)] == [0] * 3, "and not once more"
    assert len(outage.adapter.posts) == 3
    await outage.until("2025-06-03 10:00")
    for address in ("c1", "c2", "c3"):
        assert outage.numbers(address) == [[22, 21], [32, 31]]


async def test_only_what_surely_did_not_arrive_goes_out_again_when_asked_so(
    outage: Program,
) -> None:
    assert sorted(await resent(outage, sure=True)) == [("c1", 2), ("c2", 2), ("c4", 0)]
    assert sorted(post.address for post in outage.adapter.posts) == ["c1", "c2"]


async def test_what_came_since_with_another_post_is_left_alone(outage: Program) -> None:
    await outage.until("2025-06-03 10:00")
    outage.adapter.posts.clear()
    assert [papers for _, papers in await resent(outage, sure=True)] == [0] * 3
    assert outage.adapter.posts == []


async def test_what_came_since_is_left_alone_also_weeks_later(outage: Program) -> None:
    await outage.until("2025-06-20 10:00")
    outage.adapter.posts.clear()
    assert [papers for _, papers in await resent(outage, sure=True)] == [0] * 3
    assert outage.adapter.posts == []


@pytest.mark.parametrize("left", ["/pause", "off"])
async def test_where_nothing_is_wanted_now_nothing_is_sent_again(
    outage: Program, left: str
) -> None:
    if left == "/pause":
        await outage.ask(left, address="c3")
    else:
        async with outage.store.transaction() as tx:
            await tx.run("UPDATE subscriptions SET state = 'off' WHERE address = 'c3'")
    assert ("c3", 0) in await resent(outage)
    assert "c3" not in {post.address for post in outage.adapter.posts}
