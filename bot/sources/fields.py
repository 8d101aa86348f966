"""Reading JSON that nobody vouches for: every field has the type asked for, or is absent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime

from bot.text import one_line

LONGEST = 10_000  # characters of one field; arXiv itself takes abstracts of 1,920
_URL = re.compile(r"(?i)https?://[\w-]+(\.[\w-]+)*(:[0-9]{1,5})?([/?#][^<>\"\x00-\x20]*)?")
_ARXIV = re.compile(r"([0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Za-z-]+)?/[0-9]{7})(?:v[0-9]+)?")


def decode(body: bytes) -> object:
    """Any JSON value; None when the bytes are none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def clean(value: object) -> str:
    """Text as one line, of bounded length; empty when it is no text."""
    if not isinstance(value, str):
        return ""
    # JSON can spell half of a surrogate pair, which no database and no platform takes.
    return one_line(value[:LONGEST].encode(errors="replace").decode())


def bare_id(text: str) -> str | None:
    """An arXiv id without version, of the new or the old style; None when it is neither."""
    match = _ARXIV.fullmatch(text.strip())
    return match[1] if match else None


def day(moment: str) -> date | None:
    """The date of an ISO 8601 moment; None when it is none."""
    try:
        return datetime.fromisoformat(moment).date()
    except ValueError:
        return None


class Fields:
    """One JSON object; what is not an object has no fields."""

    def __init__(self, value: object) -> None:
        self._fields: Mapping[object, object] = value if isinstance(value, dict) else {}

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def text(self, name: str) -> str:
        """One line; empty when absent."""
        return clean(self._fields.get(name))

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

    def part(self, name: str) -> Fields:
        return Fields(self._fields.get(name))

    def parts(self, name: str) -> list[Fields]:
        return list(map(Fields, self._list(name)))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(filter(None, map(clean, self._list(name))))

    def lists(self, name: str) -> list[list[str]]:
        """Lists of texts; what is no text in them is empty."""
        return [list(map(clean, one)) for one in self._list(name) if isinstance(one, list)]

    def _list(self, name: str) -> list[object]:
        value = self._fields.get(name)
        return value if isinstance(value, list) else []
