"""The operators of a query: what each value means, and what is told of one that means nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.days import Span, impossible, readings
from bot.search import normal

if TYPE_CHECKING:
    from bot.search.query import Query

MOST_WORDS = 32  # and as many phrases, authors, ...
_NEW = (
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex "
    "nucl-th physics q-bio q-fin quant-ph stat"
)
_OLD = (  # archives that only old ids name
    "acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga "
    "funct-an mtrl-th patt-sol plasm-ph q-alg solv-int supr-con"
)
ARCHIVES = frozenset(f"{_NEW} {_OLD}".split())
_CATEGORY = re.compile(r"([a-z-]+)(?:\.([a-z]{2}|[a-z-]{4,12}))?", re.ASCII)
_RANGE = re.compile(r"(.+?)\s*(?:\.\.+|–)\s*(.+)")
_YEARS = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_VOTES = re.compile(r"(>?)=?(\d{1,9})\+?", re.ASCII)
_NAMES = {
    "authors": "author",
    "inauthor": "author",
    "au": "author",
    "by": "author",
    "intitle": "title",
    "ti": "title",
    "organization": "org",
    "organisation": "org",
    "category": "cat",
    "since": "after",
    "to": "until",
    "on": "date",
    "day": "date",
    "published": "date",
    "upvotes": "votes",
    "vote": "votes",
    "start_date": "after",
    "from_date": "after",
    "date_from": "after",
    "end_date": "until",
    "to_date": "until",
    "date_to": "until",
    "sort_by": "sort",
    "order": "sort",
    "order_by": "sort",
}
FIELDS = frozenset(["author", "title", "org", "cat"])
_EXAMPLES = {
    "author": "author:hinton",
    "title": "title:flow",
    "org": "org:google",
    "cat": "cat:cs.CL",
    "after": "after:2025-03-31",
    "before": "before:2025-03-31",
    "until": "until:2025-03-31",
    "date": "date:2025-03",
    "year": "year:2025",
    "votes": "votes:20",
    "has": "has:code",
    "sort": "sort:new",
}
FILTERS = frozenset(_EXAMPLES)
DATES = frozenset(["after", "before", "until", "date", "year"])
CLOSED = DATES | frozenset(["cat", "votes", "has", "sort"])  # their values are not any words
# Operators of other engines. With a space after the colon, too, they are no words of a title.
_NOWHERE = "site filetype ext inurl allinurl related lang language is"  # nothing to search for
_WITHIN = "in from tag keyword keywords abs abstract intext allintext allintitle all"
NOWHERE, WITHIN = frozenset(_NOWHERE.split()), frozenset(_WITHIN.split())
_SORTS = {
    "best": "best",
    "relevance": "best",
    "new": "new",
    "newest": "new",
    "date": "new",
    "votes": "votes",
    "top": "votes",
}


class Several(Exception):
    """A date that may be several."""

    def __init__(self, spans: tuple[Span, ...]) -> None:
        super().__init__("a date that may be several")
        self.spans = spans


def named(typed: str) -> str:
    """An operator's name as we call it, whatever it was called."""
    return _NAMES.get(typed.lower(), typed.lower())


def is_operator(typed: str) -> bool:
    """Whether we or others have an operator of that name."""
    return named(typed) in FILTERS | NOWHERE | WITHIN


def filtered(query: Query, name: str, value: str, today: date | None) -> Query | None:
    """The query with one filter more; None when that is no filter. Raises Several."""
    match name:
        case "author":
            return replace(query, authors=more(query.authors, value))
        case "title":
            return replace(query, titles=more(query.titles, value))
        case "org":
            return replace(query, orgs=more(query.orgs, value))
        case "cat" if category := _category(value):
            return replace(query, categories=more(query.categories, category))
        case "votes" if votes := _VOTES.fullmatch(value):
            above = votes[1] and "=" not in value
            return replace(query, votes=int(votes[2]) + bool(above))
        case "has" if value.lower() == "code":
            return replace(query, code=True)
        case "sort" if order := _SORTS.get(value.lower()):
            return replace(query, sort=order)
        case "after" | "before" | "until" | "date" | "year" | "from":
            return _dated(query, name, value, today)
    return None


def _dated(query: Query, name: str, value: str, today: date | None) -> Query | None:
    if name in ("date", "year") or _RANGE.fullmatch(value):
        return _within(query, name, value, today)
    span = _span(value, today)
    if span is None or (name == "until" and span.end is None):
        return None
    if name in ("after", "from"):
        return replace(query, after=span.first)
    return replace(query, before=span.first if name == "before" else span.end)


def _within(query: Query, name: str, value: str, today: date | None) -> Query | None:
    """2024, 2024-05, 2023-2024, 2024-05-01..2024-06."""
    found = _YEARS.fullmatch(value) or _RANGE.fullmatch(value)
    spans = [_span(part, today) for part in (found.groups() if found else (value,))]
    known = sorted((span for span in spans if span), key=lambda span: span.first)
    if len(known) < len(spans) or known[-1].end is None:
        return None
    if name == "year" and any(span.grain != "year" for span in known):
        return None
    return replace(query, after=known[0].first, before=known[-1].end)


def _span(value: str, today: date | None) -> Span | None:
    spans = readings(value, today)
    if len(spans) > 1:
        raise Several(spans)
    return spans[0] if spans else None


def _category(value: str) -> str:
    """As arXiv writes it; empty when it has no such archive."""
    found = _CATEGORY.fullmatch(value.lower())
    if not found or found[1] not in ARCHIVES:
        return ""
    archive, subject = found.groups()
    if not subject:
        return archive
    return f"{archive}.{subject.upper() if len(subject) == 2 else subject}"


def told(typed: str, value: str, *, spaced: bool, minus: bool) -> str:
    """What is to be said of an operator that means nothing, or not with this value; empty: it is
    none.

    spaced: a space follows its colon, as one does in a title.
    """
    name = named(typed)
    if minus:
        return f"A minus leaves words out; there is no -{typed}:." if len(name) > 1 else ""
    if name in FILTERS:
        if name == "votes" and value.startswith("<"):
            return "votes:20 is at least 20 votes; there is no way to ask for fewer."
        return f"{typed}:{value[:24]} {_refused(name, value, spaced=spaced)}"
    if name in NOWHERE and value:
        return f"{typed}: means nothing here and was left out."
    if name in WITHIN and value:
        return f"{typed}: means nothing here; its words were searched."
    if len(name) > 1 and value and not spaced:
        return f"{typed}: means nothing here and was searched as a word."
    return ""


def _refused(name: str, value: str, *, spaced: bool) -> str:
    left_out = is_left_out(name, value, spaced=spaced)
    became = "was left out" if left_out else "was searched as words"
    if name in DATES and (none := impossible(value)):
        return f"{became}: {none}"
    return f"{became}; write it like {_EXAMPLES[name]}."


def is_left_out(name: str, value: str, *, spaced: bool) -> bool:
    """Whether an operator with a value it cannot have says nothing to search for, either."""
    return name in NOWHERE or (name in CLOSED and bool(value) and not spaced)


def more(texts: tuple[str, ...], *added: str) -> tuple[str, ...]:
    """With what says something and is not there yet."""
    return tuple(dict.fromkeys([*texts, *filter(says, added)]))[:MOST_WORDS]


def says(text: str) -> bool:
    return bool(normal.words(text))
