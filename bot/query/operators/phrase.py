"""`"long context"`: words in a row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.query.clause import Text
from bot.query.condition import Condition
from bot.query.graph import Path, graph
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
        return paper.has(paths(self.text))


@lru_cache(maxsize=4096)
def paths(text: str) -> tuple[Path, ...]:
    """A text's words in a row, in each way they may be written."""
    return graph(text).paths()
