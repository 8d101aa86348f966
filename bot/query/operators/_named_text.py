"""What `author:`, `title:` and `org:` have in common: words in a row, in one field of the paper."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from bot.query.clause import Field, Text
from bot.query.condition import Condition
from bot.query.graph import TokenGraph, sought_graph
from bot.query.paper import PaperText
from bot.query.terms import phrase
from bot.query.written import quoted


@dataclass(frozen=True, slots=True)
class NamedText(Condition):
    text: str
    name: ClassVar[str]
    negatable = True
    field: ClassVar[Field]

    @classmethod
    def parse(cls, name: str, value: str, today: date | None) -> Self | None:
        return cls(value)

    def __str__(self) -> str:
        return f"{self.name}:{quoted(self.text)}"

    @property
    def clause(self) -> Text | None:
        return phrase(self.text, self.field)

    def matches(self, paper: PaperText) -> bool:
        return any(part.has(sought_graph(self.text)) for part in self.within(paper))

    @staticmethod
    @abstractmethod
    def within(paper: PaperText) -> Iterable[TokenGraph]:
        """The texts of the field."""
