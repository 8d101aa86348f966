"""`"long context"`: words in a row."""

from __future__ import annotations

from dataclasses import dataclass

from bot.query.clause import Text
from bot.query.condition import Condition
from bot.query.graph import sought_graph
from bot.query.paper import PaperText
from bot.query.terms import phrase


@dataclass(frozen=True, slots=True)
class Phrase(Condition):
    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'

    def english(self) -> str:
        return f"“{self.text}”"

    @property
    def clause(self) -> Text | None:
        return phrase(self.text)

    def matches(self, paper: PaperText) -> bool:
        return paper.has(sought_graph(self.text))
