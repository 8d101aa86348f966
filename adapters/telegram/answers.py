"""Answers to people: each chat's in order, tried again while somebody waits for them."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import telegram

from adapters.telegram.chats import thread_of
from adapters.telegram.faults import Refusal
from adapters.telegram.pacing import Crowded, Pacer
from adapters.telegram.render import Rendered, plain_text, render
from adapters.telegram.sending import edit, insist, send
from bot.dialogue import Action, Message
from bot.errors import PostError

log = logging.getLogger(__name__)

TOO_OLD = "This message is too old to change; send the command again."
WHISPERED = "I answered you in private."
_CLOSED = "Open a private chat with me first, then send the command again."
_GONE = re.compile(
    r".*(message to edit not found|message can't be edited|message_id_invalid)", re.I
)


@dataclass(frozen=True, slots=True)
class To:
    """Where an answer goes. `person`: who asked, where that is not the chat itself."""

    chat: str
    thread: int = 0
    reply_to: int = 0
    person: str = ""


class Answers:
    """Nothing here raises PostError: what cannot be shown is a sentence, or a line in the log."""

    def __init__(self, bot: telegram.Bot, pacer: Pacer) -> None:
        self._bot = bot
        self._pacer = pacer

    def reserved(self, chat: str) -> AbstractContextManager[bool]:
        """Around the core's work: where its answer would come too late, a command is not run. It
        may have consequences, and nobody would be told."""
        return self._pacer.reserved(chat)

    async def say(self, to: To, answer: Message, about: str = "") -> bool:
        """Send it. Whether it arrived."""
        try:
            await self._deliver(to, answer, about)
        except Crowded:
            return False
        except PostError as error:
            await self._own_up(to, error)
            return False
        return True

    async def ask(self, to: To, shown: Rendered) -> None:
        """Send a prompt; what goes wrong is in the log, and the button can be pressed again."""
        try:
            async with self._pacer.turn(to.chat) as left:
                request = partial(send, self._bot, to.chat, shown, to.thread)
                rest = partial(self._pacer.rest, to.chat)
                await insist(request, left, idempotent=False, limited=rest)
        except Crowded:
            return
        except PostError as error:
            log.warning("prompt lost reason=%s", error)

    async def whisper(self, person: str, answer: Message) -> Message:
        """Send it to the person alone; what to say in the group then."""
        try:
            await self._deliver(To(person), answer)
        except PostError as error:
            if not error.permanent:
                return Message(text=_lost(error))
            url = f"https://t.me/{self._bot.username}?start=help"
            return Message(text=_CLOSED, actions=((Action("Open the private chat", url=url),),))
        return Message(text=WHISPERED)

    async def edit(self, message: telegram.Message, answer: Message, about: str = "") -> str:
        """Change the message into it; what went wrong, one sentence for who pressed."""
        chat = str(message.chat.id)
        about = about or _elsewhere(answer, chat, thread_of(message))

        async def change(shown: Rendered) -> None:
            left = await self._pacer.rested(chat)
            request = partial(edit, message, shown)
            await insist(request, left, idempotent=True, limited=partial(self._pacer.rest, chat))

        try:
            await _plainer_if_refused(answer, about, change)
        except PostError as error:
            return TOO_OLD if _GONE.match(str(error)) else _lost(error)
        return ""

    async def _deliver(self, to: To, answer: Message, about: str = "") -> None:
        about = about or _elsewhere(answer, to.chat, to.thread)

        async with self._pacer.turn(to.chat) as left:
            rest = partial(self._pacer.rest, to.chat)

            async def attempt(chat: str, shown: Rendered) -> None:
                request = partial(send, self._bot, chat, shown, to.thread, to.reply_to)
                await insist(request, left, idempotent=False, limited=rest)

            try:
                await _plainer_if_refused(answer, about, partial(attempt, to.chat))
            except PostError as error:
                if not error.moved_to:
                    raise
                await _plainer_if_refused(answer, about, partial(attempt, error.moved_to))

    async def _own_up(self, to: To, error: PostError) -> None:
        """Tell who asked: there, or in private where that chat takes no answer."""
        sentence = Message(text=_lost(error))
        if error.permanent:
            to = To(to.person)
        if not to.chat or not (error.permanent or error.ambiguous or isinstance(error, Refusal)):
            return
        try:
            await self._deliver(to, sentence)
        except PostError as second:
            log.warning("nor its ticket shown reason=%s", second)


async def _plainer_if_refused(
    answer: Message, about: str, request: Callable[[Rendered], Awaitable[None]]
) -> None:
    """Show it; once more without markup where Telegram refuses what it says nothing else about."""
    try:
        await request(render(answer, about=about))
    except PostError as error:
        if not (error.refused or isinstance(error, Refusal)) or _GONE.match(str(error)):
            raise
        await request(Rendered(plain_text(answer), html=False))


def _lost(error: PostError) -> str:
    """Log it under a ticket; the sentence about it."""
    ticket = secrets.token_hex(4)
    level = logging.ERROR if error.refused or isinstance(error, Refusal) else logging.WARNING
    log.log(level, "answer lost ticket=%s reason=%s", ticket, error)
    if error.ambiguous:
        return (
            f"I cannot tell whether my answer arrived (ticket {ticket}). "
            "If you do not see it, send the command again."
        )
    return f"I could not show that answer (ticket {ticket}). {error.remedy}".rstrip()


def _elsewhere(answer: Message, chat: str, thread: int) -> str:
    """What its buttons are about, where that is not where it is shown."""
    shown_at = f"{chat}/{thread}" if thread else chat
    return answer.about if answer.about != shown_at else ""
