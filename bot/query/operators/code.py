"""`has:code`: with its code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from bot.query.clause import Known
from bot.query.condition import Condition
from bot.query.paper import PaperText


@dataclass(frozen=True, slots=True)
class Code(Condition):
    names: ClassVar = {"has": "has"}
    examples: ClassVar = {"has": "has:code"}

    @classmethod
    def parse(cls, name: str, value: str, today: date | None) -> Self | None:
        return cls() if value.lower() == "code" else None

    def __str__(self) -> str:
        return "has:code"

    def english(self) -> str:
        return "with code"

    @property
    def clause(self) -> Known:
        return Known("code")

    def matches(self, paper: PaperText) -> bool:
        return paper.paper.code is not None
