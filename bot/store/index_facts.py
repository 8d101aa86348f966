"""What is noted of the search index: which models made its vectors, and when words were counted."""

from __future__ import annotations

from bot.store import Store, Transaction


async def value(store: Store, name: str) -> str:
    """Empty when it was never noted."""
    row = await store.row("SELECT value FROM index_facts WHERE name = :name", name=name)
    return row["value"] if row else ""


async def save(tx: Transaction, name: str, value: str) -> None:
    sql = "INSERT OR REPLACE INTO index_facts (name, value) VALUES (:name, :value)"
    await tx.run(sql, name=name, value=value)
