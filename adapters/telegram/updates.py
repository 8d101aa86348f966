"""What people do in Telegram: commands, buttons, adding and removing the bot."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import telegram
from telegram.constants import ChatMemberStatus, ChatType, ParseMode

from adapters.telegram.faults import post_errors
from adapters.telegram.render import DATA, Rendered, render
from bot.errors import PostError, UserError
from bot.model import Action, Message, Request
from bot.ports import Handle
from bot.text import cut

T = TypeVar("T")
log = logging.getLogger(__name__)

_COMMAND = re.compile(r"/([A-Za-z0-9_]+)(?:@(\w+))?(?:\s+(.*)|)", re.DOTALL)
_CHAT = re.compile(r"(?<!\S)(?:@[A-Za-z]\w{3,31}|-100\d{5,})(?!\S)")
_NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)
_ADMINS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)
_NOT_YOURS = "Only the person who asked can turn these pages; send the command yourself."
_TOO_OLD = "This message is too old to change; send the command again."
_NAMELESS = "You write as a chat here, so I cannot answer you in private. Write to me as yourself."
_CLOSED = "Open a private chat with me first, then send the command again."


async def send(
    bot: telegram.Bot,
    chat: str | int,
    shown: Rendered,
    thread: int = 0,
    reply_to: int = 0,
    *,
    paid: bool = False,
) -> telegram.Message:
    """Send one message. Raises PostError, nothing else."""
    with post_errors():
        async with asyncio.timeout(30):
            return await bot.send_message(
                chat, shown[0], ParseMode.HTML, link_preview_options=_NO_PREVIEW,
                reply_markup=shown[1], message_thread_id=thread or None,
                reply_to_message_id=reply_to or None,
                allow_sending_without_reply=True if reply_to else None,
                allow_paid_broadcast=True if paid else None,
            )  # fmt: skip


def is_in(member: telegram.ChatMember) -> bool:
    """Whether this status means being in the chat."""
    if isinstance(member, telegram.ChatMemberRestricted):
        return member.is_member
    return member.status in (*_ADMINS, ChatMemberStatus.MEMBER)


class Updates:
    """Answers updates. It keeps nothing: rights are asked for when they are needed."""

    def __init__(self, bot: telegram.Bot, handle: Handle) -> None:
        self._bot = bot
        self._handle = handle
        self._commands = {c.name: c for c in handle.commands if not c.hidden}

    async def __call__(self, update: telegram.Update, _context: object) -> None:
        try:
            if update.callback_query:
                await self._button(update.callback_query)
            elif update.my_chat_member:
                await self._membership(update.my_chat_member)
            elif update.message:
                await self._message(update.message)
        except PostError as error:
            log.warning("answer lost reason=%s", error)

    async def _message(self, message: telegram.Message) -> None:
        chat = str(message.chat.id)
        if message.migrate_to_chat_id:
            await self._handle.moved(chat, str(message.migrate_to_chat_id))
        elif message.migrate_from_chat_id:
            await self._handle.moved(str(message.migrate_from_chat_id), chat)
        # A channel's posts are forwarded into its discussion group: nobody there asked.
        elif message.text and message.from_user and not message.is_automatic_forward:
            await self._words(message, message.from_user, message.text)

    async def _words(self, message: telegram.Message, sender: telegram.User, text: str) -> None:
        found = _COMMAND.fullmatch(text)
        request = self._request(message, sender, anonymous=message.sender_chat is not None)
        name, addressee, rest = found.groups("") if found else ("search", "", text)
        if addressee.lower() not in ("", self._bot.username.lower()):
            return
        if found is None and not request.one_to_one:
            return
        request = replace(request, command=name.lower(), text=rest.strip())
        if request.command == "start":
            linked = request.one_to_one and request.text != "help" and DATA.fullmatch(request.text)
            data = request.text if linked else ""
            request = replace(
                request, command="" if data else "help", text="", data=data, linked=True
            )
        if request.data or request.command in self._commands:
            await self._answer(message, request)
        elif request.one_to_one:
            hint = f"I do not know /{cut(name, 32)}. Send /help to see what I can do."
            await self._say(message, Message(text=hint))

    async def _answer(self, message: telegram.Message, request: Request) -> None:
        command = self._commands.get(request.command)
        private = command is not None and command.private and not request.one_to_one
        about = ""
        try:
            if private and message.sender_chat:
                raise UserError(_NAMELESS)
            chat = _CHAT.search(request.text) if command and command.admin else None
            if chat and request.one_to_one:
                words = f"{request.text[: chat.start()]} {request.text[chat.end() :]}"
                request = await self._about(chat[0], replace(request, text=" ".join(words.split())))
                about = request.address
            answer = await self._handle.answer(request)
            if private:
                answer = await self._whisper(request.person, answer)
        except UserError as error:
            answer = Message(text=str(error))
        await self._say(message, answer, about)

    async def _whisper(self, person: str, answer: Message) -> Message:
        """Send it to the person alone; what to say in the group then."""
        try:
            await self._send(person, answer)
        except PostError as error:
            if not error.permanent:
                raise
            url = f"https://t.me/{self._bot.username}?start=help"
            return Message(text=_CLOSED, actions=((Action("Open the private chat", url=url),),))
        return Message(text="I answered you in private.")

    async def _say(self, message: telegram.Message, answer: Message, about: str = "") -> None:
        """Answer where the message is; in groups as a reply, so that it is clear to whom."""
        reply_to = 0 if message.chat.type == ChatType.PRIVATE else message.message_id
        await self._send(message.chat.id, answer, _thread(message), reply_to, about)

    async def _send(
        self, chat: str | int, answer: Message, thread: int = 0, reply_to: int = 0, about: str = ""
    ) -> None:
        """Send an answer; once more after a short wait, if it surely did not arrive."""
        shown = render(answer, about=about)
        try:
            await send(self._bot, chat, shown, thread, reply_to)
        except PostError as error:
            wait = error.retry_after or 1.0
            if error.permanent or error.refused or error.ambiguous or error.moved_to or wait > 30:
                raise
            await asyncio.sleep(wait)
            await send(self._bot, chat, shown, thread, reply_to)

    def _request(
        self, message: telegram.Message, person: telegram.User, *, anonymous: bool = False
    ) -> Request:
        chat = message.chat
        private, thread = chat.type == ChatType.PRIVATE, _thread(message)

        async def may_manage() -> bool:
            if anonymous:  # an administrator who stays anonymous writes as the group itself
                return message.sender_chat == chat
            return private or await self._is_admin(chat.id, str(person.id))

        return Request(
            platform="telegram",
            address=f"{chat.id}/{thread}" if thread and not private else str(chat.id),
            person=str(person.id),
            one_to_one=private,
            place=chat.title or (f"@{chat.username}" if chat.username else "this chat"),
            may_manage=may_manage,
        )

    async def _about(self, name: str, request: Request) -> Request:
        """The same request about a channel or group, for who put the bot there."""
        chat = await self._ask(lambda: self._bot.get_chat(name))
        owner = await self._handle.added_by(str(chat.id)) if chat else None
        if chat is None or owner is None:
            raise UserError(
                f"I do not know {name}. Add me to it as an administrator;"
                " if I am in it already, remove me and add me again."
            )

        async def may_manage() -> bool:
            return owner == request.person and await self._is_admin(chat.id, request.person)

        place, address = chat.title or name, str(chat.id)
        return replace(
            request, address=address, one_to_one=False, place=place, may_manage=may_manage
        )

    async def _is_admin(self, chat: int, person: str) -> bool:
        member = await self._ask(lambda: self._bot.get_chat_member(chat, int(person)))
        return member is not None and member.status in _ADMINS

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Telegram's reply; None when it refuses. Raises UserError when it does not answer."""
        try:
            with post_errors():
                async with asyncio.timeout(10):
                    return await call()
        except PostError as error:
            if error.permanent or error.refused:
                return None
            raise UserError("Telegram does not answer just now; try again in a minute.") from error

    async def _button(self, query: telegram.CallbackQuery) -> None:
        alert = ""
        try:
            alert = await self._press(query)
        except UserError as error:
            alert = str(error)
        finally:  # unanswered, the button would go on spinning
            with post_errors():
                async with asyncio.timeout(3):
                    await query.answer(cut(alert, 200) or None, show_alert=bool(alert))

    async def _press(self, query: telegram.CallbackQuery) -> str:
        """Change the message as the button asks; returns what only the presser is told."""
        message, person = query.message, query.from_user
        # The library makes a Message of an inaccessible one too.
        if not isinstance(message, telegram.Message) or not (message.is_accessible and query.data):
            return _TOO_OLD
        data, _, about = query.data.partition("~")
        request = replace(self._request(message, person), data=data)
        group, asked = not request.one_to_one, message.reply_to_message
        if group and (asked is None or asked.from_user != person):
            return _NOT_YOURS
        if about:
            request = await self._about(about, request)
        answer = await self._handle.answer(request)
        if answer.private and group:
            if not answer.sections and not answer.actions and len(answer.text) <= 200:
                return answer.text
            return (await self._whisper(request.person, answer)).text
        await self._edit(message, answer, about)
        return ""

    async def _edit(self, message: telegram.Message, answer: Message, about: str) -> None:
        html, keys = render(answer, about=about)
        edit = partial(message.edit_text, html, ParseMode.HTML, keys)
        try:
            with post_errors():
                async with asyncio.timeout(30):
                    await edit(link_preview_options=_NO_PREVIEW)
        except PostError as error:
            if "message is not modified" not in str(error).lower():
                raise

    async def _membership(self, change: telegram.ChatMemberUpdated) -> None:
        chat, address, person = change.chat, str(change.chat.id), str(change.from_user.id)
        private = chat.type == ChatType.PRIVATE
        was, now = is_in(change.old_chat_member), is_in(change.new_chat_member)
        if was and not now:
            reason = "the person blocked the bot" if private else "the bot was removed"
            await self._handle.removed(address, reason)
        elif now and not was and not private:
            title, name = (
                chat.title or "this chat",
                f"@{chat.username}" if chat.username else address,
            )
            await self._handle.added(address, person, title)
            if chat.type == ChatType.CHANNEL:
                text = f"I am in {title} now. Send me: /setup 09:00 Europe/Berlin {name}"
                await self._send(person, Message(text=text))


def _thread(message: telegram.Message) -> int:
    # In groups without topics, replies carry a message_thread_id too: it is no address.
    return message.message_thread_id or 0 if message.is_topic_message else 0
