"""A standing order as people write it, `09:00 Europe/Berlin 10` in any order, and its next post."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from bot import schedule
from bot.commands.context import Context
from bot.errors import UserError
from bot.model import Choice, Request, Subscription
from bot.plan import Run, past_of, run_of
from bot.store.subscriptions import Order

MOST_PAPERS = 15  # what one Discord message holds with every title linked
DEFAULT = ("09:00", "UTC", 10)
_TIME = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?([ap]m|h)?")


def read(text: str, current: Subscription | None, now: datetime) -> Order:
    """The order with what `text` says changed. Raises UserError; then nothing is to be changed."""
    time, zone, papers = (current.time, current.zone, current.papers) if current else DEFAULT
    words = re.sub(r"(?<=[0-9]) +(?=[ap]m\b)", "", text.lower().replace(",", " ")).split()
    numbers = [word for word in words if word.isdecimal()]
    times = [word for word in words if word[0].isdecimal() and word not in numbers]
    named = [word for word in words if not word[0].isdecimal()]
    if len(times) > 1 or len(numbers) > 1:
        raise UserError("Write one time and one number of papers, such as 09:00 and 10.")
    time = _time(times[0]) if times else time
    papers = _papers(numbers[0]) if numbers else papers
    zone = zone_named(" ".join(named)) if named else zone
    run_at = schedule.next_run(now, time, zone)
    first = schedule.list_day(run_at, schedule.local_date(run_at, time, zone))
    return Order(time, zone, papers, run_at, first)


def _time(word: str) -> str:
    found = _TIME.fullmatch(word)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    if found and found[3] in ("am", "pm"):
        hour = hour % 12 + 12 * (found[3] == "pm") if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59:
        raise UserError(f"{word[:20]} is not a time of day; write it like 09:00 or 18:30.")
    return f"{hour:02}:{minute:02}"


def _papers(word: str) -> int:
    if len(word) > 3 or not 1 <= int(word) <= MOST_PAPERS:
        raise UserError(f"A post shows 1 to {MOST_PAPERS} papers; {word[:20]} is not in there.")
    return int(word)


@cache
def _zones() -> dict[str, str]:
    """Lower-case names and cities -> IANA name; a city's own name wins over an alias's."""
    odd = ("posix", "right/", "Factory", "localtime")
    names = sorted(n for n in available_timezones() if not n.startswith(odd))
    cities = {n.rpartition("/")[2].lower(): n for n in names if not n.startswith("Etc/")}
    return cities | {n.lower(): n for n in names}


def zone_named(text: str) -> str:
    """The IANA zone a person means by `europe/berlin`, `Berlin` or `new york`."""
    key = text.strip().lower().replace(" ", "_")
    if key in _zones():
        return _zones()[key]
    near = difflib.get_close_matches(key[:60], _zones(), n=1, cutoff=0.77)
    hint = f" Did you mean {_zones()[near[0]]}?" if near else " Write it like Europe/Berlin."
    raise UserError(f"I know no time zone called {text[:40]}.{hint}")


async def coming(ctx: Context, one: Subscription) -> Run:
    """The next run that can post: not a weekend's, nor of a list that had its post."""
    past = (await past_of(ctx.store, [one]))[one.id]
    run = run_of(one)
    while run.day.weekday() >= 5 or run.day in past.settled or run.day < past.since:
        one = replace(one, run_at=schedule.next_run(one.run_at, one.time, one.zone))
        run = run_of(one)
    return run


async def suggest_zone(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """Zones whose name or city begins with, then contains, what is typed."""
    key = typed.strip().lower().replace(" ", "_")
    names = sorted(set(_zones().values()), key=lambda n: (n.count("/") == 0 and n != "UTC", n))
    begins = [n for n in names if n.rpartition("/")[2].lower().startswith(key)]
    inside = [n for n in names if key in n.lower() and n not in begins]
    return [Choice(name, name) for name in begins + inside]


async def suggest_time(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """Full and half hours, morning first."""
    hours = [*range(6, 24), *range(6)]
    times = [f"{hour:02}:{minute}" for hour in hours for minute in ("00", "30")]
    return [Choice(t, t) for t in times if t.startswith((typed, f"0{typed}"))]
