"""Several subscriptions at one place: planned, posted, named and counted apart."""

import pytest

from bot import lifecycle
from bot.commands.scheduling import of
from bot.errors import PostError, UserError
from bot.model import Destination
from bot.states import Layout, SubscriptionState, What
from bot.store import subscriptions
from tests.fakes import lost, on, paper, unreachable
from tests.program import Program, program
from tests.test_plan import Growing

C1 = Destination("discord", "c1")
ROBOTS = "Robots here"


async def make(running: Program, name: str, query: str, time: str = "09:00") -> int:
    """A subscription to papers by query, beside the place's first."""
    wanted = of(time, "UTC", 10, running.clock())
    async with running.store.transaction() as tx:
        one = await lifecycle.set_up(
            tx, C1, wanted, "u1", running.clock(), name=name, what=What.QUERY, query=query
        )
    return one.id


async def delete(running: Program, number: int) -> None:
    async with running.store.transaction() as tx:
        await subscriptions.delete(tx, number, running.clock())


def lists(feed: Growing, *days: str) -> None:
    """Of each day's list two papers, the second of them on robots: of 3 June 31 and 32."""
    for day in days:
        number = int(day[-2:]) * 10
        title = f"Robots, subject {number + 2}"
        feed.add(f"{day} 00:05", paper(number + 1, day), paper(number + 2, day, title=title))


def posted(running: Program) -> list[tuple[str, list[int]]]:
    """The headings of the place's posts, each with the numbers of its papers."""
    headings = [post.message.title for post in running.posts()]
    return sorted(zip(headings, running.numbers(), strict=True))


async def test_two_subscriptions_of_a_place_have_posts_names_and_counts_of_their_own() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03", "2025-06-04")
        await running.ask("/setup 09:00 utc 5")
        await make(running, ROBOTS, "robots", "10:00")
        await running.until("2025-06-04 12:00")
        assert posted(running) == [
            ("Daily Papers · Tue 3 June 2025", [32, 31]),
            ("Daily Papers · Wed 4 June 2025", [42, 41]),
            ("Robots here · Tue 3 June 2025", [32]),
            ("Robots here · Wed 4 June 2025", [42]),
        ]
        shown = await running.ask("/deliveries")
        assert shown.text.splitlines() == [
            "Wed 4 June (Robots here): posted at 10:00 UTC",
            "Wed 4 June: posted at 09:00 UTC",
            "Tue 3 June (Robots here): posted at 10:00 UTC",
            "Tue 3 June: posted at 09:00 UTC",
        ]
        captions = {post.message.caption.split(" so far")[0] for post in running.posts()}
        assert captions == {"2 papers", "1 matching paper"}


async def test_one_that_fails_is_made_good_by_its_own_next_post() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03", "2025-06-04")
        await running.ask("/setup 09:00 utc 5")
        await make(running, ROBOTS, "robots", "10:00")
        await running.until("2025-06-03 09:30")
        running.adapter.always["c1"] = unreachable()
        await running.until("2025-06-03 20:00")
        shown = await running.ask("/deliveries")
        assert shown.text.startswith("Tue 3 June (Robots here): could not be posted")
        assert [row[0].label for row in shown.actions] == ["Post Tue 3 June (Robots here) again"]
        running.adapter.always.clear()
        await running.until("2025-06-04 12:00")
        assert [numbers for _, numbers in posted(running)] == [[32, 31], [42, 41], [42, 32]]


async def test_two_that_bring_the_same_both_come() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03", "2025-06-04")
        await make(running, ROBOTS, "robots")
        await make(running, "Robots once more", "robots", "10:00")
        await running.until("2025-06-04 12:00")
        assert [numbers for _, numbers in posted(running)] == [[32], [42], [32], [42]]


async def test_what_does_not_match_is_not_said_to_be_missing() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, *(f"2025-06-{day:02}" for day in (3, 4, 5, 6, 9, 10, 11, 12, 13, 16)))
        await make(running, "", "robots")
        await make(running, ROBOTS, "robots")
        await running.until("2025-06-16 12:00", minutes=60)
        assert len(running.posts()) == 20
        assert not any(post.message.text for post in running.posts())
        assert not any(post.message.actions for post in running.posts())


async def test_a_change_of_one_is_no_change_of_the_other() -> None:
    async with program("2025-06-02 12:00") as running:
        await running.ask("/setup 09:00 utc 5")
        number = await make(running, ROBOTS, "robots", "10:00")
        await running.ask("/setup 11:00 compact")
        await running.ask("/pause")
        other = await running.order(number)
        assert (other.time, other.state, other.layout) == ("10:00", "on", Layout.RICH)
        await make(running, ROBOTS, "robots", "12:00")
        first = await subscriptions.get(running.store, C1)
        assert first
        assert (first.what, first.time, first.papers) == (What.DAY, "11:00", 5)
        assert first.state is SubscriptionState.PAUSED and first.layout is Layout.COMPACT


async def test_setup_changes_when_the_first_comes_and_not_what_it_brings() -> None:
    async with program("2025-06-02 12:00") as running:
        await make(running, "", "robots")
        await running.ask("/setup 11:00")
        first = await subscriptions.get(running.store, C1)
        assert first and (first.time, first.what, first.query) == ("11:00", What.QUERY, "robots")


@pytest.mark.parametrize("name", [ROBOTS, "Another name"])
async def test_one_that_is_deleted_and_made_again_repeats_nothing(name: str) -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03", "2025-06-04")
        number = await make(running, ROBOTS, "robots")
        await running.until("2025-06-03 09:30")
        await delete(running, number)
        again = await make(running, name, "robots", "09:40")
        assert again != number, "old buttons mean no new one"
        await running.until("2025-06-03 12:00")
        assert [numbers for _, numbers in posted(running)] == [[32]]
        await running.until("2025-06-04 12:00")
        assert running.numbers() == [[32], [42]]


async def test_the_first_that_is_deleted_and_made_again_repeats_nothing() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03", "2025-06-04")
        await running.ask("/setup 09:00 utc 5")
        await running.until("2025-06-03 09:30")
        first = await subscriptions.get(running.store, C1)
        assert first
        await delete(running, first.id)
        again = await running.ask("/setup 09:40 utc 5")
        assert "Post today's list now" not in [a.label for row in again.actions for a in row]
        await running.until("2025-06-04 12:00")
        assert running.numbers() == [[32, 31], [42, 41]]


async def test_what_may_have_arrived_is_not_repeated_by_one_made_again() -> None:
    async with program("2025-06-02 12:00") as running:
        running.adapter.resend_within *= 0
        lists(running.feed, "2025-06-03", "2025-06-04")
        number = await make(running, ROBOTS, "robots")
        running.adapter.errors["c1"] = [lost()]
        await running.until("2025-06-03 09:30")
        assert [state for _, state in await running.states()] == ["unknown"]
        await delete(running, number)
        await make(running, ROBOTS, "robots", "09:40")
        await running.until("2025-06-04 12:00")
        assert running.numbers() == [[42]]


async def test_what_is_not_sent_of_a_deleted_one_does_not_come() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03")
        number = await make(running, ROBOTS, "robots")
        running.adapter.always["c1"] = unreachable()
        await running.until("2025-06-03 09:30")
        await delete(running, number)
        running.adapter.always.clear()
        await running.until("2025-06-03 20:00")
        assert [state for _, state in await running.states()] == ["cancelled"]
        assert not running.posts()


async def test_a_post_under_way_while_its_subscription_is_deleted_has_no_second_try() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03")
        number = await make(running, ROBOTS, "robots")
        running.adapter.always["c1"] = PostError("the platform cannot be reached")
        running.adapter.before = lambda _: delete(running, number)
        await running.until("2025-06-03 20:00")
        assert len(running.tried_at()) == 1
        assert [state for _, state in await running.states()] == ["dead"]


async def test_those_with_one_past_and_another_query_are_not_mixed_up() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03")
        number = await make(running, ROBOTS, "robots")
        await running.until("2025-06-03 09:30")
        await delete(running, number)
        await make(running, "Studies", "study OR robots", "10:00")
        await running.ask("/setup 10:00 utc 5")
        async with running.store.transaction() as tx:
            for one in await subscriptions.at_place(tx, C1):
                await subscriptions.reach_back(tx, one.id, on("2025-06-03"))
        await running.until("2025-06-03 12:00")
        assert [numbers for _, numbers in posted(running)] == [[32, 31], [32], [32, 31]]


async def test_a_list_with_a_filter_says_how_many_match() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03")
        wanted = of("09:00", "UTC", 10, running.clock())
        async with running.store.transaction() as tx:
            await lifecycle.set_up(tx, C1, wanted, "u1", running.clock(), query="robots")
        await running.until("2025-06-03 12:00")
        assert posted(running) == [("Daily Papers · Tue 3 June 2025", [32])]
        assert running.posts()[0].message.caption.startswith("1 matching paper")


@pytest.mark.parametrize("what", [What.WEEK, What.MONTH])
async def test_a_list_of_a_week_or_a_month_is_refused_in_one_sentence(what: What) -> None:
    async with program("2025-06-02 12:00") as running:
        wanted = of("09:00", "UTC", 10, running.clock())
        with pytest.raises(UserError, match="not posted yet"):
            async with running.store.transaction() as tx:
                await lifecycle.set_up(tx, C1, wanted, None, running.clock(), what=what)


async def test_a_chat_that_moves_takes_all_of_them_along() -> None:
    async with program("2025-06-02 12:00") as running:
        lists(running.feed, "2025-06-03", "2025-06-04")
        await running.ask("/setup 09:00 utc 5")
        await make(running, ROBOTS, "robots", "10:00")
        await running.until("2025-06-03 12:00")
        running.adapter.errors["c1"] = [PostError("it moved", moved_to="c2")]
        await running.until("2025-06-04 12:00")
        assert sorted(running.numbers("c2")) == [[42], [42, 41]]
