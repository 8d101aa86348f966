"""Discord on loopback: REST, and a gateway whose every word a test can say."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import discord
from aiohttp import WSMsgType, web

from adapters.discord.client import Discord, make
from bot.config import load
from tests.discord.inbox import Inbox

ME = {"id": "1", "username": "papers", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "1", "name": "papers", "icon": None, "description": "", "bot_public": True,
    "bot_require_code_grant": False, "verify_key": "", "owner": ME, "flags": 0, "team": None,
}  # fmt: skip
EVERYBODY = discord.Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, embed_links=True,
    read_message_history=True,
)  # fmt: skip
MEMBER = {"user": ME, "roles": [], "joined_at": "2025-01-01T00:00:00+00:00", "deaf": False,
          "mute": False, "flags": 0}  # fmt: skip
SENT = {
    "id": "77", "channel_id": "3", "author": ME, "content": "", "timestamp": MEMBER["joined_at"],
    "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [], "embeds": [],
    "mention_roles": [], "attachments": [], "pinned": False, "type": 0, "components": [],
}  # fmt: skip
STARTS = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def role(number: int = 9, permissions: discord.Permissions = EVERYBODY) -> dict:
    return {"id": str(number), "name": f"role-{number}", "permissions": str(permissions.value),
            "color": 0, "colors": {"primary_color": 0}, "position": 0, "hoist": False,
            "managed": False, "mentionable": False}  # fmt: skip


def channel(number: int, deny: int = 0, kind: int = 0) -> dict:
    everyone = {"id": "9", "type": 0, "allow": "0", "deny": str(deny)}
    return {"id": str(number), "type": kind, "guild_id": "9", "name": f"room-{number}",
            "position": 0, "permission_overwrites": [everyone], "nsfw": False,
            "parent_id": None}  # fmt: skip


def thread(number: int, parent: int = 3, **changes: object) -> dict:
    state = {"archived": False, "auto_archive_duration": 60, "locked": False,
             "archive_timestamp": MEMBER["joined_at"]}  # fmt: skip
    return {"id": str(number), "type": 11, "guild_id": "9", "name": f"thread-{number}",
            "parent_id": str(parent), "owner_id": "5", "message_count": 1, "member_count": 1,
            "thread_metadata": state | changes}  # fmt: skip


def guild(*channels: dict, **changes: object) -> dict:
    threads = [one for one in channels if one["type"] == 11]
    rooms = [one for one in channels if one["type"] != 11]
    return {"id": "9", "name": "Readers", "owner_id": "5", "emojis": [], "features": [],
            "stickers": [], "roles": [role()], "members": [MEMBER], "channels": rooms,
            "threads": threads, "unavailable": False} | changes  # fmt: skip


def answer(data: object, status: int = 200, **headers: str) -> web.Response:
    body = json.dumps(data).encode()  # no charset: discord.py reads plain application/json only
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def refusal(status: int, code: int = 0, **headers: str) -> web.Response:
    return answer({"code": code, "message": "no"}, status, **headers)


def always(response: Callable[[], web.Response]) -> Answer:
    async def answers(request: web.Request) -> web.StreamResponse:
        return response()

    return answers


@dataclass
class Host:
    """Discord, as far as these tests go. `on` answers a path in place of what it would say."""

    posted: list[dict] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # "METHOD path" of each request
    registered: dict[str, list[dict]] = field(default_factory=dict)
    history: list[dict] = field(default_factory=list)
    on: dict[str, Answer] = field(default_factory=dict)
    known: dict[str, object] = field(default_factory=dict)
    shards: int = 1
    starts: dict | None = field(default_factory=lambda: dict(STARTS))
    close_with: Callable[[list[int]], int | None] = lambda _shard: None
    silent: set[int] = field(default_factory=set)  # shards that are never told READY
    identified: list[list[int]] = field(default_factory=list)  # [shard, count] as they came
    resumed: list[int] = field(default_factory=list)
    intents: int = 0
    sockets: dict[int, web.WebSocketResponse] = field(default_factory=dict)
    guilds: list[dict] = field(default_factory=list)
    inbox: Inbox = field(default_factory=Inbox)
    _sequence: int = 1

    def __post_init__(self) -> None:
        self.inbox.says = self.says
        muted = discord.Permissions(embed_links=True).value
        self.known |= {
            "/users/@me": ME, "/oauth2/applications/@me": APPLICATION, "/guilds/9": guild(),
            "/guilds/9/members/1": MEMBER, "/channels/3": channel(3),
            "/channels/4": channel(4, muted),
        }  # fmt: skip

    async def api(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api")
        self.asked.append(f"{request.method} {path}")
        if path.startswith(("/interactions/", "/webhooks/")):  # their token is all they need
            said = await request.json() if request.body_exists else None
            return await self.inbox.api(request, path, said)
        if request.headers.get("Authorization") != "Bot good":
            return refusal(401)
        body = await request.json() if request.body_exists else None
        if path.endswith("/messages") and request.method == "POST":
            self.posted.append(body)
        for known in (f"{request.method} {path}", path):
            if known in self.on:
                return await self.on[known](request)
        if path == "/gateway/bot":
            limit = {} if self.starts is None else {"session_start_limit": self.starts}
            return answer({"url": "ws://nowhere", "shards": self.shards} | limit)
        if path.endswith("/commands"):
            if request.method == "PUT":
                made = [{"id": str(n), "application_id": "1", **c} for n, c in enumerate(body)]
                self.registered[path] = made
            return answer(self.registered.get(path, []))
        if path.endswith("/messages"):
            return answer(SENT if request.method == "POST" else self.history)
        return answer(self.known[path]) if path in self.known else refusal(404, 10003)

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40000}, "s": None, "t": None})
        async for said in socket:
            told = json.loads(said.data) if said.type is WSMsgType.TEXT else {"op": 0}
            if told["op"] == 2:
                await self._identify(request, socket, told["d"])
            elif told["op"] == 6:
                await self._resume(socket, told["d"]["session_id"])
        return socket

    async def _resume(self, socket: web.WebSocketResponse, session: str | None) -> None:
        """A session is named by its shard; one that was never READY cannot be resumed."""
        if session is None:
            await socket.send_json({"op": 9, "d": False, "s": None, "t": None})
            return
        self.resumed.append(int(session))
        self.sockets[int(session)] = socket
        await self._send(socket, "RESUMED", {})

    async def _identify(
        self, request: web.Request, socket: web.WebSocketResponse, told: dict
    ) -> None:
        shard = told.get("shard", [0, 1])
        self.intents = told["intents"]
        self.identified.append(shard)
        if code := self.close_with(shard):
            await socket.close(code=code)
            return
        if shard[0] in self.silent:
            return
        stubs = [{"id": one["id"], "unavailable": True} for one in self.guilds]
        ready = {"v": 10, "user": ME, "guilds": stubs, "session_id": str(shard[0]), "shard": shard,
                 "application": APPLICATION, "resume_gateway_url": str(request.url)}  # fmt: skip
        await self._send(socket, "READY", ready)
        for one in self.guilds:
            await self._send(socket, "GUILD_CREATE", one)
        self.sockets[shard[0]] = socket

    async def says(self, event: str, data: object, shard: int = 0) -> None:
        """An event of the gateway, to a shard that is connected."""
        await self._send(self.sockets[shard], event, data)

    async def tells(self, shard: int = 0) -> None:
        """Something the adapter passes on to the core: a thread of a server of that shard went."""
        server = str((shard << 22) + 9)
        await self.says("GUILD_CREATE", guild(id=server), shard)
        gone = {"id": str(50 + shard), "guild_id": server, "parent_id": "3", "type": 11}
        await self.says("THREAD_DELETE", gone, shard)

    async def _send(self, socket: web.WebSocketResponse, event: str, data: object) -> None:
        self._sequence += 1
        await socket.send_json({"op": 0, "t": event, "s": self._sequence, "d": data})


@dataclass
class Wire:
    host: Host
    port: int

    def adapter(self, *, refused: bool = False, port: int | None = None, **env: str) -> Discord:
        at = f"127.0.0.1:{port or self.port}"
        settings = {
            "DISCORD_TOKEN": "bad" if refused else "good",
            "DISCORD_API_BASE": f"http://{at}/api",
            "DISCORD_GATEWAY_URL": f"ws://{at}/gateway",
        }
        return make(load(settings | env))


async def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something holds; a test that waits in vain fails."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what a peer has seen rings no bell
            await asyncio.sleep(0.01)
