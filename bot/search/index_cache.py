"""What search keeps in memory of a store, and how that keeps up with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from bot.days import is_of_time
from bot.query.normal import stem, tokens, words
from bot.search import lexical
from bot.search.encoder import Encoder
from bot.search.lexical import PaperWords
from bot.search.maxsim import WordVectors
from bot.search.spelling import TermDictionary
from bot.search.table import Numbers, Table
from bot.search.vector_index import Embed, VectorIndex, VectorQuery
from bot.store import Row, Store, index_facts, term_stats, vectors

EMBEDDED, ENCODED = 256, 16  # papers at once
MIN_ENCODED = 0.95  # of all papers: before, some would be ranked by other measures than the rest
PAPERS, TOKENS = 4_000, 80_000  # papers and tokens that are remembered: some 40 MB
SMALL = 50_000  # papers; up to there a word of a single title is a word too


class IndexCache:
    """`load` it first. Its methods that are not async may run in threads."""

    def __init__(self, store: Store, table: Table | None) -> None:
        self.store = store
        self.table = table
        self.table_index: VectorIndex | None = None
        if table:
            model = table.id, _by_words(table), table.dim
            self.table_index = VectorIndex(store, vectors.STATIC, *model, batch=EMBEDDED)
        self.encoder_index: VectorIndex | None = None
        self.title_words = TermDictionary({})
        self.paper_count = 0
        self._common: dict[str, int] = {}  # stem -> document frequency
        self._texts: dict[int, PaperWords] = {}  # by pk
        self._word_vectors = WordVectors(table) if table else None
        self._numbers: dict[int, Numbers] = {}  # by pk: its words, as `_word_vectors` knows them
        self._comparing = Lock()  # held while those numbers are used

    async def load(self) -> None:
        if self.table_index:
            await self.table_index.load()
        await self._count()

    async def use_encoder(self, encoder: Encoder) -> None:
        model = encoder.id, encoder.embed, encoder.dim
        index = VectorIndex(self.store, vectors.ENCODED, *model, batch=ENCODED)
        await index.load()
        self.encoder_index = index

    async def catch_up(self) -> int:
        """Embed new papers, and count words anew when they are many. Returns how many were
        embedded."""
        embedded = 0
        while self.table_index and (pks := await self.table_index.embed_pending()):
            for pk in pks:
                self._texts.pop(pk, None)
                self._numbers.pop(pk, None)
            embedded += len(pks)
        for index in (self.table_index, self.encoder_index):
            if index:
                await index.refresh()
        if await term_stats.paper_count(self.store) > self.paper_count * 1.1 + 10:
            await self._count()
        return embedded

    async def encode(self) -> int:
        """Let the encoder read some of the papers that are new to it; returns how many."""
        return len(await self.encoder_index.embed_pending()) if self.encoder_index else 0

    @property
    def vector_indexes(self) -> tuple[VectorIndex | None, VectorIndex | None]:
        """Of words, by the table; and of whole texts, once the encoder has read nearly all."""
        encoded = self.encoder_index
        ready = encoded is not None and encoded.size >= MIN_ENCODED * self.paper_count
        return self.table_index, encoded if ready else None

    def vector_queries(
        self, words: Iterable[str], text: str, doc_freqs: Mapping[str, int]
    ) -> list[VectorQuery | None]:
        """By the table, of the words that it or a paper knows; by the encoder, of the text."""
        by_table, by_encoder = self.vector_indexes
        queries: list[VectorQuery | None] = [None, None]
        if by_table and self.table:
            pieces = self.table.vocabulary.pieces
            known = [w for w in words if doc_freqs.get(stem(w)) or len(pieces(w)) == 1]
            queries[0] = VectorQuery(by_table, self.table.embed([known])[0])
        if by_encoder:
            queries[1] = VectorQuery(by_encoder, by_encoder.embed([text])[0])
        return queries

    async def _count(self) -> None:
        count = self.paper_count = await term_stats.paper_count(self.store)
        if count > int(await index_facts.value(self.store, "counted") or 0) * 1.1 + 10:
            await term_stats.recount(self.store, max(20, count // 2000), count)
        self._common = await term_stats.common_doc_freqs(self.store)
        least = 1 if count < SMALL else 3
        self.title_words = TermDictionary(await term_stats.title_words(self.store, least))

    async def doc_freqs(self, stems: Collection[str]) -> dict[str, int]:
        """How many papers have each stem; 0 for a stem that none has."""
        rare = [stem for stem in stems if stem not in self._common]
        counted = await term_stats.doc_freqs(self.store, rare) if rare else {}
        return {stem: self._common.get(stem) or counted.get(stem, 0) for stem in stems}

    def corrections(self, typed: Iterable[str], doc_freqs: Mapping[str, int]) -> dict[str, str]:
        """What words that no paper has are surely meant to be: only where a known word is near,
        and never for a word that is spelled right."""
        corrected: dict[str, str] = {}
        for text in typed:
            unknown = len(parts := words(text)) == 1 and not doc_freqs.get(stem(parts[0]), 1)
            if unknown and not self._is_word(parts[0]):
                corrected[text] = self.title_words.correct(parts[0])
        return {text: correct for text, correct in corrected.items() if correct}

    def _is_word(self, word: str) -> bool:
        """Whether it is spelled right, although no paper here may have it: `week`, `monday`."""
        return is_of_time(word) or (self.table is not None and word in self.table.vocabulary)

    def paper_words(self, rows: Sequence[Row]) -> list[PaperWords]:
        """Of `index.scoring_rows`, one for each. Remembered: the next page and the next person
        find the same papers."""
        if len(self._texts) > PAPERS:
            self._texts.clear()
        papers = []
        for row in rows:
            paper = self._texts.get(row["pk"]) or _paper_words(row)
            self._texts[row["pk"]] = paper
            papers.append(paper)
        return papers

    def maxsim(
        self, weights: Mapping[str, float], rows: Sequence[Row], has: NDArray[np.bool_]
    ) -> list[float]:
        """How near the papers' words come to the query's; see `WordVectors.maxsim`."""
        if self.table is None or self._word_vectors is None:
            return [0.0] * len(rows)
        with self._comparing:
            if len(self._numbers) > PAPERS or len(self._word_vectors) > TOKENS:
                self._numbers.clear()
                self._word_vectors = WordVectors(self.table)
            for row in rows:
                if row["pk"] not in self._numbers:
                    text = {*tokens(row["title"]), *tokens(row["summary"])}
                    self._numbers[row["pk"]] = self._word_vectors.numbers(text)
            numbers = [self._numbers[row["pk"]] for row in rows]
            return self._word_vectors.maxsim(weights, numbers, has)


def _paper_words(row: Row) -> PaperWords:
    return lexical.paper_words(*map(tokens, (row["title"], row["summary"], row["authors"])))


def _by_words(table: Table) -> Embed:
    return lambda texts: table.embed([words(text) for text in texts])
