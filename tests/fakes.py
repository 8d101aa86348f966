"""Fakes of the two ports, written by hand, and a clock that stands where a test puts it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot import lifecycle, schedule
from bot.dialogue import Message
from bot.errors import NotOpenYet, PostError, SourceError, Untold
from bot.model import TOPICS, Changes, Destination, Pace, Paper, Place, Receipt, Schedule
from bot.period import Period
from bot.ports import Handle
from bot.states import Edited, What
from bot.store import Store, subscriptions


def at(text: str) -> datetime:
    """`2025-06-02 07:00`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(text: str) -> date:
    return date.fromisoformat(text)


@dataclass
class Clock:
    """Call it for the time; set `now` or `pass_` some."""

    now: datetime = field(default_factory=lambda: at("2025-06-02 12:00"))

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


def paper(number: int, day: date | str | None = "2025-06-02", **fields: Any) -> Paper:
    """A paper of a list, told apart by its number. `fields` are Paper's own."""
    made = Paper(
        id=f"2506.{number:05}",
        title=f"A study of subject {number}",
        summary=f"We look at subject {number}. It turns out well.",
        authors=(f"Ada Number{number}", "Grace Second"),
        day=on(day) if isinstance(day, str) else day,
        votes=number % 50,
    )
    return replace(made, **fields)


def papers_of(day: date | str, *numbers: int) -> tuple[Paper, ...]:
    return tuple(paper(number, day) for number in numbers)


class FakeSource:
    """A feed that is a table. `fault` (or one in `faults`, each used once) is raised instead."""

    def __init__(
        self,
        *,
        name: str = "huggingface",
        every: timedelta = timedelta(minutes=10),
        today: Callable[[], date] | None = None,
    ) -> None:
        self.name = name
        self.every = every
        self.lists: dict[date, tuple[Paper, ...]] = {}
        self.single: dict[str, Paper] = {}  # papers that only `find` knows
        self.fault: SourceError | None = None
        self.faults: list[SourceError] = []
        self.broken: dict[date, Exception] = {}  # days that always raise
        self.asked: list[date] = []  # every `fetch`, also those that failed
        self.periods: list[str] = []  # every `fetch_period`
        self.asked_for: list[str] = []  # every `find`
        self.closed = False
        self._today = today  # days after it are not open yet

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        self.asked.append(day)
        await asyncio.sleep(0)
        self._fail()
        if day in self.broken:
            raise self.broken[day]
        if self._today and day > self._today():
            raise NotOpenYet(f"the list of {day} is not open yet")
        return self.lists.get(day, ())

    async def fetch_period(self, period: Period) -> tuple[Paper, ...]:
        self.periods.append(str(period))
        await asyncio.sleep(0)
        self._fail()
        days = (day for day in self.lists if period.first <= day <= period.last)
        return tuple(paper for day in sorted(days) for paper in self.lists[day])

    async def newest(self) -> date | None:
        self._fail()
        return max((day for day, found in self.lists.items() if found), default=None)

    async def find(self, paper_id: str) -> Paper | None:
        self.asked_for.append(paper_id)
        self._fail()
        listed = (paper for found in self.lists.values() for paper in found)
        known = {paper.id: paper for paper in listed} | self.single
        return known.get(paper_id)

    async def close(self) -> None:
        self.closed = True

    def _fail(self) -> None:
        if self.faults:
            raise self.faults.pop(0)
        if self.fault:
            raise self.fault


class FakeFeed:
    """Papers that arrive one after another; its watermark is how many were told."""

    def __init__(self, *, name: str = "arxiv", page: int = 2) -> None:
        self.name = name
        self.every = timedelta(hours=6)
        self.arrived: list[Paper] = []
        self.faults: list[SourceError] = []
        self.asked: list[str] = []  # the watermarks it was asked from
        self._page = page

    async def changes(self, since: str, today: date) -> Changes:
        self.asked.append(since)
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop(0)
        start = int(since or 0)
        end = min(start + self._page, len(self.arrived))
        return Changes(tuple(self.arrived[start:end]), str(end), end < len(self.arrived))

    async def find(self, paper_id: str) -> Paper | None:
        return next((one for one in self.arrived if one.id == paper_id), None)

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Post:
    """What a platform was asked to show, and where."""

    address: str
    message: Message
    key: str
    plain: bool = False


class FakeAdapter:
    """A platform that takes everything, unless it is told to fail.

    `errors[address]` are raised one after another, then posts there arrive again; `always[address]`
    is raised every time. `before` is awaited first, with the post: look into the store there.
    """

    def __init__(self, name: str = "discord", *, resend_within: float = 60.0) -> None:
        self.name = name
        self.resend_within = timedelta(seconds=resend_within)
        self.reads_back = False
        self.pace = Pace(ceiling=10_000, bulk=10_000)
        self.spacing = 0.0  # seconds between two posts to one address
        self.up = asyncio.Event()
        self.up.set()
        self.tried: list[Post] = []
        self.posts: list[Post] = []  # those that arrived
        self.edits: list[tuple[str, str, Message]] = []  # address, message's id, what it became
        self.edited: Edited | PostError = Edited.DONE  # what `edit` answers or raises
        self.errors: dict[str, list[Exception]] = {}
        self.always: dict[str, Exception] = {}
        self.before: Callable[[Post], object] | None = None
        self.delay = 0.0  # seconds every post takes
        self.in_flight = 0
        self.most_in_flight = 0
        self.handle: Handle | None = None
        self.faults: list[str] = []  # what `check` answers
        self.obstacles: dict[str, str | Exception] = {}  # what `obstacle` answers or raises
        self.unseen: set[str] = set()  # places it knows no name of

    async def run(self, handle: Handle) -> None:
        self.handle = handle
        await asyncio.Event().wait()

    async def post(
        self, address: str, message: Message, *, key: str, plain: bool = False
    ) -> Receipt:
        made = Post(address, message, key, plain)
        self.tried.append(made)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._take(made)
        finally:
            self.in_flight -= 1

    async def _take(self, made: Post) -> Receipt:
        if self.before:
            seen = self.before(made)
            if asyncio.iscoroutine(seen):
                await seen
        await asyncio.sleep(self.delay)
        waiting = self.errors.get(made.address)
        if waiting:
            raise waiting.pop(0)
        if made.address in self.always:
            raise self.always[made.address]
        self.posts.append(made)
        return Receipt(f"m{len(self.posts)}", "embeds")

    async def edit(self, address: str, receipt: Receipt, message: Message) -> Edited:
        if isinstance(self.edited, PostError):
            raise self.edited
        self.edits.append((address, receipt.message_id, message))
        return self.edited

    def chat(self, address: str) -> tuple[str, float]:
        return address, self.spacing

    async def find(self, address: str, message: Message) -> Receipt | None:
        """With `reads_back`, what arrived is found; otherwise nobody can tell."""
        if not self.reads_back:
            raise Untold("nobody can tell")
        found = [
            n for n, p in enumerate(self.posts, 1) if (p.address, p.message) == (address, message)
        ]
        return Receipt(f"m{found[0]}") if found else None

    def place(self, address: str) -> Place:
        if address in self.unseen:
            return Place("")
        return Place(f"#{address}", f"https://chat.example/{address}")

    async def obstacle(self, address: str) -> str:
        found = self.obstacles.get(address, "")
        if isinstance(found, Exception):
            raise found
        return found

    async def check(self, addresses: Sequence[str]) -> list[str]:
        return self.faults

    def titles(self, address: str) -> list[str]:
        """Of every paper shown at an address, in order."""
        return [
            entry.title
            for post in self.posts
            if post.address == address
            for section in post.message.sections
            for entry in section.entries
        ]


def lost() -> PostError:
    """The request left, and no answer came."""
    return PostError("the answer did not come in time", ambiguous=True)


def unreachable() -> PostError:
    return PostError("the platform cannot be reached")


def gone() -> PostError:
    return PostError("the channel is gone", permanent=True)


def forbidden() -> PostError:
    return PostError("I may not write there", permanent=True, remedy="Let me write there.")


async def subscribe(
    store: Store,
    address: str,
    after: datetime,
    *,
    platform: str = "discord",
    kind: str = "daily",
    time: str = "09:00",
    zone: str = "UTC",
    papers: int = 10,
    owner: str | None = "owner",
    topics: Sequence[str] = (),
) -> int:
    """A subscription whose first run is the first one after `after`. Returns its id."""
    run_at = schedule.next_run(after, time, zone)
    first = schedule.list_day(run_at, schedule.local_date(run_at, time, zone))
    order, where = Schedule(time, zone, papers, run_at, first), Destination(platform, address)
    async with store.transaction() as tx:
        one = await lifecycle.set_up(
            tx, where, order, owner, after, name=TOPICS if kind == "topics" else "", what=What(kind)
        )
        for text in topics:
            await subscriptions.add_topic(tx, one.id, text, first)
    return one.id
