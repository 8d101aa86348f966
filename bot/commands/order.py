"""A standing order as people write it: `09:00 Europe/Berlin 10`, in any order."""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from bot import schedule
from bot.commands.context import Context
from bot.errors import UserError
from bot.model import Choice, Request, Subscription
from bot.store.people import Order

MOST_PAPERS = 15  # what one Discord message holds with every title linked
DEFAULT = ("09:00", "UTC", 10)


def read(text: str, current: Subscription | None, now: datetime) -> Order:
    """The order with what `text` says changed. Raises UserError; then nothing is to be changed."""
    time, zone, papers = (current.time, current.zone, current.papers) if current else DEFAULT
    rest = []
    for word in text.replace(",", " ").split():
        if ":" in word or re.fullmatch(r"\d{1,2}h", word):
            time = _time(word)
        elif re.fullmatch(r"\d+", word):
            papers = _papers(word)
        else:
            rest.append(word)
    if rest:
        zone = zone_named(" ".join(rest))
    return Order(time, zone, papers, schedule.next_run(now, time, zone))


def _time(word: str) -> str:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", word.replace("h", ":00"))
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise UserError(f"{word[:20]} is not a time of day; write it like 09:00 or 18:30.")
    return f"{int(found[1]):02}:{found[2]}"


def _papers(word: str) -> int:
    if len(word) > 3 or not 1 <= int(word) <= MOST_PAPERS:
        raise UserError(f"A post shows 1 to {MOST_PAPERS} papers; {word[:20]} is not in there.")
    return int(word)


@cache
def _zones() -> dict[str, str]:
    """Lower-case names and cities -> IANA name; a city's own name wins over an alias's."""
    names = sorted(n for n in available_timezones() if not n.startswith(("posix/", "right/")))
    names = [n for n in names if n not in ("Factory", "localtime", "posixrules")]
    cities = {n.rpartition("/")[2].lower(): n for n in names if not n.startswith("Etc/")}
    return cities | {n.lower(): n for n in names}


def zone_named(text: str) -> str:
    """The IANA zone a person means by `europe/berlin`, `Berlin` or `new york`."""
    key = text.strip().lower().replace(" ", "_")
    found = _zones().get(key)
    if found:
        return found
    near = difflib.get_close_matches(key[:60], _zones(), n=1, cutoff=0.75)
    hint = f" Did you mean {_zones()[near[0]]}?" if near else " Write it like Europe/Berlin."
    raise UserError(f"I know no time zone called {text[:40]}.{hint}")


async def suggest_zone(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """Zones whose name or city begins with, then contains, what is typed."""
    key = typed.strip().lower().replace(" ", "_")
    names = sorted(set(_zones().values()), key=lambda n: (n.count("/") == 0 and n != "UTC", n))
    begins = [n for n in names if n.rpartition("/")[2].lower().startswith(key)]
    inside = [n for n in names if key in n.lower() and n not in begins]
    return [Choice(name, name) for name in (begins + inside)[:25]]


async def suggest_time(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """Full and half hours, morning first."""
    hours = [*range(6, 24), *range(6)]
    times = [f"{hour:02}:{minute}" for hour in hours for minute in ("00", "30")]
    return [Choice(t, t) for t in times if t.startswith((typed, f"0{typed}"))][:25]
