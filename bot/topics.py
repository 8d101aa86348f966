"""A person's topics: how they are written, and which papers they match."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.errors import UserError
from bot.model import Paper, Topic
from bot.search import filters
from bot.text import cut, plain, typed
from bot.usage import usage

MOST_CHARACTERS = 80
MOST_TOPICS = 50
_WORD = re.compile(r"[^\W_]+")
# A search's operators; with a space beside its colon only what is no word of a title.
_OPERATOR = re.compile(
    r"(?<!\S)-?(?:([A-Za-z_]+)(?:[:=]+(?=[^\s:=])|[<>])|(?:authors?|title|cat|org|votes|after|before|since"
    r"|has|sort|year|by|site|intitle|inauthor|filetype)\s?[:=<>]+\s?)\S*",
    re.IGNORECASE,
)
_LINK = re.compile(r".*://.*|(?:arxiv: ?)?\d{4}\.\d{4,5}(?:v\d+)?", re.ASCII | re.IGNORECASE)
_MINUS_MANY = re.compile(r"""(?<!\S)-["'(]""")
_UNFINISHED = re.compile(r"[^\W\d_]{3}\*(?!\S)")  # diffus*; A* is a name
_EITHER = re.compile(r"(?<!\S)(?:OR|\|\|?)(?!\S)")
_CAPITALS = re.compile(r"(?<!\S)(?:(?:AND )?(?:NOT|ANDNOT) -?|(?:AND|&&) )")
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
    text = typed(text)
    if not text:
        example = usage("subscribe", topic="kv cache")
        raise UserError(f"Write the topic after the command, for example: {example}")
    if len(text) > MOST_CHARACTERS:
        raise UserError(f"A topic may have {MOST_CHARACTERS} characters; this one has {len(text)}.")
    _check(text)
    query = _query(text)
    if not query.phrase.strip():
        raise UserError("A topic needs at least one word to look for, such as: kv cache -survey")
    if query.without & set(query.phrase.split()):
        raise UserError("That topic leaves out a word it looks for, so nothing could match.")
    return text


def _check(text: str) -> None:
    """Raises UserError for what a search or another engine has: as words it could match nothing."""
    for found in _OPERATOR.finditer(text):
        if not found[1] or filters.is_operator(found[1]):
            raise UserError(
                f"“{cut(found[0], 30)}” is for searches: a topic is words that stand together, "
                "such as: kv cache -survey"
            )
    if _LINK.fullmatch(text):
        raise UserError("A topic is words, such as: kv cache. A link or a number matches nothing.")
    if _MINUS_MANY.search(text):
        raise UserError("In a topic a minus leaves out one word, as in: kv cache -survey")
    if _UNFINISHED.search(text):
        raise UserError("A topic is whole words: * stands for nothing in it.")
    if (parts := _EITHER.split(text)) != [text]:
        choices = [(part[:40], part) for part in map(str.strip, parts) if part.strip()]
        raise UserError("OR makes two topics: keep each by itself.", choices)
    if _CAPITALS.search(text):
        ours = " ".join(_CAPITALS.sub(lambda found: "-" if "NOT" in found[0] else "", text).split())
        raise UserError(f"AND and NOT are not needed: write {ours[:60]}", [(ours[:40], ours)])


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


@lru_cache(maxsize=2048)  # the lists of a month, which each new topic is tried on
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
