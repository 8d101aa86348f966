"""Which message of a channel's history is a post of ours: the history keeps no nonce."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import discord

from adapters.discord.markdown import escape, fit, flat, link, typed
from adapters.discord.plain import TITLE
from bot.dialogue import Message
from bot.usage import in_message

# In which form a post stands in a channel.
PLAIN = "plain"
EMBEDS = "embeds"  # of an older version
COMPONENTS = "components"
OPENING = 200  # characters that tell one post without papers from another
PAPERS = 3  # the first, that tell one post from another with the same heading
_MARKS = re.compile(r"^(?:#{1,3}|-#) |[\\*]", re.MULTILINE)


def look_of(message: Message, shown: discord.Message) -> str:
    """The look in which it is this post; empty: it is another message.

    An older or newer version may have written it: a post of papers is known by its heading and the
    addresses of its first papers, whatever is said of them.
    """
    looks = (
        (PLAIN, shown.content),
        (EMBEDS, "\n".join(_embedded(shown.embeds))),
        (COMPONENTS, "\n".join(_displayed(shown.components))),
    )
    text_of = ((look, text) for look, text in looks if text)
    return next((look for look, text in text_of if _is_post(message, _plain(text))), "")


def _is_post(message: Message, shown: str) -> bool:
    message = in_message(message, typed)
    title = flat(message.title)
    heading, _, rest = shown.partition("\n") if title else ("", "", shown)
    if heading != _plain(fit(title, TITLE, escape)):
        return False
    papers = [link(entry.url) for section in message.sections for entry in section.entries]
    text = "\n".join(map(flat, message.text.splitlines())).strip()
    if not papers:
        return _plain(escape(text))[:OPENING] in rest
    places = [rest.find(paper) for paper in papers[:PAPERS] if paper]
    return bool(places) and min(places) >= 0 and places == sorted(places)


def _plain(text: str) -> str:
    return _MARKS.sub("", text).strip()


def _embedded(embeds: Iterable[discord.Embed]) -> Iterator[str]:
    for embed in embeds:
        yield embed.title or ""
        yield embed.description or ""


def _displayed(components: Iterable[object]) -> Iterator[str]:
    """The texts of components, wherever they stand."""
    for component in components:
        match component:
            case discord.TextDisplay(content=text):
                yield text
            case discord.SectionComponent() | discord.Container():
                yield from _displayed(component.children)
