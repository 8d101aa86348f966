"""What an owner was told of the state of a place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Destination
from bot.states import DeliveryState, PlaceState, What
from bot.store import Transaction, at, instant, or_none
from bot.store.words import UNSENT, one_of

_FAILED = (DeliveryState.DEAD, DeliveryState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that arrived, may have arrived, or is on its way."""

    state: PlaceState | None  # what it told of its place
    text: str
    at: datetime


async def withdraw_waiting(
    tx: Transaction, owner: Destination, place: str, now: datetime
) -> Sequence[Told]:
    """Cancel what waits to be told of that place: it is otherwise by now. Returns what was told,
    oldest first."""
    untold = f"{UNSENT} AND ambiguous_at IS NULL AND NOT doubted"
    sql = f"""SELECT d.id, {untold} AS waits, coalesce(tried_at, due_at) AS at, c.text AS content
        FROM deliveries AS d JOIN contents AS c ON c.id = d.content
        WHERE platform = :platform AND address = :address AND kind = '{What.NOTICE}'
            AND state NOT IN {one_of(_FAILED)} AND json_valid(c.text)
            AND json_extract(c.text, '$.place') = :place ORDER BY at, d.id"""
    rows = await tx.rows(sql, **at(owner), place=place)
    waiting = json.dumps([row["id"] for row in rows if row["waits"]])
    sql = f"""UPDATE deliveries SET state = '{DeliveryState.CANCELLED}',
        reason = 'it is otherwise by now', finished_at = :now
        WHERE id IN (SELECT value FROM json_each(:ids))"""
    await tx.run(sql, ids=waiting, now=now)
    told = [(json.loads(row["content"]), row["at"]) for row in rows if not row["waits"]]
    return [
        Told(or_none(PlaceState, raw.get("state")), raw.get("text", ""), instant(when))
        for raw, when in told
    ]
