"""A message or a press as a request: who asks, about which place, with which right."""

from __future__ import annotations

from dataclasses import replace

import telegram
from telegram.constants import ChatID, ChatType

from adapters.telegram.chats import Chats, thread_of
from adapters.telegram.rights import Rights, split_chat
from bot.dialogue import Message, Request
from bot.errors import UserError
from bot.ports import Handle

_ELSEWHERE = "Here I manage this chat alone; name another one in our private chat."


class Requests:
    """It keeps nothing: rights are asked for when they are needed."""

    def __init__(self, handle: Handle, chats: Chats, rights: Rights) -> None:
        self._handle = handle
        self._chats = chats
        self._rights = rights
        self._of_places = {command.name for command in handle.commands if command.admin}

    def is_of_place(self, data: str) -> bool:
        """Whether a button's data is of a command about the place: it asks for rights itself."""
        return data.partition("-")[0] in self._of_places

    def of(self, message: telegram.Message, person: str) -> Request:
        """A request about the place where the message is."""
        chat = message.chat
        private, thread = chat.type == ChatType.PRIVATE, thread_of(message)
        address = f"{chat.id}/{thread}" if thread and not private else str(chat.id)

        async def may_manage() -> bool:
            if person.startswith("-"):  # only an administrator writes as the chat itself
                return person == str(chat.id)
            return private or await self._rights.is_admin(chat.id, person)

        return Request(
            platform="telegram",
            address=address,
            person=person,
            one_to_one=private,
            place=chat.title or (f"@{chat.username}" if chat.username else "this chat"),
            place_title=self._chats.place(address).title,
            place_url=self._chats.place(address).url,
            nameless=person.startswith("-"),
            may_manage=may_manage,
        )

    async def ask(self, request: Request) -> Message | None:
        """The core's answer. None: this person asks far too much, and was told so already."""
        return await self._handle.answer(request)

    async def to_manage(self, request: Request, chat: telegram.Chat) -> tuple[Request, str]:
        """The request about the chat its text names, and that chat's address; empty: it names none.

        Raises UserError.
        """
        named, text = split_chat(request.text)
        if request.nameless:
            request = replace(request, added_by=await self._added_by(request))
        if named.lower() in ("", str(chat.id), f"@{chat.username}".lower()):
            return replace(request, text=text), ""
        if not request.one_to_one:
            raise UserError(_ELSEWHERE)
        request = await self._rights.about(named, replace(request, text=text))
        return request, request.address

    async def elsewhere(self, request: Request, about: str) -> Request:
        """The request about another chat, as a button names it. Raises UserError."""
        return await self._rights.about(about, request)

    async def _added_by(self, request: Request) -> str | None:
        """None: nobody knows, or it was an administrator without a name, too."""
        by = await self._handle.added_by(request.address.partition("/")[0])
        return None if by == str(ChatID.ANONYMOUS_ADMIN) else by


def asker(message: telegram.Message) -> str:
    """Whose words these are: a person, or the chat they write as; empty: nobody asks.

    A channel's posts name no author. Who may post there is an administrator with that right.
    """
    chat, author, written_as = message.chat, message.from_user, message.sender_chat
    if chat.type == ChatType.CHANNEL:
        own = written_as is None or written_as == chat
        quoted = message.forward_origin is not None or message.via_bot is not None
        return str(chat.id) if own and not quoted else ""
    # A channel's posts are forwarded into its discussion group: nobody there asked.
    if author is None or message.is_automatic_forward:
        return ""
    if written_as:
        return str(written_as.id)
    return "" if author.is_bot else str(author.id)
