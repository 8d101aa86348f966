"""One polite client a host: its pace, its quota, and what its failures mean."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import aiohttp

from bot import __version__
from bot.errors import SourceError

HEADERS = {"User-Agent": f"daily-papers/{__version__}", "Accept-Encoding": "gzip"}
LARGEST = 32 * 2**20  # bytes of one answer, unpacked
PATIENCE = 30.0  # seconds a request waits for the host's quota before it gives up
_SPENT = re.compile(r";\s*r=0\s*;\s*t=([0-9]{1,6})")  # RateLimit: "api";r=0;t=37
_FAULTS: tuple[tuple[type[Exception], str], ...] = (  # the first that matches
    (aiohttp.ConnectionTimeoutError, "could not be reached in time"),
    (TimeoutError, "did not answer within {:g} s"),
    (aiohttp.ServerDisconnectedError, "broke off its answer"),
    (aiohttp.ClientPayloadError, "broke off its answer"),
    (aiohttp.ClientResponseError, "did not answer in proper HTTP"),
    (Exception, "could not be reached"),
)


class Reply(NamedTuple):
    status: int
    body: bytes
    link: str  # the Link header


class Web:
    """GETs from one host. Raises SourceError, nothing else."""

    def __init__(
        self,
        base: str,
        name: str,
        *,
        spacing: float = 0,  # seconds between the starts of two requests; then one at a time
        timeout: float = 30,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base, self._name, self._spacing, self._timeout = base, name, spacing, timeout
        self._clock, self._sleep, self._not_before = clock, sleep, clock()
        self._turns = asyncio.Semaphore(1 if spacing else 4)
        self._session: aiohttp.ClientSession | None = None

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, *, accept: Collection[int] = ()
    ) -> Reply:
        """One request, not repeated. A status that is neither 200 nor in `accept` is a fault."""
        async with self._turns:
            await self._wait()
            with self._translated():
                session = self._session = self._session or aiohttp.ClientSession(
                    headers=HEADERS,
                    timeout=aiohttp.ClientTimeout(self._timeout, connect=min(10, self._timeout)),
                    cookie_jar=aiohttp.DummyCookieJar(),
                )
                async with session.get(self._base + path, params=params) as response:
                    return await self._read(response, accept)

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _wait(self) -> None:
        wait = self._not_before - self._clock()
        if wait > PATIENCE:
            raise SourceError(f"{self._name} asked for a pause of {wait:.0f} s", retry_after=wait)
        if wait > 0:
            await self._sleep(wait)
        self._not_before = max(self._not_before, self._clock() + self._spacing)

    async def _read(self, response: aiohttp.ClientResponse, accept: Collection[int]) -> Reply:
        headers, status = response.headers, response.status
        after = _seconds(headers.get("Retry-After", "")) or (60 if status == 429 else None)
        pauses = [float(t) for t in _SPENT.findall(headers.get("RateLimit", ""))]
        if headers.get("RateLimit-Remaining", "").strip() == "0":
            pauses.append(_seconds(headers.get("RateLimit-Reset", "")) or 0)
        self._not_before = max(self._not_before, self._clock() + max([after or 0, *pauses]))
        if status != 200 and status not in accept:
            raise SourceError(f"{self._name} answered {status}", retry_after=after)
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > LARGEST:
                raise SourceError(f"{self._name} answered more than {LARGEST >> 20} MB")
        return Reply(status, bytes(body), ", ".join(headers.getall("Link", ())))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (aiohttp.ClientError, OSError, UnicodeError) as error:  # UnicodeError: a host's name
            what = next(text for kind, text in _FAULTS if isinstance(error, kind))
            raise SourceError(f"{self._name} {what.format(self._timeout)}") from error


def _seconds(text: str) -> float | None:
    """A Retry-After in seconds or as an HTTP date: at most an hour; None when it is neither."""
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        return min(float(text), 3600)
    try:
        wait = (parsedate_to_datetime(text).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(wait, 1), 3600)
