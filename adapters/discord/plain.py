"""A message in its plainest form, and how a post of ours is known again in any look it has had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import discord

from adapters.discord.markdown import clicked, escape, fit, flat, link, typed, units
from bot.model import Entry, Message
from bot.usage import in_message, written

CONTENT, TITLE = 2000, 256  # Discord's limits
OPENING, OPENING_TITLE = 200, 60  # characters that tell one post from another
FIRST = 5  # papers that do


def content(message: Message) -> str:
    """Words and addresses alone, as a message's content; entries that do not fit are counted."""
    message = in_message(message, typed)
    entries = [_plain_entry(entry) for section in message.sections for entry in section.entries]
    title = fit(flat(message.title), TITLE, escape)
    room = CONTENT - units(title) - 40  # what is said of the entries left out
    lines = "\n".join(
        map(flat, (message.caption, *message.text.splitlines(), message.passage))
    ).strip()
    text = fit(lines, room // 2 if entries else room, escape)
    for kept in range(len(entries), -1, -1):
        left_out = len(entries) - kept
        more = [f"…and {left_out} more did not fit"] if left_out else []
        whole = "\n\n".join(filter(None, (title, text, *entries[:kept], *more)))
        if units(whole) <= CONTENT:
            break
    return whole or "Nothing to show."


def _plain_entry(entry: Entry) -> str:
    rank = "" if entry.rank is None else f"{entry.rank}. "
    title = fit(rank + flat(entry.title), 300, escape)
    return "\n".join(filter(None, (title, link(entry.url))))


def is_post(message: Message, found: discord.Message) -> bool:
    """Whether what a channel's history has, which keeps no nonce, is this post in any look."""
    if found.content:
        return found.content[:OPENING].strip() == content(message)[:OPENING].strip()
    words = "\n".join(filter(None, (*_embedded(found.embeds), *_displayed(found.components))))
    return bool(words) and all(part in words for part in _signs(message))


def _signs(message: Message) -> Iterator[str]:
    """What every look of a post shows, however short of room."""
    write = partial(clicked, {}, "")
    yield written(flat(message.title), write, escape)[:OPENING_TITLE]
    for line in (message.caption, *message.text.splitlines()[:1]):
        yield written(flat(line), write, escape)[:OPENING]
    entries = [entry for section in message.sections for entry in section.entries]
    yield from (link(entry.url) for entry in entries[:FIRST])


def _embedded(embeds: Iterable[discord.Embed]) -> Iterator[str]:
    for embed in embeds:
        yield embed.title or ""
        yield embed.description or ""


def _displayed(components: Iterable[object]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        elif isinstance(component, discord.Container | discord.SectionComponent):
            yield from _displayed(component.children)
