"""Which day's list a person means. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bot.days import Span, readings
from bot.digest import name
from bot.errors import UserError
from bot.model import Action
from bot.schedule import DAY

FIRST_DAY = date(2023, 5, 4)  # the first list there is
_MOST = 20  # days to choose from


def read(text: str, today: date) -> date:
    """Raises UserError where it is no day, or may be several; never takes one for another."""
    spans = readings(text, today)
    if not spans:
        raise UserError("Write the day like 2025-06-12.", _choices(_newest(today)))
    if len(spans) > 1:
        either = " or ".join(name(span.first) for span in spans[:2])
        why = f"{text[:30]} may be {either}. Write it like {spans[0].first}."
        raise UserError(why, _choices(span.first for span in spans))
    if spans[0].grain != "day":
        raise _longer(text, spans[0], today)
    return _listed(spans[0].first, today)


def _longer(text: str, span: Span, today: date) -> UserError:
    length = ((span.end or span.first) - span.first).days
    days = [span.first + n * DAY for n in range(min(length, 31))]
    weekdays = [day for day in days if day.weekday() < 5 and FIRST_DAY <= day <= today]
    what = "some days" if span.grain == "days" else f"a {span.grain}"
    why = f"{text[:30]} is {what}, but each list is of one day. Write it like {span.first}."
    return UserError(why, _choices(weekdays[-_MOST:]) if span.grain != "year" else ())


def _listed(day: date, today: date) -> date:
    if day > today:
        raise UserError(f"The list of {name(day)} has not begun yet.", _choices(_newest(today)[:1]))
    if day < FIRST_DAY:
        raise UserError(f"The lists begin on {name(FIRST_DAY)}.", _choices([FIRST_DAY]))
    return day


def _newest(today: date) -> list[date]:
    days = (today - n * DAY for n in range(7))
    return [day for day in days if day.weekday() < 5][:4]


def _choices(days: Iterable[date]) -> list[tuple[str, str]]:
    return [(name(day), str(day)) for day in days]


def around(day: date, today: date) -> tuple[Action, ...]:
    """Buttons for the list before a weekend, and the one after it."""
    if day.weekday() < 5:
        return ()
    before, after = day - (day.weekday() - 4) * DAY, day + (7 - day.weekday()) * DAY
    known = [one for one in (before, after) if FIRST_DAY <= one <= today]
    return tuple(Action(name(one), command="date", text=str(one)) for one in known)


def suggested(typed: str, today: date) -> list[date]:
    """The days that what is typed so far may mean."""
    days = (span.first for span in readings(typed, today) if span.grain == "day")
    return [day for day in days if FIRST_DAY <= day <= today]
