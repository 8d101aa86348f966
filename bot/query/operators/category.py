"""`cat:cs.CL`: arXiv's category; `cat:cs` is all of its archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from bot.naming.arxiv import ARCHIVES
from bot.query.clause import Text
from bot.query.condition import Condition
from bot.query.paper import PaperText
from bot.query.terms import phrase

_CATEGORY = re.compile(r"([a-z-]+)(?:\.([a-z]{2}|[a-z-]{4,12}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Category(Condition):
    category: str  # as arXiv writes it
    negatable = True
    names: ClassVar = dict.fromkeys(("cat", "category"), "cat")
    examples: ClassVar = {"cat": "cat:cs.CL"}

    @classmethod
    def parse(cls, name: str, value: str, today: date | None) -> Self | None:
        match = _CATEGORY.fullmatch(value.lower())
        if not match or match[1] not in ARCHIVES:
            return None
        archive, subject = match.groups()
        if not subject:
            return cls(archive)
        return cls(f"{archive}.{subject.upper() if len(subject) == 2 else subject}")

    def __str__(self) -> str:
        return f"cat:{self.category}"

    def english(self) -> str:
        return self.category

    @property
    def clause(self) -> Text | None:
        return phrase(self.category, "categories")

    def matches(self, paper: PaperText) -> bool:
        categories = paper.paper.categories
        return any(f"{category}.".startswith(f"{self.category}.") for category in categories)
