"""What `doctor` asks of Discord, and with how few requests."""

import asyncio
import logging

import discord
import pytest

from tests.discord.wire import EVERYBODY, Wire, always, channel, guild, refusal, role, thread

EVERY = [f"c{number}" for number in range(100, 130)]
WHATEVER = "View Channel, Send Messages and Embed Links"  # who does not see it may do nothing
NOT_SEEN = discord.Permissions(view_channel=True).value


def servers(wire: Wire, permissions: discord.Permissions = EVERYBODY) -> None:
    """What the bot may do in its server, as the list of its servers tells it."""
    wire.host.known["/users/@me/guilds"] = [
        {"id": "9", "name": "Readers", "owner": False, "permissions": str(permissions.value)}
    ]


def rooms(wire: Wire, **changes: object) -> None:
    for address in EVERY:
        number = int(address[1:])
        wire.host.known[f"/channels/{number}"] = channel(number) | changes


async def test_many_places_cost_one_request_each(wire: Wire) -> None:
    servers(wire)
    rooms(wire)
    assert await wire.adapter().check(EVERY) == []
    assert wire.host.asked.count("GET /users/@me/guilds") == 1
    assert "GET /guilds/9" not in wire.host.asked
    assert len(wire.host.asked) <= len(EVERY) + 4


async def test_a_server_is_asked_once_where_channels_say_more(wire: Wire) -> None:
    servers(wire)
    rooms(wire)
    for number in (100, 101):
        wire.host.known[f"/channels/{number}"] = channel(number, deny=NOT_SEEN)
    found = await wire.adapter().check(EVERY)
    assert found == [
        f"I may not post in #room-{number}: give me {WHATEVER} there." for number in (100, 101)
    ]
    assert wire.host.asked.count("GET /guilds/9") == 1
    assert wire.host.asked.count("GET /guilds/9/members/1") == 1


async def test_a_channel_that_names_the_bot_is_open(wire: Wire) -> None:
    servers(wire)
    ours = {"id": "1", "type": 1, "allow": str(EVERYBODY.value), "deny": "0"}
    rooms(wire, permission_overwrites=[*channel(1, deny=NOT_SEEN)["permission_overwrites"], ours])
    assert await wire.adapter().check(EVERY) == []
    assert "GET /guilds/9" not in wire.host.asked


async def test_an_administrator_may_post_anywhere(wire: Wire) -> None:
    servers(wire, discord.Permissions(administrator=True))
    rooms(wire, permission_overwrites=channel(1, deny=NOT_SEEN)["permission_overwrites"])
    assert await wire.adapter().check(EVERY) == []


async def test_rights_that_a_server_does_not_give_are_named(wire: Wire) -> None:
    few = discord.Permissions(view_channel=True)
    servers(wire, few)
    rooms(wire)
    wire.host.known["/guilds/9"] = guild(roles=[role(permissions=few)])
    found = await wire.adapter().check(EVERY)
    assert len(found) == len(EVERY) and all(
        "give me Send Messages and Embed Links" in f for f in found
    )


async def test_a_thread_has_the_rights_of_its_channel(wire: Wire) -> None:
    servers(wire)
    rooms(wire)
    wire.host.known["/channels/100"] = thread(100, parent=3)
    wire.host.known["/channels/101"] = thread(101, parent=4)
    wire.host.known["/channels/102"] = thread(102, parent=3, locked=True)
    found = await wire.adapter().check(EVERY)
    assert sorted(found) == [
        "#thread-102 is locked: unlock it, or give me Manage Threads there.",
        "I may not post in #thread-101: give me Embed Links there.",
    ]


async def test_without_the_list_of_servers_each_is_asked(wire: Wire) -> None:
    rooms(wire)
    assert await wire.adapter().check(EVERY) == []
    assert wire.host.asked.count("GET /guilds/9") == 1


@pytest.mark.parametrize(("broken", "faults"), [(1, 0), (30, 1)])
async def test_a_few_places_in_trouble_are_no_fault(wire: Wire, broken: int, faults: int) -> None:
    servers(wire)
    rooms(wire)
    for address in EVERY[:broken]:
        wire.host.on[f"GET /channels/{address[1:]}"] = always(lambda: refusal(403, 40333))
    found = await wire.adapter().check(EVERY)
    assert len(found) == faults, found


async def test_a_place_that_is_gone_is_named_among_many(wire: Wire) -> None:
    servers(wire)
    rooms(wire)
    del wire.host.known["/channels/100"]
    wire.host.on["GET /guilds/9"] = always(lambda: refusal(404, 10004))
    wire.host.known["/channels/101"] = channel(101, deny=NOT_SEEN)
    assert await wire.adapter().check(EVERY) == [
        "Channel 100: The channel is gone.", "Channel 101: The server is gone.",
    ]  # fmt: skip


async def test_its_requests_give_way_to_the_posts(wire: Wire) -> None:
    gate, waited = asyncio.Event(), asyncio.Event()

    async def give_way() -> None:
        waited.set()
        await gate.wait()

    rooms(wire)
    checking = asyncio.create_task(wire.adapter().check(["c100"], give_way))
    await waited.wait()
    assert "GET /channels/100" not in wire.host.asked
    gate.set()
    assert await checking == []


def test_a_lost_gateway_is_a_line_with_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("discord.shard")
    for error, words in (
        (discord.ConnectionClosed(type("S", (), {"close_code": 4000})(), shard_id=0), "code 4000"),
        (TimeoutError(), "Discord did not answer"),
    ):
        caplog.clear()
        try:
            raise error
        except Exception:
            log.exception("Failed to connect for shard_id: %s. Retrying...", 0)
        [record] = caplog.records
        assert record.levelno == logging.WARNING and record.exc_info is None
        assert record.getMessage().startswith("discord gateway lost reason=")
        assert words in record.getMessage()


def test_a_fault_of_its_own_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logging.getLogger("discord.shard").exception("broken")
    assert caplog.records[0].exc_info
