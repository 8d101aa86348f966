"""The whole path over a real store: what is found, in which order, and what is said of it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.model import Paper
from bot.search import candidates, index_cache, lexical
from bot.search.engine import Engine, Results, searching
from bot.store import Store, papers
from tests.fakes import on, paper
from tests.query.test_parse import texts

SHELF = (
    paper(1, title="Evicting old keys from a KV cache", summary="Long chats fill the memory.",
          authors=("Mia Hartmann",), published=on("2025-05-01"), votes=40, code="https://x.org/1"),
    paper(2, title="A survey of caches for attention", summary="We list ways to keep KV pairs.",
          authors=("Ole Berg", "Mia Hartmann"), published=on("2025-03-01"), votes=5),
    paper(3, title="Diffusion of heat in robots", summary="A robot arm gets warm; we cool it.",
          authors=("Ida Kuhn",), published=on("2024-02-01"), votes=90, organization="Warm Labs"),
    paper(4, title="GPT-4o reads maps", summary="We test GPT-4o on 500 maps of cities.",
          authors=("Geoffrey Ng",), published=on("2024-11-01"), votes=12, categories=("cs.CL",)),
    paper(5, title=r"Sparse codes under the $\ell_p$ norm", summary=r"With $\lambda$ near zero.",
          authors=(r'Erwin Schr\"odinger',), published=on("2023-07-01"), votes=3),
    paper(6, title="Quantization of small networks", summary="Four bits are enough for a robot.",
          authors=("Lin Quan",), published=on("2025-06-01"), votes=7),
)  # fmt: skip


async def shelved(store: Store, shelf: Sequence[Paper] = SHELF) -> Engine:
    async with store.transaction() as tx:
        await papers.save(tx, shelf)
    engine = await Engine.over(store, today=lambda: on("2025-06-10"))
    await engine.catch_up()
    return engine


@pytest.fixture
async def engine(store: Store) -> Engine:
    return await shelved(store)


def numbers(found: Results) -> list[int]:
    return [int(hit.paper.id.partition(".")[2]) for hit in found.hits]


async def ask(engine: Engine, text: str) -> list[int]:
    return numbers(await engine.search(text, limit=10))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("kv cache", 1),
        ("caches", 2),
        ("gpt4o", 4),
        ("gpt-4o maps", 4),
        ("l_p norm", 5),
        ("lambda", 5),
        ("schrodinger", 5),
        ("robots heat", 3),
        ("4 bit quantisation", 6),
        ("quantization of small networks", 6),
    ],
)
async def test_words_in_any_spelling_find_their_paper(
    engine: Engine, query: str, first: int
) -> None:
    assert (await ask(engine, query))[0] == first


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("author:hartmann", [1, 2]),
        ("author:hartmann sort:votes", [1, 2]),
        ("author:hartmann before:2025-04", [2]),
        ("org:warm", [3]),
        ("cat:cs.CL", [4]),
        ("cat:cs", [4]),
        ("year:2024", [4, 3]),
        ("after:2025-05-01 sort:new", [6, 1]),
        ("votes:>40", [3]),
        ("has:code", [1]),
        ("title:robots", [3]),
        ("robot -networks", [3]),
        ('"old keys"', [1]),
        ('-"old keys" has:code', []),
        ("year:2025 -survey -quantization", [1]),
    ],
)
async def test_operators_leave_what_they_name(engine: Engine, query: str, found: list[int]) -> None:
    assert await ask(engine, query) == found


async def test_a_filter_holds_for_what_is_near_in_meaning_too(engine: Engine) -> None:
    found = await engine.search("long conversations memory after:2025", limit=10)
    assert 1 in numbers(found)
    assert all(hit.paper.published >= on("2025-01-01") for hit in found.hits)  # type: ignore[operator]
    assert not {1, 2} - {1} & set(await ask(engine, "attention memory -survey"))


async def test_a_slip_is_corrected_and_told(engine: Engine) -> None:
    found = await engine.search("quantisaton robts", limit=10)
    assert found.corrected == (("quantisaton", "quantization"), ("robts", "robots"))
    assert found.query.words == ("quantization", "robots") and numbers(found)[0] == 6


async def test_two_words_written_as_one_are_taken_apart(store: Store) -> None:
    engine = await shelved(store, (replace(SHELF[0], title="Evicting from the heat pump"),))
    assert (await engine.search("heatpump", limit=1)).corrected == (("heatpump", "heat pump"),)


async def test_a_quoted_slip_stays_as_it_is(engine: Engine) -> None:
    found = await engine.search('"quantisaton"', limit=10)
    assert not found.corrected and not found.hits
    assert found.suggestion == "quantisaton"


async def test_it_says_when_no_paper_has_all_the_words(engine: Engine) -> None:
    found = await engine.search("heat maps", limit=10)
    assert found.partly and not found.matching and {3, 4} <= set(numbers(found))
    both = await engine.search("kv cache", limit=10)
    assert (both.partly, both.matching, both.more) == (False, 2, False)


@pytest.mark.parametrize("typed", ["zzzqqq", "qqzx wvvk", "扩散模型", "💥"])
async def test_nothing_is_found_for_what_means_nothing(engine: Engine, typed: str) -> None:
    if typed == "💥":
        typed += " jjjjx"
    assert (await engine.search(typed, limit=5)).total == 0


async def test_a_narrow_search_without_hits_suggests_a_wider_one(engine: Engine) -> None:
    assert (await engine.search("kv cache votes:500", limit=5)).suggestion == "kv cache"
    assert (await engine.search("title:maps author:kuhn", limit=5)).suggestion == "title:maps"
    assert (await engine.search('"cache kv"', limit=5)).suggestion == "cache kv"
    assert (await engine.search("votes:500 sort:new", limit=5)).suggestion == ""


async def test_of_conditions_alone_the_one_that_leaves_nothing_is_dropped(engine: Engine) -> None:
    assert (await engine.search("has:code year:2025 votes:500", limit=5)).suggestion == (
        "year:2025 has:code"
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("author:schmidhubr", "author:Schmidhuber"), ("author:shmidhuber", ""),
        ('author:"jurgn schmidhubr"', 'author:"Jürgen Schmidhuber"'),
        ("bees author:schmidhubr", "bees author:Schmidhuber"), ("author:li", ""),
        ("author:schmidhubr sort:new", "author:Schmidhuber sort:new"), ("author:beeslike", ""),
    ],
)  # fmt: skip
async def test_an_author_nobody_is_called_is_one_with_a_slip(
    store: Store, typed: str, meant: str
) -> None:
    of = ("Jürgen Schmidhuber", "Ada Beekeeper")
    engine = await shelved(store, (replace(SHELF[0], title="Bees", authors=of),))
    assert (await engine.search(typed, limit=5)).suggestion == meant


@pytest.mark.parametrize(
    "typed",
    [
        "2506.00003",
        "arXiv:2506.00003v2",
        "https://arxiv.org/abs/2506.00003",
        "https://huggingface.co/papers/2506.00003",
        "https://arxiv.org/pdf/2506.00003v1.pdf",
        "10.48550/arXiv.2506.00003",
    ],
)
async def test_an_id_or_link_finds_that_paper_alone(engine: Engine, typed: str) -> None:
    found = await engine.search(typed, limit=5)
    assert numbers(found) == [3] and found.total == 1 and not found.missing


async def test_an_id_with_words_comes_first(engine: Engine) -> None:
    found = await engine.search("2506.00003 kv cache", limit=5)
    assert numbers(found)[:3] == [3, 1, 2]


async def test_an_id_that_is_not_stored_is_missing(engine: Engine) -> None:
    found = await engine.search("2401.09999", limit=5)
    assert (found.missing, found.hits) == ("2401.09999", ())


@pytest.mark.parametrize("sort", ["best", "new", "votes"])
async def test_pages_have_each_paper_once(store: Store, sort: str) -> None:
    many = tuple(paper(n, title=f"Robot number {n}", votes=n % 7) for n in range(1, 41))
    engine = await shelved(store, many)
    seen: list[int] = []
    for offset in range(0, 60, 5):
        page = await engine.search(f"robot sort:{sort}", limit=5, offset=offset)
        assert page.total == 40
        seen += numbers(page)
    assert sorted(seen) == list(range(1, 41))


async def test_a_hit_says_why_with_the_words_in_bold(engine: Engine) -> None:
    [hit, *_] = (await engine.search("cities", limit=5)).hits
    assert hit.why == "We test GPT-4o on 500 maps of cities."
    assert [hit.why[start:end] for start, end in hit.bold] == ["cities"]


async def test_of_equals_the_one_with_votes_comes_first(store: Store) -> None:
    shelf = (paper(1, votes=0), replace(paper(2, votes=300), title=paper(1).title))
    shelf = tuple(replace(one, summary="The same words.", authors=()) for one in shelf)
    assert await ask(await shelved(store, shelf), "study subject") == [2, 1]


async def test_votes_do_not_beat_a_better_match(engine: Engine) -> None:
    assert (await ask(engine, "robot networks"))[0] == 6  # 7 votes; the other robot has 90


async def test_similar_papers_are_never_the_paper_itself(store: Store) -> None:
    engine = await shelved(
        store, (*SHELF, replace(SHELF[0], id="2506.00009", title="Evicting keys again"))
    )
    found = await engine.similar("2506.00001", limit=3)
    assert found[0].paper.id == "2506.00009"
    assert "2506.00001" not in [hit.paper.id for hit in found]
    assert "Evicting" in found[0].terms or "evicting" in found[0].terms
    assert await engine.similar("1234.56789", limit=3) == ()


@pytest.mark.parametrize(
    ("typed", "first"), [("qua", 6), ("gpt", 4), ("gpt4", 4), ("heat in ro", 3), ("2506.00005", 5)]
)
async def test_titles_are_found_as_they_are_typed(engine: Engine, typed: str, first: int) -> None:
    found = await engine.suggest(typed, limit=5)
    assert found[0].id == f"2506.{first:05}"


async def test_a_query_is_completed_as_titles_go_on(engine: Engine) -> None:
    assert "quantization" in await engine.complete("quan", limit=5)
    assert "kv cache" in await engine.complete("kv ca", limit=5)
    assert "gpt-4o reads" in await engine.complete("gpt4", limit=5)


@pytest.mark.parametrize("typed", ["author:har", '"kv ca', "-kv", "", "   ", "💥", '" OR NEAR('])
async def test_nothing_is_suggested_for_operators_and_marks(engine: Engine, typed: str) -> None:
    assert await engine.suggest(typed, limit=5) == []
    assert await engine.complete(typed, limit=5) == []


async def test_a_changed_text_is_found_by_its_new_words_only(store: Store, engine: Engine) -> None:
    async with store.transaction() as tx:
        changed = replace(SHELF[3], title="Charts are read", summary="By a machine.")
        await papers.save(tx, [changed])
    assert await engine.catch_up() == 1
    assert (await ask(engine, "charts"))[0] == 4
    assert 4 not in await ask(engine, '"maps of cities"')


async def test_new_papers_are_found_by_words_before_they_are_embedded(
    store: Store, engine: Engine
) -> None:
    async with store.transaction() as tx:
        await papers.save(tx, [paper(7, title="Tardigrades in orbit")])
    assert (await ask(engine, "tardigrades"))[0] == 7


async def test_without_its_table_it_goes_by_words_alone(store: Store, tmp_path: Path) -> None:
    await shelved(store)
    engine = await Engine.over(store, table=tmp_path / "nothing.npz")
    assert "missing" in engine.fault
    assert await engine.catch_up() == 0
    assert (await ask(engine, "kv cache"))[0] == 1
    assert (await engine.similar("2506.00001", limit=2))[0].paper.id == "2506.00002"


async def test_of_what_all_papers_say_the_newest_are_looked_at_whenever_they_were_stored(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "bm25_budget", lambda size, *, wide: 10)
    monkeypatch.setattr(candidates, "BM25_TOP_K", 20)
    async with store.transaction() as tx:
        dated = (on("2025-06-10") - timedelta(n) for n in range(600))
        some = [paper(n, title="Basalt tides", published=day) for n, day in enumerate(dated)]
        await papers.save(tx, some)
    engine = await Engine.over(store, table=tmp_path / "nothing.npz")
    found = numbers(await engine.search("basalt tides", limit=10))
    assert len(found) == 10 and max(found) < 20
    old = numbers(await engine.search("basalt tides before:2023-12", limit=10))
    assert len(old) == 10 and max(old) < 560 + 20


async def test_vectors_of_another_table_are_made_anew(store: Store) -> None:
    await shelved(store)
    async with store.transaction() as tx:
        await tx.run("UPDATE index_facts SET value = 'another' WHERE name = 'table'")
    engine = await Engine.over(store)
    assert (await ask(engine, "kv cache"))[0] == 1  # meanwhile
    assert await engine.catch_up() == len(SHELF)
    assert await (await Engine.over(store)).catch_up() == 0


async def test_the_engine_alone_opens_a_store_by_its_path(tmp_path: Path) -> None:
    async with searching(tmp_path / "p.db") as engine:
        await engine.add(SHELF)
        assert (await ask(engine, "old keys of long chats"))[0] == 1
    async with searching(tmp_path / "p.db") as engine:
        assert (await ask(engine, "old keys of long chats"))[0] == 1


async def test_papers_another_process_stored_are_found_by_meaning_too(store: Store) -> None:
    engine = await Engine.over(store)
    await shelved(store)
    assert await engine.catch_up() == 0
    assert (await ask(engine, "long conversations"))[0] == 1


@pytest.fixture
def _hasty_threads() -> Iterator[None]:
    """They take turns at every step."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_hasty_threads")
async def test_people_search_at_once_while_papers_come_and_memory_is_short(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_cache, "PAPERS", 2)
    monkeypatch.setattr(index_cache, "TOKENS", 10)
    monkeypatch.setattr("bot.store.searches.PATIENCE", 600.0)  # on a slow machine, too
    engine = await shelved(store)
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(ask(engine, query))
            for query in ["kv cache memory", "robot heat", "xkvqz maps", "quantization bits"] * 8
        ]
        for start in range(10, 60, 10):
            new = [paper(n, title=f"Zq{n}x tides {n}") for n in range(start, start + 10)]
            group.create_task(engine.add(new))
        for known in SHELF:
            group.create_task(engine.similar(known.id, limit=3))
    assert [task.result()[0] for task in asked] == [1, 3, 4, 6] * 8


@pytest.fixture
async def nothing(store: Store) -> AsyncIterator[Engine]:
    yield await Engine.over(store)


@pytest.mark.parametrize("typed", ["kv cache", "author:x", "kv -cache", "2506.00001", "year:2024"])
async def test_an_empty_store_answers_too(nothing: Engine, typed: str) -> None:
    found = await nothing.search(typed, limit=5)
    assert (found.hits, found.total, found.suggestion) == ((), 0, "")
    assert await nothing.suggest("kv", limit=5) == [] == await nothing.complete("kv", limit=5)


FUZZ = int(os.environ.get("SEARCH_FUZZ", "1500"))  # 100,000 take a quarter of an hour


async def test_no_input_raises_anything_but_one_sentence(engine: Engine) -> None:
    for typed in texts(FUZZ, seed=4):
        with suppress(UserError):
            found = await engine.search(typed, limit=5)
            assert len(found.hits) <= min(5, found.total)
            if found.suggestion:
                assert (await engine.search(found.suggestion, limit=1)).hits, typed
        await engine.suggest(typed, limit=5)
        await engine.complete(typed, limit=5)
