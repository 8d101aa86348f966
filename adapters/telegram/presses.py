"""Pressed buttons: the spinner ends at once, then the message is changed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import telegram

from adapters.telegram.answers import TOO_OLD, WHISPERED, Answers, To
from adapters.telegram.chats import Chats, thread_of
from adapters.telegram.faults import Refusal
from adapters.telegram.keyboard import CallbackData, read_callback_data
from adapters.telegram.prompts import prompt
from adapters.telegram.requests import Requests
from adapters.telegram.rights import Rights
from adapters.telegram.sending import answer_query, insist
from bot.dialogue import Message, Request
from bot.errors import PostError, UserError
from bot.text import cut
from bot.usage import bare, written

log = logging.getLogger(__name__)

SPIN = 1.0  # seconds a spinner may turn: most pages are there by then, and what went wrong fits it
_BETWEEN = 0.3  # seconds between two presses on one message: somebody is to see the page
_PATIENCE = 120.0  # seconds; Telegram takes the answer to a press for some minutes
_NOT_ASKED = "Only the person who asked can turn these pages; send the command yourself."
_MOST = 200  # characters of an alert


class Press:
    """One callback query. Telegram takes one answer to it, with or without an alert."""

    def __init__(self, bot: telegram.Bot, query_id: str) -> None:
        self._bot = bot
        self._id = query_id
        self._alert: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def tell(self, alert: str) -> bool:
        """What the presser alone is told. False: the query was answered without."""
        if self._alert.done():
            return False
        self._alert.set_result(alert)
        return True

    async def answer(self) -> str:
        """Answer it once it is known what to tell, or when the spinner has turned long enough.
        Returns what Telegram did not take for the presser: it refuses presses of long ago."""
        alert = ""
        try:
            await asyncio.wait([self._alert], timeout=SPIN)
            self.tell("")
            alert = self._alert.result()
            shown = cut(written(alert, bare), _MOST)
            await insist(
                lambda: answer_query(self._bot, self._id, shown), _PATIENCE, idempotent=True
            )
        except Refusal:
            log.debug("press too old to answer")
        except PostError as error:
            log.warning("press not answered reason=%s", error)
        except Exception:
            log.exception("press not answered")
        else:
            return ""
        return alert


class Presses:
    """Handles callback queries."""

    def __init__(self, chats: Chats, rights: Rights, requests: Requests, answers: Answers) -> None:
        self._chats = chats
        self._rights = rights
        self._requests = requests
        self._answers = answers

    async def handle(self, query: telegram.CallbackQuery, press: Press) -> None:
        alert = ""
        try:
            alert = await self._turn(query)
        except UserError as error:
            alert = str(error)
        finally:
            in_time = press.tell(alert)
        if alert and not in_time:
            await self.say(str(query.from_user.id), alert)
        await asyncio.sleep(_BETWEEN)

    async def say(self, person: str, alert: str) -> None:
        """Tell them in their private chat, where Telegram takes no alert any more."""
        if alert != WHISPERED:
            await self._answers.say(To(person), Message(text=alert))

    async def _turn(self, query: telegram.CallbackQuery) -> str:
        """Change the message as the button asks; returns what only the presser is told."""
        message, person = query.message, query.from_user
        # The library makes a Message of an inaccessible one too.
        if not isinstance(message, telegram.Message) or not (message.is_accessible and query.data):
            return TOO_OLD
        self._chats.saw(message.chat)
        pressed = read_callback_data(query.data)
        request = replace(self._requests.of(message, str(person.id)), data=pressed.data)
        group = not request.one_to_one
        # What is about the place is for who may manage it, whoever asked: the core asks for that.
        of_place = self._requests.is_of_place(pressed.data)
        if group and not of_place and not await self._may_turn(message, person):
            return _NOT_ASKED
        if pressed.asks:
            return await self._ask(message, person, request, pressed)
        if pressed.about:
            request = await self._rights.about(pressed.about, request)
        answer = await self._requests.ask(request)
        if answer is None:
            return ""
        if answer.private and group:
            return await self._tell_alone(request.person, answer)
        return await self._answers.edit(message, answer, pressed.about)

    async def _ask(
        self,
        message: telegram.Message,
        person: telegram.User,
        request: Request,
        pressed: CallbackData,
    ) -> str:
        """Ask for a value to be typed, in a message of its own: this one stays as it is."""
        if not request.one_to_one and not (request.may_manage and await request.may_manage()):
            return f"Only someone who may manage {request.place} can do that."
        whom = None if request.one_to_one else person
        to = To(str(message.chat.id), thread_of(message))
        await self._answers.ask(to, prompt(pressed, message.get_bot().username, whom))
        return ""

    async def _tell_alone(self, person: str, answer: Message) -> str:
        if not answer.sections and not answer.actions and len(written(answer.text, bare)) <= _MOST:
            return answer.text
        return (await self._answers.whisper(person, answer)).text

    async def _may_turn(self, message: telegram.Message, person: telegram.User) -> bool:
        """The asker may. Where the command is deleted nobody is known to have asked; where an
        administrator asked without a name, any may."""
        asked = message.reply_to_message
        if asked is None or asked.from_user == person:
            return True
        nameless = asked.sender_chat is not None and asked.sender_chat == message.chat
        return nameless and await self._rights.is_admin(message.chat.id, str(person.id))
