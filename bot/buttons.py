"""What stands on a button: a command, a page and its words in 64 characters."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.errors import UserError
from bot.model import Action, Message, Request
from bot.store import Store, people

MOST = 64  # Telegram's limit for callback data, and for a link into its private chat
_ENOUGH = "Buttons are left out: you had many long searches today. Shorter ones have theirs."
_PLAIN = re.compile(r"[A-Za-z0-9_-]*")


async def pack(
    store: Store, message: Message, now: datetime, may_keep: Callable[[], bool] = lambda: True
) -> Message:
    """The message with `data` on every button that runs a command.

    It is of A-Z a-z 0-9 _ -, which is all Telegram takes in a link. What is too long for that
    stays in the store under a key. may_keep: asked before anything new does; False: those buttons
    are left out.
    """
    words = {a: _words(a) for row in message.actions for a in row if a.command}
    if kept := {found[1:]: a.text for a, found in words.items() if found[0] == "k"}:
        if not await people.are_kept(store, kept) and not may_keep():
            return await pack(store, _short(message, words), now)
        await people.keep_texts(store, kept, now)

    def packed(action: Action) -> Action:
        return replace(action, data=_start(action) + words[action]) if action.command else action

    return replace(message, actions=tuple(tuple(map(packed, row)) for row in message.actions))


def _short(message: Message, words: Mapping[Action, str]) -> Message:
    """Without the buttons that the store would have to keep words for."""
    rows = ([a for a in row if words.get(a, "t")[0] != "k"] for row in message.actions)
    note = f"{message.note.rstrip('.')} · {_ENOUGH}".lstrip(" ·")
    return replace(message, note=note, actions=tuple(tuple(row) for row in rows if row))


def _start(action: Action) -> str:
    return f"{action.command}-{action.page}-"


def _words(action: Action) -> str:
    """As they are, in base64, or a key: the first that has room."""
    coded = base64.urlsafe_b64encode(action.text.encode()).decode().rstrip("=")
    ways = (f"t{action.text}" if _PLAIN.fullmatch(action.text) else "", f"b{coded}")
    room = MOST - len(_start(action))
    return next((way for way in ways if 0 < len(way) <= room), f"k{_key(action.text)}")


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def signed(store: Store, number: int) -> str:
    """A delivery's number as it stands on its post's buttons: nobody can make up another's."""
    mark = hmac.digest(store.secret, f"post {number}".encode(), "sha256")[:6]
    return f"{number}_{base64.urlsafe_b64encode(mark).decode()}"


def number_in(store: Store, text: str) -> tuple[int, bool]:
    """The number of a delivery, 0 for none, and whether its post's button said so."""
    number, _, mark = text.partition("_")
    if not (number.isascii() and number.isdecimal() and len(number) < 18):
        return 0, False
    return int(number), bool(mark) and hmac.compare_digest(
        text.encode(), signed(store, int(number)).encode()
    )


async def unpack(store: Store, request: Request) -> Request:
    """The request a pressed button stands for. Raises UserError when it is too old or not ours."""
    command, _, rest = request.data.partition("-")
    page, _, words = rest.partition("-")
    text = await _text(store, words[:1], words[1:])
    if text is None or not re.fullmatch(r"[0-9]{1,6}", page):
        raise UserError("That button is too old; send the command again.")
    return replace(request, command=command, text=text, page=int(page), data="")


async def _text(store: Store, way: str, words: str) -> str | None:
    if way == "k":
        return await people.kept_text(store, words)
    if way == "b":
        try:
            padded = words + "=" * (-len(words) % 4)
            return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        except ValueError:
            return None
    return words if way == "t" else None
