"""The adapter over real HTTP and a real gateway connection, on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import discord
import pytest
import pytest_asyncio
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.client import Discord, make
from bot.config import load
from bot.errors import ConfigError, PostError
from bot.model import Message
from tests.discord.handle import FakeHandle

ME = {"id": "1", "username": "papers", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "1", "name": "papers", "icon": None, "description": "", "bot_public": True,
    "bot_require_code_grant": False, "verify_key": "", "owner": ME, "flags": 0, "team": None,
}  # fmt: skip
EVERYBODY = discord.Permissions(view_channel=True, send_messages=True, embed_links=True)
GUILD = {
    "id": "9", "name": "Readers", "owner_id": "5", "emojis": [], "features": [], "stickers": [],
    "roles": [{"id": "9", "name": "@everyone", "permissions": str(EVERYBODY.value), "color": 0,
               "colors": {"primary_color": 0}, "position": 0, "hoist": False, "managed": False,
               "mentionable": False}],
}  # fmt: skip
MEMBER = {"user": ME, "roles": [], "joined_at": "2025-01-01T00:00:00+00:00", "deaf": False,
          "mute": False, "flags": 0}  # fmt: skip
SENT = {
    "id": "77", "channel_id": "3", "author": ME, "content": "", "timestamp": MEMBER["joined_at"],
    "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [], "embeds": [],
    "mention_roles": [], "attachments": [], "pinned": False, "type": 0, "components": [],
}  # fmt: skip


def channel(number: int, deny: int = 0) -> dict:
    everyone = {"id": "9", "type": 0, "allow": "0", "deny": str(deny)}
    return {"id": str(number), "type": 0, "guild_id": "9", "name": f"room-{number}", "position": 0,
            "permission_overwrites": [everyone], "nsfw": False, "parent_id": None}  # fmt: skip


def answer(data: object, status: int = 200, **headers: str) -> web.Response:
    body = json.dumps(data).encode()  # no charset: discord.py reads plain application/json only
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def refusal(status: int, code: int = 0, **headers: str) -> web.Response:
    return answer({"code": code, "message": "no"}, status, **headers)


@dataclass
class Host:
    """Discord, as far as these tests go. `on_message` answers what is posted."""

    posted: list[dict] = field(default_factory=list)
    synced: list[str] = field(default_factory=list)
    identified: asyncio.Event = field(default_factory=asyncio.Event)
    on_message: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    close_with: int | None = None
    intents: int = 0

    async def api(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api")
        if request.headers["Authorization"] != "Bot good":
            return refusal(401)
        if path.endswith("/commands"):
            self.synced.append(path)
            return answer([])
        if path.endswith("/messages"):
            self.posted.append(await request.json())
            return await self.on_message(request) if self.on_message else answer(SENT)
        rooms = {3: channel(3), 4: channel(4, discord.Permissions(embed_links=True).value)}
        known = {
            "/users/@me": ME, "/oauth2/applications/@me": APPLICATION, "/guilds/9": GUILD,
            "/guilds/9/members/1": MEMBER, "/channels/3": rooms[3], "/channels/4": rooms[4],
        }  # fmt: skip
        return answer(known[path]) if path in known else refusal(404, 10003)

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40000}, "s": None, "t": None})
        while (said := await socket.receive_json())["op"] != 2:  # heartbeats come first
            pass
        self.intents = said["d"]["intents"]
        if self.close_with:
            await socket.close(code=self.close_with)
            return socket
        ready = {"v": 10, "user": ME, "guilds": [], "session_id": "s", "application": APPLICATION,
                 "resume_gateway_url": str(request.url)}  # fmt: skip
        await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": ready})
        self.identified.set()
        async for _ in socket:
            pass
        return socket


@dataclass
class Wire:
    host: Host
    port: int

    def adapter(self, *, refused: bool = False, port: int | None = None) -> Discord:
        at = f"127.0.0.1:{port or self.port}"
        env = {
            "DISCORD_TOKEN": "bad" if refused else "good",
            "DISCORD_API_BASE": f"http://{at}/api",
            "DISCORD_GATEWAY_URL": f"ws://{at}/gateway",
        }
        return make(load(env))


@pytest_asyncio.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    host = Host()
    app = web.Application()
    app.router.add_get("/gateway", host.gateway)
    app.router.add_route("*", "/api/{path:.*}", host.api)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield Wire(host, runner.addresses[0][1])
    await runner.cleanup()


@pytest_asyncio.fixture
async def running(wire: Wire) -> AsyncIterator[Discord]:
    adapter = wire.adapter()
    serving = asyncio.create_task(adapter.run(FakeHandle()))
    async with asyncio.timeout(5):
        await wire.host.identified.wait()
    yield adapter
    serving.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await serving


async def fault(adapter: Discord, address: str = "c3") -> PostError:
    with pytest.raises(PostError) as caught:
        await adapter.post(address, Message(text="x"), key="dp1")
    return caught.value


async def test_it_serves_until_cancelled_and_posts_meanwhile(wire: Wire, running: Discord) -> None:
    receipt = await running.post("c3", Message(text="x"), key="dp1")
    assert receipt.message_id == "77"
    assert wire.host.posted[0]["nonce"] == "dp1"
    assert wire.host.synced == ["/applications/1/commands"]
    assert wire.host.intents == discord.Intents(guilds=True).value


async def test_after_the_end_a_post_never_leaves(wire: Wire) -> None:
    adapter = wire.adapter()
    serving = asyncio.create_task(adapter.run(FakeHandle()))
    async with asyncio.timeout(5):
        await wire.host.identified.wait()
    serving.cancel()
    await asyncio.wait([serving], timeout=5)
    assert str(await fault(adapter)) == "Not connected to Discord yet"


@pytest.mark.parametrize("revoked", [False, True])
async def test_a_refused_token_is_a_configuration_fault(wire: Wire, revoked: bool) -> None:
    wire.host.close_with = 4004  # what a running bot hears when its token is reset
    with pytest.raises(ConfigError, match="refused DISCORD_TOKEN; copy it again"):
        await wire.adapter(refused=not revoked).run(FakeHandle())


async def test_an_unreachable_discord_is_tried_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 5:
            wire.adapter()  # the network is back
        await asyncio.sleep(0)

    monkeypatch.setattr("adapters.discord.client._sleep", sleep)
    serving = asyncio.create_task(wire.adapter(port=1).run(FakeHandle()))
    async with asyncio.timeout(5):
        await wire.host.identified.wait()
    assert pauses == [5, 15, 60, 300, 300]
    assert "reason=Discord cannot be reached retry_in=5" in caplog.text
    serving.cancel()
    await asyncio.wait([serving], timeout=5)


async def test_a_cancellation_discord_py_swallows_still_ends_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(client: discord.Client) -> None:
        wire.host.identified.set()
        while not client.is_closed():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    monkeypatch.setattr(discord.Client, "connect", connect)
    serving = asyncio.create_task(wire.adapter().run(FakeHandle()))
    await wire.host.identified.wait()
    serving.cancel()
    done, _ = await asyncio.wait([serving], timeout=5)
    assert done


async def test_a_connection_lost_after_the_request_is_ambiguous(
    wire: Wire, running: Discord
) -> None:
    async def reset(request: web.Request) -> web.StreamResponse:
        request.transport.abort()
        return web.Response()

    wire.host.on_message = reset
    assert (await fault(running)).ambiguous


async def test_no_answer_in_time_is_ambiguous(
    wire: Wire, running: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(1)
        return web.Response()

    monkeypatch.setattr("adapters.discord.client._TIMEOUT", 0.05)
    wire.host.on_message = silence
    assert (await fault(running)).ambiguous


async def test_a_connection_refused_is_simply_sent_again(wire: Wire, running: Discord) -> None:
    wire.adapter(port=1)  # from here on requests go where nobody listens
    refused = await fault(running)
    assert not (refused.ambiguous or refused.permanent or refused.refused)


async def test_a_page_from_something_else_is_not_a_receipt(wire: Wire, running: Discord) -> None:
    async def portal(request: web.Request) -> web.StreamResponse:
        return web.Response(text="<p>Please log in</p>", content_type="text/html")

    wire.host.on_message = portal
    assert (await fault(running)).ambiguous


async def test_a_rate_limit_says_how_long(wire: Wire, running: Discord) -> None:
    async def wait(request: web.Request) -> web.StreamResponse:
        return refusal(429, **{"Retry-After": "61"})

    wire.host.on_message = wait
    assert (await fault(running)).retry_after == 61


async def test_the_doctor_names_what_each_channel_lacks(wire: Wire) -> None:
    assert await wire.adapter().check(["c3", "u5"]) == []
    assert await wire.adapter().check(["c3", "c4", "c6"]) == [
        "I may not post in #room-4: give me Embed Links there.",
        "Channel 6: The channel is gone.",
    ]
    assert wire.host.synced == []


async def test_the_doctor_names_a_refused_token_and_a_missing_network(wire: Wire) -> None:
    (refused,) = await wire.adapter(refused=True).check([])
    assert refused.startswith("Discord refused DISCORD_TOKEN")
    assert await wire.adapter(port=1).check(["c3"]) == ["Discord cannot be reached"]
