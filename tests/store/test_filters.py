"""Dates, votes and code beside words: the same papers as a look at every one would find."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest

from bot.model import Paper
from bot.query.clause import AtLeast, Dated, Fact, Known
from bot.store import Row, Store, Value, filters, index, opened, papers, term_stats
from bot.store.filters import EVERYWHERE, Filters, with_pk_range
from tests.fakes import paper

FIRST = date(2020, 1, 1)
WORDS = ["", "tide", "tide AND basalt", "tide OR basalt"]
DAYS = [(None, None), (0, 15), (10, None), (None, 60), (None, 300), (100, 330), (900, None)]


def asking(
    after: date | None = None, before: date | None = None, votes: int | None = None,
    *, code: bool = False,
) -> Filters:  # fmt: skip
    facts: list[Fact] = [Dated(after, before)] if after or before else []
    facts += [AtLeast("votes", votes)] if votes is not None else []
    return Filters((*facts, *([Known("code")] if code else [])))


FILTERS = [
    asking(
        None if after is None else FIRST + timedelta(after),
        None if before is None else FIRST + timedelta(before),
        votes,
        code=code,
    )
    for (after, before), votes, code in product(DAYS, (None, 0, 35), (False, True))
]


def some() -> list[Paper]:
    """Stored much as they came, but not quite: some old ones late. Few have votes or code."""
    rng = random.Random(7)
    found = []
    for number in range(400):
        days = number if rng.random() < 0.9 else rng.randrange(400)
        words = rng.sample(["tide", "basalt", "lichen", "quartz"], 2)
        listed = rng.random() < 0.2
        dated = None if rng.random() < 0.05 else FIRST + timedelta(days)
        found.append(
            paper(
                number, None, title=f"On {' and '.join(words)}", published=dated,
                votes=rng.randrange(50) if listed else None,
                code="https://example.org/code" if listed and rng.random() < 0.5 else None,
            )
        )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("limits") / "papers.db"


@pytest.fixture
async def filled(file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    monkeypatch.setattr(filters, "NEWEST", 8)
    monkeypatch.setattr(index, "MANY", 100)
    async with opened(file) as store:
        if not await term_stats.paper_count(store):
            async with store.transaction() as tx:
                await papers.save(tx, some())
        yield store


def has(one: Paper, fact: Fact) -> bool:
    match fact:
        case AtLeast(_, least):
            return one.votes is not None and one.votes >= least
        case Known():
            return one.code is not None
        case Dated(after, before):
            late = not after or (one.published or date.min) >= after
            return late and (not before or (one.published or date.max) < before)


def looked_through(words: str, asked: Filters) -> list[tuple[int, Paper]]:
    """With their numbers in the store, in order of those."""

    def fits(one: Paper) -> bool:
        named = [f"{word} " in f"{one.title} " for word in ("tide", "basalt")]
        said = {"": True, "tide": named[0]}.get(words, all(named) if "AND" in words else any(named))
        return said and all(has(one, fact) for fact in asked.facts)

    return [(pk, one) for pk, one in enumerate(some(), 1) if fits(one)]


def _date(one: tuple[int, Paper]) -> tuple[date, int]:
    return one[1].published or date.min, one[0]


def _votes(one: tuple[int, Paper]) -> tuple[int, date, int]:
    pk, found = one
    return (-1, *_date(one)) if found.votes is None else (found.votes, date.min, pk)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("asked", FILTERS, ids=str)
async def test_all_that_fit_are_found_counted_and_put_in_order(
    filled: Store, words: str, asked: Filters
) -> None:
    fitting = looked_through(words, asked)
    near = await with_pk_range(filled, asked)
    assert all(near.pks[0] <= pk <= near.pks[1] for pk, _ in fitting)
    for within in (asked, near):
        assert await index.count(filled, words, within, 1000) == len(fitting)
        newest = await index.by_date(filled, words, within, limit=1000, offset=0)
        assert newest == [pk for pk, _ in sorted(fitting, key=_date, reverse=True)]
        assert await index.by_date(filled, words, within, limit=7, offset=3) == newest[3:10]
        voted = await index.by_votes(filled, words, within, limit=1000, offset=0)
        assert voted == [pk for pk, _ in sorted(fitting, key=_votes, reverse=True)]
        assert await index.by_votes(filled, words, within, limit=7, offset=20) == voted[20:27]
        if words:
            pks = {pk for pk, _ in fitting}
            assert set(await index.last_added(filled, words, within, 1000)) == pks
            best = await index.top_k(filled, words, within, 1000)
            assert set(best) == pks
            few = await index.top_k(filled, words, within, 7)
            assert few.keys() <= pks and len(few) >= min(4, len(best))
            assert list(few.values()) == list(best.values())[: len(few)]


@pytest.mark.parametrize("asked", FILTERS[:24], ids=str)
async def test_a_paper_with_an_unwanted_word_is_left_out(filled: Store, asked: Filters) -> None:
    unwanted = {pk for pk, _ in looked_through("tide", Filters())}
    fitting = [pk for pk, _ in looked_through("", asked) if pk not in unwanted]
    without = await with_pk_range(filled, replace(asked, without="tide"))
    assert await index.count(filled, "", without, 1000) == len(fitting)
    found = await index.by_date(filled, "", without, limit=1000, offset=0)
    assert sorted(found) == fitting


async def test_few_papers_are_between_a_first_and_a_last(filled: Store) -> None:
    few = await with_pk_range(filled, asking(code=True, before=FIRST + timedelta(300)))
    assert EVERYWHERE < few.pks < (few.pks[0], EVERYWHERE[1])
    assert (await with_pk_range(filled, asking(after=FIRST))).pks == EVERYWHERE
    assert (await with_pk_range(filled, asking(votes=1000))).pks == (1, 0)


@pytest.mark.parametrize("asked", [one for one in FILTERS if one], ids=str)
@pytest.mark.parametrize("words", ["", "tide"])
async def test_nothing_looks_through_all_papers(
    filled: Store, monkeypatch: pytest.MonkeyPatch, words: str, asked: Filters
) -> None:
    plans: list[str] = []
    rows = Store.rows

    async def planned(self: Store, sql: str, /, **params: Value) -> list[Row]:
        plans.extend(
            row["detail"] for row in await rows(self, f"EXPLAIN QUERY PLAN {sql}", **params)
        )
        return await rows(self, sql, **params)

    monkeypatch.setattr(Store, "rows", planned)
    within = await with_pk_range(filled, asked)
    await index.count(filled, words, within, 1000)
    await index.by_date(filled, words, within, limit=5, offset=0)
    await index.by_votes(filled, words, within, limit=5, offset=0)
    assert plans
    assert not [one for one in plans if one in ("SCAN p", "SCAN papers")]


@pytest.mark.parametrize("each", [0, 10**6])
async def test_of_some_papers_those_that_fit_are_left_in_their_order(
    filled: Store, monkeypatch: pytest.MonkeyPatch, each: int
) -> None:
    monkeypatch.setattr(index, "LOOKUP_COST", each)
    asked = asking(before=FIRST + timedelta(300))
    lichen = {pk for pk, one in enumerate(some(), 1) if "lichen" in one.title}
    fitting = {pk for pk, _ in looked_through("tide", asked)} - lichen
    pks = random.Random(3).sample(range(1, 401), 300)
    left = await index.filtered(filled, pks, "tide", asked)
    assert await index.excluding(filled, left, "lichen") == [pk for pk in pks if pk in fitting]
    assert await index.filtered(filled, pks, "", Filters()) == pks


def test_a_fact_that_no_column_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no column"):
        _ = Filters((AtLeast("votes; DROP TABLE papers", 1),)).where
