"""Which papers to rank, by words and by meaning, and their scores."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.query.normal import STOPWORDS, stem
from bot.search import vector_index
from bot.search.index_cache import IndexCache
from bot.search.lexical import PaperWords
from bot.search.query_plan import QueryPlan
from bot.search.rank import Candidate, top_k
from bot.search.vector_index import VectorFilters
from bot.store import Row, day, index, number, or_none
from bot.store.filters import Filters, newest_slice

BM25_TOP_K = 250
SHORTLIST = 70  # candidates whose words are read
MAXSIM_TOP_K = 40  # of those, compared word by word
Scores = Mapping[int, float]  # by pk


async def retrieve(cache: IndexCache, plan: QueryPlan) -> dict[int, Candidate]:
    """The papers worth ranking, by their number in the store, with all their scores.

    A shortlist by the scores that the indexes have is read, and scored by its words.
    """
    embedding = asyncio.to_thread(cache.vector_queries, plan.words, plan.text, plan.doc_freqs)
    bm25, queries = await asyncio.gather(_bm25(cache, plan), embedding)
    filters = VectorFilters(plan.matches.texts, plan.matches.unwanted, plan.filters)
    cosines, sentences = await vector_index.search(queries, bm25, filters)
    rows = await index.scoring_rows(cache.store, shortlist(bm25, cosines, sentences))
    return await asyncio.to_thread(_scored, cache, plan, rows, cosines, sentences)


async def _bm25(cache: IndexCache, plan: QueryPlan) -> dict[int, float]:
    """FTS5 ranks what has a rare word. Common words count where they are all together, and of
    those papers the newest will do: to rank a tenth of all papers takes too long."""
    scores: dict[int, float] = {}
    if len(plan.rare) < len(plan.ranked):
        scores = await _with_all_terms(cache, plan)
    if plan.rare:
        match, filters = plan.matches.any_rare, plan.filters
        scores |= await index.top_k(cache.store, match, filters, BM25_TOP_K)
    return scores


async def _with_all_terms(cache: IndexCache, plan: QueryPlan) -> dict[int, float]:
    """The last added papers with all terms, and those with all in the title, which score more."""
    filters = [plan.filters]
    if not plan.rare:
        filters.insert(0, await newest_slice(cache.store, plan.filters))
    scores: dict[int, float] = {}
    for match in dict.fromkeys((plan.matches.all_terms, plan.matches.all_in_title)):
        pks = await _last_added(cache, match, dict.fromkeys(filters), BM25_TOP_K // 2)
        scores |= dict.fromkeys(pks, 1.0 + len(scores))
    return scores


async def _last_added(
    cache: IndexCache, match: str, filters: Iterable[Filters], count: int
) -> Sequence[int]:
    """So many that match, within the first filters that so many pass, else within the last."""
    pks: Sequence[int] = ()
    for each in filters:
        if len(pks) < count:
            pks = await index.last_added(cache.store, match, each, count)
    return pks


def shortlist(bm25: Scores, cosines: Scores, sentences: Scores) -> list[int]:
    """The papers to read: the best by bm25, as a share of the best paper's, and by cosines."""
    most = max(bm25.values(), default=0.0) or 1.0
    candidates = {
        pk: Candidate(bm25.get(pk, 0.0) / most, cosines.get(pk), None, sentences.get(pk))
        for pk in {**bm25, **cosines, **sentences}
    }
    return top_k(candidates, SHORTLIST)


def _scored(
    cache: IndexCache, plan: QueryPlan, rows: Sequence[Row], cosines: Scores, sentences: Scores
) -> dict[int, Candidate]:
    texts = {row["pk"]: text for row, text in zip(rows, cache.paper_words(rows), strict=True)}
    candidates = {
        row["pk"]: Candidate(
            plan.scorer(texts[row["pk"]]), cosines.get(row["pk"]), None, sentences.get(row["pk"]),
            or_none(number, row["votes"]) or 0, or_none(day, row["dated"]),
        )
        for row in rows
    }  # fmt: skip
    if cosines:
        best = set(top_k(candidates, MAXSIM_TOP_K))
        scores = _maxsim(cache, plan, [row for row in rows if row["pk"] in best], texts)
        candidates |= {pk: replace(candidates[pk], maxsim=score) for pk, score in scores.items()}
    return candidates


def _maxsim(
    cache: IndexCache, plan: QueryPlan, rows: Sequence[Row], texts: Mapping[int, PaperWords]
) -> dict[int, float]:
    """How near the words of each paper come to the query's, which weigh by their rarity."""
    weights = {word: plan.scorer.idf(word) for word in plan.words if word not in STOPWORDS}
    has = [[texts[row["pk"]].has(stem(word)) for word in weights] for row in rows]
    scores = cache.maxsim(weights, rows, np.array(has, np.bool_)) if rows else []
    return {row["pk"]: score for row, score in zip(rows, scores, strict=True)}
