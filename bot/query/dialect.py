"""Other engines' ways to write a query, in ours; and what is said of those that mean nothing here.

Pure. What is in quotation marks is one character here, and not touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.query.lexer import QUOTED, Masked
from bot.query.normal import STOPWORDS
from bot.query.operators import OPERATORS, Dates

_OPENS = re.compile(r'(?<![\w\\])"')
_FIELDS = "|".join(sorted(OPERATORS, key=len, reverse=True))
_DATES = "|".join(Dates.names)
_NUMBERS = "|".join(name for name, (kind, _) in OPERATORS.items() if kind.compared)
ASSIGNED = re.compile(rf"({_FIELDS})==?(?!=)", re.A | re.I)  # author=
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_ISO = r"(?:19|20)\d\d(?:-\d\d){0,2}"
_NEAR = r"(?:(?:NEAR|ADJ)(?:/?\d+)?|(?:near|adj|w|pre|W|PRE)/\d+)"  # NEAR/3, w/5
_HOLE = r"(?<=[^\W\d_])[?*]+(?=[^\W\d_])"  # fl?w
_COMPARES = (
    rf"\b((?:(?:min|max|least|minimum|maximum)[_-]?)?(?:{_NUMBERS})|year|date|published)\s*[<>=]+"
)
_IN_WORDS = (  # a date of several words
    rf"(?:this|last|past|next) (?:\d+ )?[a-z]+|{_DAY} (?:of )?{_MONTH}(?:,? \d{{4}})?"
    rf"|{_MONTH} {_DAY}(?:,? \d{{4}})?|{_MONTH} \d{{4}}|day before yesterday"
    r"|(?:\d+|an?|one|two|three) (?:day|week)s? ago"
)
_NOT = "NOT leaves a word out, as in -survey; written small it is looked for."
_ENDINGS = "* and ~ mean nothing here: a word is found in its other forms, not by its beginning."
_ORDERED = "An order has one direction: the newest, or the most votes, first."
_OPEN = "A quotation mark has no second one, so its words were searched one by one."
_LEAST = "A number is the least there may be; there is no way to ask for fewer."
_CLOSE = "NEAR means nothing here; words that stand together go in quotation marks."
_PATTERN = "A pattern means nothing here: its words were searched."
_LETTERS = "? and * stand for no letters here; write the whole word."
Rewrite = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str], str]


def _rewrite(
    pattern: str, new: str | Callable[[re.Match[str]], str], note: str = "", *, case: bool = False
) -> Rewrite:
    """case: it must be written in capitals."""
    return re.compile(pattern, re.A if case else re.A | re.I), new, note


def _exact(match: re.Match[str]) -> str:
    return f' "{match[1]}" '


def _without(match: re.Match[str]) -> str:
    """NOT flow; but `Attention Is NOT All You Need` is a title."""
    word = match[1] or ""
    return match[0] if word.lower() in STOPWORDS else f"-{word}"


def _apart(match: re.Match[str]) -> str:
    return re.sub(_HOLE, " ", match[0])


def _compared(match: re.Match[str]) -> str:
    """year>2023."""
    year, after = int(match[3]), match[2] == ">"
    names = {">": "after", ">=": "after", "<": "before", "<=": "until"}
    return f"{names[match[2]]}:{year + after:04}"


_DIRECTION = r"(?<!\S)((?:sort|order)(?:_by)?:[a-z]+)[\s:-]+(?:asc|desc)(?:ending)?(?!\S)"
_REWRITES = (
    _rewrite(_DIRECTION, r"\1", _ORDERED),
    _rewrite(r"(?<!\S)--+(?=[^\W\d_])", "-"),
    _rewrite(rf"(?<!\S)(?:min|least|minimum)[_-]?({_NUMBERS})\s*[:=]+\s*(?=\d)", r"\1:"),
    _rewrite(rf"(?<!\S)(?:max|maximum)[_-]?({_NUMBERS})\s*[:=]+\s*(?=\d)", r"\1:<"),
    _rewrite(r"(?<!\S)(-?[A-Za-z]+):[\[{](\S+) TO (\S+?)[\]}]", r"\1:\2..\3"),
    _rewrite(rf"(?<!\S)({_NUMBERS}):(\d+)(?:\.\.+|-)(\d+)(?!\S)", r"\1:\2", _LEAST),
    _rewrite(rf"(?<!\S)({_NUMBERS})\s*:\s*-(?=\d)", r"\1:<"),
    _rewrite(r"(?<!\S)(year|date|published)\s*:?\s*([<>]=?)\s*(\d{4})(?!\S)", _compared),
    _rewrite(rf"(?<!\S)({_ISO}\.\.+{_ISO})(?!\S)", r"date:\1"),
    _rewrite(rf"(?<!\S){_NEAR}(?=\(|\s|$)", " ", _CLOSE, case=True),
    _rewrite(r"(?<!\S)/(\S+)/[a-z]{0,3}(?!\S)", r"\1", _PATTERN),
    _rewrite(rf"(?<!\S)[^\W\d_]+{_HOLE}[^\W\d_]+(?!\S)", _apart, _LETTERS),
    _rewrite(r"``([^'`\"]+)''", _exact),
    _rewrite(r"(?<![\w'`\\])['`]([^'`\"]*\s[^'`\"]*)['`](?![\w'`])", _exact),
    _rewrite(rf"(?<!\S)(-?(?:{_FIELDS}))(?:\s+:|\s*==?)(?![=:])\s*", r"\1: "),
    _rewrite(rf"(?<!\S)({_NUMBERS})\s*:?\s*(?:>=|=>|≥|==?)\s*(?=\d)", r"\1:"),
    _rewrite(rf"(?<!\S)({_NUMBERS})\s*:?\s*>\s*(?=\d)", r"\1:>"),
    _rewrite(rf"(?<!\S)(?:>=|≥)\s*(\d+)\s+({_NUMBERS})(?!\S)", r"\2:\1"),
    _rewrite(rf"(?<!\S)(\d+)\+\s+({_NUMBERS})(?!\S)", r"\2:\1"),
    _rewrite(rf"(?<!\S)>\s*(\d+)\s+({_NUMBERS})(?!\S)", r"\2:>\1"),
    _rewrite(rf"(?<!\S)({_NUMBERS})\s*:?\s*[<≤]=?\s*(?=\d)", r"\1:<"),
    _rewrite(rf"(?<!\S)({_DATES}):\s*({_IN_WORDS})(?!\S)", r'\1:"\2"'),
    _rewrite(r"(?<!\S)(?:AND\s+)?(?:NOT|ANDNOT)\s+-?(?=\()|(?<!\S)!(?=\()", "-", case=True),
    _rewrite(r"(?<!\S)(?:AND\s+)?(?:NOT|ANDNOT)\s+-?(?:([^\s\"-][^\s\"]*)|\Z)", _without, _NOT,
             case=True),
    _rewrite(r"(?<!\S)!(?=[^\W\d_]{2})", "-"),
    _rewrite(r"(?<!\S)(?:AND|&&?)(?!\S)", " ", case=True),
    _rewrite(r"(?<!\S)(?:OR|\|\|?)(?!\S)|(?<=\w{3})\|(?=\w{3})", " OR ", case=True),
    _rewrite(r"(?<!\S)\+([^\W\d_][^\s\"]+)", _exact),
    _rewrite(r"(?<!\S)(?:[+~]+(?=[^\W\d_]{2}|\Z)|#+(?=\w))", ""),
    _rewrite(rf"(?<!\S)([^\W\d_]{{3,}}|{QUOTED})(?:[*]+|[~^]\d*)(?!\S)", r"\1", _ENDINGS),
)  # fmt: skip


def rewritten(masked: Masked) -> list[str]:
    """Writes a query in our language; returns what is to be told of it."""
    notes: list[str] = []
    text = masked.text
    for pattern, new, sentence in _REWRITES:
        changed = pattern.sub(new, text)
        if sentence and changed != text:
            notes.append(sentence)
        text = changed
    masked.mask(" ".join(text.split()))
    return notes + [_OPEN] * bool(_OPENS.search(masked.text))


def inert(word: str) -> str:
    """A word that is looked for, without what would be an operator where it stands alone."""
    word = re.sub(rf"^{_NEAR}(?=\(|$)|\.\.+|{_HOLE}", " ", word)
    return re.sub(_COMPARES, r"\1 ", word, flags=re.IGNORECASE)
