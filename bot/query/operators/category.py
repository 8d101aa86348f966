"""`cat:cs.CL`: arXiv's category; `cat:cs` is all of its archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from bot.naming.arxiv import ARCHIVES
from bot.query.clause import Consecutive, Or, Text
from bot.query.condition import Condition
from bot.query.normal import stem
from bot.query.paper import PaperText
from bot.query.terms import phrase

_OF_MATH = (
    "ac ag ap at ca co ct cv dg ds fa gm gn gr gt ho it kt lo mg mp na nt oa oc pr qa ra rt sg sp"
    " st"
)
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
        if self.category != "math":
            return phrase(self.category, "categories")
        # The index has math-ph as a compound with its parts, so that it would be among math's.
        subjects = _OF_MATH.split()
        return Or(tuple(Consecutive(("math", stem(each)), "categories") for each in subjects))

    def matches(self, paper: PaperText) -> bool:
        categories = paper.paper.categories
        return any(f"{category}.".startswith(f"{self.category}.") for category in categories)
