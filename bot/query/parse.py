"""What a person typed, as a Query. What is not understood is words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from bot import naming
from bot.errors import UserError
from bot.query import lexer, spoken, unknown
from bot.query.condition import Condition
from bot.query.dialect import ASSIGNED, inert, rewritten
from bot.query.errors import Ambiguous
from bot.query.lexer import Alternatives, Group, Item, Masked
from bot.query.normal import words as normalised
from bot.query.operators import OPERATORS, TEXTS, AnyOf, Dates, Phrase, Sort, Without, Words
from bot.query.query import MOST_BRANCHES, Query
from bot.query.written import trimmed
from bot.text import typed as folded

MOST_CHARACTERS = 300
_SUBJECT = re.compile(r"\[[A-Za-z-]+(?:\.[A-Za-z-]+)?\]")
_POINTERS = frozenset(["", "doi", "id", "paper"])
_LIFTED = "What is left out, dates, votes and code hold for all that OR joins."


def parse(text: str, today: date | None = None) -> Query:
    """What a text asks for. Raises UserError, one sentence, when that is nothing, impossible or
    too much, or has a date that may be several.

    Without `today`, words like yesterday are no dates.
    """
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"A search may have {MOST_CHARACTERS} characters; this one has {len(text)}."
        )
    marker, ours = spoken.sure(folded(text))
    masked = Masked(ours)
    notes = rewritten(masked)
    query = _understood(masked, today)
    _check(query)
    plain = masked.plain(masked.text)
    perhaps, instead = spoken.perhaps(plain, today)
    who = spoken.written_by(plain)
    alone = "" if " " in plain else naming.impossible(plain)
    told = dict.fromkeys((*spoken.notes(marker, perhaps, plain), *notes, *query.notes, alone))
    other = _other(who or instead, today) if who or perhaps else ""
    return replace(_canonical(query), notes=tuple(filter(None, told)), did_you_mean=other)


def _understood(masked: Masked, today: date | None) -> Query:
    query = _Reader(masked, today).read()
    if query == Query():  # of an operator that alone means nothing the words are searched
        query = _Reader(masked, today, keep=True).read()
    return query


def _check(query: Query) -> None:
    """Raises UserError for what cannot be asked."""
    if query == Query():
        raise UserError(next(iter(query.notes), "Write what to search for, such as: kv cache"))
    if query.asks_nothing and not query.all(Sort):
        raise UserError("Add a word to look for: so far this search only leaves words out.")
    dates = query.single(Dates)
    if dates and not dates.is_possible:
        after, before = dates.after, dates.before
        raise UserError(f"No day is both from {after} on and before {before}.")
    if query.combinations > MOST_BRANCHES:
        raise UserError(f"OR may join {MOST_BRANCHES} things at most, counted in all combinations.")


def _canonical(query: Query) -> Query:
    """As it is read again from its own text. What would be an operator there loses its marks."""
    plain = {word: " ".join(re.findall(r"[\w'-]+", word)) for word in query.all_words}
    phrase = Query((Phrase(" ".join(normalised(query.plain))),))
    for candidate in (query, query.respelled(plain), phrase):
        written = candidate.shortened(MOST_CHARACTERS)
        if says_itself(written):
            return written
    raise UserError("That has too many marks to be a search; write its words alone.")


def says_itself(query: Query) -> bool:
    """Whether its text is read as the same query."""
    if not str(query):
        return False
    _, ours = spoken.sure(folded(str(query)))
    masked = Masked(ours)
    rewritten(masked)
    return _understood(masked, None) == query


def _other(text: str, today: date | None) -> str:
    """The query that may be meant instead, as we write it; empty when it is none."""
    masked = Masked(text)
    try:
        rewritten(masked)
        query = _understood(masked, today)
        _check(query)
    except UserError:
        return ""
    return str(query) if not query.asks_nothing and len(str(query)) <= MOST_CHARACTERS else ""


class _Reader:
    """Reads a tree into a query.

    keep: of an operator with a value it cannot have the words are searched
    """

    def __init__(self, masked: Masked, today: date | None, *, keep: bool = False) -> None:
        self._masked = masked
        self._today = today
        self._keep = keep

    def read(self) -> Query:
        return self._alternatives(self._masked.tree())

    def _alternatives(self, alternatives: Alternatives) -> Query:
        """What each says of texts is its own; all else is asked of every paper."""
        parts = [self._sequence(nodes) for nodes in alternatives]
        if len(parts) == 1:
            return parts[0]
        texts = [
            tuple(condition for condition in part.conditions if isinstance(condition, TEXTS))
            for part in parts
        ]
        query = Query()
        for part, own in zip(parts, texts, strict=True):
            query = _joined(query, part.dropping(*TEXTS))
            if part.conditions and not own:
                query = replace(query, notes=(*query.notes, _LIFTED))
        known = tuple(dict.fromkeys(filter(None, texts)))
        if len(known) > 1:
            return query.adding(AnyOf(tuple(_flattened(known))))
        return query.adding(*(condition for own in known for condition in own))

    def _sequence(self, nodes: lexer.Sequence) -> Query:
        query = Query()
        for node in nodes:
            query = self._item(query, node) if isinstance(node, Item) else self._group(query, node)
        return query

    def _group(self, query: Query, group: Group) -> Query:
        inner = self._alternatives(group.alternatives)
        kind, name = OPERATORS.get(group.name.lower(), (None, ""))
        if kind and kind.negatable:
            renamed = [self._named(kind, name, part) for part in _parts(inner)]
            inner = replace(inner, conditions=())
            named = tuple((condition,) for condition in renamed if condition)
            wanted = [AnyOf(named)] if len(named) > 1 else [one for each in named for one in each]
            inner = inner.adding(*wanted)
        elif kind:
            note = f"{group.name}: takes one value, not what is in parentheses."
            inner = replace(inner, notes=(*inner.notes, note))
        if not group.minus:
            return _joined(query, inner)
        unwanted = map(Without, _unwanted(inner.conditions))
        return _joined(query, replace(inner, conditions=())).adding(*unwanted)

    def _named(self, kind: type[Condition], name: str, part: Query) -> Condition | None:
        return kind.parse(name, part.plain, self._today) if part.plain else None

    def _item(self, query: Query, item: Item) -> Query:
        """The query with one item more."""
        word = item.value if item.is_quoted else trimmed(item.value)
        value = word.rstrip("\\ ")
        if query.paper and _SUBJECT.fullmatch(self._masked.text[item.start : item.end]):
            return query  # as arXiv has itself cited
        typed = "" if item.name.lower() in ("http", "https") else item.name
        if item.minus:
            return self._leaving_out(query, item, typed, value)
        if " " not in value and (paper := naming.paper_id(f"{item.name}:{value}")):
            return _naming(query.adding(*_words(_typed_words(typed))), paper)
        if _says(value) and (condition := self._condition(typed, value, item)):
            return query.adding(condition)
        return self._unknown(query, item, typed, value)

    def _unknown(self, query: Query, item: Item, typed: str, value: str) -> Query:
        spaced = self._keep or item.is_spaced
        query = _noted(query, item, typed, value, self._today, spaced=spaced)
        if _says(value) and unknown.is_left_out(typed, value, spaced=spaced):
            return query
        said = [] if unknown.is_within(typed) else _split(typed)
        if not item.is_quoted:
            return query.adding(*_words([*said, *_split(item.value)]))
        return query.adding(*_words(said), *([Phrase(value)] if _says(value) else []))

    def _leaving_out(self, query: Query, item: Item, typed: str, value: str) -> Query:
        if not _says(value):
            return query
        kind, name = OPERATORS.get(typed.lower(), (None, ""))
        if kind and kind.negatable and (unwanted := kind.parse(name, value, self._today)):
            return query.adding(Without(unwanted))
        if kind and not kind.negatable and not item.is_spaced:
            return _noted(query, item, typed, value, self._today, spaced=False)
        query = _noted(query, item, typed, value, self._today, spaced=item.is_spaced)
        return query.adding(Without(Phrase(f"{typed}:{value}" if typed else value)))

    def _condition(self, typed: str, value: str, item: Item) -> Condition | None:
        kind, name = OPERATORS.get(typed.lower(), (None, ""))
        try:
            return kind.parse(name, value, self._today) if kind else None
        except Ambiguous as error:
            raise self._ambiguous(name, value, item, error.days) from None

    def _ambiguous(self, name: str, value: str, item: Item, days: Sequence[date]) -> UserError:
        text = self._masked.text
        before, after = map(self._masked.plain, (text[: item.start], text[item.end :]))
        choices = [(f"{name}:{day}", f"{before}{name}:{day}{after}") for day in days]
        which = " or ".join(map(str, days[:2]))
        return UserError(f"{value[:20]} may be {which}: write which.", choices)


def _joined(query: Query, part: Query) -> Query:
    """With all that a part asks for."""
    query = query.adding(*part.conditions)
    for paper in filter(None, (part.paper, *part.other_papers)):
        query = _naming(query, paper)
    return replace(query, notes=(*query.notes, *part.notes))


def _naming(query: Query, paper: str) -> Query:
    if not query.paper:
        return replace(query, paper=paper)
    others = dict.fromkeys((*query.other_papers, paper))
    return replace(query, other_papers=tuple(one for one in others if one != query.paper))


def _flattened(alternatives: Iterable[tuple[Condition, ...]]) -> Iterator[tuple[Condition, ...]]:
    """An alternative that is nothing but alternatives is those."""
    for alternative in alternatives:
        match alternative:
            case (AnyOf(inner),):
                yield from inner
            case _:
                yield alternative


def _parts(query: Query) -> Iterator[Query]:
    """Each alternative as a query; the query itself when it has none."""
    match query.conditions:
        case (AnyOf(alternatives),):
            yield from (Query(alternative) for alternative in alternatives)
        case _:
            yield query


def _unwanted(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Each thing that a negated group leaves out."""
    for condition in conditions:
        match condition:
            case Words(words):
                yield from map(Phrase, words)
            case AnyOf(alternatives):
                for alternative in alternatives:
                    yield from _unwanted(alternative)
            case Without(unwanted):
                yield unwanted
            case _ if condition.negatable or isinstance(condition, Phrase):
                yield condition


def _noted(
    query: Query, item: Item, typed: str, value: str, today: date | None, *, spaced: bool
) -> Query:
    """With what is said of an operator that means nothing here, or not with this value."""
    if not typed and not item.is_quoted and item.value.endswith(":") and _says(item.value):
        typed, value = item.value[:-1], ""  # an operator without a value
    note = typed and unknown.note(typed, value, today, spaced=spaced, minus=item.minus)
    return replace(query, notes=(*query.notes, note)) if note else query


def _words(typed: Iterable[str]) -> tuple[Words, ...]:
    """The words that say something."""
    words = tuple(filter(_says, typed))
    return (Words(words),) if words else ()


def _typed_words(name: str) -> list[str]:
    """The words of what stands before an id: `arxiv:` is none."""
    known = name.lower() in _POINTERS | OPERATORS.keys() | {s.name for s in naming.SCHEMES}
    return [] if known else _split(name)


def _split(chunk: str) -> list[str]:
    """Words without colons: what has one would be a filter. AND is what words mean anyway; NOT and
    OR are words where they are not operators, and then small."""
    parts = [inert(ASSIGNED.sub(r"\1:", trimmed(part))) for part in chunk.split(":")]
    pieces = [piece for part in parts for piece in re.split(r"[:\s]", part)]
    words = [word for piece in pieces if (word := trimmed(piece))]
    return [w.lower() if w in ("OR", "NOT", "ANDNOT") else w for w in words if w != "AND"]


def _says(text: str) -> bool:
    return bool(normalised(text))
