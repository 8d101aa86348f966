"""What waits for one platform, what came back from it, and what may go now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.errors import PostError
from bot.limits import Gate
from bot.model import Delivery
from bot.outcome import Outcome
from bot.ports import Adapter

LONGEST_REST = 1.0  # seconds between two looks at chats that rest

Done = tuple[Delivery, Outcome, PostError | None]


@dataclass(slots=True)
class Lane:
    """What waits for one platform, and what came back."""

    adapter: Adapter
    gate: Gate
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # there may be something to do
    prefetched: dict[int, Delivery] = field(default_factory=dict)  # due, and not taken yet
    done: list[Done] = field(default_factory=list)  # outcomes that are not written yet

    def pick(self, now: float) -> list[Delivery]:
        """Of those prefetched, the oldest that may go now."""
        picked = []
        for one in list(self.prefetched.values()):
            chat, _ = self.adapter.chat(one.destination.address)
            if self.gate.wait(now):
                break
            if self.gate.is_free(chat, now):
                self.gate.acquire(chat)
                picked.append(self.prefetched.pop(one.id))
        return picked

    def rest(self, now: float) -> float:
        """Seconds until one of those prefetched may go, while none may."""
        if not self.adapter.up.is_set():
            return LONGEST_REST
        chats = {self.adapter.chat(one.destination.address)[0] for one in self.prefetched.values()}
        rests = [self.gate.rest(chat, now) for chat in chats - self.gate.busy]
        return min([LONGEST_REST, *(max(rest, 0.05) for rest in rests)])

    def has_room(self, chat: str, now: float) -> bool:
        """Whether something may go there that is no post: none of the posts that wait could."""
        waiting = {
            self.adapter.chat(one.destination.address)[0] for one in self.prefetched.values()
        }
        if not self.adapter.up.is_set() or self.gate.wait(now):
            return False
        return self.gate.is_free(chat, now) and not any(
            self.gate.is_free(other, now) for other in waiting
        )

    def refused(self, chat: str, error: PostError, now: float) -> None:
        """What a fault means for what goes next, to that chat and to all others."""
        if error.rejected or error.permanent or error.retry_after is not None:
            self.gate.refused(now)
        if error.retry_after is not None:
            self.gate.slow_down(chat, now, error.retry_after, everywhere=error.everywhere)

    def release(self, address: str, now: float) -> None:
        """What was to go there has its answer, or goes no further."""
        self.gate.release(*self.adapter.chat(address), now)
        self.wake.set()
