"""What became of deliveries: as people ask about it, and as the next post must know it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot import states
from bot.model import Delivery, Destination, PastDelivery
from bot.states import DeliveryState, What
from bot.store import Reader, Store, at, day, instant, or_none
from bot.store.outbox import SELECT, readable
from bot.store.words import OF_ITS_PAST, one_of

log = logging.getLogger(__name__)

# Before the newest post: a week's reach, and zones a day apart.
LOOKED_BACK_TO = timedelta(days=9)
_FAILED = (DeliveryState.UNKNOWN, DeliveryState.DEAD, DeliveryState.MISSED)
_NOT_SENT = (  # in the order of the index of those
    DeliveryState.UNKNOWN,
    DeliveryState.DEAD,
    DeliveryState.RETRY,
    DeliveryState.MISSED,
    DeliveryState.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class Record:
    """A delivery as people ask about it."""

    delivery: Delivery
    zone: str  # its place's
    when: datetime  # of its outcome; of the next try, while there is none


_RECORDS = f"""SELECT d.*, coalesce(c.text, '') AS payload,
    coalesce((SELECT zone FROM subscriptions WHERE id = d.subscription),
        (SELECT zone FROM subscriptions AS s
         WHERE s.platform = d.platform AND s.address = d.address LIMIT 1), 'UTC') AS zone,
    CASE WHEN state IN {one_of(states.UNDER_WAY)} THEN due_at
        ELSE coalesce(finished_at, due_at) END AS at
    FROM deliveries AS d LEFT JOIN contents AS c ON c.id = d.content """


async def _records(reader: Reader, which: str, **params: str | int | datetime) -> list[Record]:
    rows = {row["id"]: row for row in await reader.rows(_RECORDS + which, **params)}
    good = [(one, rows[one.id]) for one in readable(rows.values())[0]]
    return [
        Record(one, row["zone"], when) for one, row in good if (when := or_none(instant, row["at"]))
    ]


# No post was to come of these runs: there was no list, or another post has it. Where a list was
# looked through and nothing of it was to be posted, a content says so.
_NO_POST = f"""(state = '{DeliveryState.SKIPPED}' AND content IS NULL
    OR state = '{DeliveryState.REPLACED}')"""


async def recent(store: Store, where: Destination, limit: int) -> list[Record]:
    """The last posts of a place, of all its subscriptions, newest first, also those that did not
    come."""
    which = f"""WHERE platform = :platform AND address = :address AND NOT {_NO_POST}
        ORDER BY local_date DESC, d.id DESC LIMIT :limit"""
    return await _records(store, which, **at(where), limit=limit)


async def skipped(reader: Reader, where: Destination, since: date) -> list[date]:
    """The list days, from `since` on, whose run of the first subscription had nothing to post."""
    sql = f"""SELECT DISTINCT list_day FROM deliveries WHERE platform = :platform
        AND address = :address AND name = '' AND list_day >= :since
        AND state = '{DeliveryState.SKIPPED}' AND content IS NULL ORDER BY list_day"""
    rows = await reader.rows(sql, **at(where), since=since)
    return [listed for row in rows if (listed := or_none(day, row["list_day"]))]


async def record(reader: Reader, where: Destination, number: int) -> Record | None:
    """One delivery of that place; None: the place has none of that number."""
    which = "WHERE d.id = :id AND platform = :platform AND address = :address"
    found = await _records(reader, which, **at(where), id=number)
    return found[0] if found else None


async def newest(store: Store, limit: int, *, failed: bool) -> list[Record]:
    """The last deliveries of all places, newest first; `failed`: those that did not arrive, or may
    not have, or not yet."""
    which = f"WHERE state IN {one_of(_NOT_SENT)} AND kind <> '{What.NOTICE}'" if failed else ""
    return await _records(store, f"{which} ORDER BY d.id DESC LIMIT :most", most=limit)


async def failed_between(reader: Reader, since: datetime, until: datetime) -> list[Record]:
    """Posts that died or could not be made then, or may not have arrived; oldest first."""
    which = f"""WHERE state IN {one_of(_FAILED)} AND kind <> '{What.NOTICE}'
        AND coalesce(finished_at, due_at) BETWEEN :since AND :until ORDER BY d.id"""
    return await _records(reader, which, since=since, until=until)


async def last(reader: Reader, where: Destination, name: str = "") -> Delivery | None:
    """The newest post of the subscription of that name, also one that did not come."""
    sql = f"""{SELECT} WHERE platform = :platform AND address = :address
        AND name = :name AND kind <> '{What.NOTICE}' AND NOT {_NO_POST}
        ORDER BY local_date DESC, d.id DESC LIMIT 1"""
    found, _ = readable(await reader.rows(sql, **at(where), name=name))
    return found[0] if found else None


async def received(store: Store, platform: str, person: str) -> list[tuple[str, str, str]]:
    """Local date, kind and state of what was sent, or not, to a person's private chat: as they
    are stored, because also what cannot be read is kept about them."""
    sql = """SELECT local_date, kind, state FROM deliveries
        WHERE platform = :platform AND address = :person ORDER BY id DESC"""
    found = await store.rows(sql, platform=platform, person=person)
    return [(row["local_date"], row["kind"], row["state"]) for row in found]


# what a place has had ---------------------------------------------------------------------------


async def past(
    reader: Reader, subscriptions: Sequence[int], back_to: date | None = None
) -> dict[int, tuple[PastDelivery, ...]]:
    """What each subscription brought to its place, oldest first: back to nine days before the
    newest post that came or may have come, and before `back_to`. Also what those brought that are
    deleted, and had its name or its query."""
    ids = json.dumps(list(subscriptions))
    sql = f"""SELECT s.id, (SELECT max(d.local_date) FROM deliveries AS d WHERE {OF_ITS_PAST}
            AND d.state IN {one_of(states.CAME)}) AS newest
        FROM subscriptions AS s WHERE s.id IN (SELECT value FROM json_each(:ids))"""
    newest = {row["id"]: or_none(day, row["newest"]) for row in await reader.rows(sql, ids=ids)}
    since = json.dumps({str(n): _since(last, back_to) for n, last in newest.items()})
    sql = f"""SELECT s.id AS of, d.id, d.state, d.list_day, d.reason, d.content
        FROM json_each(:since) AS j CROSS JOIN subscriptions AS s ON s.id = j.key
        CROSS JOIN deliveries AS d ON {OF_ITS_PAST} AND d.local_date >= j.value ORDER BY d.id"""
    events: dict[int, list[PastDelivery]] = {number: [] for number in newest}
    for row in await reader.rows(sql, since=since):
        state = or_none(DeliveryState, row["state"])
        if state is None:
            log.error("row cannot be read delivery=%s reason=%r", row["id"], row["state"])
            continue
        event = PastDelivery(state, or_none(day, row["list_day"]), row["reason"], row["content"])
        events[row["of"]].append(event)
    return {number: tuple(those) for number, those in events.items()}


def _since(newest: date | None, back_to: date | None) -> str:
    """The first local date that is read; empty: all are."""
    return str(min(newest, back_to or newest) - LOOKED_BACK_TO) if newest else ""


async def contents(reader: Reader, ids: Iterable[int]) -> Mapping[int, str]:
    """The texts of contents by their numbers."""
    sql = "SELECT id, text FROM contents WHERE id IN (SELECT value FROM json_each(:ids))"
    found = await reader.rows(sql, ids=json.dumps(list(ids)))
    return {row["id"]: row["text"] for row in found}
