"""The name that an author nobody is called is meant to be."""

from __future__ import annotations

from bot.query.clause import Consecutive
from bot.query.normal import stem, words
from bot.search import fts
from bot.search.spelling import MIN_LENGTH, nearest
from bot.store import Store, index, term_stats
from bot.store.filters import Filters

PREFIX = 3  # letters of a name that are right


async def correct_author(store: Store, name: str) -> str:
    """The name with each word that no author has as the nearest that one has."""
    return " ".join([await _correct_word(store, word) for word in name.split()])


async def _correct_word(store: Store, typed: str) -> str:
    first_stem = "".join(map(stem, words(typed)[:1]))
    if len(first_stem) < MIN_LENGTH or await _as_written(store, first_stem):
        return typed
    doc_freqs = await term_stats.doc_freqs_of_prefix(store, first_stem[:PREFIX])
    for near in nearest(first_stem, list(doc_freqs), doc_freqs):
        if written := await _as_written(store, near):
            return written
    return typed


async def _as_written(store: Store, name_stem: str) -> str:
    """A word with that stem, as an author has it in the name; empty when none has."""
    match = fts.expression([Consecutive((name_stem,), "authors")])
    papers = await index.papers(store, await index.last_added(store, match, Filters(), 1))
    names = (name for paper in papers.values() for name in paper.authors)
    parts = (part for name in names for part in name.split())
    return next((part for part in parts if name_stem in map(stem, words(part))), "")
