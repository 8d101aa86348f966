"""What every operator of the language is: one thing that a query asks of a paper."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Self

from bot.query.clause import Clause
from bot.query.paper import PaperText


class Condition(ABC):
    """A frozen value. `str` writes it as it is typed; what is written as nothing asks nothing."""

    __slots__ = ()
    # For what is typed as name:value. By each name, also other engines', the name it has here;
    # and for each of those an example.
    names: ClassVar[Mapping[str, str]] = {}
    examples: ClassVar[Mapping[str, str]] = {}
    negatable: ClassVar[bool] = False  # a minus before it leaves such papers out
    compared: ClassVar[bool] = False  # its value is a number: name>20 is name:>20

    @classmethod
    def parse(cls, name: str, value: str, today: date | None) -> Self | None:
        """The condition of name:value; None when that is none. Raises Ambiguous."""
        raise NotImplementedError(f"{cls.__name__} is not typed as name:value")

    @property
    def clause(self) -> Clause | None:
        """What the index is asked; None: nothing."""
        return None

    @abstractmethod
    def english(self) -> str:
        """As it is told to people."""

    @abstractmethod
    def matches(self, paper: PaperText) -> bool: ...

    def joined(self, earlier: Self) -> Self | None:
        """One condition with one of its kind that came before; None: both are kept."""
        return None
