"""Places that the bot was thrown out of, or may not write in, and those it may write in again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot import decide, lifecycle
from bot.errors import PostError, Untold, UserError
from bot.model import Subscription
from bot.ports import Adapter
from bot.states import SubscriptionState
from bot.store import Store, people, subscriptions

log = logging.getLogger(__name__)


class Places:
    """Switches subscriptions off and on as the platforms tell, and looks at those that are off."""

    def __init__(
        self, store: Store, adapters: Mapping[str, Adapter], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._adapters = adapters
        self._clock = clock

    async def lose(self, platform: str, address: str, reason: str, remedy: str) -> None:
        """Nothing goes to that chat any more, with all its topics; who set it up is told why."""
        chat_of = self._adapters[platform].chat
        found = await subscriptions.beginning(self._store, platform, address, SubscriptionState.ON)
        those = [one for one in found if address in _names(one, chat_of)]
        known = await people.at_chat(self._store, platform, address)
        left = [one for one in known if address in (one, chat_of(one)[0])]
        async with self._store.transaction() as tx:
            place_of = self._adapters[platform].place
            await lifecycle.lose(tx, those, reason, remedy, self._clock(), place_of)
            await people.left(tx, platform, left)

    async def regain(self, platform: str, addresses: Sequence[str]) -> None:
        """Posts go to these chats again."""
        chat_of, those = self._adapters[platform].chat, set(addresses)
        for one in await subscriptions.off(self._store, platform):  # mostly none
            if those & _names(one, chat_of):
                await self._switch_on(one)

    async def _switch_on(self, one: Subscription) -> None:
        try:
            async with self._store.transaction() as tx:
                place_of = self._adapters[one.destination.platform].place
                await lifecycle.regain(tx, one, self._clock(), place_of)
        except UserError as error:  # a zone that this machine lacks
            log.error("cannot be switched on subscription=%d reason=%s", one.id, error)

    async def look_at_lost(self) -> None:
        """Places that trouble switched off go on once posts can go there again."""
        up = [(name, one) for name, one in self._adapters.items() if one.up.is_set()]
        for name, adapter in up:
            for one in await subscriptions.off_to_look_at(self._store, name, self._clock()):
                if not await self._is_lost(adapter, one):
                    await self._switch_on(one)

    async def _is_lost(self, adapter: Adapter, one: Subscription) -> bool:
        """As far as it can be told without posting."""
        now, again = self._clock(), decide.next_look(one, self._clock())
        try:
            if not await adapter.obstacle(one.destination.address):
                return False
        except Untold:  # its person comes back by writing to the bot
            again = now + decide.LONGEST_LOOK
        except PostError as error:
            log.warning("lost place not looked at subscription=%d reason=%s", one.id, error)
        async with self._store.transaction() as tx:
            await subscriptions.looked(tx, one.id, again)
        return True


def _names(one: Subscription, chat_of: Callable[[str], tuple[str, float]]) -> set[str]:
    """Its address, and that of its chat: a topic has both."""
    return {one.destination.address, chat_of(one.destination.address)[0]}
