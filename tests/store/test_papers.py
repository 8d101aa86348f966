"""Papers: merging what two sources know, and finding them."""

from dataclasses import replace

import pytest

from bot.model import Paper
from bot.query.normal import stems
from bot.store import INSERTED, Store, index, papers
from bot.store.filters import Filters
from tests.fakes import on, paper
from tests.stored import save_papers as save

HF = paper(
    1, votes=35, comments=4, code="https://github.com/a/b", stars=12, keywords=("agents",),
    published=None, organization="A Lab", project="https://a.example", ai_summary="Short.",
    thumbnail="https://a.example/1.png", media=("https://a.example/x.mp4",), submitter="A. B.",
)  # fmt: skip
ARXIV = Paper(
    id=HF.id,
    title=HF.title,
    summary=HF.summary,
    authors=HF.authors,
    published=on("2025-05-30"),
    categories=("cs.CL", "cs.LG"),
)


async def stored(store: Store, paper_id: str) -> Paper:
    return (await papers.by_id(store, [paper_id]))[paper_id]


async def search(store: Store, words: str) -> list[str]:
    match = " ".join(stems(words))
    found = list(await index.top_k(store, match, Filters(), 10))
    assert await index.count(store, match, Filters(), 10) == len(found)
    return [one.id for one in (await index.papers(store, found)).values()]


@pytest.mark.parametrize("order", [(HF, ARXIV), (ARXIV, HF), (HF, ARXIV, HF), (ARXIV, HF, ARXIV)])
async def test_two_sources_merge_by_id_and_neither_erases_what_the_other_knew(
    store: Store, order: tuple[Paper, ...]
) -> None:
    for one in order:
        await save(store, one)
    merged = await stored(store, HF.id)
    assert (merged.votes, merged.comments, merged.stars, merged.day) == (35, 4, 12, HF.day)
    assert (merged.published, merged.categories) == (ARXIV.published, ARXIV.categories)
    assert (merged.code, merged.project, merged.ai_summary) == (HF.code, HF.project, "Short.")
    assert (merged.keywords, merged.organization) == (("agents",), "A Lab")
    assert (merged.thumbnail, merged.media, merged.submitter) == (HF.thumbnail, HF.media, "A. B.")


async def test_everything_a_paper_has_comes_back_as_it_was(store: Store) -> None:
    whole = paper(
        7, title="$\\ell_p$ <b>„x“</b>", authors=("王小明", "O'Neil"), published=on("2025-06-01"),
        votes=0, comments=0, stars=0, keywords=("a", "b"), categories=("cs.CL",),
        thumbnail="https://a.example/1.png", media=("https://a.example/2.gif",), submitter="王",
    )  # fmt: skip
    await save(store, whole)
    assert await stored(store, whole.id) == whole


async def test_an_empty_answer_erases_neither_summary_nor_authors(store: Store) -> None:
    await save(store, HF)
    await save(store, Paper(id=HF.id, title="A new title"))
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
    await save(store, *many(papers.BATCH * 2 + INSERTED + 3))
    made = await indexed(store)
    assert len(made) > papers.BATCH * 2
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
        await save(store, *many(papers.BATCH + INSERTED), wrong)
    assert await indexed(store) == before
    assert [row["id"] for row in await store.rows("SELECT id FROM papers")] == [paper(1).id]


async def test_new_ones_among_many_that_are_known_are_added(store: Store) -> None:
    await save(store, *many(INSERTED)[::2])
    await save(store, *many(INSERTED + 1))
    found = await store.rows("SELECT pk FROM papers ORDER BY pk")
    assert [row["pk"] for row in found] == list(range(1, INSERTED + 2))
    assert len(await store.rows("SELECT pk FROM unembedded")) == INSERTED + 1
    assert await search(store, "llama7") == [paper(7).id]
