"""How every client reaches its host, and what is said where it does not."""

import asyncio
import base64
import socket
import threading
from collections.abc import Iterator, Mapping

import pytest

from bot import connector
from tests.outside import AUTHORITY, CERTIFICATES, CLIENTS, Client, Host, Proxy, serving

each_client = pytest.mark.parametrize("client", CLIENTS)


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """A hole: it takes connections, and never says a word."""
    await reader.read(-1)


async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What it is told is no HTTP for it."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port where nobody listens, and nobody will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


# without a proxy ----------------------------------------------------------------------------------


@each_client
async def test_a_refused_connection_is_named(client: Client, nobody: int) -> None:
    told = await client(f"http://127.0.0.1:{nobody}", {})
    assert "reached: the connection was refused" in told


@each_client
@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 70 + ".invalid"])
async def test_a_name_without_an_address_is_named(client: Client, host: str) -> None:
    assert "its name cannot be resolved (DNS)" in await client(f"https://{host}", {})


@pytest.fixture
def dead_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It answers when the test is over."""
    over = threading.Event()

    def wait(*_: object) -> None:
        over.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "it does not answer")

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    monkeypatch.setattr(connector, "LIMIT", 0.3)
    yield
    over.set()


@each_client
async def test_a_resolver_that_does_not_answer_is_named_and_holds_up_nothing(
    client: Client, dead_resolver: None
) -> None:
    before = threading.active_count()
    for _ in range(3):
        assert "(DNS): the resolver does not answer" in await client("https://quiet.invalid", {})
    assert threading.active_count() - before <= 2  # one for a name; a gateway is another


@each_client
@pytest.mark.parametrize(
    ("number", "words"),
    [(101, "the network is unreachable"), (113, "the host is unreachable"),
     (1, "does not allow the connection")],
)  # fmt: skip
async def test_a_missing_route_is_named(
    client: Client, number: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise OSError(number, "in words of the system")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", fails)
    assert words in await client("https://127.0.0.1:9", {})


@each_client
async def test_silence_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "LIMIT", 0.3)
    async with serving(silent) as port:
        assert "it did not answer in time" in await client(f"https://127.0.0.1:{port}", {})


# certificates -------------------------------------------------------------------------------------


@each_client
@pytest.mark.parametrize(
    ("certificate", "trusted", "words"),
    [("good", False, "its certificate is not trusted; "), ("good", False, "SSL_CERT_FILE"),
     ("expired", True, "has expired, or this machine's clock is wrong"),
     ("future", True, "is not valid yet, or this machine's clock is wrong"),
     ("elsewhere", True, "is for another host name")],
)  # fmt: skip
async def test_a_bad_certificate_is_named(
    client: Client, certificate: str, trusted: bool, words: str
) -> None:
    env = {"SSL_CERT_FILE": AUTHORITY} if trusted else {}
    async with serving(Host(), certificate) as port:
        assert words in await client(f"https://127.0.0.1:{port}", env)


@each_client
async def test_a_host_without_tls_is_named(client: Client) -> None:
    async with serving(plain) as port:
        assert "does not speak TLS" in await client(f"https://127.0.0.1:{port}", {})


@each_client
@pytest.mark.parametrize(
    "env",
    [{"SSL_CERT_FILE": AUTHORITY}, {"REQUESTS_CA_BUNDLE": AUTHORITY},
     {"SSL_CERT_DIR": str(CERTIFICATES)}, {"SSL_CERT_DIR": f"/:{CERTIFICATES}"}],
)  # fmt: skip
async def test_an_authority_of_ones_own_is_trusted(client: Client, env: Mapping[str, str]) -> None:
    host = Host()
    async with serving(host, "good") as port:
        await client(f"https://127.0.0.1:{port}", env)
    assert host.asked


# through a proxy ----------------------------------------------------------------------------------


@each_client
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", ["{}_proxy", "all_proxy"])
async def test_a_proxy_leads_to_the_host(client: Client, scheme: str, name: str) -> None:
    setting = name.format(scheme).upper()
    host, proxy = Host(), Proxy()
    async with serving(host, "good" if scheme == "https" else "") as proxy.to, serving(proxy) as at:
        env = {setting: f"http://127.0.0.1:{at}", "SSL_CERT_FILE": AUTHORITY}
        await client(f"{scheme}://localhost:1", env)  # where nobody listens
    assert host.asked and len(proxy.asked) >= len(host.asked)
    assert all("localhost:1" in line for line in proxy.asked)


@each_client
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_name_and_a_password_open_the_proxy(client: Client, scheme: str) -> None:
    wanted = "Basic " + base64.b64encode("Ada:p@ss/wörd".encode()).decode()
    host, proxy = Host(), Proxy(wants=wanted)
    async with serving(host, "good" if scheme == "https" else "") as proxy.to, serving(proxy) as at:
        where = f"http://Ada:p%40ss%2Fw%C3%B6rd@127.0.0.1:{at}"
        env = {f"{scheme}_proxy": where, "SSL_CERT_FILE": AUTHORITY}
        told = await client(f"{scheme}://localhost:1", env)
    assert host.asked and proxy.shown == {wanted}
    assert "Ada" not in told and "ss" not in told.replace("missing", "").replace("password", "")


@each_client
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_asks_for_a_password_is_named(client: Client, scheme: str) -> None:
    proxy = Proxy(status=407)
    async with serving(proxy) as at:
        told = await client(f"{scheme}://there.invalid", {"ALL_PROXY": f"127.0.0.1:{at}"})
    assert "reached: the proxy asks for a name and a password" in told


@each_client
@pytest.mark.parametrize(
    ("status", "words"),
    [(407, "the proxy refuses its name and password"), (403, "refuses it (status 403)"),
     (502, "cannot reach it (status 502)"), (400, "is no proxy: it answers as a web server"),
     (404, "is no proxy: it"), (405, "is no proxy: it"), (501, "is no proxy: it answers as"),
     (302, "is no proxy: it answers as a web server (status 302)")],
)  # fmt: skip
async def test_a_proxy_that_refuses_is_named(client: Client, status: int, words: str) -> None:
    async with serving(Proxy(status=status)) as at:
        env = {"HTTPS_PROXY": f"http://Ada:hunter2@127.0.0.1:{at}"}
        told = await client("https://there.invalid", env)
    assert words in told and "hunter2" not in told


@each_client
@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"SSH-2.0-OpenSSH_9.6\r\n", "is no proxy: it does not answer in HTTP"),
     (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", ", so it may be no proxy"),
     (b"HTTP/1.1 200 OK\r\n\r\n", "that takes the connection and ends it, so it may be no proxy"),
     (b"", "that takes the connection and ends it, so it may be no proxy")],
)  # fmt: skip
async def test_what_is_no_proxy_is_named(client: Client, answer: bytes, words: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async with serving(serve) as at:
        told = await client("https://there.invalid", {"HTTPS_PROXY": f"http://127.0.0.1:{at}"})
    assert f"127.0.0.1:{at}" in told and words in told


@each_client
async def test_a_proxy_through_which_nothing_comes_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await reader.read()
        await asyncio.sleep(60)

    monkeypatch.setattr(connector, "LIMIT", 0.3)
    async with serving(serve) as at:
        told = await client("https://there.invalid", {"HTTPS_PROXY": f"http://127.0.0.1:{at}"})
    assert f"(through the proxy 127.0.0.1:{at}): that passes nothing on" in told


@each_client
async def test_a_proxy_out_of_reach_is_named(client: Client, nobody: int) -> None:
    told = await client("https://there.invalid", {"HTTPS_PROXY": f"http://127.0.0.1:{nobody}"})
    assert f"the proxy 127.0.0.1:{nobody} cannot be reached: the connection was refused" in told
    told = await client("https://there.invalid", {"HTTPS_PROXY": "http://proxy.invalid:3128"})
    assert "the proxy proxy.invalid:3128 cannot be reached: its name cannot be resolved" in told


@each_client
async def test_a_proxy_that_is_a_hole_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "LIMIT", 0.3)
    async with serving(silent) as at:
        told = await client("https://there.invalid", {"HTTPS_PROXY": f"http://127.0.0.1:{at}"})
    assert f"it did not answer in time (through the proxy 127.0.0.1:{at})" in told


@each_client
async def test_what_no_proxy_names_is_reached_directly(client: Client) -> None:
    host, proxy = Host(), Proxy(status=403)
    async with serving(host) as port, serving(proxy) as at:
        env = {"ALL_PROXY": f"http://127.0.0.1:{at}", "NO_PROXY": "example.org,127.0.0.0/8"}
        await client(f"http://127.0.0.1:{port}", env)
    assert host.asked and not proxy.asked


@each_client
async def test_a_certificate_behind_a_proxy_is_the_hosts(client: Client) -> None:
    proxy = Proxy()
    async with serving(Host(), "expired") as proxy.to, serving(proxy) as at:
        env = {"HTTPS_PROXY": f"http://127.0.0.1:{at}", "SSL_CERT_FILE": AUTHORITY}
        told = await client("https://127.0.0.1:1", env)
    assert "its certificate has expired" in told
