"""`flow matching OR diffusion`: any of some alternatives, each with all of its conditions."""

from __future__ import annotations

from dataclasses import dataclass

from bot.query.clause import And, Or, Text
from bot.query.condition import Condition
from bot.query.paper import PaperText


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    alternatives: tuple[tuple[Condition, ...], ...]  # two or more, of conditions on text

    def __str__(self) -> str:
        return " OR ".join(
            " ".join(f"({each})" if isinstance(each, AnyOf) else str(each) for each in alternative)
            for alternative in self.alternatives
        )

    def english(self) -> str:
        each = (
            ", ".join(condition.english() for condition in alternative)
            for alternative in self.alternatives
        )
        return " or ".join(each)

    @property
    def clause(self) -> Text | None:
        each = (
            [condition.clause for condition in alternative] for alternative in self.alternatives
        )
        asked = (
            tuple(condition for condition in clauses if isinstance(condition, Text))
            for clauses in each
        )
        ways = tuple(And(clauses) for clauses in asked if clauses)
        return Or(ways) if ways else None

    def matches(self, paper: PaperText) -> bool:
        return any(
            all(condition.matches(paper) for condition in alternative)
            for alternative in self.alternatives
        )
