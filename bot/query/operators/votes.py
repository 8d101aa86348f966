"""`votes:20`, `votes:>20`: at least so many votes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from bot.query.clause import AtLeast
from bot.query.condition import Condition
from bot.query.paper import PaperText
from bot.text import plural

_VOTES = re.compile(r"(>?)=?(\d{1,9})\+?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Votes(Condition):
    least: int
    compared = True
    names: ClassVar = dict.fromkeys(("votes", "vote", "upvotes", "upvote"), "votes")
    examples: ClassVar = {"votes": "votes:20"}

    @classmethod
    def parse(cls, name: str, value: str, today: date | None) -> Self | None:
        match = _VOTES.fullmatch(value)
        if not match:
            return None
        above = match[1] and "=" not in value
        return cls(int(match[2]) + bool(above))

    def __str__(self) -> str:
        return f"votes:{self.least}"

    def english(self) -> str:
        return f"{plural(self.least, 'vote')} or more"

    @property
    def clause(self) -> AtLeast:
        return AtLeast("votes", self.least)

    def matches(self, paper: PaperText) -> bool:
        return paper.paper.votes is not None and paper.paper.votes >= self.least

    def joined(self, earlier: Self) -> Self:
        return max(self, earlier, key=lambda votes: votes.least)
