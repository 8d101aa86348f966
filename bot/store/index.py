"""Which papers match: by their words (FTS5), within filters, in the order that is asked for."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from bot.model import Paper
from bot.query.clause import AtLeast
from bot.store import Row, Store, Value
from bot.store.filters import DATED, EVERYWHERE, FEW, Filters, newest_slice, with_pk_range
from bot.store.papers import from_row
from bot.store.term_stats import paper_count

# bm25's weights of title, summary, authors, organization, categories.
_BM25 = "bm25(papers_fts, 2.5, 1.0, 1.0, 0.0, 0.0)"
# Of more papers than these, filters are looked up for the best matches only: that is quicker than
# to look them up for every match.
MANY = 250_000
# FTS5 goes through so many matches in the time that one look-up of a paper by its pk takes.
LOOKUP_COST = 1000


def _from_papers(match: str, filters: Filters) -> str:
    """SQL from FROM on: the papers `p` that an expression, if any, matches within filters."""
    if not match:
        return f"papers AS p WHERE {filters.where}"
    return f"""papers_fts CROSS JOIN papers AS p ON p.pk = papers_fts.rowid
        WHERE papers_fts MATCH :match AND papers_fts.rowid BETWEEN :first AND :last
        AND {filters.where}"""


def _from_index(match: str, filters: Filters) -> str:
    """The same from the word index alone, where no filter needs the papers."""
    if match and not filters:
        return "papers_fts WHERE papers_fts MATCH :match"
    return _from_papers(match, filters)


async def top_k(store: Store, match: str, filters: Filters, limit: int) -> dict[int, float]:
    """The papers (pk) that an FTS5 expression matches best, with their bm25 (more is better).

    With filters that most papers pass, only the best `limit * FEW` matches are looked up: it may be
    as few as `limit / 2` papers although more match.
    """
    if filters.pks == EVERYWHERE and filters and await paper_count(store) > MANY:
        unfiltered = await _top_k(store, match, Filters(), limit * FEW)
        passing = await filtered(store, list(unfiltered), "", filters)
        if len(passing) >= limit / 2 or len(unfiltered) < limit * FEW:
            return {pk: unfiltered[pk] for pk in passing[:limit]}
    return await _top_k(store, match, filters, limit)


async def _top_k(store: Store, match: str, filters: Filters, limit: int) -> dict[int, float]:
    sql = f"""SELECT papers_fts.rowid, -{_BM25} FROM {_from_index(match, filters)}
        ORDER BY 2 DESC LIMIT :limit"""
    rows = await store.rows(sql, match=match, limit=limit, **filters.params)
    return {row[0]: row[1] for row in rows}


async def last_added(store: Store, match: str, filters: Filters, limit: int) -> list[int]:
    """The matches with the largest pk: FTS5 stops at the limit. With the smallest, where filters
    leave new papers out and the range of pk of what passes is not known."""
    sql = f"""SELECT papers_fts.rowid FROM {_from_index(match, filters)}
        ORDER BY papers_fts.rowid {filters.scan_direction} LIMIT :limit"""
    return [row[0] for row in await store.rows(sql, match=match, limit=limit, **filters.params)]


async def count(store: Store, match: str, filters: Filters, most: int) -> int:
    """How many there are; counting stops at `most`."""
    order = f"ORDER BY papers_fts.rowid {filters.scan_direction}" if match and filters else ""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {_from_index(match, filters)} {order} LIMIT :most)"
    row = await store.row(sql, match=match, most=most, **filters.params)
    return int(row[0]) if row else 0


async def by_date(
    store: Store, match: str, filters: Filters, *, limit: int, offset: int
) -> list[int]:
    """A page of the matches, the newest first; of all papers when the expression is empty."""
    if match and filters.pks == EVERYWHERE:  # what many papers match, some new ones do
        new = await newest_slice(store, filters)
        if len(page := await _by_date(store, match, new, limit, offset)) == limit:
            return page
    return await _by_date(store, match, filters, limit, offset)


async def _by_date(
    store: Store, match: str, filters: Filters, limit: int, offset: int
) -> list[int]:
    sql = f"""SELECT p.pk FROM {_from_papers(match, filters)}
        ORDER BY {filters.dated} DESC, p.pk DESC LIMIT :limit OFFSET :offset"""
    page: dict[str, Value] = {"limit": limit, "offset": offset}
    return [row[0] for row in await store.rows(sql, match=match, **page, **filters.params)]


async def by_votes(
    store: Store, match: str, filters: Filters, *, limit: int, offset: int
) -> list[int]:
    """A page of the matches by votes; then those whose votes are not known, the newest first."""
    voted = filters
    if not filters.by_votes:
        voted = await with_pk_range(store, filters.having(AtLeast("votes", 0)))
    sql = f"""SELECT p.pk FROM {_from_papers(match, voted)}
        ORDER BY p.votes DESC, p.pk DESC LIMIT :most"""
    most = offset + limit
    pks = [row[0] for row in await store.rows(sql, match=match, most=most, **voted.params)]
    if len(pks) < most and not filters.by_votes:
        rest = replace(filters, unvoted=True)
        pks += await by_date(store, match, rest, limit=most - len(pks), offset=0)
    return pks[offset:]


async def filtered(store: Store, pks: Sequence[int], match: str, filters: Filters) -> list[int]:
    """Of these papers, in their order, those that an expression, if any, matches within filters."""
    remaining = set(pks)
    if match:
        remaining &= await _matching(store, remaining, match)
    if filters:
        sql = f"""SELECT p.pk FROM papers AS p
            WHERE p.pk IN (SELECT value FROM json_each(:pks)) AND {filters.where}"""
        rows = await store.rows(sql, pks=json.dumps(sorted(remaining)), **filters.params)
        remaining = {row[0] for row in rows}
    return [pk for pk in pks if pk in remaining]


async def excluding(store: Store, pks: Sequence[int], match: str) -> list[int]:
    """Of these papers, in their order, those that an expression, if any, does not match."""
    if not match:
        return list(pks)
    by_lookup = len(pks) * LOOKUP_COST < await paper_count(store)
    matching = await _matching(store, pks, match, by_lookup=by_lookup)
    return [pk for pk in pks if pk not in matching]


async def _matching(
    store: Store, pks: Collection[int], match: str, *, by_lookup: bool = False
) -> set[int]:
    """Those of the papers that match: by going through all matches, or by looking each paper up."""
    sql = f"""SELECT rowid FROM papers_fts WHERE papers_fts MATCH :match
        AND {"" if by_lookup else "+"}rowid IN (SELECT value FROM json_each(:pks))"""
    return {row[0] for row in await store.rows(sql, match=match, pks=json.dumps(sorted(pks)))}


async def scoring_rows(store: Store, pks: Iterable[int]) -> list[Row]:
    """What scores are made of: pk, title, summary, authors, votes, dated."""
    sql = f"""SELECT pk, title, summary, authors, votes, {DATED} AS dated FROM papers AS p
        WHERE pk IN (SELECT value FROM json_each(:pks))"""
    return await store.rows(sql, pks=json.dumps(list(pks)))


async def papers(store: Store, pks: Sequence[int]) -> dict[int, Paper]:
    """In the order asked for; what is gone meanwhile is remaining out."""
    sql = "SELECT * FROM papers WHERE pk IN (SELECT value FROM json_each(:pks))"
    by_pk = {row["pk"]: from_row(row) for row in await store.rows(sql, pks=json.dumps(pks))}
    return {pk: by_pk[pk] for pk in pks if pk in by_pk}


async def pk_of(store: Store, paper_id: str) -> int | None:
    """None when that paper is not stored."""
    row = await store.row("SELECT pk FROM papers WHERE id = :id", id=paper_id)
    return row[0] if row else None


# as you type ------------------------------------------------------------------------------------


async def by_title(store: Store, match: str, limit: int) -> list[Paper]:
    """Papers whose title an expression of unstemmed words matches, the last added first."""
    sql = """SELECT p.* FROM titles_fts JOIN papers AS p ON p.pk = titles_fts.rowid
        WHERE titles_fts MATCH :match ORDER BY titles_fts.rowid DESC LIMIT :limit"""
    return [from_row(row) for row in await store.rows(sql, match=match, limit=limit)]


async def by_id_prefix(store: Store, prefix: str, limit: int) -> list[Paper]:
    """Papers whose id begins so, the newest first."""
    sql = """SELECT * FROM papers WHERE id >= :prefix AND id < :prefix || '~'
        ORDER BY id DESC LIMIT :limit"""
    return [from_row(row) for row in await store.rows(sql, prefix=prefix, limit=limit)]
