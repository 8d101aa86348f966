"""A message as one of Telegram's rich messages: headings, pictures, formulas, folded abstracts.

https://core.telegram.org/bots/api#rich-message-formatting-options
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace

from bot.dialogue import Entry, Message, Picture
from bot.latex import Formula, formulas
from bot.text import plain
from bot.usage import bare, written

MOST = 32_768  # characters of a rich message, formulas among them


def document(message: Message) -> str:
    """HTML that always fits; of many papers the last have no abstract. Its entities are not to be
    detected: nothing in it can be tapped but its links."""
    papers = sum(len(section.entries) for section in message.sections)
    for abstracts in range(papers, -1, -1):
        markup = "".join(_blocks(message, abstracts))
        if len(markup) <= MOST:
            break
    return markup


def _blocks(message: Message, abstracts: int) -> Iterator[str]:
    yield _block("h3", _words(message.title))
    yield _block("p", _words(message.caption))
    for line in message.text.splitlines():
        yield _block("p", _words(line))
    left = abstracts
    for section in message.sections:
        yield _block("h4", _words(section.heading))
        for entry in section.entries:
            yield from _entry(entry if left > 0 else replace(entry, abstract=""))
            left -= 1
    yield _block("footer", _words(message.note))


def _entry(entry: Entry) -> Iterator[str]:
    rank = "" if entry.rank is None else f"{entry.rank}. "
    yield _block("h4", rank + _link(entry.title, entry.url))
    yield _picture(entry.picture)
    yield _block("p", _words(entry.summary))
    facts = [_words(entry.meta)]
    facts += [_words(f"matched: {', '.join(entry.reasons)}")] if entry.reasons else []
    links = [_link(label, url) for label, url in entry.links]
    yield _block("p", " · ".join(filter(None, (*facts, *links))))
    if entry.abstract:
        abstract = _block("p", _with_formulas(entry.abstract))
        yield f"<details><summary>Abstract</summary>{abstract}</details>"


def _with_formulas(latex: str) -> str:
    """Formulas as Telegram sets them; what stands between them as people read it."""
    return "".join(
        f"<tg-math>{_escaped(part.latex)}</tg-math>" if isinstance(part, Formula) else _prose(part)
        for part in formulas(latex)
    )


def _prose(latex: str) -> str:
    """Spaces at its ends keep it from the formulas."""
    before, after = " " * latex[:1].isspace(), " " * latex[-1:].isspace()
    return f"{before}{_escaped(plain(latex))}{after}"


def _picture(picture: Picture | None) -> str:
    return f'<img src="{html.escape(picture.url)}"/>' if picture else ""


def _link(label: str, url: str) -> str:
    return f'<a href="{html.escape(url)}">{_words(label) or "(untitled)"}</a>'


def _block(tag: str, markup: str) -> str:
    return f"<{tag}>{markup}</{tag}>" if markup else ""


def _words(text: str) -> str:
    return _escaped(written(text, bare))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
