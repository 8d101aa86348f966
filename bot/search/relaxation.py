"""Another query, where one finds nothing: it asks for less, or has authors as they are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.errors import TooLong
from bot.query.operators import Author
from bot.query.parse import says_itself
from bot.query.query import Query, relaxations
from bot.search.authors import correct_author
from bot.search.index_cache import IndexCache
from bot.search.query_plan import plan
from bot.search.top_papers import TopPapers, any_matches, collect


async def suggestion(cache: IndexCache, query: Query, top: TopPapers, today: date) -> str:
    """The first other query that finds papers, of which some have all the words where this one
    found papers that have only some. Empty where none is needed, or was found in time."""
    if top.matching or (top.total and not query.narrows):
        return ""
    try:
        for other in await _others(cache, replace(query, paper="")):
            planned = await plan(cache, other)
            if top.total:
                works = await any_matches(cache, planned)
            else:
                works = (await collect(cache, planned, today, limit=1, offset=0)).total > 0
            if works:
                return str(other)
    except TooLong:
        pass
    return ""


async def _others(cache: IndexCache, query: Query) -> Iterable[Query]:
    """Without those that would be read as another query: of a phrase that is an operator."""
    authors = [Author(await correct_author(cache.store, a.text)) for a in query.all(Author)]
    respelled = query.dropping(Author).adding(*authors)
    others = dict.fromkeys((respelled, *relaxations(query)))
    asking = (other for other in others if other != query and not other.asks_nothing)
    return (other for other in asking if says_itself(other))
