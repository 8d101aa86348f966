"""Papers like a paper: by its vector and its most telling words."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.query import normal
from bot.query.normal import stem
from bot.query.terms import Term
from bot.search import fts, lexical, query_plan, rank
from bot.search.candidates import BY_WORDS, promising
from bot.search.lexical import PaperWords, Scorer
from bot.search.memory import Memory
from bot.search.rank import Candidate
from bot.search.space import Look, Sieves, near
from bot.store import Row, Store, index
from bot.store.filters import Filters
from bot.text import plain

TELLING = 12  # words that stand for a paper
SHOWN = 3  # of those both have
IN_TITLE = 3  # a word in the title counts as so many in the abstract
_WORD = re.compile(r"[^\W_]{2,}")  # the parts of a compound stand for it


async def nearest(
    store: Store, memory: Memory, seed: int, limit: int
) -> dict[int, tuple[str, ...]]:
    """The papers most like that one, never itself, each with the words both have."""
    [row] = await index.texts(store, [seed])
    telling = await _telling(memory, row)
    terms = [Term(((one,),)) for one in telling]
    papers = {one: count for one, (_, count) in telling.items()}
    rare = lexical.rarest(terms, papers, query_plan.budget(memory.size))
    match = fts.any_of(term.within() for term in rare)
    found = await index.best(store, match, Filters(), BY_WORDS) if match else {}
    looks = [Look(space, await space.vector(seed)) if space else None for space in memory.spaces]
    cosines, sentences = await near(looks, found, Sieves(_any, _any))
    pks = [pk for pk in promising(found, cosines, sentences) if pk != seed]
    rows = await index.texts(store, pks)
    return await asyncio.to_thread(_ranked, memory, terms, telling, rows, cosines, sentences, limit)


async def _any(pks: list[int]) -> list[int]:
    return pks


async def _telling(memory: Memory, row: Row) -> dict[str, tuple[str, int]]:
    """The words that are often here and seldom elsewhere, the most telling first: by stem, as
    they are written, and how many papers have them."""
    title, summary = plain(row["title"]), plain(row["summary"])
    seen = [*normal.telling_words(title) * IN_TITLE, *normal.telling_words(summary)]
    whole = f"{title}\n{summary}"
    told = [(stem(word), whole[start:end]) for word, start, end in normal.spans(whole)]
    written = {one: as_is for one, as_is in reversed(told) if _WORD.fullmatch(as_is)}
    papers = await memory.papers_with([Term(((one,),)) for one in written])
    times = Counter(map(stem, seen))

    def worth(one: str) -> float:
        return min(times[one], 6) * lexical.idf(papers[one], memory.size)

    shared = [one for one in written if papers[one] > 1 and one in times and not one.isdigit()]
    best = sorted(shared, key=worth, reverse=True)[:TELLING]
    return {one: (written[one], papers[one]) for one in best}


def _ranked(
    memory: Memory,
    terms: Sequence[Term],
    telling: Mapping[str, tuple[str, int]],
    rows: Sequence[Row],
    cosines: Mapping[int, float],
    sentences: Mapping[int, float],
    limit: int,
) -> dict[int, tuple[str, ...]]:
    scorer = Scorer(terms, {one: papers for one, (_, papers) in telling.items()}, memory.size)
    read = {row["pk"]: text for row, text in zip(rows, memory.read(rows), strict=True)}
    found = {
        pk: Candidate(scorer(text), cosines.get(pk), None, sentences.get(pk))
        for pk, text in read.items()
    }
    return {pk: _shared(telling, read[pk]) for pk in rank.first(found, limit)}


def _shared(telling: Mapping[str, tuple[str, int]], other: PaperWords) -> tuple[str, ...]:
    """The rarest words both have."""
    both = [(papers, word) for one, (word, papers) in telling.items() if other.has(one)]
    return tuple(word for _, word in sorted(both)[:SHOWN])
