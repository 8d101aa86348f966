"""Registering commands: beside serving, only what changed, and again when refused."""

import asyncio
import logging
import re

import pytest
from aiohttp import web

from adapters.discord.client import Discord
from bot.dialogue import Message
from tests.discord.conftest import Pauses, served
from tests.discord.handle import COMMANDS, FakeHandle
from tests.discord.judge import problems
from tests.discord.wire import Wire, always, answer, refusal, until

PATH = "/applications/1/commands"
HOME = "/applications/1/guilds/42/commands"
PUT = f"PUT {PATH}"


def as_discord_has_them(commands: list[dict]) -> list[dict]:
    """What it leaves out, adds and orders in its own way."""

    def kept(value: object) -> object:
        if isinstance(value, dict):
            there = {k: kept(v) for k, v in value.items() if v not in (False, None)}
            number = there.get("default_member_permissions")
            return there | ({"default_member_permissions": str(number)} if number else {})
        return [kept(one) for one in value] if isinstance(value, list) else value

    added = {"version": "7", "nsfw": False, "name_localizations": None, "dm_permission": True}
    for command in (made := [kept(one) | added for one in commands]):
        command["contexts"] = command["contexts"][::-1]
        command.setdefault("default_member_permissions", None)
    return made[::-1]


async def registered(wire: Wire, adapter: Discord | None = None) -> list[dict]:
    async with served(adapter or wire.adapter(), FakeHandle()):
        await until(lambda: wire.host.registered and wire.host.sockets)
    (made,) = wire.host.registered.values()
    return made


async def puts(wire: Wire, caplog: pytest.LogCaptureFixture, **env: str) -> int:
    """How often they are registered at a start, once the adapter has looked."""
    wire.host.asked.clear()
    caplog.clear()
    caplog.set_level(logging.INFO)
    async with served(wire.adapter(**env), FakeHandle()):
        await until(lambda: re.search("commands (unchanged|registered)", caplog.text))
    return sum(asked.startswith("PUT") for asked in wire.host.asked)


async def test_commands_are_registered_once_for_everybody(wire: Wire) -> None:
    made = await registered(wire)
    assert [command["name"] for command in made] == [command.name for command in COMMANDS]
    assert list(wire.host.registered) == [PATH]
    assert problems("PUT", PATH, made) == []


async def test_commands_that_discord_has_are_not_sent_again(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    made = await registered(wire)
    assert await puts(wire, caplog) == 0
    wire.host.registered[PATH] = as_discord_has_them(made)
    assert await puts(wire, caplog) == 0
    entry_point = {"id": "90", "application_id": "1", "name": "launch", "type": 4}
    wire.host.registered[PATH] = [*as_discord_has_them(made), entry_point]
    assert await puts(wire, caplog) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda commands: commands.pop(),
        lambda commands: commands[0].update(description="Another"),
        lambda commands: commands[0].update(contexts=[0]),
        lambda commands: commands[0].update(integration_types=[0]),
        lambda commands: commands[2].update(default_member_permissions=None),
        lambda commands: commands[2]["options"].reverse(),
        lambda commands: commands[2]["options"].pop(),
        lambda commands: commands[2]["options"][1].pop("autocomplete"),
        lambda commands: commands[1]["options"][0].update(required=False),
        lambda commands: commands[3]["options"][0].update(channel_types=[0]),
        lambda commands: commands.append(commands[0] | {"name": "retired"}),
    ],
)
async def test_whatever_differs_is_registered_again(
    wire: Wire, caplog: pytest.LogCaptureFixture, change: object
) -> None:
    change(await registered(wire))
    assert await puts(wire, caplog) == 1
    assert await puts(wire, caplog) == 0


@pytest.mark.parametrize(
    "refused",
    [
        lambda: refusal(400, 30034),
        lambda: refusal(403, 40333),
        lambda: refusal(503),
        lambda: web.Response(text="<p>Please log in</p>", content_type="text/html"),
        lambda: answer({"retry_after": 600.0, "global": False}, 429, Via="1.1 google"),
        lambda: refusal(429, **{"Retry-After": "600"}),
    ],
)
@pytest.mark.parametrize("step", [f"GET {PATH}", PUT])
async def test_refused_commands_hold_up_nothing_and_come_later(
    wire: Wire, pauses: Pauses, caplog: pytest.LogCaptureFixture, refused: object, step: str
) -> None:
    def mended() -> None:
        if len(pauses.of("register")) == 4:
            wire.host.on.pop(step, None)

    wire.host.on[step] = always(refused)
    pauses.then = mended
    adapter, handle = wire.adapter(), FakeHandle()
    async with served(adapter, handle):
        await until(lambda: wire.host.sockets)
        assert (await adapter.post("c3", Message(text="x"), key="dp1")).message_id == "77"
        await wire.host.tells()
        await until(lambda: handle.gone)
        await until(lambda: wire.host.registered)
    slow = refused().status == 429
    assert pauses.of("register") == [600 if slow else 60, 600 if slow else 300, 1800, 3600]
    assert "discord commands not registered reason=" in caplog.text
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


async def test_posts_and_answers_do_not_wait_for_a_slow_registration(wire: Wire) -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        asked.set()
        await over.wait()
        return answer([])

    wire.host.on[PATH] = slow
    adapter, handle = wire.adapter(), FakeHandle()
    async with served(adapter, handle):
        async with asyncio.timeout(5):
            await asked.wait()
        assert (await adapter.post("c3", Message(text="x"), key="dp1")).message_id == "77"
        await until(lambda: wire.host.sockets)
        await wire.host.tells()
        await until(lambda: handle.gone)
        over.set()


async def test_a_home_server_gets_the_commands_instead_of_everybody(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    made = await registered(wire, wire.adapter(DISCORD_GUILD="42"))
    assert list(wire.host.registered) == [HOME]
    for command in made:  # Discord keeps neither for a server's own commands
        command.update(contexts=None, integration_types=None)
    assert await puts(wire, caplog, DISCORD_GUILD="42") == 0


@pytest.mark.parametrize("step", [f"GET {HOME}", f"PUT {HOME}"])
@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 10004)])
async def test_a_home_server_the_bot_is_not_in_is_said_once_and_ends_nothing(
    wire: Wire, pauses: Pauses, caplog: pytest.LogCaptureFixture, step: str, status: int, code: int
) -> None:
    wire.host.on[step] = always(lambda: refusal(status, code))
    adapter, handle = wire.adapter(DISCORD_GUILD="42"), FakeHandle()
    async with served(adapter, handle):
        await until(lambda: wire.host.sockets and len(pauses.of("register")) > 2)
        assert (await adapter.post("c3", Message(text="x"), key="dp1")).message_id == "77"
        wire.host.on.clear()  # it was invited
        await until(lambda: wire.host.registered)
    (said,) = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert "DISCORD_GUILD is not a server I have been added to" in said
