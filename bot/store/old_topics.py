"""Topics as an earlier version kept them, and whom they may be told of."""

from __future__ import annotations

from bot.model import Destination, Topic
from bot.store import Reader, Store, Transaction
from bot.store.subscriptions import topic


async def old_topics(store: Store) -> list[tuple[int, Destination, Topic]]:
    """Topics as an earlier version kept them, those of a subscription in a row: its number, who
    has it, the topic."""
    sql = """SELECT topics.*, platform, address FROM topics
        JOIN subscriptions ON subscriptions.id = subscription
        WHERE NOT canonical ORDER BY subscription, since IS NOT NULL, since, topics.id"""
    rows = await store.rows(sql)
    return [
        (row["subscription"], Destination(row["platform"], row["address"]), topic(row))
        for row in rows
    ]


async def rewrite_topic(tx: Transaction, number: int, text: str) -> None:
    """With its canonical text; a topic that has it already goes."""
    sql = """DELETE FROM topics WHERE id <> :id AND text = :text
        AND subscription = (SELECT subscription FROM topics WHERE id = :id)"""
    await tx.run(sql, id=number, text=text)
    await tx.run("UPDATE topics SET text = :text, canonical = 1 WHERE id = :id",
                 id=number, text=text)  # fmt: skip


async def not_off(reader: Reader) -> set[int]:
    """The numbers of the subscriptions to whose place something may go."""
    rows = await reader.rows("SELECT id FROM subscriptions WHERE state <> 'off'")
    return {row["id"] for row in rows}
