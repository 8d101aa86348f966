"""A message in its plainest form."""

from __future__ import annotations

from adapters.discord.markdown import escape, fit, flat, link, typed, units
from bot.dialogue import Entry, Message
from bot.usage import in_message

CONTENT, TITLE = 2000, 256  # Discord's limits


def content(message: Message) -> str:
    """Words and addresses alone, as a message's content; entries that do not fit are counted."""
    message = in_message(message, typed)
    entries = [_plain_entry(entry) for section in message.sections for entry in section.entries]
    title = fit(flat(message.title), TITLE, escape)
    room = CONTENT - units(title) - 40  # what is said of the entries left out
    lines = "\n".join(
        map(flat, (message.caption, *message.text.splitlines(), *message.passage.splitlines()))
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
