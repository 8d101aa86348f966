"""Operators as people say them: `except surveys`, `without video`, `last week`. Pure.

Of 110,160 titles (Daily Papers' and a hundred thousand of arXiv's) none has `except`, or
`excluding` after another word: these leave words out. 503 have `without` and 21 `but not`; they end
on one or two words as exclusions do, so what is meant is asked back. A dash between spaces stands
in 1,229, before one or two words in 222; `not` and `no` begin 74, all of five words or more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from bot.days import is_of_time, readings
from bot.query.normal import STOPWORDS
from bot.query.written import quoted

_TOKEN = re.compile(r'-?(?:[A-Za-z]+:)?"(?:\\"|[^"])*"|\S+')
_SURE = (
    "except for", "except", "excepting", "excluding", "exclude", "excl", "other than", "apart from",
    "aside from", "leaving out", "omitting",
)  # fmt: skip
_PERHAPS = (
    "but without", "without", "w/o", "but not", "and not", "but no", "and no", "not about",
    "nothing about", "minus", "not", "no",
)  # fmt: skip
_AT_THE_END = frozenset(["minus", "not", "no"])  # in the middle they are a sentence's
DASHES = ("-", "--", "—", "―")  # with a space after them
_FEW = 2  # words that a dash may leave out; a title's subtitle has more
_MARKERS = {tuple(words.split()): words for words in (*_SURE, *_PERHAPS, *DASHES)}
_SPACED = "A minus with a space after it leaves nothing out."
_BEGINNING = 2  # words after one of these at the beginning; a title has more
_BETWEEN = frozenset(["and", "or", "nor", "&", "but"])
_FILL = frozenset(["a", "an", "any", "all", "the", "papers", "paper", "about", "on", "for"])
_ARTICLES = frozenset(["a", "an", "the"])
_AROUND = ".,;:!?()[]'`"
_NAMED = re.compile(r"-\S|[A-Za-z]+:\S")
_NAME = r"(?P<name>[^\s:\"']+(?: [^\s:\"']+){0,2})"
_WORKS = r"(?:papers?|articles?|works?|anything|everything)"
_AUTHOR = re.compile(r'author:(?:"[^"]*"|\S+)')
_WHO = tuple(  # no title of 110,160 is written so
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:(?P<about>[^\"]+ )?{_WORKS} )?(?:written |authored )?by {_NAME}",
        rf"authors? {_NAME}",
        rf"{_NAME}'s? {_WORKS}",
    )
)

_UNIT = r"(?:days?|weeks?|months?|years?)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WHEN = re.compile(
    r"(?<![^\s(,])(?:(?P<how>since|after|before|until|from|in|on|during|of) (?:the )?)?(?P<day>"
    rf"(?:this|last|past) (?:\d+ )?{_UNIT}|yesterday|\w+ {_UNIT} ago"
    rf"|{_MONTH} (?:\d\d?,? )?(?:20)\d\d|\d\d? {_MONTH} 20\d\d"
    r"|20\d\d-\d\d(?:-\d\d)?|(?P<year>20\d\d))(?=[),.?!]*(?:\s|$))",
    re.ASCII | re.IGNORECASE,
)
_HOW = {"since": "after", "after": "after", "from": "after", "before": "before", "until": "until"}


def sure(text: str) -> tuple[str, str]:
    """The word that surely leaves out what follows, and the text with a minus in its place."""
    return _without(text, _SURE)


def perhaps(text: str, today: date | None) -> tuple[tuple[str, ...], str]:
    """The words that may be an operator, and the text with that in their place."""
    marker, instead = _without(text, (*_PERHAPS, *DASHES))
    dates, instead = _dated(instead, today)
    return tuple(filter(None, [marker, *dates])), instead


def beginning(text: str) -> str:
    """The word that begins a text and would leave out the rest, had it something before it."""
    tokens = _TOKEN.findall(text)
    for size in (2, 1):
        marker = _MARKERS.get(tuple(map(_bare, tokens[:size])), "")
        rest = tokens[size:]
        says = not STOPWORDS.issuperset(map(str.lower, rest))
        if marker and says and len(rest) <= _BEGINNING:
            return marker
    return ""


def written_by(text: str) -> str:
    """The query for who wrote it, where a text says `by Kaiming He` and nothing else, or `diffusion
    papers by Kaiming He`; empty: it says no such thing."""
    tokens = _TOKEN.findall(text)
    end = next((n for n, token in enumerate(tokens) if _NAMED.match(token)), len(tokens))
    said = " ".join(tokens[:end])
    found = next(filter(None, (pattern.fullmatch(said) for pattern in _WHO)), None)
    if found is None or any(map(is_of_time, found["name"].lower().split())):
        return ""
    about = found.groupdict().get("about") or ""
    return " ".join([f"{about}author:{quoted(found['name'])}", *tokens[end:]])


def notes(marker: str, perhaps: Sequence[str], text: str) -> Iterator[str]:
    """What is told of words that are operators, or may be."""
    if marker:
        yield f"“{marker}” leaves out what follows, as -survey does."
    if perhaps and perhaps[0] in DASHES:
        yield _SPACED
        perhaps = perhaps[1:]
    if perhaps:
        what = "a word" if len(perhaps) == 1 and " " not in perhaps[0] else "words"
        yield f"{' and '.join(f'“{words}”' for words in perhaps)} was searched as {what}."
    if first := beginning(text):
        said = _SPACED if first in DASHES else f"“{first}” was searched as a word."
        yield f"{said} To leave a word out, write another before it: robots -survey."
    if who := written_by(text):
        yield f"To find who wrote a paper, write {_AUTHOR.findall(who)[0]}."


def escaped(words: Sequence[str]) -> Iterator[str]:
    """Words that are looked for, written so that none of them leaves out the next."""
    for at, word in enumerate(words):
        markers = (_MARKERS.get(tuple(map(_bare, words[at : at + size]))) for size in (1, 2))
        yield f"({word})" if any(marker in _SURE for marker in markers) else word


def _without(text: str, markers: Sequence[str]) -> tuple[str, str]:
    """The first of these that is in the text, and the text with a minus for it."""
    tokens = _TOKEN.findall(text)
    for at in range(1, len(tokens) - 1):
        for size in (2, 1):
            marker = _MARKERS.get(tuple(map(_bare, tokens[at : at + size])), "")
            if marker in markers and (left := _left_out(tokens[at + size :], marker)):
                out, rest = left
                before = tokens[: at - (tokens[at - 1].lower() in ("but", "and"))]
                if before:
                    return marker, " ".join([*before, *out, *rest])
    return "", text


def _left_out(after: Sequence[str], marker: str) -> tuple[list[str], Sequence[str]] | None:
    """What the words after a marker leave out, and the operators that follow them."""
    end = next((n for n, token in enumerate(after) if _NAMED.match(token)), len(after))
    if marker in DASHES and not end:  # kv cache - author:hinton
        named = after[0] if after[0][:1] != "-" else ""
        return ([f"-{named}"], after[1:]) if named else None
    groups = list(_groups(after[:end]))
    if marker in DASHES:
        few = groups and all(len(group.split()) <= _FEW for group in groups)
        few = few and after[0].lower() not in _ARTICLES  # Foo - A Survey
        return ([f"-{quoted(group)}" for group in groups], after[end:]) if few else None
    if not groups or (marker in _AT_THE_END and (len(groups) > 1 or " " in groups[0])):
        return None
    return [f"-{quoted(group)}" for group in groups], after[end:]


def _groups(tokens: Sequence[str]) -> Iterator[str]:
    """`surveys, reviews and the like` -> surveys; reviews; like."""
    group: list[str] = []
    for token in [*tokens, "and"]:
        word = token.strip(_AROUND)
        ends = token.lower() in _BETWEEN or token in DASHES
        if not ends and word.lower() not in _FILL:
            group.append(word.strip('"'))
        if (ends or token.endswith((",", ";"))) and group:
            said = " ".join(group)
            if not STOPWORDS.issuperset(said.lower().split()):
                yield said
            group = []


def _bare(token: str) -> str:
    """NOT and AND are other engines' operators."""
    return token if token in ("NOT", "AND", "OR") else token.lower().strip(".,")


def _dated(text: str, today: date | None) -> tuple[list[str], str]:
    """What may be a time in it, and the text with operators for that."""
    said: list[str] = []

    def operator(match: re.Match[str]) -> str:
        how, day = (match["how"] or "").lower(), match["day"]
        if (match["year"] and not how) or len(readings(day, today)) != 1:
            return match[0]
        said.append(match[0])
        return f'{_HOW.get(how, "date")}:"{day}"'

    parts = re.split(r'(-?(?:[A-Za-z]+:)?"(?:\\"|[^"])*")', text)
    parts[::2] = [_WHEN.sub(operator, part) for part in parts[::2]]
    return said, "".join(parts)
