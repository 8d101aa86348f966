"""The operators of the language, in the order in which a query is written back."""

from bot.query.condition import Condition
from bot.query.operators.any_of import AnyOf
from bot.query.operators.author import Author
from bot.query.operators.category import Category
from bot.query.operators.code import Code
from bot.query.operators.dates import Dates
from bot.query.operators.organisation import Organisation
from bot.query.operators.phrase import Phrase
from bot.query.operators.sort import Sort
from bot.query.operators.title import Title
from bot.query.operators.votes import Votes
from bot.query.operators.without import Without
from bot.query.operators.words import Words

TYPED: tuple[type[Condition], ...] = (AnyOf, Words, Phrase, Without)  # by how they are written
NAMED: tuple[type[Condition], ...] = (
    Author,
    Title,
    Organisation,
    Category,
    Dates,
    Votes,
    Code,
    Sort,
)
ORDER = (*TYPED, *NAMED)
# By each name, also other engines': the kind, and its name here.
OPERATORS = {name: (kind, ours) for kind in NAMED for name, ours in kind.names.items()}
TEXTS = (AnyOf, Words, Phrase, Author, Title, Organisation, Category)  # may be alternatives

__all__ = [
    "NAMED", "OPERATORS", "ORDER", "TEXTS", "AnyOf", "Author", "Category", "Code", "Condition",
    "Dates", "Organisation", "Phrase", "Sort", "Title", "Votes", "Without", "Words",
]  # fmt: skip
