"""What newcomers see first: /start, a hello in a group, and the settings of a new channel."""

from __future__ import annotations

from dataclasses import replace

import telegram
from telegram.constants import ChatType

from adapters.telegram.answers import Answers, To
from adapters.telegram.chats import may_post
from adapters.telegram.rights import Rights
from bot.dialogue import Action, Menu, Message, Request
from bot.errors import UserError
from bot.fields import TOPIC
from bot.hello import SETUP, hello
from bot.ports import Handle
from bot.text import one_line
from bot.usage import usage

ADDED = "hello"  # what /start comes with in a group that our button leads to
_HELLO = "/hello"  # after a chat's address: that it was greeted


def started(answer: Message, bot: str) -> Message:
    """The answer to /start, with where to go on."""
    group = Action("Add to a group", url=f"https://t.me/{bot}?startgroup={ADDED}")
    rights = "admin=post_messages"  # all that posting in a channel needs
    channel = Action("Add to a channel", url=f"https://t.me/{bot}?startchannel&{rights}")
    topic = Menu("", other=TOPIC)
    rows = ((group, channel), *answer.actions)
    return replace(answer, menus=(*answer.menus, topic), actions=rows)


class Welcome:
    """Says hello where the bot was added and nothing is set up."""

    def __init__(self, bot: telegram.Bot, handle: Handle, rights: Rights, answers: Answers) -> None:
        self._bot = bot
        self._handle = handle
        self._rights = rights
        self._answers = answers

    async def say(self, change: telegram.ChatMemberUpdated) -> None:
        """In a group for all, once; of a channel to who added the bot alone."""
        chat, title = change.chat, one_line(change.chat.title or "")
        if chat.type == ChatType.CHANNEL:
            await self._tell_adder(chat, str(change.from_user.id), title)
        # An update may come again after a stop: the store knows that it was greeted.
        elif may_post(change.new_chat_member, chat.type) and await self._handle.greets(
            f"{chat.id}{_HELLO}", title
        ):
            await self._answers.say(To(str(chat.id)), hello())

    async def _tell_adder(self, chat: telegram.Chat, person: str, title: str) -> None:
        """The settings of the channel, to be chosen; and how it is typed, which works there too."""
        name = f"@{chat.username}" if chat.username else str(chat.id)
        how = usage("setup", time="09:00", zone="Europe/Berlin", chat=name)
        text = f"I am in {title or name} now. Send me this, or post it there:\n{how}"
        menu = await self._menu(str(chat.id), person)
        if menu and menu.menus:
            text += "\nOr choose here; your city is enough."
        else:
            menu = Message()
        await self._answers.say(To(person), replace(menu, text=text), str(chat.id))

    async def _menu(self, address: str, person: str) -> Message | None:
        asked = Request("telegram", address, person, data=SETUP.data)
        try:
            return await self._handle.answer(await self._rights.about(address, asked))
        except UserError:  # Telegram does not say yet that they may manage it
            return None
