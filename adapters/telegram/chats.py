"""The chats of Telegram: what they are called, and where the bot may post."""

from __future__ import annotations

import asyncio

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from adapters.telegram.faults import post_errors
from bot.errors import PostError, Untold
from bot.model import Place
from bot.text import one_line

Chat = telegram.Chat | telegram.ChatFullInfo
KEPT = 4096  # chats remembered
ADMINS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


class Chats:
    """Titles and links of the groups and channels seen last, as Telegram told them."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}  # by chat id, the one seen longest ago first
        self._topics: dict[str, str] = {}  # names by address, the one seen longest ago first

    def saw(self, chat: Chat) -> None:
        if chat.type == ChatType.PRIVATE:
            return
        self._places.pop(str(chat.id), None)
        self._places[str(chat.id)] = Place(one_line(chat.title or ""), _link(chat))
        if len(self._places) > KEPT:
            del self._places[next(iter(self._places))]

    def saw_topic(self, message: telegram.Message) -> None:
        """Telegram names a topic when it is made or renamed, and in what a message there answers
        to: each answers to the topic's first, unless to another."""
        first = message.reply_to_message
        named = (
            message.forum_topic_edited
            or message.forum_topic_created
            or (first.forum_topic_created if first else None)
        )
        address = f"{message.chat.id}/{thread_of(message)}"
        if not named or not named.name or (named is not message.forum_topic_edited
                                           and address in self._topics):  # fmt: skip
            return
        self._topics.pop(address, None)
        self._topics[address] = one_line(named.name)
        if len(self._topics) > KEPT:
            del self._topics[next(iter(self._topics))]

    def place(self, address: str) -> Place:
        """Without a title where nothing was seen."""
        chat, _, thread = address.partition("/")
        place = self._places.get(chat, Place(""))
        if not thread or not place.title:
            return place
        named = self._topics.get(address, thread)  # else by its number, as its link has it
        return Place(f"{place.title}, topic {named}", place.url and f"{place.url}/{thread}")


def _link(chat: Chat) -> str:
    """Opens it: a private one for its members alone. Basic groups have no link."""
    if chat.username:
        return f"https://t.me/{chat.username}"
    number = str(chat.id).removeprefix("-100")
    return f"https://t.me/c/{number}" if number.isdecimal() and chat.type != ChatType.GROUP else ""


def thread_of(message: telegram.Message) -> int:
    """The topic it is in; 0: none. Where there are no topics, replies carry a thread, too."""
    return message.message_thread_id or 0 if message.is_topic_message else 0


def is_known(member: telegram.ChatMember) -> bool:
    """Whether its status is one Telegram had when this was written."""
    return member.status in list(ChatMemberStatus)


def is_in(member: telegram.ChatMember) -> bool:
    """Whether this status means being in the chat."""
    if isinstance(member, telegram.ChatMemberRestricted):
        return member.is_member
    return member.status in (*ADMINS, ChatMemberStatus.MEMBER)


def may_post(member: telegram.ChatMember, kind: str) -> bool:
    """Whether a member's own rights let it post in that kind of chat."""
    if kind == ChatType.CHANNEL and not isinstance(member, telegram.ChatMemberOwner):
        return isinstance(member, telegram.ChatMemberAdministrator) and bool(
            member.can_post_messages
        )
    if isinstance(member, telegram.ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return is_in(member)


async def obstacle(
    bot: telegram.Bot, chats: Chats, address: str, me: telegram.ChatMember | None = None
) -> str:
    """What keeps the bot from posting there, one sentence; empty: nothing does. `me`: the bot as
    a member there, where that is known.

    Raises Untold where only a post can tell, PostError when Telegram fails.
    """
    number, _, thread = address.partition("/")
    if not number.startswith("-"):
        raise Untold("only a message tells whether a private chat is open")
    try:
        with post_errors():
            async with asyncio.timeout(30):
                chat = await bot.get_chat(number)
                me = me or await bot.get_chat_member(chat.id, bot.id)
    except PostError as error:
        if not error.permanent:
            raise
        return f"Telegram {address}: {error}."
    chats.saw(chat)
    if not is_known(me):
        raise Untold("only a message tells what the bot may do there")
    if reason := _reason(chat, me, in_topic=bool(thread)):
        return f"Telegram {one_line(chat.title or address)}: {reason}."
    if thread:  # the Bot API has no way to look at a topic
        raise Untold("only a message tells whether the topic is open")
    return ""


def _reason(chat: telegram.ChatFullInfo, me: telegram.ChatMember, *, in_topic: bool) -> str:
    silent = chat.permissions is not None and chat.permissions.can_send_messages is False
    if not is_in(me):
        return "the bot is not in the chat"
    if chat.type == ChatType.CHANNEL and not may_post(me, chat.type):
        return "the bot must be an administrator who may post messages"
    if not may_post(me, chat.type) or (silent and me.status not in ADMINS):
        return "the bot may not send messages there"
    return "the group has no topics any more" if in_topic and not chat.is_forum else ""
