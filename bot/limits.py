"""How fast a platform may be written to: sliding windows, checked at the moment of release."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Window:
    """At most `limit` releases in any `period` seconds. Times are a monotonic clock's seconds."""

    limit: int
    period: float
    _taken: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more may go; 0 means now."""
        while self._taken and self._taken[0] + self.period <= now:
            self._taken.popleft()
        if len(self._taken) < self.limit:
            return 0.0
        return self._taken[0] + self.period - now

    def take(self, now: float) -> None:
        self._taken.append(now)


class Gate:
    """One platform's limits: over all, and for each chat. A 429 closes the whole gate."""

    def __init__(self, overall: Window, per_chat: float) -> None:
        self._overall = overall
        self._per_chat = per_chat  # seconds between two posts to one chat
        self._last: dict[str, float] = {}
        self._closed_until = 0.0

    def wait(self, address: str, now: float) -> float:
        """Seconds until a post to this chat may go; ask again after waiting."""
        chat = self._last.get(address, -self._per_chat) + self._per_chat - now
        return max(chat, self._overall.wait(now), self._closed_until - now, 0.0)

    def take(self, address: str, now: float) -> None:
        self._overall.take(now)
        if len(self._last) > 10_000:
            self._last = {a: t for a, t in self._last.items() if now - t < self._per_chat}
        self._last[address] = now

    def left(self, address: str, now: float) -> None:
        """The post is over. The platform may have counted it only now, so the spacing begins."""
        self._last[address] = now

    def close(self, now: float, seconds: float) -> None:
        """Nothing goes before that: the platform said so."""
        self._closed_until = max(self._closed_until, now + seconds)


def gate(platform: str) -> Gate:
    """Below the ceilings the platforms document: Telegram about 30/s over all and 20 a minute in a
    group, Discord 50/s. A few are left for answers to people."""
    if platform == "telegram":
        return Gate(Window(25, 1.0), 3.0)
    return Gate(Window(40, 1.0), 1.0)
