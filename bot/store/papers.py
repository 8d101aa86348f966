"""Papers and the lists they were on, and how each feed is doing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from bot.model import PaperList, Paper
from bot.search.normal import spelled, stemmed, tokens
from bot.store import Plain, Reader, Row, Store, Transaction, bound, day, moment
from bot.store.schema import PAPERS_FTS, TITLES_FTS

_listed = lru_cache(4096)(json.JSONEncoder(ensure_ascii=False).encode)  # the same categories
_few_stems = lru_cache(4096)(lambda text: stemmed(tokens(text)))
TOGETHER = 1000  # papers whose words are made while others are written
_COLUMNS = """papers (pk, authors, categories, id, title, summary, organization, published, day,
    arrival, votes, comments, code, stars, project, ai_summary, keywords)"""
# A source that does not know a thing (NULL, empty) never erases what another one knew.
_MERGED = """ON CONFLICT (id) DO UPDATE SET
    title = excluded.title,
    summary = CASE excluded.summary WHEN '' THEN summary ELSE excluded.summary END,
    authors = CASE excluded.authors WHEN '[]' THEN authors ELSE excluded.authors END,
    published = coalesce(excluded.published, published),
    day = coalesce(min(day, excluded.day), day, excluded.day),
    arrival = coalesce(arrival, excluded.arrival),
    votes = coalesce(excluded.votes, votes),
    comments = coalesce(excluded.comments, comments),
    code = coalesce(excluded.code, code),
    stars = coalesce(excluded.stars, stars),
    project = coalesce(excluded.project, project),
    ai_summary = coalesce(excluded.ai_summary, ai_summary),
    keywords = CASE excluded.keywords WHEN '[]' THEN keywords ELSE excluded.keywords END,
    categories = CASE excluded.categories WHEN '[]' THEN categories ELSE excluded.categories END,
    organization = coalesce(excluded.organization, organization)
"""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of one day's curated list, and of the feed it comes from."""

    fetched_at: datetime | None = None
    papers: int = 0
    whole: bool = False
    failing_since: datetime | None = None
    fault: str = ""


async def save_listing(store: Store, listing: PaperList, *, next_at: datetime) -> None:
    """Merge a list by arXiv id, note that it was fetched, and that its feed answers again."""
    async with store.transaction() as tx:
        await save(tx, listing.papers, curated=any(p.day for p in listing.papers))
        await tx.run(
            """INSERT INTO listings (source, day, fetched_at, papers, whole, next_at)
            VALUES (:source, :day, :fetched_at, :papers, :whole, :next_at)
            ON CONFLICT (source, day) DO UPDATE SET fetched_at = excluded.fetched_at,
                papers = max(papers, excluded.papers), whole = excluded.whole,
                next_at = excluded.next_at""",
            source=listing.source,
            day=listing.day,
            fetched_at=listing.fetched_at,
            papers=len(listing.papers),
            whole=listing.whole,
            next_at=next_at,
        )
        await tx.run("DELETE FROM faults WHERE source = :source", source=listing.source)


async def save(tx: Transaction, papers: Sequence[Paper], *, curated: bool) -> None:
    """Insert or merge. The new ones of a curated list share the next arrival number."""
    number = await arrival(tx) + 1 if curated else None
    while papers:
        firsts: dict[str, Paper] = {}
        papers = [p for p in papers if firsts.setdefault(p.id, p) is not p]
        await _save(tx, list(firsts.values()), number)


async def _save(tx: Transaction, papers: Sequence[Paper], arrival: int | None) -> None:
    """Each once. While SQLite takes in some, the rows of the next are made."""
    ids = json.dumps([paper.id for paper in papers])
    sql = "SELECT id FROM papers WHERE id IN (SELECT value FROM json_each(:ids))"
    known = {row["id"] for row in await tx.rows(sql, ids=ids)}
    [[newest]] = await tx.rows("SELECT coalesce(max(pk), 0) FROM papers")
    new = (paper.id for paper in papers if paper.id not in known)
    pks = {paper_id: pk for pk, paper_id in enumerate(new, newest + 1)}
    rows, loop = _Rows([], [], []), asyncio.get_running_loop()
    for at in range(0, len(papers) + TOGETHER, TOGETHER):
        some = papers[at : at + TOGETHER]
        made = loop.run_in_executor(None, _rows, some, pks, arrival)
        await tx.put(_COLUMNS, rows.papers, _MERGED)  # a changed text has a trigger for its words
        await tx.put(PAPERS_FTS, rows.stems)
        await tx.put(TITLES_FTS, rows.words)
        await tx.put("unembedded (pk)", [row[:1] for row in rows.words])
        rows = await made


class _Rows(NamedTuple):
    papers: list[tuple[Plain, ...]]
    stems: list[tuple[Plain, ...]]
    words: list[tuple[Plain, ...]]


def _rows(papers: Sequence[Paper], pks: Mapping[str, int], arrival: int | None) -> _Rows:
    """Those in `pks` are new: with words, as `stems()` and `words()` make them in the triggers."""
    rows = _Rows([], [], [])
    for paper in papers:
        pk = pks.get(paper.id)
        authors, categories = _listed(paper.authors), _listed(paper.categories)
        rows.papers.append((pk, authors, categories, *_facts(paper, arrival)))
        if pk is not None:
            title, summary, who = map(tokens, (paper.title, paper.summary, authors))
            few = map(_few_stems, (paper.organization or "", categories))
            rows.stems.append((pk, stemmed(title), stemmed(summary), stemmed(who), *few))
            rows.words.append((pk, spelled(title)))
    return rows


def _facts(paper: Paper, arrival: int | None) -> tuple[Plain, ...]:
    return (
        paper.id, paper.title, paper.summary, paper.organization, bound(paper.published),
        bound(paper.day), arrival if paper.day else None, paper.votes, paper.comments, paper.code,
        paper.stars, paper.project, paper.ai_summary, _listed(paper.keywords),
    )  # fmt: skip


def made(row: Row) -> Paper:
    return Paper(
        id=row["id"],
        title=row["title"],
        summary=row["summary"],
        authors=tuple(json.loads(row["authors"])),
        published=day(row["published"]),
        day=day(row["day"]),
        votes=row["votes"],
        comments=row["comments"],
        code=row["code"],
        stars=row["stars"],
        project=row["project"],
        ai_summary=row["ai_summary"],
        keywords=tuple(json.loads(row["keywords"])),
        categories=tuple(json.loads(row["categories"])),
        organization=row["organization"],
    )


async def by_id(store: Store, ids: Iterable[str]) -> dict[str, Paper]:
    sql = "SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(:ids))"
    found = await store.rows(sql, ids=json.dumps(list(ids)))
    return {row["id"]: made(row) for row in found}


async def between(store: Store, first: date, last: date) -> list[Paper]:
    """Papers of the lists of these days, the best voted first."""
    sql = """SELECT * FROM papers WHERE day BETWEEN :first AND :last
        ORDER BY votes DESC, id"""
    found = await store.rows(sql, first=first, last=last)
    return [made(row) for row in found]


async def unposted(
    tx: Transaction,
    listed: date,
    since: date,
    last_day: date | None,
    last_arrival: int,
    first_day: date | None = None,
) -> list[Paper]:
    """What a destination has not had yet, the best voted first.

    All of the list of `listed`; the lists from `since` on that were not posted at all; and what
    arrived late for the posted ones, as far back from the last. A first post has `listed` alone,
    and what is older than the first post is never brought.
    """
    sql = """SELECT * FROM papers
        WHERE day BETWEEN coalesce(:first_day, :listed) AND :listed
            AND ((day >= :since AND day > coalesce(:last_day, ''))
                OR (arrival > :last_arrival AND day BETWEEN :late_since AND :last_day))
        ORDER BY votes DESC, id"""
    late_since = last_day and last_day - (listed - since)
    days = {"listed": listed, "since": since, "first_day": first_day, "late_since": late_since}
    found = await tx.rows(sql, **days, last_day=last_day, last_arrival=last_arrival)
    return [made(row) for row in found]


async def arrival(tx: Transaction) -> int:
    """The number of the newest arrival."""
    sql = "SELECT max(arrival) FROM papers WHERE arrival IS NOT NULL"  # which has an index
    [[newest]] = await tx.rows(sql)
    return newest or 0


async def newest_day(store: Store, until: date) -> date | None:
    """The newest day up to `until` that has papers."""
    row = await store.row("SELECT max(day) AS day FROM papers WHERE day <= :until", until=until)
    return day(row["day"]) if row else None


async def days(store: Store, prefix: str, limit: int) -> list[date]:
    """Days with a list whose ISO date begins with `prefix`, newest first."""
    sql = """SELECT DISTINCT day FROM papers WHERE day IS NOT NULL
        AND substr(day, 1, length(:prefix)) = :prefix ORDER BY day DESC LIMIT :limit"""
    found = await store.rows(sql, prefix=prefix, limit=limit)
    return [date.fromisoformat(row["day"]) for row in found]


async def status(reader: Reader, source: str, listed: date) -> Status:
    sql = """SELECT * FROM (SELECT 1) LEFT JOIN listings ON source = :source AND day = :day
        LEFT JOIN (SELECT since, reason FROM faults WHERE source = :source)"""
    [row] = await reader.rows(sql, source=source, day=listed)
    fetched_at, since = moment(row["fetched_at"]), moment(row["since"])
    return Status(fetched_at, row["papers"] or 0, bool(row["whole"]), since, row["reason"] or "")


async def next_fetches(store: Store, source: str, since: date) -> dict[date, datetime]:
    """When to ask again for the lists from that day on; not in it: never asked for yet."""
    sql = "SELECT day, next_at FROM listings WHERE source = :source AND day >= :since"
    found = await store.rows(sql, source=source, since=since)
    return {date.fromisoformat(row["day"]): datetime.fromisoformat(row["next_at"]) for row in found}


async def whole_days(store: Store, source: str) -> set[date]:
    """The days whose lists are fetched and whole: nothing to fetch there any more."""
    sql = "SELECT day FROM listings WHERE source = :source AND whole = 1"
    return {date.fromisoformat(row["day"]) for row in await store.rows(sql, source=source)}


async def fault(store: Store, source: str) -> tuple[int, datetime] | None:
    """How often in a row the feed failed, and when to try it again; None when it answers."""
    row = await store.row("SELECT failures, next_at FROM faults WHERE source = :s", s=source)
    return (row["failures"], datetime.fromisoformat(row["next_at"])) if row else None


async def save_fault(
    store: Store, source: str, reason: str, *, now: datetime, next_at: datetime
) -> None:
    async with store.transaction() as tx:
        sql = """INSERT INTO faults (source, since, reason, failures, next_at)
            VALUES (:source, :now, :reason, 1, :next_at)
            ON CONFLICT (source) DO UPDATE SET reason = excluded.reason,
                failures = failures + 1, next_at = excluded.next_at"""
        await tx.run(sql, source=source, now=now, reason=reason, next_at=next_at)
