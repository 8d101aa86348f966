"""What people do in Telegram: commands, buttons, adding and removing the bot."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import telegram
from telegram.constants import ChatType, ParseMode

from adapters.telegram import membership
from adapters.telegram.chats import Chats
from adapters.telegram.faults import post_errors
from adapters.telegram.render import DATA, JOINER, plain_text, render
from adapters.telegram.rights import Rights, split_chat
from adapters.telegram.sending import NO_PREVIEW, send
from bot.errors import PostError, UserError
from bot.model import Action, Message, Request
from bot.ports import Handle
from bot.text import cut

_COMMAND = re.compile(r"/([A-Za-z0-9_]+)(?:@(\w+))?(?:\s+(.*)|)", re.DOTALL)
_NOT_ASKED = "Only the person who asked can turn these pages; send the command yourself."
_TOO_OLD = "This message is too old to change; send the command again."
_NAMELESS = "You write as a chat here, so I cannot answer you in private. Write to me as yourself."
_CLOSED = "Open a private chat with me first, then send the command again."
_ELSEWHERE = "Here I manage this chat alone; name another one in our private chat."


class Updates:
    """Answers updates. It keeps nothing: rights are asked for when they are needed."""

    def __init__(self, bot: telegram.Bot, handle: Handle, chats: Chats) -> None:
        self._bot = bot
        self._handle = handle
        self._chats = chats
        self._rights = Rights(bot, chats)
        self._commands = {c.name: c for c in handle.commands if not c.hidden}
        self._in_order = asyncio.Lock()  # thrown out and let in again: the later one counts

    async def __call__(self, update: telegram.Update) -> None:
        """Raises PostError for an answer that was lost."""
        if update.callback_query:
            await self._button(update.callback_query)
        elif update.my_chat_member:
            await self._membership(update.my_chat_member)
        elif update.message:
            self._chats.saw(update.message.chat)
            await self._message(update.message)

    async def _message(self, message: telegram.Message) -> None:
        chat = str(message.chat.id)
        if message.migrate_to_chat_id:
            await self._handle.moved(chat, str(message.migrate_to_chat_id))
        elif message.migrate_from_chat_id:
            await self._handle.moved(str(message.migrate_from_chat_id), chat)
        elif message.forum_topic_reopened and message.message_thread_id:
            await self._handle.returned([f"{chat}/{message.message_thread_id}"])
        # A channel's posts are forwarded into its discussion group: nobody there asked.
        elif message.text and message.from_user and not message.is_automatic_forward:
            # Who copies what we wrote copies the joiners, too.
            text = message.text.replace(JOINER, "")
            await self._words(message, message.from_user, text)

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
            request = _started(request)
        if request.data or request.command in self._commands:
            await self._answer(message, request)
            if request.linked and request.one_to_one:
                # /start opens a private chat; where it was never blocked, no other update tells.
                await self._handle.returned([request.address])
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
            if command and command.admin:
                request, about = await self._named(request)
            answer = await self._handle.answer(request)
            if private:
                answer = await self._whisper(request.person, answer)
        except UserError as error:
            answer = Message(text=str(error))
        await self._say(message, answer, about)

    async def _named(self, request: Request) -> tuple[Request, str]:
        """The request about the chat its text names, and that chat's address."""
        chat, text = split_chat(request.text)
        if not chat:
            return request, ""
        if not request.one_to_one:
            raise UserError(_ELSEWHERE)
        request = await self._rights.about(chat, replace(request, text=text))
        return request, request.address

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
        """Send an answer; once more if it surely did not arrive: after a short wait, or plainer."""
        shown = render(answer, about=about or _elsewhere(answer, chat, thread))
        try:
            await send(self._bot, chat, shown, thread, reply_to)
        except PostError as error:
            wait = error.retry_after or 1.0
            if error.permanent or error.ambiguous or error.moved_to or wait > 30:
                raise
            if error.refused:
                await send(
                    self._bot, chat, (plain_text(answer), None), thread, reply_to, html=False
                )
                return
            await asyncio.sleep(wait)
            await send(self._bot, chat, shown, thread, reply_to)

    def _request(
        self, message: telegram.Message, person: telegram.User, *, anonymous: bool = False
    ) -> Request:
        chat = message.chat
        private, thread = chat.type == ChatType.PRIVATE, _thread(message)
        address = f"{chat.id}/{thread}" if thread and not private else str(chat.id)

        async def may_manage() -> bool:
            if anonymous:  # an administrator who stays anonymous writes as the group itself
                return message.sender_chat == chat
            return private or await self._rights.is_admin(chat.id, str(person.id))

        return Request(
            platform="telegram",
            address=address,
            person=str(person.id),
            one_to_one=private,
            place=chat.title or (f"@{chat.username}" if chat.username else "this chat"),
            place_url=self._chats.place(address).url,
            may_manage=may_manage,
        )

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
        self._chats.saw(message.chat)
        data, _, about = query.data.partition("~")
        request = replace(self._request(message, person), data=data)
        group = not request.one_to_one
        if group and not await self._may_turn(message, person):
            return _NOT_ASKED
        if about:
            request = await self._rights.about(about, request)
        answer = await self._handle.answer(request)
        if answer.private and group:
            if not answer.sections and not answer.actions and len(answer.text) <= 200:
                return answer.text
            return (await self._whisper(request.person, answer)).text
        await self._edit(message, answer, about)
        return ""

    async def _may_turn(self, message: telegram.Message, person: telegram.User) -> bool:
        """The asker may. Where the command is deleted nobody is known to have asked; where an
        administrator asked without a name, any may."""
        asked = message.reply_to_message
        if asked is None or asked.from_user == person:
            return True
        nameless = asked.sender_chat is not None and asked.sender_chat == message.chat
        return nameless and await self._rights.is_admin(message.chat.id, str(person.id))

    async def _edit(self, message: telegram.Message, answer: Message, about: str) -> None:
        about = about or _elsewhere(answer, message.chat.id, _thread(message))
        html, keys = render(answer, about=about)
        try:
            await _changed(message, html, ParseMode.HTML, keys)
        except PostError as error:
            if error.refused:
                await _changed(message, plain_text(answer), None, None)
            elif "message is not modified" not in str(error).lower():
                raise

    async def _membership(self, change: telegram.ChatMemberUpdated) -> None:
        chat = change.chat
        self._chats.saw(chat)
        async with self._in_order:
            added = await membership.follow(self._handle, change)
        if added and chat.type == ChatType.CHANNEL:
            name = f"@{chat.username}" if chat.username else chat.id
            text = f"I am in {chat.title} now. Send me: /setup 09:00 Europe/Berlin {name}"
            await self._send(str(change.from_user.id), Message(text=text))


async def _changed(
    message: telegram.Message,
    text: str,
    mode: str | None,
    keys: telegram.InlineKeyboardMarkup | None,
) -> None:
    with post_errors():
        async with asyncio.timeout(30):
            await message.edit_text(text, mode, keys, link_preview_options=NO_PREVIEW)


def _started(request: Request) -> Request:
    """What /start asks for: help, or the button whose data came with its link."""
    is_data = request.one_to_one and request.text != "help" and DATA.fullmatch(request.text)
    data = request.text if is_data else ""
    return replace(request, command="" if data else "help", text="", data=data, linked=True)


def _elsewhere(answer: Message, chat: str | int, thread: int) -> str:
    """What its buttons are about, where that is not where it is shown."""
    shown_at = f"{chat}/{thread}" if thread else str(chat)
    return answer.about if answer.about != shown_at else ""


def _thread(message: telegram.Message) -> int:
    # In groups without topics, replies carry a message_thread_id too: it is no address.
    return message.message_thread_id or 0 if message.is_topic_message else 0
