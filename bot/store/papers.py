"""Papers: kept by id, merged with what another source knew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.model import Paper
from bot.query.normal import spelled, stemmed, tokens
from bot.store import Plain, Row, Store, Transaction, bound, day, number, or_none
from bot.store.schema import PAPERS_FTS, TITLES_FTS

_json_array = lru_cache(4096)(json.JSONEncoder(ensure_ascii=False).encode)  # the same categories
_cached_stems = lru_cache(4096)(lambda text: stemmed(tokens(text)))
BATCH = 1000  # papers whose words are made while SQLite takes in those of the batch before
_COLUMNS = """papers (pk, authors, categories, id, title, summary, organization, published, day,
    votes, comments, code, stars, project, ai_summary, keywords, thumbnail, media, submitter,
    listed_by)"""
# A source that does not know a thing (NULL, empty) never erases what another one knew.
_MERGED = """ON CONFLICT (id) DO UPDATE SET
    title = excluded.title,
    summary = CASE excluded.summary WHEN '' THEN summary ELSE excluded.summary END,
    authors = CASE excluded.authors WHEN '[]' THEN authors ELSE excluded.authors END,
    published = coalesce(min(published, excluded.published), published, excluded.published),
    day = CASE WHEN delisted IS NULL THEN coalesce(day, excluded.day) END,
    votes = coalesce(excluded.votes, votes),
    comments = coalesce(excluded.comments, comments),
    code = coalesce(excluded.code, code),
    stars = coalesce(excluded.stars, stars),
    project = coalesce(excluded.project, project),
    ai_summary = coalesce(excluded.ai_summary, ai_summary),
    keywords = CASE excluded.keywords WHEN '[]' THEN keywords ELSE excluded.keywords END,
    categories = CASE excluded.categories WHEN '[]' THEN categories ELSE excluded.categories END,
    organization = coalesce(excluded.organization, organization),
    thumbnail = coalesce(excluded.thumbnail, thumbnail),
    media = CASE excluded.media WHEN '[]' THEN media ELSE excluded.media END,
    submitter = coalesce(excluded.submitter, submitter),
    listed_by = CASE WHEN delisted IS NULL THEN iif(day IS NULL, excluded.listed_by, listed_by) END
"""


async def save(tx: Transaction, papers: Sequence[Paper]) -> None:
    """Insert, or merge by id."""
    while papers:
        first_of_id: dict[str, Paper] = {}
        papers = [p for p in papers if first_of_id.setdefault(p.id, p) is not p]
        await _save(tx, list(first_of_id.values()))


async def _save(tx: Transaction, papers: Sequence[Paper]) -> None:
    """Save papers of which no two have the same id, in batches: see BATCH."""
    ids = json.dumps([paper.id for paper in papers])
    sql = "SELECT id FROM papers WHERE id IN (SELECT value FROM json_each(:ids))"
    known = {row["id"] for row in await tx.rows(sql, ids=ids)}
    [[newest]] = await tx.rows("SELECT coalesce(max(pk), 0) FROM papers")
    new = (paper.id for paper in papers if paper.id not in known)
    pks = {paper_id: pk for pk, paper_id in enumerate(new, newest + 1)}
    rows, loop = _Rows([], [], []), asyncio.get_running_loop()
    for at in range(0, len(papers) + BATCH, BATCH):
        batch = papers[at : at + BATCH]
        next_rows = loop.run_in_executor(None, _rows, batch, pks)
        await tx.put(_COLUMNS, rows.papers, _MERGED)  # a changed text has a trigger for its words
        await tx.put(PAPERS_FTS, rows.stems)
        await tx.put(TITLES_FTS, rows.words)
        await tx.put("unembedded (pk)", [row[:1] for row in rows.words])
        rows = await next_rows


class _Rows(NamedTuple):
    papers: list[tuple[Plain, ...]]
    stems: list[tuple[Plain, ...]]
    words: list[tuple[Plain, ...]]


def _rows(papers: Sequence[Paper], pks: Mapping[str, int]) -> _Rows:
    """Those in `pks` are new: with words, as `stems()` and `words()` make them in the triggers."""
    rows = _Rows([], [], [])
    for paper in papers:
        pk = pks.get(paper.id)
        authors, categories = _json_array(paper.authors), _json_array(paper.categories)
        rows.papers.append((pk, authors, categories, *_facts(paper)))
        if pk is not None:
            title, summary, who = map(tokens, (paper.title, paper.summary, authors))
            cached = map(_cached_stems, (paper.organization or "", categories))
            rows.stems.append((pk, stemmed(title), stemmed(summary), stemmed(who), *cached))
            rows.words.append((pk, spelled(title)))
    return rows


def _facts(paper: Paper) -> tuple[Plain, ...]:
    return (
        paper.id, paper.title, paper.summary, paper.organization, bound(paper.published),
        bound(paper.day), paper.votes, paper.comments, paper.code, paper.stars, paper.project,
        paper.ai_summary, _json_array(paper.keywords), paper.thumbnail, _json_array(paper.media),
        paper.submitter, paper.listed_by or None,
    )  # fmt: skip


def from_row(row: Row) -> Paper:
    return Paper(
        id=row["id"],
        title=row["title"],
        summary=row["summary"],
        authors=_strings(row["authors"]),
        published=or_none(day, row["published"]),
        day=or_none(day, row["day"]),
        listed_by=row["listed_by"] or "",
        votes=or_none(number, row["votes"]),
        comments=or_none(number, row["comments"]),
        code=row["code"],
        stars=or_none(number, row["stars"]),
        project=row["project"],
        ai_summary=row["ai_summary"],
        keywords=_strings(row["keywords"]),
        categories=_strings(row["categories"]),
        organization=row["organization"],
        delisted=or_none(day, row["delisted"]),
        thumbnail=row["thumbnail"],
        media=_strings(row["media"]),
        submitter=row["submitter"],
    )


def _strings(text: str) -> tuple[str, ...]:
    parsed = or_none(json.loads, text)
    return tuple(map(str, parsed)) if isinstance(parsed, list) else ()


async def by_id(store: Store, ids: Iterable[str]) -> dict[str, Paper]:
    sql = "SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(:ids))"
    rows = await store.rows(sql, ids=json.dumps(list(ids)))
    return {row["id"]: from_row(row) for row in rows}
