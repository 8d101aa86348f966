"""Papers like a paper: by its vectors and its top terms."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.query import normal
from bot.query.normal import stem
from bot.query.terms import Term
from bot.search import fts, lexical, vector_index
from bot.search.candidates import BM25_TOP_K, shortlist
from bot.search.index_cache import IndexCache
from bot.search.lexical import PaperWords, Scorer
from bot.search.rank import Candidate, top_k
from bot.search.vector_index import VectorFilters, VectorQuery
from bot.store import Row, index
from bot.store.filters import Filters
from bot.text import plain

TOP_TERMS = 12  # that stand for a paper
SHOWN = 3  # of those both have
TITLE_BOOST = 3  # a word in the title counts as so many in the abstract
MAX_TF = 6  # times that a word counts
_WORD = re.compile(r"[^\W_]{2,}")  # the parts of a compound stand for it


class _TopTerm(NamedTuple):
    word: str  # as the paper writes it
    doc_freq: int


_TopTerms = Mapping[str, _TopTerm]  # by stem


async def more_like_this(cache: IndexCache, seed: int, limit: int) -> dict[int, tuple[str, ...]]:
    """The papers (pk) most like the seed, never itself, each with the words both have."""
    [row] = await index.scoring_rows(cache.store, [seed])
    top_terms = await _top_terms(cache, row)
    bm25 = await _bm25(cache, top_terms)
    queries = [
        VectorQuery(each, await each.vector(seed)) if each else None
        for each in cache.vector_indexes
    ]
    cosines, sentences = await vector_index.search(queries, bm25, VectorFilters())
    pks = [pk for pk in shortlist(bm25, cosines, sentences) if pk != seed]
    rows = await index.scoring_rows(cache.store, pks)
    return await asyncio.to_thread(_ranked, cache, top_terms, rows, cosines, sentences, limit)


async def _bm25(cache: IndexCache, top_terms: _TopTerms) -> dict[int, float]:
    budget = lexical.bm25_budget(cache.paper_count)
    rare = lexical.rarest(_terms(top_terms), _doc_freqs(top_terms), budget)
    match = fts.any_of(term.within() for term in rare)
    return await index.top_k(cache.store, match, Filters(), BM25_TOP_K) if match else {}


async def _top_terms(cache: IndexCache, row: Row) -> dict[str, _TopTerm]:
    """The words that are often here and seldom elsewhere, by tf-idf, the best first."""
    title, summary = plain(row["title"]), plain(row["summary"])
    words = [*normal.content_words(title) * TITLE_BOOST, *normal.content_words(summary)]
    tf = Counter(map(stem, words))
    written = _as_written(f"{title}\n{summary}")
    doc_freqs = await cache.doc_freqs(written)

    def tf_idf(each: str) -> float:
        return min(tf[each], MAX_TF) * lexical.idf(doc_freqs[each], cache.paper_count)

    shared = [s for s in written if doc_freqs[s] > 1 and s in tf and not s.isdigit()]
    best = sorted(shared, key=tf_idf, reverse=True)[:TOP_TERMS]
    return {each: _TopTerm(written[each], doc_freqs[each]) for each in best}


def _as_written(text: str) -> dict[str, str]:
    """By stem, the word as it stands first in the text."""
    spans = [(stem(word), text[start:end]) for word, start, end in normal.spans(text)]
    return {each: word for each, word in reversed(spans) if _WORD.fullmatch(word)}


def _terms(top_terms: _TopTerms) -> list[Term]:
    return [Term(((each,),)) for each in top_terms]


def _doc_freqs(top_terms: _TopTerms) -> dict[str, int]:
    return {each: term.doc_freq for each, term in top_terms.items()}


def _ranked(
    cache: IndexCache,
    top_terms: _TopTerms,
    rows: Sequence[Row],
    cosines: Mapping[int, float],
    sentences: Mapping[int, float],
    limit: int,
) -> dict[int, tuple[str, ...]]:
    scorer = Scorer(_terms(top_terms), _doc_freqs(top_terms), cache.paper_count)
    texts = {row["pk"]: text for row, text in zip(rows, cache.paper_words(rows), strict=True)}
    candidates = {
        pk: Candidate(scorer(text), cosines.get(pk), None, sentences.get(pk))
        for pk, text in texts.items()
    }
    return {pk: _shared(top_terms, texts[pk]) for pk in top_k(candidates, limit)}


def _shared(top_terms: _TopTerms, other: PaperWords) -> tuple[str, ...]:
    """The rarest words both have."""
    both = [(term.doc_freq, term.word) for each, term in top_terms.items() if other.has(each)]
    return tuple(word for _, word in sorted(both)[:SHOWN])
