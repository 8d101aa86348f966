"""What a query asks of the index: made once, and taken along through all steps of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.query.clause import Field, Or, Text
from bot.query.normal import stem, words
from bot.query.operators.sort import Order
from bot.query.query import Query
from bot.query.terms import Term, terms
from bot.search import fts
from bot.search.index_cache import IndexCache
from bot.store.filters import Filters, with_pk_range


@dataclass(frozen=True, slots=True)
class QueryPlan:
    query: Query  # with its words corrected
    corrected: tuple[tuple[str, str], ...]  # (as typed, searched for)
    words: tuple[str, ...]  # all that is to be found in a paper's text, normalised
    branches: tuple[tuple[str, ...], ...]  # the words of each alternative, as typed
    terms: tuple[Term, ...]  # of the words that are to be there
    ranked: tuple[Term, ...]  # the same, and those of all alternatives
    doc_freqs: Mapping[str, int]  # of their stems
    texts: tuple[Text, ...]  # what is to be there besides words
    unwanted: tuple[Text, ...]
    filters: Filters
    sort: Order

    def all_terms(self, field: Field = "") -> str:
        """The FTS5 expression of the papers with all terms, there, and what else is asked."""
        wanted = [*(term.within(field) for term in self.terms), *self.texts]
        return fts.expression(wanted, self.unwanted)

    def any_term(self, some: Sequence[Term]) -> str:
        """The same for papers with any of some terms."""
        either = Or(tuple(term.within() for term in some))
        return fts.expression([either, *self.texts], self.unwanted)

    @property
    def stems(self) -> frozenset[str]:
        return frozenset(map(stem, self.words))


async def plan(cache: IndexCache, query: Query) -> QueryPlan:
    """Words that no paper has are corrected first."""
    ranked = terms(query.all_words)
    doc_freqs = await cache.doc_freqs(ranked)
    if corrected := cache.corrections(query.all_words, doc_freqs):
        query = query.respelled(corrected)
        ranked = terms(query.all_words)
        doc_freqs = await cache.doc_freqs(ranked)
    texts, unwanted, required = query.texts, query.unwanted, terms(query.words)
    return QueryPlan(
        query,
        tuple(corrected.items()),
        tuple(words(query.plain)),
        tuple(dict.fromkeys(branch.words for branch in query.branches)),
        required,
        ranked,
        doc_freqs,
        texts,
        unwanted,
        await _filters(cache, query, alone=not required and not texts),
        query.sort,
    )


async def _filters(cache: IndexCache, query: Query, *, alone: bool) -> Filters:
    """alone: no word and no other text is asked for, and FTS5 can only take away from matches."""
    without = fts.any_of(query.unwanted) if alone else ""
    return await with_pk_range(cache.store, Filters(query.facts, without=without))


def bm25_budget(paper_count: int) -> int:
    """How many papers FTS5 may rank for one query: a share of all, and so many at least."""
    return max(6_000, int(0.03 * paper_count))
