"""A message as Telegram's HTML and inline keyboard, inside Telegram's limits."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from functools import lru_cache

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.errors import PostError
from bot.model import Action, Entry, Message, Section
from bot.text import cut, runs, shorter

Rendered = tuple[str, InlineKeyboardMarkup | None]
MAX_UNITS = 4096  # UTF-16 code units of the text after its tags are taken out
MAX_ENTITIES = 100
DATA = re.compile(r"[A-Za-z0-9_-]{1,64}")  # callback data and deep links alike
JOINER = "\u2060"  # takes no room and no line break; splits what Telegram would link by itself

# Controls, bidi overrides, lone surrogates. Isolates stay: `text.plain` sets them on purpose.
_UNSENT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")
_TAG = re.compile("<[^>]*>")
_PING = r"@(?=\w)|#(?=\S)|\$(?=[A-Z])"
_PINGS = re.compile(_PING)
_LINKS = re.compile(_PING + r"|(?<!\w)/(?=\w)|:(?=//)|(?<=[^\s.])\.(?=[^\W\d_]{2}|\d+\.\d+\.\d)")


def render(message: Message, *, shared: bool = False, bot: str = "", about: str = "") -> Rendered:
    """HTML that always fits, and the buttons.

    shared: many people read it, so its buttons open the private chat with `bot` instead
    of changing it. about: the chat its buttons are about, where that is not the one it is in.
    Raises PostError for a button Telegram would refuse.
    """
    rows = [
        [_button(a, shared, bot, about) for a in row if a.data or a.url] for row in message.actions
    ]
    rows = [row for row in rows if row]
    return _text(replace(message, actions=())), InlineKeyboardMarkup(rows) if rows else None


def size(markup: str) -> tuple[int, int]:
    """UTF-16 units after parsing, and entities. Exact: every `<` in it is a tag of ours."""
    text = html.unescape(_TAG.sub("", markup))
    return len(text.encode("utf-16-le")) // 2, len(_TAG.findall(markup)) // 2


@lru_cache(maxsize=64)  # many places get the same list; only their buttons differ
def _text(message: Message) -> str:
    for version in shorter(message):
        for spare in (0, 1, 2):  # entities are spared before words are
            markup = _markup(version, spare)
            units, entities = size(markup)
            if units <= MAX_UNITS and entities <= MAX_ENTITIES:
                return markup
            if units > MAX_UNITS:
                break
    return _squeezed(version)


def _squeezed(message: Message) -> str:
    """The last resort: every part bounded, then entries dropped from the end, and counted."""
    left = tuple(_bounded(section) for section in message.sections)
    total = sum(len(section.entries) for section in left)
    bounded = replace(message, title=cut(message.title, 200), note=cut(message.note, 300))
    while True:
        lost = total - sum(len(section.entries) for section in left)
        markup = _markup(replace(bounded, sections=left), 2, lost)
        units, entities = size(markup)
        if units <= MAX_UNITS and entities <= MAX_ENTITIES:
            return markup
        *kept, last = left
        fewer = (replace(last, entries=last.entries[:-1]),) if last.entries[1:] else ()
        left = (*kept, *fewer)


def _bounded(section: Section) -> Section:
    entries = tuple(replace(e, meta=cut(e.meta, 100)) for e in section.entries)
    return replace(section, heading=cut(section.heading, 100), entries=entries)


def _markup(message: Message, spare: int, lost: int = 0) -> str:
    """spare: 0 everything, 1 without bold, 2 without the line of links as well."""
    top = (_tagged("b", _safe(message.title)), _body(message.text))
    blocks = ["\n".join(part for part in top if part)]
    for section in message.sections:
        blocks.append(_tagged("b", _safe(section.heading)))
        blocks += (_entry(entry, spare) for entry in section.entries)
    blocks.append(f"…and {lost} more did not fit" if lost else "")
    blocks.append(_tagged("i", _safe(message.note, _PINGS)))
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
    text = _line(entry.summary)
    bold = entry.bold if text == entry.summary else ()  # they count in the text as it came
    joined = {found.start() for found in _LINKS.finditer(text)}
    characters = [html.escape(c, quote=False) + JOINER * (n in joined) for n, c in enumerate(text)]
    return "".join(_tagged("b", run) if strong else run for run, strong in runs(characters, bold))


def _link(label: str, url: str) -> str:
    return f'<a href="{html.escape(_line(url))}">{html.escape(_line(label) or "(untitled)")}</a>'


def _tagged(tag: str, markup: str) -> str:
    return f"<{tag}>{markup}</{tag}>" if markup else ""


def _body(text: str) -> str:
    # Commands and addresses stay: the core wrote this part, and people tap on them.
    return "\n".join(_safe(line, _PINGS) for line in text.split("\n")).strip()


def _safe(text: str, split: re.Pattern[str] = _LINKS) -> str:
    return html.escape(split.sub(lambda m: m[0] + JOINER, _line(text)), quote=False)


def _line(text: str) -> str:
    line = " ".join(_UNSENT.sub(" ", text).split())
    visible = any(c.isprintable() and c not in " \u2800\u3164" for c in line)
    return line if visible else ""


def _button(action: Action, shared: bool, bot: str, about: str) -> InlineKeyboardButton:
    label = cut(_line(action.label), 64) or "…"
    if action.url:
        return InlineKeyboardButton(label, url=_line(action.url))
    if not DATA.fullmatch(action.data):
        raise PostError("a button's data is not what Telegram takes", refused=True)
    if shared:
        return InlineKeyboardButton(label, url=f"https://t.me/{bot}?start={action.data}")
    data = f"{action.data}~{about}" if about else action.data
    return InlineKeyboardButton(label, callback_data=data if len(data) <= 64 else action.data)
