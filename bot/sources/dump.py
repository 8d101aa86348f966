"""arXiv's metadata in one file, which it gives away under CC0: a JSON object a line, of each paper.

The fields are those of arXiv's own dataset: id, title, abstract, categories ("cs.CL cs.LG"),
authors_parsed ([last, first, suffix] each), versions ([{"created": RFC 2822 date}]) and
update_date. Lists of categories and of authors, and a "date", are taken too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from email.utils import parsedate_to_datetime

from bot.model import Paper
from bot.sources.fields import Fields, bare_id, decode
from bot.text import one_line


def papers(lines: Iterable[bytes]) -> Iterator[Paper | None]:
    """One for each line; None where a line is no paper."""
    return map(_paper, lines)


def _paper(line: bytes) -> Paper | None:
    fields = Fields(decode(line))
    paper_id, title = bare_id(fields.text("id")), fields.text("title")
    if not paper_id or not title:
        return None
    names = fields.lists("authors_parsed")
    return Paper(
        id=paper_id,
        title=title,
        summary=fields.text("abstract"),
        authors=tuple(filter(None, map(_name, names))) or fields.texts("authors"),
        published=_first_version(fields) or fields.day("date") or fields.day("update_date"),
        categories=fields.texts("categories") or tuple(fields.text("categories").split()),
    )


def _name(parts: list[str]) -> str:
    last, first, suffix = (*parts, "", "", "")[:3]
    return one_line(f"{first} {last} {suffix}")


def _first_version(fields: Fields) -> date | None:
    first, *_ = *fields.parts("versions"), Fields(None)
    try:
        return parsedate_to_datetime(first.text("created")).date()
    except (ValueError, OverflowError):
        return None
