"""What search asks of the store: words (FTS5), vectors, and how often each word occurs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.model import Paper
from bot.query.clause import AtLeast
from bot.store import Row, Store, Transaction, Value
from bot.store.filters import DATED, EVERYWHERE, FEW, Filters, newest_slice, with_pk_range
from bot.store.papers import made

# bm25's weights of title, summary, authors, organization, categories.
_RANK = "bm25(papers_fts, 2.5, 1.0, 1.0, 0.0, 0.0)"
MANY = 250_000  # papers; of so many it is quicker to look up the best than all that match
EACH = 1000  # papers in a row are gone through while one is looked for


def _matched(match: str, filters: Filters) -> str:
    """FROM, and the conditions: papers `p`, those an expression matches, within filters."""
    if not match:
        return f"papers AS p WHERE {filters.where}"
    return f"""papers_fts CROSS JOIN papers AS p ON p.pk = papers_fts.rowid
        WHERE papers_fts MATCH :match AND papers_fts.rowid BETWEEN :first AND :last
        AND {filters.where}"""


def _found(match: str, filters: Filters) -> str:
    """The same without the papers, where nobody needs them."""
    if match and not filters:
        return "papers_fts WHERE papers_fts MATCH :match"
    return _matched(match, filters)


async def best(store: Store, match: str, filters: Filters, limit: int) -> dict[int, float]:
    """The papers (pk) an FTS5 expression matches, the best by bm25, with it (more is better).

    Of wide filters it may be the best half as many.
    """
    if filters.pks == EVERYWHERE and filters and await size(store) > MANY:
        more = await _best(store, match, Filters(), limit * FEW)
        fitting = await passing(store, list(more), "", filters)
        if len(fitting) >= limit / 2 or len(more) < limit * FEW:
            return {pk: more[pk] for pk in fitting[:limit]}
    return await _best(store, match, filters, limit)


async def _best(store: Store, match: str, filters: Filters, limit: int) -> dict[int, float]:
    sql = f"""SELECT papers_fts.rowid, -{_RANK} FROM {_found(match, filters)}
        ORDER BY 2 DESC LIMIT :limit"""
    rows = await store.rows(sql, match=match, limit=limit, **filters.params)
    return {row[0]: row[1] for row in rows}


async def newest(store: Store, match: str, filters: Filters, limit: int) -> list[int]:
    """Those stored last, or of wide filters that leave later ones out, first: FTS5 finds them
    without looking at the rest."""
    sql = f"""SELECT papers_fts.rowid FROM {_found(match, filters)}
        ORDER BY papers_fts.rowid {filters.scan_direction} LIMIT :limit"""
    return [row[0] for row in await store.rows(sql, match=match, limit=limit, **filters.params)]


async def count(store: Store, match: str, filters: Filters, most: int) -> int:
    """How many there are; counting stops at `most`."""
    order = f"ORDER BY papers_fts.rowid {filters.scan_direction}" if match and filters else ""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {_found(match, filters)} {order} LIMIT :most)"
    row = await store.row(sql, match=match, most=most, **filters.params)
    return int(row[0]) if row else 0


async def latest(
    store: Store, match: str, filters: Filters, *, limit: int, offset: int
) -> list[int]:
    """By date, the newest first. Without an expression, of all papers."""
    if match and filters.pks == EVERYWHERE:  # what many papers match, some new ones do
        new = await newest_slice(store, filters)
        if len(found := await _dated(store, match, new, limit, offset)) == limit:
            return found
    return await _dated(store, match, filters, limit, offset)


async def _dated(store: Store, match: str, filters: Filters, limit: int, offset: int) -> list[int]:
    sql = f"""SELECT p.pk FROM {_matched(match, filters)}
        ORDER BY {filters.dated} DESC, p.pk DESC LIMIT :limit OFFSET :offset"""
    page: dict[str, Value] = {"limit": limit, "offset": offset}
    return [row[0] for row in await store.rows(sql, match=match, **page, **filters.params)]


async def most_voted(
    store: Store, match: str, filters: Filters, *, limit: int, offset: int
) -> list[int]:
    """By votes; then those without, the newest first."""
    voted = filters
    if not filters.by_votes:
        voted = await with_pk_range(store, filters.having(AtLeast("votes", 0)))
    sql = f"""SELECT p.pk FROM {_matched(match, voted)}
        ORDER BY p.votes DESC, p.pk DESC LIMIT :most"""
    most = offset + limit
    found = [row[0] for row in await store.rows(sql, match=match, most=most, **voted.params)]
    if len(found) < most and not filters.by_votes:
        rest = replace(filters, unvoted=True)
        found += await latest(store, match, rest, limit=most - len(found), offset=0)
    return found[offset:]


async def passing(store: Store, pks: Sequence[int], match: str, filters: Filters) -> list[int]:
    """Of these papers, in their order, those that an expression, if any, matches within filters."""
    left = set(pks)
    if match:
        left &= await _matching(store, left, match)
    if filters:
        sql = f"""SELECT p.pk FROM papers AS p
            WHERE p.pk IN (SELECT value FROM json_each(:pks)) AND {filters.where}"""
        rows = await store.rows(sql, pks=json.dumps(sorted(left)), **filters.params)
        left = {row[0] for row in rows}
    return [pk for pk in pks if pk in left]


async def without(store: Store, pks: Sequence[int], match: str) -> list[int]:
    """Of these papers, in their order, those that an expression does not match."""
    each = len(pks) * EACH < await size(store)
    matching = await _matching(store, pks, match, each=each)
    return [pk for pk in pks if pk not in matching]


async def _matching(
    store: Store, pks: Collection[int], match: str, *, each: bool = False
) -> set[int]:
    """By going through all that match; `each` looks for one paper after the other."""
    sql = f"""SELECT rowid FROM papers_fts WHERE papers_fts MATCH :match
        AND {"" if each else "+"}rowid IN (SELECT value FROM json_each(:pks))"""
    return {row[0] for row in await store.rows(sql, match=match, pks=json.dumps(sorted(pks)))}


async def texts(store: Store, pks: Iterable[int]) -> list[Row]:
    """pk, title, summary, authors, votes, date."""
    sql = f"""SELECT pk, title, summary, authors, votes, {DATED} AS dated FROM papers AS p
        WHERE pk IN (SELECT value FROM json_each(:pks))"""
    return await store.rows(sql, pks=json.dumps(list(pks)))


async def papers(store: Store, pks: Sequence[int]) -> dict[int, Paper]:
    """In the order asked for; what is gone meanwhile is left out."""
    sql = "SELECT * FROM papers WHERE pk IN (SELECT value FROM json_each(:pks))"
    found = {row["pk"]: made(row) for row in await store.rows(sql, pks=json.dumps(pks))}
    return {pk: found[pk] for pk in pks if pk in found}


async def number(store: Store, paper_id: str) -> int | None:
    row = await store.row("SELECT pk FROM papers WHERE id = :id", id=paper_id)
    return row[0] if row else None


# as you type ------------------------------------------------------------------------------------


async def titles(store: Store, match: str, limit: int) -> list[Paper]:
    """Papers whose title an expression of unstemmed words matches, those stored last first."""
    sql = """SELECT p.* FROM titles_fts JOIN papers AS p ON p.pk = titles_fts.rowid
        WHERE titles_fts MATCH :match ORDER BY titles_fts.rowid DESC LIMIT :limit"""
    return [made(row) for row in await store.rows(sql, match=match, limit=limit)]


async def ids(store: Store, prefix: str, limit: int) -> list[Paper]:
    """Papers whose arXiv id begins so, newest ids first."""
    sql = """SELECT * FROM papers WHERE id >= :prefix AND id < :prefix || '~'
        ORDER BY id DESC LIMIT :limit"""
    return [made(row) for row in await store.rows(sql, prefix=prefix, limit=limit)]


# how often words occur --------------------------------------------------------------------------


async def size(store: Store) -> int:
    """How many papers there are, near enough: none is ever removed."""
    row = await store.row("SELECT max(pk) FROM papers")
    return int(row[0] or 0) if row else 0


async def recount(store: Store, common: int, papers: int) -> None:
    """Note which stems `common` papers or more have. Reads the whole index: seconds per million."""
    found = await store.rows("SELECT term, doc FROM stems WHERE doc >= :common", common=common)
    async with store.transaction() as tx:
        await tx.run("DELETE FROM common")
        await tx.run_many(
            "INSERT INTO common (stem, papers) VALUES (:stem, :papers)",
            [{"stem": row["term"], "papers": row["doc"]} for row in found],
        )
        await remember(tx, "counted", str(papers))


async def common(store: Store) -> dict[str, int]:
    return {r["stem"]: r["papers"] for r in await store.rows("SELECT * FROM common")}


async def frequencies(store: Store, stems: Iterable[str]) -> dict[str, int]:
    """How many papers have each stem; quick for the rare ones only."""
    sql = """SELECT term, doc FROM json_each(:stems) JOIN stems ON term = value"""
    rows = await store.rows(sql, stems=json.dumps(list(stems)))
    return {row["term"]: row["doc"] for row in rows}


async def beginning(store: Store, prefix: str) -> dict[str, int]:
    """The stems that begin so, and how many papers have each."""
    sql = "SELECT term, doc FROM stems WHERE term >= :prefix AND term < :prefix || :last"
    rows = await store.rows(sql, prefix=prefix, last="\U0010ffff")
    return {row["term"]: row["doc"] for row in rows}


async def vocabulary(store: Store, least: int) -> dict[str, int]:
    """The words of titles as they are written, and how many titles have each."""
    sql = "SELECT term, doc FROM title_words WHERE doc >= :least"
    return {row["term"]: row["doc"] for row in await store.rows(sql, least=least)}


async def fact(store: Store, name: str) -> str:
    row = await store.row("SELECT value FROM index_facts WHERE name = :name", name=name)
    return row["value"] if row else ""


async def remember(tx: Transaction, name: str, value: str) -> None:
    sql = "INSERT OR REPLACE INTO index_facts (name, value) VALUES (:name, :value)"
    await tx.run(sql, name=name, value=value)


# vectors ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vectors:
    """Where those of one model are, and which papers wait for one."""

    made: str
    waiting: str
    model: str  # the name of the fact that says which model it is


STATIC = Vectors("vectors", "unembedded", "table")
ENCODED = Vectors("encodings", "unencoded", "encoder")


async def forget_vectors(store: Store, of: Vectors, model: str) -> None:
    """All papers are to be embedded anew, by the model with that id."""
    async with store.transaction() as tx:
        await tx.run(f"DELETE FROM {of.made}")
        await tx.run(f"INSERT OR IGNORE INTO {of.waiting} (pk) SELECT pk FROM papers")
        await remember(tx, of.model, model)


async def unembedded(store: Store, of: Vectors, limit: int) -> list[Row]:
    """pk, title, summary of papers without a vector."""
    sql = f"""SELECT pk, title, summary FROM {of.waiting} JOIN papers USING (pk)
        ORDER BY pk LIMIT :limit"""  # descending, the pages of vectors would stay half empty
    return await store.rows(sql, limit=limit)


async def save_vectors(
    store: Store, of: Vectors, read: Sequence[Row], vectors: Sequence[bytes]
) -> None:
    """Unless the text changed since it was read."""
    same = """FROM papers WHERE pk = :pk AND title = :title AND summary = :summary"""
    rows: list[dict[str, Value]] = [
        {**dict(row), "vector": vector} for row, vector in zip(read, vectors, strict=True)
    ]
    insert = f"INSERT OR REPLACE INTO {of.made} (pk, vector) SELECT pk, :vector {same}"
    async with store.transaction() as tx:
        await tx.run_many(insert, rows)
        await tx.run_many(f"DELETE FROM {of.waiting} WHERE pk = (SELECT pk {same})", rows)


async def vectors(store: Store, of: Vectors, pks: Iterable[int]) -> dict[int, bytes]:
    sql = f"SELECT * FROM {of.made} WHERE pk IN (SELECT value FROM json_each(:pks))"
    return {row[0]: row[1] for row in await store.rows(sql, pks=json.dumps(list(pks)))}


async def vectors_after(store: Store, of: Vectors, pk: int, limit: int) -> list[Row]:
    """pk, vector, in order of pk: to read them all, a part at a time."""
    sql = f"SELECT pk, vector FROM {of.made} WHERE pk > :pk ORDER BY pk LIMIT :limit"
    return await store.rows(sql, pk=pk, limit=limit)
