"""What there is to know of a source's papers without asking it: how they are named, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Link(NamedTuple):
    label: str
    url: str  # https


class Named(NamedTuple):
    """A paper that a text names."""

    id: str
    start: int
    end: int


def _nothing(_typed: str) -> str:
    return ""


def _never(_text: str, _today: date | None) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one source names its papers."""

    name: str  # before the colon of its ids
    title: str  # what people call it
    named: Callable[[str], Iterable[Named]]  # its papers in a text: by id, by link, by DOI
    links: Callable[[str], tuple[Link, ...]]  # of a paper by its id; the first is its page
    begun: Callable[[str], str] = _nothing  # how an id begins, as it is typed; empty: it is none
    impossible: Callable[[str, date | None], str] = _never  # as `bot.naming.impossible`
    is_bare: bool = False  # its ids have no name before them: arXiv's alone


@dataclass(frozen=True, slots=True)
class Curated:
    """A source's lists, as people know them."""

    source: str  # its name
    title: str  # whose list a paper is on
    page: Callable[[str], str]  # of a paper on it, by id
    discussion: Callable[[str], str] | None = None  # the same
