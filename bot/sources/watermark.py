"""How far a harvest has come: a position in each category, as text that outlives the process."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from bot.sources.fields import Fields, decode

VERSION = 1  # of the text; another one is not read
BACK = timedelta(days=4)  # where a new category begins: before the longest weekend
# Datestamps have no time of day, and what one names may be visible only after it has ended:
# arXiv announces at midnight UTC, and its answers are cached until then.
OVERLAP = timedelta(days=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """How far one category has come."""

    day: date  # everything with an earlier datestamp has arrived
    token: str = ""  # where its list of pages goes on; empty: at that day
    newest: date | None = None  # the newest datestamp on these pages so far
    pages: int = 0
    earlier: str = ""  # one of the tokens before, to know a list that comes back to it
    restarts: int = 0  # of its list in this round, because a token was refused

    def next_page(self, token: str, newest: date | None) -> Position:
        """After a page that is followed by another."""
        pages = self.pages + 1
        # Brent's way to find a cycle: keep the token of every page whose number is a power of two.
        earlier = token if pages & self.pages == 0 else self.earlier
        newest = max(filter(None, (newest, self.newest)), default=None)
        return replace(self, token=token, newest=newest, pages=pages, earlier=earlier)

    def comes_back(self, token: str) -> bool:
        return token in (self.token, self.earlier)

    def restart(self) -> Position:
        """Its list begins again, at the day."""
        return Position(self.day, restarts=self.restarts + 1)

    def complete(self, newest: date | None, today: date) -> Position:
        """After the last page: forward to the newest datestamp that arrived, less OVERLAP."""
        stamps = [stamp for stamp in (newest, self.newest) if stamp]
        reached = min(max(stamps), today) - OVERLAP if stamps else self.day
        return Position(max(self.day, reached))


@dataclass(frozen=True, slots=True)
class Watermark:
    """Every category's position, and which are still to be asked in this round.

    In a round categories are asked one after the other, each to the end of its pages. It ends with
    the last of them, or with the day: one that fails for long must not hold up the others.
    """

    positions: Mapping[str, Position]
    waiting: tuple[str, ...]
    since: date | None  # the day of the last answer; None: there was none yet

    def move(self, category: str, position: Position, *, waits: bool, today: date) -> Watermark:
        waiting = tuple(name for name in self.waiting if waits or name != category)
        return Watermark({**self.positions, category: position}, waiting, today)

    def dumps(self) -> str:
        at = {name: asdict(position) for name, position in self.positions.items()}
        state = {"version": VERSION, "at": at, "waiting": self.waiting, "round": self.since}
        return json.dumps(state, default=str)


def loads(text: str, categories: Sequence[str], today: date) -> Watermark:
    """The positions of these categories; others are forgotten, and new ones begin BACK.

    Opens a new round where none is open.
    """
    fields = Fields(decode(text))
    if text and fields.count("version") != VERSION:
        log.error("watermark unreadable source=arxiv begins_again=%s", today - BACK)
        fields = Fields(None)
    known, since = fields.part("at"), fields.day("round")
    positions = {name: _position(known.part(name), today) for name in categories}
    asked = set(known.names()) - set(fields.texts("waiting"))
    waiting = tuple(name for name in categories if name not in asked)
    if since == today and waiting:
        return Watermark(positions, waiting, since)
    again = {name: replace(at, pages=0, restarts=0) for name, at in positions.items()}
    return Watermark(again, tuple(categories), since)


def _position(fields: Fields, today: date) -> Position:
    day, token = fields.day("day"), fields.raw("token")
    if day is None or day > today:  # a clock that was ahead wrote a day that has not come
        return Position(today - BACK)
    return Position(
        day,
        token,
        newest=fields.day("newest"),
        pages=fields.count("pages") or 0,
        earlier=fields.raw("earlier"),
        restarts=fields.count("restarts") or 0,
    )
