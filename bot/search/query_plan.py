"""What the index is asked for a query: made once, and taken along through the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.query.clause import Field, Or
from bot.query.query import Query
from bot.query.terms import Term, terms
from bot.search import fts
from bot.store import Store
from bot.store.filters import Filters, with_pk_range


@dataclass(frozen=True, slots=True)
class QueryPlan:
    query: Query
    terms: tuple[Term, ...]  # of the words that are to be there
    ranked: tuple[Term, ...]  # the same, and those of all alternatives
    filters: Filters

    def every(self, field: Field = "") -> str:
        """The FTS5 expression of the papers with all the words, there, and what else is asked."""
        wanted = [*(term.within(field) for term in self.terms), *self.query.texts]
        return fts.expression(wanted, self.query.unwanted)

    def some(self, words: Sequence[Term]) -> str:
        """The same for papers with any of some words."""
        either = Or(tuple(term.within() for term in words))
        return fts.expression([either, *self.query.texts], self.query.unwanted)


async def plan(store: Store, query: Query) -> QueryPlan:
    """With the range of papers that pass the query's filters."""
    found = terms(query.words)
    ranked = terms(query.all_words)
    alone = not found and not query.texts  # FTS5 can only take away from what it found
    filters = Filters(query.facts, without=fts.any_of(query.unwanted) if alone else "")
    return QueryPlan(query, found, ranked, await with_pk_range(store, filters))


def budget(size: int) -> int:
    """How many papers FTS5 may rank for one query: so many at least, and a share of all."""
    return max(6_000, int(0.03 * size))
