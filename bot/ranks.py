"""Which answers to people wait for others."""

from __future__ import annotations

from enum import IntEnum


class Rank(IntEnum):
    """While many wait, an answer goes before all those of a higher rank."""

    FIRST = 0
    SEARCH = 1  # what was found, for who typed a search
    SORRY = 2  # that somebody must wait
