"""Hugging Face's Daily Papers: the lists this bot posts."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qsl

from bot.errors import NotOpenYet, SourceError
from bot.model import Paper
from bot.sources.fields import Fields, bare_id, decode
from bot.sources.web import Web

FIRST = date(2023, 5, 4)  # the first list there is; an earlier date is answered with 400
LIMIT = 100  # the most a page holds; the default of 50 really cuts
PAGES = 20  # a list is one page, rarely two; this only bounds a feed gone wrong
NO_LIST = "Hugging Face answered something that is not a list of papers"
_NEXT = re.compile(r'<([^<>]*)>\s*;\s*rel="?next\b')
log = logging.getLogger(__name__)


class HuggingFace:
    """`GET /api/daily_papers` and `/api/papers/{id}`; no key needed."""

    name = "huggingface"
    curated = True
    every = timedelta(minutes=10)

    def __init__(self, base: str) -> None:
        self._web = Web(base, "Hugging Face")

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        if day < FIRST:
            return ()
        papers: dict[str, Paper] = {}  # a paper that rises while we page comes twice
        params = {"date": day.isoformat(), "limit": str(LIMIT)}
        for _ in range(PAGES):
            reply = await self._web.get("/api/daily_papers", params, accept=(400,))
            if reply.status == 400:
                raise NotOpenYet(f"Hugging Face has no list for {day} yet")
            for paper in parse_list(reply.body):
                papers.setdefault(paper.id, replace(paper, day=day))
            following = _NEXT.search(reply.link)
            if not following:
                return tuple(papers.values())
            # Only the query is taken from the link: it cannot send us anywhere else.
            params = dict(parse_qsl(following[1].partition("?")[2]))
        raise SourceError(f"Hugging Face's list for {day} does not end")

    async def newest(self) -> date | None:
        reply = await self._web.get("/api/daily_papers", {"limit": str(LIMIT)})
        return max((paper.day for paper in parse_list(reply.body) if paper.day), default=None)

    async def find(self, paper_id: str) -> Paper | None:
        known = bare_id(paper_id)  # anything else would be a path of its own
        if not known:
            return None
        reply = await self._web.get(f"/api/papers/{known}", accept=(400, 404))
        return parse_paper(reply.body) if reply.status == 200 else None

    async def close(self) -> None:
        await self._web.close()


def parse_list(body: bytes) -> list[Paper]:
    """The papers of one page. Raises SourceError when most of it is something else.

    Withdrawn papers are left out, and so is a malformed item here and there.
    """
    items = decode(body)
    if not isinstance(items, list):
        raise SourceError(NO_LIST)
    papers, malformed = [], 0
    for item in map(Fields, items):
        fields = item.part("paper")
        paper = _paper(fields, item)
        if not paper:
            malformed += 1
            log.warning("malformed item source=huggingface id=%.40r", fields.text("id"))
        elif "withdrawnAt" not in fields:
            papers.append(paper)
    if 2 * malformed > len(items):
        raise SourceError(NO_LIST)
    return papers


def parse_paper(body: bytes) -> Paper | None:
    """One bare paper; None when it is withdrawn."""
    fields = Fields(decode(body))
    paper = _paper(fields, fields)
    if not paper:
        raise SourceError("Hugging Face answered something that is not a paper")
    return None if "withdrawnAt" in fields else paper


def _paper(fields: Fields, item: Fields) -> Paper | None:
    """From `item.paper`, and what only the item around it says. Only id and title are certain."""
    paper_id, title = bare_id(fields.text("id")), fields.text("title")
    if not paper_id or not title:
        return None
    named = (author.text("name") for author in fields.parts("authors") if not author.on("hidden"))
    organization = item.part("organization")
    return Paper(
        id=paper_id,
        title=title,
        summary=fields.text("summary"),
        authors=tuple(filter(None, named)),
        published=fields.day("publishedAt"),
        day=fields.day("submittedOnDailyAt"),  # the list day; `item.publishedAt` is not
        votes=fields.count("upvotes"),
        comments=item.count("numComments"),
        code=fields.url("githubRepo"),
        stars=fields.count("githubStars"),
        project=fields.url("projectPage"),
        ai_summary=fields.text("ai_summary") or None,
        keywords=fields.texts("ai_keywords"),
        organization=organization.text("fullname") or organization.text("name") or None,
    )
