"""What a person typed, as a Query: words, phrases, filters. What is not understood is words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial, reduce

from bot.errors import UserError
from bot.search import filters, spoken
from bot.search.dialect import ASSIGNED, inert, rewritten
from bot.search.filters import FIELDS, FILTERS, MOST_WORDS, Several, more, says
from bot.text import typed

MOST_CHARACTERS = 300

_ARXIV_ID = re.compile(  # 2505.24864v2, cs/0112017, math.GT/0309136; in a link, a DOI or a sentence
    r"(?<!\d)(?<!\d\.)(?:((?:0[7-9]|[1-9]\d)(?:0[1-9]|1[0-2])\.\d{4,5})"
    rf"|\b({'|'.join(filters.ARCHIVES)})(?:\.[a-z]{{2}})?(/\d{{7}}))(?:v\d+)?(?:\.pdf)?(?!\d|\.\d)",
    re.ASCII | re.IGNORECASE,
)
_SUBJECT = re.compile(r"\[[A-Za-z-]+(?:\.[A-Za-z-]+)?\]")
_ITEM = re.compile(  # -"quoted", name:value, name: "quoted", word; \" is LaTeX's accent
    r"[(\[]*(?P<minus>-(?=[^\s-]))?"
    r"(?:(?P<name>[A-Za-z_]+):(?:\s+(?!-|[A-Za-z_]+:))?)?"
    r"""(?:(?<![\w\\])"(?P<quoted>(?:\\"|[^"])*)"|(?P<word>(?:\\"|[^\s"])+))"""
)
_BARE = re.compile(r"[\w.'/-]+")
_ENDING = re.compile(r"([A-Za-z]{3,})(?:\*+|[~^]\d*)")  # diffus*
_LEAD, _TAIL = "([,;:.!?-–—'`/+~#^=*", ",;:.!?-–—'`/…\\"
_POINTERS = frozenset(["", "arxiv", "doi", "id", "paper"])


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it was understood. `parse(str(query))` is the query again."""

    words: tuple[str, ...] = ()  # as typed, in order
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # words and phrases
    authors: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # cs.CL, or cs for all of its archive
    after: date | None = None  # the first day that counts
    before: date | None = None  # the first day that counts no more
    votes: int | None = None  # at least
    code: bool = False
    sort: str = "best"  # or "new", "votes"
    paper: str = ""  # an arXiv id that was typed, or was in a link
    others: tuple[str, ...] = field(default=(), compare=False)  # ids of papers named after it
    told: tuple[str, ...] = field(default=(), compare=False)  # of what was not understood
    instead: str = field(default="", compare=False)  # what words that may be operators would ask

    @property
    def plain(self) -> str:
        """All there is to be found, as one text."""
        return " ".join([*self.words, *self.phrases, *self.titles])

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than words."""
        return replace(self, phrases=()) != Query(self.words, sort=self.sort, paper=self.paper)

    def __str__(self) -> str:
        parts = [
            self.paper,
            *spoken.escaped(self.words),
            *(f'"{phrase}"' for phrase in self.phrases),
        ]
        parts += [f"-{_quoted(text)}" for text in self.without]
        named = {"author": self.authors, "title": self.titles, "org": self.orgs}
        parts += [f"{name}:{_quoted(text)}" for name, texts in named.items() for text in texts]
        parts += [f"cat:{category}" for category in self.categories]
        parts += _dates(self.after, self.before)
        parts.append(f"votes:{self.votes}" if self.votes is not None else "")
        parts.append("has:code" if self.code else "")
        parts.append(f"sort:{self.sort}" if self.sort != "best" else "")
        return " ".join(filter(None, parts))


def parse(text: str, today: date | None = None) -> Query:
    """What a text asks for. Raises UserError, one sentence, when that is nothing or too long, or
    has a date that may be several.

    Without `today`, words like yesterday are no dates.
    """
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"A search may have {MOST_CHARACTERS} characters; this one has {len(text)}."
        )
    marker, said = spoken.sure(typed(text))
    ours, told = rewritten(said)
    items = list(_ITEM.finditer(ours))
    query = _query(items, today)
    if query == Query():  # of an operator that alone means nothing the words are searched
        query = _query(items, today, keep=True)
    while len(str(query)) > MOST_CHARACTERS:
        items.pop()
        query = _query(items, today)
    if query == Query():
        raise UserError(next(iter(query.told), "Write what to search for, such as: kv cache"))
    if query == Query(without=query.without):
        raise UserError("Add a word to look for: so far this search only leaves words out.")
    words, instead = spoken.perhaps(ours, today)
    told = (*_said(marker, words), *told, *query.told)
    instead = _other(instead, today) if words else ""
    return replace(query, told=tuple(dict.fromkeys(told)), instead=instead)


def _said(marker: str, perhaps: Sequence[str]) -> Iterator[str]:
    """What is told of words that are operators, or may be."""
    if marker:
        yield f"“{marker}” leaves out what follows, as -survey does."
    if perhaps:
        what = "a word" if len(perhaps) == 1 and " " not in perhaps[0] else "words"
        yield f"{' and '.join(f'“{words}”' for words in perhaps)} was searched as {what}."


def _other(text: str, today: date | None) -> str:
    """The query that may be meant instead, as we write it; empty when it is none."""
    try:
        query = _query(_ITEM.finditer(rewritten(text)[0]), today)
    except UserError:
        return ""
    asked = str(query)
    return asked if query != Query(without=query.without) and len(asked) <= MOST_CHARACTERS else ""


def less(query: Query) -> tuple[Query, ...]:
    """Queries that ask for less: without one kind of condition, without more, by words alone."""
    wider = replace(query, after=None, before=None, votes=None, code=False, without=())
    loose = replace(wider, words=(*query.words, *" ".join(query.phrases).split()), phrases=())
    return (
        replace(query, votes=None), replace(query, code=False),
        replace(query, after=None, before=None), replace(query, authors=()),
        replace(query, titles=()), replace(query, orgs=()), replace(query, categories=()),
        wider, loose, replace(loose, authors=(), titles=(), orgs=(), categories=()),
    )  # fmt: skip


def arxiv_id(text: str) -> str:
    """The first arXiv id in a text, without version or subject class; empty when there is none."""
    return next(iter(arxiv_ids(text)), "")


def arxiv_ids(text: str) -> list[str]:
    """All arXiv ids in a text, each once."""
    found = _ARXIV_ID.finditer(text)
    return list(dict.fromkeys("".join(filter(None, one.groups())).lower() for one in found))


def has_words(text: str) -> bool:
    """Whether a text has more than links and ids of papers."""
    chunks = (chunk for chunk in text.split() if not arxiv_id(chunk))
    return any(map(says, chunks))


def _query(items: Iterable[re.Match[str]], today: date | None, *, keep: bool = False) -> Query:
    return reduce(partial(_read, today=today, keep=keep), items, Query())


def _read(query: Query, item: re.Match[str], today: date | None, *, keep: bool) -> Query:
    """The query with one item more.

    keep: of an operator with a value it cannot have the words are searched
    """
    if query.paper and _SUBJECT.fullmatch(item[0]):  # as arXiv has itself cited
        return query
    typed, word, quoted = item["name"] or "", item["word"], item["quoted"]
    typed = "" if typed.lower() in ("http", "https") else typed
    name = filters.named(typed)
    value = quoted.strip().rstrip("\\ ") if word is None else _trimmed(word)
    if item["minus"]:
        spaced = _is_spaced(item, typed)
        query = _told(query, item, typed, value, spaced=spaced) if name not in FIELDS else query
        value = value if name in FIELDS or not name else f"{typed}:{value}"
        return replace(query, without=more(query.without, value))
    if " " not in value and (found := arxiv_id(item[0])):
        said = [] if name in FILTERS | _POINTERS else _split(typed)
        others = tuple(one for one in (found,) if one != (query.paper or found))
        return replace(
            query, paper=query.paper or found, words=_longer(query.words, *said),
            others=more(query.others, *others),
        )  # fmt: skip
    if says(value) and (filtered := _filtered(query, name, value, item, today)):
        return filtered
    spaced = keep or _is_spaced(item, typed)
    query = _told(query, item, typed, value, spaced=spaced)
    if says(value) and filters.is_left_out(name, value, spaced=spaced):
        return query
    words = [*_split("" if name in filters.WITHIN else typed), *_split(word or "")]
    phrases = [] if quoted is None else [value]
    words_ = _longer(query.words, *words)
    return replace(query, words=words_, phrases=more(query.phrases, *phrases))


def _filtered(
    query: Query, name: str, value: str, item: re.Match[str], today: date | None
) -> Query | None:
    try:
        return filters.filtered(query, name, value, today)
    except Several as several:
        before, after = item.string[: item.start()], item.string[item.end() :]
        days = [span.first for span in several.spans]
        raise UserError(
            f"{value[:20]} may be {' or '.join(map(str, days[:2]))}: write which.",
            [(f"{name}:{day}", f"{before}{name}:{day}{after}") for day in days],
        ) from None


def _told(query: Query, item: re.Match[str], typed: str, value: str, *, spaced: bool) -> Query:
    """With what is said of an operator that means nothing here, or not with this value."""
    if not typed and (word := item["word"] or "").endswith(":") and says(word):
        typed, value = word[:-1], ""  # an operator without a value
    sentence = typed and filters.told(typed, value, spaced=spaced, minus=bool(item["minus"]))
    return replace(query, told=(*query.told, sentence)) if sentence else query


def _is_spaced(item: re.Match[str], typed: str) -> bool:
    """Whether a space follows its colon, as one does in a title."""
    return item[0].rstrip('"').endswith(" ") or f"{typed}: " in item[0]


def _longer(words: tuple[str, ...], *added: str) -> tuple[str, ...]:
    """With the words that say something; one said twice weighs more."""
    return (*words, *filter(says, added))[:MOST_WORDS]


def _split(chunk: str) -> list[str]:
    """Words without colons: what has one would be a filter. AND is what words mean anyway; OR and
    NOT are words where they are not operators, and then small."""
    parts = [inert(ASSIGNED.sub(r"\1:", _trimmed(part))) for part in chunk.split(":")]
    pieces = [piece for part in parts for piece in re.split(r"[:\s]", part)]
    words = [word for piece in pieces if (word := _trimmed(piece))]
    return [w.lower() if w in ("OR", "NOT", "ANDNOT") else w for w in words if w != "AND"]


def _trimmed(word: str) -> str:
    """Without the marks around it: `(well,` is well, `SE(3)` stays."""
    word = word.lstrip(_LEAD)
    word = word.rstrip(_TAIL + ("" if "(" in word else ")") + ("" if "[" in word else "]"))
    ending = _ENDING.fullmatch(word)
    return ending[1] if ending else word


def _dates(after: date | None, before: date | None) -> list[str]:
    if after and before and after < before and _short(after).isdigit() and _short(before).isdigit():
        one, other = f"{after.year:04}", f"{before.year - 1:04}"
        return [f"year:{one}" if one == other else f"year:{one}-{other}"]
    return [f"{name}:{_short(day)}" for name, day in (("after", after), ("before", before)) if day]


def _short(day: date) -> str:
    """2025 for its first day, 2025-03 for the month's."""
    return str(day).removesuffix("-01").removesuffix("-01")


def _quoted(text: str) -> str:
    bare = _BARE.fullmatch(text) and _trimmed(text) == text
    return text if bare else f'"{text}"'
