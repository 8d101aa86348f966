"""`org:deepseek`: where it was made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from bot.query.graph import TokenGraph
from bot.query.operators._named_text import NamedText
from bot.query.paper import PaperText


@dataclass(frozen=True, slots=True)
class Organisation(NamedText):
    name = "org"
    field = "organization"
    names: ClassVar = dict.fromkeys(("org", "organization", "organisation"), "org")
    examples: ClassVar = {"org": "org:google"}

    def english(self) -> str:
        return f"from {self.text}"

    @staticmethod
    def within(paper: PaperText) -> Iterable[TokenGraph]:
        return (paper.organization,)
