"""For `doctor`: what keeps the bot from working on Telegram, asked at Telegram's pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial

import telegram

from adapters.telegram.chats import Chats, obstacle
from adapters.telegram.faults import WEBHOOK, post_errors
from adapters.telegram.polling import webhook_host
from bot.errors import PostError, Untold
from bot.pacing import Throttle

# Of each method: they do not count among the 30 messages a second, and have a limit of their own.
RATE = 28.0
PATIENCE = 60.0  # seconds waited when Telegram asks for it
TRIES = 2
SLOW = 30.0  # seconds for one answer
POLL = 3.0  # seconds in which another program that polls would show
FEW = 0.05  # of the places: so many may be slow on a good day


class Checkup:
    """One look at an account and its places."""

    def __init__(self, bot: telegram.Bot, chats: Chats) -> None:
        self._bot = bot
        self._chats = chats
        self._members = Throttle(RATE)
        self._whole = Throttle(RATE)

    async def poll(self) -> str:
        """Another program on the same token; empty: none. What waits for the bot still waits.

        It must not be asked beside a bot of ours: Telegram lets one of two polls go.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + POLL
        while (left := end - clock()) > 0:
            try:
                with post_errors(of_account=True):
                    await self._bot.get_updates(limit=1, timeout=max(1, int(left)))
            except PostError as error:
                return "" if str(error) == WEBHOOK else sentence(error)
            await asyncio.sleep(min(1.0, max(end - clock(), 0.0)))
        return ""

    async def webhook(self) -> str:
        try:
            host = await webhook_host(self._bot)
        except PostError as error:
            return sentence(error)
        return host and (
            f"Telegram sends this bot's updates to a webhook at {host}; `run` takes it off."
        )

    async def places(self, addresses: Sequence[str]) -> list[str]:
        """A sentence for each that posts cannot go to, and one if many could not be looked at."""
        found = await asyncio.gather(*map(self._place, addresses))
        faults = [text for text in found if isinstance(text, str) and text]
        untold = Counter(str(error) for error in found if isinstance(error, PostError))
        if untold.total() > FEW * len(addresses):
            [(reason, _)] = untold.most_common(1)
            all_ = untold.total() == len(addresses)
            where = "" if all_ else f", at {untold.total()} of {len(addresses)} places"
            faults.append(f"{reason.rstrip('.')}{where}.")
        return faults

    async def _place(self, address: str) -> str | PostError:
        """What is wrong; empty where nothing is, or only a message could tell."""
        failures = 0
        while True:
            try:
                return await self._obstacle(address)
            except Untold:
                return ""
            except PostError as error:
                failures += not error.retry_after
                if failures == TRIES or (error.retry_after or 0.0) > PATIENCE:
                    return error
                if error.retry_after:
                    self._members.rest(error.retry_after)
                    self._whole.rest(error.retry_after)

    async def _obstacle(self, address: str) -> str:
        """Of most places the bot's own rights tell enough; of the others the chat's, too."""
        number, _, thread = address.partition("/")
        if not number.startswith("-"):
            raise Untold("only a message tells whether a private chat is open")
        try:
            me = await self._members.take(partial(self._member, number))
        except PostError as error:
            if not error.permanent:
                raise
            return f"Telegram {address}: {error}."
        if _rules(me) and not thread:
            return ""
        return await self._whole.take(partial(obstacle, self._bot, self._chats, address, me))

    async def _member(self, number: str) -> telegram.ChatMember:
        with post_errors():
            async with asyncio.timeout(SLOW):
                return await self._bot.get_chat_member(number, self._bot.id)


def _rules(me: telegram.ChatMember) -> bool:
    """Whether the bot may post whatever the members may: a channel says so, a group says nothing
    (`can_post_messages` is of channels alone)."""
    if isinstance(me, telegram.ChatMemberAdministrator):
        return me.can_post_messages is not False
    return isinstance(me, telegram.ChatMemberOwner)


def sentence(error: PostError) -> str:
    return f"{str(error).rstrip('.')}."
