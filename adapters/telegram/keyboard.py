"""A message's buttons and menus as Telegram's inline keyboard; what stands on a button."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from adapters.telegram.lines import line
from bot.dialogue import Action, Field, Menu, Message
from bot.errors import PostError
from bot.text import cut

PHONE = 45  # characters of labels that a phone shows in a row of buttons
MAX_DATA = 64  # bytes on a button
DATA = re.compile(r"[A-Za-z0-9_-]{1,64}")  # callback data and deep links alike
_ASKS = "?"
_CHOSEN = "✓ "


@dataclass(frozen=True, slots=True)
class CallbackData:
    """A button's data, and the chat it is about where that is not where it is shown."""

    data: str
    about: str = ""
    asks: bool = False  # for a value to be typed

    def __str__(self) -> str:
        """`setup-1-t9~-1001234567890`."""
        data = f"{_ASKS * self.asks}{self.data}"
        return f"{data}~{self.about}" if self.about else data


def read_callback_data(text: str) -> CallbackData:
    data, _, about = text.partition("~")
    return CallbackData(data.removeprefix(_ASKS), about, data.startswith(_ASKS))


def markup(message: Message, *, shared: bool, bot: str, about: str) -> InlineKeyboardMarkup | None:
    """As `render.render` has it; menus change what is here, so a shared message has none."""
    menus = () if shared else message.menus
    rows: list[list[InlineKeyboardButton]] = []
    for buttons in (*map(_choices, menus), *message.actions):
        known = [_button(button, shared, bot, about) for button in buttons]
        rows += _fitting([key for key in known if key])
    return InlineKeyboardMarkup(rows) if rows else None


def _choices(menu: Menu) -> Sequence[Action | Field]:
    """Its values, the one it has marked, and what opens its field."""
    options = [
        replace(action, label=f"{_CHOSEN * (number == menu.chosen)}{action.label}")
        for number, action in enumerate(menu.options)
    ]
    return [*options, menu.other] if menu.other else options


def _fitting(row: list[InlineKeyboardButton]) -> Iterator[list[InlineKeyboardButton]]:
    """A row whose labels a phone shows whole: it gives each button the same width."""
    widest = max((len(key.text) for key in row), default=1)
    most = max(1, min(len(row), PHONE // (widest + 3)))
    rows = -(-len(row) // most)
    size = -(-len(row) // rows) if rows else 1
    for start in range(0, len(row), size):
        yield row[start : start + size]


def _button(
    button: Action | Field, shared: bool, bot: str, about: str
) -> InlineKeyboardButton | None:
    label = cut(line(button.label), 64) or "…"
    if isinstance(button, Action) and button.url:
        return InlineKeyboardButton(label, url=line(button.url))
    if not button.data:
        return None
    if not DATA.fullmatch(button.data):
        raise PostError("a button's data is not what Telegram takes", refused=True)
    if shared:  # a link has no room for another chat
        url = f"https://t.me/{bot}?start={button.data}"
        return None if about else InlineKeyboardButton(label, url=url)
    asks = isinstance(button, Field)
    there = button.about or about if isinstance(button, Action) else about
    data = str(CallbackData(button.data, there, asks))
    return InlineKeyboardButton(label, callback_data=data) if len(data) <= MAX_DATA else None
