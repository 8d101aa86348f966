"""All papers' vectors by one model: made in the background, and the nearest to a query."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from bot.search.quantize import BinaryCodes, cosines, dequantize_int4, normalize, quantize_int4
from bot.search.table import Floats
from bot.store import Row, Store, index, index_facts, vectors
from bot.store.filters import Filters
from bot.store.vectors import VectorTables

RESCORED = 1000  # nearest by Hamming distance: their cosines are computed
TOP_K = 150  # nearest by cosine
_LOADED = 20_000  # vectors read at once

Embed = Callable[[Sequence[str]], Floats]  # texts -> (texts, dim), each row of length one


@dataclass(frozen=True, slots=True)
class VectorFilters:
    """Which papers may be found; as FTS5 expressions, what their texts must have, or must not."""

    texts: str = ""
    unwanted: str = ""
    filters: Filters = field(default_factory=Filters)


class VectorIndex:
    """The signs of all vectors are in memory, the vectors themselves in the store."""

    def __init__(
        self, store: Store, tables: VectorTables, model: str, embed: Embed, dim: int, *, batch: int
    ) -> None:
        self.embed = embed
        self._store = store
        self._tables = tables
        self._model = model
        self._codes = BinaryCodes(dim)
        self._batch = batch  # papers embedded at once
        self._last_loaded = 0  # the pk of the last paper whose vector was loaded

    @property
    def size(self) -> int:
        """How many papers have a vector."""
        return self._codes.size

    async def load(self) -> None:
        """Load the vectors. Those of another model are deleted: their papers wait for new ones."""
        if await index_facts.value(self._store, self._tables.model) != self._model:
            await vectors.forget(self._store, self._tables, self._model)
        await self.refresh()

    async def refresh(self) -> None:
        """Load the vectors made since, here or by another process."""
        after = vectors.load_after
        while rows := await after(self._store, self._tables, self._last_loaded, _LOADED):
            self._codes.put([row[0] for row in rows], [row[1] for row in rows])
            self._last_loaded = rows[-1][0]

    async def embed_pending(self) -> list[int]:
        """Embed some of the papers that have no vector; returns which. Empty: all have one."""
        rows = await vectors.pending(self._store, self._tables, self._batch)
        if rows:
            quantized = await asyncio.to_thread(self._quantized, rows)
            await vectors.save(self._store, self._tables, rows, quantized)
            self._codes.put([row["pk"] for row in rows], quantized)
        return [row["pk"] for row in rows]

    def _quantized(self, rows: Sequence[Row]) -> list[bytes]:
        return quantize_int4(self.embed([f"{row['title']}. {row['summary']}" for row in rows]))

    async def nearest(
        self, vector: Floats, others: Collection[int], filters: VectorFilters
    ) -> dict[int, float]:
        """The cosines of the TOP_K nearest papers that pass, and of others that have a vector."""
        if not self.size or not vector.any():
            return {}
        pks = await asyncio.to_thread(self._codes.nearest, vector, RESCORED, filters.filters.pks)
        pks = await index.filtered(self._store, pks, filters.texts, filters.filters)
        scores = await self.cosines(vector, {*pks, *others})
        best = sorted(scores.keys() & pks, key=scores.__getitem__, reverse=True)
        without = partial(index.excluding, self._store, match=filters.unwanted)
        top = (await without(best[: 2 * TOP_K]))[:TOP_K]  # it takes long for many
        if len(top) < TOP_K:
            top += (await without(best[2 * TOP_K :]))[: TOP_K - len(top)]
        return {pk: scores[pk] for pk in dict.fromkeys([*top, *others]) if pk in scores}

    async def cosines(self, vector: Floats, pks: Iterable[int]) -> dict[int, float]:
        """Of these papers, where they have a vector."""
        if not vector.any():
            return {}
        return cosines(vector, await vectors.load(self._store, self._tables, pks))

    async def vector(self, pk: int) -> Floats:
        """A paper's own, of length one; zero where it has none."""
        if stored := await vectors.load(self._store, self._tables, [pk]):
            [vector] = dequantize_int4(stored.values())
            return normalize(vector)
        return np.zeros(self._codes.dim, np.float32)


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """What papers are to be near to, by one model."""

    index: VectorIndex
    vector: Floats  # of length one, or zero


async def search(
    queries: Sequence[VectorQuery | None], others: Collection[int], filters: VectorFilters
) -> list[dict[int, float]]:
    """For each query the cosines of the papers that are near to any of them, and of `others`; for
    None nothing."""
    scores = [
        await query.index.nearest(query.vector, others, filters) if query else {}
        for query in queries
    ]
    pks = {pk for by_pk in scores for pk in by_pk}
    for query, by_pk in zip(queries, scores, strict=True):
        if query:
            by_pk |= await query.index.cosines(query.vector, pks - by_pk.keys())
    return scores
