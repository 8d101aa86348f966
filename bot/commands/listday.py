"""Which day's list a person means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from bot.dates import long_date
from bot.days import Grain, Span, impossible, readings, without_weekday
from bot.dialogue import Action
from bot.errors import UserError
from bot.schedule import DAY
from bot.usage import usage

FIRST_DAY = date(2023, 5, 4)  # the first list there is
_MOST = 20  # days to choose from
_PAGE = re.compile(  # of the source's site, or of its API
    r"(?:https?://)?(?:www\.)?huggingface\.co/(?:papers/|api/daily_papers\?)(date|week|month)[/=]"
    r"([\w-]+)/?(?:[?#&].*)?",
    re.ASCII | re.IGNORECASE,
)
_BARE_WEEK = re.compile(r"(?:week|w|#)?\s*(\d{1,2})", re.ASCII | re.IGNORECASE)


def read(text: str, today: date) -> date:
    """Raises UserError where it is no day, or may be several; never takes one for another."""
    text = linked(text)[1] or text
    spans = readings(text, today)
    if not spans:
        why = f"{impossible(text, today)} Write the day like 2025-06-12.".strip()
        near = suggested(without_weekday(text), today)
        raise UserError(why, _choices(near or _newest(today)))
    if len(spans) > 1:
        either = " or ".join(long_date(span.first) for span in spans[:2])
        why = f"{text[:30]} may be {either}. Write it like {spans[0].first}."
        raise UserError(why, _choices(span.first for span in spans))
    if spans[0].grain is not Grain.DAY:
        raise _longer(text, spans[0], today)
    return _listed(spans[0].first, today)


def linked(text: str) -> tuple[str, str]:
    """The command and the day, week or month of a page of lists; empty: it is no such page."""
    found = _PAGE.fullmatch(text)
    return ("week" if found[1] == "week" else "date", found[2]) if found else ("", "")


def week(text: str, today: date) -> date:
    """A day of the week that is meant. Raises UserError where it is none, or may be several."""
    text = linked(text)[1] or text
    if found := _BARE_WEEK.fullmatch(text):
        text = f"{today.isocalendar().year}-W{int(found[1]):02}"
    elif text.lower() in ("this", "last", "next", "past", "previous"):
        text = f"{'last' if text.lower() in ('past', 'previous') else text} week"
    days = {_begin(day) for span in readings(text, today) for day in _within(span)}
    if len(days) != 1:
        weeks = sorted(days)[-_MOST:] or [_begin(today) - n * 7 * DAY for n in range(4)]
        several = f"{text[:30]} is more than one week. " if days else f"{impossible(text, today)} "
        why = f"{several}Write the week like {number(_begin(today))}."
        raise UserError(why.strip(), [(f"Week of {long_date(one)}", number(one)) for one in weeks])
    return _listed_week(days.pop(), today)


def _listed_week(monday: date, today: date) -> date:
    if monday > today:
        raise UserError(f"The week of {long_date(monday)} has not begun yet.")
    if monday + 6 * DAY < FIRST_DAY:
        raise UserError(
            f"The lists begin on {long_date(FIRST_DAY)}.", [("Their week", number(FIRST_DAY))]
        )
    return monday


def number(day: date) -> str:
    """Its week: 2025-W23."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def _begin(day: date) -> date:
    return day - day.weekday() * DAY


def _within(span: Span) -> list[date]:
    """A day of each week it touches: at most a year of them."""
    end = span.end or span.first + DAY
    count = min((end - span.first).days, 366)
    return [span.first + n * DAY for n in range(count)]


def buttons(days: Iterable[date]) -> tuple[Action, ...]:
    return tuple(Action(long_date(day), command="date", text=str(day)) for day in days)


def _longer(text: str, span: Span, today: date) -> UserError:
    length = ((span.end or span.first) - span.first).days
    days = [span.first + n * DAY for n in range(min(length, 31))]
    weekdays = [day for day in days if day.weekday() < 5 and FIRST_DAY <= day <= today]
    what = "some days" if span.grain is Grain.DAYS else f"a {span.grain}"
    why = f"{text[:30]} is {what}, but each list is of one day. Write it like {span.first}."
    if span.grain is Grain.WEEK:
        why += f" {usage('week', week=number(span.first))} shows all of it."
    return UserError(why, _choices(weekdays[-_MOST:]) if span.grain is not Grain.YEAR else ())


def _listed(day: date, today: date) -> date:
    if day > today:
        raise UserError(
            f"The list of {long_date(day)} has not begun yet.", _choices(_newest(today)[:1])
        )
    if day < FIRST_DAY:
        raise UserError(f"The lists begin on {long_date(FIRST_DAY)}.", _choices([FIRST_DAY]))
    return day


def _newest(today: date) -> list[date]:
    days = (today - n * DAY for n in range(7))
    return [day for day in days if day.weekday() < 5][:4]


def _choices(days: Iterable[date]) -> list[tuple[str, str]]:
    return [(long_date(day), str(day)) for day in days]


def around(day: date, today: date) -> tuple[Action, ...]:
    """Buttons for the list before a weekend, and the one after it."""
    if day.weekday() < 5:
        return ()
    before, after = day - (day.weekday() - 4) * DAY, day + (7 - day.weekday()) * DAY
    return buttons(one for one in (before, after) if FIRST_DAY <= one <= today)


def suggested(typed: str, today: date) -> list[date]:
    """The days that what is typed so far may mean."""
    days = (span.first for span in readings(typed, today) if span.grain is Grain.DAY)
    return [day for day in days if FIRST_DAY <= day <= today]
