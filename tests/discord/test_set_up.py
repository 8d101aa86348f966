"""From an invite to the first post by taps alone, with a new process between any two of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import discord
import pytest
import simcord

from adapters.discord.client import Discord, make
from bot.commands.answer import answer
from bot.config import load
from bot.dialogue import Message, Request
from bot.model import Destination
from bot.store import people
from tests.asking import Asking, asking
from tests.discord.handle import FakeHandle
from tests.discord.judge import all_problems
from tests.discord.look import walk, words
from tests.fakes import papers_of


class Core(FakeHandle):
    """A handle with the real core behind it."""

    def __init__(self, bot: Asking) -> None:
        commands = [one for one in bot.core.commands.values() if not one.hidden]
        super().__init__(commands=commands)
        self.bot = bot

    async def answer(self, request: Request) -> Message | None:
        return await answer(self.bot.core.ctx, self.bot.core.commands, request)

    async def greets(self, address: str, title: str) -> bool:
        return await people.greet(self.bot.core.store, Destination("discord", address), title)


@dataclass
class Journey:
    env: simcord.Env
    bot: Asking
    adapter: Discord
    taps: int = 0

    async def restart(self) -> None:
        """Nothing is left in memory."""
        self.adapter = make(load({"DISCORD_TOKEN": "secret"}))
        await self.env.restart_bot(self.adapter.client(Core(self.bot)))

    async def tap(self, who: simcord.MemberActor, message: discord.Message, label: str):
        self.taps += 1
        result = await who.click(message, label=label)
        await self.restart()
        return result

    async def choose(self, who: simcord.MemberActor, message: discord.Message, label: str):
        self.taps += 1
        return await who.select(message, [option(message, label)], custom_id=menu(message, label))

    async def deliveries(self, address: str) -> int:
        sql = "SELECT count(*) FROM deliveries WHERE address = :address AND state = 'pending'"
        row = await self.bot.core.store.row(sql, address=address)
        return row[0] if row else 0


def parts(message: discord.Message) -> list[dict]:
    return list(walk([c if isinstance(c, dict) else c.to_dict() for c in message.components]))


def option(message: discord.Message, label: str) -> str:
    options = [o for part in parts(message) for o in part.get("options", [])]
    return next(o["value"] for o in options if o["label"] == label)


def menu(message: discord.Message, label: str) -> str:
    return next(
        part["custom_id"]
        for part in parts(message)
        if any(o["label"] == label for o in part.get("options", []))
    )


def marked(message: discord.Message) -> list[str]:
    options = [o for part in parts(message) for o in part.get("options", [])]
    return [o["label"] for o in options if o.get("default")]


def labels(message: discord.Message) -> list[str]:
    return [part["label"] for part in parts(message) if part["type"] == 2]


@asynccontextmanager
async def journey(folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[Journey]:
    async with asking(folder, patch, "2025-06-12 17:00") as bot:
        bot.platform = "discord"
        await bot.listed("2025-06-12", *papers_of("2025-06-12", 1, 2, 3))
        adapter = make(load({"DISCORD_TOKEN": "secret"}))
        env = simcord.Env(adapter.client(Core(bot)))
        await env.start()
        yield Journey(env, bot, adapter)
        await env.shutdown()
        env.raise_errors()
        assert all_problems(env.http_requests) == []


@pytest.fixture
async def trip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Journey]:
    async with journey(tmp_path, monkeypatch) as made:
        yield made


def server(env: simcord.Env):
    """A server that was joined: its channels, an admin, a reader."""
    guild = env.create_guild()
    manage = discord.Permissions(manage_guild=True)
    admins = guild.create_role("admins", permissions=manage)
    admin = guild.add_member(env.create_user("ada"), roles=[admins])
    reader = guild.add_member(env.create_user("ray"))
    return guild, admin, reader


async def greeted(trip: Journey, guild):
    channel = guild.create_text_channel("papers")
    await trip.env.settle()
    await trip.restart()  # joined while the bot was off, too
    [hello] = channel.history()
    return channel, hello


async def test_a_newcomer_gets_from_the_invite_to_a_post_in_four_taps(trip: Journey) -> None:
    guild, admin, _ = server(trip.env)
    channel, hello = await greeted(trip, guild)
    assert labels(hello) == ["Set up"]
    first = (await trip.tap(admin, hello, "Set up")).response
    asked = await trip.choose(admin, first, "Another city…")
    await trip.restart()
    settings = (await admin.submit_modal(asked, {"typed": "Lisbon"})).response
    assert "Lisbon" in marked(settings) and "The next is due" in words(settings)
    await trip.restart()
    posted = (await trip.tap(admin, settings, "Post today's list now")).response
    assert "on the way" in words(posted)
    assert await trip.deliveries(f"c{channel.id}") == 1
    assert trip.taps <= 4
    [still] = channel.history()  # nothing but the hello
    assert still.id == hello.id


async def test_a_server_is_greeted_once_ever(
    trip: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.greeting._NEW", timedelta(days=9999))  # of any age
    guild, _, _ = server(trip.env)
    channel, _ = await greeted(trip, guild)
    for _ in range(3):
        await trip.restart()
        client = trip.adapter._connected()
        client.dispatch("guild_join", client.guilds[0])
        await trip.env.settle()
    assert len(channel.history()) == 1


async def test_another_channel_is_chosen_and_shown_with_its_own_settings(trip: Journey) -> None:
    guild, admin, _ = server(trip.env)
    _, hello = await greeted(trip, guild)
    other = guild.create_text_channel("elsewhere")
    first = (await trip.tap(admin, hello, "Set up")).response
    chooser = next(p["custom_id"] for p in parts(first) if p["type"] == 8)
    there = (await admin.select(first, [other], custom_id=chooser)).response
    assert "#elsewhere" in words(there)
    await trip.restart()
    await trip.choose(admin, there, "Tokyo")
    sql = "SELECT address, zone FROM subscriptions"
    rows = [tuple(row) for row in await trip.bot.core.store.rows(sql)]
    assert rows == [(f"c{other.id}", "Asia/Tokyo")]


async def test_a_stranger_gets_one_sentence_and_changes_nothing(trip: Journey) -> None:
    guild, _, reader = server(trip.env)
    _, hello = await greeted(trip, guild)
    refused = (await trip.tap(reader, hello, "Set up")).response
    assert words(refused) == "Only someone who may manage #papers can do that."
    assert not labels(refused)


async def test_two_people_at_once_do_not_disturb_each_other(trip: Journey) -> None:
    guild, admin, _ = server(trip.env)
    channel, hello = await greeted(trip, guild)
    role = guild.create_role("more", permissions=discord.Permissions(manage_guild=True))
    second = guild.add_member(trip.env.create_user("eve"), roles=[role])
    hers = (await trip.tap(admin, hello, "Set up")).response
    his = (await trip.tap(second, hello, "Set up")).response
    asked = await trip.choose(admin, hers, "Another city…")
    changed = (await trip.choose(second, his, "18:00")).response
    assert "18:00" in marked(changed)
    shown = (await admin.submit_modal(asked, {"typed": "Lisbon"})).response
    assert marked(shown) == ["18:00", "Lisbon", "10 papers", "Rich"]
    assert len(channel.history()) == 1


async def test_where_nothing_may_be_written_nothing_is(trip: Journey) -> None:
    guild, _, _ = server(trip.env)
    closed = discord.PermissionOverwrite(send_messages=False)
    channel = guild.create_text_channel("closed", overwrites={guild.default_role: closed})
    await trip.env.settle()
    assert channel.history() == []
