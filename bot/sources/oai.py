"""arXiv's archive replies: records with the day of their last change, in sets and pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from xml.etree.ElementTree import Element

from bot.errors import SourceError
from bot.model import Paper
from bot.sources.elements import parse, text
from bot.sources.fields import MEMBERS, NAME, bare_id, canonical, day
from bot.text import one_line

NO_RECORDS = "arXiv's archive answered something that is not a list of records"
LONGEST_TOKEN = 4_000  # a token goes into a URL; arXiv's have 150 characters
# Every other archive is in the group of physics: physics:hep-th, physics:astro-ph:CO.
_GROUPS = {"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"}
_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_ARXIV = "{http://arxiv.org/OAI/arXiv/}"
_DIGITS = re.compile(r"(?:.*/)?([0-9]{2})([0-9]{2})")


class OaiError(SourceError):
    """An error that the protocol names: noRecordsMatch, badResumptionToken, idDoesNotExist.

    It comes with HTTP 200: openarchives.org/OAI/openarchivesprotocol.html, 3.6.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"arXiv's archive answered {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Record:
    """What a record's header says, and its paper; None when the record is malformed."""

    paper: Paper | None
    datestamp: date | None  # the day, in UTC, on which it arrived or was last changed
    sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list of records; what was deleted is not among them."""

    records: tuple[Record, ...] = ()
    token: str = ""  # where the list goes on; empty: it ends here

    @property
    def papers(self) -> tuple[Paper, ...]:
        return tuple(record.paper for record in self.records if record.paper)

    @property
    def newest(self) -> date | None:
        return max((record.datestamp for record in self.records if record.datestamp), default=None)


def set_name(category: str) -> str:
    """The set of a category or of a whole archive, as `ListSets` has it: cs.CL, cs:cs:CL."""
    archive, _, subject = category.partition(".")
    group = archive if archive in _GROUPS else "physics"
    return ":".join(filter(None, (group, archive, subject)))


def parse_page(body: bytes) -> Page:
    """Of `ListRecords`. Raises OaiError, and SourceError when most of it is something else."""
    reply = _parse(body)
    listed = reply.find(f"{_OAI}ListRecords")
    if listed is None:
        raise SourceError(NO_RECORDS)
    token = (listed.findtext(f"{_OAI}resumptionToken") or "").strip()
    elements = listed.findall(f"{_OAI}record")
    records = tuple(_record(element) for element in elements if not _deleted(element))
    malformed = sum(record.paper is None for record in records)
    if 2 * malformed > len(records) or len(token) > LONGEST_TOKEN:
        raise SourceError(NO_RECORDS)
    return Page(records, token)


def parse_record(body: bytes) -> Paper | None:
    """Of `GetRecord`; None when it was deleted. Raises OaiError and SourceError."""
    element = _parse(body).find(f"{_OAI}GetRecord/{_OAI}record")
    if element is not None and _deleted(element):
        return None
    paper = None if element is None else _record(element).paper
    if not paper:
        raise SourceError("arXiv's archive answered something that is not a record")
    return paper


def other_time(records: Sequence[Record], since: date) -> bool:
    """Whether most of what has a date is older than was asked for."""
    dates = [record.datestamp for record in records if record.datestamp]
    return 2 * sum(stamp < since for stamp in dates) > len(dates)


def other_category(records: Sequence[Record], category: str) -> bool:
    """Whether most of what names its categories is of others.

    A category may have a second name (math.MP is math-ph), so that sets and categories count.
    """
    asked = set_name(category)

    def belongs(record: Record, paper: Paper) -> bool:
        names = (*record.sets, *map(set_name, paper.categories))
        return any(name == asked or name.startswith(f"{asked}:") for name in names)

    named = [belongs(record, record.paper) for record in records if record.paper and record.sets]
    return 2 * named.count(False) > len(named)


def _parse(body: bytes) -> Element:
    reply = parse(body, NO_RECORDS)
    if reply.tag != f"{_OAI}OAI-PMH":
        raise SourceError(NO_RECORDS)
    error = reply.find(f"{_OAI}error")
    if error is not None:
        code = error.get("code", "")
        raise OaiError(code if re.fullmatch(r"[A-Za-z]{1,40}", code) else "an error")
    return reply


def _deleted(record: Element) -> bool:
    header = record.find(f"{_OAI}header")
    return header is not None and header.get("status") == "deleted"


def _record(record: Element) -> Record:
    sets = islice(record.iterfind(f"{_OAI}header/{_OAI}setSpec"), NAME)
    names = (one_line((name.text or "")[:NAME]) for name in sets)
    return Record(
        paper=_paper(record),
        datestamp=day(text(record, f"{_OAI}header/{_OAI}datestamp")),
        sets=tuple(filter(None, names)),
    )


def _paper(record: Element) -> Paper | None:
    """None without id or title, and where header and metadata are of two papers."""
    metadata = record.find(f"{_OAI}metadata/{_ARXIV}arXiv")
    if metadata is None:
        return None
    paper_id, title = bare_id(text(metadata, f"{_ARXIV}id")), text(metadata, f"{_ARXIV}title")
    identifier = text(record, f"{_OAI}header/{_OAI}identifier").rpartition(":")[2]
    if not paper_id or not title:
        return None
    if identifier and canonical(identifier) != canonical(paper_id):
        return None
    authors = islice(metadata.iterfind(f"{_ARXIV}authors/{_ARXIV}author"), MEMBERS)
    return Paper(
        id=paper_id,
        title=title,
        summary=text(metadata, f"{_ARXIV}abstract"),
        authors=tuple(filter(None, map(_name, authors))),
        published=_first_version(paper_id, day(text(metadata, f"{_ARXIV}created"))),
        categories=tuple(dict.fromkeys(text(metadata, f"{_ARXIV}categories").split())),
    )


def _name(author: Element) -> str:
    parts = (text(author, f"{_ARXIV}{part}", NAME) for part in ("forenames", "keyname", "suffix"))
    return one_line(" ".join(parts))


def _first_version(paper_id: str, created: date | None) -> date | None:
    """`created` is the newest version's; it is the first one's unless the id is older.

    An id begins with the year and month in which the paper was announced, or was to be.
    """
    digits = _DIGITS.match(paper_id)
    if not created or not digits:
        return None
    year, month = int(digits[1]), int(digits[2])
    announced = (year + (1900 if year > 90 else 2000), month)
    return created if (created.year, created.month) <= announced else None
