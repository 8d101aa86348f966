"""A person's topics: how they are written, and which papers they match."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.errors import UserError
from bot.model import Paper, Topic
from bot.text import one_line, plain

MOST_CHARACTERS = 80
MOST_TOPICS = 50
_WORD = re.compile(r"[^\W_]+")
_PLURAL = re.compile(r"(?<=...)(?<!s)(?<!ia)(?<!new)s$")  # not loss, bias, news
_SILENT = re.compile(r"(?<=..[hsxz])e$")  # patches and patch, caches and cache


@dataclass(frozen=True, slots=True)
class _Query:
    phrase: str  # " kv cache "
    without: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Indexed:
    title: str  # normalised words between spaces, also at both ends
    body: str
    headline: frozenset[str]  # the words of title and keywords
    words: frozenset[str]


def clean(text: str) -> str:
    """A topic as it is kept. Raises UserError, one sentence, when it cannot match anything."""
    text = one_line(text)
    if not text:
        raise UserError("Write the topic after the command, for example: /subscribe kv cache")
    if len(text) > MOST_CHARACTERS:
        raise UserError(f"A topic may have {MOST_CHARACTERS} characters; this one has {len(text)}.")
    query = _query(text)
    if not query.phrase.strip():
        raise UserError("A topic needs at least one word to look for, such as: kv cache -survey")
    if query.without & set(query.phrase.split()):
        raise UserError("That topic leaves out a word it looks for, so nothing could match.")
    return text


def matching(topics: Iterable[Topic], paper: Paper) -> tuple[str, ...]:
    """The texts of the topics that match, in order.

    A topic matches when its words stand together anywhere in the paper, or are all in its title
    and keywords; a word after a minus must not be in it at all. Plurals count as singulars.
    """
    indexed = _index(paper)
    return tuple(topic.text for topic in topics if _matches(_query(topic.text), indexed))


def _matches(query: _Query, paper: _Indexed) -> bool:
    if query.without & paper.words:
        return False
    if query.phrase in paper.title or query.phrase in paper.body:
        return True
    return paper.headline.issuperset(query.phrase.split())


@lru_cache(maxsize=4096)
def _query(text: str) -> _Query:
    parts = text.split()
    without = [word for part in parts if part.startswith("-") for word in _words(part)]
    wanted = [word for part in parts if not part.startswith("-") for word in _words(part)]
    return _Query(_spaced(wanted), frozenset(without))


@lru_cache(maxsize=1024)
def _index(paper: Paper) -> _Indexed:
    title = _words(plain(paper.title))
    keywords = [_words(keyword) for keyword in paper.keywords]
    body = _words(plain(paper.summary))
    headline = frozenset(title).union(*keywords)
    return _Indexed(
        _spaced(title),
        _spaced(body) + "|".join(_spaced(words) for words in keywords),
        headline,
        headline | frozenset(body),
    )


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [_singular(word) for word in _WORD.findall(folded)]


def _singular(word: str) -> str:
    """Not English, but the same for one and many: movie, movies -> movy; GPU, GPUs -> gpu."""
    if len(word) > 4 and word.endswith(("ie", "ies")):
        return word.rpartition("ie")[0] + "y"
    return _SILENT.sub("", _PLURAL.sub("", word))


def _spaced(words: list[str]) -> str:
    return f" {' '.join(words)} "
