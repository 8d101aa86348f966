"""The outbox: every post is a row before it is a request, and its outcome is written down.

pending -> sending -> sent | retry | unknown | dead
pending, retry -> cancelled;  skipped: a run that had nothing to post, and why
unknown -> pending: only when a person asks for it (`again`)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.model import Delivery, Destination
from bot.store import Reader, Row, Store, Transaction, Value, at, moment

MISSED = "missed"  # payload of a skipped run that should have posted; others had nothing to post


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        subscription=row["subscription"],
        destination=Destination(row["platform"], row["address"]),
        kind=row["kind"],
        local_date=date.fromisoformat(row["local_date"]),
        state=row["state"],
        fence=row["fence"],
        attempts=row["attempts"],
        tried_at=moment(row["tried_at"]),
        ambiguous_at=moment(row["ambiguous_at"]),
        payload=row["payload"],
        reason=row["reason"],
    )


async def add(
    tx: Transaction,
    where: Destination,
    kind: str,
    local_date: date,
    *,
    now: datetime,
    subscription: int | None = None,
    payload: str = "",
    state: str = "pending",
    reason: str = "",
) -> bool:
    """False when this destination already has its row for that date: planning may repeat.

    A skipped run is replaced: a day that had nothing in the morning may be set up for the evening.
    """
    return bool(
        await tx.run(
            """INSERT INTO deliveries (subscription, platform, address, kind, local_date,
                state, due_at, payload, reason, part)
            VALUES (:subscription, :platform, :address, :kind, :local_date,
                :state, :now, :payload, :reason, CASE WHEN :kind = 'notice' THEN
                (SELECT coalesce(max(part) + 1, 0) FROM deliveries WHERE platform = :platform
                 AND address = :address AND kind = 'notice' AND local_date = :local_date)
                ELSE 0 END)
            ON CONFLICT (platform, address, kind, local_date, part) DO UPDATE SET
                subscription = excluded.subscription, state = excluded.state,
                due_at = excluded.due_at, payload = excluded.payload, reason = excluded.reason
            WHERE deliveries.state = 'skipped'""",
            subscription=subscription,
            **at(where),
            kind=kind,
            local_date=local_date,
            state=state,
            now=now,
            payload=payload,
            reason=reason,
        )
    )


async def due(
    store: Store, platform: str, now: datetime, limit: int, busy: Iterable[str] = ()
) -> list[Delivery]:
    """What should be sent by now, oldest first, but not to a `busy` address. Nothing is taken:
    `intend` does that."""
    found = await store.rows(
        """SELECT * FROM deliveries
        WHERE platform = :platform AND state IN ('pending', 'retry') AND due_at <= :now
            AND address NOT IN (SELECT value FROM json_each(:busy))
        ORDER BY due_at, id LIMIT :limit""",
        platform=platform,
        now=now,
        limit=limit,
        busy=json.dumps(list(busy)),
    )
    return [_delivery(row) for row in found]


async def next_due(store: Store, platform: str) -> datetime | None:
    """When the oldest unsent post is or was due."""
    row = await store.row(
        """SELECT min(due_at) AS due FROM deliveries
        WHERE platform = :platform AND state IN ('pending', 'retry')""",
        platform=platform,
    )
    return moment(row["due"]) if row else None


async def claim(tx: Transaction, those: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Take rows: once `tx` is durable, so are the intents to send. Only those come back that are
    still due, and as they were read."""
    sql = """UPDATE deliveries SET state = 'sending', fence = fence + 1,
            attempts = attempts + 1, tried_at = :now
        WHERE state IN ('pending', 'retry') AND (id, fence, address) IN (
            SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
                json_extract(value, '$[2]') FROM json_each(:those))
        RETURNING *"""
    read = json.dumps([(one.id, one.fence, one.destination.address) for one in those])
    return [_delivery(row) for row in await tx.rows(sql, those=read, now=now)]


async def intend(store: Store, delivery: Delivery, now: datetime) -> Delivery | None:
    """`claim` for one row alone."""
    found = await store.write(lambda tx: claim(tx, [delivery], now))
    return found[0] if found else None


async def sent(
    tx: Transaction, those: Sequence[tuple[Delivery, str | None]], now: datetime
) -> None:
    """`finish` for many that arrived, each with the platform's proof."""
    sql = """UPDATE deliveries SET state = 'sent', reason = '', message_id = :proof, due_at = :now,
            finished_at = :now
        WHERE id = :id AND fence = :fence AND state = 'sending'"""
    many = list[dict[str, Value]]()
    for one, proof in those:
        many.append({"id": one.id, "fence": one.fence, "proof": proof, "now": now})
    await tx.run_many(sql, many)


async def finish(
    tx: Transaction,
    delivery: Delivery,
    state: str,
    now: datetime,
    *,
    due_at: datetime,
    reason: str = "",
    message_id: str | None = None,
    ambiguous_at: datetime | None = None,
) -> bool:
    """Write an outcome. False when this claim is not the newest: then nothing is written.

    What was paused or switched off meanwhile is not tried again.
    """
    return bool(
        await tx.run(
            """UPDATE deliveries SET state = CASE WHEN :state = 'retry' AND EXISTS (
                SELECT 1 FROM subscriptions AS s WHERE s.id = subscription AND s.state <> 'on')
                THEN 'cancelled' ELSE :state END, reason = :reason, message_id = :message_id,
                due_at = :due_at, finished_at = :now,
                ambiguous_at = coalesce(ambiguous_at, :ambiguous_at)
            WHERE id = :id AND fence = :fence AND state = 'sending'""",
            id=delivery.id,
            fence=delivery.fence,
            state=state,
            reason=reason,
            message_id=message_id,
            due_at=due_at,
            ambiguous_at=ambiguous_at,
            now=now,
        )
    )


async def orphans(store: Store, platform: str) -> list[Delivery]:
    """Rows a process that died was sending."""
    sql = "SELECT * FROM deliveries WHERE platform = :platform AND state = 'sending'"
    found = await store.rows(sql, platform=platform)
    return [_delivery(row) for row in found]


async def get(store: Store, number: int) -> Delivery | None:
    row = await store.row("SELECT * FROM deliveries WHERE id = :id", id=number)
    return _delivery(row) if row else None


async def last(store: Store, where: Destination, kind: str) -> Delivery | None:
    """The newest delivery of a place."""
    sql = """SELECT * FROM deliveries WHERE platform = :platform AND address = :address
        AND kind = :kind ORDER BY local_date DESC, id DESC LIMIT 1"""
    row = await store.row(sql, **at(where), kind=kind)
    return _delivery(row) if row else None


@dataclass(frozen=True, slots=True)
class Record:
    """A delivery as people ask about it."""

    delivery: Delivery
    zone: str  # its place's
    when: datetime  # of its outcome; of the next try, while there is none


_RECORDS = """SELECT d.*, coalesce((SELECT zone FROM subscriptions WHERE id = d.subscription),
        (SELECT zone FROM subscriptions AS s
         WHERE s.platform = d.platform AND s.address = d.address LIMIT 1), 'UTC') AS zone,
    CASE WHEN state IN ('pending', 'sending', 'retry') THEN due_at
        ELSE coalesce(finished_at, due_at) END AS at
    FROM deliveries AS d """


async def _records(reader: Reader, which: str, **params: str | int) -> list[Record]:
    found = await reader.rows(_RECORDS + which, **params)
    return [Record(_delivery(r), r["zone"], datetime.fromisoformat(r["at"])) for r in found]


async def recent(store: Store, where: Destination, limit: int) -> list[Record]:
    """The last deliveries of a place, of every kind, newest first."""
    which = """WHERE platform = :platform AND address = :address
        ORDER BY local_date DESC, id DESC LIMIT :limit"""
    return await _records(store, which, **at(where), limit=limit)


async def newest(store: Store, limit: int, *, failed: bool) -> list[Record]:
    """The last deliveries of all places, newest first; `failed`: those that did not arrive, or may
    not have, or not yet."""
    which = "WHERE state IN ('unknown', 'dead', 'retry')" if failed else ""
    return await _records(store, f"{which} ORDER BY id DESC LIMIT :most", most=limit)


async def again(store: Store, where: Destination, number: int, now: datetime) -> Record | None:
    """Make a post that may not have arrived due now; no claim of before can finish it.

    Returns the row as it was: any state but 'unknown' is left alone. None: the place has none.
    """
    which = "WHERE id = :id AND platform = :platform AND address = :address"
    found = await _records(store, which, **at(where), id=number)
    if not found:
        return None
    async with store.transaction() as tx:
        sql = """UPDATE deliveries SET state = 'pending', fence = fence + 1, attempts = 0,
                due_at = :now, tried_at = NULL, ambiguous_at = NULL, finished_at = NULL, reason = ''
            WHERE id = :id AND platform = :platform AND address = :address AND state = 'unknown'"""
        await tx.run(sql, **at(where), id=number, now=now)
    return found[0]


async def missed_since(tx: Transaction, subscription: int, since: date) -> list[tuple[date, str]]:
    """Runs after that local date that should have posted and could not, and why."""
    sql = """SELECT local_date, reason FROM deliveries WHERE subscription = :id
        AND local_date > :since AND state = 'skipped' AND payload = :missed
        ORDER BY local_date"""
    found = await tx.rows(sql, id=subscription, since=since, missed=MISSED)
    return [(date.fromisoformat(row["local_date"]), row["reason"]) for row in found]


async def prune(tx: Transaction, before: datetime, most: int = -1) -> int:
    """Drop finished rows older than that, and button texts. `most`: so many rows, -1 for all.
    Returns how many."""
    sql = """DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE due_at < :before
        AND state NOT IN ('pending', 'retry', 'sending') LIMIT :most)"""
    await tx.run("DELETE FROM texts WHERE used_at < :before", before=before)
    return await tx.run(sql, before=before, most=most)
