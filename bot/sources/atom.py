"""arXiv's Atom replies: papers by id."""

from __future__ import annotations

from itertools import islice
from xml.etree.ElementTree import Element

from bot.errors import SourceError
from bot.model import Paper
from bot.sources.elements import parse, text
from bot.sources.fields import MEMBERS, NAME, bare_id, clean, day

NO_LIST = "arXiv answered something that is not a list of papers"
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"


def parse_feed(body: bytes) -> list[Paper]:
    """The papers of one page; none where arXiv says that it knows none.

    Raises SourceError for anything else without a paper: it answers empty pages under load.
    """
    feed = parse(body, NO_LIST)
    entries = feed.findall(f"{_ATOM}entry")
    papers = [paper for paper in map(_paper, entries) if paper]
    total = text(feed, _TOTAL)
    unknown = total == "0" or any(map(_is_error, entries))
    if not total.isdecimal() or not (papers or unknown):
        raise SourceError(NO_LIST)
    return papers


def _is_error(entry: Element) -> bool:
    """What cannot be asked for is answered with one entry, whose id says what is wrong."""
    return "/api/errors" in text(entry, f"{_ATOM}id")


def _paper(entry: Element) -> Paper | None:
    """None for an entry without id or title: how arXiv reports errors and unknown ids."""
    paper_id = bare_id(text(entry, f"{_ATOM}id").partition("/abs/")[2])
    title = text(entry, f"{_ATOM}title")
    if not paper_id or not title:
        return None
    primary = entry.findall(f"{_ARXIV}primary_category") + entry.findall(f"{_ATOM}category")
    categories = (clean(element.get("term"), NAME) for element in primary[:MEMBERS])
    authors = islice(entry.iterfind(f"{_ATOM}author"), MEMBERS)
    names = (text(author, f"{_ATOM}name", NAME) for author in authors)
    return Paper(
        id=paper_id,
        title=title,
        summary=text(entry, f"{_ATOM}summary"),
        authors=tuple(filter(None, names)),
        published=day(text(entry, f"{_ATOM}published")),
        categories=tuple(dict.fromkeys(filter(None, categories))),
    )
