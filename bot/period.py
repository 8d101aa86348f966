"""A week or a month of lists. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from bot.dates import long_date
from bot.schedule import DAY

FIRST_DAY = date(2023, 5, 4)  # the first list there is
_WEEK = 7  # days


@dataclass(frozen=True, slots=True)
class Period:
    """All days of it. `str` is its number, as the source and people write it."""

    first: date
    last: date

    @property
    def is_month(self) -> bool:
        return (self.last - self.first).days >= _WEEK

    def __str__(self) -> str:
        """`2025-W23`, `2025-06`."""
        if self.is_month:
            return f"{self.first:%Y-%m}"
        year, week, _ = self.first.isocalendar()
        return f"{year:04}-W{week:02}"

    @property
    def title(self) -> str:
        """`The week of Mon 2 June 2025`, `June 2025`."""
        return f"{self.first:%B %Y}" if self.is_month else f"The week of {long_date(self.first)}"

    def label(self) -> str:
        """The same on a button: `Week of 2 June`, `June 2025`."""
        return self.title if self.is_month else f"Week of {self.first.day} {self.first:%B}"

    def before(self) -> Period:
        return (month_of if self.is_month else week_of)(self.first - DAY)

    def after(self) -> Period:
        return (month_of if self.is_month else week_of)(self.last + DAY)

    def days(self) -> list[date]:
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]


def week_of(day: date) -> Period:
    """From its Monday."""
    monday = day - day.weekday() * DAY
    return Period(monday, monday + (_WEEK - 1) * DAY)


def month_of(day: date) -> Period:
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
