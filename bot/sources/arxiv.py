"""arXiv's Atom API: every new paper of chosen categories, for search and topics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bot.errors import SourceError
from bot.model import Paper
from bot.sources.fields import bare_id, clean, day
from bot.sources.web import Web

SPACING = 3.0  # arXiv's terms: one connection, one request every three seconds
LIMIT = 200
PAGES = 20
NO_LIST = "arXiv answered something that is not a list of papers"
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"


class Arxiv:
    """`GET /api/query`. A day here is the day of submission, in UTC."""

    name = "arxiv"
    curated = False
    every = timedelta(hours=6)

    def __init__(self, categories: Sequence[str], base: str, web: Web | None = None) -> None:
        self._categories = " OR ".join(f"cat:{category}" for category in categories)
        self._web = web or Web(base, "arXiv", spacing=SPACING)

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        if not self._categories:  # no category chosen: only `find` is wanted
            return ()
        papers: dict[str, Paper] = {}
        start = 0
        for _ in range(PAGES):
            reply = await self._web.get("/api/query", self._query(day, start))
            found, entries, total = parse_feed(reply.body)
            if entries > 2 * len(found):  # a refused query is answered with one odd entry
                raise SourceError(NO_LIST)
            papers.update((paper.id, paper) for paper in found)
            start += entries
            if start >= total:
                return tuple(papers.values())
            if not entries:  # arXiv is known to leave pages empty under load
                break
        raise SourceError(f"arXiv did not give its whole list for {day}")

    def _query(self, day: date, start: int) -> dict[str, str]:
        window = f"submittedDate:[{day:%Y%m%d}0000 TO {day:%Y%m%d}2359]"
        return {
            "search_query": f"({self._categories}) AND {window}",
            "sortBy": "submittedDate",
            "sortOrder": "descending",
            "start": str(start),
            "max_results": str(LIMIT),
        }

    async def newest(self) -> date | None:
        return None  # it has papers of every day, and lists of none

    async def find(self, paper_id: str) -> Paper | None:
        known = bare_id(paper_id)
        if not known:
            return None
        params = {"id_list": known, "max_results": "1"}
        reply = await self._web.get("/api/query", params, accept=(400,))
        papers = parse_feed(reply.body)[0] if reply.status == 200 else []
        return papers[0] if papers else None

    async def close(self) -> None:
        await self._web.close()


def parse_feed(body: bytes) -> tuple[list[Paper], int, int]:
    """The papers of one page, its number of entries, and the number over all pages."""
    try:
        # Expat loads no external entity, and limits how far internal ones may grow.
        feed = ElementTree.fromstring(body)  # noqa: S314
        total = int(feed.findtext(_TOTAL, ""))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise SourceError(NO_LIST) from error
    entries = feed.findall(f"{_ATOM}entry")
    papers = [paper for paper in map(_paper, entries) if paper]
    return papers, len(entries), total


def _paper(entry: Element) -> Paper | None:
    """None for an entry without id or title: how arXiv reports errors and unknown ids."""
    paper_id = bare_id(_text(entry, "id").partition("/abs/")[2])
    title = _text(entry, "title")
    if not paper_id or not title:
        return None
    primary = entry.findall(f"{_ARXIV}primary_category") + entry.findall(f"{_ATOM}category")
    categories = (clean(element.get("term")) for element in primary)
    authors = (_text(author, "name") for author in entry.findall(f"{_ATOM}author"))
    return Paper(
        id=paper_id,
        title=title,
        summary=_text(entry, "summary"),
        authors=tuple(filter(None, authors)),
        published=day(_text(entry, "published")),
        categories=tuple(dict.fromkeys(filter(None, categories))),
    )


def _text(element: Element, tag: str) -> str:
    return clean(element.findtext(f"{_ATOM}{tag}"))
