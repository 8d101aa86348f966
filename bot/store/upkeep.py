"""What is old goes, and what a wrong clock left in the outbox is set right."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.store import Transaction
from bot.store.outbox import UNSENT

TEXTS = 100_000  # button texts that are kept at most: some 40 MB


async def prune(tx: Transaction, before: datetime, most: int = -1) -> int:
    """Drop finished rows older than that, but not the newest post of a place, by which is known
    what it has had. `most`: so many rows, -1 for all. Returns how many."""
    sql = """DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries AS d
        WHERE due_at < :before AND state NOT IN ('pending', 'retry', 'sending')
            AND (state NOT IN ('sent', 'unknown', 'retired') OR kind = 'notice' OR EXISTS (
                SELECT 1 FROM deliveries AS n WHERE n.platform = d.platform
                AND n.address = d.address AND n.kind = d.kind AND n.local_date > d.local_date
                AND n.state IN ('sent', 'unknown', 'retired'))) LIMIT :most)"""
    return await tx.run(sql, before=before, most=most)


async def prune_texts(tx: Transaction, before: datetime) -> None:
    """Drop button texts that nobody used since then, or that are too many, and contents that no
    delivery has."""
    sql = """DELETE FROM texts WHERE used_at < max(:before, coalesce(
        (SELECT used_at FROM texts ORDER BY used_at DESC LIMIT 1 OFFSET :most), ''))"""
    await tx.run(sql, before=before, most=TEXTS)
    sql = """DELETE FROM contents WHERE NOT EXISTS (
        SELECT 1 FROM deliveries WHERE content = contents.id)"""
    await tx.run(sql)


async def rewind(tx: Transaction, now: datetime) -> None:
    """The clock went back: what waits for a time far ahead is due now."""
    ahead = now + timedelta(hours=1)  # longer than any platform asks to wait
    sql = f"UPDATE deliveries SET due_at = :now WHERE {UNSENT} AND due_at > :ahead"
    await tx.run(sql, now=now, ahead=ahead)
    sql = """UPDATE deliveries SET state = 'retry', due_at = :now, deadline = :last
        WHERE state = 'dead' AND finished_at > :now AND kind <> 'notice'"""
    await tx.run(sql, now=now, last=now + timedelta(hours=6))
    sql = f"UPDATE deliveries SET deadline = :last WHERE {UNSENT} AND deadline > :last"
    await tx.run(sql, last=now + timedelta(hours=24))
    sql = """DELETE FROM deliveries WHERE due_at > :now
        AND state IN ('skipped', 'missed', 'paused')"""
    await tx.run(sql, now=now)
