"""What the operators raise."""

from __future__ import annotations

from datetime import date


class Ambiguous(Exception):
    """A date that may be several."""

    def __init__(self, days: tuple[date, ...]) -> None:
        super().__init__("a date that may be several")
        self.days = days
