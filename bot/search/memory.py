"""What search keeps in memory of a store, and how that keeps up with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from bot.search import lexical, semantic
from bot.search.lexical import Term, Text
from bot.search.normal import tokens, words
from bot.search.semantic import Codes, Numbers
from bot.search.spelling import Vocabulary
from bot.search.table import Table
from bot.store import Row, Store, index

BATCH = 256  # papers embedded at once
READ, TOKENS = 4_000, 80_000  # papers and words that are remembered: some 40 MB
SMALL = 50_000  # papers; up to there a word of a single title is a word too


@dataclass(frozen=True, slots=True)
class Read:
    """A paper that was read to be scored."""

    text: Text
    words: Numbers  # of its title and abstract


class Memory:
    def __init__(self, store: Store, table: Table | None) -> None:
        self.table = table
        self.codes = Codes(table.dim if table else 64)
        self.words = semantic.Words(table) if table else None
        self.vocabulary = Vocabulary({})
        self.size = 0  # papers
        self.reading = Lock()  # held from `read` until its word numbers were used
        self._store = store
        self._newest = 0  # the last paper whose vector was loaded
        self._common: dict[str, int] = {}
        self._read: dict[int, Read] = {}

    async def load(self) -> None:
        """Vectors of another table are forgotten: those papers wait to be embedded."""
        if self.table and await index.fact(self._store, "table") != self.table.id:
            await index.forget_vectors(self._store, self.table.id)
        await self._load_new()
        await self._count()

    async def _load_new(self) -> None:
        """Vectors that were made since, here or by another process."""
        while self.table and (rows := await index.vectors_after(self._store, self._newest, 20_000)):
            self.codes.put([row[0] for row in rows], [row[1] for row in rows])
            self._newest = rows[-1][0]

    async def catch_up(self) -> int:
        """Embed what is new, and count words anew when much is. Returns how many were embedded."""
        done = 0
        while self.table and (rows := await index.unembedded(self._store, BATCH)):
            vectors = await asyncio.to_thread(_embedded, self.table, rows)
            await index.save_vectors(self._store, rows, vectors)
            self.codes.put([row["pk"] for row in rows], vectors)
            for row in rows:
                self._read.pop(row["pk"], None)
            done += len(rows)
        await self._load_new()
        if await index.size(self._store) > self.size * 1.1 + 10:
            await self._count()
        return done

    async def _count(self) -> None:
        self.size = await index.size(self._store)
        if self.size > int(await index.fact(self._store, "counted") or 0) * 1.1 + 10:
            await index.recount(self._store, max(20, self.size // 2000), self.size)
        self._common = await index.common(self._store)
        self.vocabulary = Vocabulary(
            await index.vocabulary(self._store, least=1 if self.size < SMALL else 3)
        )

    async def papers_with(self, terms: Iterable[Term]) -> dict[str, int]:
        """How many papers have each stem of these terms."""
        wanted = {one for term in terms for one in term.stems}
        rare = [one for one in wanted if one not in self._common]
        found = await index.frequencies(self._store, rare) if rare else {}
        return {one: self._common.get(one) or found.get(one, 0) for one in wanted}

    def read(self, rows: Sequence[Row]) -> list[Read]:
        """Papers found once are found again: by the next page, by the next person."""
        if len(self._read) > READ or (self.words is not None and len(self.words) > TOKENS):
            self._read.clear()
            self.words = semantic.Words(self.table) if self.table else None
        found = []
        for row in rows:
            one = self._read.get(row["pk"]) or self._made(row)
            self._read[row["pk"]] = one
            found.append(one)
        return found

    def _made(self, row: Row) -> Read:
        title, summary = tokens(row["title"]), tokens(row["summary"])
        text = lexical.text(title, summary, tokens(row["authors"]))
        if self.words is None:
            return Read(text, np.zeros(0, np.int64))
        return Read(text, self.words.numbers({*title, *summary}))


def _embedded(table: Table, rows: Sequence[Row]) -> list[bytes]:
    vectors = table.embed([words(f"{row['title']} {row['summary']}") for row in rows])
    return semantic.pack(vectors)
