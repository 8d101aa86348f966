"""What a person typed, as a Query. What is not understood is words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial, reduce

from bot.errors import UserError
from bot.query import spoken, unknown
from bot.query.arxiv import arxiv_id
from bot.query.condition import Condition
from bot.query.dialect import ASSIGNED, inert, rewritten
from bot.query.errors import Ambiguous
from bot.query.normal import words as normalised
from bot.query.operators import NAMED, TEXTS, AnyOf, Phrase, Sort, Without, Words
from bot.query.operators._named_text import NamedText
from bot.query.operators.category import Category
from bot.query.query import Query
from bot.query.written import trimmed
from bot.text import typed as folded

MOST_CHARACTERS = 300

_SUBJECT = re.compile(r"\[[A-Za-z-]+(?:\.[A-Za-z-]+)?\]")
_QUOTED = r'(?<![\w\\])"(?:\\"|[^"])*"'
_GROUP = re.compile(rf"(?<!\S)\(((?:{_QUOTED}|[^()\"])*\sOR\s(?:{_QUOTED}|[^()\"])*)\)(?!\S)")
_ITEM = re.compile(  # -"quoted", name:value, name: "quoted", word; \" is LaTeX's accent
    r"[(\[]*(?P<minus>-(?=[^\s-]))?"
    r"(?:(?P<name>[A-Za-z_]+):(?:\s+(?!-|[A-Za-z_]+:))?)?"
    r"""(?:(?<![\w\\])"(?P<quoted>(?:\\"|[^"])*)"|(?P<word>(?:\\"|[^\s"])+))"""
)
_POINTERS = frozenset(["", "arxiv", "doi", "id", "paper"])
_OPERATORS = {name: (kind, ours) for kind in NAMED for name, ours in kind.names.items()}
_FIELDS = (NamedText, Category)
Item = re.Match[str]


def parse(text: str, today: date | None = None) -> Query:
    """What a text asks for. Raises UserError, one sentence, when that is nothing or too long, or
    has a date that may be several.

    Without `today`, words like yesterday are no dates.
    """
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"A search may have {MOST_CHARACTERS} characters; this one has {len(text)}."
        )
    marker, said = spoken.sure(folded(text))
    ours, notes = rewritten(said)
    items, groups = _items(ours)
    query = _query(items, groups, today)
    if query == Query():  # of an operator that alone means nothing the words are searched
        query = _query(items, groups, today, keep=True)
    while len(str(query)) > MOST_CHARACTERS:
        groups = groups if items else groups[:-1]
        items = items[:-1]
        query = _query(items, groups, today)
    if query == Query():
        raise UserError(next(iter(query.notes), "Write what to search for, such as: kv cache"))
    if query.asks_nothing and not query.all(Sort):
        raise UserError("Add a word to look for: so far this search only leaves words out.")
    perhaps, instead = spoken.perhaps(ours, today)
    notes = tuple(dict.fromkeys((*spoken.notes(marker, perhaps), *notes, *query.notes)))
    return replace(query, notes=notes, instead=_other(instead, today) if perhaps else "")


def _items(text: str) -> tuple[list[Item], list[str]]:
    """The items of a text, and its alternatives in parentheses."""
    groups = [group[1] for group in _GROUP.finditer(text)]
    return list(_ITEM.finditer(_GROUP.sub(" ", text))), groups


def _other(text: str, today: date | None) -> str:
    """The query that may be meant instead, as we write it; empty when it is none."""
    try:
        query = _query(*_items(rewritten(text)[0]), today)
    except UserError:
        return ""
    asked = str(query)
    return asked if not query.asks_nothing and len(asked) <= MOST_CHARACTERS else ""


def _query(
    items: Sequence[Item], groups: Iterable[str], today: date | None, *, keep: bool = False
) -> Query:
    """Of items, and of alternatives in parentheses.

    keep: of an operator with a value it cannot have the words are searched
    """
    read = partial(_read, today=today, keep=keep)
    query = _either(items, read, Query())
    for group in groups:
        query = _either(list(_ITEM.finditer(group)), read, query)
    return query


def _either(items: Sequence[Item], read: Callable[[Query, Item], Query], query: Query) -> Query:
    """With what the items ask for. OR stands between alternatives: what each says of texts is its
    own; all else is asked of every paper."""
    parts = [reduce(read, part, Query()) for part in _parts(items)]
    for part in parts:
        others = part.conditions if len(parts) == 1 else part.dropping(*TEXTS).conditions
        notes = (*query.notes, *part.notes)
        paper = query.paper or part.paper
        named = (
            paper_id for paper_id in (part.paper, *part.others) if paper_id and paper_id != paper
        )
        query = replace(
            query.adding(*others),
            paper=paper,
            others=tuple(dict.fromkeys((*query.others, *named))),
            notes=notes,
        )
    if len(parts) == 1:
        return query
    texts = (
        tuple(condition for condition in part.conditions if isinstance(condition, TEXTS))
        for part in parts
    )
    alternatives = tuple(dict.fromkeys(filter(None, texts)))
    if len(alternatives) > 1:
        return query.adding(AnyOf(alternatives))
    return query.adding(*(condition for alternative in alternatives for condition in alternative))


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    start = 0
    for end, item in enumerate(items):
        if item[0] == "OR":
            yield items[start:end]
            start = end + 1
    yield items[start:]


def _read(query: Query, item: Item, today: date | None, *, keep: bool) -> Query:
    """The query with one item more."""
    if query.paper and _SUBJECT.fullmatch(item[0]):  # as arXiv has itself cited
        return query
    typed, word, quoted = item["name"] or "", item["word"], item["quoted"]
    typed = "" if typed.lower() in ("http", "https") else typed
    value = quoted.strip().rstrip("\\ ") if word is None else trimmed(word)
    if item["minus"]:
        return _leaving_out(query, item, typed, value)
    if " " not in value and (paper_id := arxiv_id(item[0])):
        known = typed.lower() in _POINTERS or typed.lower() in _OPERATORS
        said = [] if known else _split(typed)
        query = query.adding(*_words(said))
        if not query.paper:
            return replace(query, paper=paper_id)
        others = dict.fromkeys((*query.others, paper_id))
        return replace(query, others=tuple(other for other in others if other != query.paper))
    if _says(value) and (condition := _condition(typed, value, item, today)):
        return query.adding(condition)
    spaced = keep or _is_spaced(item, typed)
    query = _noted(query, item, typed, value, spaced=spaced)
    if _says(value) and unknown.is_left_out(typed, value, spaced=spaced):
        return query
    said = [*_split("" if unknown.is_within(typed) else typed), *_split(word or "")]
    phrases = [Phrase(value)] if quoted is not None and _says(value) else []
    return query.adding(*_words(said), *phrases)


def _leaving_out(query: Query, item: Item, typed: str, value: str) -> Query:
    if not _says(value):
        return query
    kind, name = _OPERATORS.get(typed.lower(), (None, ""))
    if kind and issubclass(kind, _FIELDS) and (unwanted := kind.parse(name, value, None)):
        return query.adding(Without(unwanted))
    query = _noted(query, item, typed, value, spaced=_is_spaced(item, typed))
    return query.adding(Without(Phrase(f"{typed}:{value}" if typed else value)))


def _condition(typed: str, value: str, item: Item, today: date | None) -> Condition | None:
    kind, name = _OPERATORS.get(typed.lower(), (None, ""))
    try:
        return kind.parse(name, value, today) if kind else None
    except Ambiguous as error:
        before, after = item.string[: item.start()], item.string[item.end() :]
        raise UserError(
            f"{value[:20]} may be {' or '.join(map(str, error.days[:2]))}: write which.",
            [(f"{name}:{day}", f"{before}{name}:{day}{after}") for day in error.days],
        ) from None


def _noted(query: Query, item: Item, typed: str, value: str, *, spaced: bool) -> Query:
    """With what is said of an operator that means nothing here, or not with this value."""
    if not typed and (word := item["word"] or "").endswith(":") and _says(word):
        typed, value = word[:-1], ""  # an operator without a value
    note = typed and unknown.note(typed, value, spaced=spaced, minus=bool(item["minus"]))
    return replace(query, notes=(*query.notes, note)) if note else query


def _is_spaced(item: Item, typed: str) -> bool:
    """Whether a space follows its colon, as one does in a title."""
    return item[0].rstrip('"').endswith(" ") or f"{typed}: " in item[0]


def _words(typed: Iterable[str]) -> tuple[Words, ...]:
    """The words that say something."""
    words = tuple(filter(_says, typed))
    return (Words(words),) if words else ()


def _split(chunk: str) -> list[str]:
    """Words without colons: what has one would be a filter. AND is what words mean anyway; NOT and
    OR are words where they are not operators, and then small."""
    parts = [inert(ASSIGNED.sub(r"\1:", trimmed(part))) for part in chunk.split(":")]
    pieces = [piece for part in parts for piece in re.split(r"[:\s]", part)]
    words = [word for piece in pieces if (word := trimmed(piece))]
    return [w.lower() if w in ("OR", "NOT", "ANDNOT") else w for w in words if w != "AND"]


def _says(text: str) -> bool:
    return bool(normalised(text))
