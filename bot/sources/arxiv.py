"""arXiv: what arrived in chosen categories, and one paper by id."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from bot.errors import SourceError
from bot.model import Changes, Paper
from bot.network import Network
from bot.sources import oai, watermark
from bot.sources.atom import parse_feed
from bot.sources.fields import bare_id, canonical
from bot.sources.oai import OaiError, Page
from bot.sources.watermark import Position
from bot.sources.web import BadStatus, Pace, Web

SPACING = 3.0  # arXiv's terms: one connection, one request every three seconds, over all its hosts
PAGES = 5_000  # of one list; all of arXiv is half as many
RESTARTS = 1  # of a list in one round, when its tokens are refused
BROKEN = 5  # times that a token is answered with a server's error before it counts as refused
LATE = timedelta(days=1)  # without an answer: a person should look
TIMEOUT = 120.0  # seconds: a page has 2,000 records, which arXiv gathers while we wait
LARGEST = 64 * 2**20  # bytes: 2,000 records of hep-ex with their authors are 30 MB
_BUSY = (429, 503)  # says nothing about what was asked
log = logging.getLogger(__name__)


class Arxiv:
    """OAI-PMH by datestamp (`/oai`), and Atom by id (`/api/query`).

    Not Atom's `submittedDate`: a paper in moderation appears days after it, where nobody looks
    any more, and the host has answered 429 to polite clients since March 2026.
    """

    name = "arxiv"
    every = timedelta(hours=6)

    def __init__(
        self,
        categories: Sequence[str],
        api_base: str,
        oai_base: str,
        pace: Pace | None = None,
        network: Network | None = None,
    ) -> None:
        pace = pace or Pace(SPACING)
        self._categories = tuple(dict.fromkeys(categories))
        # A pause that it asks for is not waited out: OAI-PMH has the paper as well.
        self._api = Web(api_base, "arXiv", pace=pace, patience=SPACING, network=network)
        self._oai = Web(
            oai_base, "arXiv's archive", pace=pace, timeout=TIMEOUT, largest=LARGEST,
            network=network,
        )  # fmt: skip
        self._failures: Counter[str] = Counter()  # of each category, in a row

    async def changes(self, since: str, today: date) -> Changes:
        """One page of what arrived or changed; see `ports.Feed`. Without categories: nothing.

        A paper comes again with each change, and over a day's overlap: it is to be merged by id.
        Raises SourceError for a category that fails; the next call asks another one first.
        """
        mark = watermark.loads(since, self._categories, today)
        if not mark.waiting:
            return Changes((), mark.dumps(), more=False)
        category = min(mark.waiting, key=self._failures.__getitem__)
        position = mark.positions[category]
        try:
            papers, moved, more = await self._ask(category, position, today)
        except SourceError as error:
            self._failures[category] += 1
            late = mark.since and today - mark.since > LATE
            log.log(
                logging.ERROR if late else logging.WARNING,
                "harvest failed source=arxiv category=%s since=%s answered=%s reason=%s",
                category, position.day, mark.since, error,
            )  # fmt: skip
            raise SourceError(f"{error} for {category}", retry_after=error.retry_after) from error
        del self._failures[category]
        mark = mark.move(category, moved, waits=more, today=today)
        return Changes(papers, mark.dumps(), more=bool(mark.waiting))

    async def find(self, paper_id: str) -> Paper | None:
        """From Atom, else from OAI-PMH. None for what is no arXiv id or is not on arXiv."""
        known = bare_id(paper_id)
        if not known:
            return None
        try:
            return await self._query(known)
        except SourceError as error:
            log.warning("query failed source=arxiv asks=oai reason=%s", error)
            fault = error
        try:
            return await self._record(known)
        except SourceError as error:
            waits = [wait for wait in (fault.retry_after, error.retry_after) if wait]
            reason = f"{fault}, and {error}"
            raise SourceError(reason, retry_after=min(waits, default=None)) from error

    async def close(self) -> None:
        await self._api.close()
        await self._oai.close()

    async def _ask(
        self, category: str, position: Position, today: date
    ) -> tuple[tuple[Paper, ...], Position, bool]:
        """Its next page, its position then, and whether the page is followed by another."""
        try:
            page = await self._page(category, position)
        except SourceError as error:
            if not position.token or not self._refused(error, category):
                raise
            log.warning("token refused source=arxiv category=%s reason=%s", category, error)
            restarted = position.restart()
            return (), restarted, restarted.restarts <= RESTARTS
        if not page.token:
            return page.papers, position.complete(page.newest, today), False
        if position.pages >= PAGES or position.comes_back(page.token):
            raise SourceError("arXiv's archive does not end its list")
        return page.papers, position.next_page(page.token, page.newest), True

    def _refused(self, error: SourceError, category: str) -> bool:
        """Whether the token is at fault: it expired (at midnight UTC), or nobody can read it."""
        if isinstance(error, OaiError):
            return True
        broken = isinstance(error, BadStatus) and error.status not in _BUSY
        return broken and self._failures[category] + 1 >= BROKEN

    async def _page(self, category: str, position: Position) -> Page:
        """Raises SourceError for other papers than those that were asked for."""
        question = {"verb": "ListRecords"}
        if position.token:  # which stands alone: it says all the rest
            question["resumptionToken"] = position.token
        else:
            since, chosen = position.day.isoformat(), oai.set_name(category)
            question |= {"metadataPrefix": "arXiv", "from": since, "set": chosen}
        reply = await self._oai.get("/oai", question)
        try:
            page = await asyncio.to_thread(oai.parse_page, reply.body)
        except OaiError as error:
            if error.code != "noRecordsMatch":
                raise
            return Page()
        if oai.other_time(page.records, position.day):
            raise SourceError("arXiv's archive answered another time's records")
        if oai.other_category(page.records, category):
            raise SourceError("arXiv's archive answered another category's records")
        if malformed := len(page.records) - len(page.papers):
            log.warning("malformed records source=arxiv category=%s n=%d", category, malformed)
        return page

    async def _query(self, paper_id: str) -> Paper | None:
        params = {"id_list": paper_id, "max_results": "1"}
        reply = await self._api.get("/api/query", params, accept=(400,))
        papers = await asyncio.to_thread(parse_feed, reply.body) if reply.status == 200 else []
        return _asked_for(paper_id, papers)

    async def _record(self, paper_id: str) -> Paper | None:
        identifier = f"oai:arXiv.org:{canonical(paper_id)}"
        params = {"verb": "GetRecord", "identifier": identifier, "metadataPrefix": "arXiv"}
        reply = await self._oai.get("/oai", params)
        try:
            paper = await asyncio.to_thread(oai.parse_record, reply.body)
        except OaiError as error:
            if error.code != "idDoesNotExist":
                raise
            return None
        return _asked_for(paper_id, [paper] if paper else [])


def _asked_for(paper_id: str, papers: Sequence[Paper]) -> Paper | None:
    for paper in papers:
        if canonical(paper.id) == canonical(paper_id):
            return paper
    if papers:
        raise SourceError("arXiv answered another paper")
    return None
