"""Discord as a sender meets it: 50 requests in any second, 5 messages in 5 s a channel, nonces,
and a gateway that says READY and passes on what people command."""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Mapping

from aiohttp import WSMsgType, web

from adapters.discord.menus import PREFIX
from tests.chaos.ledger import Book, Bucket, Entry, Fault, Window, moment
from tests.chaos.peer import Peer

ME = {"id": "1", "username": "papers", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "1", "name": "papers", "icon": None, "description": "", "bot_public": True,
    "bot_require_code_grant": False, "verify_key": "", "owner": ME, "flags": 0, "team": None,
}  # fmt: skip
SENT = {
    "author": ME, "edited_timestamp": None, "tts": False,
    "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [],
    "pinned": False, "type": 0, "components": [], "content": "", "embeds": [],
}  # fmt: skip
Json = dict[str, object]
DM = 10**15  # a private channel's id is this and the person's
PER_CHANNEL, SECONDS = 5, 5.0
REFUSALS = {
    "gone": (403, 50013, "Missing Permissions"),
    "missing": (404, 10003, "Unknown Channel"),
    "malformed": (400, 50035, "Invalid Form Body"),
    "moved": (404, 10003, "Unknown Channel"),
}


def answer(data: object, status: int = 200, **headers: str) -> web.Response:
    # No charset: discord.py reads plain application/json only.
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(
        body=json.dumps(data).encode(), status=status, content_type="application/json",
        headers=named | {"Via": "1.1 google"},
    )  # fmt: skip


def place(channel: str) -> str:
    """The channel as the bot addresses it: `c<channel>`, `u<person>`."""
    return f"u{int(channel) - DM}" if int(channel) > DM else f"c{channel}"


class DiscordPeer(Peer):
    name = "discord"

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self._sockets = set[web.WebSocketResponse]()
        self._events = 1
        self.forget()

    def forget(self) -> None:
        self._overall = Window(50, 1.0)
        self._channels = defaultdict[str, Bucket](lambda: Bucket(PER_CHANNEL, SECONDS))

    def over(self, chat: str, now: float) -> tuple[float, str]:
        bucket = self._channels[chat]
        if wait := self._overall.wait(now):
            return wait, "global"
        if wait := bucket.wait(now):
            return wait, "chat"
        self._overall.taken.append(now)
        bucket.take(now)
        return 0.0, ""

    async def says(self, person: int, text: str) -> float:
        """A person uses a command in their private chat. Returns when."""
        return await self._happens(person, 2, _used(text))

    async def types(self, person: int, text: str) -> float:
        """A person types what `says` would send."""
        typed = _used(text)
        options = typed["options"]
        assert isinstance(options, list)
        return await self._happens(person, 4, typed | {"options": [options[0] | {"focused": True}]})

    async def presses(self, person: int, data: str) -> float:
        """A person presses a button that says what it likes, on a message that was deleted."""
        message = SENT | {"id": "77", "channel_id": str(DM + person), "timestamp": moment(77)}
        pressed = {"custom_id": f"{PREFIX}{data}", "component_type": 2}
        return await self._happens(person, 3, pressed, message=message)

    async def _happens(self, person: int, kind: int, data: Json, **more: object) -> float:
        self._events += 1
        channel = {"id": str(DM + person), "type": 1, "last_message_id": None}
        asked = {
            "id": str(self._events), "application_id": ME["id"], "type": kind, "version": 1,
            "token": f"u{person}", "context": 1, "attachment_size_limit": 0, "channel": channel,
            "user": ME | {"id": str(person), "bot": False}, "data": data,
        }  # fmt: skip
        event = {"op": 0, "t": "INTERACTION_CREATE", "s": self._events, "d": asked | more}
        at = time.monotonic()
        for socket in self._sockets:
            await socket.send_json(event)
        return at

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/gateway"):
            return await self._gateway(request)
        body = await request.read()
        path = request.path.removeprefix("/api").strip("/").split("/")
        if path[0] in ("interactions", "webhooks"):  # these count in no window
            return self._answered_to(path, body)
        self.book.counts["discord requests"] += 1
        if path[0] == "channels" and path[-1] == "messages" and request.method == "POST":
            said = json.loads(body)
            return await self._said(request, path[1], said)
        now = time.monotonic()
        if self.book.strict and (wait := self._overall.wait(now)):
            self.book.counts["discord 429"] += 1
            return self.limited(wait, "global")
        self._overall.taken.append(now)
        return self._plain(path, body, request.query)

    async def _said(
        self, request: web.Request, channel: str, said: dict[str, object]
    ) -> web.StreamResponse:
        nonce = str(said.get("nonce", "")) if said.get("enforce_nonce") else ""
        shown = {k: v for k, v in said.items() if k in ("content", "components", "nonce")}
        text = json.dumps([said.get("content"), said.get("components")])
        return await self.message(request, place(channel), text, nonce, shown)

    def _answered_to(self, path: list[str], body: bytes) -> web.Response:
        """What the bot says to a command: the answer, or first that it will come."""
        if not body:  # what stood there until the answer came is taken away
            return web.Response(status=204)
        shown, done = json.loads(body), {"interaction": {"id": path[1], "type": 2}}
        first = path[0] == "interactions"
        if first and shown["type"] not in (4, 7):  # no answer yet, or no message
            return answer(done)
        text = json.dumps(shown["data"] if first else shown)
        entry = self.book.accept(time.monotonic(), "discord answers", path[2], text, "", {})
        return answer(done if first else self._body(entry))

    def _plain(self, path: list[str], body: bytes, query: Mapping[str, str]) -> web.Response:
        if path == ["users", "@me"]:
            return answer(ME)
        if path[0] == "oauth2":
            return answer(APPLICATION)
        if path == ["gateway", "bot"]:
            starts = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
            return answer({"url": "ws://", "shards": 1, "session_start_limit": starts})
        if path[-1] == "commands":
            return answer([])
        if path == ["users", "@me", "channels"]:
            person = json.loads(body)["recipient_id"]
            return answer({"id": str(DM + int(person)), "type": 1, "last_message_id": None,
                           "recipients": [ME | {"id": str(person), "bot": False}]})  # fmt: skip
        if path[0] == "channels" and path[-1] == "messages":
            return answer(self._history(place(path[1]), query))
        return answer({"code": 10003, "message": "Unknown Channel"}, 404)

    def _history(self, chat: str, query: Mapping[str, str]) -> list[dict[str, object]]:
        """The newest first; with `after`, those that come next after it."""
        limit, after = int(query.get("limit", 50)), int(query.get("after", 0))
        before = int(query.get("before", 1 << 63))
        found = [e for e in self.book.by_chat[chat] if after < e.message_id < before]
        found = found[:limit] if after else found[-limit:]
        return [self._body(entry, self.book.history_nonces) for entry in reversed(found)]

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets = {one for one in self._sockets if not one.closed} | {socket}
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None})
        async for said in socket:
            told = json.loads(said.data) if said.type is WSMsgType.TEXT else {"op": 0}
            op = told["op"]
            if op == 1:
                await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
            elif op in (2, 6):
                resume = f"ws://{request.host}/gateway"
                shard = told["d"].get("shard", [0, 1])
                ready = {"v": 10, "user": ME, "shard": shard, "guilds": [], "session_id": "s",
                         "application": APPLICATION, "resume_gateway_url": resume}  # fmt: skip
                event = ("READY", ready) if op == 2 else ("RESUMED", {})
                await socket.send_json({"op": 0, "t": event[0], "s": 1, "d": event[1]})
        return socket

    def _body(self, entry: Entry, nonce: bool = True) -> dict[str, object]:
        channel = str(int(entry.chat[1:]) + (DM if entry.chat[0] == "u" else 0))
        made = {"id": str(entry.message_id), "timestamp": moment(entry.message_id)}
        told = SENT | entry.body | made | {"channel_id": channel}
        return told if nonce else {k: v for k, v in told.items() if k != "nonce"}

    def receipt(self, entry: Entry, now: float) -> web.Response:
        bucket = self._channels[entry.chat]
        return answer(
            self._body(entry),
            X_RateLimit_Bucket="80c17d2f203122d936070c88c8d10f33",
            X_RateLimit_Limit=str(PER_CHANNEL),
            X_RateLimit_Remaining=str(PER_CHANNEL - bucket.used),
            X_RateLimit_Reset=f"{time.time() + bucket.until - now:.3f}",
            X_RateLimit_Reset_After=f"{max(0.0, math.ceil((bucket.until - now) * 1000) / 1000)}",
        )

    def limited(self, wait: float, scope: str) -> web.Response:
        if scope == "cloudflare":
            later = {"Retry-After": str(math.ceil(wait))}
            page = "<html>error code: 1015</html>"
            return web.Response(status=429, text=page, content_type="text/html", headers=later)
        told = {"message": "You are being rate limited.", "retry_after": round(wait + 0.0005, 3),
                "global": scope == "global"}  # fmt: skip
        more = {"X_RateLimit_Global": "true"} if scope == "global" else {}
        return answer(
            told, 429, Retry_After=str(math.ceil(wait)),
            X_RateLimit_Scope="global" if scope == "global" else "user", **more,
        )  # fmt: skip

    def refused(self, fault: Fault) -> web.Response:
        status, code, words = REFUSALS[fault.kind]
        return answer({"code": code, "message": words}, status)


OPTIONS = {"paper": "id", "search": "query", "similar": "paper", "date": "day",
           "subscribe": "topic", "setup": "zone",
           "unsubscribe": "topic", "forgetme": "sure"}  # fmt: skip


def _used(text: str) -> Json:
    """`/search flow matching`, as Discord says which command was used with which option."""
    name, _, value = text.removeprefix("/").partition(" ")
    options = [{"name": OPTIONS[name], "type": 3, "value": value}] if value else []
    return {"id": "1", "type": 1, "name": name, "options": options}
