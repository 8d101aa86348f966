"""What is old goes, and what a wrong clock left in the outbox is set right."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot import states
from bot.states import DeliveryState, What
from bot.store import Transaction
from bot.store.history import LOOKED_BACK_TO
from bot.store.outbox import TAKEN
from bot.store.words import OF_ITS_PAST, OFF, ON, UNSENT, one_of

_UNFINISHED = (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.SENDING)  # as its index
_CHOSEN = (DeliveryState.REPLACED, DeliveryState.PAUSED)
TEXTS = 100_000  # button texts that are kept at most: some 40 MB


async def prune(tx: Transaction, before: datetime, most: int = -1) -> int:
    """Drop finished rows older than that, but not what the next post of a place looks back to:
    nine days before its newest row, and before its newest post. Where nothing is posted any more,
    there is none. `most`: so many rows, -1 for all.
    Returns how many."""
    posts = one_of(states.CAME)
    sql = f"""DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries AS d
        WHERE due_at < :before AND state NOT IN {one_of(_UNFINISHED)}
            AND (kind = '{What.NOTICE}' OR NOT EXISTS (
                SELECT 1 FROM subscriptions AS s WHERE {OF_ITS_PAST}) OR EXISTS (
                SELECT 1 FROM deliveries AS n WHERE n.platform = d.platform
                AND n.address = d.address AND (n.kind, n.name) = (d.kind, d.name)
                AND n.local_date > date(d.local_date, '+{LOOKED_BACK_TO.days} days')
                AND (n.state IN {posts} OR d.state NOT IN {posts}))) LIMIT :most)"""
    return await tx.run(sql, before=before, most=most)


async def prune_texts(tx: Transaction, before: datetime) -> None:
    """Drop button texts that nobody used since then, or that are too many."""
    sql = """DELETE FROM texts WHERE used_at < max(:before, coalesce(
        (SELECT used_at FROM texts ORDER BY used_at DESC LIMIT 1 OFFSET :most), ''))"""
    await tx.run(sql, before=before, most=TEXTS)


async def prune_places(tx: Transaction, before: datetime) -> None:
    """Drop the names of places that are lost since then. Their settings stay: one that comes back
    goes on by itself, and the platform names it again."""
    at = "s.platform = places.platform AND s.address = places.address"
    sql = f"""DELETE FROM places WHERE EXISTS (SELECT 1 FROM subscriptions AS s WHERE {at})
        AND NOT EXISTS (SELECT 1 FROM subscriptions AS s
            WHERE {at} AND (NOT s.{OFF} OR s.run_at >= :before))"""
    await tx.run(sql, before=before)


async def prune_contents(tx: Transaction) -> None:
    """Drop contents that no delivery has any more."""
    sql = """DELETE FROM contents WHERE NOT EXISTS (
        SELECT 1 FROM deliveries WHERE content = contents.id)"""
    await tx.run(sql)


async def doubt_keys(tx: Transaction, now: datetime) -> None:
    """How long ago an attempt may have arrived, the clock does not tell: no platform is taken to
    know its key still."""
    sql = f"UPDATE deliveries SET ambiguous_at = :old WHERE {UNSENT} AND ambiguous_at IS NOT NULL"
    await tx.run(sql, old=now - timedelta(days=1))


async def rewind(tx: Transaction, now: datetime) -> None:
    """The clock went back: what waits for a time far ahead is due now."""
    ahead = now + timedelta(hours=1)  # longer than any platform asks to wait
    sql = f"UPDATE deliveries SET due_at = :now WHERE {UNSENT} AND due_at > :ahead"
    await tx.run(sql, now=now, ahead=ahead)
    # Given up by the wrong clock, and not sent anew since.
    sql = f"""UPDATE deliveries AS d SET state = '{DeliveryState.RETRY}', due_at = :now
        WHERE state = '{DeliveryState.DEAD}' AND finished_at > :now AND deadline > :now
            AND kind <> '{What.NOTICE}'
            AND EXISTS (SELECT 1 FROM subscriptions AS s
                WHERE s.id = d.subscription AND s.{ON})
            AND NOT EXISTS (SELECT 1 FROM deliveries AS n
                WHERE n.subscription = d.subscription AND n.list_day = d.list_day
                AND n.state IN {one_of(TAKEN)})"""
    await tx.run(sql, now=now)
    sql = f"UPDATE deliveries SET deadline = :last WHERE {UNSENT} AND deadline > :last"
    await tx.run(sql, last=now + timedelta(hours=24))
    # A change of time and a pause are what a person did, whatever the clock said then.
    sql = f"""DELETE FROM deliveries WHERE due_at > :now
        AND state IN {one_of(states.WITHOUT_POST)}
        AND (state NOT IN {one_of(_CHOSEN)} OR list_day > date(:now))"""
    await tx.run(sql, now=now)
