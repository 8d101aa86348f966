"""What an index answers only nearly, so that each paper is looked at: names of several words.

An index has a paper's authors in a row: `author:"he xiangyu"` finds Kaiming He with Xiangyu Zhang.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.model import Paper
from bot.query.condition import Condition
from bot.query.normal import words
from bot.query.operators import AnyOf, Author, Without
from bot.query.paper import PaperText
from bot.query.parse import parse
from bot.query.query import Query


def wanted(query: Query) -> Query:
    """What a paper's authors must be, as far as names of several words say it."""
    return Query(tuple(_named(query.conditions)))


def unwanted(query: Query) -> Query:
    """The names of several words, none of which a paper's authors may have."""
    names = tuple(one.unwanted for one in query.all(Without) if _is_named(one.unwanted))
    return Query((AnyOf(tuple((name,) for name in names)),) if len(names) > 1 else names)


def without(query: Query) -> Query:
    """The query without those."""
    kept = (
        one
        for one in query.conditions
        if not (isinstance(one, Without) and _is_named(one.unwanted))
    )
    return Query(tuple(kept))


def _named(conditions: Iterable[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        match condition:
            case AnyOf(alternatives):
                each = tuple(tuple(_named(alternative)) for alternative in alternatives)
                if all(each):  # else a paper may be there for another alternative
                    yield AnyOf(each)
            case _ if _is_named(condition):
                yield condition


def _is_named(condition: Condition) -> bool:
    return isinstance(condition, Author) and len(words(condition.text)) > 1


def is_by(query: str, authors: str) -> bool:
    """Whether authors, a JSON array, are those that a query asks for; none are where it is no
    array."""
    try:
        names = json.loads(authors)
    except ValueError:
        return False
    known = tuple(map(str, names)) if isinstance(names, list) else ()
    return _query(query).matches(PaperText(Paper("", "", authors=known)))


@lru_cache(maxsize=64)
def _query(text: str) -> Query:
    return parse(text)
