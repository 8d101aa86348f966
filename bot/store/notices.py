"""What an owner was told of the state of a place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Destination
from bot.states import DeliveryState, PlaceState, What
from bot.store import Transaction, at, instant, or_none, outbox
from bot.store.words import UNSENT, one_of

_FAILED = (DeliveryState.DEAD, DeliveryState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that arrived, may have arrived, or is on its way."""

    state: PlaceState | None  # what it told of its place
    text: str
    at: datetime


_UNTOLD = f"{UNSENT} AND ambiguous_at IS NULL AND NOT doubted"
_NOTICES = f"""SELECT d.id, {_UNTOLD} AS waits, coalesce(tried_at, due_at) AS at, c.text AS content
    FROM deliveries AS d JOIN contents AS c ON c.id = d.content
    WHERE platform = :platform AND address = :address AND kind = '{What.NOTICE}'
        AND state NOT IN {one_of(_FAILED)} AND json_valid(c.text)"""
# Of one place, or of several of one cause.
_EACH = "json_each(coalesce(c.text -> '$.several', json_array(json(c.text))))"


async def withdraw_waiting(
    tx: Transaction, owner: Destination, place: str, now: datetime
) -> Sequence[Told]:
    """Take back what waits to be told of that place: it is otherwise by now. Returns what was
    told, oldest first."""
    sql = f"""{_NOTICES} AND EXISTS (SELECT 1 FROM {_EACH} WHERE value ->> '$.place' = :place)
        ORDER BY at, d.id"""
    told = list[Told]()
    for row in await tx.rows(sql, **at(owner), place=place):
        parts = _parts(row["content"])
        others = [raw for raw in parts if raw.get("place") != place]
        if not row["waits"]:
            told += [_told(raw, row["at"]) for raw in parts if raw not in others]
        elif others:
            await _replace(tx, row["id"], _joined(others))
        else:
            await _cancel(tx, row["id"], now)
    return told


async def _replace(tx: Transaction, number: int, text: str) -> None:
    """Of what is not sent yet; whoever read the old text cannot claim it any more."""
    sql = f"UPDATE deliveries SET content = :new, fence = fence + 1 WHERE id = :id AND {UNSENT}"
    await tx.run(sql, id=number, new=await outbox.content_number(tx, text))


async def _cancel(tx: Transaction, number: int, now: datetime) -> None:
    sql = f"""UPDATE deliveries SET state = '{DeliveryState.CANCELLED}',
        reason = 'it is otherwise by now', finished_at = :now WHERE id = :id"""
    await tx.run(sql, id=number, now=now)


async def join_waiting(
    tx: Transaction, owner: Destination, notice: str, many: str, until: datetime
) -> tuple[bool, datetime | None]:
    """Tell it with what waits, at most `until`, to be told of other places for the same cause
    (`many`). Returns whether it is, and when that cause was told last."""
    sql = f"""{_NOTICES} AND EXISTS (SELECT 1 FROM {_EACH} WHERE value ->> '$.many' = :many)
        AND (NOT {_UNTOLD} OR due_at <= :until) ORDER BY waits DESC, at DESC, d.id DESC LIMIT 1"""
    for row in await tx.rows(sql, **at(owner), many=many, until=until):
        if not row["waits"]:
            return False, instant(row["at"])
        parts = [*_parts(row["content"]), json.loads(notice)]
        await _replace(tx, row["id"], _joined(parts))
        return True, None
    return False, None


def _parts(content: str) -> list[dict[str, str]]:
    raw = json.loads(content)
    return list(raw.get("several") or [raw])


def _joined(parts: Sequence[dict[str, str]]) -> str:
    return json.dumps({"several": parts} if len(parts) > 1 else parts[0], ensure_ascii=False)


def _told(raw: dict[str, str], when: str) -> Told:
    return Told(or_none(PlaceState, raw.get("state")), raw.get("text", ""), instant(when))
