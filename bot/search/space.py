"""The vectors that one model makes of all papers: those made, those to be made, the nearest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from bot.search import semantic
from bot.search.semantic import Codes
from bot.search.table import Floats
from bot.store import Row, Store, index
from bot.store.filters import EVERYWHERE, PkRange
from bot.store.index import Vectors

BY_SIGNS, NEAREST = 1000, 150
_LOADED = 20_000  # vectors read at once

Embed = Callable[[Sequence[str]], Floats]  # texts -> (texts, dim), each row of length one
Sieve = Callable[[list[int]], Awaitable[list[int]]]  # of these papers, those asked for


class Sieves(NamedTuple):
    first: Sieve  # before the vectors of many papers are read
    then: Sieve  # of the nearest; it takes long for many


class Space:
    """The signs of all vectors are in memory, the vectors themselves in the store."""

    def __init__(
        self, store: Store, vectors: Vectors, model: str, embed: Embed, dim: int, *, batch: int
    ) -> None:
        self.embed = embed
        self._store = store
        self._vectors = vectors
        self._model = model
        self._codes = Codes(dim)
        self._batch = batch  # papers embedded at once
        self._newest = 0  # the last paper whose vector was loaded

    @property
    def size(self) -> int:
        """How many papers have a vector."""
        return self._codes.size

    async def load(self) -> None:
        """Vectors of another model are forgotten: those papers wait to be embedded."""
        if await index.fact(self._store, self._vectors.model) != self._model:
            await index.forget_vectors(self._store, self._vectors, self._model)
        await self.follow()

    async def follow(self) -> None:
        """Load the vectors made since, here or by another process."""
        after = index.vectors_after
        while rows := await after(self._store, self._vectors, self._newest, _LOADED):
            self._codes.put([row[0] for row in rows], [row[1] for row in rows])
            self._newest = rows[-1][0]

    async def catch_up(self) -> list[int]:
        """Embed some of the papers that wait; returns which. None: no more wait."""
        rows = await index.unembedded(self._store, self._vectors, self._batch)
        if rows:
            made = await asyncio.to_thread(self._made, rows)
            await index.save_vectors(self._store, self._vectors, rows, made)
            self._codes.put([row["pk"] for row in rows], made)
        return [row["pk"] for row in rows]

    def _made(self, rows: Sequence[Row]) -> list[bytes]:
        return semantic.pack(self.embed([f"{row['title']}. {row['summary']}" for row in rows]))

    async def near(
        self, vector: Floats, found: Collection[int], sieves: Sieves, span: PkRange
    ) -> dict[int, float]:
        """Cosines of the nearest papers of a span that pass, and of those already found."""
        if not self.size or not vector.any():
            return {}
        pks = await asyncio.to_thread(self._codes.nearest, vector, BY_SIGNS, span)
        pks = await sieves.first(pks)
        cosines = await self.cosines(vector, {*pks, *found})
        best = sorted(cosines.keys() & pks, key=cosines.__getitem__, reverse=True)
        nearest = (await sieves.then(best[: 2 * NEAREST]))[:NEAREST]
        if len(nearest) < NEAREST:
            nearest += (await sieves.then(best[2 * NEAREST :]))[: NEAREST - len(nearest)]
        return {pk: cosines[pk] for pk in dict.fromkeys([*nearest, *found]) if pk in cosines}

    async def cosines(self, vector: Floats, pks: Iterable[int]) -> dict[int, float]:
        """Of these papers, where they have a vector."""
        if not vector.any():
            return {}
        stored = await index.vectors(self._store, self._vectors, pks)
        return semantic.cosines(vector, stored)

    async def vector(self, pk: int) -> Floats:
        """A paper's own; zero where it has none."""
        if stored := await index.vectors(self._store, self._vectors, [pk]):
            [vector] = semantic.unpack(stored.values())
            return semantic.unit(vector)
        return np.zeros(self._codes.dim, np.float32)


class Look(NamedTuple):
    """What to be near to."""

    space: Space
    vector: Floats


async def near(
    looks: Sequence[Look | None], found: Collection[int], sieves: Sieves, span: PkRange = EVERYWHERE
) -> list[dict[int, float]]:
    """For each look the cosines of the papers that are near in any, and of those already found."""
    every = [await one.space.near(one.vector, found, sieves, span) if one else {} for one in looks]
    pks = {pk for cosines in every for pk in cosines}
    for one, cosines in zip(looks, every, strict=True):
        if one:
            cosines |= await one.space.cosines(one.vector, pks - cosines.keys())
    return every
