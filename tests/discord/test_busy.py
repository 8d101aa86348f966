"""People are answered while posts are held up: their requests are in no limit of posts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from aiohttp import web

from adapters.discord.client import Discord
from bot.dialogue import Message
from bot.errors import PostError
from tests.discord import inbox
from tests.discord.asking import WAYS, goes, one_answer
from tests.discord.conftest import served
from tests.discord.handle import FakeHandle
from tests.discord.inbox import Shown
from tests.discord.wire import Wire, always, answer, until

POST = Message(text="x")
VIA = {"Via": "1.1 google"}


def limited(seconds: float, scope: str) -> web.Response:
    told = {"message": "slow", "retry_after": seconds, "global": scope == "global"}
    headers = VIA | {"Retry-After": str(seconds), "X-RateLimit-Scope": scope}
    return answer(told, 429, **headers)


@pytest.fixture
def adapter(wire: Wire) -> Discord:
    return wire.adapter()


@pytest_asyncio.fixture
async def handle(wire: Wire, adapter: Discord) -> AsyncIterator[FakeHandle]:
    handle = FakeHandle()
    async with served(adapter, handle):
        await until(lambda: wire.host.sockets)
        yield handle


@asynccontextmanager
async def posting(adapter: Discord, *channels: int) -> AsyncIterator[None]:
    """Many posts under way."""

    async def post(number: int, channel: int) -> None:
        try:
            await adapter.post(f"c{channel}", POST, key=f"dp{number}")
        except PostError:
            return

    posts = [
        asyncio.create_task(post(number, channel)) for number in range(30) for channel in channels
    ]
    try:
        yield
    finally:
        for task in posts:
            task.cancel()
        await asyncio.wait(posts)


HELD = {
    "one channel, 40 s": lambda: limited(40, "shared"),
    "one channel, 20 s": lambda: limited(20, "user"),
    "everything, 20 s": lambda: limited(20, "global"),
    "everything, 60 s": lambda: limited(60, "global"),
}


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("name", [name for name in WAYS if "private chat" not in name])
async def test_an_answer_waits_for_no_post(
    wire: Wire, adapter: Discord, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    held: str, name: str,
) -> None:  # fmt: skip
    wire.host.on["POST /channels/3/messages"] = always(HELD[held])
    async with posting(adapter, 3, 4):
        await until(lambda: wire.host.posted)
        async with asyncio.timeout(2):
            asked, pressed = await goes(wire, handle, WAYS[name], monkeypatch)
        one_answer(WAYS[name], asked, pressed)


async def test_an_answer_waits_for_no_post_without_an_answer(
    wire: Wire, adapter: Discord, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    wire.host.on["POST /channels/3/messages"] = silence
    async with posting(adapter, *range(3, 13)):
        await until(lambda: len(wire.host.posted) > 9)
        async with asyncio.timeout(2):
            asked, pressed = await goes(wire, handle, WAYS["quick"], monkeypatch)
        one_answer(WAYS["quick"], asked, pressed)


async def test_one_interactions_limit_holds_up_no_other(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one whose bucket has just been used up, which discord.py rests for."""

    async def last(request: web.Request, process: inbox.Process) -> web.StreamResponse:
        response = process()
        used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "40"}
        response.headers.update(used_up)
        return response

    slow = inbox.refused(429, 0, **VIA, **{"Retry-After": "40"})
    wire.host.inbox.troubles |= {"edit": [slow], "response": [last, last]}
    monkeypatch.setattr("adapters.discord.answers._QUICK", 0.0)
    handle.gate = asyncio.Event()
    held = await wire.host.inbox.press("dp:more-2-t7", Shown(50, False, {}))
    await until(lambda: held.responded)
    handle.gate.set()
    await until(lambda: "edit" in held.steps)
    monkeypatch.setattr("adapters.discord.answers._QUICK", 1.5)
    handle.gate = None
    async with asyncio.timeout(2):
        quick = await wire.host.inbox.command("today")
        await until(lambda: quick.texts == ["An answer"])
    assert held.texts == [""]


async def test_a_post_given_up_during_a_pause_of_everything_does_not_make_it_last(
    wire: Wire, adapter: Discord, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.client._TIMEOUT", 0.1)
    wire.host.on["POST /channels/3/messages"] = always(lambda: limited(20, "global"))
    with pytest.raises(PostError):
        await adapter.post("c3", POST, key="dp1")
    monkeypatch.setattr("adapters.discord.client._TIMEOUT", 5)
    assert (await adapter.post("c4", POST, key="dp2")).message_id == "77"
