"""One search, from what was typed to a page of papers: parse, correct, candidates, rank, cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from bot.errors import TooLong
from bot.model import Hit, Paper
from bot.query.normal import stem, stems, words
from bot.query.operators import Author
from bot.query.parse import parse
from bot.query.query import Query, relaxations
from bot.query.terms import terms
from bot.search import candidates, complete, likeness, names, rank
from bot.search.encoder import Encoder, EncoderError, installed
from bot.search.memory import Memory
from bot.search.query_plan import plan
from bot.search.table import SHIPPED, Table, TableError
from bot.search.why import why
from bot.store import Store, index, opened, papers

COUNTED = 1000  # a total is counted up to there
SECONDS = 1.5  # that a search may take; of three million papers most take a quarter of it
TYPING = 0.7  # that a list may take that is shown while one types


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what a search found."""

    query: Query  # as it was understood
    hits: tuple[Hit, ...] = ()
    total: int = 0  # papers that pages can show
    matching: int = 0  # papers that have all the words, counted up to COUNTED
    more: bool = False  # there are more than that
    partly: bool = False  # no paper has all the words
    corrected: tuple[tuple[str, str], ...] = ()  # (as typed, searched for)
    suggestion: str = ""  # a query that asks for less and finds papers, where none match this one
    missing: str = ""  # an arXiv id asked for that is not stored


@dataclass(frozen=True, slots=True)
class _Ranking:
    """A search before its papers are fetched: their numbers in the store, for one page or more."""

    pks: Sequence[int] = ()
    offset: int = 0  # of the first of them
    total: int = 0
    matching: int = 0  # counted up to COUNTED + 1
    partly: bool = False


def _today() -> date:
    return datetime.now(UTC).date()


class Engine:
    """Search over one store; made by `over`."""

    def __init__(self, store: Store, memory: Memory, today: Callable[[], date]) -> None:
        self.fault = ""  # why it goes by words alone
        self.encoder_fault = ""  # why it goes without the encoder that is installed
        self._store = store
        self._memory = memory
        self._today = today

    @classmethod
    async def over(
        cls, store: Store, *, today: Callable[[], date] = _today, table: Path = SHIPPED
    ) -> Engine:
        """Ready to search. Without its table of word vectors it goes by words alone."""
        try:
            loaded, fault = await asyncio.to_thread(Table.load, table), ""
        except TableError as error:
            loaded, fault = None, str(error)
        engine = cls(store, Memory(store, loaded), today)
        engine.fault = fault
        await engine._memory.load()
        return engine

    async def use_encoder(self, load: Callable[[], Encoder | None] = installed) -> None:
        """Go by the sentence encoder too, where it is installed, once it has read the papers."""
        if self._memory.encoded or self.encoder_fault:
            return
        try:
            encoder = await asyncio.to_thread(load)
        except EncoderError as error:
            self.encoder_fault = str(error)
        else:
            if encoder:
                await self._memory.use(encoder)

    async def add(self, found: Sequence[Paper]) -> None:
        """Store papers, or what is new of them, and make them searchable. Raises StoreError."""
        async with self._store.transaction() as tx:
            await papers.save(tx, found)
        await self.catch_up()

    async def catch_up(self) -> int:
        """Embed the papers that are new. Until then only their words are searched."""
        return await self._memory.catch_up()

    async def encode(self) -> int:
        """Let the encoder read what is new, some 25 papers a second; returns how many.

        Searches go by it once it has read nearly all papers.
        """
        done = 0
        while new := await self._memory.encode():
            done += new
        return done

    @property
    def encoded(self) -> tuple[int, int] | None:
        """How many papers the encoder has read, of how many; None without it."""
        space = self._memory.encoded
        return (space.size, self._memory.size) if space else None

    async def search(self, text: str, *, limit: int, offset: int = 0, person: str = "") -> Results:
        """A page of the papers a query finds, the best first. Raises UserError, one sentence:
        also when it would take longer than its time. `person`: whose turn it takes."""
        query = parse(text, self._today())
        async with self._store.searches.turn(person, SECONDS):
            return await self._search(query, limit, offset)

    async def _search(self, query: Query, limit: int, offset: int) -> Results:
        named = await index.number(self._store, query.paper) if query.paper else None
        corrected: tuple[tuple[str, str], ...] = ()
        found = _Ranking()
        if query.conditions:
            query, corrected = await self._corrected(query)
            found = await self._found(query, limit, offset)
        if named:
            found = _first(named, found)
        page = found.pks[offset - found.offset :][:limit]
        return Results(
            query,
            await self._hits(query, page),
            found.total,
            min(found.matching, COUNTED),
            found.matching > COUNTED,
            found.partly,
            corrected,
            await self._suggestion_in_time(query, found),
            query.paper if not named else "",
        )

    async def _corrected(self, query: Query) -> tuple[Query, tuple[tuple[str, str], ...]]:
        """Words no paper has, as they were meant: only where a known word is near, and never a
        word that is spelled right."""
        known = await self._memory.papers_with(terms(query.all_words))
        changed: dict[str, str] = {}
        for typed in query.all_words:
            parts = words(typed)
            unknown = len(parts) == 1 and not known.get(stem(parts[0]), 1)
            unknown = unknown and not self._memory.is_word(parts[0])
            if unknown and (meant := self._memory.vocabulary.meant(parts[0])):
                changed[typed] = meant
        return query.respelled(changed), tuple(changed.items())

    async def _found(self, query: Query, limit: int, offset: int) -> _Ranking:
        asked = await plan(self._store, query)
        match, filters = asked.every(), asked.filters
        total = await index.count(self._store, match, filters, COUNTED + 1)
        partly = not total and len(asked.terms) > 1
        if asked.ranked and query.sort == "best":
            scored = await candidates.gathered(self._store, self._memory, asked)
            pks = rank.order(scored, self._today())
            return _Ranking(pks, 0, len(pks), total, partly)
        matching = total
        if partly:
            match = asked.some(asked.terms)
            total = await index.count(self._store, match, filters, COUNTED + 1)
        ordered = index.most_voted if query.sort == "votes" else index.latest
        page = await ordered(
            self._store, match, filters, limit=min(limit, COUNTED - offset), offset=offset
        )
        return _Ranking(page, offset, min(total, COUNTED), matching, partly)

    async def _hits(self, query: Query, pks: Sequence[int]) -> tuple[Hit, ...]:
        telling = frozenset(stems(query.plain))
        found = await index.papers(self._store, pks)
        return tuple(Hit(paper, *why(paper, telling)) for paper in found.values())

    async def _suggestion_in_time(self, query: Query, found: _Ranking) -> str:
        if found.matching or (found.total and not query.narrows):
            return ""
        try:
            return await self._suggestion(query, near=not found.total)
        except TooLong:
            return ""

    async def _suggestion(self, query: Query, *, near: bool) -> str:
        """The first of some queries that finds something: with authors' names as they are
        written, and then those that ask for less.

        near: what comes near will do; else papers must have all the words
        """
        query = replace(query, paper="")
        authors = [Author(await names.meant(self._store, one.text)) for one in query.all(Author)]
        respelled = query.dropping(Author).adding(*authors)
        for one in dict.fromkeys((respelled, *relaxations(query))):
            if one == query or one.asks_nothing or parse(str(one)) != one:
                continue  # or a phrase that would be an operator
            meant, _ = await self._corrected(one)
            if (await self._found(meant, 1, 0)).total if near else await self._matching(meant):
                return str(one)
        return ""

    async def _matching(self, query: Query) -> int:
        """Whether any paper has all the words, and what else is asked."""
        asked = await plan(self._store, query)
        return await index.count(self._store, asked.every(), asked.filters, 1)

    async def similar(self, paper_id: str, *, limit: int, person: str = "") -> tuple[Hit, ...]:
        """The papers most like one that is stored, each with the words both have. Raises UserError
        when it would take longer than its time."""
        async with self._store.searches.turn(person, SECONDS):
            seed = await index.number(self._store, paper_id)
            if seed is None:
                return ()
            found = await likeness.nearest(self._store, self._memory, seed, limit)
            shown = await index.papers(self._store, list(found))
        return tuple(Hit(paper, terms=found[pk]) for pk, paper in shown.items())

    async def suggest(self, typed: str, *, limit: int, person: str = "") -> list[Paper]:
        """As you type: papers with this beginning of an id, or these words in their title. Raises
        UserError when it would take longer than typing does."""
        async with self._store.searches.turn(person, TYPING, typing=True):
            if prefix := complete.id_prefix(typed):
                return await index.ids(self._store, prefix, limit)
            match = complete.title_match(typed) if complete.is_plain(typed) else ""
            return await index.titles(self._store, match, limit) if match else []

    async def complete(self, typed: str, *, limit: int, person: str = "") -> list[str]:
        """As you type: whole queries that begin so. Raises UserError like `suggest`."""
        match = complete.title_match(typed)
        if not match or not complete.is_plain(typed):
            return []
        async with self._store.searches.turn(person, TYPING, typing=True):
            titles = [paper.title for paper in await index.titles(self._store, match, 100)]
        return complete.completed(typed, titles, self._memory.vocabulary)[:limit]


def _first(named: int, found: _Ranking) -> _Ranking:
    """A ranking with a paper that was asked for by name before the rest."""
    others = [pk for pk in found.pks if pk != named]
    pks = others if found.offset else [named, *others]
    total, matching = max(found.total, len(pks)), max(found.matching, 1)
    return replace(found, pks=pks, total=total, matching=matching)


@asynccontextmanager
async def searching(path: Path | str) -> AsyncIterator[Engine]:
    """A store's search, for those who want the engine alone. Raises StoreError."""
    async with opened(Path(path)) as store:
        engine = await Engine.over(store)
        await engine.use_encoder()
        await engine.catch_up()
        yield engine
