"""What a query asks of the index: made once, and taken along through all steps of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.query import recheck
from bot.query.clause import Field, Or, Text
from bot.query.normal import stems, words
from bot.query.operators.sort import Order
from bot.query.query import Query
from bot.query.terms import Term, stems_of, terms
from bot.search import fts, lexical
from bot.search.index_cache import IndexCache
from bot.search.lexical import DisjunctionMaxScorer
from bot.store.filters import EVERYWHERE, Filters, with_pk_range


@dataclass(frozen=True, slots=True)
class Matches:
    """FTS5 expressions; empty where there is nothing to ask for."""

    all_terms: str  # and what else is asked for, as in the next three
    all_in_title: str
    any_term: str
    any_rare: str  # any term that is rare enough to be ranked by FTS5
    texts: str  # what is asked for besides words
    unwanted: str


@dataclass(frozen=True, slots=True)
class QueryPlan:
    query: Query  # with its words corrected
    corrected: tuple[tuple[str, str], ...]  # (as typed, searched for)
    sort: Order
    text: str  # all that is to be found in a paper's text
    words: tuple[str, ...]  # of that, normalised
    stems: frozenset[str]  # of those
    terms: tuple[Term, ...]  # of the words that are to be there
    ranked: tuple[Term, ...]  # the same, and those of all alternatives
    rare: tuple[Term, ...]  # of those
    doc_freqs: Mapping[str, int]  # by stem
    matches: Matches
    filters: Filters
    scorer: DisjunctionMaxScorer  # of the words of each alternative


async def plan(cache: IndexCache, query: Query) -> QueryPlan:
    """Words that no paper has are corrected first."""
    ranked = terms(query.all_words)
    doc_freqs = await cache.doc_freqs(stems_of(ranked))
    if corrected := cache.corrections(query.all_words, doc_freqs):
        query = query.respelled(corrected)
        ranked = terms(query.all_words)
        doc_freqs = await cache.doc_freqs(stems_of(ranked))
    return await _planned(cache, query, ranked, doc_freqs, corrected)


async def _planned(
    cache: IndexCache,
    query: Query,
    ranked: tuple[Term, ...],
    doc_freqs: Mapping[str, int],
    corrected: Mapping[str, str],
) -> QueryPlan:
    texts, text, sort = query.texts, query.plain, query.sort
    unwanted, not_by = recheck.without(query).unwanted, recheck.unwanted(query)
    branches = dict.fromkeys(branch.words for branch in query.branches)
    filters, required = Filters(query.facts, by=str(recheck.wanted(query))), terms(query.words)
    if not_by.conditions:
        match = fts.expression(not_by.texts)
        filters = replace(filters, not_by=str(not_by), not_by_match=match)
    text_words, text_stems = tuple(words(text)), frozenset(stems(text))
    if not required and not texts:  # FTS5 can only take away from what it found
        filters = replace(filters, without=fts.any_of(unwanted))
    filters = await with_pk_range(cache.store, filters)
    wide = bool(filters) and filters.pks == EVERYWHERE
    rare = lexical.rarest(ranked, doc_freqs, lexical.bm25_budget(cache.paper_count, wide=wide))
    return QueryPlan(
        query=query,
        corrected=tuple(corrected.items()),
        sort=sort,
        text=text,
        words=text_words,
        stems=text_stems,
        terms=required,
        ranked=ranked,
        rare=rare,
        doc_freqs=doc_freqs,
        filters=filters,
        scorer=lexical.scorer(branches, doc_freqs, cache.paper_count),
        matches=_matches(required, rare, texts, unwanted),
    )


def _matches(
    required: Sequence[Term], rare: Sequence[Term], texts: Sequence[Text], unwanted: Sequence[Text]
) -> Matches:
    fields: tuple[Field, ...] = ("", "title")
    every, title = ([*(term.within(field) for term in required), *texts] for field in fields)
    some, scarce = ([Or(tuple(term.within() for term in t)), *texts] for t in (required, rare))
    return Matches(
        all_terms=fts.expression(every, unwanted),
        all_in_title=fts.expression(title, unwanted),
        any_term=fts.expression(some, unwanted) if required else "",
        any_rare=fts.expression(scarce, unwanted) if rare else "",
        texts=fts.expression(texts),
        unwanted=fts.any_of(unwanted),
    )
