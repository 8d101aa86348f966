"""Papers: merging what two sources know, finding them, and what a place has not had yet."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.model import Paper, PaperList
from bot.search.normal import stems
from bot.store import AT_ONCE, Row, Store, Transaction, Value, index, papers
from bot.store.limits import Limits
from tests.fakes import at, on, paper, papers_of

HF = paper(
    1, votes=35, comments=4, code="https://github.com/a/b", stars=12, keywords=("agents",),
    published=None, organization="A Lab", project="https://a.example", ai_summary="Short.",
)  # fmt: skip
ARXIV = Paper(
    id=HF.id,
    title=HF.title,
    summary=HF.summary,
    authors=HF.authors,
    published=on("2025-05-30"),
    categories=("cs.CL", "cs.LG"),
)
NOW = at("2025-06-02 12:00")


async def save(store: Store, *found: Paper, curated: bool = True) -> None:
    async with store.transaction() as tx:
        await papers.save(tx, found, curated=curated)


async def stored(store: Store, paper_id: str) -> Paper:
    return (await papers.by_id(store, [paper_id]))[paper_id]


async def search(store: Store, words: str) -> list[str]:
    match = " ".join(stems(words))
    found = list(await index.best(store, match, Limits(), 10))
    assert await index.count(store, match, Limits(), 10) == len(found)
    return [one.id for one in (await index.papers(store, found)).values()]


@pytest.mark.parametrize("order", [(HF, ARXIV), (ARXIV, HF), (HF, ARXIV, HF), (ARXIV, HF, ARXIV)])
async def test_two_sources_merge_by_id_and_neither_erases_what_the_other_knew(
    store: Store, order: tuple[Paper, ...]
) -> None:
    for one in order:
        await save(store, one, curated=one is HF)
    merged = await stored(store, HF.id)
    assert (merged.votes, merged.comments, merged.stars, merged.day) == (35, 4, 12, HF.day)
    assert (merged.published, merged.categories) == (ARXIV.published, ARXIV.categories)
    assert (merged.code, merged.project, merged.ai_summary) == (HF.code, HF.project, "Short.")
    assert (merged.keywords, merged.organization) == (("agents",), "A Lab")


async def test_everything_a_paper_has_comes_back_as_it_was(store: Store) -> None:
    whole = paper(
        7, title="$\\ell_p$ <b>„x“</b>", authors=("王小明", "O'Neil"), published=on("2025-06-01"),
        votes=0, comments=0, stars=0, keywords=("a", "b"), categories=("cs.CL",),
    )  # fmt: skip
    await save(store, whole)
    assert await stored(store, whole.id) == whole


async def test_an_empty_answer_erases_neither_summary_nor_authors(store: Store) -> None:
    await save(store, HF)
    await save(store, Paper(id=HF.id, title="A new title"), curated=False)
    merged = await stored(store, HF.id)
    assert (merged.title, merged.summary, merged.authors) == (
        "A new title", HF.summary, HF.authors,
    )  # fmt: skip


async def test_newer_votes_replace_older_ones_and_the_first_list_day_stays(store: Store) -> None:
    await save(store, paper(1, "2025-06-03", votes=3))
    await save(store, paper(1, "2025-06-04", votes=9))
    merged = await stored(store, HF.id)
    assert (merged.votes, merged.day) == (9, on("2025-06-03"))


async def test_a_changed_title_is_found_by_its_new_words_and_not_its_old(store: Store) -> None:
    await save(store, paper(1, title="Walking robots"))
    assert await search(store, "robots") == [HF.id]
    await save(store, paper(1, title="Swimming machines"))
    assert await search(store, "robots") == []
    assert await search(store, "machines") == [HF.id]
    assert await search(store, "number1") == [HF.id]  # an author
    await save(store, paper(1, title="Swimming machines", votes=77))
    assert await search(store, "swimming") == [HF.id]


async def test_new_papers_of_a_list_share_the_next_arrival_number(store: Store) -> None:
    async def arrivals() -> dict[str, int | None]:
        found = await store.rows("SELECT id, arrival FROM papers")
        return {row["id"][-1]: row["arrival"] for row in found}

    await save(store, *papers_of("2025-06-02", 1, 2))
    await save(store, *papers_of("2025-06-02", 1, 2, 3))
    assert await arrivals() == {"1": 1, "2": 1, "3": 2}
    await save(store, paper(4, None), curated=False)
    assert (await arrivals())["4"] is None
    await save(store, *papers_of("2025-06-02", 3, 4))
    assert await arrivals() == {"1": 1, "2": 1, "3": 2, "4": 3}
    async with store.transaction() as tx:
        assert await papers.arrival(tx) == 3


async def unposted(
    store: Store,
    listed: str,
    last_day: date | None,
    last_arrival: int = 0,
    first: str = "2025-06-02",
) -> list[str]:
    async with store.transaction() as tx:
        since, first_day = on(listed) - timedelta(days=7), on(first) if last_day else None
        found = await papers.unposted(tx, on(listed), since, last_day, last_arrival, first_day)
    return [one.id[-1] for one in found]


async def test_what_a_place_has_not_had_yet(store: Store) -> None:
    await save(store, *papers_of("2025-06-02", 1, 2))
    await save(store, *papers_of("2025-06-03", 3))
    assert await unposted(store, "2025-06-02", None) == ["2", "1"], "a first post has its day alone"
    assert await unposted(store, "2025-06-03", on("2025-06-02"), 1) == ["3"]
    await save(store, *papers_of("2025-06-02", 1, 2, 9))
    assert await unposted(store, "2025-06-03", on("2025-06-02"), 1) == ["9", "3"]
    assert await unposted(store, "2025-06-03", on("2025-06-02"), 3) == ["3"]
    assert await unposted(store, "2025-06-03", on("2025-06-02"), 1, "2025-06-03") == ["3"]


async def test_after_a_long_gap_what_came_late_before_it_is_brought_and_the_gap_itself_is_not(
    store: Store,
) -> None:
    await save(store, *papers_of("2025-06-02", 1))
    await save(store, *papers_of("2025-06-02", 2), *papers_of("2025-06-03", 3))
    await save(store, *papers_of("2025-06-16", 4), *papers_of("2025-06-20", 5))
    assert await unposted(store, "2025-06-20", on("2025-06-02"), 1) == ["5", "4", "2"]


async def test_lists_are_read_by_day_the_best_voted_first(store: Store) -> None:
    await save(store, *papers_of("2025-06-02", 1, 30, 2), *papers_of("2025-06-04", 5))
    await save(store, paper(8, None), curated=False)
    first, last = on("2025-06-01"), on("2025-06-03")
    assert [one.id[-2:] for one in await papers.between(store, first, last)] == ["30", "02", "01"]
    assert await papers.newest_day(store, on("2025-06-03")) == on("2025-06-02")
    assert await papers.newest_day(store, on("2025-06-01")) is None
    assert await papers.days(store, "2025-06", 5) == [on("2025-06-04"), on("2025-06-02")]
    assert await papers.days(store, "%", 5) == []


async def test_a_status_tells_the_list_and_the_feed_apart(store: Store) -> None:
    day = on("2025-06-02")
    assert await papers.status(store, "hf", day) == papers.Status()
    await papers.save_fault(store, "hf", "it is down", now=NOW, next_at=NOW)
    later = NOW + timedelta(hours=1)
    await papers.save_fault(store, "hf", "it is slow", now=later, next_at=later)
    status = await papers.status(store, "hf", day)
    assert (status.fetched_at, status.failing_since, status.fault) == (None, NOW, "it is slow")
    assert await papers.fault(store, "hf") == (2, later)
    listing = PaperList("hf", day, papers_of(day, 1, 2), later, whole=False)
    await papers.save_listing(store, listing, next_at=later)
    assert await papers.status(store, "hf", day) == papers.Status(later, 2, whole=False)
    assert await papers.fault(store, "hf") is None
    assert await papers.next_fetches(store, "hf", day) == {day: later}
    assert await papers.whole_days(store, "hf") == set()


async def test_a_list_that_is_empty_for_a_moment_is_not_taken_for_no_list(store: Store) -> None:
    day = on("2025-06-02")
    for found in (papers_of(day, 1, 2), ()):
        await papers.save_listing(store, PaperList("hf", day, found, NOW, True), next_at=NOW)
    assert (await papers.status(store, "hf", day)).papers == 2
    assert await papers.whole_days(store, "hf") == {day}


async def test_a_paper_twice_in_one_list_is_indexed_once(store: Store) -> None:
    again = replace(paper(1), title="Walruses", votes=None)
    await save(store, paper(1), again, replace(again, summary="Tusks."))
    assert await search(store, "walruses tusks") == [paper(1).id]
    assert await search(store, "study") == []
    async with store.transaction() as tx:
        await tx.run("INSERT INTO papers_fts (papers_fts, rank) VALUES ('integrity-check', 0)")


def many(count: int) -> list[Paper]:
    texts = ("GPT-4o's $\\ell_p$ norms", "Schr\\\"odinger's colours", "扩散模型", "A \0 of C++")
    return [
        paper(n, title=f"{texts[n % 4]} llama{n}", summary=f"State-of-the-art {texts[n % 3]} {n}.")
        for n in range(1, count + 1)
    ]


async def indexed(store: Store) -> list[tuple[str, int, int]]:
    """Each word of the indexes, how many papers have it and how often."""
    found = await store.rows("SELECT * FROM stems UNION ALL SELECT * FROM title_words")
    return [(row["term"], row["doc"], row["cnt"]) for row in found]


async def test_many_at_once_are_indexed_as_one_that_changes_is(store: Store) -> None:
    await save(store, *many(papers.TOGETHER * 2 + AT_ONCE + 3))
    made = await indexed(store)
    assert len(made) > papers.TOGETHER * 2
    async with store.transaction() as tx:
        await tx.run("UPDATE papers SET title = title || ' ', summary = ' ' || summary")
    assert await indexed(store) == made
    async with store.transaction() as tx:
        await tx.run("DELETE FROM papers")
    assert await indexed(store) == []


async def test_of_many_that_cannot_all_be_saved_none_is(store: Store) -> None:
    await save(store, paper(1))
    before = await indexed(store)
    wrong = replace(paper(0), summary="half a character: \ud800")
    with pytest.raises(UnicodeEncodeError):
        await save(store, *many(papers.TOGETHER + AT_ONCE), wrong)
    assert await indexed(store) == before
    assert [row["id"] for row in await store.rows("SELECT id FROM papers")] == [paper(1).id]


async def test_new_ones_among_many_that_are_known_are_added(store: Store) -> None:
    await save(store, *many(AT_ONCE)[::2])
    await save(store, *many(AT_ONCE + 1))
    found = await store.rows("SELECT pk FROM papers ORDER BY pk")
    assert [row["pk"] for row in found] == list(range(1, AT_ONCE + 2))
    assert len(await store.rows("SELECT pk FROM unembedded")) == AT_ONCE + 1
    assert await search(store, "llama7") == [paper(7).id]


async def test_of_many_papers_a_list_day_looks_at_few(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[str] = []
    rows = Transaction.rows

    async def planned(self: Transaction, sql: str, /, **params: Value) -> list[Row]:
        plan = await rows(self, f"EXPLAIN QUERY PLAN {sql}", **params)
        plans.extend(f"{row['detail']}: {sql}" for row in plan)
        return await rows(self, sql, **params)

    monkeypatch.setattr(Transaction, "rows", planned)
    await save(store, *papers_of("2025-06-02", 1, 2))
    async with store.transaction() as tx:
        assert await papers.arrival(tx) == 1
        assert await papers.unposted(tx, on("2025-06-02"), on("2025-06-01"), on("2025-05-30"), 0)
    through = [one for one in plans if one.startswith(("SCAN papers", "SEARCH papers: "))]
    assert all("max(pk)" in one for one in through), through
