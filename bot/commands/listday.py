"""Which day's list, and which week's or month's, a person means. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from bot.dates import long_date
from bot.days import Grain, Span, impossible, readings, without_weekday
from bot.dialogue import Action
from bot.errors import UserError
from bot.period import FIRST_DAY, Period, month_of, week_of
from bot.schedule import DAY
from bot.usage import usage

_MOST = 20  # days to choose from
_PAGE = re.compile(  # of the source's site, or of its API
    r"(?:https?://)?(?:www\.)?huggingface\.co/(?:papers/|api/daily_papers\?)(date|week|month)[/=]"
    r"([\w-]+)/?(?:[?#&].*)?",
    re.ASCII | re.IGNORECASE,
)
_BARE_MONTH = re.compile(r"(?:month|m|#)?\s*(\d{1,2})", re.ASCII | re.IGNORECASE)
_NAMED_MONTH = re.compile(r"(?:(this|last|in)\s+)?([a-z]+)\.?", re.ASCII | re.IGNORECASE)
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
    return (found[1].lower(), found[2]) if found else ("", "")


def week(text: str, today: date) -> Period:
    """The week that is meant. Raises UserError where it is none, or may be several."""
    text = linked(text)[1] or text
    if found := _BARE_WEEK.fullmatch(text):
        text = f"{today.isocalendar().year}-W{int(found[1]):02}"
    elif text.lower() in ("this", "last", "next", "past", "previous"):
        text = f"{'last' if text.lower() in ('past', 'previous') else text} week"
    return _period(text, today, week_of, [week_of(today - n * 7 * DAY) for n in range(4)])


def month(text: str, today: date) -> Period:
    """The month that is meant. Raises UserError where it is none, or may be several."""
    text = linked(text)[1] or text
    if found := _BARE_MONTH.fullmatch(text):
        text = f"{today.year}-{int(found[1]):02}"
    elif text.lower() in ("this", "last", "next", "past", "previous"):
        text = f"{'last' if text.lower() in ('past', 'previous') else text} month"
    elif named := _named_month(text, today):
        text = f"{named:%Y-%m}"
    months = [month_of(today)]
    while len(months) < 4:
        months.append(months[-1].before())
    return _period(text, today, month_of, months)


def _named_month(text: str, today: date) -> date | None:
    """The newest month of a name, also as `last June`; None: it is no such name."""
    found = _NAMED_MONTH.fullmatch(text)
    spans = readings(f"1 {found[2]}", today) if found else ()
    last = bool(found and found[1] and found[1].lower() == "last")
    begun = (span.first for span in spans if span.first <= today)
    newest = max(begun, default=None)
    if newest and last and month_of(newest) == month_of(today):
        return newest.replace(year=newest.year - 1)
    return newest


def _period(text: str, today: date, of: Callable[[date], Period], near: Sequence[Period]) -> Period:
    """The only one that a text may mean. near: what is offered where it means none"""
    meant = {of(day) for span in readings(text, today) for day in _within(span)}
    if len(meant) != 1:
        what = "month" if near[0].is_month else "week"
        several = f"{text[:30]} is more than one {what}." if meant else impossible(text, today)
        offered = sorted(meant, key=lambda period: period.first)[-_MOST:] or near
        raise UserError(
            f"{several} Write the {what} like {of(today)}.".strip(),
            [(period.label(), str(period)) for period in offered],
        )
    return _listed_period(meant.pop(), today)


def _listed_period(period: Period, today: date) -> Period:
    if period.first > today:
        raise UserError(f"{period.title} has not begun yet.")
    if period.last < FIRST_DAY:
        first = (month_of if period.is_month else week_of)(FIRST_DAY)
        raise UserError(
            f"The lists begin on {long_date(FIRST_DAY)}.", [(first.label(), str(first))]
        )
    return period


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
        why += f" {usage('week', week=str(week_of(span.first)))} shows all of it."
    if span.grain is Grain.MONTH:
        why += f" {usage('month', month=str(month_of(span.first)))} shows all of it."
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
