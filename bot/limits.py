"""How fast a platform may be written to: sliding windows, checked at the moment of release. Pure:
times are seconds of a monotonic clock."""

from __future__ import annotations

from bisect import insort
from collections import deque

from bot.model import Pace

SEVERAL, TOGETHER = 3, 10.0  # chats that answer 429 within so many seconds: it is the platform
RECOVERY = 600.0  # seconds in which a rate that was cut is whole again
INVALID, INVALID_PERIOD = 1000, 600.0  # answers of 401, 403, 429; at ten times that Discord bans


class Window:
    """At most `limit` in any `period`, by the receiver's clock as well as by ours.

    A message counts from its release until `period` after its answer. Whatever arrived within one
    of the receiver's periods was released before its end and answered after its beginning, so it
    all counts when the last of it is released: also when this process was stalled in between.
    """

    def __init__(self, limit: int, period: float) -> None:
        self.limit = limit
        self._period = period
        self._in_flight = 0
        self._answered: deque[float] = deque()

    def wait(self, now: float, limit: int | None = None) -> float:
        """Seconds until one more may go, 0 for now; ask again after waiting."""
        over = self.used(now) - (self.limit if limit is None else limit)
        if over < 0:
            return 0.0
        if over >= len(self._answered):
            return 0.005  # what is in flight must be answered first
        return max(self._answered[over] + self._period - now, 0.001)

    def used(self, now: float) -> int:
        """How many count now."""
        while self._answered and self._answered[0] + self._period <= now:
            self._answered.popleft()
        return self._in_flight + len(self._answered)

    def acquire(self) -> None:
        self._in_flight += 1

    def release(self, now: float) -> None:
        """One that was acquired has its answer."""
        self._in_flight -= 1
        self.count(now)

    def count(self, now: float) -> None:
        """One that was not acquired, and has its answer at `now`, which may be yet to come."""
        insort(self._answered, now)


class Gate:
    """One platform's limits: over all, for each chat, and what the platform itself says."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._all = Window(pace.ceiling, 1.0)
        self._posts = Window(pace.ceiling, 1.0)  # of all, the posts
        self.posting = False  # posts wait: answers leave them their floor
        self._invalid = Window(INVALID, INVALID_PERIOD)
        self.busy: set[str] = set()  # chats with a post under way
        self._next: dict[str, float] = {}  # chat -> when it may have its next post
        self._slowed: dict[str, float] = {}  # chat -> when it answered 429
        self._closed_until = 0.0
        self._share, self._cut_at = 1.0, 0.0

    def wait(self, now: float) -> float:
        """Seconds until a post may go, to a chat that is free; ask again after waiting."""
        if len(self.busy) >= self._pace.in_flight:
            return 1.0  # or until one of them is over
        bulk = max(1, int(self._pace.bulk * self._rate(now)))
        floor = self._posts.used(now) < self._floor(now)  # then answers do not count against it
        pause = self._all.wait(now) if floor else self._all.wait(now, bulk)
        return max(pause, self._invalid.wait(now), self._closed_until - now, 0.0)

    def person_wait(self, now: float) -> float:
        """The same for an answer to a person: what bulk leaves free is theirs, but while posts wait
        not the floor of these."""
        kept = max(0, self._floor(now) - self._posts.used(now)) if self.posting else 0
        return self._all.wait(now, max(1, self._pace.ceiling - kept))

    def _floor(self, now: float) -> int:
        """How many posts a second go however many people are answered: half their pace."""
        return max(1, int(self._pace.bulk * self._rate(now) / 2))

    def is_free(self, chat: str, now: float) -> bool:
        """Whether the chat has no post under way, and does not rest after its last one."""
        return chat not in self.busy and self._next.get(chat, 0.0) <= now

    def rest(self, chat: str, now: float) -> float:
        """Seconds until the chat may have its next post, as far as is known."""
        return max(self._next.get(chat, 0.0) - now, 0.0)

    def acquire(self, chat: str) -> None:
        self._all.acquire()
        self._posts.acquire()
        self.busy.add(chat)

    def release(self, chat: str, spacing: float, now: float) -> None:
        """A post is over; the chat's next one is `spacing` seconds away."""
        self._all.release(now)
        self._posts.release(now)
        self.busy.discard(chat)
        if len(self._next) > 10_000:
            self._next = {chat: then for chat, then in self._next.items() if then > now}
        self._next[chat] = max(self._next.get(chat, 0.0), now + spacing)

    def answered(self, chat: str, spacing: float, now: float) -> None:
        """A person is being answered. Nobody says when that is over: half a second is allowed.

        While the chat rests, further answers do not put its next post off: whoever asks often
        enough would else keep it away for ever. The adapter keeps the chat's own limit.
        """
        self._all.count(now + 0.5)
        if self.is_free(chat, now):
            self._next[chat] = now + 0.5 + spacing

    def refused(self, now: float) -> None:
        """An answer of 401, 403 or 429. Too many of them close the gate until they are old."""
        self._invalid.count(now)

    def slow_down(self, chat: str, now: float, seconds: float, *, everywhere: bool = False) -> None:
        """A 429: that chat rests for so long. When the platform means all of them, or answers so in
        several, nothing goes, and then a fifth less, which ten minutes mend."""
        self._next[chat] = max(self._next.get(chat, 0.0), now + seconds)
        self._slowed[chat] = now
        self._slowed = {c: then for c, then in self._slowed.items() if now - then < TOGETHER}
        if not everywhere and len(self._slowed) < SEVERAL:
            return
        self._closed_until = max(self._closed_until, now + seconds)
        self._share, self._cut_at = max(self._rate(now) * 0.8, 0.1), self._closed_until

    def _rate(self, now: float) -> float:
        mended = max(now - self._cut_at, 0.0) / RECOVERY
        return min(1.0, self._share + (1.0 - self._share) * mended)
