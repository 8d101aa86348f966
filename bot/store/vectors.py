"""The vectors that models make of papers, and which papers wait for one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.store import Row, Store, Value, index_facts


@dataclass(frozen=True, slots=True)
class VectorTables:
    """Where one model's vectors are kept."""

    vectors: str  # table of pk, vector
    pending: str  # table of the papers (pk) without one
    model: str  # the name in `index_facts` of the model's id


STATIC = VectorTables("vectors", "unembedded", "table")
ENCODED = VectorTables("encodings", "unencoded", "encoder")


async def forget(store: Store, tables: VectorTables, model: str) -> None:
    """All papers are to be embedded anew, by the model with that id."""
    async with store.transaction() as tx:
        await tx.run(f"DELETE FROM {tables.vectors}")
        await tx.run(f"INSERT OR IGNORE INTO {tables.pending} (pk) SELECT pk FROM papers")
        await index_facts.save(tx, tables.model, model)


async def pending(store: Store, tables: VectorTables, limit: int) -> list[Row]:
    """pk, title, summary of the first papers without a vector."""
    sql = f"""SELECT pk, title, summary FROM {tables.pending} JOIN papers USING (pk)
        ORDER BY pk LIMIT :limit"""  # descending, the pages of vectors would stay half empty
    return await store.rows(sql, limit=limit)


async def save(
    store: Store, tables: VectorTables, papers: Sequence[Row], vectors: Sequence[bytes]
) -> None:
    """Save a vector for each of `pending`'s rows, unless the paper's text changed since."""
    same = """FROM papers WHERE pk = :pk AND title = :title AND summary = :summary"""
    rows: list[dict[str, Value]] = [
        {**dict(row), "vector": vector} for row, vector in zip(papers, vectors, strict=True)
    ]
    insert = f"INSERT OR REPLACE INTO {tables.vectors} (pk, vector) SELECT pk, :vector {same}"
    async with store.transaction() as tx:
        await tx.run_many(insert, rows)
        await tx.run_many(f"DELETE FROM {tables.pending} WHERE pk = (SELECT pk {same})", rows)


async def load(store: Store, tables: VectorTables, pks: Iterable[int]) -> dict[int, bytes]:
    """By pk, of those papers that have a vector."""
    sql = f"SELECT * FROM {tables.vectors} WHERE pk IN (SELECT value FROM json_each(:pks))"
    return {row[0]: row[1] for row in await store.rows(sql, pks=json.dumps(list(pks)))}


async def load_after(store: Store, tables: VectorTables, pk: int, limit: int) -> list[Row]:
    """pk, vector, in order of pk: to read them all, a part at a time."""
    sql = f"SELECT pk, vector FROM {tables.vectors} WHERE pk > :pk ORDER BY pk LIMIT :limit"
    return await store.rows(sql, pk=pk, limit=limit)
