"""The feed's reply is held against the question, and a later right one corrects a wrong one."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.collect import Collector
from bot.errors import NotOpenYet, SourceError
from bot.model import Paper
from bot.period import Period
from bot.schedule import DAY
from bot.store import Store, lists
from tests.commands.conftest import labels, titles
from tests.fakes import FakeSource, at, on, papers_of, subscribe, unreachable
from tests.program import Program, program

NOON = at("2025-06-04 12:00")  # a Wednesday
MONDAY, TUESDAY, TODAY = on("2025-06-02"), on("2025-06-03"), on("2025-06-04")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def source() -> FakeSource:
    made = FakeSource(every=timedelta(minutes=10))
    made.lists[MONDAY] = papers_of(MONDAY, 21, 22, 23, 24)
    made.lists[TUESDAY] = papers_of(TUESDAY, 31, 32, 33, 34)
    return made


@pytest.fixture
def collector(store: Store, source: FakeSource) -> Collector:
    return Collector(store, [source])


async def numbers(store: Store, day: date) -> list[int]:
    return sorted(int(one.id[-5:]) for _, one in await lists.listed(store, day, day))


async def fetch(collector: Collector, *days: date, after: timedelta = timedelta(0)) -> None:
    for day in days:
        await collector.fetch(day, NOON + after)


# another day's list -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extra", [(), (41,), (41, 42, 43)], ids=["all of it", "most of it", "with some new"]
)
async def test_of_yesterdays_list_again_what_is_new_alone_is_todays(
    store: Store, collector: Collector, source: FakeSource, extra: tuple[int, ...]
) -> None:
    await fetch(collector, TUESDAY)
    source.lists[TODAY] = (*source.lists[TUESDAY], *papers_of(TODAY, *extra))
    await fetch(collector, TODAY)
    status = await collector.status(TODAY)
    assert (status.papers, status.whole, status.failing_since) == (len(extra), False, None)
    assert status.behind == "the feed still answered the list of Tue 3 June"
    assert await numbers(store, TUESDAY) == [31, 32, 33, 34]
    assert await numbers(store, TODAY) == list(extra)
    source.lists[TODAY] = papers_of(TODAY, 41, 42, 43, 44)
    await fetch(collector, TODAY, after=10 * MINUTE)
    assert await numbers(store, TODAY) == [41, 42, 43, 44]
    assert (await collector.status(TODAY)).behind == ""


async def test_yesterdays_list_after_todays_takes_nothing_off_it(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    source.lists[TODAY] = papers_of(TODAY, 41, 42)
    await fetch(collector, TUESDAY, TODAY)
    source.lists[TODAY] = (*source.lists[TUESDAY], *papers_of(TODAY, 43))
    for minutes in (10, 20, 30):
        await fetch(collector, TODAY, after=minutes * MINUTE)
    assert await numbers(store, TODAY) == [41, 42, 43]
    status = await collector.status(TODAY)
    assert (status.fetched_at, status.doubted_at) == (NOON + 30 * MINUTE, None)


async def test_an_older_list_for_a_day_that_is_over_leaves_it_open(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    """Also after an empty reply; it is asked again an hour later, not at each tick."""
    await fetch(collector, MONDAY)
    right, source.lists[TUESDAY] = source.lists[TUESDAY], ()
    await fetch(collector, TUESDAY)
    await fetch(collector, TUESDAY, after=2 * MINUTE)
    assert (await collector.status(TUESDAY)).whole
    source.lists[TUESDAY] = source.lists[MONDAY]
    await fetch(collector, TUESDAY, after=10 * MINUTE)
    status = await collector.status(TUESDAY)
    assert (status.papers, status.whole, status.fetched_at) == (0, False, None)
    source.lists[TUESDAY] = right
    source.asked.clear()
    await collector.refresh(NOON + 30 * MINUTE)
    assert TUESDAY not in source.asked
    await collector.refresh(NOON + DAY)
    assert (await collector.status(TUESDAY)).papers == 4


async def test_a_weekend_that_is_answered_with_fridays_list_is_no_fault(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    friday = on("2025-05-30")
    source.lists[friday] = source.lists[friday + DAY] = papers_of(friday, 1, 2)
    await fetch(collector, friday, friday + DAY)
    status = await collector.status(friday + DAY)
    assert (status.papers, status.whole, status.behind) == (0, True, "")


async def test_some_papers_of_yesterday_on_todays_list_are_on_both(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    await fetch(collector, TUESDAY)
    source.lists[TODAY] = (*source.lists[TUESDAY][:2], *papers_of(TODAY, 41, 42, 43))
    await fetch(collector, TODAY)
    assert await numbers(store, TODAY) == [31, 32, 41, 42, 43]
    assert await numbers(store, TUESDAY) == [31, 32, 33, 34]


async def test_a_later_lists_papers_are_a_fault_and_keep_what_was_known(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    await fetch(collector, MONDAY, TUESDAY)
    source.lists[MONDAY] = source.lists[TUESDAY]
    with pytest.raises(SourceError, match="answered the list of Tue 3 June for Mon 2 June 2025"):
        await fetch(collector, MONDAY)
    assert await numbers(store, MONDAY) == [21, 22, 23, 24]
    await collector.refresh(NOON + DAY)
    status = await collector.status(MONDAY)
    assert "answered the list of" in status.fault and status.papers == 4
    assert (await collector.status(TUESDAY)).failing_since is None


async def test_a_feed_that_ignores_the_day_files_todays_papers_under_no_other(
    store: Store, collector: Collector, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked, it answers today's list: from the very first look."""
    todays = papers_of(TODAY, 41, 42)

    async def fetch(day: date) -> tuple[Paper, ...]:
        return todays

    monkeypatch.setattr(source, "fetch", fetch)
    for minutes in range(0, 120, 10):
        await collector.refresh(NOON + minutes * MINUTE, back=7)
    assert await numbers(store, TODAY) == [41, 42] or await numbers(store, TODAY) == []
    filed = [n for n in range(7) if await numbers(store, TODAY - n * DAY)]
    assert len(filed) <= 1, "on one list at most"


# an empty or a shrunken list --------------------------------------------------------------------


async def test_an_empty_reply_for_a_finished_weekday_is_believed_at_the_second_look(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    source.lists[TUESDAY] = ()
    await fetch(collector, TUESDAY)
    status = await collector.status(TUESDAY)
    assert (status.whole, status.fetched_at, status.doubted_at) == (False, None, NOON)
    await fetch(collector, TUESDAY, after=MINUTE / 2)
    assert not (await collector.status(TUESDAY)).whole, "too soon to be another look"
    await collector.refresh(NOON + 2 * MINUTE)
    status = await collector.status(TUESDAY)
    assert (status.whole, status.papers, status.doubted_at) == (True, 0, None)


@pytest.mark.parametrize("day", [on("2025-05-31"), on("2025-06-01"), TODAY])
async def test_an_empty_reply_for_a_weekend_or_a_day_that_is_not_over_is_believed_at_once(
    collector: Collector, day: date
) -> None:
    await fetch(collector, day)
    status = await collector.status(day)
    assert (status.fetched_at, status.papers, status.doubted_at) == (NOON, 0, None)


async def test_the_loss_of_more_than_half_of_a_list_is_believed_at_the_second_look(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    await fetch(collector, TUESDAY)
    source.lists[TUESDAY] = papers_of(TUESDAY, 31)
    await fetch(collector, TUESDAY, after=MINUTE)
    assert await numbers(store, TUESDAY) == [31, 32, 33, 34]
    await fetch(collector, TUESDAY, after=2 * MINUTE)
    assert await numbers(store, TUESDAY) == [31]


async def test_the_loss_of_half_of_a_list_or_less_is_believed_at_once(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    await fetch(collector, TUESDAY)
    source.lists[TUESDAY] = papers_of(TUESDAY, 31, 32, 35)
    await fetch(collector, TUESDAY, after=MINUTE)
    assert await numbers(store, TUESDAY) == [31, 32, 35]


@pytest.mark.parametrize("wrong", [(), (31,), (91, 92, 93)], ids=["empty", "small", "another"])
async def test_one_wrong_reply_between_two_right_ones_changes_nothing(
    store: Store, collector: Collector, source: FakeSource, wrong: tuple[int, ...]
) -> None:
    right = source.lists[TUESDAY]
    await fetch(collector, TUESDAY)
    source.lists[TUESDAY] = papers_of(TUESDAY, *wrong)
    await fetch(collector, TUESDAY, after=MINUTE)
    source.lists[TUESDAY] = right
    await fetch(collector, TUESDAY, after=2 * MINUTE)
    assert await numbers(store, TUESDAY) == [31, 32, 33, 34]
    assert (await collector.status(TUESDAY)).doubted_at is None
    source.lists[TUESDAY] = papers_of(TUESDAY, *wrong)
    await fetch(collector, TUESDAY, after=30 * MINUTE)
    assert await numbers(store, TUESDAY) == [31, 32, 33, 34], "a new doubt begins anew"


async def test_a_wrong_reply_that_was_believed_is_corrected_by_a_right_one(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    right = source.lists[TUESDAY]
    await fetch(collector, TUESDAY)
    source.lists[TUESDAY] = ()
    for minutes in (1, 3):
        await fetch(collector, TUESDAY, after=minutes * MINUTE)
    assert await numbers(store, TUESDAY) == []
    source.lists[TUESDAY] = right
    await fetch(collector, TUESDAY, after=10 * MINUTE)
    assert await numbers(store, TUESDAY) == [31, 32, 33, 34]
    assert await lists.left_since(store, NOON) == set()


# a day the feed refuses -------------------------------------------------------------------------


async def test_a_day_that_is_not_open_yet_is_no_fault(store: Store) -> None:
    source = FakeSource(today=lambda: TODAY - DAY)
    collector = Collector(store, [source])
    await collector.refresh(at("2025-06-04 00:01"), back=2)
    status = await collector.status(TODAY)
    assert (status.papers, status.whole, status.failing_since) == (0, False, None)
    source.asked.clear()
    await collector.refresh(at("2025-06-04 00:12"), back=2)
    assert TODAY in source.asked


async def test_the_refusal_of_a_day_that_is_over_is_a_fault(
    collector: Collector, source: FakeSource
) -> None:
    source.lists[TODAY] = papers_of(TODAY, 41)
    source.broken[TUESDAY] = NotOpenYet("HTTP 400")
    await collector.refresh(NOON)
    status = await collector.status(TUESDAY)
    assert status.fault == "the feed refuses the list of Tue 3 June 2025, which is over"
    assert not status.whole
    assert (await collector.status(TODAY)).papers == 1
    source.broken.clear()
    await collector.refresh(NOON + DAY)
    assert (await collector.status(TUESDAY)).papers == 4


async def test_a_feed_that_lives_in_the_past_refuses_what_it_has_not_come_to(
    collector: Collector, source: FakeSource
) -> None:
    """A recording, or a feed days behind: its newest list is older, and it says so."""
    for n in range(5):
        source.broken[TODAY - n * DAY] = NotOpenYet("HTTP 400")
    source.lists = {on("2025-05-30"): papers_of("2025-05-30", 1)}
    await collector.refresh(NOON)
    status = await collector.status(TUESDAY)
    assert status.fault == "the feed's newest list is of Fri 30 May 2025"
    assert not status.whole and status.fetched_at is None
    assert (await collector.status(on("2025-05-30"))).papers == 1
    source.asked.clear()
    await collector.refresh(NOON)
    assert TUESDAY not in source.asked, "not before its pause is over"


async def test_a_day_that_the_feed_had_not_come_to_is_fetched_once_it_has(
    store: Store, collector: Collector, source: FakeSource
) -> None:
    """However old it is then."""
    for n in range(10):
        source.broken[TODAY - n * DAY] = NotOpenYet("HTTP 400")
    old = on("2025-05-27")
    source.lists = {on("2025-05-23"): papers_of("2025-05-23", 1), old: papers_of(old, 2)}
    newest = source.lists.pop(old)
    for days in range(3):
        await collector.refresh(NOON + days * DAY)
    assert old not in await lists.whole_days(store, source.name)
    source.lists[old] = newest
    source.broken.clear()
    await collector.refresh(NOON + 3 * DAY)
    assert await numbers(store, old) == [2]


async def test_of_a_feed_that_stands_still_for_long_the_newest_list_is_fetched(
    collector: Collector, source: FakeSource
) -> None:
    for n in range(40):
        source.broken[TODAY - n * DAY] = NotOpenYet("HTTP 400")
    source.lists = {on("2025-04-10"): papers_of("2025-04-10", 1)}
    await collector.catch_up(NOON)
    assert (await collector.status(on("2025-04-10"))).papers == 1


# what readers see -------------------------------------------------------------------------------


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Wednesday, 4 June 2025, two hours before c1 has its post."""
    async with program("2025-06-04 07:00") as made:
        await subscribe(made.store, "c1", made.clock.now)
        yield made


BEHIND = "the feed still answered the list of Tue 3 June"


def stays_behind(running: Program, monkeypatch: pytest.MonkeyPatch, until: str, *new: int) -> None:
    """Until then it answers Tuesday's list for today's, with what is new among it."""
    fetch = running.feed.fetch

    async def behind(day: date) -> tuple[Paper, ...]:
        if day == TODAY and running.clock() < at(until):
            return (*await fetch(TUESDAY), *papers_of(TODAY, *new))
        return await fetch(day)

    running.feed.add("2025-06-03 01:00", *papers_of(TUESDAY, 31, 32, 33, 34))
    monkeypatch.setattr(running.feed, "fetch", behind)


async def test_what_is_new_among_yesterdays_list_is_posted_at_its_hour(
    running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays_behind(running, monkeypatch, "2025-06-04 10:00", 41, 42)
    running.feed.add("2025-06-04 10:00", *papers_of(TODAY, 41, 42, 43))
    running.feed.add("2025-06-05 01:00", *papers_of("2025-06-05", 51))
    await running.until("2025-06-04 09:10", minutes=5)
    assert running.numbers() == [[42, 41]]
    shown = await running.ask("/today")
    assert shown.caption.startswith("2 papers so far")
    assert f"not whole yet: beside these {BEHIND}." in shown.text
    await running.until("2025-06-05 09:10")
    assert running.numbers()[1:] == [[51, 43]]


async def test_a_feed_that_stays_behind_is_named_as_the_cause_everywhere(
    running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays_behind(running, monkeypatch, "2025-06-04 16:00")
    running.feed.add("2025-06-04 16:00", *papers_of(TODAY, 41, 42))
    running.feed.add("2025-06-05 01:00", *papers_of("2025-06-05", 51))
    await running.until("2025-06-04 10:00", minutes=5)
    for line in ("/today", "/date 2025-06-04"):
        shown = (await running.ask(line)).text
        assert f"There is no list of Wed 4 June 2025 yet: {BEHIND}; I keep asking." in shown
    await running.until("2025-06-04 15:30", minutes=5)
    said = (await running.ask("/deliveries")).text
    assert f"Wed 4 June: did not come: {BEHIND}" in said and "Nothing was listed" not in said
    await running.until("2025-06-05 09:10")
    assert (
        f"The list of Wed 4 June did not come: {BEHIND}; what was listed then" in running.texts()[0]
    )


async def test_yesterdays_list_at_the_hour_is_waited_out_and_todays_is_posted(
    running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays_behind(running, monkeypatch, "2025-06-04 10:10")
    running.feed.add("2025-06-04 10:10", *papers_of(TODAY, 41, 42))
    await running.until("2025-06-04 09:40", minutes=5)
    assert running.posts() == []
    waiting = (await running.ask("/settings")).text
    assert f"is waiting: {BEHIND}." in waiting
    await running.until("2025-06-04 11:00", minutes=5)
    assert running.numbers() == [[42, 41]]
    assert f"Late, due at 09:00 UTC: {BEHIND}." in running.texts()[0]


async def test_a_week_names_a_day_that_the_feed_had_not_come_to_as_not_fetched(
    running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.feed.add("2025-06-02 01:00", *papers_of(MONDAY, 21))
    fetch = running.feed.fetch

    async def still(day: date) -> tuple[Paper, ...]:
        if day > MONDAY:
            raise NotOpenYet("HTTP 400")
        return await fetch(day)

    async def newest() -> date:
        return MONDAY

    async def no_week(period: Period) -> tuple[Paper, ...]:
        raise NotOpenYet("HTTP 400")

    monkeypatch.setattr(running.feed, "fetch", still)
    monkeypatch.setattr(running.feed, "fetch_period", no_week)
    monkeypatch.setattr(running.feed, "newest", newest)
    await running.until("2025-06-04 08:00", minutes=5)
    week = (await running.ask("/week 2025-W23")).text
    assert "Not all of it is here, without Tue 3 June." in week
    answer = (await running.ask("/date 2025-06-03")).text
    newest = "the feed's newest list is of Mon 2 June 2025."
    assert answer == f"There is no list of Tue 3 June 2025 yet: {newest}"


async def test_papers_that_left_their_list_are_taken_off_the_post_that_waits(
    running: Program,
) -> None:
    running.feed.add("2025-06-04 01:00", *papers_of(TODAY, 41, 42, 43))
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-04 09:10", minutes=5)
    running.feed.appears = [one for one in running.feed.appears if one[1].id[-2:] != "43"]
    await running.until("2025-06-04 09:30", minutes=5)
    running.adapter.always.clear()
    await running.until("2025-06-04 09:50", minutes=5)
    assert running.numbers() == [[42, 41]]
    assert "2 papers so far" in running.posts()[0].message.caption


async def test_a_post_of_which_all_papers_left_is_not_sent_and_the_next_says_so(
    running: Program,
) -> None:
    running.feed.add("2025-06-05 01:00", *papers_of("2025-06-05", 51))
    running.feed.add("2025-06-04 01:00", *papers_of(TODAY, 41, 42))
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-04 09:10", minutes=5)
    running.feed.appears = running.feed.appears[:1]
    running.feed.add("2025-06-04 09:11", *papers_of(TODAY, 47, 48))
    await running.until("2025-06-04 09:40", minutes=5)
    running.adapter.always.clear()
    await running.until("2025-06-05 09:10")
    assert running.numbers() == [[51, 48, 47]]
    assert (
        "The list of Wed 4 June did not come: its papers were taken off the list;"
        in running.texts()[0]
    )


async def test_what_was_sent_already_is_not_sent_anew_for_a_paper_that_left(
    running: Program,
) -> None:
    running.feed.add("2025-06-04 01:00", *papers_of(TODAY, 41, 42, 43))
    await running.until("2025-06-04 09:10", minutes=5)
    running.feed.appears = [one for one in running.feed.appears if one[1].id[-2:] != "43"]
    running.feed.add("2025-06-05 01:00", *papers_of("2025-06-05", 51))
    await running.until("2025-06-05 09:10")
    assert running.numbers() == [[43, 42, 41], [51]]


async def test_a_paper_that_left_is_on_no_page_and_a_search_finds_it_marked(
    running: Program,
) -> None:
    running.feed.add("2025-06-04 01:00", *papers_of(TODAY, 41, 42, 43))
    await running.until("2025-06-04 07:30", minutes=5)
    running.feed.appears = [one for one in running.feed.appears if one[1].id[-2:] != "43"]
    await running.until("2025-06-04 08:00", minutes=5)
    for line in ("/today", "/date 2025-06-04", "/week", "/trending"):
        shown = titles(await running.ask(line))
        assert "A study of subject 42" in shown and "A study of subject 43" not in shown
    found = await running.ask("/search subject 43")
    [entry] = [e for part in found.sections for e in part.entries if e.title.endswith(" 43")]
    assert "taken off the list of 4 Jun 2025" in entry.meta
    card = await running.ask("/paper 2506.00043")
    assert "taken off the list of Wed 4 June 2025" in card.caption
    assert "Discussion" not in labels(card), "it has no page among the lists any more"


async def test_a_list_published_after_its_wait_comes_next_day_with_why(running: Program) -> None:
    running.feed.add("2025-06-04 16:00", *papers_of(TODAY, 41, 42))
    running.feed.add("2025-06-05 01:00", *papers_of("2025-06-05", 51))
    await running.until("2025-06-04 16:00")
    assert running.posts() == []
    await running.until("2025-06-05 09:10")
    assert running.numbers() == [[51, 42, 41]]
    assert (
        "The list of Wed 4 June did not come: it was published late; what was listed then is below."
        in running.texts()[0]
    )
    assert labels(running.posts()[0].message) == ["Wed 4 June"]


async def test_a_weekday_that_was_called_empty_and_then_has_papers_is_made_good(
    running: Program,
) -> None:
    running.feed.add("2025-06-05 14:00", *papers_of(TODAY, 41))
    running.feed.add("2025-06-06 01:00", *papers_of("2025-06-06", 61))
    await subscribe(running.store, "c2", running.clock.now, zone="Asia/Tokyo")
    await running.until("2025-06-05 03:00")
    assert [state for _, state in await running.states("c2")] == ["skipped"]
    await running.until("2025-06-07 03:00")
    assert running.numbers("c2") == [[61, 41]]
    assert running.numbers() == [[61, 41]]
