"""Why a search finds nothing, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.dates import long_date
from bot.query.operators import Author, Category, Dates, Organisation
from bot.search.unmet import Unmet


def sentences(unmet: Sequence[Unmet]) -> Iterator[str]:
    """Of several conditions of a kind that nobody knows of any paper, one is enough."""
    yield from dict.fromkeys(filter(None, map(_sentence, unmet)))


def _sentence(one: Unmet) -> str:
    match one.condition:
        case Dates() if one.stored:
            first, last = map(long_date, one.stored)
            return f"The stored papers are of {first} to {last}."
        case Category() if not one.is_known:
            return "No stored paper has a category: the lists come without."
        case Organisation() if not one.is_known:
            return "No stored paper says where it was made."
        case Category(name):
            return f"No stored paper is in {name}."
        case Author() | Organisation():
            return f"No stored paper is {one.condition.english()}."
        case condition:
            return f"No stored paper has {condition.english().removeprefix('with ')}."
