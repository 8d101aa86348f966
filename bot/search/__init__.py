"""Search: a query in, ranked papers out. The seam behind which the ranking may change."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Paper
from bot.search import query
from bot.store import Store, papers


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what a search found."""

    papers: tuple[Paper, ...]
    total: int
    partly: bool  # no paper has all the words; these have some of them


async def search(store: Store, text: str, *, limit: int, offset: int = 0) -> Results:
    """Papers with all the words, best first; if there are none, with any of them.

    Raises UserError for a query without words, or too long.
    """
    words = query.parse(text)
    found, total = await papers.matching(store, query.every(words), limit=limit, offset=offset)
    if total or len(words) == 1:
        return Results(tuple(found), total, partly=False)
    found, total = await papers.matching(store, query.some(words), limit=limit, offset=offset)
    return Results(tuple(found), total, partly=True)


async def titles(store: Store, typed: str, *, limit: int) -> list[Paper]:
    """As you type: papers whose title has these words, the last one perhaps unfinished."""
    match = query.unfinished(typed)
    if not match:
        return []
    found, _ = await papers.matching(store, match, limit=limit, offset=0)
    return found
