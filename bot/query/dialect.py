"""Other engines' ways to write a query, in ours; and what is said of those that mean nothing here.

Pure. What is in quotation marks is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.query.normal import STOPWORDS

_QUOTED = re.compile(r'((?<![\w\\])"(?:\\"|[^"])*")([~^]\d+)?')
_OPENS = re.compile(r'(?<![\w\\])"')
_DATES = "after|since|before|until|from|to|date|on|day|published"
_FIELDS = (
    "authors?|au|inauthor|by|title|ti|intitle|org|organi[sz]ation|cat|category|has|sort|year"
    f"|{_DATES}"
)
ASSIGNED = re.compile(rf"({_FIELDS})==?(?!=)", re.A | re.I)  # author=
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_ISO = r"(?:19|20)\d\d(?:-\d\d){0,2}"
_NEAR = r"(?:(?:NEAR|ADJ)(?:/?\d+)?|(?:near|adj|w|pre|W|PRE)/\d+)"  # NEAR/3, w/5
_HOLE = r"(?<=[^\W\d_])[?*]+(?=[^\W\d_])"  # fl?w
_COMPARES = (
    r"\b((?:(?:min|max|least|minimum|maximum)[_-]?)?(?:up)?votes?|year|date|published)\s*[<>=]+"
)
_IN_WORDS = (  # a date of several words
    rf"(?:this|last|past|next) (?:\d+ )?[a-z]+|{_DAY} (?:of )?{_MONTH}(?:,? \d{{4}})?"
    rf"|{_MONTH} {_DAY}(?:,? \d{{4}})?|{_MONTH} \d{{4}}|day before yesterday"
    r"|(?:\d+|an?|one|two|three) (?:day|week)s? ago"
)
_NOT = "NOT leaves a word out, as in -survey; written small it is looked for."
_ENDINGS = "* and ~ mean nothing here: words are found with other endings, too."
_OPEN = "A quotation mark has no second one, so its words were searched one by one."
_LEAST = "votes:20 is at least 20 votes; there is no way to ask for fewer."
_CLOSE = "NEAR means nothing here; words that stand together go in quotation marks."
_PATTERN = "A pattern means nothing here: its words were searched."
_LETTERS = "? and * stand for no letters here; write the whole word."
_WHO = "To find who wrote a paper, write author:hinton."
_BY = re.compile(r"(?:(?:papers?|articles?|works?) )?by [^\s:]+(?: [^\s:]+){0,2}", re.I)
Rewrite = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str], str]


def _rewrite(
    pattern: str, new: str | Callable[[re.Match[str]], str], note: str = "", *, case: bool = False
) -> Rewrite:
    """case: it must be written in capitals."""
    return re.compile(pattern, re.A if case else re.A | re.I), new, note


def _exact(match: re.Match[str]) -> str:
    return f' "{match[1]}" '


def _neither(match: re.Match[str]) -> str:
    """-(a OR b)."""
    words = [word for word in match[1].split() if word not in ("AND", "OR", "|", "NOT")]
    return " ".join(f"-{word.lstrip('-')}" for word in words)


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


_REWRITES = (
    _rewrite(r"(?<!\S)--+(?=[^\W\d_])", "-"),
    _rewrite(r"(?<!\S)(?:min|least|minimum)[_-]?(?:up)?votes?\s*[:=]+\s*(?=\d)", "votes:"),
    _rewrite(r"(?<!\S)(?:max|maximum)[_-]?(?:up)?votes?\s*[:=]+\s*(?=\d)", "votes:<"),
    _rewrite(r"(?<!\S)(-?[A-Za-z]+):[\[{](\S+) TO (\S+?)[\]}]", r"\1:\2..\3"),
    _rewrite(r"(?<!\S)(?:up)?(votes?):(\d+)(?:\.\.+|-)(\d+)(?!\S)", r"\1:\2", _LEAST),
    _rewrite(r"(?<!\S)(?:up)?votes?\s*:\s*-(?=\d)", "votes:<"),
    _rewrite(r"(?<!\S)(year|date|published)\s*:?\s*([<>]=?)\s*(\d{4})(?!\S)", _compared),
    _rewrite(rf"(?<!\S)({_ISO}\.\.+{_ISO})(?!\S)", r"date:\1"),
    _rewrite(rf"(?<!\S){_NEAR}(?=\(|\s|$)", " ", _CLOSE, case=True),
    _rewrite(r"(?<!\S)/(\S+)/[a-z]{0,3}(?!\S)", r"\1", _PATTERN),
    _rewrite(rf"(?<!\S)[^\W\d_]+{_HOLE}[^\W\d_]+(?!\S)", _apart, _LETTERS),
    _rewrite(r"``([^'`\"]+)''", _exact),
    _rewrite(r"(?<![\w'`\\])['`]([^'`\"]*\s[^'`\"]*)['`](?![\w'`])", _exact),
    _rewrite(rf"(?<!\S)(-?(?:{_FIELDS}))(?:\s+:|\s*==?)(?![=:])\s*", r"\1: "),
    _rewrite(r"(?<!\S)(?:up)?votes?\s*:?\s*(?:>=|=>|≥|==?)\s*(?=\d)", "votes:"),
    _rewrite(r"(?<!\S)(?:up)?votes?\s*:?\s*>\s*(?=\d)", "votes:>"),
    _rewrite(r"(?<!\S)(?:>=|≥)\s*(\d+)\s+(?:up)?votes?(?!\S)", r"votes:\1"),
    _rewrite(r"(?<!\S)(\d+)\+\s+(?:up)?votes?(?!\S)", r"votes:\1"),
    _rewrite(r"(?<!\S)>\s*(\d+)\s+(?:up)?votes?(?!\S)", r"votes:>\1"),
    _rewrite(r"(?<!\S)(?:up)?votes?\s*:?\s*[<≤]=?\s*(?=\d)", "votes:<"),
    _rewrite(rf"(?<!\S)({_DATES}):\s*({_IN_WORDS})(?!\S)", r'\1:"\2"'),
    _rewrite(r"(?<!\S)(?:AND\s+)?(?:NOT|ANDNOT)\s+-?(?=\()|(?<!\S)!(?=\()", "-", case=True),
    _rewrite(r"(?<!\S)-\(([^()]*)\)", _neither, case=True),
    _rewrite(r"(?<!\S)(?:AND\s+)?(?:NOT|ANDNOT)\s+-?(?:([^\s\"-][^\s\"]*)|\Z)", _without, _NOT,
             case=True),
    _rewrite(r"(?<!\S)!(?=[^\W\d_]{2})", "-"),
    _rewrite(r"(?<!\S)(?:AND|&&?)(?!\S)", " ", case=True),
    _rewrite(r"(?<!\S)(?:OR|\|\|?)(?!\S)|(?<=\w{3})\|(?=\w{3})", " OR ", case=True),
    _rewrite(r"(?<!\S)\+([^\W\d_][^\s\"]+)", _exact),
    _rewrite(r"(?<!\S)(?:[+~]+(?=[^\W\d_]{2}|\Z)|#+(?=\w))", ""),
    _rewrite(r"(?<!\S)([^\W\d_]{3,})(?:[*]+|[~^]\d*)(?!\S)", r"\1", _ENDINGS),
)  # fmt: skip


def rewritten(text: str) -> tuple[str, tuple[str, ...]]:
    """The query in our language, and what is to be said of it."""
    parts, notes = list[str](), list[str]()
    end = 0
    for quoted in _QUOTED.finditer(text):
        parts += [_plain(text[end : quoted.start()], notes), quoted[1]]
        notes += [_ENDINGS] * bool(quoted[2])  # "a b"~5
        end = quoted.end()
    rest = text[end:]
    notes += [_OPEN] * bool(_OPENS.search(rest)) + [_WHO] * bool(_BY.fullmatch(text))
    parts.append(_plain(rest, notes))
    return " ".join("".join(parts).split()), tuple(dict.fromkeys(notes))


def inert(word: str) -> str:
    """A word that is looked for, without what would be an operator where it stands alone."""
    word = re.sub(rf"^{_NEAR}(?=\(|$)|\.\.+|{_HOLE}", " ", word)
    return re.sub(_COMPARES, r"\1 ", word, flags=re.IGNORECASE)


def _plain(part: str, notes: list[str]) -> str:
    """What is in no quotation marks; `notes` grows."""
    for pattern, new, sentence in _REWRITES:
        changed = pattern.sub(new, part)
        if sentence and changed != part:
            notes.append(sentence)
        part = changed
    return part
