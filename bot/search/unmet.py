"""Why a query finds nothing: what no stored paper has, whatever else is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bot.errors import TooLong
from bot.query.condition import Condition
from bot.query.operators import NAMED, AnyOf, Category, Organisation, Sort
from bot.query.query import Query
from bot.search.index_cache import IndexCache
from bot.search.query_plan import plan
from bot.search.top_papers import any_matches
from bot.store import stored_span
from bot.store.stored_span import Column

_COLUMNS: dict[type[Condition], Column] = {Category: "categories", Organisation: "organization"}


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that no stored paper meets."""

    condition: Condition
    is_known: bool = True  # of any paper at all
    stored: tuple[date, date] | None = None  # the first and the last day of all papers


async def unmet(cache: IndexCache, query: Query) -> tuple[Unmet, ...]:
    """Those of a query, as far as there is time to look."""
    found: list[Unmet] = []
    try:
        for condition in dict.fromkeys(_named(query.conditions)):
            if not await any_matches(cache, await plan(cache, Query((condition,)))):
                column = _COLUMNS.get(type(condition))
                known = not column or await stored_span.is_known(cache.store, column)
                found.append(Unmet(condition, known, await stored_span.days(cache.store)))
    except TooLong:
        pass
    return tuple(found)


def _named(conditions: Iterable[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        match condition:
            case AnyOf(alternatives):
                for alternative in alternatives:
                    yield from _named(alternative)
            case _ if isinstance(condition, NAMED) and not isinstance(condition, Sort):
                yield condition
