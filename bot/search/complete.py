"""As you type: what a title must have so far, and how the query might go on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from bot.query.clause import And, Consecutive, Or, Text
from bot.query.normal import STOPWORDS, words
from bot.search import fts
from bot.search.spelling import Vocabulary

MOST_CHARACTERS = 100
_ID = re.compile(r"(?:arxiv:)?(\d{4}\.\d{0,5}|\d{4}|[a-z-]+(?:\.[A-Z]{2})?/\d{0,7})", re.I)
_OPERATOR = re.compile(r"""(?:^|\s)-|[:"“”]""")
_SPACE = re.compile(r"\s+")


def is_plain(typed: str) -> bool:
    """Whether words alone are typed: an operator's value is not in a title."""
    return not _OPERATOR.search(typed)


def id_prefix(typed: str) -> str:
    """How an arXiv id begins; empty when that is not what is typed."""
    found = _ID.fullmatch(typed.strip()[:MOST_CHARACTERS])
    return found[1] if found else ""


def title_match(typed: str) -> str:
    """An FTS5 expression of whole words, the last one perhaps unfinished; empty without any."""
    chunks = typed[:MOST_CHARACTERS].split()
    ended = typed[:1] and typed[-1].isspace()
    last = -1 if ended else len(chunks) - 1
    found = (_chunk(words(chunk), unfinished=at == last) for at, chunk in enumerate(chunks))
    return fts.expression(filter(None, found))


def _chunk(found: list[str], *, unfinished: bool) -> Text | None:
    """A word in each way it may be written: gpt4o, or gpt and 4o."""
    if not found:
        return None
    whole, *parts = found
    either = Consecutive((whole,), prefix=unfinished)
    if not parts:
        return either
    *before, last = parts
    apart = [*(Consecutive((part,)) for part in before), Consecutive((last,), prefix=unfinished)]
    return Or((either, And(tuple(apart))))


def completed(typed: str, titles: Iterable[str], known: Vocabulary) -> list[str]:
    """Whole queries that begin like this one: as titles go on, the usual first."""
    typed = _SPACE.sub(" ", typed[:MOST_CHARACTERS]).lstrip().lower()
    *head, partial = typed.split(" ")
    found: Counter[str] = Counter()
    for title in titles:
        found.update(_ways(head, partial, [_bare(chunk) for chunk in title.lower().split()]))
    if not head:
        found.update(known.beginning(partial, 10))
    found.pop(typed.strip(), None)
    return sorted(found, key=lambda one: (-found[one], len(one), one))


def _ways(head: list[str], partial: str, title: list[str]) -> set[str]:
    """The word that is being typed, and that word with the next."""
    ways = set()
    for at, word in enumerate(title):
        begins = any(one.startswith(partial) for one in words(word)) and word not in head
        follows = not head or at == 0 or title[at - 1] == head[-1] or not partial
        if begins and follows and word not in STOPWORDS:
            ways.add(" ".join([*head, word]))
            if at + 1 < len(title) and title[at + 1] not in STOPWORDS:
                ways.add(" ".join([*head, word, title[at + 1]]))
    return ways


def _bare(chunk: str) -> str:
    return chunk.strip(".,:;!?()[]{}\"'`*_$\\")
