"""Fair turns: whatever one person's update waits for, it keeps nobody else's waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Work = Callable[[], Awaitable[None]]

AT_ONCE = 4  # updates of one person handled at the same time, in as many places
WAITING = 16  # updates of one person that wait; what comes then is dropped
IN_HAND = 2048  # updates of all; beyond that Telegram keeps them, for a day


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose turn an update takes."""

    person: str
    place: str  # what must stay in order: a chat, or one message with buttons


@dataclass(slots=True)
class _Person:
    waiting: deque[tuple[str, Work]] = field(default_factory=deque)
    places: set[str] = field(default_factory=set)  # where an update is being handled
    dropped: int = 0  # since the last time nothing was waiting or handled


class SenderQueues:
    """One person's updates are handled in order, one at a time in each place.

    Each is a task, and no number of tasks is set for all: one that waits for the core, for a
    chat's limit or for another try holds nothing that anybody else needs.
    """

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._people: dict[str, _Person] = {}
        self._in_hand = 0
        self._room = asyncio.Event()
        self._room.set()

    async def room(self) -> None:
        """Wait until one more may be taken in hand."""
        await self._room.wait()

    def begin(self, work: Work) -> None:
        """At once, whatever else is in hand."""
        self._count(1)
        self._tasks.create_task(self._alone(work))

    def add(self, sender: Sender, work: Work) -> int:
        """Give it its turn. How many were dropped, this one included; 0: it was not.

        The oldest are kept: a person waits for the answer to the first thing they asked.
        """
        person = self._people.setdefault(sender.person, _Person())
        if len(person.waiting) >= WAITING:
            person.dropped += 1
            return person.dropped
        person.waiting.append((sender.place, work))
        self._count(1)
        self._next(sender.person, person)
        return 0

    def _next(self, name: str, person: _Person) -> None:
        """Begin what may begin now."""
        ahead = set(person.places)
        for place, work in list(person.waiting):
            if len(person.places) >= AT_ONCE:
                break
            if place not in ahead:
                person.waiting.remove((place, work))
                person.places.add(place)
                self._tasks.create_task(self._handled(name, person, place, work))
            ahead.add(place)
        if not person.waiting and not person.places:
            del self._people[name]

    async def _alone(self, work: Work) -> None:
        await work()
        self._count(-1)

    async def _handled(self, name: str, person: _Person, place: str, work: Work) -> None:
        await work()  # it raises nothing; cancelled, no other is to begin
        person.places.discard(place)
        self._count(-1)
        self._next(name, person)

    def _count(self, more: int) -> None:
        self._in_hand += more
        if self._in_hand < IN_HAND:
            self._room.set()
        else:
            self._room.clear()
