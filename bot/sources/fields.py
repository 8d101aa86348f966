"""Reading JSON that nobody vouches for: every field has the type asked for, or is absent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date

from bot.text import one_line

LONGEST = 10_000  # characters of one field; arXiv itself takes abstracts of 1,920
NAME = 300  # characters of a name, a keyword or a category
MEMBERS = 6_000  # of one list; the longest list of authors on arXiv has 5,154
URLS = 20  # of one paper
_URL = re.compile(r"(?i)https?://[\w-]+(\.[\w-]+)*(:[0-9]{1,5})?([/?#][^<>\"\x00-\x20]*)?")
_ARXIV = re.compile(r"([0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Za-z-]+)?/[0-9]{7})(?:v[0-9]+)?")
_CLASS = re.compile(r"\.[A-Za-z-]+/")


def decode(body: bytes | str) -> object:
    """Any JSON value; None when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def clean(value: object, longest: int = LONGEST) -> str:
    """Text as one line, of bounded length; empty when it is no text."""
    if not isinstance(value, str):
        return ""
    # JSON can spell half of a surrogate pair, which no database and no platform takes.
    return one_line(value[:longest].encode(errors="replace").decode())


def bare_id(text: str) -> str | None:
    """An arXiv id without version, of the new or the old style; None when it is neither."""
    match = _ARXIV.fullmatch(text.strip())
    return match[1] if match else None


def canonical(paper_id: str) -> str:
    """An old id as arXiv itself writes it, without the subject: math.GT/0309136, math/0309136."""
    return _CLASS.sub("/", paper_id)


def day(moment: str) -> date | None:
    """The date that an ISO 8601 moment begins with, in its own zone; None when it is none."""
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None


class Fields:
    """One JSON object; what is not an object has no fields."""

    def __init__(self, value: object) -> None:
        self._fields: Mapping[object, object] = value if isinstance(value, dict) else {}

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def names(self) -> list[str]:
        return [name for name in self._fields if isinstance(name, str)]

    def text(self, name: str, longest: int = LONGEST) -> str:
        """One line; empty when absent."""
        return clean(self._fields.get(name), longest)

    def raw(self, name: str) -> str:
        """A text as it was written; empty when absent."""
        value = self._fields.get(name)
        return value if isinstance(value, str) else ""

    def on(self, name: str) -> bool:
        return self._fields.get(name) is True

    def count(self, name: str) -> int | None:
        value = self._fields.get(name)
        return value if type(value) is int and 0 <= value < 2**31 else None

    def day(self, name: str) -> date | None:
        return day(self.text(name))

    def url(self, name: str) -> str | None:
        """An http(s) URL with a host. The feed has some broken by line breaks: they are joined."""
        value = "".join(self.text(name).split())
        return value if _URL.fullmatch(value) else None

    def urls(self, name: str) -> tuple[str, ...]:
        """Several URLs, of which those that are none are left out."""
        values = ("".join(clean(value, LONGEST).split()) for value in self._list(name)[:URLS])
        return tuple(value for value in values if _URL.fullmatch(value))

    def __bool__(self) -> bool:
        return bool(self._fields)

    def part(self, name: str) -> Fields:
        return Fields(self._fields.get(name))

    def parts(self, name: str) -> list[Fields]:
        return list(map(Fields, self._list(name)))

    def texts(self, name: str) -> tuple[str, ...]:
        """Names: each one line of at most NAME characters."""
        return tuple(filter(None, (clean(value, NAME) for value in self._list(name))))

    def lists(self, name: str) -> list[list[str]]:
        """Lists of names; what is no text in them is empty."""
        rows = (row[:NAME] for row in self._list(name) if isinstance(row, list))
        return [[clean(value, NAME) for value in row] for row in rows]

    def _list(self, name: str) -> list[object]:
        value = self._fields.get(name)
        return value[:MEMBERS] if isinstance(value, list) else []
