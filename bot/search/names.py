"""An author nobody is called, as the name was meant."""

from __future__ import annotations

from bot.query.clause import Consecutive
from bot.query.normal import stem, words
from bot.search import fts
from bot.search.spelling import LEAST, nearest
from bot.store import Store, index
from bot.store.filters import Filters

BEGINNING = 3  # letters of a name that are right


async def meant(store: Store, name: str) -> str:
    """The name with each word no author has as the nearest that one has."""
    return " ".join([await _meant(store, word) for word in name.split()])


async def _meant(store: Store, typed: str) -> str:
    one = "".join(map(stem, words(typed)[:1]))
    if len(one) < LEAST or await _written(store, one):
        return typed
    known = await index.beginning(store, one[:BEGINNING])
    for near in nearest(one, list(known), known):
        if written := await _written(store, near):
            return written
    return typed


async def _written(store: Store, one: str) -> str:
    """A word with that stem, as an author has it in the name; empty when none has."""
    match = fts.expression([Consecutive((one,), "authors")])
    found = await index.papers(store, await index.newest(store, match, Filters(), 1))
    names = (name for paper in found.values() for name in paper.authors)
    parts = (part for name in names for part in name.split())
    return next((part for part in parts if one in map(stem, words(part))), "")
