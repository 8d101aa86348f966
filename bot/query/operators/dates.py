"""`after:2025-01`, `before:`, `until:`, `date:`, `year:`: when it was first on arXiv."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from bot.days import Span, readings
from bot.query.clause import Dated
from bot.query.condition import Condition
from bot.query.errors import Ambiguous
from bot.query.paper import PaperText
from bot.text import short_date

_RANGE = re.compile(r"(.+?)\s*(?:\.\.+|–)\s*(.+)")
_YEARS = re.compile(r"(\d{4})-(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Dates(Condition):
    after: date | None = None  # the first day that counts
    before: date | None = None  # the first day that counts no more
    names: ClassVar = {
        "after": "after", "since": "after", "from": "from", "start_date": "after",
        "from_date": "after", "date_from": "after",
        "before": "before",
        "until": "until", "to": "until", "end_date": "until", "to_date": "until",
        "date_to": "until",
        "date": "date", "on": "date", "day": "date", "published": "date",
        "year": "year",
    }  # fmt: skip
    examples: ClassVar = {
        "after": "after:2025-03-31",
        "before": "before:2025-03-31",
        "until": "until:2025-03-31",
        "date": "date:2025-03",
        "year": "year:2025",
    }

    @classmethod
    def parse(cls, name: str, value: str, today: date | None) -> Self | None:
        if name in ("date", "year") or _RANGE.fullmatch(value):
            return cls._within(name, value, today)
        span = _span(value, today)
        if span is None or (name == "until" and span.end is None):
            return None
        if name in ("after", "from"):
            return cls(after=span.first)
        return cls(before=span.first if name == "before" else span.end)

    @classmethod
    def _within(cls, name: str, value: str, today: date | None) -> Self | None:
        """2024, 2024-05, 2023-2024, 2024-05-01..2024-06."""
        match = _YEARS.fullmatch(value) or _RANGE.fullmatch(value)
        spans = [_span(part, today) for part in (match.groups() if match else (value,))]
        known = sorted((span for span in spans if span), key=lambda span: span.first)
        if len(known) < len(spans) or known[-1].end is None:
            return None
        if name == "year" and any(span.grain != "year" for span in known):
            return None
        return cls(known[0].first, known[-1].end)

    def __str__(self) -> str:
        if years := self._years():
            first, last = years
            return f"year:{first:04}" if first == last else f"year:{first:04}-{last:04}"
        named = (("after", self.after), ("before", self.before))
        return " ".join(f"{name}:{_short(day)}" for name, day in named if day)

    def english(self) -> str:
        if years := self._years():
            first, last = years
            return f"in {first}" if first == last else f"in {first} to {last}"
        named = (("since", self.after), ("before", self.before))
        return " · ".join(f"{name} {_shown(day)}" for name, day in named if day)

    @property
    def clause(self) -> Dated:
        return Dated(self.after, self.before)

    def matches(self, paper: PaperText) -> bool:
        day = paper.paper.published or paper.paper.day
        if day is None:
            return False
        return (not self.after or self.after <= day) and (not self.before or day < self.before)

    def joined(self, earlier: Self) -> Self:
        afters = [day for day in (self.after, earlier.after) if day]
        befores = [day for day in (self.before, earlier.before) if day]
        return type(self)(max(afters, default=None), min(befores, default=None))

    @property
    def is_possible(self) -> bool:
        """Whether there is a day that is both."""
        return not (self.after and self.before) or self.after < self.before

    def _years(self) -> tuple[int, int] | None:
        """The first and the last year, when it is whole years."""
        if not (self.after and self.before and self.after < self.before):
            return None
        if not (_short(self.after).isdigit() and _short(self.before).isdigit()):
            return None
        return self.after.year, self.before.year - 1


def _span(value: str, today: date | None) -> Span | None:
    spans = readings(value, today)
    if len(spans) > 1:
        raise Ambiguous(tuple(span.first for span in spans))
    return spans[0] if spans else None


def _short(day: date) -> str:
    """2025 for its first day, 2025-03 for the month's."""
    return str(day).removesuffix("-01").removesuffix("-01")


def _shown(day: date) -> str:
    return f"{day:%b} {day.year}" if day.day == 1 else short_date(day)
