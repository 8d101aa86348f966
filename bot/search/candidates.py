"""Which papers to rank, by words and by meaning, and their scores."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bot.query import normal
from bot.query.normal import stem, words
from bot.query.query import Query
from bot.query.terms import terms
from bot.search import fts, lexical, rank, space
from bot.search.lexical import AnyScorer, PaperWords, Scorer
from bot.search.memory import Memory
from bot.search.query_plan import QueryPlan, budget
from bot.search.rank import Candidate
from bot.search.space import Look, Sieves
from bot.search.table import Table
from bot.store import Row, Store, day, index, number, or_none
from bot.store.filters import EVERYWHERE, Filters, newest_slice

BY_WORDS = 250
READ = 70  # of the papers found so and by meaning: all their words
COMPARED = 40  # of those, word by word
Scores = Mapping[int, float]


async def gathered(store: Store, memory: Memory, plan: QueryPlan) -> dict[int, Candidate]:
    """The papers worth ranking, by their number in the store, with all their scores.

    A first look goes by what the indexes say; the best of it are read.
    """
    papers = await memory.papers_with(plan.ranked)
    found, looks = await asyncio.gather(
        _with_words(store, memory, plan, papers),
        asyncio.to_thread(_looks, memory, plan.query, papers),
    )
    sieves = Sieves(partial(_fitting, store, plan), partial(_wanted, store, plan))
    cosines, sentences = await space.near(looks, found, sieves, plan.filters.pks)
    rows = await index.texts(store, promising(found, cosines, sentences))
    scorer = _scorer(plan.query, papers, memory.size)
    return await asyncio.to_thread(_scored, memory, plan.query, scorer, rows, cosines, sentences)


def promising(found: Scores, cosines: Scores, sentences: Scores) -> list[int]:
    """The papers to read, at a first look: by bm25 and cosines."""
    most = max(found.values(), default=0.0) or 1.0
    every = {
        pk: Candidate(found.get(pk, 0.0) / most, cosines.get(pk), None, sentences.get(pk))
        for pk in {**found, **cosines, **sentences}
    }
    return rank.first(every, READ)


async def _with_words(
    store: Store, memory: Memory, plan: QueryPlan, papers: dict[str, int]
) -> dict[int, float]:
    """FTS5 ranks what has a rare word. Common words count where they are all together, and there
    the newest will do: to rank a tenth of all papers takes too long."""
    filters = plan.filters
    wide = filters and filters.pks == EVERYWHERE  # then many are looked up, too
    most = budget(memory.size) // (2 if wide else 1)
    rare = lexical.rarest(plan.ranked, papers, most)
    found: dict[int, float] = {}
    if len(rare) < len(plan.ranked):
        recent = [filters] if rare else dict.fromkeys((await newest_slice(store, filters), filters))
        for match in dict.fromkeys((plan.every(), plan.every("title"))):
            newest = await _newest(store, match, recent, BY_WORDS // 2)
            found |= dict.fromkeys(newest, 1.0 + len(found))
    if rare:
        found |= await index.best(store, plan.some(rare), filters, BY_WORDS)
    return found


async def _newest(store: Store, match: str, within: Iterable[Filters], count: int) -> Sequence[int]:
    """So many that match, from the first filters that have them, or all from the last."""
    found: Sequence[int] = ()
    for filters in within:
        if len(found) < count:
            found = await index.newest(store, match, filters, count)
    return found


def _looks(memory: Memory, query: Query, papers: Mapping[str, int]) -> list[Look | None]:
    """What the query means: its words, and as a whole."""
    words, whole = memory.spaces
    looks: list[Look | None] = [None, None]
    if words and memory.table:
        looks[0] = Look(words, memory.table.embed([_meant(memory.table, query, papers)])[0])
    if whole:
        looks[1] = Look(whole, whole.embed([query.plain])[0])
    return looks


async def _fitting(store: Store, plan: QueryPlan, pks: list[int]) -> list[int]:
    """Those of the papers that have what is asked for besides words."""
    asked = fts.expression(plan.query.texts)
    return await index.passing(store, pks, asked, plan.filters) if asked or plan.filters else pks


async def _wanted(store: Store, plan: QueryPlan, pks: list[int]) -> list[int]:
    """Those without unwanted words."""
    unwanted = fts.any_of(plan.query.unwanted)
    return await index.without(store, pks, unwanted) if unwanted else pks


def _meant(table: Table, query: Query, papers: Mapping[str, int]) -> list[str]:
    """The query's words that mean something: to a paper, or to the table as a whole."""
    whole = table.vocabulary.pieces
    return [w for w in words(query.plain) if papers.get(stem(w)) or len(whole(w)) == 1]


def _scored(
    memory: Memory,
    query: Query,
    scorer: AnyScorer,
    rows: Sequence[Row],
    cosines: Scores,
    sentences: Scores,
) -> dict[int, Candidate]:
    texts = {row["pk"]: text for row, text in zip(rows, memory.read(rows), strict=True)}
    found = {
        row["pk"]: Candidate(
            scorer(texts[row["pk"]]), cosines.get(row["pk"]), None, sentences.get(row["pk"]),
            or_none(number, row["votes"]) or 0, or_none(day, row["dated"]),
        )
        for row in rows
    }  # fmt: skip
    if cosines:
        best = set(rank.first(found, COMPARED))
        near = _compared(memory, query, scorer, [row for row in rows if row["pk"] in best], texts)
        found |= {pk: replace(found[pk], maxsim=one) for pk, one in near.items()}
    return found


def _compared(
    memory: Memory,
    query: Query,
    scorer: AnyScorer,
    rows: Sequence[Row],
    texts: Mapping[int, PaperWords],
) -> dict[int, float]:
    """How near the words of each paper come to the query's."""
    asked = {one: scorer.weight(one) for one in normal.telling_words(query.plain)}
    has = [[texts[row["pk"]].has(stem(word)) for word in asked] for row in rows]
    near = memory.maxsim(asked, rows, np.array(has, np.bool_)) if rows else []
    return {row["pk"]: one for row, one in zip(rows, near, strict=True)}


def _scorer(query: Query, papers: Mapping[str, int], size: int) -> AnyScorer:
    """By the words, with those of each alternative."""
    ways = dict.fromkeys(branch.words for branch in query.branches)
    return AnyScorer([Scorer(terms(words), papers, size, " ".join(words)) for words in ways])
