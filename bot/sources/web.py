"""One polite client a host: its pace, its quota, and what its failures mean."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot import __version__
from bot.connector import ASKED, Connector, Unreached
from bot.errors import SourceError
from bot.network import Network

HEADERS = {"User-Agent": f"daily-papers/{__version__}", "Accept-Encoding": "gzip"}
LARGEST = 32 * 2**20  # bytes of one answer, unpacked
PATIENCE = 30.0  # seconds a request waits for the host's quota before it gives up
REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)
_SPENT = re.compile(r";\s*r=0\s*;\s*t=([0-9]{1,6})")  # RateLimit: "api";r=0;t=37
_FAULTS: tuple[tuple[type[Exception], str], ...] = (  # the first that matches
    (Unreached, "could not be reached: {cause}"),
    (TimeoutError, "did not answer within {timeout:g} s"),
    (aiohttp.ServerDisconnectedError, "broke off its answer"),
    (aiohttp.ClientPayloadError, "broke off its answer"),
    (aiohttp.ClientResponseError, "did not answer in proper HTTP"),
    (Exception, "could not be reached"),
)


class Reply(NamedTuple):
    status: int
    body: bytes
    link: str  # the Link header
    date: datetime | None  # the host's clock


class BadStatus(SourceError):
    """The host answered, with an HTTP status that is a fault."""

    def __init__(self, reason: str, status: int, retry_after: float | None) -> None:
        super().__init__(reason, retry_after=retry_after)
        self.status = status


class Pace:
    """How fast requests may start. Clients that share one are counted together."""

    def __init__(
        self,
        spacing: float = 0,  # seconds between the starts of two requests; then one at a time
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.clock, self.sleep, self._spacing = clock, sleep, spacing
        self._turns = asyncio.Semaphore(1 if spacing else 4)
        self._not_before = clock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn of one request, in the order of asking, and hold it."""
        async with self._turns:
            if (wait := self._not_before - self.clock()) > 0:
                await self.sleep(wait)
            self._not_before = self.clock() + self._spacing
            yield


class Web:
    """GETs from one host. Raises SourceError, nothing else."""

    def __init__(
        self,
        base: str,
        name: str,
        *,
        pace: Pace | None = None,
        patience: float = PATIENCE,
        timeout: float = 30,
        largest: int | None = None,
        network: Network | None = None,
    ) -> None:
        self._network = network or Network()
        self._base, self._name, self._timeout = base, name, timeout
        self._pace, self._patience = pace or Pace(), patience
        self._largest = largest or LARGEST
        self._not_before = self._pace.clock()  # the host asked for a pause until then
        self._session: aiohttp.ClientSession | None = None

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, *, accept: Collection[int] = ()
    ) -> Reply:
        """One request. A status that is neither 200 nor in `accept` is a fault.

        A redirect is followed on the same host only, at the same pace. Nothing is repeated, but
        what a kept connection closed on: there aiohttp asks again.
        """
        url, query = self._base + path, params
        for _ in range(1 + REDIRECTS):
            async with self._turn():
                with self._translated():
                    request = self._opened().get(url, params=query, allow_redirects=False)
                    async with request as response:
                        target = self._target(response)
                        if not target:
                            return await self._read(response, accept)
            url, query = target, None
        raise SourceError(f"{self._name} does not stop redirecting")

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A turn at a time when this host may be asked; other hosts have theirs meanwhile."""
        while True:
            if wait := self._pause():
                await self._pace.sleep(wait)
            async with self._pace.turn():
                if not self._pause():
                    yield
                    return

    def _opened(self) -> aiohttp.ClientSession:
        self._session = self._session or aiohttp.ClientSession(
            headers=HEADERS,
            connector=Connector(self._network),
            timeout=aiohttp.ClientTimeout(self._timeout, connect=min(10, self._timeout)),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session

    def _pause(self) -> float:
        """Seconds until the host may be asked; SourceError when that is too long to wait."""
        wait = max(0, self._not_before - self._pace.clock())
        if wait > self._patience:
            raise SourceError(f"{self._name} asked for a pause of {wait:.0f} s", retry_after=wait)
        return wait

    def _target(self, response: aiohttp.ClientResponse) -> str:
        """Where a redirect leads; empty when it is none."""
        location = response.headers.get("Location", "")
        if response.status not in _MOVED or not location:
            return ""
        old, target = str(response.url), urljoin(str(response.url), location)
        if urlsplit(target).netloc != urlsplit(old).netloc or (
            urlsplit(target).scheme not in (urlsplit(old).scheme, "https")
        ):
            raise SourceError(f"{self._name} redirects to another host")
        return target

    async def _read(self, response: aiohttp.ClientResponse, accept: Collection[int]) -> Reply:
        headers, status = response.headers, response.status
        after = _seconds(headers.get("Retry-After", "")) or (60 if status == 429 else None)
        pauses = [float(t) for t in _SPENT.findall(headers.get("RateLimit", ""))]
        if headers.get("RateLimit-Remaining", "").strip() == "0":
            pauses.append(_seconds(headers.get("RateLimit-Reset", "")) or 0)
        until = self._pace.clock() + max([after or 0, *pauses])
        self._not_before = max(self._not_before, until)
        if status == 407:  # of a proxy before a host that is asked without TLS
            raise SourceError(f"{self._name} could not be reached: {ASKED}")
        if status != 200 and status not in accept:
            raise BadStatus(f"{self._name} answered {status}", status, after)
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._largest:
                raise SourceError(f"{self._name} answered more than {self._largest >> 20} MB")
        link, date = ", ".join(headers.getall("Link", ())), _moment(headers.get("Date", ""))
        return Reply(status, bytes(body), link, date)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: no proper URL
            what = next(text for kind, text in _FAULTS if isinstance(error, kind))
            reason = what.format(timeout=self._timeout, cause=error)
            raise SourceError(f"{self._name} {reason}") from error


def _seconds(text: str) -> float | None:
    """A Retry-After in seconds or as an HTTP date: at most an hour; None when it is neither."""
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        return min(float(text), 3600)
    then = _moment(text)
    return min(max((then - datetime.now(UTC)).total_seconds(), 1), 3600) if then else None


def _moment(text: str) -> datetime | None:
    """An HTTP date; None when it is none."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
