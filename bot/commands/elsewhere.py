"""Another place named in a command that is about this one: it is told, and nothing is changed."""

from __future__ import annotations

import re

from bot.commands import Command
from bot.dialogue import Request
from bot.errors import UserError

_PLACE = re.compile(  # a name, a mention, an id or a link, as Discord and Telegram write them
    r"(?<![^\s,;:(\"'])(?:@[\w.-]*[^\W\d]\S*|#\S*[^\W\d]\S*|<[#@][!&]?\d+>"
    r"|[-−]\d{6,}(?!\S)|\d{15,20}(?!\S)|(?:https?|tg|discord)://\S+"
    r"|(?:www\.)?(?:(?:t|telegram)\.(?:me|dog)|discord(?:app)?\.(?:com|gg))/\S+)",
    re.IGNORECASE,
)

_ADDRESSED = re.compile(  # what no title has: @name, a channel's number, a link to a chat
    r"(?<!\S)(?:@[a-z]\w{3,31}|<[#@][!&]?\d+>|-100\d{6,}"
    r"|(?:https?://)?(?:www\.)?(?:(?:t|telegram)\.(?:me|dog)|discord(?:app)?\.(?:com|gg))/\S+)(?!\S)",
    re.IGNORECASE,
)


def place_in(text: str) -> str:
    """What names a place there, as it is written; empty: nothing does."""
    found = _PLACE.search(text)
    return found[0] if found else ""


def check_topic(text: str) -> None:
    """Raises UserError for a topic with a place in it: it would be looked for as a word."""
    if found := _ADDRESSED.search(text):
        without = " ".join(_ADDRESSED.sub(" ", text).split())
        raise UserError(
            f"{found[0][:60]} is a place, and topics come in private alone: nothing was kept.",
            [(without[:40], without)] if without else [],
        )


def check(command: Command, request: Request) -> None:
    """Raises UserError where words that the command does not take may name another place."""
    if not command.admin:
        return
    if place := place_in(request.text):
        raise UserError(
            f"{place[:60]} is another place, and this is about {request.place} alone: nothing was "
            "changed."
        )
