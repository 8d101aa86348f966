"""The message of a delivery, from what the outbox froze."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from bot import buttons, digest, notice, rendering
from bot.dialogue import Message
from bot.errors import StoreError
from bot.model import Delivery
from bot.states import What
from bot.store import Store, papers

log = logging.getLogger(__name__)

KEPT = 64  # messages kept for the next places they go to
NUMBERED = ("more", "days")  # commands of buttons that name their post


class Messages:
    """Many places get the same digest; only the number on its buttons differs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Message] = {}  # by payload

    async def of(self, delivery: Delivery, now: datetime) -> Message | None:
        """None: our own code cannot write it. Raises StoreError."""
        try:
            return await buttons.pack(self._store, await self._written(delivery), now)
        except StoreError:
            raise
        except Exception:
            log.exception("post broke before sending delivery=%d", delivery.id)
            return None

    async def _written(self, delivery: Delivery) -> Message:
        if delivery.what is What.NOTICE:
            return notice.loads(delivery.payload)
        message = self._kept.get(delivery.payload)
        if message is None:
            frozen = digest.loads(delivery.payload)
            known = await papers.by_id(self._store, (p.id for p in frozen.items[: frozen.size]))
            if len(self._kept) >= KEPT:
                self._kept.clear()
            message = self._kept[delivery.payload] = rendering.render_page(
                frozen, known, str(delivery.id)
            )
        number = str(buttons.signed(self._store, delivery.id))
        rows = tuple(
            tuple(replace(a, text=number) if a.command in NUMBERED else a for a in row)
            for row in message.actions
        )
        return replace(message, actions=rows)
