"""What search keeps in memory of a store, and how that keeps up with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from bot.days import is_of_time
from bot.query.normal import tokens, words
from bot.query.terms import Term
from bot.search import lexical, semantic
from bot.search.encoder import Encoder
from bot.search.lexical import PaperWords
from bot.search.semantic import Numbers
from bot.search.space import Embed, Space
from bot.search.spelling import Vocabulary
from bot.search.table import Table
from bot.store import Row, Store, index

EMBEDDED, ENCODED = 256, 16  # papers at once
ENOUGH = 0.95  # of all papers, read by the encoder
READ, TOKENS = 4_000, 80_000  # papers and words that are remembered: some 40 MB
SMALL = 50_000  # papers; up to there a word of a single title is a word too


class Memory:
    def __init__(self, store: Store, table: Table | None) -> None:
        self.table = table
        self.static: Space | None = None
        if table:
            of = table.id, _by_words(table), table.dim
            self.static = Space(store, index.STATIC, *of, batch=EMBEDDED)
        self.encoded: Space | None = None
        self.vocabulary = Vocabulary({})
        self.size = 0  # papers
        self._store = store
        self._common: dict[str, int] = {}
        self._texts: dict[int, PaperWords] = {}
        self._words = semantic.Words(table) if table else None
        self._numbers: dict[int, Numbers] = {}  # of a paper's words, as `_words` knows them
        self._comparing = Lock()  # held while those numbers are used

    async def load(self) -> None:
        if self.static:
            await self.static.load()
        await self._count()

    async def use(self, encoder: Encoder) -> None:
        of = encoder.id, encoder.embed, encoder.dim
        space = Space(self._store, index.ENCODED, *of, batch=ENCODED)
        await space.load()
        self.encoded = space

    async def catch_up(self) -> int:
        """Embed what is new, and count words anew when much is. Returns how many were embedded."""
        done = 0
        while self.static and (new := await self.static.catch_up()):
            for pk in new:
                self._texts.pop(pk, None)
                self._numbers.pop(pk, None)
            done += len(new)
        for space in (self.static, self.encoded):
            if space:
                await space.follow()
        if await index.size(self._store) > self.size * 1.1 + 10:
            await self._count()
        return done

    async def encode(self) -> int:
        """Let the encoder read some of what is new; returns how many papers."""
        return len(await self.encoded.catch_up()) if self.encoded else 0

    @property
    def spaces(self) -> tuple[Space | None, Space | None]:
        """Of words, and of whole texts: that one once the encoder has read nearly all papers."""
        ready = self.encoded is not None and self.encoded.size >= ENOUGH * self.size
        return self.static, self.encoded if ready else None

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

    def is_word(self, word: str) -> bool:
        """Whether it is spelled right, although no paper here may have it: `week`, `monday`."""
        return is_of_time(word) or (self.table is not None and word in self.table.vocabulary)

    def read(self, rows: Sequence[Row]) -> list[PaperWords]:
        """Papers found once are found again: by the next page, by the next person."""
        if len(self._texts) > READ:
            self._texts.clear()
        found = []
        for row in rows:
            one = self._texts.get(row["pk"]) or _read(row)
            self._texts[row["pk"]] = one
            found.append(one)
        return found

    def maxsim(
        self, asked: Mapping[str, float], rows: Sequence[Row], has: NDArray[np.bool_]
    ) -> list[float]:
        """How near the papers' words come to those asked for; see `semantic.Words.nearest`."""
        if self.table is None or self._words is None:
            return [0.0] * len(rows)
        with self._comparing:
            if len(self._numbers) > READ or len(self._words) > TOKENS:
                self._numbers.clear()
                self._words = semantic.Words(self.table)
            for row in rows:
                if row["pk"] not in self._numbers:
                    told = {*tokens(row["title"]), *tokens(row["summary"])}
                    self._numbers[row["pk"]] = self._words.numbers(told)
            return self._words.nearest(asked, [self._numbers[row["pk"]] for row in rows], has)


def _read(row: Row) -> PaperWords:
    return lexical.text(tokens(row["title"]), tokens(row["summary"]), tokens(row["authors"]))


def _by_words(table: Table) -> Embed:
    return lambda texts: table.embed([words(text) for text in texts])
