"""Hosts and proxies on loopback as they are in bad networks, and one call for each client."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import client as discord
from adapters.telegram import client as telegram
from bot import config, sources
from bot.errors import SourceError
from tests.discord.wire import Host as DiscordHost

CERTIFICATES = Path(__file__).with_name("certificates")
AUTHORITY = str(CERTIFICATES / "authority.pem")
ANSWER = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Client = Callable[[str, Mapping[str, str]], Awaitable[str]]


async def feed(base: str, env: Mapping[str, str]) -> str:
    """What the client says of a host; every answer of it is a fault that names no cause."""
    [source], _ = sources.make(config.load({**env, "HF_API_BASE": base}))
    try:
        await source.newest()
    except SourceError as error:
        return str(error)
    finally:
        await source.close()
    return ""


async def arxiv(base: str, env: Mapping[str, str]) -> str:
    bases = {"ARXIV_API_BASE": base, "ARXIV_OAI_BASE": base}
    _, [source] = sources.make(config.load({**env, **bases}))
    try:
        await source.find("2401.00001")
    except SourceError as error:
        return str(error)
    finally:
        await source.close()
    return ""


async def telegram_bot(base: str, env: Mapping[str, str]) -> str:
    settings = {**env, "TELEGRAM_TOKEN": "1:secret-token", "TELEGRAM_API_BASE": base}
    return " ".join(await telegram.make(config.load(settings)).check([]))


async def discord_bot(base: str, env: Mapping[str, str]) -> str:
    gateway = base.replace("http", "ws", 1)
    bases = {"DISCORD_API_BASE": f"{base}/api", "DISCORD_GATEWAY_URL": gateway}
    settings = {**env, **bases, "DISCORD_TOKEN": "secret-token"}
    with hosts_restored():
        return " ".join(await discord.make(config.load(settings)).check([]))


@contextmanager
def hosts_restored() -> Iterator[None]:
    """discord.py keeps its hosts in classes."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@asynccontextmanager
async def discord_host(
    gateway: Handler | None = None,
) -> AsyncIterator[tuple[DiscordHost, dict[str, str]]]:
    """Discord, and the settings that lead there."""
    host, app = DiscordHost(), web.Application()
    for path in ("/gateway", "/gateway/"):
        app.router.add_get(path, gateway or host.gateway)
    app.router.add_route("*", "/api/{path:.*}", host.api)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        at = f"127.0.0.1:{runner.addresses[0][1]}"
        bases = {
            "DISCORD_API_BASE": f"http://{at}/api",
            "DISCORD_GATEWAY_URL": f"ws://{at}/gateway",
        }
        with hosts_restored():
            yield host, {"DISCORD_TOKEN": "good"} | bases
    finally:
        await runner.cleanup()


CLIENTS: tuple[Client, ...] = (feed, arxiv, telegram_bot, discord_bot)


@asynccontextmanager
async def serving(serve: Serve, certificate: str = "") -> AsyncIterator[int]:
    """A port on loopback; with TLS where a certificate is named."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")

    under_way: set[asyncio.Task[None] | None] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        under_way.add(asyncio.current_task())
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await serve(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
    for task in filter(None, under_way):
        task.cancel()
    await asyncio.gather(*filter(None, under_way), return_exceptions=True)


@dataclass
class Host:
    """Answers every request with 404, and keeps the first line of each."""

    asked: list[str] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b"\r\n")[0].decode())
        writer.write(ANSWER)
        await _sent(writer)


@dataclass
class Proxy:
    """Leads to one host, whatever name is asked for: that no resolver knows it does not matter."""

    to: int = 0
    status: int = 200  # of its answers to whoever may not pass
    wants: str = ""  # the Proxy-Authorization that may
    asked: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)  # Proxy-Authorization of each

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.asked.append(lines[0])
        named = [line for line in lines if line.lower().startswith("proxy-authorization:")]
        self.shown |= {line.partition(":")[2].strip() for line in named}
        if self.status != 200 or (self.wants and self.wants not in self.shown):
            status = self.status if self.status != 200 else 407
            writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
            await _sent(writer)
            return
        inner, outer = await asyncio.open_connection("127.0.0.1", self.to)
        if lines[0].startswith("CONNECT"):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            outer.write(head)
        try:
            await asyncio.gather(_pump(reader, outer), _pump(inner, writer))
        finally:
            outer.transport.abort()


async def _sent(writer: asyncio.StreamWriter) -> None:
    """Whatever was written, before the connection is torn down."""
    writer.close()
    await writer.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
