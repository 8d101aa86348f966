"""One search, from what was typed to a page of papers: parse, plan, collect, show, relax."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bot.model import Hit, Paper
from bot.query.parse import parse
from bot.query.query import Query
from bot.search import complete
from bot.search.encoder import Encoder, EncoderError, installed
from bot.search.index_cache import IndexCache
from bot.search.more_like_this import more_like_this
from bot.search.query_plan import plan
from bot.search.relaxation import suggestion
from bot.search.snippet import snippet
from bot.search.table import SHIPPED, Table, TableError
from bot.search.top_papers import COUNTED, collect
from bot.search.unmet import Unmet, unmet
from bot.store import Store, index, opened, papers

COLD = 6.0  # the same, once after a start: nothing of the store is in memory yet
SECONDS = 1.5  # that a search may take; of three million papers most take a quarter of it
TYPING = 0.7  # that a list may take that is shown while one types


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what a search found."""

    query: Query  # with its words corrected
    asked: Query  # as it was typed
    hits: tuple[Hit, ...] = ()
    total: int = 0  # papers that pages can show
    matching: int = 0  # papers that have all the words, counted up to COUNTED
    more: bool = False  # there are more than that
    partly: bool = False  # no paper has all the words
    corrected: tuple[tuple[str, str], ...] = ()  # (as typed, searched for)
    suggestion: str = ""  # a query that asks for less and finds papers, where none match this one
    unmet: tuple[Unmet, ...] = ()  # what no stored paper has, where none has all that is asked
    missing: str = ""  # the id of a paper asked for that is not stored


def _today() -> date:
    return datetime.now(UTC).date()


class Engine:
    """Search over one store; made by `over`."""

    def __init__(self, store: Store, cache: IndexCache, today: Callable[[], date]) -> None:
        self.fault = ""  # why it goes by words alone
        self.encoder_fault = ""  # why it goes without the encoder that is installed
        self._store = store
        self._cache = cache
        self._today = today
        self._is_warm = False  # a search was begun

    @classmethod
    async def over(
        cls, store: Store, *, today: Callable[[], date] = _today, table: Path = SHIPPED
    ) -> Engine:
        """Ready to search. Without its table of word vectors it goes by words alone."""
        try:
            loaded, fault = await asyncio.to_thread(Table.load, table), ""
        except TableError as error:
            loaded, fault = None, str(error)
        engine = cls(store, IndexCache(store, loaded), today)
        engine.fault = fault
        await engine._cache.load()
        return engine

    async def use_encoder(self, load: Callable[[], Encoder | None] = installed) -> None:
        """Go by the sentence encoder too, where it is installed, once it has read the papers."""
        if self._cache.encoder_index or self.encoder_fault:
            return
        try:
            encoder = await asyncio.to_thread(load)
        except EncoderError as error:
            self.encoder_fault = str(error)
        else:
            if encoder:
                await self._cache.use_encoder(encoder)

    async def add(self, new: Sequence[Paper]) -> None:
        """Store papers, or what is new of them, and make them searchable. Raises StoreError."""
        async with self._store.transaction() as tx:
            await papers.save(tx, new)
        await self.catch_up()

    async def catch_up(self) -> int:
        """Embed the papers that are new. Until then only their words are searched."""
        return await self._cache.catch_up()

    async def encode(self) -> int:
        """Let the encoder read what is new, some 25 papers a second; returns how many.

        Searches go by it once it has read nearly all papers.
        """
        encoded = 0
        while count := await self._cache.encode():
            encoded += count
        return encoded

    @property
    def encoded(self) -> tuple[int, int] | None:
        """How many papers the encoder has read, of how many; None without it."""
        encoded = self._cache.encoder_index
        return (encoded.size, self._cache.paper_count) if encoded else None

    async def search(self, text: str, *, limit: int, offset: int = 0, person: str = "") -> Results:
        """A page of the papers a query finds, the best first. Raises UserError, one sentence:
        also when it would take longer than its time. `person`: whose turn it takes."""
        today = self._today()
        query = parse(text, today)
        seconds = SECONDS if self._is_warm else COLD
        self._is_warm = True
        async with self._store.searches.turn(person, seconds):
            named = await index.pk_of(self._store, query.paper) if query.paper else None
            planned = await plan(self._cache, query)
            top = await collect(self._cache, planned, today, limit=limit, offset=offset)
            if named:
                top = top.with_first(named)
            page = await index.papers(self._store, top.pks[offset - top.offset :][:limit])
            hits = tuple(Hit(paper, *snippet(paper, planned.stems)) for paper in page.values())
            other = await suggestion(self._cache, planned.query, top, today)
            none = () if top.matching else await unmet(self._cache, planned.query)
        matching = min(top.matching, COUNTED)
        return Results(
            planned.query,
            query,
            hits,
            top.total,
            matching,
            top.matching > matching,
            top.partly,
            planned.corrected,
            other,
            none,
            "" if named else query.paper,
        )

    async def similar(self, paper_id: str, *, limit: int, person: str = "") -> tuple[Hit, ...]:
        """The papers most like one that is stored, each with the words both have. Raises UserError
        when it would take longer than its time."""
        async with self._store.searches.turn(person, SECONDS):
            seed = await index.pk_of(self._store, paper_id)
            if seed is None:
                return ()
            shared = await more_like_this(self._cache, seed, limit)
            similar = await index.papers(self._store, list(shared))
        return tuple(Hit(paper, terms=shared[pk]) for pk, paper in similar.items())

    async def suggest(self, typed: str, *, limit: int, person: str = "") -> list[Paper]:
        """As you type: papers with this beginning of an id, or these words in their title. Raises
        UserError when it would take longer than typing does."""
        async with self._store.searches.turn(person, TYPING, typing=True):
            if prefix := complete.id_prefix(typed):
                return await index.by_id_prefix(self._store, prefix, limit)
            match = complete.title_match(typed) if complete.is_plain(typed) else ""
            return await index.by_title(self._store, match, limit) if match else []

    async def complete(self, typed: str, *, limit: int, person: str = "") -> list[str]:
        """As you type: whole queries that begin so. Raises UserError like `suggest`."""
        match = complete.title_match(typed)
        if not match or not complete.is_plain(typed):
            return []
        async with self._store.searches.turn(person, TYPING, typing=True):
            titles = [paper.title for paper in await index.by_title(self._store, match, 100)]
        return complete.completions(typed, titles, self._cache.title_words)[:limit]


@asynccontextmanager
async def searching(path: Path | str) -> AsyncIterator[Engine]:
    """A store's search, for those who want the engine alone. Raises StoreError."""
    async with opened(Path(path)) as store:
        engine = await Engine.over(store)
        await engine.use_encoder()
        await engine.catch_up()
        yield engine
