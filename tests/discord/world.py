"""A server with a channel, someone who manages it and someone who reads."""

from dataclasses import dataclass

import discord
import simcord

from adapters.discord.client import Discord
from bot.dialogue import Action
from tests.discord.handle import FakeHandle
from tests.discord.look import words

MORE = (Action("More", data="more-7"),)


@dataclass
class World:
    env: simcord.Env
    adapter: Discord
    handle: FakeHandle

    def __post_init__(self) -> None:
        self.guild = self.env.create_guild()
        self.papers = self.guild.create_text_channel("papers")
        admins = self.guild.create_role(
            "admins", permissions=discord.Permissions(manage_guild=True)
        )
        self.admin = self.guild.add_member(self.env.create_user("ada"), roles=[admins])
        self.reader = self.guild.add_member(self.env.create_user("ray"))

    def requests(self, path: str) -> list[dict]:
        return [r.json for r in self.env.http_requests if path in r.path and r.json is not None]


def sentence(answer: object) -> str:
    return words(answer)


def url(world: World, channel: simcord.ChannelHandle) -> str:
    return f"https://discord.com/channels/{world.guild.id}/{channel.id}"
