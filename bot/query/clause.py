"""What an index is asked, in no index's syntax: of a paper's words, or of its facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Field = Literal["", "title", "summary", "authors", "organization", "categories"]  # "": any


@dataclass(frozen=True, slots=True)
class Consecutive:
    """Stems that follow each other in a field; `prefix`: the last may go on."""

    stems: tuple[str, ...]
    field: Field = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class And:
    clauses: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Or:
    clauses: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Not:
    clause: Text


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number of the paper, such as its votes, is known and not less."""

    fact: str  # a field of `Paper`
    least: int


@dataclass(frozen=True, slots=True)
class Known:
    """A paper's fact, such as its code, is known."""

    fact: str  # a field of `Paper`


@dataclass(frozen=True, slots=True)
class Dated:
    """The paper's date is within [after, before)."""

    after: date | None
    before: date | None


Text = Consecutive | And | Or | Not
Fact = AtLeast | Known | Dated
Clause = Text | Fact
