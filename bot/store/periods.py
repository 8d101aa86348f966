"""The lists of a week or a month, as the source gave them together, and what is stored of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from bot.model import Paper
from bot.period import Period
from bot.store import Reader, Transaction, moment, or_none, papers


async def save(
    tx: Transaction, source: str, period: Period, found: Sequence[Paper], now: datetime
) -> None:
    """These papers are all of that time's. The lists of its days are not changed."""
    await papers.save(tx, found)
    sql = """INSERT INTO periods (source, first, last, fetched_at)
        VALUES (:source, :first, :last, :now)
        ON CONFLICT (source, first, last) DO UPDATE SET fetched_at = excluded.fetched_at
        RETURNING id"""
    span = {"first": period.first, "last": period.last}
    [[number]] = await tx.rows(sql, source=source, **span, now=now)
    await tx.run("DELETE FROM period_papers WHERE period = :period", period=number)
    sql = """INSERT INTO period_papers (period, paper) SELECT :period, pk FROM papers
        WHERE id IN (SELECT value FROM json_each(:ids))"""
    await tx.run(sql, period=number, ids=json.dumps([paper.id for paper in found]))


async def fetched_at(reader: Reader, source: str, period: Period) -> datetime | None:
    """When the source gave it; None: it was not asked for."""
    sql = """SELECT fetched_at FROM periods
        WHERE source = :source AND first = :first AND last = :last"""
    rows = await reader.rows(sql, source=source, first=period.first, last=period.last)
    return or_none(moment, rows[0]["fetched_at"]) if rows else None


async def lists_of(reader: Reader, source: str, period: Period) -> dict[date, datetime]:
    """The days whose lists are stored, and when each was fetched."""
    sql = """SELECT day, fetched_at FROM lists WHERE source = :source
        AND day BETWEEN :first AND :last AND fetched_at IS NOT NULL"""
    rows = await reader.rows(sql, source=source, first=period.first, last=period.last)
    known = ((row["day"], or_none(moment, row["fetched_at"])) for row in rows)
    return {date.fromisoformat(day): at for day, at in known if at}


async def papers_of(reader: Reader, period: Period) -> list[Paper]:
    """Of the lists of its days and of its own, each once, the best voted first."""
    sql = """SELECT * FROM papers WHERE pk IN (
            SELECT p.paper FROM lists AS l JOIN list_papers AS p ON p.list = l.id
                AND p.left_at IS NULL WHERE l.day BETWEEN :first AND :last)
        OR delisted IS NULL AND pk IN (
            SELECT paper FROM periods JOIN period_papers ON period = periods.id
                WHERE first = :first AND last = :last)
        ORDER BY votes DESC, id"""
    rows = await reader.rows(sql, first=period.first, last=period.last)
    return [papers.from_row(row) for row in rows]


async def forget_future(tx: Transaction, now: datetime) -> None:
    """The clock went back: what was fetched at a time that is yet to come is asked for anew."""
    sql = "SELECT id FROM periods WHERE fetched_at > :now"
    await tx.run(f"DELETE FROM period_papers WHERE period IN ({sql})", now=now)
    await tx.run("DELETE FROM periods WHERE fetched_at > :now", now=now)
