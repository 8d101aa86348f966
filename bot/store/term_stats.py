"""How many papers there are, and how many have each word (document frequencies)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.store import Store, index_facts


async def paper_count(store: Store) -> int:
    """The largest pk: no paper is ever removed, and few numbers are left out."""
    row = await store.row("SELECT max(pk) FROM papers")
    return int(row[0] or 0) if row else 0


async def recount(store: Store, common: int, paper_count: int) -> None:
    """Save how many papers have each stem that `common` or more have, and how many papers there
    were. Reads the whole index: seconds per million papers."""
    rows = await store.rows("SELECT term, doc FROM stems WHERE doc >= :common", common=common)
    async with store.transaction() as tx:
        await tx.run("DELETE FROM common")
        await tx.run_many(
            "INSERT INTO common (stem, papers) VALUES (:stem, :papers)",
            [{"stem": row["term"], "papers": row["doc"]} for row in rows],
        )
        await index_facts.save(tx, "counted", str(paper_count))


async def common_doc_freqs(store: Store) -> dict[str, int]:
    """As `recount` saved them, by stem."""
    return {r["stem"]: r["papers"] for r in await store.rows("SELECT * FROM common")}


async def doc_freqs(store: Store, stems: Iterable[str]) -> dict[str, int]:
    """How many papers have each stem, unless none has it. Quick for rare stems only."""
    sql = """SELECT term, doc FROM json_each(:stems) JOIN stems ON term = value"""
    rows = await store.rows(sql, stems=json.dumps(list(stems)))
    return {row["term"]: row["doc"] for row in rows}


async def doc_freqs_of_prefix(store: Store, prefix: str) -> dict[str, int]:
    """The stems that begin with `prefix`, and how many papers have each."""
    sql = "SELECT term, doc FROM stems WHERE term >= :prefix AND term < :prefix || :last"
    rows = await store.rows(sql, prefix=prefix, last="\U0010ffff")
    return {row["term"]: row["doc"] for row in rows}


async def title_words(store: Store, least: int) -> dict[str, int]:
    """The unstemmed words that `least` titles or more have, and how many have each."""
    sql = "SELECT term, doc FROM title_words WHERE doc >= :least"
    return {row["term"]: row["doc"] for row in await store.rows(sql, least=least)}
