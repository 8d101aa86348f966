"""Which message of a channel's history is a post of ours: the history keeps no nonce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import discord

from adapters.discord.render import EMBEDS, PLAIN, content, embeds, link
from bot.model import Message

COMPONENTS = "components"  # a look that this version does not write; a later one may have
OPENING = 400  # characters that tell one post without papers from another
PAPERS = 3  # the first, that tell one post from another with the same heading
_MARKS = re.compile(r"^#{1,3} |[\\*]", re.MULTILINE)


def look_of(message: Message, shown: discord.Message) -> str:
    """The look in which it is this post; empty: it is another message.

    An older or newer version may have written it: a post of papers is known by its heading and the
    addresses of its first papers, whatever is said of them.
    """
    if shown.content:
        return PLAIN if _is_post(message, shown.content, content(message)) else ""
    if shown.embeds:
        own = _joined(embeds(message))
        return EMBEDS if _is_post(message, _joined(shown.embeds), own) else ""
    text = "\n".join(_displays(shown.components))
    return COMPONENTS if text and _is_post(message, text, _joined(embeds(message))) else ""


def _is_post(message: Message, shown: str, own: str) -> bool:
    papers = [link(entry.url) for section in message.sections for entry in section.entries]
    if _plain(shown)[:OPENING].strip() == _plain(own)[:OPENING].strip():
        return True
    heading, _, rest = _plain(shown).partition("\n")
    known = papers[:PAPERS]
    places = [rest.find(paper) for paper in known if paper]
    return bool(message.title) and heading == _plain(own).partition("\n")[0] and _in_order(places)


def _in_order(places: Sequence[int]) -> bool:
    return bool(places) and min(places) >= 0 and list(places) == sorted(places)


def _plain(text: str) -> str:
    return _MARKS.sub("", text).strip()


def _joined(shown: Sequence[discord.Embed]) -> str:
    parts = (text for embed in shown for text in (embed.title, embed.description) if text)
    return "\n".join(parts)


def _displays(components: Sequence[object]) -> Iterator[str]:
    """The texts of Discord's newer components, wherever they stand."""
    for component in components:
        match component:
            case discord.TextDisplay(content=text):
                yield text
            case discord.SectionComponent() | discord.Container():
                yield from _displays(component.children)
