"""A message that asks for a value: what it is for stands on it, so that any process can read it."""

from __future__ import annotations

import html
from urllib.parse import parse_qs, urlencode, urlsplit

import telegram
from telegram import ForceReply
from telegram.constants import MessageEntityType

from adapters.telegram.keyboard import DATA, CallbackData
from adapters.telegram.lines import line
from adapters.telegram.render import Rendered
from bot import fields

TYPED = 200  # characters that are read
_MARK = "✏"  # one UTF-16 unit
_PLACEHOLDER = 64  # Telegram's limit


def prompt(pressed: CallbackData, bot: str, person: telegram.User | None = None) -> Rendered:
    """It asks with a reply box open. person: who is asked, where others read it, too.

    Its first character is a link with the button's data.
    """
    field = fields.by_data(pressed.data)
    about = {"about": pressed.about} if pressed.about else {}
    url = f"https://t.me/{bot}?{urlencode({'field': pressed.data, **about})}"
    words = html.escape(line(field.ask), quote=False)
    if person:
        name = html.escape(line(person.first_name) or "You", quote=False)
        words = f'<a href="tg://user?id={person.id}">{name}</a>: {words}'
    example = f" For example: {html.escape(field.example, quote=False)}" if field.example else ""
    text = f'<a href="{html.escape(url)}">{_MARK}</a> {words}{example}'
    box = ForceReply(
        selective=person is not None,
        input_field_placeholder=field.example[:_PLACEHOLDER] or None,
    )  # fmt: skip
    return Rendered(text, box)


def answered(message: telegram.Message, bot: telegram.Bot) -> CallbackData | None:
    """What a reply is for. None: it is no reply to a prompt of ours.

    Links in other messages of ours may be anybody's, but those a message begins with are its
    source's, never Telegram's.
    """
    asked = message.reply_to_message
    author = asked.from_user if asked else None
    if asked is None or author is None or author.id != bot.id or not message.text:
        return None
    if not (asked.text or "").startswith(_MARK):
        return None
    for entity in asked.entities:
        if (entity.type, entity.offset, entity.length) == (MessageEntityType.TEXT_LINK, 0, 1):
            return _read(entity.url or "", bot.username)
    return None


def _read(url: str, bot: str) -> CallbackData | None:
    parts = urlsplit(url)
    values = parse_qs(parts.query)
    [data], [about] = values.get("field", [""]), values.get("about", [""])
    if parts.netloc.lower() != "t.me" or parts.path.lower() != f"/{bot.lower()}":
        return None
    return CallbackData(data, about) if DATA.fullmatch(data) else None
