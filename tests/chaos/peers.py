"""Telegram and Discord for a real bot process, in a process of their own.

    python -m tests.chaos.peers [--port N]    one line of JSON says where everything is

GET /__ledger?since=N  POST /__faults {platform, kind, ...}  POST /__forget: the nonces
GET /__stats           POST /__reset {latency, strict, history_nonces}
                       POST /__updates [{chat, text, platform, does, group}, ...]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict

from aiohttp import web

from tests.chaos.discord_peer import DiscordPeer
from tests.chaos.ledger import Book, Fault
from tests.chaos.peer import Peer
from tests.chaos.telegram_peer import TelegramPeer


class Control:
    """What a harness asks of the peers."""

    def __init__(self) -> None:
        self.book = Book()
        self.telegram = TelegramPeer(self.book)
        self.discord = DiscordPeer(self.book)
        self.peers: dict[str, Peer] = {"telegram": self.telegram, "discord": self.discord}
        self._refusing: set[asyncio.Task[None]] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/__ledger", self._ledger)
        app.router.add_get("/__stats", self._stats)
        app.router.add_post("/__faults", self._faults)
        app.router.add_post("/__updates", self._updates)
        app.router.add_post("/__reset", self._reset)
        app.router.add_post("/__forget", self._forget)
        return app

    async def _ledger(self, request: web.Request) -> web.Response:
        since = int(request.query.get("since", 0))
        found = (asdict(entry) for entry in self.book.entries[since:])
        return web.json_response([{k: v for k, v in e.items() if k != "body"} for e in found])

    async def _stats(self, request: web.Request) -> web.Response:
        return web.json_response({"counts": self.book.counts, "fired": self.book.fired})

    async def _faults(self, request: web.Request) -> web.Response:
        fault = Fault(**await request.json())
        if fault.kind == "refuse":
            await self.peers[fault.platform].close()
            task = asyncio.create_task(self.peers[fault.platform].open_after(fault.seconds))
            self._refusing.add(task)
            task.add_done_callback(self._refusing.discard)
        else:
            self.book.faults.append(fault)
        return web.json_response({})

    async def _updates(self, request: web.Request) -> web.Response:
        """A person's words, or a whole update as Telegram sends it."""
        times = []
        for one in await request.json():
            if "update_id" in one or "chat" not in one:
                self.telegram.inject(one)
            else:
                times.append(await self._does(**one))
        return web.json_response(times)

    async def _does(
        self, chat: int, text: str, platform: str = "telegram", does: str = "says", group: int = 0
    ) -> float:
        """Returns when."""
        if platform == "discord":
            return float(await getattr(self.discord, does)(chat, text))
        more = {"group": group} if group else {}
        return float(getattr(self.telegram, does)(chat, text, **more))

    async def _forget(self, request: web.Request) -> web.Response:
        """Discord knows a nonce for a few minutes."""
        self.book.by_nonce.clear()
        return web.json_response({})

    async def _reset(self, request: web.Request) -> web.Response:
        self.book = Book(**await request.json())
        for peer in self.peers.values():
            peer.book = self.book
            peer.forget()
        return web.json_response({})


async def main(port: int) -> None:
    control = Control()
    for peer in control.peers.values():
        await peer.start()
    runner = web.AppRunner(control.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    places = {name: peer.port for name, peer in control.peers.items()}
    sys.stdout.write(json.dumps(places | {"control": runner.addresses[0][1]}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0, help="of the control; 0: any")
    asyncio.run(main(arguments.parse_args().port))
