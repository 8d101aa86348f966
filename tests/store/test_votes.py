"""What papers gained in about a day, as far as samples of their votes say so."""

from datetime import timedelta

import pytest

from bot.store import Store, lists, votes
from tests.fakes import at, on, paper
from tests.stored import save_list

NOW = at("2025-06-12 17:00")
DAY = "2025-06-11"


@pytest.mark.parametrize(
    ("hours", "gained"), [(12, 0), (17, 0), (19, 12), (24, 12), (35, 12), (37, 0), (200, 0)]
)
async def test_a_gain_is_told_by_a_sample_of_about_a_day_ago(
    store: Store, hours: int, gained: int
) -> None:
    ago = NOW - timedelta(hours=hours)
    await save_list(store, DAY, paper(1, DAY, votes=26), now=ago)
    await save_list(store, DAY, paper(1, DAY, votes=38), now=NOW)
    [listed] = await votes.with_gains(store, await lists.between(store, on(DAY), on(DAY)), NOW)
    assert (listed.votes, listed.gained) == (38, gained)


async def test_of_several_samples_the_newest_that_is_old_enough_counts(store: Store) -> None:
    for hours, count in ((30, 10), (20, 20), (4, 30), (0, 31)):
        await save_list(store, DAY, paper(1, DAY, votes=count), now=NOW - timedelta(hours=hours))
    assert await votes.gains(store, [paper(1).id], NOW) == {paper(1).id: 11}


async def test_what_lost_votes_or_has_none_gained_nothing(store: Store) -> None:
    before = paper(1, DAY, votes=9), paper(2, DAY, votes=None)
    await save_list(store, DAY, *before, now=NOW - timedelta(hours=24))
    await save_list(store, DAY, paper(1, DAY, votes=7), paper(2, DAY, votes=None), now=NOW)
    assert await votes.gains(store, [paper(1).id, paper(2).id, "2506.99999"], NOW) == {}


async def test_new_are_the_newest_list_and_what_was_added_to_the_one_before(store: Store) -> None:
    since, today = NOW - timedelta(days=1), "2025-06-12"
    await save_list(store, DAY, paper(1, DAY), now=at("2025-06-11 01:00"))
    await save_list(store, DAY, paper(1, DAY), paper(2, DAY), now=at("2025-06-11 20:00"))
    await save_list(store, today, paper(3, today), now=at("2025-06-12 01:00"))
    new = await lists.joined_since(store, since, on(today))
    assert new == {paper(2).id, paper(3).id}


async def test_a_list_that_was_fetched_late_as_a_whole_is_not_new(store: Store) -> None:
    await save_list(store, DAY, paper(1, DAY), paper(2, DAY), now=NOW)
    assert await lists.joined_since(store, NOW - timedelta(days=1), on("2025-06-12")) == set()
