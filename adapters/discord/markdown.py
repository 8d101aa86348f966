"""Discord's Markdown: plain words that stay plain, links, how a usage looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from bot.dialogue import Usage
from bot.text import cut

Write = Callable[[Usage], str]

URL = 512  # characters of an address

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]+")
# A backslash before any ASCII punctuation makes it plain; mid-line `-` and `#` mean nothing.
_SPECIAL = re.compile(
    r"[\\*_~`|\[\]()<>]"
    r"|^[#+-]"  # headings, lists, subtext
    r"|:(?=//|[\w+-]+:)|@(?=everyone|here)",  # bare links, emoji shortcodes, mentions
    re.MULTILINE,
)
_NUMBERED = re.compile(r"^(\d+)\.", re.MULTILINE)
# Discord shows a masked link as it was typed when its text has an emoji, looks like a link,
# or has brackets that do not pair, escaped or not.
_PAIR = re.compile(r"\[[^\[\]]*\]")
_UNLINKABLE = re.compile(r"://|[\[\]\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")


def typed(usage: Usage) -> str:
    """As one types it in Discord, each value after its option's name."""
    return " ".join([f"/{usage.command}", *(f"{name}:{value}" for name, value in usage.values)])


def clicked(ids: Mapping[str, int], about: str, usage: Usage) -> str:
    """The same as Markdown; a click on a command whose id is known begins it."""
    number = ids.get(usage.command)
    command = f"</{usage.command}:{number}>" if number else f"/{usage.command}"
    where = f" channel:<#{about}>" if usage.here and about else ""
    return command + escape(typed(usage).removeprefix(f"/{usage.command}")) + where


def linkable(title: str) -> bool:
    """Whether Discord makes a link of it."""
    return not _UNLINKABLE.search(_PAIR.sub("", title))


def masked(label: str, url: str) -> str:
    target = link(url)
    return f"[{escape(label)}]({target})" if target else escape(label)


def link(url: str) -> str:
    """The URL with what would end a masked link percent-encoded; empty if it is no web link."""
    safe = quote(flat(url), safe="!#$%&'+,/:;=?@~")
    return safe if re.match(r"https?://[^/?#]", safe) and len(safe) <= URL else ""


def escape(plain: str) -> str:
    """Markdown that reads as exactly these characters."""
    return _NUMBERED.sub(r"\1\.", _SPECIAL.sub(r"\\\g<0>", plain))


def units(text: str) -> int:
    """Length in UTF-16 code units: never less than Discord counts."""
    return len(text.encode("utf-16-le")) // 2


def flat(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())


def fit(plain: str, limit: int, write: Callable[[str], str] = str) -> str:
    size = limit
    while units(written := write(cut(plain, size))) > limit:
        size -= max(1, (units(written) - limit) // 2)
    return written
