"""What a person typed, as a Query: words, phrases, filters. What is not understood is words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce

from bot.errors import UserError
from bot.search import normal
from bot.text import one_line

MOST_CHARACTERS = 300
MOST_WORDS = 32  # and as many phrases, authors, ...

_NEW = (
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex "
    "nucl-th physics q-bio q-fin quant-ph stat"
)
_OLD = (  # archives that only old ids name
    "acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga "
    "funct-an mtrl-th patt-sol plasm-ph q-alg solv-int supr-con"
)
_ARCHIVES = frozenset(f"{_NEW} {_OLD}".split())
_ARXIV_ID = re.compile(  # 2505.24864v2, cs/0112017, math.GT/0309136; in a link, a DOI or a sentence
    r"(?<!\d)(?<!\d\.)(?:((?:0[7-9]|[1-9]\d)(?:0[1-9]|1[0-2])\.\d{4,5})"
    rf"|\b({'|'.join(_ARCHIVES)})(?:\.[a-z]{{2}})?(/\d{{7}}))(?:v\d+)?(?:\.pdf)?(?!\d|\.\d)",
    re.ASCII | re.IGNORECASE,
)
_SUBJECT = re.compile(r"\[[A-Za-z-]+(?:\.[A-Za-z-]+)?\]")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_AT_LEAST = re.compile(r"(?<=votes:)\s*(>=?)\s*(?=\d)", re.ASCII | re.IGNORECASE)
_ITEM = re.compile(  # -"quoted", name:value, name: "quoted", word; \" is LaTeX's accent
    r"[(\[]*(?P<minus>-(?=[^\s-]))?"
    r"(?:(?P<name>[A-Za-z]+):(?:\s+(?!-|[A-Za-z]+:))?)?"
    r"""(?:(?<![\w\\])"(?P<quoted>(?:\\"|[^"])*)"|(?P<word>(?:\\"|[^\s"])+))"""
)
_DAY = re.compile(r"(\d{4})(?:[-/.](\d\d?))?(?:[-/.](\d\d?))?", re.ASCII)
_YEARS = re.compile(r"(\d{4})(?:(?:-|–|\.\.)(\d{4}))?", re.ASCII)
_VOTES = re.compile(r"(>?)=?(\d{1,9})\+?", re.ASCII)
_CATEGORY = re.compile(r"([a-z-]+)(?:\.([a-z]{2}|[a-z-]{4,12}))?", re.ASCII)
_BARE = re.compile(r"[\w.'/-]+")
_LEAD, _TAIL = "([,;:.!?-–—'`/", ",;:.!?-–—'`/…\\"
_NAMES = {
    "authors": "author",
    "organization": "org",
    "organisation": "org",
    "category": "cat",
    "since": "after",
    "upvotes": "votes",
}
_FIELDS = frozenset(["author", "title", "org", "cat"])
_FILTERS = _FIELDS | {"after", "before", "until", "year", "votes", "has", "sort"}
_POINTERS = frozenset(["", "arxiv", "doi", "id", "paper"])
_SORTS = {
    "best": "best",
    "relevance": "best",
    "new": "new",
    "newest": "new",
    "date": "new",
    "votes": "votes",
    "top": "votes",
}


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

    @property
    def plain(self) -> str:
        """All there is to be found, as one text."""
        return " ".join([*self.words, *self.phrases, *self.titles])

    def __str__(self) -> str:
        parts = [self.paper, *self.words, *(f'"{phrase}"' for phrase in self.phrases)]
        parts += [f"-{_quoted(text)}" for text in self.without]
        named = {"author": self.authors, "title": self.titles, "org": self.orgs}
        parts += [f"{name}:{_quoted(text)}" for name, texts in named.items() for text in texts]
        parts += [f"cat:{category}" for category in self.categories]
        parts += _dates(self.after, self.before)
        parts.append(f"votes:{self.votes}" if self.votes is not None else "")
        parts.append("has:code" if self.code else "")
        parts.append(f"sort:{self.sort}" if self.sort != "best" else "")
        return " ".join(filter(None, parts))


def parse(text: str) -> Query:
    """What a text asks for. Raises UserError, one sentence, when that is nothing or too long."""
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"A search may have {MOST_CHARACTERS} characters; this one has {len(text)}."
        )
    items = list(_ITEM.finditer(_AT_LEAST.sub(r"\1", one_line(text.translate(_QUOTES)))))
    query = _query(items)
    while len(str(query)) > MOST_CHARACTERS:
        items.pop()
        query = _query(items)
    if query == Query():
        raise UserError("Write what to search for after the command: /search kv cache")
    if query == Query(without=query.without):
        raise UserError("Add a word to look for: so far this search only leaves words out.")
    return query


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
    found = _ARXIV_ID.search(text)
    return "".join(filter(None, found.groups())).lower() if found else ""


def _query(items: Iterable[re.Match[str]]) -> Query:
    return reduce(_read, items, Query())


def _read(query: Query, item: re.Match[str]) -> Query:
    """The query with one item more."""
    if query.paper and _SUBJECT.fullmatch(item[0]):  # as arXiv has itself cited
        return query
    typed, word, quoted = item["name"] or "", item["word"], item["quoted"]
    typed = "" if typed.lower() in ("http", "https") else typed
    name = _NAMES.get(typed.lower(), typed.lower())
    value = quoted.strip().rstrip("\\ ") if word is None else _trimmed(word)
    if item["minus"]:
        value = value if name in _FIELDS or not name else f"{typed}:{value}"
        return replace(query, without=_more(query.without, value))
    if " " not in value and (found := arxiv_id(item[0])):
        said = [] if name in _FILTERS | _POINTERS else _split(typed)
        return replace(query, paper=query.paper or found, words=_longer(query.words, *said))
    if _says(value) and (filtered := _filtered(query, name, value)):
        return filtered
    words = [*_split(typed), *_split(word or "")]
    phrases = [] if quoted is None else [value]
    words_ = _longer(query.words, *words)
    return replace(query, words=words_, phrases=_more(query.phrases, *phrases))


def _filtered(query: Query, name: str, value: str) -> Query | None:
    """The query with one filter more; None when that is no filter."""
    match name:
        case "author":
            return replace(query, authors=_more(query.authors, value))
        case "title":
            return replace(query, titles=_more(query.titles, value))
        case "org":
            return replace(query, orgs=_more(query.orgs, value))
        case "cat" if category := _category(value):
            return replace(query, categories=_more(query.categories, category))
        case "after" if day := _first(value):
            return replace(query, after=day)
        case "before" if day := _first(value):
            return replace(query, before=day)
        case "until" if day := _next(value):
            return replace(query, before=day)
        case "year" if years := _YEARS.fullmatch(value):
            one, other = sorted([years[1], years[2] or years[1]])
            if (first := _first(one)) and (end := _next(other)):
                return replace(query, after=first, before=end)
        case "votes" if votes := _VOTES.fullmatch(value):
            more = votes[1] and "=" not in value
            return replace(query, votes=int(votes[2]) + bool(more))
        case "has" if value.lower() == "code":
            return replace(query, code=True)
        case "sort" if order := _SORTS.get(value.lower()):
            return replace(query, sort=order)
    return None


def _longer(words: tuple[str, ...], *added: str) -> tuple[str, ...]:
    """With the words that say something; one said twice weighs more."""
    return (*words, *filter(_says, added))[:MOST_WORDS]


def _more(texts: tuple[str, ...], *added: str) -> tuple[str, ...]:
    """With what says something and is not there yet."""
    return tuple(dict.fromkeys([*texts, *filter(_says, added)]))[:MOST_WORDS]


def _says(text: str) -> bool:
    return bool(normal.words(text))


def _split(chunk: str) -> list[str]:
    """Words without colons: what has one would be a filter. AND is what words mean anyway."""
    return [word for part in chunk.split(":") if (word := _trimmed(part)) != "AND"]


def _trimmed(word: str) -> str:
    """Without the marks around it: `(well,` is well, `SE(3)` stays."""
    word = word.lstrip(_LEAD)
    return word.rstrip(_TAIL + ("" if "(" in word else ")") + ("" if "[" in word else "]"))


def _category(value: str) -> str:
    """As arXiv writes it; empty when it has no such archive."""
    found = _CATEGORY.fullmatch(value.lower())
    if not found or found[1] not in _ARCHIVES:
        return ""
    archive, subject = found.groups()
    if not subject:
        return archive
    return f"{archive}.{subject.upper() if len(subject) == 2 else subject}"


def _first(value: str) -> date | None:
    """The first day of a day, month or year."""
    found = _DAY.fullmatch(value)
    if not found:
        return None
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next(value: str) -> date | None:
    """The first day after a day, month or year."""
    first, found = _first(value), _DAY.fullmatch(value)
    if not first or not found:
        return None
    try:
        end = first + timedelta(1 if found[3] else 31 if found[2] else 366)
    except OverflowError:
        return None
    return end if found[3] else end.replace(day=1)


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
