"""One platform on one loopback port: what both have in common."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from abc import ABC, abstractmethod

from aiohttp import web

from tests.chaos.ledger import Book, Entry, Fault

PAGE = "<html><head><title>{0}</title></head><body>{0}</body></html>"
NEVER = 3600.0


class Peer(ABC):
    """Serves until the program ends."""

    name = ""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.port = 0
        self._answering: set[asyncio.Transport | None] = set()

    @abstractmethod
    async def serve(self, request: web.Request) -> web.StreamResponse: ...

    @abstractmethod
    def receipt(self, entry: Entry, now: float) -> web.Response: ...

    @abstractmethod
    def limited(self, wait: float, scope: str) -> web.Response: ...

    @abstractmethod
    def refused(self, fault: Fault) -> web.Response: ...

    @abstractmethod
    def over(self, chat: str, now: float) -> tuple[float, str]:
        """Seconds to wait and the scope of the limit; takes a place when there is none to wait."""

    @abstractmethod
    def forget(self) -> None:
        """The windows begin anew."""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answered)
        # A sender that dies has sent all the same: its requests are served to their end.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=False)
        await self._runner.setup()
        await self._open()

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        self._answering.add(transport)
        try:
            return await self.serve(request)
        finally:
            self._answering.discard(transport)

    async def _open(self) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await self._site.start()
        self.port = self._runner.addresses[-1][1]

    async def close(self) -> None:
        """Nobody listens, and no idle connection is kept; what was asked is answered."""
        await self._site.stop()
        assert self._runner.server
        for connection in self._runner.server.connections:
            if connection.transport not in self._answering:
                connection.force_close()

    async def open_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._open()

    async def message(
        self,
        request: web.Request,
        chat: str,
        text: str,
        nonce: str = "",
        body: dict[str, object] | None = None,
    ) -> web.StreamResponse:
        """Limits, faults, the ledger, the answer. Called when the body has been read."""
        book, now = self.book, time.monotonic()
        wait, scope = self.over(chat, now) if book.strict else (0.0, "")
        if wait:
            book.counts[f"{self.name} 429"] += 1
            book.counts[f"{self.name} 429 {scope}"] += 1
            return self.limited(wait, scope)
        fault = book.fault(now, self.name, chat)
        if fault and not fault.after:
            return await self._fail(request, fault)
        entry = book.accept(now, self.name, chat, text, nonce, body or {})
        book.busy[self.name] += 1
        book.counts[f"{self.name} peak"] = max(
            book.counts[f"{self.name} peak"], book.busy[self.name]
        )
        await asyncio.sleep(book.latency)
        book.busy[self.name] -= 1
        if fault:
            return await self._fail(request, fault, self.receipt(entry, time.monotonic()))
        return self.receipt(entry, time.monotonic())

    async def _fail(
        self, request: web.Request, fault: Fault, receipt: web.Response | None = None
    ) -> web.StreamResponse:
        if fault.kind == "reset":
            return _reset(request)
        if fault.kind in ("hang", "slow"):
            await asyncio.sleep(NEVER if fault.kind == "hang" else fault.seconds)
            return receipt or web.Response(status=504)
        if fault.kind == "truncated":
            return await _truncated(request, receipt)
        if fault.kind == "limit":
            return self.limited(fault.seconds, fault.scope)
        if fault.kind == "status":
            text = PAGE.format(f"{fault.status} from the edge")
            return web.Response(status=fault.status, text=text, content_type="text/html")
        return self.refused(fault)


def _reset(request: web.Request) -> web.StreamResponse:
    if request.transport:
        sock = request.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST
        request.transport.abort()
    return web.Response()


async def _truncated(request: web.Request, receipt: web.Response | None) -> web.StreamResponse:
    """Half of the body that its headers announce, then the end."""
    body = receipt.body if receipt and isinstance(receipt.body, bytes) else b"{}"
    answer = web.StreamResponse(
        headers={"Content-Type": "application/json", "Content-Length": str(len(body))}
    )
    await answer.prepare(request)
    await answer.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()
    return answer
