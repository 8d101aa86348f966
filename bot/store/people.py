"""Subscriptions, topics, places, and the texts behind long buttons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.model import Destination, Subscription, Topic
from bot.store import Reader, Row, Store, Transaction, Value, at, day


@dataclass(frozen=True, slots=True)
class Order:
    """The settings of a subscription as a person chose them, and when it runs next."""

    time: str
    zone: str
    papers: int
    run_at: datetime


def _subscription(row: Row) -> Subscription:
    return Subscription(
        id=row["id"],
        destination=Destination(row["platform"], row["address"]),
        kind=row["kind"],
        time=row["time"],
        zone=row["zone"],
        papers=row["papers"],
        state=row["state"],
        reason=row["reason"],
        run_at=datetime.fromisoformat(row["run_at"]),
        owner=row["owner"],
        last_day=day(row["last_day"]),
        last_arrival=row["last_arrival"],
    )


async def subscription(store: Store, where: Destination, kind: str) -> Subscription | None:
    sql = """SELECT * FROM subscriptions
        WHERE platform = :platform AND address = :address AND kind = :kind"""
    row = await store.row(sql, **at(where), kind=kind)
    return _subscription(row) if row else None


async def subscribe(
    tx: Transaction, where: Destination, kind: str, order: Order, owner: str | None
) -> int:
    """Make or change a subscription and switch it on. Returns its id.

    A run that is due already, and waits for its list, is kept unless its time changes.
    """
    sql = """INSERT INTO subscriptions
            (platform, address, kind, time, zone, papers, run_at, check_at, owner)
        VALUES (:platform, :address, :kind, :time, :zone, :papers, :run_at, :run_at, :owner)
        ON CONFLICT (platform, address, kind) DO UPDATE SET time = excluded.time,
            zone = excluded.zone, papers = excluded.papers, owner = excluded.owner,
            run_at = CASE WHEN (state, time, zone) = ('on', excluded.time, excluded.zone)
                THEN run_at ELSE excluded.run_at END,
            check_at = CASE WHEN (state, time, zone) = ('on', excluded.time, excluded.zone)
                THEN check_at ELSE excluded.check_at END,
            state = 'on', reason = ''
        RETURNING id"""
    place = {**at(where), "kind": kind, "time": order.time, "zone": order.zone}
    rows = await tx.rows(sql, **place, papers=order.papers, run_at=order.run_at, owner=owner)
    return int(rows[0]["id"])


async def switch(
    tx: Transaction, subscription: int, state: str, run_at: datetime, reason: str = ""
) -> None:
    """Set the state ('on', 'paused', 'off'); what is not sent yet is cancelled unless 'on'."""
    sql = """UPDATE subscriptions SET state = :state, reason = :reason, run_at = :run_at,
        check_at = :run_at WHERE id = :id"""
    await tx.run(sql, id=subscription, state=state, reason=reason, run_at=run_at)
    if state != "on":
        sql = """UPDATE deliveries SET state = 'cancelled', reason = :reason
            WHERE subscription = :id AND state IN ('pending', 'retry')"""
        await tx.run(sql, id=subscription, reason=reason or state)


async def switch_off(tx: Transaction, where: Destination, reason: str) -> list[Subscription]:
    """A place takes no posts any more. Returns the subscriptions this switched off."""
    place = {**at(where), "reason": reason}
    sql = """UPDATE deliveries SET state = 'cancelled', reason = :reason
        WHERE platform = :platform AND address = :address AND state IN ('pending', 'retry')"""
    await tx.run(sql, **place)
    sql = """UPDATE subscriptions SET state = 'off', reason = :reason
        WHERE platform = :platform AND address = :address AND state = 'on' RETURNING *"""
    found = await tx.rows(sql, **place)
    return [_subscription(row) for row in found]


async def due(reader: Reader, now: datetime, limit: int) -> list[Subscription]:
    sql = """SELECT * FROM subscriptions WHERE state = 'on' AND check_at <= :now
        ORDER BY check_at LIMIT :limit"""
    return [_subscription(row) for row in await reader.rows(sql, now=now, limit=limit)]


async def passed(tx: Transaction, now: datetime) -> list[Subscription]:
    """In whatever state: those whose next run is not in the future."""
    sql = "SELECT * FROM subscriptions WHERE run_at <= :now ORDER BY id"
    return [_subscription(row) for row in await tx.rows(sql, now=now)]


async def look_again(tx: Transaction, subscription: int, at: datetime, reason: str) -> None:
    """The run waits for its list, and why."""
    sql = "UPDATE subscriptions SET check_at = :at, reason = :reason WHERE id = :id"
    await tx.run(sql, id=subscription, at=at, reason=reason)


async def ran(
    tx: Transaction, subscription: int, next_run: datetime, posted: tuple[date, int] | None
) -> None:
    """The run is over. `posted`: the list day it covered, and the newest arrival then."""
    day, arrival = posted or (None, None)
    sql = """UPDATE subscriptions SET run_at = :next_run, check_at = :next_run, reason = '',
        first_day = coalesce(first_day, :day), last_day = coalesce(:day, last_day),
        last_arrival = coalesce(:arrival, last_arrival)
        WHERE id = :id"""
    await tx.run(sql, id=subscription, next_run=next_run, day=day, arrival=arrival)


async def addresses(store: Store, platform: str) -> list[str]:
    """Where posts go on one platform, for `doctor`."""
    sql = """SELECT DISTINCT address FROM subscriptions
        WHERE platform = :platform AND state = 'on' AND kind = 'daily' ORDER BY address"""
    return [row["address"] for row in await store.rows(sql, platform=platform)]


async def topics(store: Store, subscription: int) -> list[Topic]:
    sql = "SELECT id, text FROM topics WHERE subscription = :id ORDER BY text"
    return [Topic(row["id"], row["text"]) for row in await store.rows(sql, id=subscription)]


async def first_days(tx: Transaction, subscriptions: Sequence[int]) -> dict[int, date]:
    """The list days of their first posts: papers of days before are not late, they never were."""
    sql = """SELECT id, first_day FROM subscriptions
        WHERE first_day IS NOT NULL AND id IN (SELECT value FROM json_each(:ids))"""
    found = await tx.rows(sql, ids=json.dumps(subscriptions))
    return {row["id"]: date.fromisoformat(row["first_day"]) for row in found}


async def topics_of(tx: Transaction, subscriptions: Sequence[int]) -> dict[int, list[Topic]]:
    """Topics of many subscriptions in one query."""
    sql = """SELECT topics.* FROM json_each(:ids) JOIN topics ON subscription = value
        ORDER BY text"""
    found = await tx.rows(sql, ids=json.dumps(subscriptions))
    grouped: dict[int, list[Topic]] = {}
    for row in found:
        grouped.setdefault(row["subscription"], []).append(Topic(row["id"], row["text"]))
    return grouped


async def add_topic(tx: Transaction, subscription: int, text: str) -> bool:
    """False when the person has it already."""
    sql = "INSERT INTO topics (subscription, text) VALUES (:id, :text) ON CONFLICT DO NOTHING"
    return bool(await tx.run(sql, id=subscription, text=text))


async def remove_topic(tx: Transaction, subscription: int, text: str) -> bool:
    sql = "DELETE FROM topics WHERE subscription = :id AND text = :text"
    return bool(await tx.run(sql, id=subscription, text=text))


async def forget(tx: Transaction, platform: str, person: str) -> None:
    """Everything kept about a person: their private chat, topics and deliveries, and their name
    on the places they set up or added the bot to (the places keep their posts)."""
    who = {"platform": platform, "person": person}
    for table, column in (
        ("deliveries", "address"),
        ("subscriptions", "address"),
        ("places", "added_by"),
    ):
        await tx.run(
            f"DELETE FROM {table} WHERE platform = :platform AND {column} = :person", **who
        )
    sql = "UPDATE subscriptions SET owner = NULL WHERE platform = :platform AND owner = :person"
    await tx.run(sql, **who)


async def owned(store: Store, platform: str, person: str) -> list[Subscription]:
    """The subscriptions of a person's private chat, and of places they set up."""
    sql = """SELECT * FROM subscriptions
        WHERE platform = :platform AND (address = :person OR owner = :person) ORDER BY id"""
    found = await store.rows(sql, platform=platform, person=person)
    return [_subscription(row) for row in found]


async def added(store: Store, where: Destination, by: str, title: str) -> None:
    async with store.transaction() as tx:
        sql = """INSERT INTO places (platform, address, added_by, title)
            VALUES (:platform, :address, :by, :title) ON CONFLICT (platform, address)
            DO UPDATE SET added_by = excluded.added_by, title = excluded.title"""
        await tx.run(sql, **at(where), by=by, title=title)


async def added_by(store: Store, where: Destination) -> str | None:
    sql = "SELECT added_by FROM places WHERE platform = :platform AND address = :address"
    row = await store.row(sql, **at(where))
    return row["added_by"] if row else None


async def title(tx: Transaction, where: Destination) -> str:
    """A place's name as people know it; empty when nobody said it."""
    sql = "SELECT title FROM places WHERE platform = :platform AND address = :address"
    found = await tx.rows(sql, **at(where))
    return found[0]["title"] if found else ""


async def places_of(store: Store, platform: str, person: str) -> list[str]:
    """Titles of the places this person added the bot to."""
    sql = "SELECT title FROM places WHERE platform = :platform AND added_by = :person"
    found = await store.rows(sql, platform=platform, person=person)
    return [row["title"] for row in found]


async def received(store: Store, platform: str, person: str) -> list[tuple[str, str, str]]:
    """Local date, kind and state of what was sent, or not, to a person's private chat."""
    sql = """SELECT local_date, kind, state FROM deliveries
        WHERE platform = :platform AND address = :person ORDER BY id DESC"""
    found = await store.rows(sql, platform=platform, person=person)
    return [(row["local_date"], row["kind"], row["state"]) for row in found]


async def move(tx: Transaction, old: Destination, new: str) -> None:
    """A chat has a new address. What the new address has already stays; the old one's goes."""
    if new == old.address:
        return
    where = {"platform": old.platform, "old": old.address}
    at_old = "WHERE platform = :platform AND address = :old"
    for table in ("subscriptions", "deliveries", "places"):
        await tx.run(f"UPDATE OR IGNORE {table} SET address = :new {at_old}", new=new, **where)
        await tx.run(f"DELETE FROM {table} {at_old}", **where)


async def keep_texts(store: Store, texts: Mapping[str, str], now: datetime) -> None:
    """By their keys."""
    async with store.transaction() as tx:
        sql = """INSERT INTO texts (key, text, used_at) VALUES (:key, :text, :now)
            ON CONFLICT (key) DO UPDATE SET used_at = excluded.used_at"""
        rows: list[dict[str, Value]] = [
            {"key": key, "text": text, "now": now} for key, text in texts.items()
        ]
        await tx.run_many(sql, rows)


async def kept_text(store: Store, key: str) -> str | None:
    row = await store.row("SELECT text FROM texts WHERE key = :key", key=key)
    return row["text"] if row else None
