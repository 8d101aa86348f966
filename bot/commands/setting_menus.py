"""The settings of a daily post as menus: their usual values, and the one that a place has. Pure.

A setting's options are words that `/setup` takes, so a press is what a person could have typed.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.dialogue import Action, Field, Menu
from bot.fields import CITY, TIME
from bot.model import Subscription
from bot.states import Layout
from bot.text import plural

_TIMES = ("07:00", "08:00", "09:00", "12:00", "18:00")
_ZONES = ("America/New_York", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Shanghai",
          "Asia/Tokyo")  # fmt: skip
_PAPERS = (3, 5, 10, 15)


def settings(current: Subscription | None) -> tuple[Menu, ...]:
    """One menu a setting. None: nothing is set up, so that no value is marked."""
    time, zone = (current.time, current.zone) if current else ("", "")
    papers = f"{current.papers} papers" if current else ""
    return (
        _menu("Time of the post", _times(current), time, TIME),
        _menu("City, for its time zone", _zones(current), zone, CITY),
        _menu("Papers in a post", _counts(current), papers),
        _menu("Layout", _layouts(), f"layout {current.layout}" if current else ""),
    )


def _menu(
    label: str, options: Sequence[tuple[str, str]], current: str, other: Field | None = None
) -> Menu:
    """options: label and words of each"""
    words = [text for _, text in options]
    actions = tuple(Action(shown, command="setup", text=text) for shown, text in options)
    return Menu(label, actions, words.index(current) if current in words else None, other)


def _times(current: Subscription | None) -> list[tuple[str, str]]:
    times = {*_TIMES, *([current.time] if current else [])}
    return [(time, time) for time in sorted(times)]


def _zones(current: Subscription | None) -> list[tuple[str, str]]:
    """From west to east; another zone of the place goes before them."""
    others = [current.zone] if current and current.zone not in _ZONES else []
    return [(_city(zone), zone) for zone in (*others, *_ZONES)]


def _city(zone: str) -> str:
    """`America/New_York` as New York; Asia/Kolkata is India's only zone."""
    return "India" if zone == "Asia/Kolkata" else zone.rpartition("/")[2].replace("_", " ")


def _layouts() -> list[tuple[str, str]]:
    return [(layout.capitalize(), f"layout {layout}") for layout in Layout]


def _counts(current: Subscription | None) -> list[tuple[str, str]]:
    counts = sorted({*_PAPERS, *([current.papers] if current else [])})
    return [(plural(count, "paper"), f"{count} papers") for count in counts]
