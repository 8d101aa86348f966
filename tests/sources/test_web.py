"""What a host's answers and silences mean, over a real socket."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot import __version__
from bot.errors import SourceError
from bot.sources import web
from bot.sources.web import REDIRECTS, Pace, Web
from tests.sources.feed import HANG, Clock, Feed, answer

Make = Callable[..., Web]


@pytest.fixture
async def make(feed: Feed, clock: Clock) -> AsyncIterator[Make]:
    made: list[Web] = []

    def make(*, spacing: float = 0, **options: object) -> Web:
        pace = Pace(spacing, clock=clock, sleep=clock.sleep)
        options = {"base": feed.base, "pace": pace, **options}
        made.append(Web(name="The feed", **options))
        return made[-1]

    yield make
    for client in made:
        await client.close()


async def fault(client: Web) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await client.get("/list")
    return caught.value


async def test_an_answer_comes_with_its_bytes_and_says_who_asked(feed: Feed, make: Make) -> None:
    feed.script(answer(b"hello", Link="<x>; rel=next"))
    reply = await make().get("/list", {"q": "a b&c"})
    assert (reply.status, reply.body, reply.link) == (200, b"hello", "<x>; rel=next")
    assert feed.asked == [("/list", {"q": "a b&c"})]
    assert f"User-Agent: daily-papers/{__version__}\r\n" in feed.headers[0]


async def test_a_packed_answer_is_unpacked(feed: Feed, make: Make) -> None:
    feed.script(answer(gzip.compress(b"hello"), Content_Encoding="gzip"))
    assert (await make().get("/")).body == b"hello"
    assert "Accept-Encoding: gzip\r\n" in feed.headers[0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 502, 503])
async def test_an_unexpected_status_is_named(feed: Feed, make: Make, status: int) -> None:
    feed.script(answer(b"<html>secret</html>", status))
    error = await fault(make())
    assert (str(error), error.retry_after) == (f"The feed answered {status}", None)
    assert len(feed.asked) == 1, "the caller retries, with back-off"


async def test_a_status_the_caller_knows_is_an_answer(feed: Feed, make: Make) -> None:
    feed.script(answer(b"no", 404))
    assert (await make().get("/", accept=(404,))).status == 404


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), (" 7 ", 7), ("999999999", 3600), ("0", 60), ("", 60), ("soon", 60), ("-5", 60),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 1), ("Wed, 21 Oct 2015 07:28:00", 1),
     ("Thu, 30 Dec 9999 23:59:59 GMT", 3600),
     ("Fri, 31 Dec 9999 23:59:59 -2359", 60), ("1, 1 Jan 99999999999 0:0:0 +0", 60)],
)  # fmt: skip
async def test_too_many_requests_says_when_to_ask_again(
    feed: Feed, make: Make, header: str, seconds: float
) -> None:
    feed.script(answer(b"", 429, Retry_After=header))
    error = await fault(make())
    assert (str(error), error.retry_after) == ("The feed answered 429", seconds)


async def test_a_date_to_ask_again_is_understood(feed: Feed, make: Make) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    feed.script(answer(b"", 503, Retry_After=soon))
    assert 80 < ((await fault(make())).retry_after or 0) <= 90


@pytest.mark.parametrize(
    "spent",
    [{"RateLimit": '"api";r=0;t=20'}, {"RateLimit": '"other";r=9;t=99, "api"; r=0; t=20'},
     {"RateLimit_Remaining": "0", "RateLimit_Reset": "20"}],
)  # fmt: skip
async def test_a_spent_quota_holds_the_next_request_back(
    feed: Feed, make: Make, clock: Clock, spent: dict[str, str]
) -> None:
    feed.script(answer(b"", 200, **spent), answer(b"later"))
    client = make()
    await client.get("/")
    assert clock.slept == []
    assert (await client.get("/")).body == b"later"
    assert clock.slept == [20]


async def test_a_quota_that_is_left_holds_nothing_back(
    feed: Feed, make: Make, clock: Clock
) -> None:
    feed.script(answer(b"", RateLimit='"api";r=10;t=37', RateLimit_Remaining="10"))
    client = make()
    await client.get("/")
    await client.get("/")
    assert clock.slept == []


@pytest.mark.parametrize(
    "said", [answer(b"", RateLimit='"api";r=0;t=37'), answer(b"", 429, Retry_After="37")]
)
async def test_a_long_pause_is_a_fault_and_no_request(
    feed: Feed, make: Make, clock: Clock, said: bytes
) -> None:
    feed.script(said, answer(b"later"))
    client = make()
    await client.get("/", accept=(429,))
    error = await fault(client)
    assert (str(error), error.retry_after) == ("The feed asked for a pause of 37 s", 37)
    assert len(feed.asked) == 1
    clock.now += 37
    assert (await client.get("/")).body == b"later"


async def test_no_server_is_one_sentence(make: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        error = await fault(make(base=f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert str(error) == "The feed could not be reached: the connection was refused"
    assert error.__cause__ is not None


@pytest.mark.parametrize(
    "base", ["http://no-such-host.invalid", "http://127.0.0.1:99999", "http://a..b", "http://[zz]"]
)
async def test_an_address_of_nothing_is_one_sentence(make: Make, base: str) -> None:
    assert str(await fault(make(base=base))).startswith("The feed could not be reached")


async def test_silence_ends_in_time(feed: Feed, make: Make) -> None:
    feed.script(HANG)
    assert str(await fault(make(timeout=0.2))) == "The feed did not answer within 0.2 s"


async def test_a_server_that_drips_ends_in_time(feed: Feed, make: Make) -> None:
    feed.script(HANG)

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await asyncio.sleep(0.05)

    feed.serve = drip  # type: ignore[method-assign]
    assert str(await fault(make(timeout=0.3))) == "The feed did not answer within 0.3 s"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [(answer(b"[1, 2", Content_Length="1000"), "The feed broke off its answer"),
     (answer(b"zzz", Transfer_Encoding="chunked", Content_Length=""), "The feed "),
     (answer(b"not gzip", Content_Encoding="gzip"), "The feed broke off its answer"),
     (b"HTTP/1.1 200 OK", "The feed broke off its answer"),
     (b"\r\n", "The feed broke off its answer"),
     (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "The feed did not answer in proper HTTP"),
     (b"\x00\xff" * 900, "The feed "),
     (answer(b"", 200, X="y" * 20000), "The feed did not answer in proper HTTP"),
     (answer(b"x", 200, Content_Encoding="br"), "The feed "),
     (answer(b"", 302), "The feed answered 302"),
     (answer(b"", 304, Location="/again"), "The feed answered 304"),
     (answer(b"", 302, Location="http://[zz/"), "The feed could not be reached")],
)  # fmt: skip
async def test_a_broken_answer_is_one_sentence(
    feed: Feed, make: Make, said: bytes, sentence: str
) -> None:
    feed.script(said)
    assert str(await fault(make())).startswith(sentence)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_on_the_same_host_is_followed_at_the_same_pace(
    feed: Feed, make: Make, clock: Clock, status: int
) -> None:
    feed.script(answer(b"", status, Location="/there?q=a%20b"), answer(b"hello"))
    assert (await make(spacing=3).get("/list", {"limit": "100"})).body == b"hello"
    assert feed.asked == [("/list", {"limit": "100"}), ("/there", {"q": "a b"})]
    assert clock.slept == [3]


@pytest.mark.parametrize(
    "location",
    ["http://localhost:9/list", "//localhost:9/list", "http://127.0.0.1:9/list", "ftp://{host}/list",
     "https://elsewhere.example/", "http://a..b/", "file:///etc/hostname", "http://x@{host}/list"],
)  # fmt: skip
async def test_a_redirect_to_another_host_is_a_fault(feed: Feed, make: Make, location: str) -> None:
    host = feed.base.removeprefix("http://")
    feed.script(answer(b"", 302, Location=location.format(host=host)), answer(b"hello"))
    assert str(await fault(make())) == "The feed redirects to another host"
    assert len(feed.asked) == 1


async def test_redirects_without_end_are_given_up(feed: Feed, make: Make) -> None:
    feed.script(answer(b"", 302, Location="/again"))
    assert str(await fault(make())) == "The feed does not stop redirecting"
    assert len(feed.asked) == 1 + REDIRECTS


async def test_an_answer_too_large_is_not_read_to_its_end(
    feed: Feed, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "LARGEST", 2 * 2**20)
    feed.script(answer(gzip.compress(bytes(50 * 2**20)), Content_Encoding="gzip"))
    assert str(await fault(make())) == "The feed answered more than 2 MB"


async def test_a_client_that_never_asked_closes_quietly() -> None:
    await Web("http://127.0.0.1:1", "The feed").close()


async def test_a_client_with_less_patience_gives_up_sooner(feed: Feed, make: Make) -> None:
    feed.script(answer(b"", 503, Retry_After="7"))
    client = make(patience=3)
    await fault(client)
    assert str(await fault(client)) == "The feed asked for a pause of 7 s"
