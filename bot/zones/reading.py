"""What a person means by a time zone: a place has one; an abbreviation or an offset is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

from bot.zones.names import (
    abbreviations,
    apart,
    brief,
    city,
    codes,
    fixed,
    key,
    large,
    names,
    offset_of,
    rank,
    shown,
    year,
    zones,
)  # fmt: skip

# UTC+2, GMT-03:30, +0530; and the fixed zones, in whose names the sign is the other way round.
OFFSET = re.compile(r"(?<![\w/+-])((?:utc|gmt)?)\s?([+-])\s?(\d{1,2})(?::?(\d\d))?(?![\w:])", re.A)
FIXED = re.compile(r"(?<!\S)etc/gmt([+-])(\d{1,2})(?!\S)", re.A)
_UTC = frozenset(
    [
        "utc",
        "z",
        "zulu",
        "uct",
        "universal",
        "gmt0",
        "etc/utc",
        "etc/uct",
        "etc/zulu",
        "etc/gmt",
        "etc/gmt0",
        "etc/universal",
        "etc/greenwich",
        "utc/gmt",
        "gmt/utc",
    ]
)
_TWICE = re.compile(r"\b(?:utc|gmt)/(?=(?:utc|gmt)\s?[+-])", re.I)  # UTC/GMT+1
_DECIMAL = re.compile(r"([+-]\s?\d{1,2})[.,](00?|15|25|30|45|50?|75)(?![\w.,])", re.A)  # GMT+5.5
_SIXTIETHS = ("00", "15", "30", "45")  # GMT+5.30
_REGIONS = frozenset(
    ["africa", "america", "asia", "atlantic", "australia", "europe", "indian", "pacific"]
)
_SCRIPTS = {"CYRILLIC": "Cyrillic", "GREEK": "Greek", "ARABIC": "Arabic", "HEBREW": "Hebrew",
            "CJK": "Chinese characters", "HIRAGANA": "kana", "KATAKANA": "kana",
            "HANGUL": "Hangul", "THAI": "Thai", "DEVANAGARI": "Devanagari"}  # fmt: skip
_LATIN = frozenset(["LATIN", "FULLWIDTH", "MASCULINE", "FEMININE", "MICRO"])
_LONGEST = 100  # characters of a zone: every way to part the words is tried
_MOST = 8  # zones to choose from


@dataclass(frozen=True, slots=True)
class Reading:
    """The zone that is meant; or why that cannot be told, and what may be."""

    zone: str = ""  # an IANA name
    why: str = ""
    instead: tuple[tuple[str, str], ...] = ()  # (label, words that are understood)


def read(text: str, now: datetime) -> Reading:
    """What a text says of a zone. `now`: whose offsets and abbreviations hold."""
    if len(text) > _LONGEST:
        return _unknown(text, key(text[:_LONGEST]), now)
    whole, letters = key(in_minutes(text)), abbreviations(now.date())
    if whole in _UTC:
        return Reading("UTC")
    if found := FIXED.search(whole):
        return _fixed(found, whole, now)
    if whole in names():
        return _one_of(text, names()[whole], now)
    if whole in letters:
        return _abbreviated(text, whole, now)
    words, marks = OFFSET.sub(" ", whole).split(), list(_offsets(whole))
    marks += [timedelta(0)] * any(word in _UTC for word in words)
    words = [word for word in words if word not in _UTC]
    short = [word for word in words if all(part in letters for part in word.split("/"))]
    place = " ".join(word for word in words if word not in short)
    short = "/".join(short).split("/") if short else []
    if place:
        place_read = _narrowed(place, short, now) or _place(text, place, now)
        return _agreed(place_read, marks, short, now)
    if short:
        return _abbreviated(text, short[0], now)
    return _offset(text, marks[0], now) if marks else _unknown(text, whole, now)


def in_minutes(text: str) -> str:
    """A text with each offset as `OFFSET` takes it: `GMT+5.5` and `UTC/GMT+5:30` -> `GMT+5:30`."""

    def minutes(found: re.Match[str]) -> str:
        part = found[2]
        return f"{found[1]}:{part if part in _SIXTIETHS else round(float(f'.{part}') * 60):02}"

    return _DECIMAL.sub(minutes, _TWICE.sub("", text))


def _offsets(text: str) -> Iterator[timedelta]:
    for found in OFFSET.finditer(text):
        size = timedelta(hours=int(found[3]), minutes=int(found[4] or 0))
        yield -size if found[2] == "-" else size


def _place(text: str, place: str, now: datetime) -> Reading:
    """Of a name; of two: a city and its country; or of several whose clocks go alike."""
    if place in names():
        return _one_of(text, names()[place], now)
    parts = list(_parts(place.split()))
    known = [names().get(part, ()) for part in parts]
    if len(parts) > 1 and any(known) and not all(known) and parts[0] not in _REGIONS:
        return _half_known(text, [part for part in parts if part in names()], now)
    if len(parts) < 2 or not all(known):
        return _unknown(text, place, now)
    if both := [zone for zone in known[0] if zone in known[1]]:
        return _one_of(text, both, now)
    first = [zone for part in known for zone in part[:1]]
    if all(len(part) == 1 for part in known) and len(list(apart(first, now))) == 1:
        return Reading(first[0])
    return _two(text, parts, known, now)


def _narrowed(place: str, short: Sequence[str], now: datetime) -> Reading | None:
    """`Pacific Time (US & Canada)`: of a place's clocks, the only one that shows such letters."""
    parts, letters = list(_parts(place.split())), abbreviations(now.date())
    if not short or not all(part in names() for part in parts):
        return None
    there = [zone for zone in names()[parts[0]] if zone in letters[short[0]]]
    return Reading(there[0]) if len(list(apart(there, now))) == 1 else None


def _parts(words: Sequence[str]) -> Iterator[str]:
    """Words as the longest names that are known, from the left; a word that is in none, alone."""
    while words:
        lengths = range(len(words), 0, -1)
        some = next((n for n in lengths if " ".join(words[:n]) in names()), 1)
        yield " ".join(words[:some])
        words = words[some:]


def _one_of(text: str, some: Sequence[str], now: datetime) -> Reading:
    """Zones whose clocks go alike are one: the first of them."""
    return Reading(some[0]) if len(list(apart(some, now))) == 1 else _several(text, some, now)


def _two(text: str, parts: Sequence[str], known: Sequence[Sequence[str]], now: datetime) -> Reading:
    clocks = dict.fromkeys(zone for some in known for zone in apart(some, now))
    apiece = " and ".join(part.title() for part in parts[:2])
    why = f"I know {apiece} apart, and no {text[:40]}. Write one of them, like {known[0][0]}"
    return Reading("", f"{why}, or choose.", _choices(clocks, now))


def _half_known(text: str, known: Sequence[str], now: datetime) -> Reading:
    understood = set(" ".join(known).split())
    rest = [word for word in text.split() if not understood.issuperset(key(word).split())]
    rest = [word for word in rest if not OFFSET.search(f" {word}")]
    why = f"I understand {known[0].title()} as a place, and not {' '.join(rest)[:40]}."
    clocks = [zone for part in known for zone in apart(names()[part], now)]
    return Reading("", f"{why} Leave that out, or choose.", _choices(dict.fromkeys(clocks), now))


def _several(text: str, some: Sequence[str], now: datetime) -> Reading:
    large_first = sorted(some, key=lambda zone: rank()[zone] if zone in large() else len(rank()))
    clocks = list(apart(large_first, now))
    why = f"{text[:40]} has several time zones. Write it like {clocks[0]}, or choose."
    return Reading("", why, _choices(clocks, now))


def _abbreviated(text: str, letters: str, now: datetime) -> Reading:
    clocks = list(apart(abbreviations(now.date())[letters], now))[:5]
    typed = text[:40] if " " in text else text[:40].upper()
    what = "it stands for several clocks, or for one without its summer time"
    if len(clocks) == 1:
        what = "it is letters that clocks show"
    why = f"{typed} is no time zone: {what}. Write a place, like {clocks[0]}, or choose."
    return Reading("", why, (*_choices(clocks, now), *[("UTC", "UTC")] * (letters == "gmt")))


def _offset(text: str, offset: timedelta, now: datetime) -> Reading:
    if not offset:
        return Reading("UTC")
    why = (
        f"I know no time zone called {text[:20]}: an offset knows no summer time. "
        "Write it like Europe/Berlin."
    )
    if name := fixed(offset):
        why += f" {name} is {shown(offset)} all year: its sign is the other way round."
    return Reading("", why, (*_choices(_at(offset, now), now), *_all_year(offset)))


def _fixed(found: re.Match[str], whole: str, now: datetime) -> Reading:
    """`Etc/GMT+3`: who writes it alone may mean either sign; `Etc/GMT+3 UTC-3` is one."""
    offset = timedelta(hours=int(found[2]) * (1 if found[1] == "-" else -1))
    name, others = fixed(offset), FIXED.sub(" ", whole)
    if not offset:
        return Reading("UTC")
    if not name:
        return _unknown(found[0], found[0], now)
    if set(_offsets(others)) == {offset} and not OFFSET.sub(" ", others).strip():
        return Reading(name)
    why = (
        f"{name} is {shown(offset)}: in such names the sign is the other way round. "
        f"Write {name} {shown(offset)} if you mean it, or choose."
    )
    towns = (*_at(offset, now)[:2], *_at(-offset, now)[:2])
    return Reading("", why, (*_all_year(offset), *_choices(towns, now)))


def _at(offset: timedelta, now: datetime) -> list[str]:
    """A few large cities that are at that offset now, or any where no large one is."""
    there = [zone for zone in zones() if offset_of(zone, now) == offset]
    known = [zone for zone in there if zone in large()]
    return list(apart(known or there, now))[:4]


def _agreed(
    reading: Reading, marks: Sequence[timedelta], letters: Sequence[str], now: datetime
) -> Reading:
    """A place may have its offset or abbreviation beside it, but not another's."""
    if not (zone := reading.zone):
        return reading
    wrong = [shown(mark) for mark in marks if mark not in year(zone, now.date())]
    wrong += [name.upper() for name in letters if zone not in abbreviations(now.date())[name]]
    if not wrong:
        return reading
    why = f"{city(zone)} is not at {wrong[0]}: it is at {shown(offset_of(zone, now))} now."
    return Reading("", f"{why} Write {zone} alone if you mean it.", _choices([zone], now))


def _unknown(text: str, place: str, now: datetime) -> Reading:
    if place in codes():
        return _coded(place, now)
    if script := _other_script(text):
        why = (
            f"I know places by their names in Latin letters alone, and {text[:40]} is in {script}."
        )
        return Reading("", f"{why} Write it like Europe/Berlin.")
    # Europe/Lima, US/Chicago: the place counts, where it is known by its name.
    near = [one for one in _within(place) if one in names()]
    near = near[:1] or get_close_matches(place[:60], names(), n=3, cutoff=0.77)
    known = list(dict.fromkeys(zone for name in near for zone in names()[name]))[:3]
    hint = f"Did you mean {known[0]}?" if known else "Write it like Europe/Berlin."
    why = f"I know no time zone called {text[:40]}. {hint}"
    return Reading("", why, tuple((zone, zone) for zone in known))


def _coded(letters: str, now: datetime) -> Reading:
    clocks = list(apart(codes()[letters], now))
    why = f"{letters.upper()} may be a country or a state, or no place at all."
    return Reading("", f"{why} Write a place, like {clocks[0]}, or choose.", _choices(clocks, now))


def _within(place: str) -> Iterator[str]:
    """The place that is named after a region or a country: `lima` of europe/lima."""
    yield place.rpartition("/")[2]
    first, _, rest = place.partition(" ")
    if first in _REGIONS:
        yield rest


def _other_script(text: str) -> str:
    """The script of a text that is not in Latin letters; empty: it is."""
    for char in text:
        script = unicodedata.name(char, "").partition(" ")[0]
        if char.isalpha() and script not in _LATIN:
            return _SCRIPTS.get(script, "another script")
    return ""


def _choices(some: Iterable[str], now: datetime) -> tuple[tuple[str, str], ...]:
    most = list(some)[:_MOST]
    return tuple((f"{city(zone)} ({shown(offset_of(zone, now))})", brief(zone)) for zone in most)


def _all_year(offset: timedelta) -> list[tuple[str, str]]:
    name = fixed(offset)
    return [(f"{shown(offset)} all year", f"{name} {shown(offset)}")] if name else []


def named_like(typed: str) -> list[str]:
    """Zones whose city begins with, then those whose name contains, what is typed."""
    part = key(typed)
    known = ["UTC", *sorted(zones())]
    begins = [zone for zone in known if key(city(zone)).startswith(part)]
    return begins + [zone for zone in known if part in key(zone) and zone not in begins]
