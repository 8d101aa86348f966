"""A Telegram Bot API on loopback: as strict as the real one about everything the bot sends.

Every request is held against the published API description where `shared/specs` is at hand,
and every HTML text against TDLib's own parser.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.telegram.judge import Description, Json, parse_html

TOKEN = "123456:AAE-token-of-the-double"
BOT = {"id": 123456, "is_bot": True, "first_name": "Papers", "username": "papers_bot"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
TEXTS = ("text", "callback_query_id", "callback_data")
IN_CHAT = ("creator", "administrator", "member")


class Refusal(Exception):
    """The Bot API's way of saying no."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


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


class TelegramDouble:
    """`async with TelegramDouble() as tg:`; point TELEGRAM_API_BASE at `tg.base`."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.base = ""
        self.chats: dict[int, Json] = {}
        self.members: dict[tuple[int, int], Json] = {}
        self.closed: dict[int, str] = {}  # private chats the bot may not write to, and why
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, Json]] = []
        self.answered: list[Json] = []  # answerCallbackQuery
        self.commands: dict[str, list[Json]] = {}
        self.complaints: list[str] = []  # requests the real server would not understand
        self._faults: dict[str, deque[Callable[[], None]]] = defaultdict(deque)
        self._updates: list[Json] = []
        self._messages: dict[tuple[int, int], Json] = {}
        self._changed = asyncio.Condition()
        self._last = {"update": 1000, "message": 0, "callback": 0}
        self._description = Description()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{bot}/{method}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        assert not self.complaints, self.complaints

    # The world: who is where.

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
    ) -> int:
        """A group, supergroup or channel in which the bot has the status `bot`."""
        self.chats[chat] = {"id": chat, "type": kind, "title": title}
        if username:
            self.chats[chat]["username"] = username
        self.set_member(chat, BOT["id"], bot)
        return chat

    def set_member(self, chat: int, user: int, status: str, **rights: Any) -> None:
        self.members[chat, user] = {"status": status, **rights}

    def fail(
        self, method: str, code: int = 500, description: str = "Internal Server Error",
        times: int = 1, **parameters: int,
    ) -> None:  # fmt: skip
        """The next calls of the method are refused; parameters as in ResponseParameters."""

        def refuse() -> None:
            raise Refusal(code, description, **parameters)

        self._faults[method].extend([refuse] * times)

    def drop(self, method: str, times: int = 1) -> None:
        """The next calls of the method are read, then the connection is closed."""

        def hang_up() -> None:
            raise ConnectionAbortedError

        self._faults[method].extend([hang_up] * times)

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

    def puts_bot(self, user: int, chat: int, status: str) -> None:
        """A person adds, promotes, removes (`left`, `kicked`) or blocks the bot."""
        old = self._member(chat, BOT["id"])
        self.set_member(chat, BOT["id"], status)
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

    def _message(self, chat: Json, sender: Json, text: str) -> Json:
        self._last["message"] += 1
        message = {
            "message_id": self._last["message"],
            "date": 1750000000,
            "chat": chat,
            "from": sender,
        }
        if text:
            message["text"] = text
        self._messages[chat["id"], message["message_id"]] = message
        return message

    def _push(self, kind: str, what: Json) -> None:
        self._last["update"] += 1
        self._updates.append({"update_id": self._last["update"], kind: what})
        asyncio.get_running_loop().create_task(self._notify())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # What a test waits for.

    async def until(self, true: Callable[[], object], seconds: float = 5) -> None:
        """Wait until something holds; looked at after every request."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: bool(true()))

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

    # The server.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            if request.match_info["bot"] != f"bot{self.token}":
                raise Refusal(401, "Unauthorized")
            params = await self._params(request, method)
            self.calls.append((method, params))
            await self._notify()
            if self._faults[method]:
                self._faults[method].popleft()()
            result = getattr(self, f"_{method}")(params)
            answer: Json = {
                "ok": True,
                "result": await result if asyncio.iscoroutine(result) else result,
            }
        except Refusal as no:
            answer = {"ok": False, "error_code": no.code, "description": no.description}
            answer |= {"parameters": no.parameters} if no.parameters else {}
        except ConnectionAbortedError:
            assert request.transport
            request.transport.abort()
            return web.Response()
        finally:
            await self._notify()
        return web.json_response(answer, status=answer.get("error_code", 200))

    async def _params(self, request: web.Request, method: str) -> Json:
        """Form fields are text; whatever is not meant as text is JSON in it."""
        params = {}
        for name, given in {**request.query, **await request.post()}.items():
            try:
                params[name] = given if name in TEXTS else json.loads(str(given))
            except ValueError:
                params[name] = given
        self.complaints += self._description.faults(method, params)
        return params

    def _getMe(self, params: Json) -> Json:
        can = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        return BOT | dict.fromkeys(can, False)

    async def _getUpdates(self, params: Json) -> list[Json]:
        offset = params.get("offset", 0)
        self._updates = [u for u in self._updates if u["update_id"] >= offset]
        try:
            async with asyncio.timeout(params.get("timeout", 0)), self._changed:
                await self._changed.wait_for(lambda: self._updates)
        except TimeoutError:
            return []
        return self._updates[:100]

    def _setMyCommands(self, params: Json) -> bool:
        for command in params["commands"]:
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[params.get("scope", {"type": "default"})["type"]] = params["commands"]
        return True

    def _answerCallbackQuery(self, params: Json) -> bool:
        if len(params.get("text", "")) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self.answered.append(params)
        return True

    def _chat(self, name: int | str) -> Json:
        for chat in self.chats.values():
            if name in (chat["id"], f"@{chat.get('username', '?')}") and chat["type"] != "gone":
                return chat
        raise Refusal(400, "Bad Request: chat not found")

    def _getChat(self, params: Json) -> Json:
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": {
            "unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False,
            "premium_subscription": False, "gifts_from_channels": False}}  # fmt: skip
        return self._chat(params["chat_id"]) | more

    def _getChatMember(self, params: Json) -> Json:
        return self._member(self._chat(params["chat_id"])["id"], params["user_id"])

    def _member(self, chat: int, user: int) -> Json:
        member = self.members.get((chat, user), {"status": "left" if chat < 0 else "member"})
        rights: Json = {}
        if member["status"] == "administrator":
            no = ("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
                  "can_manage_video_chats", "can_restrict_members", "can_promote_members",
                  "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
                  "can_delete_stories")  # fmt: skip
            rights = dict.fromkeys(no, False) | {"can_post_messages": True}
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

    def _sendMessage(self, params: Json) -> Json:
        chat = self._chat(params["chat_id"])
        self._may_write(chat, params.get("message_thread_id"))
        text, markup = self._text(params), params.get("reply_markup")
        message = self._message(chat, BOT, text["text"])
        reply = params.get("reply_parameters", {}).get("message_id")
        if original := self._messages.get((chat["id"], reply or 0)):
            message["reply_to_message"] = original
        if markup:
            message["reply_markup"] = markup
        self.sent.append(Sent(
            chat["id"], params.get("message_thread_id"), params["text"], text["text"],
            text["entities"], markup, message["message_id"], reply, raw=message,
        ))  # fmt: skip
        return message

    def _may_write(self, chat: Json, thread: int | None) -> None:
        if chat["id"] in self.closed:
            raise Refusal(403, f"Forbidden: {self.closed[chat['id']]}")
        if chat["type"] == "private":
            return
        me = self._member(chat["id"], BOT["id"])
        if me["status"] not in IN_CHAT:
            raise Refusal(403, f"Forbidden: bot is not a member of the {chat['type']} chat")
        if chat["type"] == "channel" and not me.get("can_post_messages"):
            raise Refusal(400, "Bad Request: need administrator rights in the channel chat")
        if thread and thread not in chat.get("threads", [thread]):
            raise Refusal(400, "Bad Request: message thread not found")

    def _editMessageText(self, params: Json) -> Json:
        for sent in self.sent:
            if (sent.chat_id, sent.message_id) == (params["chat_id"], params["message_id"]):
                break
        else:
            raise Refusal(400, "Bad Request: message to edit not found")
        text, markup = self._text(params), params.get("reply_markup")
        if (sent.html, sent.reply_markup) == (params["text"], markup):
            raise Refusal(400, "Bad Request: message is not modified: nothing in it is new")
        sent.html, sent.text, sent.entities = params["text"], text["text"], text["entities"]
        sent.reply_markup, sent.edits = markup, sent.edits + 1
        sent.raw |= {"text": sent.text, "reply_markup": markup or {"inline_keyboard": []}}
        return sent.raw

    def _text(self, params: Json) -> Json:
        """The text as readers see it; refused where Telegram refuses it."""
        parsed = parse_html(params["text"])
        if parsed["@type"] == "error":
            raise Refusal(
                400, f"Bad Request: {parsed['message'][0].lower()}{parsed['message'][1:]}"
            )
        if not parsed["text"].strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(parsed["text"].encode("utf-16-le")) // 2 > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        if len(parsed["entities"]) > 100:  # the real server silently drops the rest
            raise Refusal(400, "Bad Request: too many entities")
        buttons = [
            b for row in params.get("reply_markup", {}).get("inline_keyboard", []) for b in row
        ]
        for button in buttons:
            if not button["text"].strip():
                raise Refusal(400, "Bad Request: can't parse inline keyboard button: text is empty")
            if not 1 <= len(button.get("callback_data", "x").encode()) <= 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
            if not button.get("url", "https://").startswith(("http://", "https://", "tg://")):
                raise Refusal(400, "Bad Request: BUTTON_URL_INVALID")
        return parsed
