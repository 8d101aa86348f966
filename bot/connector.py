"""Connections: each goes the way the network policy says, and says why it did not come about."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import threading
from concurrent.futures import Future
from contextlib import suppress

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

from bot.network import Network, Proxy

LIMIT = 10.0  # seconds for one connection: name, proxy and TLS; discord.py sets none itself
ASKED = "the proxy asks for a name and a password: http://name:password@host:port"  # HTTP 407
_REFUSED = "the proxy refuses its name and password (status 407)"
_NO_PROXY = {400, 404, 405, 501}  # what web servers answer to CONNECT
_NO_NAME = "its name cannot be resolved (DNS)"
_NO_RESOLVER = f"{_NO_NAME}: the resolver does not answer"
_NO_TLS = "it does not speak TLS as it should"
_LATE = "it did not answer in time"
_CAUSES = {  # by the number of an OSError
    errno.ECONNREFUSED: "the connection was refused",
    errno.ECONNRESET: "the connection was broken off",
    errno.ENETUNREACH: "the network is unreachable: no route leads there",
    errno.EHOSTUNREACH: "the host is unreachable: no route leads there",
    errno.ENETDOWN: "the network is down",
    errno.ETIMEDOUT: _LATE,
    errno.EMFILE: "this process has too many files open",
    errno.EACCES: "this machine does not allow the connection",
    errno.EPERM: "this machine does not allow the connection",
}
_PASSED_ON = {  # by what says 200 to CONNECT, as a web server may, and goes on in another way
    _CAUSES[errno.ECONNRESET]: "that takes the connection and ends it",
    _NO_TLS: "what that passes on is no TLS",
    _LATE: "that passes nothing on",
}
_CERTIFICATES = {  # by OpenSSL's X509_V_ERR_...
    9: "its certificate is not valid yet, or this machine's clock is wrong",
    10: "its certificate has expired, or this machine's clock is wrong",
    62: "its certificate is for another host name",
    64: "its certificate is for another host name",
}
_UNTRUSTED = (
    "its certificate is not trusted; if it is yours, name its authority's file in SSL_CERT_FILE"
)


class Unreached(aiohttp.ClientConnectionError):
    """No connection came about, so nothing was sent. `str()` says why."""


class Connector(aiohttp.TCPConnector):
    """The one place where connections are made, also for the sessions of libraries. It belongs to
    one session, which closes it."""

    def __init__(self, network: Network, limit: int = 100) -> None:
        super().__init__(limit=limit, ssl=network.context(), resolver=_Resolver())
        self._network = network

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own
    ) -> Connection:
        """Raises Unreached."""
        proxy = self._network.proxy(req.url)
        if proxy:
            headers = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
            req.update_proxy(proxy.url, None, headers)
            if not req.is_ssl():  # the proxy reads the request itself; else its CONNECT
                req.headers.update(headers)
        try:
            async with asyncio.timeout(LIMIT):
                return await super().connect(req, traces, timeout)
        except (aiohttp.ClientError, OSError) as error:  # OSError: timeouts too
            raise Unreached(_cause(error, req.url, proxy)) from error


def _cause(error: Exception, url: URL, proxy: Proxy | None) -> str:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return _turned_away(error.status, proxy)
    reason = _reason(error, (proxy.url if proxy else url).host or "")
    if proxy is None:
        return reason
    way = (error.host, error.port) if isinstance(error, aiohttp.ClientConnectorError) else None
    if way == (proxy.url.raw_host, proxy.url.port):
        return f"the proxy {proxy.host} cannot be reached: {reason}"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{proxy.host} is no proxy: it does not answer in HTTP"
    passed_on = f": {_PASSED_ON[reason]}, so it may be no proxy" if reason in _PASSED_ON else ""
    return f"{reason} (through the proxy {proxy.host}){passed_on}"


def _turned_away(status: int, proxy: Proxy | None) -> str:
    """What a proxy's answer to CONNECT means."""
    if status == 407:
        return _REFUSED if proxy and proxy.authorization else ASKED
    host = proxy.host if proxy else ""
    if status < 400 or status in _NO_PROXY:
        return f"{host} is no proxy: it answers as a web server (status {status})"
    does = "cannot reach it" if status >= 500 else "refuses it"
    return f"the proxy {host} {does} (status {status})"


def _reason(error: Exception, host: str) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        code = getattr(error.certificate_error, "verify_code", 0)
        return _CERTIFICATES.get(code, _UNTRUSTED)
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return _NO_TLS
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _NO_RESOLVER if error.os_error.errno == socket.EAI_AGAIN else _NO_NAME
    if isinstance(error, TimeoutError):
        return _NO_RESOLVER if _is_looked_up(host) else _LATE
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    if isinstance(
        error, ConnectionResetError | aiohttp.ServerDisconnectedError
    ):  # asyncio's own has no number
        return _CAUSES[errno.ECONNRESET]
    # Of several addresses that failed in several ways, the numbers are in the words alone.
    number = re.search(r"\[Errno (\d+)\]", str(error))
    return _CAUSES.get(int(number[1]) if number else 0, "no connection could be made")


_Addresses = list[tuple[socket.AddressFamily, str]]
_looking: dict[tuple[str, int], Future[_Addresses]] = {}
_turn = threading.Lock()


class _Resolver(AbstractResolver):
    """Looks up names in threads that end with the program, one for each name. Beside a dead
    resolver aiohttp's own would hold up the end of the program, and whatever needs a thread."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await asyncio.wrap_future(_looked_up(host, family))
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=socket.IPPROTO_TCP,
                flags=flags,
            )
            for kind, address in addresses
        ]  # fmt: skip

    async def close(self) -> None: ...


def _looked_up(host: str, family: int) -> Future[_Addresses]:
    with _turn:
        if found := _looking.get((host, family)):
            return found
        found = _looking[host, family] = Future()
    found.set_running_or_notify_cancel()  # who waits for it may be cancelled, it may not
    threading.Thread(target=_look_up, args=(host, family, found), daemon=True).start()
    return found


def _look_up(host: str, family: int, found: Future[_Addresses]) -> None:
    with suppress(RuntimeError):  # whoever waited is gone, and the loop with it
        try:
            flags = socket.AI_ADDRCONFIG
            infos = socket.getaddrinfo(host, 0, family, socket.SOCK_STREAM, 0, flags)
        except OSError as error:
            _forget(host, family)
            found.set_exception(error)
        except UnicodeError:  # no name can be written so
            _forget(host, family)
            found.set_exception(socket.gaierror(socket.EAI_NONAME, "no proper name"))
        else:
            _forget(host, family)
            found.set_result([(info[0], str(info[4][0])) for info in infos])


def _forget(host: str, family: int) -> None:
    with _turn:
        _looking.pop((host, family), None)


def _is_looked_up(host: str) -> bool:
    return any(name == host for name, _ in tuple(_looking))
