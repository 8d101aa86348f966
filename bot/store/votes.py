"""How the votes of papers went: kept from time to time, and told as what was gained in a day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import Paper, VoteSample
from bot.store import Reader, Transaction, instant

SAMPLED = timedelta(hours=1)  # between two samples of a paper's votes
# A finished list is fetched every 12 hours, so that a sample is rarely a day old to the hour.
ABOUT_A_DAY = (timedelta(hours=36), timedelta(hours=18))


async def sample(tx: Transaction, ids: Iterable[str], now: datetime) -> None:
    """Keep how many votes these papers have now, where that changed; at most once an hour."""
    sql = """INSERT INTO vote_samples (paper, at, votes)
        SELECT pk, :now, votes FROM papers
        WHERE id IN (SELECT value FROM json_each(:ids)) AND votes IS NOT NULL
            AND votes IS NOT (SELECT votes FROM vote_samples WHERE paper = pk
                ORDER BY at DESC LIMIT 1)
            AND NOT EXISTS (SELECT 1 FROM vote_samples WHERE paper = pk AND at > :before)"""
    await tx.run(sql, ids=json.dumps(list(ids)), now=now, before=now - SAMPLED)


async def samples(reader: Reader, paper_id: str) -> list[VoteSample]:
    """A paper's votes over time, the oldest first."""
    sql = """SELECT at, vote_samples.votes FROM vote_samples JOIN papers ON pk = paper
        WHERE id = :id ORDER BY at"""
    rows = await reader.rows(sql, id=paper_id)
    return [VoteSample(instant(row["at"]), row["votes"]) for row in rows]


async def gains(reader: Reader, ids: Iterable[str], now: datetime) -> dict[str, int]:
    """What papers gained in about a day, by id. Not in it: those that gained nothing, and those
    without a sample of about a day ago, of which nobody knows."""
    sql = """SELECT id, votes - (SELECT s.votes FROM vote_samples AS s
                WHERE s.paper = pk AND s.at BETWEEN :first AND :last
                ORDER BY s.at DESC LIMIT 1) AS gained
        FROM papers WHERE id IN (SELECT value FROM json_each(:ids)) AND gained > 0"""
    first, last = (now - ago for ago in ABOUT_A_DAY)
    rows = await reader.rows(sql, ids=json.dumps(list(ids)), first=first, last=last)
    return {row["id"]: row["gained"] for row in rows}


async def with_gains(reader: Reader, papers: Sequence[Paper], now: datetime) -> list[Paper]:
    """The same papers, with what each gained."""
    known = await gains(reader, (paper.id for paper in papers), now)
    return [replace(paper, gained=known.get(paper.id, 0)) for paper in papers]
