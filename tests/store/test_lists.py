"""Lists and their members: who is on one, who left, and how each source is doing."""

from datetime import date, datetime, timedelta

import pytest

from bot.model import ListStatus, Paper
from bot.progress import REACH
from bot.schedule import DAY
from bot.store import Row, Store, Transaction, Value, lists, papers, votes
from tests.fakes import at, on, paper, papers_of
from tests.stored import save_list

MONDAY, TUESDAY, WEDNESDAY = "2025-06-02", "2025-06-03", "2025-06-04"
NOW = at("2025-06-02 12:00")
HOUR = timedelta(hours=1)


async def where(store: Store, number: int = 1) -> tuple[date | None, date | None]:
    """The list a paper counts to, and the one it was taken off."""
    paper_id = paper(number).id
    found = (await papers.by_id(store, [paper_id]))[paper_id]
    return found.day, found.delisted


async def on_list(store: Store, day: str) -> list[int]:
    found = await lists.listed(store, on(day), on(day))
    assert {listed for listed, _ in found} <= {on(day)}
    return [int(one.id[-5:]) for _, one in found]


# members ----------------------------------------------------------------------------------------


async def test_a_list_has_the_papers_of_its_newest_reply_the_best_voted_first(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 30))
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 30, 2))
    assert await on_list(store, MONDAY) == [30, 2, 1]
    await save_list(store, MONDAY, *papers_of(MONDAY, 2, 3))
    assert await on_list(store, MONDAY) == [3, 2]
    members = await lists.members(store, "huggingface", on(MONDAY), on(TUESDAY))
    assert members == {on(MONDAY): {paper(2).id, paper(3).id}}


async def test_a_paper_that_left_is_on_no_list_and_is_still_known(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2))
    await save_list(store, MONDAY, paper(2, MONDAY))
    assert await where(store) == (None, on(MONDAY))
    assert await where(store, 2) == (on(MONDAY), None)
    await save_list(store, MONDAY, paper(2, MONDAY))
    assert await where(store) == (None, on(MONDAY)), "said once more"


async def test_a_paper_that_comes_back_is_on_its_list_again(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2))
    await save_list(store, MONDAY, paper(2, MONDAY))
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2))
    assert await where(store) == (on(MONDAY), None)
    assert await on_list(store, MONDAY) == [2, 1]
    assert await lists.left_since(store, at("2025-01-01 00:00")) == set()


async def test_a_paper_that_moves_to_another_day_is_on_that_list_alone(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2))
    await save_list(store, TUESDAY, *papers_of(TUESDAY, 1, 3))
    assert await where(store) == (on(MONDAY), None), "on both, it counts to the first"
    await save_list(store, MONDAY, paper(2, MONDAY))
    assert await where(store) == (on(TUESDAY), None)
    await save_list(store, TUESDAY, paper(3, TUESDAY))
    assert await where(store) == (None, on(TUESDAY))
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2))
    assert await where(store) == (on(MONDAY), None)


async def test_another_source_that_knows_a_paper_puts_it_back_on_no_list(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2))
    await save_list(store, MONDAY, paper(2, MONDAY))
    async with store.transaction() as tx:
        await papers.save(tx, [paper(1, MONDAY, votes=99), paper(2, None)])
    assert await where(store) == (None, on(MONDAY))
    assert await where(store, 2) == (on(MONDAY), None)


async def test_two_sources_lists_of_one_day_are_apart(store: Store) -> None:
    await save_list(store, MONDAY, paper(1), source="huggingface")
    await save_list(store, MONDAY, paper(2), source="other")
    await save_list(store, MONDAY, source="other")
    assert await on_list(store, MONDAY) == [1]


async def test_a_list_that_is_empty_keeps_nobody(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2))
    await save_list(store, MONDAY)
    assert await on_list(store, MONDAY) == []
    assert (await lists.status(store, "huggingface", on(MONDAY))).papers == 0
    assert await lists.with_papers(store, on(MONDAY), on(MONDAY)) == set()
    assert await lists.without_papers(store, on(MONDAY), on(MONDAY)) == {on(MONDAY)}


async def test_what_left_is_told_since_a_moment_unless_it_is_on_another_list(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2, 3), now=NOW)
    await save_list(store, TUESDAY, paper(2, TUESDAY), now=NOW)
    await save_list(store, MONDAY, paper(3, MONDAY), now=NOW + HOUR)
    assert await lists.left_since(store, NOW + HOUR) == {paper(1).id}
    assert await lists.left_since(store, NOW + 2 * HOUR) == set()


# reading ----------------------------------------------------------------------------------------


async def test_lists_are_read_by_day_the_best_voted_first(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 30, 2))
    await save_list(store, TUESDAY, paper(2, TUESDAY))
    await save_list(store, WEDNESDAY, *papers_of(WEDNESDAY, 5))
    async with store.transaction() as tx:
        await papers.save(tx, [paper(8, None)])
    first, last = on("2025-06-01"), on(TUESDAY)
    found = [one.id[-2:] for one in await lists.between(store, first, last)]
    assert found == ["30", "02", "01"], "each once"
    both = [(str(day), one.id[-2:]) for day, one in await lists.listed(store, first, last)]
    assert both == [(MONDAY, "30"), (MONDAY, "02"), (TUESDAY, "02"), (MONDAY, "01")]
    assert await lists.newest_day(store, on("2025-06-09")) == on(WEDNESDAY)
    assert await lists.newest_day(store, on(TUESDAY)) == on(TUESDAY)
    assert await lists.newest_day(store, on("2025-06-01")) is None
    assert await lists.days(store, "2025-06", 2) == [on(WEDNESDAY), on(TUESDAY)]
    assert await lists.days(store, "%", 5) == []


async def test_a_status_tells_the_list_its_day_and_the_feed_apart(store: Store) -> None:
    day, later = on(MONDAY), NOW + HOUR
    assert await lists.status(store, "hf", day) == ListStatus()
    whole_feed = lists.Fault(NOW, "it is down", 1, NOW)
    await lists.save_fault(store, "hf", None, whole_feed)
    status = await lists.status(store, "hf", day)
    assert (status.fetched_at, status.failing_since, status.fault) == (None, NOW, "it is down")
    one_day = lists.Fault(later, "it answered 500", 3, later)
    await lists.save_fault(store, "hf", day, one_day)
    assert (await lists.status(store, "hf", day)).fault == "it answered 500"
    assert (await lists.status(store, "hf", day + DAY)).fault == "it is down"
    assert await lists.fault(store, "hf") == whole_feed
    assert await lists.fault(store, "hf", day) == one_day
    await save_list(store, MONDAY, *papers_of(day, 1, 2), now=later, whole=False, source="hf")
    assert await lists.status(store, "hf", day) == ListStatus(later, 2, whole=False)
    assert await lists.fault(store, "hf") is None and await lists.fault(store, "hf", day) is None
    assert await lists.whole_days(store, "hf") == set()


async def test_an_answer_for_one_day_keeps_the_fault_of_another(store: Store) -> None:
    fault = lists.Fault(NOW, "it answered 500", 3, NOW)
    await lists.save_fault(store, "huggingface", on(MONDAY), fault)
    await save_list(store, TUESDAY, paper(1, TUESDAY))
    assert await lists.fault(store, "huggingface", on(MONDAY)) == fault
    assert await lists.whole_days(store, "huggingface") == {on(TUESDAY)}


async def test_a_reply_that_is_doubted_changes_nothing_of_the_list(store: Store) -> None:
    await save_list(store, MONDAY, *papers_of(MONDAY, 1, 2), now=NOW, whole=False)
    for minutes in (1, 2):
        async with store.transaction() as tx:
            since = NOW + timedelta(minutes=minutes)
            await lists.doubt(tx, "huggingface", on(MONDAY), since, next_at=NOW + HOUR)
    status = await lists.status(store, "huggingface", on(MONDAY))
    first_doubt = NOW + timedelta(minutes=1)
    assert status == ListStatus(NOW, 2, whole=False, doubted_at=first_doubt)
    assert await on_list(store, MONDAY) == [2, 1]
    await save_list(store, MONDAY, paper(2, MONDAY), now=NOW + HOUR)
    assert (await lists.status(store, "huggingface", on(MONDAY))).doubted_at is None


# many papers ------------------------------------------------------------------------------------


async def test_of_many_papers_a_list_day_looks_at_few(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No statement goes through all papers: of a whole arXiv that takes seconds."""
    plans: list[str] = []
    rows, run = Transaction.rows, Transaction.run

    async def noted(tx: Transaction, sql: str, params: dict[str, Value]) -> None:
        found = await rows(tx, f"EXPLAIN QUERY PLAN {sql}", **params)
        plans.extend(f"{row['detail']}: {sql}" for row in found)

    async def planned_rows(tx: Transaction, sql: str, /, **params: Value) -> list[Row]:
        await noted(tx, sql, params)
        return await rows(tx, sql, **params)

    async def planned_run(tx: Transaction, sql: str, /, **params: Value) -> int:
        await noted(tx, sql, params)
        return await run(tx, sql, **params)

    monkeypatch.setattr(Transaction, "rows", planned_rows)
    monkeypatch.setattr(Transaction, "run", planned_run)
    await look(store, papers_of(MONDAY, 1, 2), NOW)
    await look(store, papers_of(MONDAY, 2), NOW + HOUR)
    through = [one for one in plans if one.startswith(("SCAN papers", "SEARCH papers: "))]
    assert plans and all("max(pk)" in one for one in through), through


async def look(store: Store, found: tuple[Paper, ...], now: datetime) -> None:
    """What a list day asks of the store."""
    first, last = on(MONDAY) - REACH, on(MONDAY)
    await save_list(store, MONDAY, *found, now=now)
    async with store.transaction() as tx:
        await lists.listed(tx, first, last)
        await lists.between(tx, first, last)
        await lists.members(tx, "huggingface", first, last)
        await lists.with_papers(tx, first, last)
        await lists.without_papers(tx, first, last)
        await lists.newest_day(tx, last)
        await lists.left_since(tx, NOW)
        await lists.status(tx, "huggingface", last)


# votes ------------------------------------------------------------------------------------------


async def test_votes_are_kept_as_they_change_once_an_hour_at_most(store: Store) -> None:
    said = [(0, 3), (10, 4), (61, 5), (130, 5), (200, 2), (259, 9), (261, 9)]  # minutes, votes
    for minutes, count in said:
        now = NOW + timedelta(minutes=minutes)
        await save_list(store, MONDAY, paper(1, MONDAY, votes=count), now=now)
    samples = await votes.samples(store, paper(1).id)
    kept = [((one.at - NOW) / timedelta(minutes=1), one.votes) for one in samples]
    assert kept == [(0, 3), (61, 5), (200, 2), (261, 9)]


async def test_a_paper_whose_votes_nobody_said_has_no_samples(store: Store) -> None:
    await save_list(store, MONDAY, paper(1, MONDAY, votes=None))
    assert await votes.samples(store, paper(1).id) == []
