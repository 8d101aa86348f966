"""`author:"kaiming he"`: who wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from bot.query.graph import TokenGraph
from bot.query.operators._named_text import NamedText
from bot.query.paper import PaperText


@dataclass(frozen=True, slots=True)
class Author(NamedText):
    name = "author"
    field = "authors"
    names: ClassVar = dict.fromkeys(("author", "authors", "inauthor", "au", "by"), "author")
    examples: ClassVar = {"author": "author:hinton"}

    def english(self) -> str:
        return f"by {self.text}"

    @staticmethod
    def within(paper: PaperText) -> Iterable[TokenGraph]:
        return paper.authors
