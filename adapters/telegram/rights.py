"""Who may manage which chat, asked of Telegram when it is needed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import telegram
from telegram.error import BadRequest, Forbidden

from adapters.telegram.chats import ADMINS, Chats, is_in
from adapters.telegram.faults import post_errors
from adapters.telegram.reading import bare
from bot.dialogue import Request
from bot.errors import PostError, UserError

T = TypeVar("T")

_PERHAPS = re.compile(
    r"@|[-−‐-―]\d{6}|(https?://)?([\w-]+\.)*(t|telegram)\.(me|dog|org)\b|tg:", re.IGNORECASE
)
_DASH = re.compile(r"^[−‐-―]")  # a minus as word processors write it
# A chat's @name or number, and every link to it, or into it, that Telegram's programs copy.
_PARTS = re.compile(
    r"@(?P<name>[a-z][a-z0-9_]{3,31})|(?P<known>-\d{6,})"
    r"|(?:https?://)?(?:www\.)?(?:t|telegram)\.(?:me|dog)/"
    r"(?:c/(?P<number>\d+)|(?:s/)?(?P<path>[a-z][a-z0-9_]{3,31}))(?:/\d*)*(?:[?#]\S*)?"
    r"|(?:https?://)?(?P<host>[a-z][a-z0-9_]{3,31})\.t\.me(?:/\d*)*(?:[?#]\S*)?"
    r"|tg://(?:resolve/?\?domain=(?P<domain>[a-z][a-z0-9_]{3,31})"
    r"|privatepost/?\?channel=(?P<channel>\d+))(?:&\S*)?"
    r"|(?:https?://)?web\.telegram\.org/[akz]/#"
    r"(?:@(?P<hash>[a-z][a-z0-9_]{3,31})|(?P<web>-100\d{6,}))",
    re.IGNORECASE,
)
_NO_MARK = re.compile(r"\d{8,13}", re.A)  # a chat's number without what it begins with
_NAMED = "A channel is named like @itsname or -100{}; nothing was changed."
_HOW = "I do not understand which chat that is; name it like @itsname or -1001234567890."
# One answer for a chat there is not, one the bot is not in, and one the asker may not manage:
# another would tell a stranger which private chats there are.
_NOT_YOURS = (
    "I know no such channel or group that you manage. Add me to it as an administrator;"
    " you must be one there, too."
)


def split_chat(text: str) -> tuple[str, str]:
    """A chat's @name or number, which a command's text has or links to, and the rest of the text.

    Raises UserError for what looks like a chat and is none.
    """
    words = text.split()
    for place, word in enumerate(words):
        if _PERHAPS.match(bare(word)):
            return _chat(bare(word)), " ".join(words[:place] + words[place + 1 :])
        if _NO_MARK.fullmatch(bare(word)):
            raise UserError(f"I do not understand {word[:14]}. {_NAMED.format(word[:14])}")
    return "", text


def _chat(word: str) -> str:
    found = _PARTS.fullmatch(_DASH.sub("-", word))
    if found is None:
        raise UserError(_HOW)
    parts = found.groupdict()
    if number := parts["number"] or parts["channel"]:
        return f"-100{number}"
    named = (parts[kind] for kind in ("name", "path", "host", "domain", "hash"))
    return parts["known"] or parts["web"] or f"@{next(filter(None, named))}"


class Rights:
    """It keeps nothing."""

    def __init__(self, bot: telegram.Bot, chats: Chats) -> None:
        self._bot = bot
        self._chats = chats

    async def is_admin(self, chat: int, person: str) -> bool:
        member = await _ask(lambda: self._bot.get_chat_member(chat, int(person)))
        return member is not None and member.status in ADMINS

    async def about(self, address: str, request: Request) -> Request:
        """The same request about another chat, for who is an administrator there now.

        Raises UserError, which tells nothing about the chat.
        """
        number, _, thread = address.partition("/")
        if number == request.person:
            return request
        chat = await _ask(lambda: self._bot.get_chat(number))
        if chat is None or not await self._may_manage(chat, request.person):
            raise UserError(_NOT_YOURS)
        self._chats.saw(chat)
        there = f"{chat.id}/{thread}" if thread else str(chat.id)
        return replace(
            request, address=there, one_to_one=False, place=chat.title or number,
            place_url=self._chats.place(there).url, may_manage=_granted,
        )  # fmt: skip

    async def _may_manage(self, chat: telegram.ChatFullInfo, person: str) -> bool:
        if not await self.is_admin(chat.id, person):
            return False
        me = await _ask(lambda: self._bot.get_chat_member(chat.id, self._bot.id))
        return me is not None and is_in(me)


async def _granted() -> bool:
    return True


async def _ask(call: Callable[[], Awaitable[T]]) -> T | None:
    """Telegram's reply; None when it refuses. Raises UserError when it does not answer."""
    try:
        with post_errors():
            async with asyncio.timeout(10):
                try:
                    return await call()
                except (BadRequest, Forbidden):  # whatever it says, it is no yes
                    return None
    except PostError as error:
        raise UserError("Telegram does not answer just now; try again in a minute.") from error
