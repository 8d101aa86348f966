"""A query by its parts."""

from collections.abc import Sequence
from datetime import date

from bot.query.operators import (
    Author,
    Category,
    Code,
    Dates,
    Organisation,
    Phrase,
    Sort,
    Title,
    Votes,
    Without,
    Words,
)
from bot.query.operators.sort import Order
from bot.query.query import Query


def query(
    *,
    words: Sequence[str] = (),
    phrases: Sequence[str] = (),
    without: Sequence[str] = (),
    authors: Sequence[str] = (),
    titles: Sequence[str] = (),
    orgs: Sequence[str] = (),
    categories: Sequence[str] = (),
    after: date | None = None,
    before: date | None = None,
    votes: int | None = None,
    code: bool = False,
    sort: Order = "best",
    paper: str = "",
) -> Query:
    return Query(paper=paper).adding(
        Words(tuple(words)),
        *map(Phrase, phrases),
        *(Without(Phrase(text)) for text in without),
        *map(Author, authors),
        *map(Title, titles),
        *map(Organisation, orgs),
        *map(Category, categories),
        Dates(after, before),
        *([Votes(votes)] if votes is not None else []),
        *([Code()] if code else []),
        Sort(sort),
    )
