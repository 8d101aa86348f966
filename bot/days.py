"""What a person means by a day: each reading of it, as a span of days. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_LONG = (
    "january february march april june july august september october november december monday "
    "tuesday wednesday thursday friday saturday sunday sept tues thur thurs weds"
)
_NAME = re.compile(rf"(?<![a-z])({'|'.join([*_LONG.split(), *_MONTHS, *_WEEKDAYS])})(?![a-z])")
_COUNTS = ["a", "one", "two", "three", "four", "five", "six", "seven"]
_COUNT = re.compile(rf"\b({'|'.join(_COUNTS)})\b(?= (?:day|week)s? ago)")
_FILL = re.compile(
    r"(?<=\d)t\d\d:.*|(?<=\d)(?:st|nd|rd|th)\b|\b(?:the|of|on|list|papers)\b|[(),\"\']", re.ASCII
)
_YEAR, _DAY_NUMBER, _NAMED = r"(?P<year>\d{4}|\d\d)", r"(?P<day>\d\d?)", r"(?P<name>[a-z]{3})"
_MONTH = r"(?P<month>\d\d?)"
_FORMS = [  # whatever stands between the numbers is a space here
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<year>\d{4})",
        rf"(?P<year>\d{{4}}) {_MONTH}(?: {_DAY_NUMBER})?",
        rf"{_DAY_NUMBER} {_MONTH}(?: {_YEAR})?",
        rf"{_MONTH} {_DAY_NUMBER}(?: {_YEAR})?",
        rf"(?P<year>\d\d) {_MONTH} {_DAY_NUMBER}",
        rf"{_MONTH} (?P<year>\d{{4}})",
        r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<day>\d\d)(?P<month>\d\d)(?P<year>(?:19|20)\d\d)",
        r"(?P<month>\d\d)(?P<day>\d\d)(?P<year>(?:19|20)\d\d)",
        rf"{_DAY_NUMBER} {_NAMED}(?: {_YEAR})?",
        rf"{_NAMED} {_DAY_NUMBER}(?: {_YEAR})?",
        rf"(?P<year>\d\d) {_NAMED} {_DAY_NUMBER}",
        rf"{_NAMED} (?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}}) {_NAMED}(?: {_DAY_NUMBER})?",
    )
]
_WEEK = re.compile(r"(\d{4}) ?w(\d\d)(?: ([1-7]))?", re.ASCII)
_AGO = re.compile(r"(\d{1,4}) (day|week)s? ago", re.ASCII)
_LAST = re.compile(r"(?:last|past) (\d{1,4}) days", re.ASCII)
_AROUND = re.compile(r"(?:(this|last|past|next) )?(week|month|year)")
_WEEKDAY = re.compile(rf"(?:(this|last|next) )?({'|'.join(_WEEKDAYS)})")
_NEAR = {"day before yesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1,
         "day after tomorrow": 2}  # fmt: skip


class Grain(StrEnum):
    """How much time a person named."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    DAYS = "days"  # up to today


_LENGTHS = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 31, Grain.YEAR: 366}
_OF_TIME = frozenset([*_NEAR, *_COUNTS, *(f"{grain}{s}" for grain in _LENGTHS for s in ("", "s"))])


@dataclass(frozen=True, slots=True)
class Span:
    """A day, a week, a month, a year, or some days up to today."""

    first: date
    end: date | None  # the first day after it; None: the calendar ends with it
    grain: Grain = Grain.DAY


def readings(text: str, today: date | None = None) -> tuple[Span, ...]:
    """Every span of days that a text may mean, in no order of likelihood; none for no such text.

    Without `today`, what depends on it (yesterday, 31 July) means nothing.
    """
    words = _plain(text)
    if today and (relative := tuple(_relative(words, today))):
        return relative
    weekday, words = _apart(words)
    spans = tuple(dict.fromkeys(_absolute(words, today)))
    return tuple(span for span in spans if _is(weekday, span)) if weekday else spans


def without_weekday(text: str) -> str:
    """The rest of a text that begins or ends with a weekday; empty: it does not."""
    weekday, words = _apart(_plain(text))
    return words if weekday else ""


def _apart(words: str) -> tuple[str, str]:
    """The weekday that stands before or after a day, and that day."""
    first, _, rest = words.partition(" ")
    before, _, last = words.rpartition(" ")
    if rest and first in _WEEKDAYS:
        return first, rest
    return (last, before) if before and last in _WEEKDAYS else ("", words)


def is_of_time(word: str) -> bool:
    """Whether a single word is a day's or a month's, or counts them."""
    return word in _OF_TIME or _NAME.fullmatch(word) is not None


def impossible(text: str, today: date | None = None) -> str:
    """Why a text that is written like a day is none, in one sentence: `June 2025 has 30 days.`;
    empty: it is not written so, or is a day."""
    weekday, words = _apart(_plain(text))
    if weekday and (days := [span for span in _absolute(words, today) if span.grain is Grain.DAY]):
        day = days[0].first
        return f"{day.day} {day:%B %Y} is a {day:%A}." if not _is(weekday, days[0]) else ""
    if week := _WEEK.fullmatch(words):
        last = date(int(week[1]) or 1, 12, 28).isocalendar().week
        return "" if 0 < int(week[2]) <= last else f"{week[1]} has {last} weeks."
    found = [form.groupdict() for one in _FORMS if (form := one.fullmatch(words))]
    why = [_impossible(parts) for parts in found]
    return sorted(why, key=lambda one: "has" not in one)[0] if why and all(why) else ""


def _impossible(parts: dict[str, str | None]) -> str:
    name, year = parts.get("name"), parts.get("year") or ""
    number, day = int(parts.get("month") or 0), int(parts.get("day") or 0)
    if name:
        number = _MONTHS.index(name) + 1 if name in _MONTHS else 0
    if "month" in parts and not 1 <= number <= 12:
        return f"There is no month {number}."
    full = int(year) + 2000 * (len(year) == 2) if year else 2024  # a leap year may be meant
    if not number or not day or not full:
        return ""
    last = monthrange(full, number)[1]
    month = f"{date(full, number, 1):%B} {full if year else ''}".strip()
    return f"{month} has {last} days." if day > last else ""


def _plain(text: str) -> str:
    """In small letters, with one space between, and months and weekdays by three letters."""
    words = _NAME.sub(lambda found: f" {found[1][:3]} ", _FILL.sub(" ", text.lower()))
    return " ".join(re.split(r"[\s./-]+", words)).strip()


def _is(weekday: str, span: Span) -> bool:
    return span.grain is Grain.DAY and _WEEKDAYS[span.first.weekday()] == weekday


def _absolute(words: str, today: date | None) -> Iterator[Span]:
    for form in _FORMS:
        if found := form.fullmatch(words):
            yield from _dated(found.groupdict(), today)
    if found := _WEEK.fullmatch(words):
        try:
            first = date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1))
        except ValueError:
            return
        yield from _span(first, Grain.DAY if found[3] else Grain.WEEK)


def _dated(parts: dict[str, str | None], today: date | None) -> Iterator[Span]:
    """Of a form's parts: those it lacks are None or not there."""
    name, year = parts.get("name"), parts.get("year")
    if name and name not in _MONTHS:
        return
    month = _MONTHS.index(name) + 1 if name else int(parts.get("month") or 0)
    day = int(parts.get("day") or 0)
    if year and len(year) == 4:
        yield from _on(int(year), month, day)
    elif year and (today is None or 2000 + int(year) <= today.year):
        yield from _on(2000 + int(year), month, day)
    elif not year and today:
        this = list(_on(today.year, month, day))
        yield from this
        if not this or this[0].first > today:  # this year's is to come: last year's may be meant
            yield from _on(today.year - 1, month, day)


def _on(year: int, month: int, day: int) -> Iterator[Span]:
    """That day, month (day 0) or year (month 0), if there is one."""
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return
    yield from _span(first, Grain.DAY if day else Grain.MONTH if month else Grain.YEAR)


def _span(first: date, grain: Grain) -> Iterator[Span]:
    try:
        end = first + _LENGTHS[grain] * _DAY
    except OverflowError:
        yield Span(first, None, grain)
    else:
        yield Span(first, end if _LENGTHS[grain] < 8 else end.replace(day=1), grain)


def _relative(words: str, today: date) -> Iterator[Span]:
    words = _COUNT.sub(lambda found: str(max(_COUNTS.index(found[1]), 1)), words)
    try:
        if words in _NEAR:
            yield from _span(today + _NEAR[words] * _DAY, Grain.DAY)
        elif found := _AGO.fullmatch(words):
            yield from _span(today - int(found[1]) * _LENGTHS[Grain(found[2])] * _DAY, Grain.DAY)
        elif found := _LAST.fullmatch(words):
            yield Span(today - int(found[1]) * _DAY, today + _DAY, Grain.DAYS)
        elif found := _AROUND.fullmatch(words):
            yield from _around(found[1] or "this", Grain(found[2]), today)
        elif found := _WEEKDAY.fullmatch(words):
            yield from _weekday(found[1] or "", _WEEKDAYS.index(found[2]), today)
    except (OverflowError, ValueError):  # before the calendar begins
        return


def _around(which: str, grain: Grain, today: date) -> Iterator[Span]:
    if which == "past":
        yield Span(
            today - (_LENGTHS[grain] - (grain is not Grain.WEEK)) * _DAY, today + _DAY, Grain.DAYS
        )
        return
    first = _begin(today, grain)
    if which == "last":
        first = _begin(first - _DAY, grain)
    elif which == "next":
        first = _begin(first + _LENGTHS[grain] * _DAY, grain)
    yield from _span(first, grain)


def _begin(day: date, grain: Grain) -> date:
    """The first day of the week, month or year it is in."""
    if grain is Grain.WEEK:
        return day - day.weekday() * _DAY
    return day.replace(day=1, month=1 if grain is Grain.YEAR else day.month)


def _weekday(which: str, number: int, today: date) -> Iterator[Span]:
    """`friday` is the newest there was; `last friday` may be this week's, or last week's."""
    this = _begin(today, Grain.WEEK) + number * _DAY
    before, after = this - 7 * _DAY, this + 7 * _DAY
    newest = [this if this <= today else before]
    coming = [this if this > today else after]
    days = {"this": [this], "next": coming, "last": [d for d in (this, before) if d < today]}
    for day in days.get(which, newest):
        yield from _span(day, Grain.DAY)
