"""What the zone files say: every name of a zone, its clock, its abbreviations, how it is shown."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from zoneinfo import ZoneInfo, available_timezones

from bot.zones.gazetteer import ABBREVIATIONS, CODES, COUNTRIES, LARGE, PLACES
from bot.zones.windows import WINDOWS

Names = dict[str, tuple[str, ...]]
# Names of the zone files that people use for other clocks, too: `abbreviations` has them.
_LETTERS = frozenset(["est", "mst", "hst", "cet", "met", "eet", "wet", "gmt", "greenwich", "act"])
_POSIX = {"est5edt": "America/New_York", "cst6cdt": "America/Chicago",
          "mst7mdt": "America/Denver", "pst8pdt": "America/Los_Angeles"}  # fmt: skip
_NO_CITY = re.compile(
    r"(?:US|Canada|Brazil|Mexico|Chile|Etc)/.*|Australia/(?:North|South|West|LHI)"
)
_TIME = re.compile(r"\b(?:(?:standard|daylight|summer|winter|mean) )?time(?: ?zone)?\b")
_SPACE = re.compile(r"[_.,'’()&\s]+|(?<=[a-z])-(?=[a-z])")
_HALF_MONTH = timedelta(days=15)
_NONE = timedelta(0)


def key(text: str) -> str:
    """A name as it is looked up: lower case, no accents, single spaces, without `summer time`."""
    apart = unicodedata.normalize("NFKD", text.lower().replace("ı", "i"))
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    bare = re.sub(r"\s*[/\\]\s*", "/", _SPACE.sub(" ", bare))
    return " ".join(_TIME.sub(" ", bare).split())


@cache
def zones() -> tuple[str, ...]:
    """Every place's zone, the largest cities' first."""
    listed = set(chain.from_iterable(_by_country().values()))
    large = LARGE.split()
    return (*large, *sorted(listed - set(large)))


@cache
def rank() -> dict[str, int]:
    return {zone: number for number, zone in enumerate(zones())}


@cache
def large() -> frozenset[str]:
    return frozenset(LARGE.split())


@cache
def names() -> Names:
    """Every name of a place (as `key` makes it) -> the zones it may stand for."""
    found = defaultdict[str, dict[str, None]](dict)  # dicts as sets that keep their order
    listed = (_places(PLACES), _places(WINDOWS), _zone_names(), _countries(), _POSIX.items())
    for name, zone in chain.from_iterable(listed):
        found[name][zone] = None
    return {name: tuple(known) for name, known in found.items() if name not in _LETTERS}


@cache
def codes() -> Names:
    """Letters that may stand for a country or a state -> zones there."""
    found = {code.lower(): tuple(listed) for code, listed in _by_country().items()}
    for code, zone in _places(CODES):
        found[code] = (*found.get(code, ()), zone)
    return found


def _places(table: str) -> Iterator[tuple[str, str]]:
    for zone, places in _rows(table):
        yield from ((place, zone) for place in places)


def _zone_names() -> Iterator[tuple[str, str]]:
    """IANA's own names, old ones for what they are called now, and their cities."""
    rows = (line.split() for line in _file("tzdata.zi") if line.startswith("L "))
    links = {name: target for _, target, name in rows}
    for name in sorted(available_timezones()):
        zone = name if name in rank() else links.get(name, name)
        if zone in rank():
            yield key(name), zone
            if "/" in name and not _NO_CITY.fullmatch(name):
                yield key(name.rpartition("/")[2]), zone


def _countries() -> Iterator[tuple[str, str]]:
    also = ((code, name) for code, named in _rows(COUNTRIES) for name in named)
    official = (line.split("\t")[:2] for line in _file("iso3166.tab"))
    for code, name in chain(also, official):
        for way in (name, re.sub(r" ?\(.*\)", "", name)):  # Korea (South)
            yield from ((key(way), zone) for zone in _by_country().get(code, ()))


@cache
def _by_country() -> dict[str, list[str]]:
    """ISO code -> its zones, as the file orders them."""
    found = defaultdict[str, list[str]](list)
    for line in _file("zone.tab"):
        code, _, zone = line.split("\t")[:3]
        found[code].append(zone)
    return found


@lru_cache(maxsize=4)
def abbreviations(day: date) -> Names:
    """What clocks show beside their time in the year from that day -> the zones of such clocks."""
    found = defaultdict[str, dict[str, None]](dict)
    for zone in zones():
        for letters in {_letters(zone, day + n * _HALF_MONTH) for n in range(0, 24, 4)}:
            if letters.isalpha():
                found[letters.lower()][zone] = None
    for left, named in _rows(ABBREVIATIONS):
        for name in named:
            found[name] |= {left: None} if "/" in left else _of_letters(found, left)
    return {name: tuple(known) for name, known in found.items()}


def _of_letters(found: Mapping[str, Iterable[str]], left: str) -> dict[str, None]:
    """`CST America`: its zones in that region; without one, all of them."""
    letters, _, region = left.partition(" ")
    return dict.fromkeys(zone for zone in found[letters.lower()] if zone.startswith(region))


def _letters(zone: str, day: date) -> str:
    return datetime.combine(day, time(12), UTC).astimezone(ZoneInfo(zone)).tzname() or ""


def _rows(table: str) -> Iterator[tuple[str, list[str]]]:
    for line in table.strip().splitlines():
        left, _, right = line.partition(": ")
        yield left, right.split(", ")


def _file(name: str) -> list[str]:
    text = (files("tzdata") / "zoneinfo" / name).read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


# clocks -----------------------------------------------------------------------------------------


def apart(some: Iterable[str], now: datetime) -> Iterator[str]:
    """One zone for each clock: those that go alike for a year from now are the same."""
    seen = set[tuple[timedelta, ...]]()
    for zone in some:
        clock = year(zone, now.date())
        if clock not in seen:
            seen.add(clock)
            yield zone


@lru_cache(maxsize=2048)
def year(zone: str, day: date) -> tuple[timedelta, ...]:
    """Its offsets from UTC in the year from that day, two a month."""
    noon = datetime.combine(day, time(12), UTC)
    return tuple(offset_of(zone, noon + n * _HALF_MONTH) for n in range(25))


def offset_of(zone: str, now: datetime) -> timedelta:
    """Raises KeyError for a zone that this machine lacks."""
    return now.astimezone(ZoneInfo(zone)).utcoffset() or _NONE


def fixed(offset: timedelta) -> str:
    """The zone that is at this offset all year, in whose name the sign is the other way round;
    empty where there is none."""
    hours, rest = divmod(offset, timedelta(hours=1))
    return f"Etc/GMT{-hours:+}" if not rest and hours and -12 <= hours <= 14 else ""


def shown(offset: timedelta) -> str:
    """`UTC+2`, `UTC-3:30`, `UTC`."""
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < _NONE else "+"
    rest = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"UTC{sign}{minutes // 60}{rest}" if minutes else "UTC"


def city(zone: str) -> str:
    """`New York` of America/New_York."""
    return zone.rpartition("/")[2].replace("_", " ")


def brief(zone: str) -> str:
    """The shortest text that is understood as this zone: there is little room on a button."""
    name = zone.rpartition("/")[2]
    return name if names().get(key(name)) == (zone,) else zone
