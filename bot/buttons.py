"""Puts data on a message's buttons, and makes a pressed one the request that it stands for."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.dialogue import Action, Field, Menu, Message, Request
from bot.errors import UserError
from bot.payload import Form, Payload, PostNumber, payload, read_payload
from bot.store import Store, people

_Button = TypeVar("_Button", Action, Field)
_ENOUGH = "Buttons are left out: you had many long searches today. Shorter ones have theirs."


async def pack(
    store: Store, message: Message, now: datetime, may_keep: Callable[[], bool] = lambda: True
) -> Message:
    """The message with `data` on every button that runs a command.

    What is too long for a button stays in the store under a key. may_keep: asked before anything
    new does; False: those buttons are left out.
    """
    payloads = {button: _payload(button) for button in _buttons(message) if button.command}
    if kept := {p.written: a.text for a, p in payloads.items() if p.form is Form.KEY}:
        if not await people.are_kept(store, kept) and not may_keep():
            return await pack(store, _short(message, payloads), now)
        await people.keep_texts(store, kept, now)

    def packed(button: _Button) -> _Button:
        return replace(button, data=str(payloads[button])) if button.command else button

    def filled(menu: Menu) -> Menu:
        options = tuple(map(packed, menu.options))
        return replace(menu, options=options, other=menu.other and packed(menu.other))

    rows = tuple(tuple(map(packed, row)) for row in message.actions)
    elsewhere = message.elsewhere and packed(message.elsewhere)
    return replace(
        message, actions=rows, menus=tuple(map(filled, message.menus)), elsewhere=elsewhere
    )


def _buttons(message: Message) -> Iterator[Action | Field]:
    """All that can be pressed or chosen."""
    for row in message.actions:
        yield from row
    for menu in message.menus:
        yield from menu.options
        if menu.other:
            yield menu.other
    if message.elsewhere:
        yield message.elsewhere


def _payload(button: Action | Field) -> Payload:
    return payload(button.command, button.page if isinstance(button, Action) else 1, button.text)


def _short(message: Message, payloads: Mapping[Action | Field, Payload]) -> Message:
    """Without the buttons that the store would have to keep words for; menus have short ones."""
    long = {action for action, p in payloads.items() if p.form is Form.KEY}
    rows = ([action for action in row if action not in long] for row in message.actions)
    note = f"{message.note.rstrip('.')} · {_ENOUGH}".lstrip(" ·")
    return replace(message, note=note, actions=tuple(tuple(row) for row in rows if row))


async def unpack(store: Store, request: Request) -> Request:
    """The request a pressed button stands for, or a field with what was typed in it. Raises
    UserError when it is too old or not ours."""
    pressed = read_payload(request.data)
    text = await _text(store, pressed) if pressed else None
    if pressed is None or text is None:
        raise UserError("That button is too old; send the command again.")
    text = f"{text} {request.typed}".strip()
    return replace(request, command=pressed.command, text=text, page=pressed.page, data="")


async def _text(store: Store, pressed: Payload) -> str | None:
    if pressed.form is Form.KEY:
        return await people.kept_text(store, pressed.written)
    return pressed.words


def signed(store: Store, delivery: int) -> PostNumber:
    """A delivery as it stands on its post's buttons: nobody can make up another's."""
    mark = hmac.digest(store.secret, f"post {delivery}".encode(), "sha256")[:6]
    return PostNumber(delivery, base64.urlsafe_b64encode(mark).decode())


def is_signed(store: Store, post: PostNumber) -> bool:
    """Whether the button of that post said so."""
    return hmac.compare_digest(str(post).encode(), str(signed(store, post.delivery)).encode())
