"""Plain text: LaTeX made readable, texts and messages made shorter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count as count_from
from itertools import groupby

from bot.clause import shortened
from bot.dialogue import Entry, Message
from bot.latex import readable
from bot.usage import BEGIN, END

# Controls, bidi overrides and isolates, line separators, the marks of `bot.usage`, and halves of
# characters (surrogates), which no database or terminal takes.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]+")
# Characters that show nothing, as pages and messengers put them into what is copied.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0001]"
)
# They show nothing by themselves, but belong to emoji, to Arabic and Indic words, to ideographs.
_JOINER = "\u180b-\u180d\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef"
_JOINERS = re.compile(
    "(?<![\u00a9\u00ae\u0590-\u109f\u1780-\u18af\u203c-\u3299\u3400-\u9fff\ua800-\uabff"
    f"\uf900-\ufdff\ufe70-\ufefc\U0001f000-\U0001faff\U00020000-\U0003ffff{_JOINER}])"
    f"[{_JOINER}]+(?!\u20e3)"
)
_TYPED = str.maketrans(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width ASCII
    | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63"), "-")
    | dict.fromkeys(map(ord, "“”„‟«»〝〞″「」『』《》"), '"')
    | dict.fromkeys(map(ord, "‘’‚‛′‹›"), "'")
    | dict.fromkeys(map(ord, "∶꞉˸"), ":")
)
_LONG_DASH = re.compile(r'(?<!\S)[—―⸺⸻](?="?\w)')  # a phone makes -- one of them
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
CharSpan = tuple[int, int]  # (start, end) in a text
BRIEF = 170  # characters of a summary where there is little room
_SENTENCE_END = re.compile(  # not after e.g., et al., vs. or an initial
    r"(?<=[.!?])(?<!\b[A-Za-z]\.)(?<!\b(?:al|cf|vs|Dr|No|Eq)\.)(?<!\b(?:Fig|Sec|Tab)\.)"
    r"\s+(?=[A-Z0-9])"
)


def one_line(text: str) -> str:
    """Whitespace folded to single spaces; control and bidi-control characters dropped."""
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_CONTROLS.sub(" ", line).split())


def typed(text: str) -> str:
    """What a person typed or pasted, on one line: without what shows nothing, with the quotation
    marks, the minus and the width that a keyboard has.

    Emoji, and words of scripts that need such characters, keep them.
    """
    text = _JOINERS.sub("", _INVISIBLE.sub("", text)).translate(_TYPED)
    return one_line(_LONG_DASH.sub("-", text))


def plain(text: str) -> str:
    """LaTeX as a reader would write it: `$\\ell_p$` -> `ℓₚ`, `D^{2}MoE` -> `D²MoE`.

    What it does not know stays as it is. Right-to-left text is isolated, so that
    what stands beside it keeps its order.
    """
    text = readable(one_line(text))
    return f"\u2068{text}\u2069" if not text.isascii() and _RTL.search(text) else text


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word, with an ellipsis where something is missing.

    A right-to-left isolate that is cut open is closed again; a usage is not cut.
    """
    if len(text) <= limit:
        return text
    if limit < 2:
        return ""
    isolated = "\u2068" in text
    head = text[: limit - 1 - isolated]
    at_word = head.rpartition(" ")[0]
    kept = at_word if len(at_word) > limit * 0.6 else head
    if (begun := kept.rfind(BEGIN)) > kept.rfind(END):
        kept = kept[:begun]
    kept = kept.rstrip(" ,;:.-") + "…"
    return f"{kept}\u2069" if isolated else kept


def sentences(text: str) -> list[str]:
    return _SENTENCE_END.split(text)


def runs(characters: Sequence[str], bold: Iterable[CharSpan]) -> Iterator[tuple[str, bool]]:
    """A text in stretches that are bold or not. Spaces never are; spans may touch or overlap."""
    marked = {n for start, end in bold for n in range(max(start, 0), min(end, len(characters)))}
    marked -= {n for n in marked if characters[n].isspace()}
    for strong, run in groupby(enumerate(characters), key=lambda pair: pair[0] in marked):
        yield "".join(character for _, character in run), strong


def count(number: int) -> str:
    """1234 -> `1.2k`."""
    return str(number) if number < 1000 else f"{number / 1000:.1f}k".replace(".0k", "k")


def plural(number: int, one: str, many: str = "") -> str:
    """`1 paper`, `2 papers`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


_UNITS = (("year", 365 * 86400), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def about(seconds: float) -> str:
    """A time as people say it, by its two largest units: about 1 year and 165 days."""
    rest, parts = round(seconds), list[str]()
    for unit, size in _UNITS:
        number, rest = divmod(rest, size)
        if number or parts:
            parts.append(plural(number, unit) if number else "")
    said = " and ".join(filter(None, parts[:2])) or "0 seconds"
    return f"about {said}" if any(parts[2:]) else said


def shorter(message: Message) -> Iterator[Message]:
    """The message, then ever shorter versions of it, for an adapter to take the first that fits.

    Links go before sentences, and the sentences of the last entries before those of the first. The
    last version has bare titles of at most 60 characters, and at most 800 of text; how many entries
    there are is not changed.
    """
    yield message
    message = replace(message, text=cut(message.text, 3000), passage=cut(message.passage, 2000))
    yield _each(message, lambda entry: replace(entry, links=entry.links[:1]))
    message = _each(message, _brief)
    yield message
    message = _each(message, lambda entry: replace(entry, links=()))
    yield message
    message = replace(message, text=cut(message.text, 2000))
    for kept in range(sum(len(section.entries) for section in message.sections) - 1, -1, -1):
        yield _summaries(message, kept)
    text, passage = cut(message.text, 1500), cut(message.passage, 1000)
    message = replace(_summaries(message, 0), text=text, passage=passage)
    yield _each(message, lambda entry: replace(entry, title=cut(entry.title, 110)))
    yield replace(
        _each(message, _bare),
        title=cut(message.title, 120),
        caption=cut(message.caption, 200),
        text=cut(message.text, 800),
        passage=cut(message.passage, 400),
        note=cut(message.note, 200),
    )


def _each(message: Message, change: Callable[[Entry], Entry]) -> Message:
    sections = (
        replace(section, entries=tuple(map(change, section.entries)))
        for section in message.sections
    )
    return replace(message, sections=tuple(sections))


def _brief(entry: Entry) -> Entry:
    """Its shorter summary, a title of ordinary length, and the most wanted link."""
    entry = replace(entry, title=cut(entry.title, 200), links=entry.links[:1])
    short = _shorter_line(entry, BRIEF)
    kept = len(short) if short == entry.summary else short.rfind("…")
    bold = tuple((start, min(end, kept)) for start, end in entry.bold if start < kept)
    return replace(entry, summary=short, bold=bold)


def _summaries(message: Message, kept: int) -> Message:
    """With the summaries of so many entries, the first."""
    number = count_from(0)

    def trim(entry: Entry) -> Entry:
        return entry if next(number) < kept else replace(entry, summary="", bold=())

    return _each(message, trim)


def _bare(entry: Entry) -> Entry:
    return replace(entry, title=cut(entry.title, 60), meta=cut(entry.meta, 60), reasons=())


def _shorter_line(entry: Entry, limit: int) -> str:
    """A whole sentence, if there is one. Words that are bold are counted from the text's start."""
    if len(entry.summary) <= limit:
        return entry.summary
    whole = "" if entry.bold else entry.brief or shortened(entry.summary, limit)
    return whole or cut(entry.summary, limit)


def short_date(day: date) -> str:
    """`12 Jun 2025`."""
    return f"{day.day} {day:%b} {day.year}"
