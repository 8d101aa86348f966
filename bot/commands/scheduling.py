"""A schedule as people write it, `09:00 Europe/Berlin 10` in any order, and the next post by it."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot import decide, progress, schedule, walltime
from bot.commands import layouts, option_names
from bot.commands.context import Context
from bot.decide import Run
from bot.dialogue import Choice, Request
from bot.errors import UserError
from bot.model import Schedule, Subscription
from bot.plan import past_of
from bot.progress import NAMED
from bot.states import DeliveryState, Layout
from bot.store import lists
from bot.text import plural
from bot.zones import names, reading

MOST_PAPERS = 15  # what one Discord message holds with every title linked
DEFAULT = ("09:00", "UTC", 10)
_PAPERS = re.compile(
    r"(?<![\w:.])(?:top\s+)?(\d+)\s*papers?\b|\b(?:papers|top)\s+(\d+)\b(?![:.h]\d)", re.A
)
_MARKS = re.compile(r"""[,;"<>()\[\]]|(?<!utc )(?<!gmt )(?<!\S)-(?!\S)|(?<=\w)[.!?]+(?!\S)""")
_STUCK = re.compile(r"(?<=\d)(?=[+-]\d\d?:?\d\d\b|z\b)", re.A)  # 09:00+02:00, 09:00z
_LITTLE = (
    "at every each day daily weekday weekdays the please and with now in on paper papers post posts"
    " set change to"
)
_FILL = frozenset(_LITTLE.split())
_CODES = frozenset(["at", "in", "on", "to"])  # of these, a country's or a state's
_UNREADABLE = frozenset(["half", "quarter", "past", "o'clock"])
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?")


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says of a schedule; empty or 0: it does not say."""

    time: str = ""
    zone: str = ""
    papers: int = 0
    perhaps: str = ""  # the time that the number of papers may be meant to be
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text by what they are about."""

    time: str
    number: str  # of papers, or an hour
    named: bool  # it was said to be of papers
    place: str


def read(text: str, current: Subscription | None, now: datetime) -> Schedule:
    """The schedule with what `text` says changed. Raises UserError; then nothing is to change."""
    said = understood(text, now)
    time, zone, papers = _kept(current) if current else DEFAULT
    wanted = of(said.time or time, said.zone or zone, said.papers or papers, now)
    return replace(wanted, layout=said.layout)


def _kept(current: Subscription) -> tuple[str, str, int]:
    """What a change leaves as it is. A time or a zone that is none here gives way."""
    time, zone, _ = DEFAULT
    with suppress(UserError):
        schedule.wall_time(current.time)
        time = current.time
    with suppress(UserError):
        schedule.zone_info(current.zone)
        zone = current.zone
    return time, zone, current.papers


def of(time: str, zone: str, papers: int, now: datetime) -> Schedule:
    run_at = schedule.next_run(now, time, zone)
    first = schedule.list_day(run_at, schedule.local_date(run_at, time, zone))
    return Schedule(time, zone, papers, run_at, first)


def understood(text: str, now: datetime) -> Said:
    """What a text says. Raises UserError, with what may be meant, where that is not certain."""
    layout, rest = layouts.taken_out(text)
    if layout is None:
        return _schedule(text, now)
    if _FILL.issuperset(rest.lower().split()):
        return Said(layout=layout)
    try:
        return replace(_schedule(rest, now), layout=layout)
    except UserError as error:
        choices = [(label, _joined(words, layout)) for label, words in error.choices]
        raise UserError(str(error), choices) from error


def _schedule(text: str, now: datetime) -> Said:
    words = _sorted(text)
    times = _times(words) if words.time else ()
    of_papers = words.named or bool(words.time) or not words.place
    papers = _papers(words) if words.number and of_papers else 0
    shown = plural(papers, "paper") if papers else words.number
    if len(times) > 1:
        choices = [(time, _joined(time, words.place, shown)) for time in times]
        raise UserError(f"Is that {times[0]} or {times[1]}? Write it like 21:30.", choices)
    found = reading.read(words.place, now) if words.place else reading.Reading()
    if found.why:
        rest = _joined(*times, shown)
        raise UserError(found.why, [(label, _joined(rest, zone)) for label, zone in found.instead])
    if words.number and not of_papers:
        raise _hour_or_papers(words.number, names.brief(found.zone))
    hours = () if words.named or not papers or times else walltime.times(_as_time(words.number))
    return Said(times[0] if times else "", found.zone, papers, "".join(hours))


def taken(said: Said) -> str:
    """What is told of a number alone: it may be a time."""
    if not said.perhaps:
        return ""
    return f"I took {said.papers} for a number of papers; the time would be {said.perhaps}."


def _codes(text: str) -> frozenset[str]:
    """Little words that may be a place: in capitals where no other is named, or the last word."""
    words = [word.strip(".,;!?()") for word in text.split()]
    named = any(word[:1].isalpha() and word.lower() not in _FILL for word in words)
    capital = {word.lower() for word in words if word.isupper() and not named}
    return _CODES & (capital | {word.lower() for word in words[-1:]})


def _sorted(text: str) -> _Words:
    codes = _codes(text)
    text = option_names.in_words(text.lower())
    places: list[str] = []
    text = _STUCK.sub(" ", _MARKS.sub(" ", reading.in_minutes(text)))
    for offset in (reading.FIXED, reading.OFFSET):
        places += (found[0] for found in offset.finditer(text))
        text = offset.sub(" ", text)
    text = walltime.in_one_word(text)
    named = [found[1] or found[2] for found in _PAPERS.finditer(text)]
    words = [word for word in _PAPERS.sub(" ", text).split() if word not in _FILL - codes]
    bare = [word for word in words if word.isdecimal() and not walltime.is_four(word)]
    times = [word for word in words if word[0].isdecimal() and word not in bare]
    places[:0] = [word for word in words if not word[0].isdecimal()]
    if named and bare and not times:  # the papers were named, so the other number is the hour
        times, bare = [f"{bare[0]}h"], bare[1:]
    if len(times) > 1 or len(named + bare) > 1:
        raise UserError("Write one time and one number of papers, such as 09:00 and 10.")
    if not (times or named or bare or places):
        raise UserError("Write a time, a zone or a number: 09:00, Europe/Berlin, 10 papers.")
    _check(places)
    return _Words("".join(times), "".join(named + bare), bool(named), " ".join(places))


def _check(places: list[str]) -> None:
    """Words that are about no place."""
    for word in places:
        if word in _UNREADABLE:
            raise UserError("That is not a time of day; write it like 09:00 or 18:30.")
        if _WEEKDAY.fullmatch(word):
            raise UserError("A post comes for every list, Monday to Friday: leave the days out.")


def _times(words: _Words) -> tuple[str, ...]:
    times = walltime.times(words.time)
    if times:
        return times
    zero = walltime.times(words.time.replace("24", "00", 1)) if words.time[:2] == "24" else ()
    raise UserError(
        f"{words.time[:20]} is not a time of day; write it like 09:00 or 18:30.",
        [(time, _joined(time, words.place, words.number)) for time in zero],
    )


def _papers(words: _Words) -> int:
    number = words.number
    if len(number) < 4 and 1 <= int(number) <= MOST_PAPERS:
        return int(number)
    hours = () if words.named or words.time else walltime.times(_as_time(number))
    raise UserError(
        f"A post shows 1 to {MOST_PAPERS} papers; {number[:20]} is not in there.",
        [(hour, hour) for hour in hours],
    )


def _as_time(number: str) -> str:
    """18 as 18h, 930 as 09:30."""
    return number.zfill(4) if len(number) == 3 else f"{number}h"


def _hour_or_papers(number: str, zone: str) -> UserError:
    papers = len(number) < 4 and 1 <= int(number) <= MOST_PAPERS
    choices = [(hour, _joined(hour, zone)) for hour in walltime.times(_as_time(number))]
    choices += [(plural(int(number), "paper"), f"{number} papers {zone}")] * papers
    return UserError(
        f"Is {number[:20]} a time, or a number of papers? Write it like 09:00, or 10 papers.",
        choices,
    )


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))


def clock(zone: str, now: datetime) -> str:
    """` Europe/Berlin is now UTC+2.`, to follow what is said of a schedule; empty for UTC."""
    local, known = schedule.local_time(now, zone)
    offset = local.utcoffset()
    return f" {zone} is now {names.shown(offset)}." if offset is not None and known != "UTC" else ""


async def coming(ctx: Context, one: Subscription) -> Run:
    """The next run that can post."""
    past = (await past_of(ctx.store, [one]))[one.id]
    return decide.coming(one, past, ctx.clock())


async def left_over(
    ctx: Context, one: Subscription, states: Collection[DeliveryState] = tuple(DeliveryState)
) -> str:
    """Lists without a post of their own, until they came or were named; `states`: only those whose
    run became that. A line for those that the next post brings, and for those it only names."""
    past = (await past_of(ctx.store, [one]))[one.id]
    day = decide.coming(one, past, ctx.clock()).day
    empty = await lists.without_papers(ctx.store, max(past.since, day - NAMED), day)
    of_these = {event.list_day for event in past.why if event.state in states}
    brought, named = (
        [d for d in days if d in of_these] for days in progress.left_over(past, day, empty)
    )
    text = ""
    if brought:
        those = "list of {} has no post of its own: the next one brings it"
        if len(brought) > 1:
            those = "lists of {} have no posts of their own: the next one brings them"
        text += f"\nThe {those.format(progress.spans(brought))}."
    if named:
        those = "list of {} does" if len(named) == 1 else "lists of {} do"
        shown = those.format(progress.spans(named))
        text += f"\nThe {shown} not come; the next post has a button for each."
    return text


async def suggest_zone(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """The zones that what is typed may mean, then those that are named like it."""
    meant = reading.read(typed, ctx.clock()) if typed.strip() else reading.Reading()
    choices = [Choice(meant.zone, meant.zone)] if meant.zone else []
    choices += [Choice(label, words) for label, words in meant.instead]
    named = [zone for zone in reading.named_like(typed) if zone != meant.zone]
    return [*choices, *(Choice(zone, zone) for zone in named)]


async def suggest_time(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """What is typed, as a time; full and half hours, morning first."""
    hours = [*range(6, 24), *range(6)]
    times = [f"{hour:02}:{minute}" for hour in hours for minute in ("00", "30")]
    begin = [t for t in times if t.startswith((typed, f"0{typed}"))]
    meant = walltime.times(walltime.in_one_word(typed.lower().strip()))
    return [Choice(t, t) for t in dict.fromkeys((*meant, *begin))]
