"""A message as Telegram's HTML and inline keyboard, inside Telegram's limits."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

from telegram import ForceReply, InlineKeyboardMarkup

from adapters.telegram import keyboard
from adapters.telegram.lines import line
from bot.dialogue import Entry, Message, Section, Usage
from bot.text import cut, runs, shorter
from bot.usage import bare, written

MAX_UNITS = 4096  # UTF-16 code units of the text after its tags are taken out
MAX_ENTITIES = 100
JOINER = "\u2060"  # takes no room and no line break; splits what Telegram would link by itself

_MOST_ADDRESS = 500  # characters of an address in the plain form

_TAG = re.compile("<[^>]*>")
_PING = r"@(?=\w)|#(?=\S)|\$(?=[A-Z])"
_PINGS = re.compile(_PING + r"|(?<![\w/<>])/(?=\w)")  # in an address, which stays one
_TAPPED = re.compile(  # and commands, links, domains
    _PING + r"|(?<!\w)/(?=\w)|:(?=//)|(?<=[^\s.])\.(?=[^\W\d_]{2}|\d+\.\d+\.\d)"
)


class Rendered(NamedTuple):
    """A message as it is sent."""

    text: str
    keyboard: InlineKeyboardMarkup | ForceReply | None = None
    html: bool = True
    preview: str = ""  # the address of a picture, shown above the text


def render(message: Message, *, shared: bool = False, bot: str = "", about: str = "") -> Rendered:
    """HTML that always fits, and the buttons.

    shared: many people read it, so its buttons open the private chat with `bot` instead
    of changing it. about: the chat its buttons are about, where that is not the one it is in.
    A button that cannot say so is left out: it would act on another chat.
    Raises PostError for a button Telegram would refuse.
    """
    keys = keyboard.markup(message, shared=shared, bot=bot, about=about)
    text = _text(replace(message, actions=(), menus=(), elsewhere=None), about)
    return Rendered(text, keys, preview=_preview(message))


def _preview(message: Message) -> str:
    """The first picture of the message; Telegram shows none where it cannot load it."""
    entries = (entry.picture for section in message.sections for entry in section.entries)
    picture = message.picture or next(filter(None, entries), None)
    return line(picture.url) if picture else ""


def _typed(usage: Usage, about: str) -> str:
    """As people send it; what manages another chat names that chat, or it would manage this one.

    A topic of a group has no name that a command takes.
    """
    elsewhere = usage.here and about and "/" not in about
    return f"{bare(usage)} {about}" if elsewhere else bare(usage)


def size(markup: str) -> tuple[int, int]:
    """UTF-16 units after parsing, and entities. Exact: every `<` in it is a tag of ours."""
    return _units(html.unescape(_TAG.sub("", markup))), len(_TAG.findall(markup)) // 2


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@lru_cache(maxsize=64)  # many places get the same list; only their buttons differ
def _text(message: Message, about: str) -> str:
    for version in shorter(message):
        for spare in (0, 1, 2):  # entities are spared before words are
            markup = _markup(version, about, spare)
            units, entities = size(markup)
            if units <= MAX_UNITS and entities <= MAX_ENTITIES:
                return markup
            if units > MAX_UNITS:
                break
    return _squeezed(version, about)


def _squeezed(message: Message, about: str) -> str:
    """The last resort: every part bounded, then entries dropped from the end, and counted."""
    left = tuple(_bounded(section) for section in message.sections)
    total = sum(len(section.entries) for section in left)
    bounded = replace(message, title=cut(message.title, 200), note=cut(message.note, 300))
    while True:
        lost = total - sum(len(section.entries) for section in left)
        markup = _markup(replace(bounded, sections=left), about, 2, lost)
        units, entities = size(markup)
        if units <= MAX_UNITS and entities <= MAX_ENTITIES:
            return markup
        *kept, last = left
        fewer = (replace(last, entries=last.entries[:-1]),) if last.entries[1:] else ()
        left = (*kept, *fewer)


def _bounded(section: Section) -> Section:
    entries = tuple(replace(e, meta=cut(e.meta, 100)) for e in section.entries)
    return replace(section, heading=cut(section.heading, 100), entries=entries)


def _markup(message: Message, about: str, spare: int, lost: int = 0) -> str:
    """spare: 0 everything, 1 without bold, 2 without the line of links as well."""
    text = "\n".join(_safe(part, about) for part in message.text.split("\n")).strip()
    top = (_tagged("b", _safe(message.title, about)), _safe(message.caption, about), text)
    blocks = ["\n".join(part for part in top if part)]
    for section in message.sections:
        heading = _tagged("b", _safe(section.heading))
        entries = [heading, *(_entry(entry, spare) for entry in section.entries)]
        blocks += [_folded("\n\n".join(filter(None, entries)))] if section.folded else entries
    blocks.append(_folded("\n".join(map(_safe, message.passage.split("\n"))).strip()))
    blocks.append(f"…and {lost} more did not fit" if lost else "")
    blocks.append(_tagged("i", _safe(message.note, about)))
    whole = "\n\n".join(block for block in blocks if block)
    return whole if html.unescape(_TAG.sub("", whole)).strip() else "Nothing to show."


def _entry(entry: Entry, spare: int) -> str:
    rank = "" if entry.rank is None else f"{entry.rank}. "
    head = rank + _link(entry.title, entry.url)
    links = [] if spare > 1 else [_link(label, url) for label, url in entry.links]
    lines = (
        head if spare else _tagged("b", head),
        _safe(entry.summary) if spare else _summary(entry),
        _tagged("i", _safe(f"matched: {', '.join(entry.reasons)}") if entry.reasons else ""),
        " · ".join(part for part in (_safe(entry.meta), *links) if part),
    )
    return "\n".join(line for line in lines if line)


def _summary(entry: Entry) -> str:
    """Joiners first, over the whole: a tag inside `a.b` would not keep Telegram from linking it."""
    text = line(entry.summary)
    bold = entry.bold if text == entry.summary else ()  # they count in the text as it came
    joined = {found.start() for found in _TAPPED.finditer(text)}
    characters = [html.escape(c, quote=False) + JOINER * (n in joined) for n, c in enumerate(text)]
    return "".join(_tagged("b", run) if strong else run for run, strong in runs(characters, bold))


def _link(label: str, url: str) -> str:
    return f'<a href="{html.escape(line(url))}">{html.escape(line(label) or "(untitled)")}</a>'


def _folded(markup: str) -> str:
    return f"<blockquote expandable>{markup}</blockquote>" if markup else ""


def _tagged(tag: str, markup: str) -> str:
    return f"<{tag}>{markup}</{tag}>" if markup else ""


def _safe(text: str, about: str = "") -> str:
    return html.escape(_inert(text, about), quote=False)


def _inert(text: str, about: str = "") -> str:
    """One line in which nothing can be tapped but usages: other words may be anybody's."""
    return written(line(text), partial(_typed, about=about), partial(_split, _TAPPED))


def _split(taps: re.Pattern[str], text: str) -> str:
    return taps.sub(lambda found: found[0] + JOINER, text)


def plain_text(message: Message) -> str:
    """Words and addresses alone, without markup, for a message refused as malformed.

    Nothing in it pings anybody or is a command, but usages. Entries that do not fit are counted.
    """
    entries = [entry for section in message.sections for entry in section.entries]
    said = (message.caption, *message.text.split("\n"), *message.passage.split("\n"))
    lines = "\n".join(map(_inert, said)).strip()
    body = _within(lines, 2000 if entries else 3500)
    head = "\n".join(part for part in (_within(_inert(message.title), 400), body) if part)
    for kept in range(len(entries), -1, -1):
        rest = len(entries) - kept
        more = f"…and {rest} more did not fit" if rest else ""
        blocks = (head, *map(_plain_entry, entries[:kept]), more)
        text = "\n\n".join(block for block in blocks if block)
        if _units(text) <= MAX_UNITS:
            break
    return text if line(text) else "Nothing to show."


def _plain_entry(entry: Entry) -> str:
    rank = "" if entry.rank is None else f"{entry.rank}. "
    title = _inert(cut(line(entry.title), 300)) or "(untitled)"
    address = _split(_PINGS, line(entry.url))
    return f"{rank}{title}\n{address if len(address) <= _MOST_ADDRESS else ''}".strip()


def _within(text: str, units: int) -> str:
    """Cut to that many UTF-16 units."""
    if _units(text) <= units:
        return text
    return text.encode("utf-16-le")[: 2 * units - 2].decode("utf-16-le", "ignore") + "…"
