"""Days and moments as people read them. Pure."""

from __future__ import annotations

from datetime import date, datetime

from bot.schedule import local_time


def long_date(day: date, *, year: bool = True) -> str:
    """`Thu 12 June 2025`."""
    return f"{day:%a} {day.day} {day:%B}" + (f" {day.year}" if year else "")


def clock(moment: datetime, zone: str) -> str:
    """`09:02 Europe/Berlin`."""
    local, shown = local_time(moment, zone)
    return f"{local:%H:%M} {shown}"


def moment(at: datetime, zone: str) -> str:
    """`Thu 12 June at 09:02 Europe/Berlin`."""
    return f"{long_date(local_time(at, zone)[0].date(), year=False)} at {clock(at, zone)}"
