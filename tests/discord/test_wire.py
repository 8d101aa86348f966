"""Posts over real HTTP and a real gateway connection, on loopback."""

import asyncio

import discord
import pytest
from aiohttp import web

from adapters.discord.client import Discord
from bot.dialogue import Message
from bot.errors import PostError
from tests.discord.conftest import served
from tests.discord.handle import FakeHandle
from tests.discord.wire import Wire, always, answer, refusal, until

MESSAGES = "POST /channels/3/messages"


async def fault(adapter: Discord, address: str = "c3") -> PostError:
    with pytest.raises(PostError) as caught:
        await adapter.post(address, Message(text="x"), key="dp1")
    return caught.value


async def test_it_serves_until_cancelled_and_posts_meanwhile(wire: Wire, running: Discord) -> None:
    receipt = await running.post("c3", Message(text="x"), key="dp1")
    assert receipt.message_id == "77"
    assert wire.host.posted[0]["nonce"] == "dp1"
    assert wire.host.intents == discord.Intents(guilds=True).value


async def test_after_the_end_a_post_never_leaves(wire: Wire) -> None:
    adapter = wire.adapter()
    async with served(adapter, FakeHandle()):
        await until(adapter.up.is_set)
    assert str(await fault(adapter)) == "Not connected to Discord yet"
    assert not adapter.up.is_set()


async def test_a_connection_lost_after_the_request_is_ambiguous(
    wire: Wire, running: Discord
) -> None:
    async def reset(request: web.Request) -> web.StreamResponse:
        request.transport.abort()
        return web.Response()

    wire.host.on[MESSAGES] = reset
    assert (await fault(running)).ambiguous


async def test_no_answer_in_time_is_ambiguous(
    wire: Wire, running: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()

    async def silence(request: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    monkeypatch.setattr("adapters.discord.client._TIMEOUT", 0.05)
    wire.host.on[MESSAGES] = silence
    assert (await fault(running)).ambiguous
    over.set()


async def test_a_connection_refused_is_simply_sent_again(wire: Wire, running: Discord) -> None:
    wire.adapter(port=1)  # from here on requests go where nobody listens
    refused = await fault(running)
    assert not (refused.ambiguous or refused.permanent or refused.refused)


@pytest.mark.parametrize("page", ["<p>Please log in</p>", '"a text"', "[]", "null"])
async def test_an_answer_of_something_else_is_not_a_receipt(
    wire: Wire, running: Discord, page: str
) -> None:
    kind = "text/html" if page.startswith("<") else "application/json"
    made = always(lambda: web.Response(body=page.encode(), content_type=kind))
    wire.host.on[MESSAGES] = made
    assert (await fault(running)).ambiguous


CLOUDFLARE = {"Retry-After": "61"}
GLOBAL = {"Retry-After": "61", "Via": "1.1 google", "X-RateLimit-Scope": "global"}
GLOBAL_BY_NAME = {"Retry-After": "61", "Via": "1.1 google", "X-RateLimit-Global": "true"}
SHARED = {"Retry-After": "61", "Via": "1.1 google", "X-RateLimit-Scope": "shared"}


def limited(headers: dict[str, str]) -> web.Response:
    told = {"message": "slow", "retry_after": 61.0, "global": headers is GLOBAL}
    return answer(told, 429, **headers)


@pytest.mark.parametrize("headers", [CLOUDFLARE, GLOBAL, GLOBAL_BY_NAME])
async def test_a_limit_over_everything_says_how_long(
    wire: Wire, running: Discord, headers: dict[str, str]
) -> None:
    wire.host.on[MESSAGES] = always(lambda: limited(headers))
    limit = await fault(running)
    assert (limit.retry_after, limit.rejected) == (61, True)


async def test_a_limit_of_one_channel_is_told_as_that_channels(
    wire: Wire, running: Discord
) -> None:
    wire.host.on[MESSAGES] = always(lambda: limited(SHARED))
    limit = await fault(running)
    assert (limit.retry_after, limit.rejected, limit.everywhere) == (61, True, False)
    assert (limit.permanent, limit.refused, limit.ambiguous) == (False, False, False)
    await running.post("c4", Message(text="x"), key="dp2")


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_answers_that_get_a_bot_banned_are_counted(
    wire: Wire, running: Discord, status: int
) -> None:
    for code in (0, 40333, 50013):
        wire.host.on[MESSAGES] = always(lambda code=code: refusal(status, code))
        assert (await fault(running)).rejected
    wire.host.on[MESSAGES] = always(lambda: refusal(404, 10003))
    assert not (await fault(running)).rejected


async def test_the_doctor_names_what_each_channel_lacks(wire: Wire) -> None:
    assert await wire.adapter().check(["c3", "u5"]) == []
    assert await wire.adapter().check(["c3", "c4", "c6"]) == [
        "I may not post in #room-4: give me Embed Links there.",
        "Channel 6: The channel is gone.",
    ]
    assert wire.host.registered == {}


async def test_the_doctor_names_a_refused_token_and_a_missing_network(wire: Wire) -> None:
    (refused,) = await wire.adapter(refused=True).check([])
    assert refused.startswith("Discord refused DISCORD_TOKEN")
    (unreached,) = await wire.adapter(port=1).check(["c3"])
    assert unreached.startswith("Discord cannot be reached: the connection was refused")
