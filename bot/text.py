"""Plain text: LaTeX made readable, abstracts cut at sentences, messages made shorter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import unicodeit

from bot.model import Entry, Message

# C0 and C1 controls, bidi embeddings, overrides and isolates, line and paragraph separators.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# As in pandoc: no space inside the dollars, no digit after them, so that prices stay prices.
_MATH = re.compile(r"\$(?!\s)([^$]{1,80})(?<!\s)\$(?!\d)")
_STYLED = re.compile(r"\\?(?:text(?:tt|bf|it|sc|rm|sf)|emph|math(?:rm|bf|it|sf|tt))\{([^{}]*)\}")
_OPERATOR = re.compile(r"\\(log|ln|exp|max|min|sin|cos|tan|arg|det|dim|lim|sup|inf|Pr)\b\s?")
_SYMBOL = re.compile(r"\\[A-Za-z]+(?:\{[A-Za-z]\})?")
_SCRIPT = re.compile(r"(?<=\S)[\^_](?:\{[^{}\s]{1,12}\}|[0-9](?![0-9]))")
_ACCENT = re.compile(r"""\\(["'`^~=.])\s*\{?([A-Za-z])\}?""")
_MARKS = dict(zip("\"'`^~=.", "\u0308\u0301\u0300\u0302\u0303\u0304\u0307", strict=True))
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")


def one_line(text: str) -> str:
    """Whitespace folded to single spaces; control and bidi-control characters dropped."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def plain(text: str) -> str:
    """LaTeX as a reader would write it: `$\\ell_p$` -> `ℓₚ`, `D^{2}MoE` -> `D²MoE`.

    What it does not know stays as it is. Right-to-left text is isolated, so that
    what stands beside it keeps its order.
    """
    text = one_line(text)
    text = _ACCENT.sub(lambda m: _compose(m[2] + _MARKS[m[1]]), text)
    text = _STYLED.sub(r"\1", text).replace("^circ", "°").replace("^{\\circ}", "°")
    text = _MATH.sub(lambda m: _math(m[1]), text)
    text = _SYMBOL.sub(lambda m: _symbols(m[0]), text)
    text = _SCRIPT.sub(lambda m: _symbols(m[0]), text)
    return f"\u2068{text}\u2069" if _RTL.search(text) else text


def _compose(text: str) -> str:
    from unicodedata import normalize

    return normalize("NFC", text)


def _math(formula: str) -> str:
    formula = _OPERATOR.sub(r"\1 ", formula.replace("\\,", " ").replace("^\\circ", "°")).strip()
    return _symbols(formula)


def _symbols(latex: str) -> str:
    # unicodeit writes a typographic minus for every hyphen; titles mean the hyphen.
    done: str = unicodeit.replace(latex).replace("\u2212", "-")
    return done


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word, with an ellipsis where something is missing."""
    if len(text) <= limit:
        return text
    if limit < 2:
        return ""
    head = text[: limit - 1]
    at_word = head.rpartition(" ")[0]
    kept = at_word if len(at_word) > limit * 0.6 else head
    return kept.rstrip(" ,;:.-") + "…"


def lead(abstract: str, limit: int = 220) -> str:
    """The first sentences of an abstract that fit `limit` characters; never none."""
    text = plain(abstract)
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > limit:
            break
        kept = longer
    return kept or cut(text, limit)


def count(number: int) -> str:
    """1234 -> `1.2k`."""
    return str(number) if number < 1000 else f"{number / 1000:.1f}k".replace(".0k", "k")


def plural(number: int, one: str, many: str = "") -> str:
    """`1 paper`, `2 papers`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shorter(message: Message) -> Iterator[Message]:
    """The message, then ever shorter versions of it, for an adapter to take the first that fits.

    The last has bare titles of at most 60 characters, and at most 800 of text.
    """
    yield message
    for summary, title, text in ((150, 200, 3000), (90, 150, 2000), (0, 110, 1500)):
        yield _trimmed(message, summary, title, text)
    bare = _trimmed(message, 0, 60, 800)
    yield replace(
        bare,
        sections=tuple(
            replace(s, entries=tuple(replace(e, links=(), reasons=()) for e in s.entries))
            for s in bare.sections
        ),
    )


def _trimmed(message: Message, summary: int, title: int, text: int) -> Message:
    def trim(entry: Entry) -> Entry:
        return replace(entry, title=cut(entry.title, title), summary=cut(entry.summary, summary))

    return replace(
        message,
        text=cut(message.text, text),
        sections=tuple(
            replace(s, entries=tuple(trim(e) for e in s.entries)) for s in message.sections
        ),
    )
