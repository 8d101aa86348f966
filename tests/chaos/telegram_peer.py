"""Telegram as a sender meets it: 30 messages in any second, 1/s in a private chat, 1 per 3 s in
a group or channel."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import defaultdict
from urllib.parse import parse_qsl

from aiohttp import web

from tests.chaos.ledger import Book, Entry, Fault, Window
from tests.chaos.peer import Peer

BOT = {"id": 123456, "is_bot": True, "first_name": "Papers", "username": "papers_bot"}
CAN = dict.fromkeys(
    ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries"), False
)
DATE = 1_750_000_000
REFUSALS = {
    "gone": (403, "Forbidden: bot was blocked by the user"),
    "missing": (400, "Bad Request: chat not found"),
    "malformed": (400, "Bad Request: can't parse entities"),
    "moved": (400, "Bad Request: group chat was upgraded to a supergroup chat"),
}
Json = dict[str, object]


def answer(result: object) -> web.Response:
    body = json.dumps({"ok": True, "result": result}).encode()
    return web.Response(body=body, content_type="application/json")


def refusal(code: int, description: str, **parameters: object) -> web.Response:
    no: Json = {"ok": False, "error_code": code, "description": description}
    body = json.dumps(no | ({"parameters": parameters} if parameters else {})).encode()
    return web.Response(body=body, status=code, content_type="application/json")


def chat_of(chat: str) -> Json:
    kind = "supergroup" if chat.startswith("-") else "private"
    return {"id": int(chat), "type": kind, "title": "x", "first_name": "Ada"}


def _person(number: int) -> Json:
    return {"id": number, "is_bot": False, "first_name": "Ada"}


def _body(raw: bytes) -> dict[str, str]:
    """Both ways the Bot API takes parameters: JSON, and a form (as other libraries send)."""
    if raw.startswith(b"{"):
        return dict(json.loads(raw))
    return dict(parse_qsl(raw.decode()))


class TelegramPeer(Peer):
    name = "telegram"

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self._updates: list[Json] = []
        self._update = 1000
        self._changed = asyncio.Event()
        self.forget()

    def forget(self) -> None:
        self._overall = Window(30, 1.0)
        self._private = defaultdict[str, Window](lambda: Window(1, 1.0))
        self._group = defaultdict[str, Window](lambda: Window(1, 3.0))

    def over(self, chat: str, now: float) -> tuple[float, str]:
        where, _, _ = chat.partition("/")
        single = (self._group if where.startswith("-") else self._private)[where]
        for window, scope in ((self._overall, "global"), (single, "chat")):
            if wait := window.wait(now):
                return wait, scope
        self._overall.taken.append(now)
        single.taken.append(now)
        return 0.0, ""

    def says(self, chat: int, text: str, group: int = 0) -> float:
        """A person writes in their private chat, or in a group. Returns when."""
        self._update += 1
        self.inject({"message": self._said(chat, text, group)})
        return time.monotonic()

    def edits(self, chat: int, text: str) -> float:
        """A person changes what they wrote."""
        self.inject({"edited_message": self._said(chat, text) | {"edit_date": DATE + 1}})
        return time.monotonic()

    def presses(self, person: int, data: str) -> float:
        """A person presses a button that says what it likes, on a message in their chat."""
        message = self._message(str(person), 77, "x")
        pressed = {"id": f"{person}-{self._update}", "chat_instance": "1", "data": data,
                   "from": _person(person), "message": message}  # fmt: skip
        self.inject({"callback_query": pressed})
        return time.monotonic()

    def joins(self, person: int, title: str, group: int = 0) -> float:
        """A person takes the bot into a group of theirs, or throws it out: every other time."""
        states = [{"user": BOT, "status": status} for status in ("left", "member")]
        old, new = states if self._update % 4 < 2 else reversed(states)
        chat = chat_of(str(group)) | {"title": title}
        self.inject({"my_chat_member": {"chat": chat, "from": _person(person), "date": DATE,
                     "old_chat_member": old, "new_chat_member": new}})  # fmt: skip
        return time.monotonic()

    def _said(self, person: int, text: str, group: int = 0) -> Json:
        chat = chat_of(str(group or person))
        return {"message_id": self._update, "date": DATE, "text": text, "from": _person(person),
                "chat": chat}  # fmt: skip

    def inject(self, update: Json) -> None:
        self._update += 1
        self._updates.append({"update_id": self._update} | update)
        self._changed.set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        given = dict(request.query) | _body(await request.read())
        method = request.path.rpartition("/")[2]
        self.book.counts[f"telegram {method}"] += 1
        if method == "sendMessage":
            thread = given.get("message_thread_id")
            chat = given["chat_id"] + (f"/{thread}" if thread else "")
            return await self.message(request, chat, given["text"])
        if method == "getUpdates":
            return answer(
                await self._poll(int(given.get("offset", 0)), float(given.get("timeout", 0)))
            )
        return answer(self._plain(method, given))

    def _plain(self, method: str, given: dict[str, str]) -> object:
        if method == "getMe":
            return BOT | CAN
        if method == "getChat":
            more = {"accent_color_id": 0, "max_reaction_count": 11}
            return chat_of(given["chat_id"]) | more
        if method == "getChatMember":
            return {"status": "creator", "is_anonymous": False, "user": BOT}
        if method == "editMessageText":
            number = int(given["message_id"])
            return self._message(given["chat_id"], number, given["text"])
        return True  # setMyCommands, answerCallbackQuery

    async def _poll(self, offset: int, seconds: float) -> list[Json]:
        self._updates = [u for u in self._updates if int(str(u["update_id"])) >= offset]
        if not self._updates:
            self._changed.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
            except TimeoutError:
                return []
        return self._updates[:100]

    def _message(self, chat: str, number: int, text: str) -> Json:
        return {"message_id": number, "date": DATE, "chat": chat_of(chat), "from": BOT,
                "text": text[:200]}  # fmt: skip

    def receipt(self, entry: Entry, now: float) -> web.Response:
        where, _, _ = entry.chat.partition("/")
        return answer(self._message(where, entry.message_id, entry.text))

    def limited(self, wait: float, scope: str) -> web.Response:
        if scope == "cloudflare":  # what a proxy says names no time
            return web.Response(status=429, text="<html>slow down</html>", content_type="text/html")
        seconds = max(1, math.ceil(wait))
        return refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    def refused(self, fault: Fault) -> web.Response:
        code, words = REFUSALS[fault.kind]
        if fault.kind == "moved":
            return refusal(code, words, migrate_to_chat_id=int(fault.to))
        return refusal(code, words)
