"""What stands on a button: a command, a page and its words in 64 characters."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime

from bot.errors import UserError
from bot.model import Action, Message, Request
from bot.store import Store, people

_SHORT = re.compile(r"[A-Za-z0-9_-]{0,40}")


async def pack(store: Store, message: Message, now: datetime) -> Message:
    """The message with `data` on every button that runs a command.

    Telegram allows 64 bytes, and a link into its private chat 64 of A-Z a-z 0-9 _ -, so longer
    words stay in the store under a key.
    """
    actions = [action for row in message.actions for action in row if action.command]
    for text in {action.text for action in actions if not _SHORT.fullmatch(action.text)}:
        await people.keep_text(store, _key(text), text, now)
    return replace(message, actions=tuple(tuple(map(_packed, row)) for row in message.actions))


def _packed(action: Action) -> Action:
    if not action.command:
        return action
    words = f"t{action.text}" if _SHORT.fullmatch(action.text) else f"k{_key(action.text)}"
    return replace(action, data=f"{action.command}-{action.page}-{words}")


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


async def unpack(store: Store, request: Request) -> Request:
    """The request a pressed button stands for. Raises UserError when it is too old or not ours."""
    command, _, rest = request.data.partition("-")
    page, _, words = rest.partition("-")
    text: str | None = words[1:]
    if words.startswith("k"):
        text = await people.kept_text(store, words[1:])
    if text is None or not words.startswith(("k", "t")) or not re.fullmatch(r"[0-9]{1,6}", page):
        raise UserError("That button is too old; send the command again.")
    return replace(request, command=command, text=text, page=int(page), data="")
