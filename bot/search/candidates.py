"""Which papers to rank, by words and by meaning, and their scores."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bot.search import lexical, normal, rank, space
from bot.search.lexical import Scorer, Term, Text
from bot.search.memory import Memory
from bot.search.normal import stem, words
from bot.search.query import Query
from bot.search.rank import Candidate
from bot.search.space import Look, Sieves
from bot.search.table import Table
from bot.store import Row, Store, day, index, number, or_none
from bot.store.limits import EVERYWHERE, Limits, lately

BY_WORDS = 250
READ = 70  # of the papers found so and by meaning: all their words
COMPARED = 40  # of those, word by word
Scores = Mapping[int, float]


def every(query: Query, terms: Sequence[Term]) -> str:
    """The FTS5 expression of the papers that have all the words, and what else is asked."""
    return _asked(query, lexical.every(terms))


def some(query: Query, terms: Sequence[Term]) -> str:
    return _asked(query, lexical.some(terms))


def limits_of(query: Query) -> Limits:
    alone = not query.words and not _must(query)  # FTS5 can only take away from what it found
    without = _unwanted(query) if alone else ""
    return Limits(query.after, query.before, query.votes, query.code, without=without)


async def gathered(
    store: Store, memory: Memory, query: Query, terms: Sequence[Term], limits: Limits
) -> dict[int, Candidate]:
    """The papers worth ranking, by their number in the store, with all their scores.

    A first look goes by what the indexes say; the best of it are read.
    """
    papers = await memory.papers_with(terms)
    found, looks = await asyncio.gather(
        _with_words(store, memory, query, terms, papers, limits),
        asyncio.to_thread(_looks, memory, query, papers),
    )
    sieves = Sieves(partial(_fitting, store, query, limits), partial(_wanted, store, query))
    cosines, sentences = await space.near(looks, found, sieves, limits.span)
    rows = await index.texts(store, promising(found, cosines, sentences))
    scorer = Scorer(terms, papers, memory.size, " ".join(query.words))
    return await asyncio.to_thread(_scored, memory, query, scorer, rows, cosines, sentences)


def promising(found: Scores, cosines: Scores, sentences: Scores) -> list[int]:
    """The papers to read, at a first look: by bm25 and cosines."""
    most = max(found.values(), default=0.0) or 1.0
    every = {
        pk: Candidate(found.get(pk, 0.0) / most, cosines.get(pk), None, sentences.get(pk))
        for pk in {**found, **cosines, **sentences}
    }
    return rank.first(every, READ)


def budget(size: int) -> int:
    """How many papers FTS5 may rank for one query: so many at least, and a share of all."""
    return max(6_000, int(0.03 * size))


async def _with_words(
    store: Store, memory: Memory, query: Query, terms: Sequence[Term], papers: dict[str, int],
    limits: Limits,
) -> dict[int, float]:  # fmt: skip
    """FTS5 ranks what has a rare word. Common words count where they are all together, and there
    the newest will do: to rank a tenth of all papers takes too long."""
    wide = limits and limits.span == EVERYWHERE  # then many are looked up, too
    most = budget(memory.size) // (2 if wide else 1)
    rare = lexical.rarest(terms, papers, most)
    found: dict[int, float] = {}
    if len(rare) < len(terms):
        together = lexical.every(terms)
        recent = [limits] if rare else dict.fromkeys((await lately(store, limits), limits))
        for match in (together, f"title : ({together})"):
            newest = await _newest(store, _asked(query, match), recent, BY_WORDS // 2)
            found |= dict.fromkeys(newest, 1.0 + len(found))
    if rare:
        found |= await index.best(store, some(query, rare), limits, BY_WORDS)
    return found


async def _newest(store: Store, match: str, within: Iterable[Limits], count: int) -> Sequence[int]:
    """So many that match, from the first limits that have them, or all from the last."""
    found: Sequence[int] = ()
    for limits in within:
        if len(found) < count:
            found = await index.newest(store, match, limits, count)
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


async def _fitting(store: Store, query: Query, limits: Limits, pks: list[int]) -> list[int]:
    """Those of the papers that have what is asked for besides words."""
    asked = _must(query)
    return await index.passing(store, pks, asked, limits) if asked or limits else pks


async def _wanted(store: Store, query: Query, pks: list[int]) -> list[int]:
    """Those without unwanted words."""
    unwanted = _unwanted(query)
    return await index.without(store, pks, unwanted) if unwanted else pks


def _meant(table: Table, query: Query, papers: Mapping[str, int]) -> list[str]:
    """The query's words that mean something: to a paper, or to the table as a whole."""
    whole = table.vocabulary.pieces
    return [w for w in words(query.plain) if papers.get(stem(w)) or len(whole(w)) == 1]


def _scored(
    memory: Memory,
    query: Query,
    scorer: Scorer,
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
    memory: Memory, query: Query, scorer: Scorer, rows: Sequence[Row], texts: Mapping[int, Text]
) -> dict[int, float]:
    """How near the words of each paper come to the query's."""
    asked = {one: scorer.weight(one) for one in normal.telling_words(query.plain)}
    has = [[texts[row["pk"]].has(stem(word)) for word in asked] for row in rows]
    near = memory.maxsim(asked, rows, np.array(has, np.bool_)) if rows else []
    return {row["pk"]: one for row, one in zip(rows, near, strict=True)}


def _asked(query: Query, match: str) -> str:
    whole = _and([f"({match})" if match else "", _must(query)])
    unwanted = _unwanted(query)
    return f"({whole}) NOT ({unwanted})" if whole and unwanted else whole


def _must(query: Query) -> str:
    """What a paper must have besides the query's words."""
    columns = {
        "authors": query.authors,
        "title": query.titles,
        "organization": query.orgs,
        "categories": query.categories,
    }
    parts = [lexical.phrase(text) for text in query.phrases]
    for column, texts in columns.items():
        parts += [f"{column} : {match}" for text in texts if (match := lexical.phrase(text))]
    return _and(parts)


def _unwanted(query: Query) -> str:
    return " OR ".join(filter(None, map(lexical.phrase, query.without)))


def _and(parts: Iterable[str]) -> str:
    return " AND ".join(filter(None, parts))
