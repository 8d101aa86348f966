"""A simulated Discord, one on loopback, and the adapter that serves it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest
import pytest_asyncio
import simcord
from aiohttp import web
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route

from adapters.discord.client import Discord, make
from bot.config import load
from tests.discord.handle import FakeHandle
from tests.discord.judge import all_problems
from tests.discord.wire import Host, Wire, answer, until
from tests.discord.world import World


@pytest.fixture(autouse=True)
def no_heartbeats_left() -> Iterator[None]:
    """A connection given up in the middle leaves discord.py's thread, which outlives the loop."""
    yield
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):
            thread.stop()
            thread.join(5)


@pytest_asyncio.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    monkeypatch.setattr("adapters.discord.connection._ARRIVING", 0.05)
    host = Host()
    app = web.Application()
    app.router.add_get("/gateway", host.gateway)
    app.router.add_route("*", "/api/{path:.*}", host.api)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield Wire(host, runner.addresses[0][1])
    await runner.cleanup()


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    adapter = make(load({"DISCORD_TOKEN": "secret"}))
    handle = FakeHandle()
    env = simcord.Env(adapter.client(handle))
    await env.start()
    yield World(env, adapter, handle)
    await env.shutdown()
    env.raise_errors()
    assert all_problems(env.http_requests) == []


@dataclass
class Pauses:
    """Stands for `asyncio.sleep` in the adapter: waits are noted and pass at once."""

    noted: list[tuple[str, float]] = field(default_factory=list)
    then: Callable[[], None] = lambda: None  # happens in each of them

    def of(self, module: str) -> list[float]:
        return [seconds for name, seconds in self.noted if name == module]

    async def sleep(self, module: str, seconds: float) -> None:
        self.noted.append((module, seconds))
        self.then()
        await asyncio.sleep(0.01)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    made = Pauses()
    for module in ("attempts", "client", "connection", "register", "shards"):
        monkeypatch.setattr(f"adapters.discord.{module}._sleep", partial(made.sleep, module))
    return made


@asynccontextmanager
async def served(adapter: Discord, handle: FakeHandle) -> AsyncIterator[None]:
    """The adapter runs until the end of the block; what ended it before is raised."""
    serving = asyncio.create_task(adapter.run(handle))
    try:
        yield
    finally:
        serving.cancel()
        async with asyncio.timeout(5):
            await asyncio.wait([serving])
    if not serving.cancelled():
        await serving


@pytest_asyncio.fixture
async def running(wire: Wire) -> AsyncIterator[Discord]:
    """Connected; the bot is in no server."""
    adapter = wire.adapter()
    async with served(adapter, FakeHandle()):
        await until(lambda: wire.host.sockets)
        yield adapter


@pytest_asyncio.fixture
async def handle(
    wire: Wire, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FakeHandle]:
    """What an adapter serves that is connected, and soon takes a request for lost."""

    async def history(request: web.Request) -> web.StreamResponse:
        return answer(wire.host.inbox.history())

    monkeypatch.setattr("adapters.discord.attempts.LONGEST", 0.2)
    wire.host.on["GET /channels/3/messages"] = history
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await until(lambda: wire.host.sockets)
        yield handle
    assert wire.host.inbox.found == []
