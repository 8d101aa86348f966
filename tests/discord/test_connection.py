"""How the gateway is held: shards, what ends it, and that it is begun again."""

import asyncio
import logging
from contextlib import suppress

import discord
import pytest
from discord.gateway import DiscordWebSocket

from adapters.discord import shards
from bot.dialogue import Message
from bot.errors import ConfigError
from tests.discord.conftest import Pauses, served
from tests.discord.handle import FakeHandle
from tests.discord.wire import Wire, always, refusal, until

POST = Message(text="x")


async def test_one_shard_is_what_a_small_bot_uses(wire: Wire) -> None:
    async with served(wire.adapter(), FakeHandle()):
        await until(lambda: wire.host.sockets)
    assert wire.host.identified == [[0, 1]]


async def test_a_bot_told_to_use_several_shards_serves_on_each(wire: Wire, pauses: Pauses) -> None:
    wire.host.shards = 3
    adapter, handle = wire.adapter(), FakeHandle()
    async with served(adapter, handle):
        await until(lambda: len(wire.host.sockets) == 3)
        for shard in range(3):
            await wire.host.tells(shard)
        await until(lambda: len(handle.gone) == 3)
        assert (await adapter.post("c3", POST, key="dp1")).message_id == "77"
    assert sorted(wire.host.identified) == [[0, 3], [1, 3], [2, 3]]
    assert pauses.of("connection") == [5, 5]  # Discord takes one start in five seconds


async def test_a_bot_that_has_grown_takes_as_many_shards_as_discord_wants(
    wire: Wire, pauses: Pauses, caplog: pytest.LogCaptureFixture
) -> None:
    def close(shard: list[int]) -> int | None:
        wire.host.shards = 2
        return 4011 if shard == [0, 1] else None

    wire.host.close_with = close
    adapter = wire.adapter()
    async with served(adapter, FakeHandle()):
        await until(lambda: len(wire.host.sockets) == 2)
    assert wire.host.identified == [[0, 1], [0, 2], [1, 2]]
    assert "Discord wants the bot on more shards (close code 4011) retry_in=5" in caplog.text


@pytest.mark.parametrize("code", [4010, 4011, 4012, 4013, 4014, 4999])
async def test_no_close_of_the_gateway_ends_the_adapter(
    wire: Wire, pauses: Pauses, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    left = [code] * 6
    wire.host.close_with = lambda _shard: left.pop() if left else None
    adapter = wire.adapter()
    async with served(adapter, FakeHandle()):
        await until(lambda: wire.host.sockets)
        assert (await adapter.post("c3", POST, key="dp1")).message_id == "77"
    told = [r.levelno for r in caplog.records if f"close code {code}" in r.getMessage()]
    if code == 4999:  # discord.py connects again by itself
        return
    assert pauses.of("client") == [5, 15, 60, 300, 300, 300]
    look = code in (4012, 4013, 4014)
    assert told == [logging.ERROR if look else logging.WARNING] * 6


async def test_posts_go_while_the_gateway_refuses_the_bot(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting, over = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        resting.set()
        await over.wait()

    monkeypatch.setattr("adapters.discord.client._sleep", sleep)
    wire.host.close_with = lambda _shard: None if over.is_set() else 4014
    adapter = wire.adapter()
    async with served(adapter, FakeHandle()):
        async with asyncio.timeout(5):
            await resting.wait()
        assert adapter.up.is_set()
        assert (await adapter.post("c3", POST, key="dp1")).message_id == "77"
        over.set()
        await until(lambda: wire.host.sockets)


@pytest.mark.parametrize("revoked", [False, True])
async def test_only_a_refused_token_is_a_configuration_fault(wire: Wire, revoked: bool) -> None:
    wire.host.close_with = lambda _shard: 4004  # what a bot hears when its token is reset
    adapter = wire.adapter(refused=not revoked)
    with pytest.raises(ConfigError, match="refused DISCORD_TOKEN; copy it again"):
        await adapter.run(FakeHandle())


async def test_run_can_be_called_again_after_it_raised(wire: Wire) -> None:
    before = asyncio.all_tasks()
    wire.host.close_with = lambda _shard: 4004
    adapter = wire.adapter()
    for _ in range(2):
        with pytest.raises(ConfigError):
            await adapter.run(FakeHandle())
    wire.host.close_with = lambda _shard: None
    async with served(adapter, FakeHandle()):
        await until(lambda: wire.host.sockets)
        assert (await adapter.post("c3", POST, key="dp1")).message_id == "77"
    await until(lambda: not (ours(asyncio.all_tasks()) - before))


def ours(tasks: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    """Those of the adapter and of discord.py, not the peer's own."""
    return {task for task in tasks if "aiohttp" not in repr(task.get_coro())}


async def test_an_unreachable_discord_is_tried_again(
    wire: Wire, pauses: Pauses, caplog: pytest.LogCaptureFixture
) -> None:
    def comes_back() -> None:
        if len(pauses.of("client")) == 5:
            wire.adapter()  # the network is back

    pauses.then = comes_back
    async with served(wire.adapter(port=1), FakeHandle()):
        await until(lambda: wire.host.sockets)
    assert pauses.of("client") == [5, 15, 60, 300, 300]
    cause = "the connection was refused"
    assert f"reason=Discord cannot be reached: {cause} retry_in=5" in caplog.text


@pytest.mark.parametrize("told", [404, 403, 500])
async def test_serving_does_not_wait_for_how_many_shards_are_wanted(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, told: int
) -> None:
    monkeypatch.setattr(shards, "_TIMEOUT", 0.2)
    wire.host.on["/gateway/bot"] = always(lambda: refusal(told))
    async with served(wire.adapter(), FakeHandle()):
        await until(lambda: wire.host.sockets)
    assert wire.host.identified == [[0, 1]]


async def test_advice_without_limits_is_followed(wire: Wire, pauses: Pauses) -> None:
    wire.host.shards, wire.host.starts = 2, None
    async with served(wire.adapter(), FakeHandle()):
        await until(lambda: len(wire.host.sockets) == 2)


async def test_no_more_sessions_are_started_than_discord_allows(
    wire: Wire, pauses: Pauses, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord resets the token of a bot that starts more."""

    def tomorrow() -> None:
        if pauses.of("shards"):
            wire.host.starts["remaining"] = 1000

    wire.host.shards = 2
    wire.host.starts |= {"remaining": 1, "reset_after": 7_200_000}
    pauses.then = tomorrow
    adapter = wire.adapter()
    async with served(adapter, FakeHandle()):
        await until(lambda: len(wire.host.sockets) == 2)
    assert "discord starts used up left=1 shards=2 retry_in=7200" in caplog.text
    assert pauses.of("shards")[0] == 7200.0


async def test_one_silent_shard_is_named_while_the_others_serve(
    wire: Wire, pauses: Pauses, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shards, "_SILENT", -5.0)  # the second shard may begin five seconds later
    wire.host.shards, wire.host.silent = 2, {1}
    adapter = wire.adapter()
    async with served(adapter, FakeHandle()):
        await until(lambda: "discord shard is silent shard=1" in caplog.text)
        assert (await adapter.post("c3", POST, key="dp1")).message_id == "77"
    (told,) = [r for r in caplog.records if "silent shard=1" in r.getMessage()]
    assert told.levelno == logging.ERROR


async def test_a_dead_shard_begins_all_of_them_again(
    wire: Wire, pauses: Pauses, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wire.host.shards, wire.host.silent = 2, {1}
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await until(lambda: 0 in wire.host.sockets)
        await wire.host.tells()
        await until(lambda: handle.gone)
        monkeypatch.setattr(shards, "_DEAD", -5.0)
        await until(lambda: "discord unreachable reason=Shard 1 is dead" in caplog.text)
        monkeypatch.setattr(shards, "_DEAD", 1800.0)
        wire.host.silent.clear()
        await until(lambda: 1 in wire.host.sockets)


async def test_a_cancellation_discord_py_swallows_still_ends_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    connecting = asyncio.Event()

    async def connect(client: discord.AutoShardedClient) -> None:
        connecting.set()
        while not client.is_closed():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    monkeypatch.setattr(discord.AutoShardedClient, "connect", connect)
    serving = asyncio.create_task(wire.adapter().run(FakeHandle()))
    async with asyncio.timeout(5):
        await connecting.wait()
    serving.cancel()
    done, _ = await asyncio.wait([serving], timeout=5)
    assert done


async def test_a_goodbye_that_hangs_leaves_no_connection_behind(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(socket: DiscordWebSocket, code: int = 4000) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("adapters.discord.connection._GOODBYE", 0.05)
    async with served(wire.adapter(), FakeHandle()):
        await until(lambda: wire.host.sockets)
        monkeypatch.setattr(DiscordWebSocket, "close", hang)
    await until(lambda: wire.host.sockets[0].closed)


async def test_a_login_that_is_limited_waits_as_long_as_discord_asks(
    wire: Wire, pauses: Pauses
) -> None:
    def over() -> None:
        wire.host.on.clear()

    slow = always(lambda: refusal(429, **{"Retry-After": "900"}))
    wire.host.on["/users/@me"] = slow
    pauses.then = over
    async with served(wire.adapter(), FakeHandle()):
        await until(lambda: wire.host.sockets)
    assert pauses.of("client") == [900]


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("INTERACTION_CREATE", {"id": "5"}),
        ("INTERACTION_CREATE", {"id": "5", "type": "a new kind", "data": []}),
        ("GUILD_CREATE", {"id": "5", "channels": [{"id": "6"}]}),
        ("CHANNEL_UPDATE", {"id": "5", "guild_id": "x"}),
        ("GUILD_DELETE", {"id": None}),
    ],
)
async def test_an_event_discord_py_cannot_read_is_left_out(
    wire: Wire, caplog: pytest.LogCaptureFixture, event: str, data: dict
) -> None:
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await until(lambda: wire.host.sockets)
        await wire.host.says(event, data)
        await wire.host.tells()
        await until(lambda: handle.gone)
    assert wire.host.identified == [[0, 1]]
    [record] = [one for one in caplog.records if "set aside" in one.getMessage()]
    said = record.getMessage()
    assert said.startswith(f"discord event set aside event={event} id={data['id']} error=")
    assert "\n" not in said and record.exc_info is None


async def test_a_shard_that_loses_its_connection_comes_back(wire: Wire, pauses: Pauses) -> None:
    wire.host.shards = 2
    async with served(wire.adapter(), FakeHandle()):
        await until(lambda: len(wire.host.sockets) == 2)
        lost = wire.host.sockets.pop(1)
        await lost.close(code=4009)
        await until(lambda: wire.host.resumed == [1])
        assert not wire.host.sockets[0].closed
    assert wire.host.identified == [[0, 2], [1, 2]]
