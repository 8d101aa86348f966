"""The papers that a planned query finds, in the order that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.search import candidates
from bot.search.index_cache import IndexCache
from bot.search.query_plan import QueryPlan
from bot.search.rank import rank
from bot.store import index

COUNTED = 1000  # a total is counted up to there


@dataclass(frozen=True, slots=True)
class TopPapers:
    """The numbers (pk) of the best papers, for one page or more."""

    pks: Sequence[int] = ()
    offset: int = 0  # of the first of them
    total: int = 0  # that pages can show
    matching: int = 0  # that have all the words, counted up to COUNTED + 1
    partly: bool = False  # no paper has all the words

    def with_first(self, named: int) -> TopPapers:
        """With a paper that was asked for by its id before the rest."""
        others = [pk for pk in self.pks if pk != named]
        pks = others if self.offset else [named, *others]
        total, matching = max(self.total, len(pks)), max(self.matching, 1)
        return replace(self, pks=pks, total=total, matching=matching)


async def collect(
    cache: IndexCache, plan: QueryPlan, today: date, *, limit: int, offset: int
) -> TopPapers:
    """All that are worth a look where the best come first, else the page asked for."""
    if not plan.query.conditions:
        return TopPapers()
    match = plan.matches.all_terms
    matching = await index.count(cache.store, match, plan.filters, COUNTED + 1)
    partly = not matching and len(plan.terms) > 1
    if plan.ranked and plan.sort == "best":
        pks = rank(await candidates.retrieve(cache, plan), today)
        return TopPapers(pks, 0, len(pks), matching, partly)
    total = matching
    if partly:
        match = plan.matches.any_term
        total = await index.count(cache.store, match, plan.filters, COUNTED + 1)
    in_order = index.by_votes if plan.sort == "votes" else index.by_date
    most = min(limit, COUNTED - offset)
    page = await in_order(cache.store, match, plan.filters, limit=most, offset=offset)
    return TopPapers(page, offset, min(total, COUNTED), matching, partly)


async def any_matches(cache: IndexCache, plan: QueryPlan) -> bool:
    """Whether any paper has all the words, and what else is asked."""
    return await index.count(cache.store, plan.matches.all_terms, plan.filters, 1) > 0
