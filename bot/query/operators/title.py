"""`title:flow`: what it is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from bot.query.graph import TokenGraph
from bot.query.operators._named_text import NamedText
from bot.query.paper import PaperText


@dataclass(frozen=True, slots=True)
class Title(NamedText):
    name = "title"
    field = "title"
    names: ClassVar = dict.fromkeys(("title", "intitle", "ti"), "title")
    examples: ClassVar = {"title": "title:flow"}

    def english(self) -> str:
        return f"“{self.text}” in the title"

    @staticmethod
    def within(paper: PaperText) -> Iterable[TokenGraph]:
        return (paper.title,)
