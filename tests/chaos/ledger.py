"""What a strict platform keeps: its own clock's windows, faults on demand, and every message."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

FOREVER = -1
EPOCH = 1_420_070_400.0  # Discord's ids count milliseconds from 2015 on


def snowflake(unix: float) -> int:
    return int((unix - EPOCH) * 1000) << 22


def moment(message_id: int) -> str:
    """When a message with that id of Discord's was made."""
    return datetime.fromtimestamp((message_id >> 22) / 1000 + EPOCH, UTC).isoformat()


@dataclass(slots=True)
class Fault:
    """What happens to the next messages. `after`: the message is accepted first."""

    platform: str
    kind: str  # refuse reset hang status limit truncated slow gone missing malformed moved
    chat: str = ""  # any
    times: int = 1
    after: bool = False
    status: int = 500
    seconds: float = 1.0
    scope: str = "chat"  # of a limit: chat, global, or cloudflare (without Via)
    to: str = ""  # a moved chat's new id


@dataclass(slots=True)
class Entry:
    """One accepted message. Times are time.monotonic()'s, the same in every process."""

    at: float
    platform: str
    chat: str
    nonce: str
    digest: str
    message_id: int
    text: str
    attempts: int = 1  # requests with its nonce
    body: dict[str, object] = field(default_factory=dict)  # what a channel's history shows


@dataclass(slots=True)
class Window:
    """At most `limit` arrivals in any `period` seconds."""

    limit: int
    period: float
    taken: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more may arrive; 0: now."""
        while self.taken and self.taken[0] + self.period <= now:
            self.taken.popleft()
        return self.taken[0] + self.period - now if len(self.taken) >= self.limit else 0.0


@dataclass(slots=True)
class Bucket:
    """Discord's: `limit` requests in a period that begins with the first of them."""

    limit: int
    period: float
    used: int = 0
    until: float = 0.0

    def wait(self, now: float) -> float:
        if now >= self.until:
            self.used = 0
        return self.until - now if self.used >= self.limit else 0.0

    def take(self, now: float) -> None:
        if not self.used:
            self.until = now + self.period
        self.used += 1


@dataclass
class Book:
    """Both platforms' memory. `strict`: windows are enforced; otherwise they are not looked at."""

    latency: float = 0.002
    strict: bool = True
    history_nonces: bool = False  # whether a channel's history tells the nonces
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    fired: list[tuple[float, str, str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    by_nonce: dict[tuple[str, str], Entry] = field(default_factory=dict)
    by_chat: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    busy: Counter[str] = field(default_factory=Counter)  # messages being answered now

    def accept(
        self, at: float, platform: str, chat: str, text: str, nonce: str, body: dict[str, object]
    ) -> Entry:
        """The message with that nonce: the first one when it was here before."""
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        if nonce and (known := self.by_nonce.get((chat, nonce))):
            known.attempts += 1
            self.counts[f"{platform} changed"] += known.digest != digest
            self.counts[f"{platform} duplicate"] += 1
            return known
        number = len(self.entries) + 1
        if platform == "discord":
            number += snowflake(time.time())
        entry = Entry(at, platform, chat, nonce, digest, number, text[:200], body=body)
        self.entries.append(entry)
        self.by_chat[chat].append(entry)
        if nonce:
            self.by_nonce[chat, nonce] = entry
        self.counts[f"{platform} accepted"] += 1
        return entry

    def fault(self, at: float, platform: str, chat: str) -> Fault | None:
        for one in self.faults:
            if one.platform == platform and one.chat in ("", chat) and one.times:
                one.times -= one.times > 0
                self.fired.append((at, platform, one.kind, chat))
                return one
        return None
