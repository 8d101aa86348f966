"""A feed written for the test: a loopback server that answers, byte by byte, as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

AnyFeed = TypeVar("AnyFeed", bound="Feed")
HANG = b""  # takes the request and never answers


def answer(body: object = b"", status: int = 200, **headers: str) -> bytes:
    """One HTTP answer; a body that is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Length": str(len(data)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Some Reason\r\n{head}\r\n".encode() + data


def item(paper_id: str = "2510.00001", title: str = "A title", **fields: object) -> dict:
    """One item of a list, with no more than is certain unless asked."""
    outside = ("numComments", "organization", "thumbnail", "submittedBy")
    around = {name: fields.pop(name) for name in outside if name in fields}
    return {"paper": {"id": paper_id, "title": title, **fields}, **around}


class Feed:
    """Gives its answers in order; asked for more, it repeats the last.

    A double that works its answers out has a `reply` of its own.
    """

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.headers: list[str] = []
        self.reached = asyncio.Event()
        self.base = ""

    def script(self, *answers: bytes) -> None:
        self.answers = list(answers)

    def reply(self, path: str, query: dict[str, str]) -> bytes:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        url = urlsplit(head.split()[1])
        query = dict(parse_qsl(url.query))
        self.asked.append((url.path, query))
        self.headers.append(head)
        self.reached.set()
        reply = self.reply(url.path, query)
        if reply == HANG:
            await asyncio.Event().wait()
        writer.write(reply)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(feed: AnyFeed) -> AsyncIterator[AnyFeed]:
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await feed.serve(reader, writer)
        except (asyncio.CancelledError, ConnectionError):
            pass  # the test is over, or the client went away
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    feed.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield feed
    finally:
        server.close()
        await _end(tasks)
        await server.wait_closed()


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)
