"""The lists of each day, which papers are on them, and how each source is doing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from bot.model import ListStatus, Paper, PaperList
from bot.naming import LISTS
from bot.store import (
    Reader,
    Row,
    Store,
    Transaction,
    day,
    instant,
    moment,
    number,
    or_none,
    papers,
    votes,
)

# Of the papers of :list: the first list they are on now, and whose, of the first source before all
# others; else the last they left.
_FILE = f"""WITH filed AS (
        SELECT p.paper AS pk, min(iif(p.left_at IS NULL, l.day, NULL)) AS day, max(l.day) AS last,
            substr(min(iif(p.left_at IS NULL, (l.source <> '{LISTS[0].source}') || l.day
                || l.source, NULL)), length('0 2025-06-02')) AS source
        FROM list_papers AS p JOIN lists AS l ON l.id = p.list
        WHERE p.paper IN (SELECT paper FROM list_papers WHERE list = :list) GROUP BY p.paper)
    UPDATE papers SET day = filed.day, listed_by = filed.source,
        delisted = iif(filed.day IS NULL, filed.last, NULL)
    FROM filed WHERE papers.pk = filed.pk AND (papers.day, papers.listed_by, papers.delisted)
        IS NOT (filed.day, filed.source, iif(filed.day IS NULL, last, NULL))"""
_ON = """FROM lists AS l JOIN list_papers AS p ON p.list = l.id AND p.left_at IS NULL """


async def save(tx: Transaction, listed: PaperList, *, next_at: datetime) -> None:
    """Its papers are those of that day's list from now on; others have left it."""
    await papers.save(tx, listed.papers)
    sql = """INSERT INTO lists (source, day, fetched_at, whole, next_at)
        VALUES (:source, :day, :fetched_at, :whole, :next_at)
        ON CONFLICT (source, day) DO UPDATE SET fetched_at = excluded.fetched_at,
            whole = excluded.whole, next_at = excluded.next_at, doubted_at = NULL
        RETURNING id"""
    [[number]] = await tx.rows(
        sql, source=listed.source, day=listed.day, fetched_at=listed.fetched_at,
        whole=listed.whole, next_at=next_at,
    )  # fmt: skip
    now = {"list": number, "now": listed.fetched_at}
    ids = json.dumps([paper.id for paper in listed.papers])
    of = "(SELECT pk FROM papers WHERE id IN (SELECT value FROM json_each(:ids)))"
    sql = f"""UPDATE list_papers SET left_at = :now
        WHERE list = :list AND left_at IS NULL AND paper NOT IN {of}"""
    await tx.run(sql, **now, ids=ids)
    sql = f"""INSERT INTO list_papers (list, paper, joined_at) SELECT :list, pk, :now FROM {of}
        WHERE true ON CONFLICT (list, paper) DO UPDATE SET left_at = NULL"""
    await tx.run(sql, **now, ids=ids)
    await tx.run(_FILE, list=number)
    await votes.sample(tx, (paper.id for paper in listed.papers), listed.fetched_at)
    await _answers(tx, listed.source, listed.day)


async def doubt(
    tx: Transaction, source: str, listed: date, now: datetime, *, next_at: datetime
) -> None:
    """A reply came that is not believed yet: nothing of the list changes."""
    sql = """INSERT INTO lists (source, day, doubted_at, next_at)
        VALUES (:source, :day, :now, :next_at)
        ON CONFLICT (source, day) DO UPDATE SET next_at = excluded.next_at,
            doubted_at = coalesce(doubted_at, excluded.doubted_at)"""
    await tx.run(sql, source=source, day=listed, now=now, next_at=next_at)
    await _answers(tx, source, listed)


async def members(reader: Reader, source: str, first: date, last: date) -> dict[date, set[str]]:
    """The ids of the papers on each list of these days; a list without papers is not in it."""
    sql = f"""SELECT l.day, papers.id {_ON} JOIN papers ON pk = p.paper
        WHERE l.source = :source AND l.day BETWEEN :first AND :last"""
    found: dict[date, set[str]] = {}
    for row in await reader.rows(sql, source=source, first=first, last=last):
        found.setdefault(date.fromisoformat(row["day"]), set()).add(row["id"])
    return found


# reading ----------------------------------------------------------------------------------------


async def between(reader: Reader, first: date, last: date) -> list[Paper]:
    """Papers on the lists of these days, each once, the best voted first."""
    sql = f"""SELECT * FROM papers WHERE pk IN (
            SELECT p.paper {_ON} WHERE l.day BETWEEN :first AND :last) ORDER BY votes DESC, id"""
    return [papers.from_row(row) for row in await reader.rows(sql, first=first, last=last)]


async def listed(reader: Reader, first: date, last: date) -> list[tuple[date, Paper]]:
    """Each paper of these days' lists with the day, the best voted first."""
    sql = f"""SELECT l.day AS listed, papers.* {_ON} JOIN papers ON pk = p.paper
        WHERE l.day BETWEEN :first AND :last GROUP BY l.day, pk
        ORDER BY votes DESC, papers.id, l.day"""
    found = await reader.rows(sql, first=first, last=last)
    return [(date.fromisoformat(row["listed"]), papers.from_row(row)) for row in found]


async def newest_day(reader: Reader, until: date) -> date | None:
    """The newest day up to `until` whose list has papers."""
    sql = f"""SELECT l.day {_ON} WHERE l.day <= :until ORDER BY l.day DESC LIMIT 1"""
    found = await reader.rows(sql, until=until)
    return day(found[0]["day"]) if found else None


async def days(reader: Reader, prefix: str, limit: int) -> list[date]:
    """Days with a list whose ISO date begins with `prefix`, newest first."""
    sql = """SELECT DISTINCT day FROM lists AS l WHERE substr(day, 1, length(:prefix)) = :prefix
        AND EXISTS (SELECT 1 FROM list_papers WHERE list = l.id AND left_at IS NULL)
        ORDER BY day DESC LIMIT :limit"""
    found = await reader.rows(sql, prefix=prefix, limit=limit)
    return [date.fromisoformat(row["day"]) for row in found]


async def with_papers(reader: Reader, first: date, last: date) -> set[date]:
    """The days whose lists have papers."""
    sql = f"SELECT DISTINCT l.day {_ON} WHERE l.day BETWEEN :first AND :last"
    found = await reader.rows(sql, first=first, last=last)
    return {date.fromisoformat(row["day"]) for row in found}


async def without_papers(reader: Reader, first: date, last: date) -> set[date]:
    """The days whose lists are all known to be whole and empty."""
    sql = """SELECT day FROM lists AS l WHERE day BETWEEN :first AND :last GROUP BY day
        HAVING min(whole) = 1 AND NOT max(EXISTS (
            SELECT 1 FROM list_papers WHERE list = l.id AND left_at IS NULL))"""
    found = await reader.rows(sql, first=first, last=last)
    return {date.fromisoformat(row["day"]) for row in found}


async def left_since(reader: Reader, since: datetime) -> set[str]:
    """Papers that were taken off a list since then, and are on none now."""
    sql = """SELECT id FROM papers WHERE delisted IS NOT NULL AND pk IN (
            SELECT paper FROM list_papers WHERE left_at IS NOT NULL AND left_at >= :since)"""
    return {row["id"] for row in await reader.rows(sql, since=since)}


async def status(reader: Reader, source: str, listed: date) -> ListStatus:
    """A fault of this day's list comes before one of the whole source. Of a day that the feed has
    not come to, an empty reply says nothing."""
    sql = """SELECT fetched_at, whole, doubted_at, since, reason, failures, (SELECT count(*)
            FROM list_papers WHERE list = lists.id AND left_at IS NULL) AS papers
        FROM (SELECT 1) LEFT JOIN lists ON source = :source AND day = :day
        LEFT JOIN (SELECT since, reason, failures FROM faults WHERE source = :source
            AND day IN (:day, '') ORDER BY day DESC LIMIT 1)"""
    [row] = await reader.rows(sql, source=source, day=listed)
    behind = row["failures"] == 0
    known = bool(row["papers"]) or not behind
    return ListStatus(
        fetched_at=or_none(moment, row["fetched_at"]) if known else None,
        papers=row["papers"] or 0,
        whole=bool(row["whole"]) and known,
        failing_since=None if behind else or_none(moment, row["since"]),
        fault="" if behind else row["reason"] or "",
        doubted_at=or_none(moment, row["doubted_at"]),
        behind=row["reason"] if behind else "",
    )


async def whole_days(reader: Reader, source: str) -> set[date]:
    """The days whose lists are fetched and whole: nothing to fetch there any more."""
    sql = "SELECT day FROM lists WHERE source = :source AND whole = 1"
    return {date.fromisoformat(row["day"]) for row in await reader.rows(sql, source=source)}


async def joined_since(reader: Reader, since: datetime, newest: date) -> set[str]:
    """Papers that are new since then: of the newest list, or added to one after it had begun."""
    sql = f"""SELECT papers.id {_ON} JOIN papers ON pk = p.paper
        WHERE l.day >= :first AND p.joined_at >= :since AND (l.day = :newest OR p.joined_at > (
            SELECT min(joined_at) FROM list_papers WHERE list = l.id))"""
    first = since.date()
    return {r["id"] for r in await reader.rows(sql, first=first, since=since, newest=newest)}


# when to ask ------------------------------------------------------------------------------------


async def next_fetches(
    reader: Reader, source: str, since: date, stale: datetime, wanted: Iterable[date] = ()
) -> dict[date, datetime]:
    """When to ask again for the lists from that day on; not in it: never asked for yet.

    A list that is wanted is due once its newest reply is older than `stale`.
    """
    sql = """SELECT day, max(next_at) AS next_at FROM (
            SELECT day, iif(fetched_at < :stale AND day IN (SELECT value FROM json_each(:wanted)),
                    fetched_at, next_at) AS next_at
                FROM lists WHERE source = :source AND day >= :since
            UNION ALL SELECT day, next_at FROM faults WHERE source = :source AND day >= :since)
        GROUP BY day"""
    days = json.dumps(list(map(str, wanted)))
    found = await reader.rows(sql, source=source, since=since, stale=stale, wanted=days)
    known = [(or_none(day, row["day"]), or_none(moment, row["next_at"])) for row in found]
    return {listed: next_at for listed, next_at in known if listed and next_at}


@dataclass(frozen=True, slots=True)
class Fault:
    """A source, or one day's list of it, that did not answer."""

    since: datetime
    reason: str
    failures: int  # in a row; 0: it answered, but an older list
    next_at: datetime  # when it is tried again


def _fault(row: Row) -> Fault:
    since, next_at = instant(row["since"]), instant(row["next_at"])
    return Fault(since, row["reason"], number(row["failures"]), next_at)


async def fault(reader: Reader, source: str, listed: date | None = None) -> Fault | None:
    """Of one day's list, or of the whole source; None: it answers."""
    sql = "SELECT * FROM faults WHERE source = :source AND day = :day"
    found = await reader.rows(sql, source=source, day=_key(listed))
    return or_none(_fault, found[0]) if found else None


async def save_fault(store: Store, source: str, listed: date | None, fault: Fault) -> None:
    async with store.transaction() as tx:
        sql = """INSERT OR REPLACE INTO faults (source, day, since, reason, failures, next_at)
            VALUES (:source, :day, :since, :reason, :failures, :next_at)"""
        about = {"source": source, "day": _key(listed), "reason": fault.reason}
        when = {"since": fault.since, "next_at": fault.next_at}
        await tx.run(sql, **about, **when, failures=fault.failures)


async def forgive(store: Store, source: str, listed: Iterable[date]) -> datetime | None:
    """It was not these days that failed. Returns since when the first of them did."""
    days = json.dumps([str(day) for day in listed])
    sql = """DELETE FROM faults WHERE source = :source
        AND day IN (SELECT value FROM json_each(:days)) RETURNING since"""
    async with store.transaction() as tx:
        rows = await tx.rows(sql, source=source, days=days)
    return moment(min((row["since"] for row in rows), default=None))


async def _answers(tx: Transaction, source: str, listed: date) -> None:
    sql = "DELETE FROM faults WHERE source = :source AND day IN (:day, '')"
    await tx.run(sql, source=source, day=listed)


def _key(listed: date | None) -> str:
    return listed.isoformat() if listed else ""


async def watermark(reader: Reader, source: str) -> tuple[str, datetime | None]:
    """How far a feed's arrivals are read, and when to go on; empty at the beginning."""
    sql = "SELECT watermark, next_at FROM watermarks WHERE source = :source"
    found = await reader.rows(sql, source=source)
    return (found[0]["watermark"], or_none(moment, found[0]["next_at"])) if found else ("", None)


async def save_watermark(tx: Transaction, source: str, mark: str, next_at: datetime) -> None:
    sql = """INSERT OR REPLACE INTO watermarks (source, watermark, next_at)
        VALUES (:source, :mark, :next_at)"""
    await tx.run(sql, source=source, mark=mark, next_at=next_at)
    await tx.run("DELETE FROM faults WHERE source = :source AND day = ''", source=source)


async def forget_future(tx: Transaction, now: datetime) -> None:
    """The clock went back: what was noted at a time that is yet to come is asked for anew."""
    sql = """UPDATE lists SET whole = 0, next_at = :now, fetched_at = NULL, doubted_at = NULL
        WHERE fetched_at > :now OR doubted_at > :now"""
    await tx.run(sql, now=now)
    await tx.run("DELETE FROM faults WHERE since > :now", now=now)
    await tx.run("UPDATE faults SET next_at = :now WHERE next_at > :now", now=now)
    await tx.run("UPDATE watermarks SET next_at = :now WHERE next_at > :now", now=now)
