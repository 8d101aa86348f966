"""Hugging Face's Daily Papers: the lists this bot posts."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qsl

from bot.dates import long_date
from bot.errors import NotOpenYet, SourceError
from bot.model import Paper
from bot.network import Network
from bot.period import Period
from bot.sources.fields import NAME, Fields, bare_id, canonical, decode
from bot.sources.web import Web

DAY = timedelta(days=1)
FIRST = date(2023, 5, 4)  # the first list there is; an earlier date is answered with 400
LIMIT = 100  # the most a page holds; the default of 50 really cuts
PAGES = 20  # a list is one page, rarely two; this only bounds a feed gone wrong
NO_LIST = "Hugging Face answered something that is not a list of papers"
_NEXT = re.compile(r'<([^<>]*)>\s*;\s*rel="?next\b')
_QUESTION = {"date", "week", "month", "submitter", "sort", "limit"}  # ours, whatever a link says
log = logging.getLogger(__name__)


class HuggingFace:
    """`GET /api/daily_papers` and `/api/papers/{id}`; no key needed."""

    name = "huggingface"
    every = timedelta(minutes=10)

    def __init__(self, base: str, network: Network | None = None) -> None:
        self._web = Web(base, "Hugging Face", network=network)

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        """The list of that day, by upvotes; empty on a weekend and before FIRST.

        Raises NotOpenYet for HTTP 400, which is a date that has not begun there, or one that it
        does not take; SourceError for another day's list, and for one that does not end.
        """
        if day < FIRST:
            return ()
        papers = await self._all({"date": day.isoformat()}, (day, day), long_date(day))
        return tuple(replace(paper, day=day) for paper in papers)

    async def fetch_period(self, period: Period) -> tuple[Paper, ...]:
        """The papers of that week or month, each with the list day that it names itself.

        Raises like `fetch`.
        """
        question = {"month" if period.is_month else "week": str(period)}
        return await self._all(question, (period.first, period.last), str(period))

    async def _all(
        self, question: dict[str, str], days: tuple[date, date], name: str
    ) -> tuple[Paper, ...]:
        """days: the first and the last whose lists may be answered"""
        papers: dict[str, Paper] = {}  # a paper that rises while we page comes twice
        async for listed in self._pages(question | {"limit": str(LIMIT)}, name):
            _check_days(*days, listed)
            for paper in listed:
                papers.setdefault(paper.id, paper)
        return tuple(papers.values())

    async def _pages(self, question: dict[str, str], name: str) -> AsyncIterator[list[Paper]]:
        page: dict[str, str] | None = {}  # what it asks for beside the question
        asked: list[dict[str, str]] = []
        while page is not None:
            if page in asked or len(asked) == PAGES:
                raise SourceError(f"Hugging Face's list for {name} does not end")
            accept = () if asked else (400,)  # once the list has begun, the day is open
            asked.append(page)
            reply = await self._web.get("/api/daily_papers", question | page, accept=accept)
            if reply.status == 400:
                raise NotOpenYet(f"Hugging Face has no list for {name} yet")
            yield await asyncio.to_thread(parse_list, reply.body)
            page = _following(reply.link)

    async def newest(self) -> date | None:
        """The newest list day among the newest papers."""
        reply = await self._web.get("/api/daily_papers", {"limit": str(LIMIT)})
        papers = await asyncio.to_thread(parse_list, reply.body)
        return max((paper.day for paper in papers if paper.day), default=None)

    async def find(self, paper_id: str) -> Paper | None:
        """None for what is no arXiv id, is not on the site, or was withdrawn."""
        known = bare_id(paper_id)  # anything else would be a path of its own
        if not known:
            return None
        reply = await self._web.get(f"/api/papers/{known}", accept=(400, 404))
        return parse_paper(reply.body, known) if reply.status == 200 else None

    async def close(self) -> None:
        await self._web.close()


def _following(link: str) -> dict[str, str] | None:
    """What the next page asks for beside the question; None on the last page.

    Only the query of the link counts, and of it nothing that would be another question: it can
    send us neither to another host nor to another list.
    """
    following = _NEXT.search(link)
    if not following:
        return None
    query = parse_qsl(following[1].partition("?")[2])
    return {name: value for name, value in query if name not in _QUESTION}


def _check_days(first: date, last: date, listed: Sequence[Paper]) -> None:
    """Held against the question: of 10,161 recorded items 156 name no list day, 21 one beside it.

    None names another. The day is `submittedOnDailyAt`, in a zone that has changed before.
    """
    named = [paper.day for paper in listed if paper.day]
    others = sum(not first - DAY <= other <= last + DAY for other in named)
    if 2 * others > len(named):
        raise SourceError("Hugging Face answered another day's list")


def parse_list(body: bytes) -> list[Paper]:
    """The papers of one page. Raises SourceError when most of it is something else.

    Withdrawn papers are left out, and so is a malformed item here and there.
    """
    items = decode(body)
    if not isinstance(items, list) or len(items) > PAGES * LIMIT:
        raise SourceError(NO_LIST)
    papers, malformed = [], []
    for item in map(Fields, items):
        fields = item.part("paper")
        paper = _paper(fields, item)
        if not paper:
            malformed.append(fields.text("id"))
        elif "withdrawnAt" not in fields:
            papers.append(paper)
    if 2 * len(malformed) > len(items):
        raise SourceError(NO_LIST)
    if malformed:
        first = malformed[0]
        log.warning("malformed items source=huggingface n=%d id=%.40r", len(malformed), first)
    return papers


def parse_paper(body: bytes, paper_id: str) -> Paper | None:
    """One bare paper; None when it is withdrawn. Raises SourceError when it is another."""
    fields = Fields(decode(body))
    paper = _paper(fields, fields)
    if not paper:
        raise SourceError("Hugging Face answered something that is not a paper")
    if canonical(paper.id) != canonical(paper_id):
        raise SourceError("Hugging Face answered another paper")
    return None if "withdrawnAt" in fields else paper


def _submitter(who: Fields) -> str | None:
    """A name. Some people have their address in its place, which is nobody's business."""
    names = (who.text("fullname", NAME), who.text("name", NAME))
    return next((name for name in names if name and "@" not in name), None)


def _paper(fields: Fields, item: Fields) -> Paper | None:
    """From `item.paper`, and what only the item around it says. Only id and title are certain."""
    paper_id, title = bare_id(fields.text("id")), fields.text("title")
    if not paper_id or not title:
        return None
    named = (
        author.text("name", NAME) for author in fields.parts("authors") if not author.on("hidden")
    )
    organization = item.part("organization")
    submitter = item.part("submittedBy") or fields.part("submittedOnDailyBy")
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
        organization=organization.text("fullname", NAME) or organization.text("name", NAME) or None,
        thumbnail=item.url("thumbnail"),
        media=item.urls("mediaUrls") or fields.urls("mediaUrls"),
        submitter=_submitter(submitter),
    )
