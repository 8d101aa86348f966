"""Which places there are, what keeps the bot out of them, and when they come back."""

import asyncio

import discord
import pytest

from adapters.discord.client import Discord
from bot.errors import PostError, Untold
from bot.model import Place
from bot.usage import usage
from tests.discord.conftest import served
from tests.discord.handle import FakeHandle
from tests.discord.wire import MEMBER, Wire, always, channel, guild, refusal, role, thread, until

MUTED = discord.Permissions(send_messages=True, send_messages_in_threads=True).value
NOBODY = discord.Permissions(view_channel=True, read_message_history=True)
INVITE = "Add me to the server again: open my profile and press Add App."
ELSEWHERE = f"Run {usage('setup')} in another channel to post there instead."


async def seen(wire: Wire, handle: FakeHandle, *channels: dict, **changes: object) -> None:
    """A server the bot is in comes into view: its threads are told to be back, if any may be."""
    await until(lambda: wire.host.sockets)
    await wire.host.says("GUILD_CREATE", guild(channel(90), *channels, **changes))
    await until(lambda: any("c90" in addresses for addresses in handle.back))
    handle.back.clear()


async def passed(wire: Wire, handle: FakeHandle) -> None:
    """What was said before has reached the adapter."""
    before = len(handle.gone)
    await wire.host.says("THREAD_DELETE", thread(99))
    await until(lambda: len(handle.gone) > before)


async def test_a_place_is_known_by_its_name_and_link(wire: Wire) -> None:
    adapter, handle = wire.adapter(), FakeHandle()
    assert adapter.place("c3") == Place("")
    async with served(adapter, handle):
        await seen(wire, handle, channel(3), thread(31))
        asked = len(wire.host.asked)
        assert adapter.place("c3") == Place(
            "#room-3 in Readers", "https://discord.com/channels/9/3"
        )
        assert adapter.place("c31") == Place(
            "#thread-31 in Readers", "https://discord.com/channels/9/31"
        )
        assert adapter.place("u5") == adapter.place("c77") == Place("")
        assert len(wire.host.asked) == asked


async def test_an_obstacle_is_one_sentence(wire: Wire, running: Discord) -> None:
    wire.host.known |= {
        "/channels/31": thread(31, locked=True), "/channels/32": thread(32),
        "/channels/33": thread(33, parent=4),
    }  # fmt: skip
    assert await running.obstacle("c3") == await running.obstacle("c32") == ""
    lacking = "I may not post in #room-4: give me Embed Links there."
    assert await running.obstacle("c4") == lacking
    assert await running.obstacle("c33") == lacking.replace("room-4", "thread-33")
    locked = "#thread-31 is locked: unlock it, or give me Manage Threads there."
    assert await running.obstacle("c31") == locked
    assert await running.obstacle("c6") == "The channel is gone."
    wire.host.on["/channels/3"] = always(lambda: refusal(403, 50001))
    assert await running.obstacle("c3") == "I may not see that channel."


async def test_an_obstacle_that_cannot_be_told_is_not_none(wire: Wire, running: Discord) -> None:
    with pytest.raises(Untold):
        await running.obstacle("u5")
    for status, code in ((503, 0), (403, 40333), (403, 0)):
        wire.host.on["/channels/3"] = always(lambda status=status, code=code: refusal(status, code))
        with pytest.raises(PostError) as caught:
            await running.obstacle("c3")
        assert not caught.value.permanent
    with pytest.raises(PostError, match="Not connected"):
        await wire.adapter().obstacle("c3")


async def test_places_that_go_away_are_told_with_what_can_be_done(wire: Wire) -> None:
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await seen(wire, handle, channel(3), channel(4), thread(31), thread(41, parent=4))
        await wire.host.says("THREAD_DELETE", thread(31))
        await until(lambda: handle.gone == [("c31", "the thread was deleted", ELSEWHERE)])
        await wire.host.says("CHANNEL_DELETE", channel(4))
        await until(lambda: len(handle.gone) == 3)
        assert set(handle.gone[1:]) == {
            ("c4", "the channel was deleted", ELSEWHERE),
            ("c41", "the thread was deleted", ELSEWHERE),
        }
        await wire.host.says("GUILD_DELETE", {"id": "9"})
        await until(lambda: len(handle.gone) == 5)
        assert set(handle.gone[3:]) == {
            (address, "I was removed from the server", INVITE) for address in ("c3", "c90")
        }


async def test_a_place_that_goes_away_is_told_by_its_name_and_its_servers(wire: Wire) -> None:
    adapter, names = wire.adapter(), list[str]()

    class Named(FakeHandle):
        async def removed(self, address: str, reason: str, remedy: str = "") -> None:
            names.append(adapter.place(address).title)
            await super().removed(address, reason, remedy)

    handle = Named()
    async with served(adapter, handle):
        await seen(wire, handle, channel(3), channel(4), thread(31))
        await wire.host.says("THREAD_DELETE", thread(31))
        await wire.host.says("CHANNEL_DELETE", channel(4))
        await until(lambda: len(handle.gone) == 2)
        await wire.host.says("GUILD_DELETE", {"id": "9"})
        await until(lambda: len(handle.gone) == 4)
        assert names[:2] == ["#thread-31 in Readers", "#room-4 in Readers"]
        assert "#room-3 in Readers" in names[2:]
        assert adapter.place("c3") == Place(""), "nothing of it is kept"


async def test_an_outage_of_a_server_removes_nothing(wire: Wire) -> None:
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await seen(wire, handle, channel(3))
        await wire.host.says("GUILD_DELETE", {"id": "9", "unavailable": True})
        await wire.host.says("GUILD_CREATE", guild(channel(3)))
        await until(lambda: handle.back)
        assert handle.gone == []


async def test_an_invitation_back_brings_all_its_channels_and_threads(wire: Wire) -> None:
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await seen(wire, handle, channel(3))
        again = guild(channel(3), channel(4, MUTED), channel(5, kind=4), thread(31))
        del again["unavailable"]  # so Discord says that it is a new one
        told: list[str] = []
        async with asyncio.timeout(10):
            while told != ["c3", "c31", "c4", "c5"]:  # at its start discord.py takes none for new
                await asyncio.sleep(0.1)
                handle.gone.clear()
                handle.back.clear()
                await wire.host.says("GUILD_DELETE", {"id": "9"})
                await until(lambda: handle.gone)
                await wire.host.says("GUILD_CREATE", again)
                await until(lambda: handle.back)
                (addresses,) = handle.back
                told = sorted(addresses)


async def test_what_was_mended_while_the_bot_was_away_comes_back(wire: Wire) -> None:
    wire.host.guilds = [guild(channel(3), channel(4, MUTED), channel(5, kind=4), thread(31))]
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await until(lambda: handle.back)
        assert [sorted(addresses) for addresses in handle.back] == [["c3", "c31"]]


async def test_a_channel_that_opens_comes_back_alone(wire: Wire) -> None:
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        places = [channel(3), channel(4, MUTED), channel(5, MUTED), thread(41, parent=4)]
        await seen(wire, handle, *places)
        await wire.host.says("CHANNEL_UPDATE", channel(3) | {"topic": "another"})
        await wire.host.says("CHANNEL_UPDATE", channel(4, MUTED) | {"topic": "another"})
        await passed(wire, handle)
        await wire.host.says("CHANNEL_UPDATE", channel(4))
        await until(lambda: handle.back)
        assert [sorted(addresses) for addresses in handle.back] == [["c4", "c41"]]
        await wire.host.says("CHANNEL_UPDATE", channel(4, MUTED))
        await passed(wire, handle)
        await wire.host.says("CHANNEL_UPDATE", channel(4))
        await until(lambda: len(handle.back) == 2)
        assert sorted(handle.back[1]) == ["c4", "c41"]


async def test_a_channel_made_after_the_start_is_watched_too(wire: Wire) -> None:
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await seen(wire, handle)
        await wire.host.says("CHANNEL_CREATE", channel(6, MUTED))
        await passed(wire, handle)
        await wire.host.says("CHANNEL_UPDATE", channel(6))
        await until(lambda: handle.back == [["c6"]])


@pytest.mark.parametrize("event", ["everyone", "own", "given", "taken"])
async def test_a_role_that_opens_channels_brings_back_those_alone(wire: Wire, event: str) -> None:
    """Channel 3 is open all the time, channel 5 closed; channel 4 opens."""
    allowing = channel(3) | {
        "permission_overwrites": [
            {"id": "1", "type": 1, "allow": str(MUTED | 1 << 14), "deny": "0"}
        ]
    }
    closed = channel(5, MUTED)
    roles = [role(9, NOBODY), role(8, NOBODY)]
    me = MEMBER | {"roles": ["8"]}
    opening = {"guild_id": "9", "role": role(8)}
    room = channel(4)
    said = ("GUILD_ROLE_UPDATE", opening)
    if event == "everyone":
        said = ("GUILD_ROLE_UPDATE", {"guild_id": "9", "role": role(9)})
    elif event == "given":
        me, roles = MEMBER, [role(9, NOBODY), role(8)]
        said = ("GUILD_MEMBER_UPDATE", MEMBER | {"guild_id": "9", "roles": ["8"]})
    elif event == "taken":
        roles = [role(9), role(8)]
        deny = {"id": "8", "type": 0, "allow": "0", "deny": str(MUTED)}
        room["permission_overwrites"].append(deny)
        said = ("GUILD_MEMBER_UPDATE", MEMBER | {"guild_id": "9"})
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        open_always = allowing | {"id": "90"}
        await until(lambda: wire.host.sockets)
        places = (open_always, allowing, room, closed)
        await wire.host.says("GUILD_CREATE", guild(*places, members=[me], roles=roles))
        await until(lambda: handle.back)
        assert sorted(handle.back.pop()) == ["c3", "c90"]
        await wire.host.says("GUILD_ROLE_UPDATE", {"guild_id": "9", "role": roles[1]})
        await passed(wire, handle)
        await wire.host.says(*said)
        await until(lambda: handle.back)
        assert handle.back == [["c4"]]


async def test_a_thread_that_is_opened_again_comes_back(wire: Wire) -> None:
    handle = FakeHandle()
    async with served(wire.adapter(), handle):
        await seen(wire, handle, channel(3), thread(31), thread(32, locked=True))
        await wire.host.says("THREAD_UPDATE", thread(32))
        await until(lambda: handle.back == [["c32"]])
        await wire.host.says("THREAD_UPDATE", thread(31, archived=True, locked=True))
        await passed(wire, handle)
        await wire.host.says("THREAD_UPDATE", thread(31))
        await until(lambda: handle.back == [["c32"], ["c31"]])
