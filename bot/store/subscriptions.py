"""Subscriptions and topics: what goes where, when it runs next, and whether it is on."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from bot.model import TOPICS, Destination, Schedule, Subscription, Topic
from bot.states import DeliveryState, Layout, SubscriptionState, What
from bot.store import Reader, Row, Store, Transaction, at, day, instant, number, read_all
from bot.store.words import ENDED, OFF, ON, SENDING, UNSENT

log = logging.getLogger(__name__)

SET_ASIDE = timedelta(hours=1)  # until a row that cannot be read is looked at again


def _subscription(row: Row) -> Subscription:
    return Subscription(
        id=row["id"],
        destination=Destination(row["platform"], row["address"]),
        name=row["name"],
        what=What(row["kind"]),
        query=row["query"],
        time=row["time"],
        zone=row["zone"],
        papers=number(row["papers"], 1),
        state=SubscriptionState(row["state"]),
        reason=row["reason"],
        run_at=instant(row["run_at"]),
        owner=row["owner"],
        first_day=date.fromisoformat(row["first_day"]),
        layout=Layout(row["layout"]),
        looks=number(row["looks"]),
    )


def _readable(rows: Iterable[Row]) -> tuple[list[Subscription], list[int]]:
    """The subscriptions of these rows, and the numbers of those that cannot be read."""
    return read_all(rows, _subscription, "subscription")


async def get(reader: Reader, where: Destination, name: str = "") -> Subscription | None:
    """The one of that name."""
    sql = """SELECT * FROM subscriptions
        WHERE platform = :platform AND address = :address AND name = :name"""
    found, _ = _readable(await reader.rows(sql, **at(where), name=name))
    return found[0] if found else None


async def by_id(reader: Reader, subscription: int) -> Subscription | None:
    found, _ = _readable(
        await reader.rows("SELECT * FROM subscriptions WHERE id = :n", n=subscription)
    )
    return found[0] if found else None


async def save(
    tx: Transaction, where: Destination, schedule: Schedule, owner: str | None, *,
    name: str = "", what: What | None = None, query: str | None = None,
) -> int:  # fmt: skip
    """Make or change the subscription of that name and switch it on. Returns its id.

    what, query: None: as they are; of a new one, all papers of the day's list.

    A run that is due already, and waits for its list, is kept unless its time changes.
    """
    same = f"{ON} AND (time, zone) = (excluded.time, excluded.zone)"
    sql = f"""INSERT INTO subscriptions
            (platform, address, name, kind, query, time, zone, papers, layout, run_at, check_at,
            owner, first_day)
        VALUES (:platform, :address, :name, coalesce(:kind, '{What.DAY}'), coalesce(:query, ''),
            :time, :zone, :papers, coalesce(:layout, '{Layout.RICH}'), :run_at, :run_at, :owner,
            :first_day)
        ON CONFLICT (platform, address, name) DO UPDATE SET kind = coalesce(:kind, kind),
            query = coalesce(:query, query), time = excluded.time, zone = excluded.zone,
            papers = excluded.papers, layout = coalesce(:layout, layout), owner = excluded.owner,
            run_at = iif({same}, run_at, excluded.run_at),
            check_at = iif({same}, check_at, excluded.check_at),
            first_day = min(first_day, excluded.first_day), {ON}, reason = '', looks = 0
        RETURNING id"""
    rows = await tx.rows(
        sql, **at(where), name=name, kind=what, query=query, time=schedule.time,
        zone=schedule.zone, papers=schedule.papers, layout=schedule.layout, owner=owner,
        run_at=schedule.run_at, first_day=schedule.first_day,
    )  # fmt: skip
    return int(rows[0]["id"])


async def delete(tx: Transaction, subscription: int, now: datetime) -> None:
    """It is no more, and what is not sent yet does not come. Its deliveries stay: made again, by
    its name or its query, it repeats nothing."""
    sql = f"""UPDATE deliveries SET state = {ENDED}, reason = 'deleted', finished_at = :now
        WHERE subscription = :id AND {UNSENT}"""
    await tx.run(sql, id=subscription, now=now, state=DeliveryState.CANCELLED)
    # What is under way now has no second attempt.
    sql = f"UPDATE deliveries SET deadline = :now WHERE subscription = :id AND {SENDING}"
    await tx.run(sql, id=subscription, now=now)
    await tx.run("DELETE FROM subscriptions WHERE id = :id", id=subscription)


async def switch(
    tx: Transaction, subscription: int, state: SubscriptionState, run_at: datetime, reason: str = ""
) -> None:
    """Set the state; what is not sent yet is cancelled unless it is on."""
    sql = """UPDATE subscriptions SET state = :state, reason = :reason, run_at = :run_at,
        check_at = :run_at, looks = 0 WHERE id = :id"""
    await tx.run(sql, id=subscription, state=state, reason=reason, run_at=run_at)
    if state is not SubscriptionState.ON:
        sql = f"""UPDATE deliveries SET state = {ENDED}, reason = :reason
            WHERE subscription = :id AND {UNSENT}"""
        await tx.run(sql, id=subscription, reason=reason or state, state=DeliveryState.CANCELLED)


async def switch_off(
    tx: Transaction, those: Sequence[Subscription], reason: str, look_at: datetime
) -> None:
    """Posts cannot go there; what is not sent yet is cancelled. When to look again."""
    ids = json.dumps([one.id for one in those])
    sql = f"""UPDATE deliveries SET state = {ENDED}, reason = :reason
        WHERE subscription IN (SELECT value FROM json_each(:ids)) AND {UNSENT}"""
    await tx.run(sql, ids=ids, reason=reason, state=DeliveryState.CANCELLED)
    sql = f"""UPDATE subscriptions SET {OFF}, reason = :reason, check_at = :at, looks = 0
        WHERE id IN (SELECT value FROM json_each(:ids))"""
    await tx.run(sql, ids=ids, reason=reason, at=look_at)


async def reach_back(tx: Transaction, subscription: int, first: date) -> None:
    """The lists from that day on are its own, too."""
    sql = "UPDATE subscriptions SET first_day = min(first_day, :first) WHERE id = :id"
    await tx.run(sql, id=subscription, first=first)


async def due(tx: Transaction, now: datetime, limit: int) -> list[Subscription]:
    """Those whose run is due or waits. What cannot be read is set aside."""
    sql = f"""SELECT * FROM subscriptions WHERE {ON} AND check_at <= :now
        ORDER BY check_at LIMIT :limit"""
    good, broken = _readable(await tx.rows(sql, now=now, limit=limit))
    for one in broken:
        await look_again(tx, one, now + SET_ASIDE, "its settings cannot be read")
    return good


async def are_due(reader: Reader, now: datetime, limit: int) -> tuple[list[Subscription], int]:
    """`due`, only to look, and how many there are with those that cannot be read."""
    sql = f"""SELECT * FROM subscriptions WHERE {ON} AND check_at <= :now
        ORDER BY check_at LIMIT :limit"""
    good, broken = _readable(await reader.rows(sql, now=now, limit=limit))
    return good, len(good) + len(broken)


async def passed(tx: Transaction, until: datetime) -> list[Subscription]:
    """In whatever state: those whose next run is not after `until`."""
    sql = "SELECT * FROM subscriptions WHERE run_at <= :until ORDER BY id"
    return _readable(await tx.rows(sql, until=until))[0]


async def ahead(reader: Reader, after: datetime) -> list[Subscription]:
    """Those that are on and run, or look again, only after that."""
    sql = f"SELECT * FROM subscriptions WHERE {ON} AND check_at > :after"
    return _readable(await reader.rows(sql, after=after))[0]


async def look_when_due(tx: Transaction, now: datetime, latest: datetime) -> None:
    """No look is put off any more: not of a run that waits, nor beyond `latest` of a lost place."""
    await tx.run(f"UPDATE subscriptions SET check_at = run_at WHERE {ON} AND check_at > run_at")
    sql = f"UPDATE subscriptions SET check_at = :now WHERE {OFF} AND check_at > :latest"
    await tx.run(sql, now=now, latest=latest)


async def look_again(tx: Transaction, subscription: int, at: datetime, reason: str) -> None:
    """The run waits, and why."""
    sql = "UPDATE subscriptions SET check_at = :at, reason = :reason WHERE id = :id"
    await tx.run(sql, id=subscription, at=at, reason=reason)


async def advance(tx: Transaction, subscription: int, next_run: datetime) -> None:
    """The run is over."""
    sql = """UPDATE subscriptions SET run_at = :next_run, check_at = :next_run, reason = ''
        WHERE id = :id"""
    await tx.run(sql, id=subscription, next_run=next_run)


async def skip_to(tx: Transaction, subscription: int, next_run: datetime) -> None:
    """Its runs before are over, whatever its state is."""
    sql = f"""UPDATE subscriptions SET run_at = :next, check_at = iif({ON}, :next, check_at),
        reason = iif({ON}, '', reason) WHERE id = :id"""
    await tx.run(sql, id=subscription, next=next_run)


async def beginning(
    reader: Reader, platform: str, start: str, state: SubscriptionState
) -> list[Subscription]:
    """In that state, where the address begins so."""
    sql = """SELECT * FROM subscriptions WHERE platform = :platform AND state = :state
        AND substr(address, 1, length(:start)) = :start ORDER BY id"""
    found = await reader.rows(sql, platform=platform, state=state, start=start)
    return _readable(found)[0]


async def at_place(reader: Reader, where: Destination) -> list[Subscription]:
    """All of a place, the first one first."""
    sql = """SELECT * FROM subscriptions WHERE platform = :platform AND address = :address
        ORDER BY name <> '', id"""
    return _readable(await reader.rows(sql, **at(where)))[0]


async def off(reader: Reader, platform: str) -> list[Subscription]:
    """Those that trouble switched off."""
    sql = f"SELECT * FROM subscriptions WHERE {OFF} AND platform = :platform"
    return _readable(await reader.rows(sql, platform=platform))[0]


async def off_to_look_at(reader: Reader, platform: str, now: datetime) -> list[Subscription]:
    """Those that trouble switched off, and that may be well again."""
    sql = f"""SELECT * FROM subscriptions WHERE {OFF} AND check_at <= :now
        AND platform = :platform ORDER BY check_at LIMIT 20"""
    return _readable(await reader.rows(sql, platform=platform, now=now))[0]


async def looked(tx: Transaction, subscription: int, next_look: datetime) -> None:
    """Posts cannot go there yet."""
    sql = "UPDATE subscriptions SET check_at = :at, looks = looks + 1 WHERE id = :id"
    await tx.run(sql, id=subscription, at=next_look)


async def addresses(store: Store, platform: str) -> list[str]:
    """Where posts go on one platform, but for a person's topics; for `doctor`."""
    sql = f"""SELECT DISTINCT address FROM subscriptions
        WHERE platform = :platform AND {ON} AND name <> '{TOPICS}' ORDER BY address"""
    return [row["address"] for row in await store.rows(sql, platform=platform)]


async def owned(store: Store, platform: str, person: str) -> list[Subscription]:
    """The subscriptions of a person's private chat, and of places they set up."""
    sql = """SELECT * FROM subscriptions
        WHERE platform = :platform AND (address = :person OR owner = :person) ORDER BY id"""
    return _readable(await store.rows(sql, platform=platform, person=person))[0]


# topics -----------------------------------------------------------------------------------------


def topic(row: Row) -> Topic:
    return Topic(row["id"], row["text"], _since(row))


def _since(row: Row) -> date | None:
    try:
        return day(row["since"])
    except (ValueError, TypeError) as error:
        log.error("row cannot be read topic=%s reason=%s", row["id"], error)
        return None


async def topics(reader: Reader, subscription: int) -> list[Topic]:
    sql = "SELECT * FROM topics WHERE subscription = :id ORDER BY text"
    return [topic(row) for row in await reader.rows(sql, id=subscription)]


async def topics_of(tx: Transaction, subscriptions: Sequence[int]) -> dict[int, list[Topic]]:
    """Topics of many subscriptions in one query."""
    sql = """SELECT topics.* FROM json_each(:ids) JOIN topics ON subscription = value
        ORDER BY text"""
    found = await tx.rows(sql, ids=json.dumps(subscriptions))
    grouped: dict[int, list[Topic]] = {}
    for row in found:
        grouped.setdefault(row["subscription"], []).append(topic(row))
    return grouped


async def add_topic(tx: Transaction, subscription: int, text: str, since: date) -> bool:
    """False when the person has it already."""
    sql = """INSERT INTO topics (subscription, text, since, canonical)
        VALUES (:id, :text, :since, 1) ON CONFLICT DO NOTHING"""
    return bool(await tx.run(sql, id=subscription, text=text, since=since))


async def remove_topic(tx: Transaction, subscription: int, text: str) -> bool:
    sql = "DELETE FROM topics WHERE subscription = :id AND text = :text"
    return bool(await tx.run(sql, id=subscription, text=text))
