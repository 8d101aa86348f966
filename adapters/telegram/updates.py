"""What people do in Telegram: commands, buttons, adding and removing the bot."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import telegram
from telegram.constants import ChatType

from adapters.telegram import membership, welcome
from adapters.telegram.answers import Answers, To
from adapters.telegram.chats import Chats, thread_of
from adapters.telegram.keyboard import DATA, CallbackData
from adapters.telegram.pacing import Pacer
from adapters.telegram.presses import Press, Presses
from adapters.telegram.prompts import TYPED, answered
from adapters.telegram.reading import read
from adapters.telegram.requests import Requests, asker
from adapters.telegram.rights import Rights
from bot.dialogue import Message, Request
from bot.errors import UserError
from bot.ports import Handle
from bot.text import cut
from bot.usage import usage

_NAMELESS = "You write as a chat here, so I cannot answer you in private. Write to me as yourself."
# What an administrator may write inside a channel. The rest is not for its readers to see.
_IN_CHANNELS = ("setup", "settings", "pause", "resume")


class Updates:
    """Answers updates. Edited messages are none: Telegram says that such an update may come of
    changes nobody made to the words, and a command would then be run twice."""

    def __init__(self, bot: telegram.Bot, handle: Handle, chats: Chats, pacer: Pacer) -> None:
        self._bot = bot
        self._handle = handle
        self._chats = chats
        self._answers = Answers(bot, pacer)
        rights = Rights(bot, chats)
        self._requests = Requests(handle, chats, rights)
        self._welcome = welcome.Welcome(bot, handle, rights, self._answers)
        self._presses = Presses(chats, rights, self._requests, self._answers)
        self.say_alert = self._presses.say
        self._in_order = asyncio.Lock()  # thrown out and let in again: the later one counts
        self._commands = {c.name: c for c in handle.commands}

    async def __call__(self, update: telegram.Update, press: Press | None) -> None:
        """press: of a callback query, whose answer somebody waits for."""
        if update.callback_query and press:
            await self._presses.handle(update.callback_query, press)
        elif update.my_chat_member:
            await self._membership(update.my_chat_member)
        elif message := update.message or update.channel_post:
            self._chats.saw(message.chat)
            self._chats.saw_topic(message)
            await self._message(message)

    async def _message(self, message: telegram.Message) -> None:
        chat = str(message.chat.id)
        if message.migrate_to_chat_id:
            await self._handle.moved(chat, str(message.migrate_to_chat_id))
        elif message.migrate_from_chat_id:
            await self._handle.moved(str(message.migrate_from_chat_id), chat)
        elif message.forum_topic_reopened and message.message_thread_id:
            await self._handle.returned([f"{chat}/{message.message_thread_id}"])
        elif person := asker(message):
            asked = answered(message, self._bot)
            if asked and not (message.text or "").startswith("/"):
                await self._typed(message, person, asked)
            else:
                await self._words(message, person)

    async def _typed(self, message: telegram.Message, person: str, asked: CallbackData) -> None:
        """What was asked for with a button."""
        typed = (message.text or "")[:TYPED]
        request = replace(self._requests.of(message, person), data=asked.data, typed=typed)
        await self._command(message, request, asked.about)

    async def _words(self, message: telegram.Message, person: str) -> None:
        words = read(message.text or message.caption or "", self._bot.username)
        if words is None:
            return
        name, text = words
        request = replace(self._requests.of(message, person), command=name, text=text)
        if not name:
            # A picture's caption without a command asks nothing.
            if not (request.one_to_one and message.text and text):
                return
            request = replace(request, command="search")
        if name == "start":
            if text == welcome.ADDED and not request.one_to_one:
                return  # the hello has come
            request = _started(request)
        if message.chat.type == ChatType.CHANNEL and name not in _IN_CHANNELS:
            return
        if request.data or request.command in self._commands:
            await self._command(message, request)
        elif request.one_to_one:
            hint = f"I do not know /{cut(name, 32)}. Send {usage('help')} to see what I can do."
            await self._answers.say(_to(message, person), Message(text=hint))

    async def _command(self, message: telegram.Message, request: Request, about: str = "") -> None:
        to = _to(message, request.person)
        with self._answers.reserved(to.chat) as room:
            answer, about = await self._answer(message, request, about) if room else (None, "")
        if answer is None:
            return
        if message.chat.type == ChatType.CHANNEL:  # any reader could press its buttons
            answer = _without_buttons(answer)
        if request.linked and request.one_to_one and not request.data:
            answer = welcome.started(answer, self._bot.username)
        arrived = await self._answers.say(to, answer, about)
        if arrived and request.linked and request.one_to_one:
            # /start opens a private chat; where it was never blocked, no other update tells.
            await self._handle.returned([request.address])

    async def _answer(
        self, message: telegram.Message, request: Request, about: str
    ) -> tuple[Message | None, str]:
        """What to say where the message is, and the address of the chat it is about."""
        command = self._commands.get(request.command)
        private = command is not None and command.private and not request.one_to_one
        try:
            if private and request.nameless:
                raise UserError(_NAMELESS)
            if about:
                request = await self._requests.elsewhere(request, about)
            if command and command.admin:
                request, about = await self._requests.to_manage(request, message.chat)
            answer = await self._requests.ask(request)
            if answer and private:
                answer = await self._answers.whisper(request.person, answer)
        except UserError as error:
            answer = Message(text=str(error))
        return answer, about

    async def _membership(self, change: telegram.ChatMemberUpdated) -> None:
        chat = change.chat
        self._chats.saw(chat)
        async with self._in_order:
            new_here = await membership.follow(self._handle, change)
        if new_here:
            await self._welcome.say(change)


def _to(message: telegram.Message, person: str) -> To:
    """Where the message is; in groups as a reply, so that it is clear to whom."""
    chat = str(message.chat.id)
    if message.chat.type == ChatType.PRIVATE:
        return To(chat)
    known = "" if person.startswith("-") else person
    return To(chat, thread_of(message), message.message_id, known)


def _without_buttons(answer: Message) -> Message:
    """The words of what could be chosen stand under the text, as far as they can be typed."""
    actions = (action for row in answer.actions for action in row)
    typed = [
        usage(a.command, words=a.text) for a in actions if a.command in _IN_CHANNELS and a.text
    ]
    if not typed:
        return replace(answer, actions=(), menus=(), elsewhere=None)
    text = "\n".join([answer.text, "To choose one of them, post it:", *dict.fromkeys(typed)])
    return replace(answer, text=text, actions=(), menus=(), elsewhere=None)


def _started(request: Request) -> Request:
    """What /start asks for: help, or the button whose data came with its link."""
    is_data = request.one_to_one and request.text != "help" and DATA.fullmatch(request.text)
    data = request.text if is_data else ""
    return replace(request, command="" if data else "help", text="", data=data, linked=True)
