"""For `doctor`: what keeps the bot from working on Discord, with few requests: all of them count
in the 50 a second that the running bot has for its posts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import discord
from discord.gateway import DiscordWebSocket

from adapters.discord import faults, rights
from bot.errors import PostError
from bot.pacing import Throttle, Yield

T = TypeVar("T")
RATE = 40.0
FEW = 0.05  # of the places: so many may be slow on a good day
_MANY = 20  # places, from which on the servers are asked for together
_PAGE = 200  # servers
_TIMEOUT = 40  # seconds for one answer
_HELLO = 10  # seconds
_Room = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel
    | discord.CategoryChannel
)  # fmt: skip
_POST = discord.Permissions(view_channel=True, send_messages=True, embed_links=True)


class Checkup:
    """One look at an account and its places."""

    def __init__(self, client: discord.Client, give_way: Yield) -> None:
        self._client = client
        self._turns = Throttle(RATE, give_way)

    async def gateway(self) -> str:
        """Whether it answers; nobody identifies, so no start of a session is used up."""
        url = DiscordWebSocket.DEFAULT_GATEWAY.with_query(v="10", encoding="json")
        try:
            with faults.named():
                async with asyncio.timeout(_HELLO):
                    socket = await self._client.http.ws_connect(str(url))
                    said = await socket.receive_json()
                    await socket.close()
        except PostError as fault:
            return f"The gateway does not answer: {fault}."
        known = isinstance(said, dict) and said.get("op") == DiscordWebSocket.HELLO
        return "" if known else "Something that is not Discord's gateway answers in its place."

    async def places(self, numbers: Sequence[int]) -> list[str]:
        """A sentence for each that posts cannot go to, and one if many could not be looked at."""
        bases = await self._bases() if len(numbers) > _MANY else {}
        channels = await self._each(numbers, self._client.fetch_channel)
        closer = [
            channel for channel in channels.values()
            if isinstance(channel, rights.Channel) and not self._is_open(channel, bases)
        ]  # fmt: skip
        members = await self._members({one.guild.id for one in closer})
        rulers = {one.parent_id for one in closer if isinstance(one, discord.Thread)}
        parents = await self._each(rulers, self._client.fetch_channel)
        told = [_told(one, members, parents) for one in closer]
        every = [channels[number] for number in numbers]
        refused = [(n, one) for n, one in zip(numbers, every, strict=True)
                   if isinstance(one, PostError)]  # fmt: skip
        refused += [(one.id, fault) for one, fault in zip(closer, told, strict=True)
                    if isinstance(fault, PostError)]  # fmt: skip
        found = [text for text in told if isinstance(text, str) and text]
        found += [f"Channel {n}: {fault}." for n, fault in refused if fault.permanent]
        return found + _untold([fault for _, fault in refused if not fault.permanent], len(numbers))

    async def _each(
        self, numbers: Iterable[int], ask: Callable[[int], Awaitable[T]]
    ) -> dict[int, T | PostError]:
        wanted = list(dict.fromkeys(numbers))
        answers = (self._answer(partial(ask, number)) for number in wanted)
        return dict(zip(wanted, await asyncio.gather(*answers), strict=True))

    async def _answer(self, ask: Callable[[], Awaitable[T]]) -> T | PostError:
        for last in (False, True):
            try:
                return await self._turns.take(partial(_named, ask))
            except PostError as fault:
                if last or fault.permanent:
                    return fault
        raise AssertionError  # the second time something was returned

    async def _members(self, servers: Iterable[int]) -> dict[int, discord.Member | PostError]:
        """The bot in each server, which has all its roles. Two requests for each."""
        guilds = await self._each(servers, partial(self._client.fetch_guild, with_counts=False))
        known = {n: guild for n, guild in guilds.items() if isinstance(guild, discord.Guild)}
        me = self._client.user.id if self._client.user else 0
        members = await self._each(known, lambda number: known[number].fetch_member(me))
        return {n: fault for n, fault in guilds.items() if isinstance(fault, PostError)} | members

    async def _bases(self) -> Mapping[int, discord.Permissions]:
        """What the bot may do in each server, but for what its channels say."""
        found: dict[int, discord.Permissions] = {}
        after = 0
        while True:
            ask = partial(self._client.http.get_guilds, _PAGE, None, after, with_counts=False)
            page = await self._answer(ask)
            if isinstance(page, PostError):
                return {}  # then each server is asked
            new = {int(one["id"]): int(one["permissions"]) for one in page}
            if len(new) < _PAGE or max(new) <= after:
                return found | _permissions(new)
            found |= _permissions(new)
            after = max(new)

    def _is_open(self, channel: rights.Channel, bases: Mapping[int, discord.Permissions]) -> bool:
        """Whether what the bot may do in the server is enough, since nothing takes it away here,
        or the channel names the bot itself."""
        base = bases.get(channel.guild.id, discord.Permissions.none())
        if base.administrator:
            return True
        if isinstance(channel, discord.Thread):
            return False  # its rights are its channel's
        pairs = {who.id: said.pair() for who, said in channel.overwrites.items()}
        if self._client.user and self._client.user.id in pairs:
            return pairs[self._client.user.id][0].is_superset(_POST)
        denied = any(deny.value & _POST.value for _, deny in pairs.values())
        return base.is_superset(_POST) and not denied


async def _named(ask: Callable[[], Awaitable[T]]) -> T:
    with faults.named():
        async with asyncio.timeout(_TIMEOUT):
            return await ask()


def _permissions(numbers: Mapping[int, int]) -> dict[int, discord.Permissions]:
    return {server: discord.Permissions(bits) for server, bits in numbers.items()}


def _told(
    channel: rights.Channel,
    members: Mapping[int, discord.Member | PostError],
    parents: Mapping[int, object],
) -> str | PostError:
    me = members[channel.guild.id]
    ruling = parents[channel.parent_id] if isinstance(channel, discord.Thread) else channel
    if isinstance(me, PostError):
        return me
    if isinstance(ruling, PostError):
        return ruling
    if not isinstance(ruling, _Room):
        return ""
    ruling.guild = me.guild  # it came alone, without the server's roles
    return rights.told(channel, ruling.permissions_for(me))


def _untold(untold: Sequence[PostError], places: int) -> list[str]:
    if len(untold) <= FEW * places:
        return []
    [(reason, _)] = Counter(map(str, untold)).most_common(1)
    where = "" if len(untold) == places else f", at {len(untold)} of {places} places"
    return [f"{reason.rstrip('.')}{where}."]
