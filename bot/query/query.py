"""Query: what is asked of papers, as a value. Written back, it is read as the same query."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from math import prod
from typing import TypeVar

from bot.query.clause import Fact, Text
from bot.query.graph import graph
from bot.query.normal import expanded, stem, words
from bot.query.operators import (
    NAMED,
    ORDER,
    TEXTS,
    AnyOf,
    Condition,
    Phrase,
    Sort,
    Title,
    Without,
    Words,
)
from bot.query.operators.sort import Order
from bot.query.paper import PaperText

MOST_OF_A_KIND = 32  # phrases, authors, ...
MOST_BRANCHES = 32
C = TypeVar("C", bound=Condition)


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions, all of which are to hold, in the order in which they are written."""

    conditions: tuple[Condition, ...] = ()
    paper: str = ""  # the id of a paper that was typed, or was in a link
    other_papers: tuple[str, ...] = field(default=(), compare=False)  # ids of papers named after it
    notes: tuple[str, ...] = field(default=(), compare=False)  # of what was not understood
    did_you_mean: str = field(
        default="", compare=False
    )  # what words that may be operators would ask

    def __str__(self) -> str:
        """Canonical: `bot.query.parse.parse` reads it as this query."""
        alone = (
            not self.paper
            and sum(isinstance(condition, TEXTS) for condition in self.conditions) == 1
        )
        parts = (
            str(condition) if alone or not isinstance(condition, AnyOf) else f"({condition})"
            for condition in self.conditions
        )
        return " ".join(filter(None, (self.paper, *parts)))

    def english(self) -> str:
        """As it is told to people."""
        return ", ".join(filter(None, (condition.english() for condition in self.conditions)))

    def matches(self, paper: PaperText) -> bool:
        """Whether all conditions hold."""
        return all(condition.matches(paper) for condition in self.conditions)

    def all(self, kind: type[C]) -> tuple[C, ...]:
        """The conditions of a kind."""
        return tuple(condition for condition in self.conditions if isinstance(condition, kind))

    def single(self, kind: type[C]) -> C | None:
        """The condition of a kind of which there is at most one."""
        return next(iter(self.all(kind)), None)

    def adding(self, *added: Condition) -> Query:
        """With more conditions; of a kind of which there is one, the later counts."""
        kept = list(self.conditions)
        for condition in added:
            kind = [other for other in kept if type(other) is type(condition)]
            joined = next((both for other in kind if (both := condition.joined(other))), None)
            if joined:
                kept = [other for other in kept if type(other) is not type(condition)]
            if condition not in kept and len(kind) < MOST_OF_A_KIND:
                kept.append(joined or condition)
        kept.sort(key=lambda condition: ORDER.index(type(condition)))
        return replace(self, conditions=tuple(filter(str, kept)))

    def dropping(self, *kinds: type[Condition]) -> Query:
        """Without the conditions of some kinds."""
        return replace(
            self,
            conditions=tuple(
                condition for condition in self.conditions if not isinstance(condition, kinds)
            ),
        )

    @property
    def asks_nothing(self) -> bool:
        """Whether it names no paper, and nothing that a paper is to have."""
        kinds = set(map(type, self.conditions))
        return not self.paper and kinds <= {Without, Sort}

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than words."""
        return bool(self.dropping(Words, Phrase, Sort).conditions)

    @property
    def words(self) -> tuple[str, ...]:
        """The words without an operator, as typed, in order."""
        return tuple(word for condition in self.all(Words) for word in condition.words)

    @property
    def branches(self) -> tuple[Query, ...]:
        """The query with each of its alternatives in turn; itself when it has none. The parser
        lets there be `MOST_BRANCHES` at most."""
        return tuple(islice(self._branches(), MOST_BRANCHES))

    def _branches(self) -> Iterator[Query]:
        found = self.all(AnyOf)
        if not found:
            yield self
            return
        rest = self.dropping(AnyOf).adding(*found[1:])
        for alternative in found[0].alternatives:
            yield from rest.adding(*alternative)._branches()

    @property
    def combinations(self) -> int:
        """How many branches there would be."""
        return _combinations(self.conditions)

    def shortened(self, most: int) -> Query:
        """Without the last of what it asks for, until it is written in `most` characters."""
        query = self
        while len(str(query)) > most:
            if len(words := query.words) > 1:
                query = query.dropping(Words).adding(Words(words[:-1]))
            else:
                query = replace(query, conditions=query.conditions[:-1])
        return query

    @property
    def all_words(self) -> tuple[str, ...]:
        """The same, and those of all alternatives."""
        return tuple(_all_words(self.conditions))

    @property
    def plain(self) -> str:
        """All there is to be found in a paper's text, as one text."""
        return " ".join(_plain(self.conditions))

    @property
    def sort(self) -> Order:
        sort = self.single(Sort)
        return sort.order if sort else "best"

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What the index is asked of the papers' facts."""
        clauses = (condition.clause for condition in self.conditions)
        return tuple(clause for clause in clauses if isinstance(clause, Fact))

    @property
    def texts(self) -> tuple[Text, ...]:
        """What the index is asked of the papers' texts, besides words and what is unwanted."""
        asked = self.dropping(Words, Without).conditions
        clauses = (condition.clause for condition in asked)
        return tuple(clause for clause in clauses if isinstance(clause, Text))

    @property
    def unwanted(self) -> tuple[Text, ...]:
        """What may not be in a paper's text."""
        clauses = (condition.clause for condition in self.all(Without))
        return tuple(clause.clause for clause in clauses if clause)

    def respelled(self, words: Mapping[str, str]) -> Query:
        """With some of its words written in another way."""
        changed = tuple(_respelled(condition, words) for condition in self.conditions)
        return replace(self, conditions=changed)

    def exactly(self, words: Collection[str]) -> Query:
        """With some of its words as phrases, which a search takes as they are."""
        return Query(paper=self.paper).adding(*_exactly(self.conditions, words))

    @property
    def key(self) -> object:
        """Equal for queries that the normaliser reads as the same, however they are written."""
        return self.paper, frozenset(map(_key, self.conditions))


def relaxations(query: Query) -> tuple[Query, ...]:
    """Queries that ask for less: without one kind of condition, without more, by words alone."""
    facts = {
        type(condition) for condition in query.conditions if isinstance(condition.clause, Fact)
    }
    kinds = dict.fromkeys(
        type(condition) for condition in query.conditions if isinstance(condition, NAMED)
    )
    first = sorted(kinds, key=lambda kind: kind not in facts)
    each = [query.dropping(kind) for kind in first if kind is not Sort]
    wider = query.dropping(Without, *facts)
    words = Words(tuple(" ".join(_plain(query.dropping(Title).conditions)).split()))
    loose = wider.dropping(Words, Phrase, AnyOf).adding(words)
    return *each, wider, loose, loose.dropping(*TEXTS).adding(words)


def _plain(conditions: Iterable[Condition]) -> Iterable[str]:
    for condition in conditions:
        match condition:
            case Words(words):
                yield " ".join(words)
            case Phrase(text) | Title(text):
                yield text
            case AnyOf(alternatives):
                for alternative in alternatives:
                    yield from _plain(alternative)


def _respelled(condition: Condition, words: Mapping[str, str]) -> Condition:
    match condition:
        case Words(typed):
            return Words(tuple(" ".join(words.get(word, word) for word in typed).split()))
        case AnyOf(alternatives):
            changed = (
                tuple(_respelled(condition, words) for condition in alternative)
                for alternative in alternatives
            )
            return AnyOf(tuple(changed))
    return condition


def _exactly(conditions: Iterable[Condition], words: Collection[str]) -> Iterable[Condition]:
    for condition in conditions:
        match condition:
            case Words(typed):
                yield Words(tuple(word for word in typed if word not in words))
                yield from (Phrase(word) for word in typed if word in words)
            case AnyOf(alternatives):
                each = (
                    Query().adding(*_exactly(alternative, words)) for alternative in alternatives
                )
                yield AnyOf(tuple(query.conditions for query in each))
            case _:
                yield condition


def _combinations(conditions: Iterable[Condition]) -> int:
    found = (each.alternatives for each in conditions if isinstance(each, AnyOf))
    return prod(sum(map(_combinations, alternatives)) for alternatives in found)


def _all_words(conditions: Iterable[Condition]) -> Iterable[str]:
    for condition in conditions:
        match condition:
            case Words(words):
                yield from words
            case AnyOf(alternatives):
                for alternative in alternatives:
                    yield from _all_words(alternative)


def _key(condition: Condition) -> object:
    kind = type(condition)
    match condition:
        case AnyOf(alternatives):
            return kind, frozenset(
                frozenset(map(_key, alternative)) for alternative in alternatives
            )
        case Without(unwanted):
            return kind, _key(unwanted)
        case Words(words):
            return kind, *_reading(" ".join(words))
        case Phrase(text):
            return kind, *_reading(text)
    return kind, str(condition).casefold()


def _reading(text: str) -> tuple[object, ...]:
    """The stems of a text's parts, and of its compounds that papers may have as one word: qwen3 is
    always qwen 3, but pre-training is also pretraining."""
    joined = (word for word in words(text) if expanded(word) == (word,))
    return graph(text).parts, frozenset(map(stem, joined))
