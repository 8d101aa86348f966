"""python-telegram-bot's requests over aiohttp: several times the throughput of its default."""

from __future__ import annotations

import json
from datetime import timedelta

import aiohttp
from telegram.error import RetryAfter
from telegram.request import BaseRequest, RequestData

from bot.connector import ASKED, Connector, Unreached
from bot.network import Network

CONNECT_TIMEOUT = 5.0  # seconds, also for a free connection
UNNAMED = 30.0  # seconds to wait after a 429 that names no time: a proxy's page, for example
LONGEST = 86_400.0  # no 429 is believed beyond a day


class Transport(BaseRequest):
    """One pool of connections. Sends no files: this bot has none."""

    __slots__ = ("_connections", "_network", "_read_timeout", "_session")

    def __init__(self, connections: int, read_timeout: float, network: Network) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._network = network
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=Connector(self._network, limit=self._connections)
            )

    async def shutdown(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. aiohttp's errors pass; the library wraps them as a cause."""
        if self._session is None:
            raise RuntimeError("the transport is not open")
        read = read_timeout if isinstance(read_timeout, int | float) else self._read_timeout
        headers = {"User-Agent": self.USER_AGENT}
        if request_data:
            headers["Content-Type"] = "application/json"
        async with self._session.request(
            method,
            url,
            # As JSON, which the Bot API takes as well: encoding a form costs ten times as much.
            data=request_data.json_payload if request_data else None,
            headers=headers,
            timeout=aiohttp.ClientTimeout(connect=CONNECT_TIMEOUT, sock_read=read),
            allow_redirects=False,  # Telegram has none, and the address holds the token
        ) as response:
            body = await response.read()
        if response.status == 407:  # of a proxy before a host that is asked without TLS
            raise Unreached(ASKED)
        if response.status == 429:  # the library loses one that names no time
            raise RetryAfter(timedelta(seconds=_wait(body)))
        return response.status, body


def _wait(body: bytes) -> float:
    """Seconds a 429 asks for."""
    try:
        seconds = float(json.loads(body)["parameters"]["retry_after"])
    except (LookupError, OverflowError, TypeError, ValueError):
        return UNNAMED
    return min(seconds, LONGEST) if seconds > 0 else UNNAMED
