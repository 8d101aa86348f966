"""The outbox: every post is a row before it is a request, and its outcome is written down.

pending -> sending -> sent | retry | unknown | dead
pending, retry -> cancelled | dead (past its deadline);  what may have arrived ends as unknown
unknown -> pending: only when a person asks for it (`requeue`)
A run without a post is a row, too: skipped (there was nothing to post), missed (it could not be
posted), paused (somebody chose so), replaced (its time was changed: another post brings its list);
retired: a restored backup does not know whether it was posted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot import states
from bot.model import TOPICS, Delivery, Destination, Receipt
from bot.states import DeliveryState, What
from bot.store import Reader, Row, Store, Transaction, Value, at, day, moment, number, read_all
from bot.store.upgrade import sha256
from bot.store.words import ENDED, OF_ITS_PAST, ON, SENDING, UNSENT

# A row of these states may yet be a post, or was one: its run is not to be planned again.
TAKEN = (*states.UNDER_WAY, *states.CAME)
SELECT = """SELECT d.*, coalesce(c.text, '') AS payload
    FROM deliveries AS d LEFT JOIN contents AS c ON c.id = d.content """


def delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        subscription=row["subscription"],
        destination=Destination(row["platform"], row["address"]),
        what=What(row["kind"]),
        local_date=date.fromisoformat(row["local_date"]),
        list_day=day(row["list_day"]),
        state=DeliveryState(row["state"]),
        fence=number(row["fence"]),
        attempts=number(row["attempts"]),
        tried_at=moment(row["tried_at"]),
        ambiguous_at=moment(row["ambiguous_at"]),
        doubted=bool(row["doubted"]),
        suspected=bool(row["suspected"]),
        plain=bool(row["plain"]),
        payload=row["payload"],
        reason=row["reason"],
        receipt=Receipt(row["message_id"], row["look"]) if row["message_id"] else None,
        name=row["name"],
    )


def readable(rows: Iterable[Row]) -> tuple[list[Delivery], list[int]]:
    """The deliveries of these rows, and the numbers of those that cannot be read."""
    return read_all(rows, delivery, "delivery")


async def add(
    tx: Transaction,
    where: Destination,
    what: What,
    local_date: date,
    *,
    now: datetime,
    deadline: datetime,
    list_day: date | None = None,
    subscription: int | None = None,
    payload: str = "",
    state: DeliveryState = DeliveryState.PENDING,
    reason: str = "",
) -> bool:
    """False when this place has its post, or its row, of that date and list: planning may repeat.

    A date has several parts where a place gets the lists of two days on it, or a post that died is
    sent anew. A run without a post is replaced.
    """
    rows = await _of_date(tx, where, what, local_date, subscription)
    same = [] if what is What.NOTICE else [row for row in rows if day(row["list_day"]) == list_day]
    replaced = next((row["id"] for row in same if row["state"] in states.WITHOUT_POST), None)
    if any(row["state"] in TAKEN for row in same):
        return False
    if same and replaced is None and state in states.WITHOUT_POST:
        return False  # it died or was cancelled, which says more
    part = 1 + max((row["part"] for row in rows), default=-1)
    values: dict[str, Value] = {
        "subscription": subscription, **at(where), "kind": what, "date": local_date, "part": part,
        "list_day": list_day, "state": state, "now": now, "deadline": deadline, "reason": reason,
        "content": await content_number(tx, payload) if payload else None, "id": replaced,
    }  # fmt: skip
    if replaced is not None:
        sql = f"""UPDATE deliveries SET subscription = :subscription, state = :state, due_at = :now,
            deadline = :deadline, content = :content, reason = :reason, (name, query) =
                (SELECT s.name, s.query FROM {_OR_NONE}) WHERE id = :id"""
    else:
        sql = f"""INSERT INTO deliveries (subscription, platform, address, kind, local_date, part,
                list_day, state, due_at, deadline, content, reason, name, query)
            SELECT :subscription, :platform, :address, :kind, :date, :part,
                :list_day, :state, :now, :deadline, :content, :reason, s.name, s.query
            FROM {_OR_NONE}"""
    return bool(await tx.run(sql, **values))


# What it is called, and what it asks for, where it is known; a notice has neither.
_OR_NONE = f"""(SELECT coalesce(max(name), iif(:kind = '{What.QUERY}', '{TOPICS}', '')) AS name,
    coalesce(max(query), '') AS query FROM subscriptions WHERE id = :subscription) AS s"""


async def _of_date(
    tx: Transaction, where: Destination, what: What, local_date: date, subscription: int | None
) -> list[Row]:
    """The rows of that date of one subscription, and of those before it that brought the same."""
    values = {**at(where), "kind": what, "date": local_date, "id": subscription}
    sql = f"""SELECT d.id, d.part, d.state, d.list_day FROM deliveries AS d
        JOIN subscriptions AS s ON s.id = :id WHERE {OF_ITS_PAST} AND d.local_date = :date"""
    if subscription is None:
        sql = """SELECT id, part, state, list_day FROM deliveries WHERE platform = :platform
            AND address = :address AND kind = :kind AND local_date = :date
            AND subscription IS NULL"""
    return await tx.rows(sql, **values)


async def content_number(tx: Transaction, text: str) -> int:
    """The number of a content, which is stored once."""
    key = sha256(text)
    found = await tx.rows("SELECT id FROM contents WHERE hash = :hash", hash=key)
    if not found:
        sql = "INSERT INTO contents (hash, text) VALUES (:hash, :text) RETURNING id"
        found = await tx.rows(sql, hash=key, text=text)
    return int(found[0]["id"])


async def due(
    store: Store, platform: str, now: datetime, limit: int, busy: Iterable[str] = ()
) -> list[Delivery]:
    """What should be sent by now, oldest first, but not to a `busy` chat (`Adapter.chat`), nor to
    a part of one. Nothing is taken: `claim` does that."""
    sql = f"""{SELECT} WHERE platform = :platform AND {UNSENT} AND due_at <= :now
            AND deadline > :now AND substr(address, 1, instr(address || '/', '/') - 1)
                NOT IN (SELECT value FROM json_each(:busy))
        ORDER BY due_at, d.id LIMIT :limit"""
    resting = json.dumps(list(busy))
    rows = await store.rows(sql, platform=platform, now=now, busy=resting, limit=limit)
    found, broken = readable(rows)
    if broken:
        await store.write(lambda tx: _set_aside(tx, broken, now))
    return found


async def _set_aside(tx: Transaction, broken: Sequence[int], now: datetime) -> None:
    sql = f"""UPDATE deliveries SET state = iif({SENDING}, '{DeliveryState.UNKNOWN}', {ENDED}),
        reason = 'its row cannot be read', finished_at = :now
        WHERE id IN (SELECT value FROM json_each(:ids))"""
    await tx.run(sql, ids=json.dumps(broken), now=now, state=DeliveryState.DEAD)


async def next_due(store: Store, platform: str, now: datetime) -> datetime | None:
    """When the oldest unsent post is or was due."""
    sql = f"""SELECT min(due_at) AS due FROM deliveries
        WHERE platform = :platform AND {UNSENT} AND deadline > :now"""
    row = await store.row(sql, platform=platform, now=now)
    return moment(row["due"]) if row else None


async def claim(tx: Transaction, those: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Take rows: once `tx` is durable, so are the intents to send. Only those come back that are
    still due, and as they were read."""
    sql = f"""UPDATE deliveries SET {SENDING}, fence = fence + 1,
            attempts = attempts + 1, tried_at = :now
        WHERE {UNSENT} AND deadline > :now AND (id, fence, address) IN (
            SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
                json_extract(value, '$[2]') FROM json_each(:those))
        RETURNING id"""
    read = json.dumps([(one.id, one.fence, one.destination.address) for one in those])
    taken = {row["id"] for row in await tx.rows(sql, those=read, now=now)}
    return [
        replace(
            one,
            state=DeliveryState.SENDING,
            fence=one.fence + 1,
            attempts=one.attempts + 1,
            tried_at=now,
        )
        for one in those
        if one.id in taken
    ]


async def sent(
    tx: Transaction, those: Sequence[tuple[Delivery, Receipt | None]], now: datetime
) -> None:
    """`finish` for many that arrived, each with the platform's proof."""
    sql = f"""UPDATE deliveries SET state = '{DeliveryState.SENT}', reason = '',
            message_id = :message, look = :look, due_at = :now, finished_at = :now
        WHERE id = :id AND fence = :fence AND {SENDING}"""
    many = list[dict[str, Value]]()
    for one, proof in those:
        message, look = (proof.message_id, proof.look) if proof else (None, "")
        row: dict[str, Value] = {
            "id": one.id,
            "fence": one.fence,
            "message": message,
            "look": look,
            "now": now,
        }
        many.append(row)
    await tx.run_many(sql, many)


async def finish(
    tx: Transaction,
    one: Delivery,
    state: DeliveryState,
    now: datetime,
    *,
    due_at: datetime,
    reason: str = "",
    ambiguous_at: datetime | None = None,
    suspected: bool = False,
    plain: bool = False,
) -> DeliveryState | None:
    """Write an outcome, and return it as it stands; None when this claim is not the newest: then
    nothing is written.

    What was paused or switched off meanwhile is not tried again; what may have arrived is unknown.
    """
    sql = f"""UPDATE deliveries SET state = CASE
            WHEN :state = :dead OR :state = :retry AND EXISTS (SELECT 1 FROM subscriptions AS s
                WHERE s.id = subscription AND NOT s.{ON})
            THEN iif(coalesce(ambiguous_at, :ambiguous_at) IS NOT NULL OR doubted, :unknown,
                iif(:state = :dead, :dead, :cancelled))
            ELSE :state END,
            reason = :reason, due_at = :due_at, finished_at = :now,
            ambiguous_at = coalesce(ambiguous_at, :ambiguous_at),
            suspected = :suspected, plain = max(plain, :plain)
        WHERE id = :id AND fence = :fence AND {SENDING} RETURNING state"""
    found = await tx.rows(
        sql, id=one.id, fence=one.fence, state=state, reason=reason,
        due_at=due_at, ambiguous_at=ambiguous_at, suspected=suspected, plain=plain, now=now,
        dead=DeliveryState.DEAD, retry=DeliveryState.RETRY, unknown=DeliveryState.UNKNOWN,
        cancelled=DeliveryState.CANCELLED,
    )  # fmt: skip
    return DeliveryState(found[0]["state"]) if found else None


async def expire(tx: Transaction, now: datetime) -> list[Delivery]:
    """Give up what is past its deadline. Returns what surely did not arrive."""
    sql = f"""UPDATE deliveries SET state = {ENDED}, finished_at = :now,
            reason = iif(reason = '', 'it could not be sent in time', reason)
        WHERE {UNSENT} AND deadline <= :now RETURNING id, state"""
    ended = await tx.rows(sql, now=now, state=DeliveryState.DEAD)
    dead = [row["id"] for row in ended if DeliveryState(row["state"]) is DeliveryState.DEAD]
    sql = f"{SELECT} WHERE d.id IN (SELECT value FROM json_each(:ids))"
    return readable(await tx.rows(sql, ids=json.dumps(dead)))[0]


async def orphans(store: Store, platform: str, now: datetime) -> list[Delivery]:
    """Rows a process that died was sending. What cannot be read is set aside."""
    sql = f"{SELECT} WHERE platform = :platform AND {SENDING}"
    found, broken = readable(await store.rows(sql, platform=platform))
    if broken:
        await store.write(lambda tx: _set_aside(tx, broken, now))
    return found


async def get(reader: Reader, delivery: int) -> Delivery | None:
    found, _ = readable(await reader.rows(f"{SELECT} WHERE d.id = :id", id=delivery))
    return found[0] if found else None


async def requeue(tx: Transaction, one: Delivery, now: datetime, deadline: datetime) -> bool:
    """Make a post that may not have arrived due now, whatever may come of it twice; no claim of
    before can finish it. False: it is not in doubt any more."""
    sql = f"""UPDATE deliveries SET state = '{DeliveryState.PENDING}', fence = fence + 1,
            attempts = 0, due_at = :now, deadline = :deadline, tried_at = NULL, ambiguous_at = NULL,
            finished_at = NULL, doubted = 1, suspected = 0, reason = ''
        WHERE id = :id AND state = '{DeliveryState.UNKNOWN}'"""
    return bool(await tx.run(sql, id=one.id, now=now, deadline=deadline))


async def unsent_contents(tx: Transaction) -> dict[int, str]:
    """What is to be sent, and surely did not arrive anywhere yet."""
    sql = f"""SELECT id, text FROM contents WHERE id IN (SELECT content FROM deliveries
        WHERE {UNSENT} AND kind <> '{What.NOTICE}' AND ambiguous_at IS NULL AND NOT doubted)"""
    return {row["id"]: row["text"] for row in await tx.rows(sql)}


async def rewrite(tx: Transaction, content: int, text: str, reason: str, now: datetime) -> None:
    """Send another content in place of one that is not sent yet; without a text, nothing."""
    unsent = f"content = :old AND {UNSENT} AND ambiguous_at IS NULL AND NOT doubted"
    if text:
        new = await content_number(tx, text)
        await tx.run(f"UPDATE deliveries SET content = :new WHERE {unsent}", old=content, new=new)
        return
    sql = f"""UPDATE deliveries SET state = '{DeliveryState.CANCELLED}', reason = :reason,
        finished_at = :now WHERE {unsent}"""
    await tx.run(sql, old=content, reason=reason, now=now)
