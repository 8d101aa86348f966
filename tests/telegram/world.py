"""The world a Telegram bot lives in: people, chats, memberships, messages, updates."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.judge import Json
from tests.telegram.trouble import Refusal

BOT = {"id": 123456, "is_bot": True, "first_name": "Papers", "username": "papers_bot"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group"}


@dataclass
class Sent:
    """A message of the bot, as it stands now."""

    chat_id: int
    thread: int | None
    html: str
    text: str
    entities: list[Json]
    reply_markup: Json | None
    message_id: int
    reply_to: int | None = None
    edits: int = 0
    raw: Json = field(default_factory=dict)

    @property
    def buttons(self) -> list[Json]:
        return [b for row in (self.reply_markup or {}).get("inline_keyboard", []) for b in row]


class World:
    """Who is where, what they do, and what the bot has said so far."""

    def __init__(self) -> None:
        self.chats: dict[int, Json] = {}
        self.members: dict[tuple[int, int], Json] = {}
        self.closed: dict[int, str] = {}  # private chats the bot may not write to, and why
        self.sent: list[Sent] = []
        self._updates: list[tuple[int, Any]] = []  # each with the number Telegram counts it by
        self._messages: dict[tuple[int, int], Json] = {}
        self._changed = asyncio.Condition()
        self._last = {"update": 1000, "message": 0, "callback": 0}

    def add_person(self, user: int, name: str = "Ada", *, started: bool = True) -> int:
        self.chats[user] = {"id": user, "type": "private", "first_name": name}
        if not started:
            self.closed[user] = "bot can't initiate conversation with a user"
        return user

    def add_chat(
        self,
        chat: int,
        title: str,
        kind: str = "supergroup",
        *,
        username: str = "",
        bot: str = "member",
        forum: bool = False,
    ) -> int:
        """A group, supergroup or channel in which the bot has the status `bot`."""
        self.chats[chat] = {"id": chat, "type": kind, "title": title}
        if forum:
            self.chats[chat]["is_forum"] = True
        if username:
            self.chats[chat]["username"] = username
        self.set_member(chat, BOT["id"], bot)
        return chat

    def set_member(self, chat: int, user: int, status: str, **rights: Any) -> None:
        self.members[chat, user] = {"status": status, **rights}

    # What people do.

    def says(
        self,
        user: int,
        text: str,
        chat: int = 0,
        *,
        thread: int = 0,
        anonymous: bool = False,
        **more: Any,
    ) -> int:
        where = self.chats[chat or user]
        message = self._message(where, ANONYMOUS if anonymous else self._user(user), text)
        if anonymous:
            message["sender_chat"] = where
        if thread:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        self._push("message", message | more)
        return int(message["message_id"])

    def posts_in(self, channel: int, text: str, **more: Any) -> int:
        """An administrator writes in a channel: nobody knows who."""
        where = self.chats[channel]
        message = self._message(where, None, text) | {"sender_chat": where}
        self._push("channel_post", message | more)
        return int(message["message_id"])

    def presses(self, user: int, sent: Sent, label: str) -> str:
        """Press the button with that label; the callback query's id."""
        button = next(b for b in sent.buttons if b["text"] == label)
        self._last["callback"] += 1
        query = {
            "id": f"cb{self._last['callback']}",
            "from": self._user(user),
            "chat_instance": "1",
            "data": button["callback_data"],
            "message": sent.raw,
        }
        self._push("callback_query", query)
        return str(query["id"])

    def puts_bot(self, user: int, chat: int, status: str, **rights: Any) -> None:
        """A person adds, promotes, restricts, removes (`left`, `kicked`) or blocks the bot."""
        old = self._member(chat, BOT["id"])
        self.set_member(chat, BOT["id"], status, **rights)
        change = {"chat": self.chats[chat], "from": self._user(user), "date": 1750000000}
        new = self._member(chat, BOT["id"])
        self._push("my_chat_member", change | {"old_chat_member": old, "new_chat_member": new})

    def migrates(self, old: int, new: int) -> None:
        """A group becomes a supergroup: both service messages, as Telegram sends them."""
        where = self.add_chat(new, self.chats[old]["title"])
        for chat, fact in (
            (old, {"migrate_to_chat_id": new}),
            (where, {"migrate_from_chat_id": old}),
        ):
            message = self._message(self.chats[chat], ANONYMOUS, "")
            self._push("message", message | fact)

    def _user(self, user: int) -> Json:
        return {"id": user, "is_bot": False, "first_name": self.chats[user]["first_name"]}

    def _message(self, chat: Json, sender: Json | None, text: str) -> Json:
        self._last["message"] += 1
        message = {"message_id": self._last["message"], "date": 1750000000, "chat": chat}
        if sender:
            message["from"] = sender
        if text:
            message["text"] = text
        self._messages[chat["id"], message["message_id"]] = message
        return message

    def _push(self, kind: str, what: Any) -> int:
        return self.pushes({"update_id": self._last["update"] + 1, kind: what})

    def forget(self) -> None:
        """Nobody waits for what came so far."""
        self._updates.clear()

    def pushes(self, update: Any) -> int:
        """An update of any shape at all; its number."""
        self._last["update"] += 1
        self._updates.append((self._last["update"], update))
        asyncio.get_running_loop().create_task(self._notify())
        return self._last["update"]

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # What a test waits for.

    async def until(self, true: Callable[[], object], seconds: float = 5) -> None:
        """Wait until something holds; looked at after every request, and now and then."""
        async with asyncio.timeout(seconds):
            while not true():
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.2), self._changed:
                        await self._changed.wait()

    async def reply(self, count: int = 1) -> Sent:
        """Wait for that many messages in all; the last of them."""
        await self.until(lambda: len(self.sent) >= count)
        return self.sent[-1]

    @asynccontextmanager
    async def next_reply(self) -> AsyncIterator[list[Sent]]:
        """The messages that what happens inside leads to; at least one."""
        before, new = len(self.sent), list[Sent]()
        yield new
        await self.reply(before + 1)
        new.extend(self.sent[before:])

    def _chat(self, name: int | str) -> Json:
        for chat in self.chats.values():
            at = f"@{chat.get('username', '?')}".lower()
            if name == chat["id"] or str(name).lower() == at:
                return chat
        raise Refusal(400, "Bad Request: chat not found")

    def _member(self, chat: int, user: int) -> Json:
        member = self.members.get((chat, user), {"status": "left" if chat < 0 else "member"})
        rights: Json = {}
        if member["status"] == "administrator":
            no = ("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
                  "can_manage_video_chats", "can_restrict_members", "can_promote_members",
                  "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
                  "can_delete_stories")  # fmt: skip
            rights = dict.fromkeys(no, False)
            if self.chats[chat]["type"] == "channel":
                rights["can_post_messages"] = True
        elif member["status"] == "restricted":
            no = ("is_member", "can_send_messages", "can_send_audios", "can_send_documents",
                  "can_send_photos", "can_send_videos", "can_send_video_notes",
                  "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
                  "can_add_web_page_previews", "can_change_info", "can_invite_users",
                  "can_pin_messages", "can_manage_topics", "can_edit_tag",
                  "can_react_to_messages")  # fmt: skip
            rights = dict.fromkeys(no, False) | {"until_date": 0}
        elif member["status"] == "kicked":
            rights = {"until_date": 0}
        elif member["status"] == "creator":
            rights = {"is_anonymous": False}
        who = BOT if user == BOT["id"] else {"id": user, "is_bot": False, "first_name": "x"}
        return rights | member | {"user": who}
