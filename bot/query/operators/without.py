"""`-survey`, `-"a survey"`, `-author:hinton`: what a paper may not have."""

from __future__ import annotations

from dataclasses import dataclass

from bot.query.clause import Not, Text
from bot.query.condition import Condition
from bot.query.operators.phrase import Phrase
from bot.query.paper import PaperText
from bot.query.written import quoted


@dataclass(frozen=True, slots=True)
class Without(Condition):
    unwanted: Condition  # on text

    def __str__(self) -> str:
        if isinstance(self.unwanted, Phrase):
            return f"-{quoted(self.unwanted.text)}"
        return f"-{self.unwanted}"

    def english(self) -> str:
        named = isinstance(self.unwanted, Phrase)
        return f"{'without' if named else 'not'} {self.unwanted.english()}"

    @property
    def clause(self) -> Not | None:
        unwanted = self.unwanted.clause
        return Not(unwanted) if isinstance(unwanted, Text) else None

    def matches(self, paper: PaperText) -> bool:
        return not self.unwanted.matches(paper)
