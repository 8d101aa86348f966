"""As you type: what a title must have so far, and how the query might go on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from bot.naming import id_begun
from bot.query.clause import And, Consecutive, Or, Text
from bot.query.normal import STOPWORDS, words
from bot.search import fts
from bot.search.spelling import TermDictionary

MOST_CHARACTERS = 100
_OPERATOR = re.compile(r"""(?:^|\s)-|[:"“”]""")
_SPACE = re.compile(r"\s+")


def is_plain(typed: str) -> bool:
    """Whether words alone are typed: an operator's value is not in a title."""
    return not _OPERATOR.search(typed)


def id_prefix(typed: str) -> str:
    """How an id begins; empty when that is not what is typed."""
    return id_begun(typed.strip()[:MOST_CHARACTERS])


def title_match(typed: str) -> str:
    """An FTS5 expression of whole words, the last one perhaps unfinished; empty without any."""
    chunks = typed[:MOST_CHARACTERS].split()
    ended = typed[:1] and typed[-1].isspace()
    last = -1 if ended else len(chunks) - 1
    clauses = (_clause(words(chunk), unfinished=at == last) for at, chunk in enumerate(chunks))
    return fts.expression(filter(None, clauses))


def _clause(written: list[str], *, unfinished: bool) -> Text | None:
    """A word in each way it may be written: gpt4o, or gpt and 4o. None without any."""
    if not written:
        return None
    whole, *parts = written
    joined = Consecutive((whole,), prefix=unfinished)
    if not parts:
        return joined
    *before, last = parts
    apart = [*(Consecutive((part,)) for part in before), Consecutive((last,), prefix=unfinished)]
    return Or((joined, And(tuple(apart))))


def completions(typed: str, titles: Iterable[str], title_words: TermDictionary) -> list[str]:
    """Whole queries that begin like this one: as titles go on, the usual first."""
    typed = _SPACE.sub(" ", typed[:MOST_CHARACTERS]).lstrip().lower()
    *head, partial = typed.split(" ")
    counts: Counter[str] = Counter()
    for title in titles:
        counts.update(
            _continuations(head, partial, [_bare(chunk) for chunk in title.lower().split()])
        )
    if not head:
        counts.update(title_words.with_prefix(partial, 10))
    counts.pop(typed.strip(), None)
    return sorted(counts, key=lambda query: (-counts[query], len(query), query))


def _continuations(head: list[str], partial: str, title: list[str]) -> set[str]:
    """The query with the word that is being typed as the title has it, and also with its next."""
    queries = set()
    for at, word in enumerate(title):
        begins = any(form.startswith(partial) for form in words(word)) and word not in head
        follows = not head or at == 0 or title[at - 1] == head[-1] or not partial
        if begins and follows and word not in STOPWORDS:
            queries.add(" ".join([*head, word]))
            if at + 1 < len(title) and title[at + 1] not in STOPWORDS:
                queries.add(" ".join([*head, word, title[at + 1]]))
    return queries


def _bare(chunk: str) -> str:
    return chunk.strip(".,:;!?()[]{}\"'`*_$\\")
