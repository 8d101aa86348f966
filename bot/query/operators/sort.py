"""`sort:new`, `sort:votes`: the order of a search's results; it asks nothing of a paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, Self

from bot.query.condition import Condition
from bot.query.paper import PaperText

Order = Literal["best", "new", "votes"]
_ORDERS: dict[str, Order] = {
    "best": "best",
    "relevance": "best",
    "new": "new",
    "newest": "new",
    "latest": "new",
    "recent": "new",
    "date": "new",
    "published": "new",
    "votes": "votes",
    "upvotes": "votes",
    "likes": "votes",
    "popular": "votes",
    "popularity": "votes",
    "top": "votes",
}
_ENGLISH = {"best": "", "new": "newest first", "votes": "most votes first"}


@dataclass(frozen=True, slots=True)
class Sort(Condition):
    order: Order
    names: ClassVar = dict.fromkeys(("sort", "sort_by", "order", "order_by"), "sort")
    examples: ClassVar = {"sort": "sort:new or sort:votes"}

    @classmethod
    def parse(cls, name: str, value: str, today: date | None) -> Self | None:
        order = _ORDERS.get(value.lower())
        return cls(order) if order else None

    def __str__(self) -> str:
        return f"sort:{self.order}" if self.order != "best" else ""

    def english(self) -> str:
        return _ENGLISH[self.order]

    def matches(self, paper: PaperText) -> bool:
        return True

    def joined(self, earlier: Self) -> Self:
        return self
