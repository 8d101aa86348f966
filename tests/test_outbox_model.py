"""The outbox and its dispatchers against a model: whatever the platform answers, whatever people
press meanwhile, and whenever a process dies."""

import asyncio
import logging
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot import delivery
from bot.delivery import Dispatcher
from bot.digest import Digest, Item
from bot.errors import PostError, Untold
from bot.model import Delivery, Destination, Message, Pace, Receipt
from bot.schedule import DAY
from bot.store import Row, Store, opened, outbox, papers, people
from tests.fakes import Clock, at, gone, lost, on, papers_of, subscribe, unreachable

NOW = at("2025-06-02 12:00")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no disk to wait for
FIRST = on("2025-06-02")
PLACES = ("a", "b", "c")
FINAL = {"sent", "unknown", "dead", "cancelled", "skipped"}
# As the docstring of the outbox has them, and what it means with them: a retry is sent as a pending
# row is; a post in flight from a place that was paused ends as cancelled, instead of as a retry.
MOVES = {
    "pending": {"sending", "cancelled"},
    "sending": {"sent", "retry", "unknown", "dead", "cancelled"},
    "retry": {"sending", "cancelled"},
    "unknown": {"pending"},
    "skipped": {"pending", "skipped"},
}
T = TypeVar("T")


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


@dataclass(frozen=True)
class Copy:
    """What people see."""

    key: str
    message: Message
    chat: str
    at: datetime
    id: str


@dataclass(frozen=True)
class Answer:
    """How the platform treats one request, and what happens elsewhere while it does."""

    what: str
    meanwhile: str


@dataclass
class Platform:
    """One platform, seen from above: what it took, and what it is asked."""

    clock: Clock
    reads_back: bool
    meanwhile: Callable[[str, str, Delivery], Coroutine[Any, Any, None]]
    row: Callable[[str], Coroutine[Any, Any, Delivery | None]]
    name: str = "discord"
    resend_within: timedelta = timedelta(0)
    remembers: timedelta = timedelta(0)  # a key, for longer than we rely on: requests take time
    pace: Pace = field(default_factory=lambda: Pace(10_000, 10_000, 2))
    up: asyncio.Event = field(default_factory=asyncio.Event)
    shown: list[Copy] = field(default_factory=list)
    ids: "count[int]" = field(default_factory=count)
    late: list[tuple[datetime, Copy]] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    script: dict[str, deque[Answer]] = field(default_factory=dict)
    flying: set[str] = field(default_factory=set)
    claims: list[Delivery] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # an assert in `post` would be a fault of it

    def chat(self, address: str) -> tuple[str, float]:
        return address, 0.0

    async def run(self, handle: object) -> None: ...

    async def check(self, addresses: object) -> list[str]:
        return []

    async def post(self, address: str, message: Message, *, key: str) -> Receipt:
        if key in self.flying:
            self.wrong.append(f"{key} was sent twice at once")
        self.flying.add(key)
        try:
            claim = await self.row(key)
            if claim is None or claim.state != "sending":
                self.wrong.append(f"{key} was sent without an intent")
            else:
                self.claims.append(claim)
            script = self.script.get(address)
            answer = script.popleft() if script else Answer("accept", "")
            if answer.meanwhile and claim:
                await self.meanwhile(answer.meanwhile, address, claim)
            await asyncio.sleep(0)
            return self._answered(answer.what, address, message, key)
        finally:
            self.flying.discard(key)

    def _answered(self, what: str, address: str, message: Message, key: str) -> Receipt:
        self.arrive()
        made = Copy(key, message, self.home(address), self.clock.now, f"m{next(self.ids)}")
        if what == "moves":
            self.moved.setdefault(address, f"{address}2")
        if address in self.moved:
            raise PostError("the chat moved", moved_to=self.moved[address])
        if what in ("accept", "answer lost", "killed after"):
            made = self._take(made)
        if what == "late":  # the request is slow, and arrives after we gave it up
            self.late.append((self.clock.now + timedelta(seconds=20), made))
        if what.startswith("killed"):
            raise Killed
        if what in FAULTS:
            raise FAULTS[what]()
        return Receipt(made.id)

    def _take(self, made: Copy) -> Copy:
        for known in self.shown:
            if known.key == made.key and made.at < known.at + self.remembers:
                return known
        self.shown.append(made)
        return made

    def arrive(self) -> None:
        for when, made in [one for one in self.late if one[0] <= self.clock.now]:
            self.late.remove((when, made))
            self._take(Copy(made.key, made.message, made.chat, when, made.id))

    def home(self, address: str) -> str:
        while address in self.moved:
            address = self.moved[address]
        return address

    async def find(self, address: str, message: Message) -> Receipt | None:
        self.arrive()
        script = self.script.get(address)
        what = script.popleft().what if script else "accept"
        if not self.reads_back or what == "refused":
            raise Untold("nobody can tell")
        if what in ("unreachable", "too fast", "answer lost"):
            raise FAULTS[what]()
        here = [c for c in self.shown if (c.chat, c.message) == (self.home(address), message)]
        return Receipt(here[-1].id) if here else None


FAULTS: dict[str, Callable[[], Exception]] = {
    "answer lost": lost,
    "request lost": lost,
    "late": lost,
    "unreachable": unreachable,
    "too fast": lambda: PostError("too fast", retry_after=17.0),
    "gone": gone,
    "refused": lambda: PostError("embed too large", refused=True),
    "breaks": ZeroDivisionError,
}
DOUBT = ["answer lost", "request lost", "late", "killed before", "killed after"]
WHAT = [*FAULTS, "accept", *DOUBT]
MEANWHILE = [
    "second", "wait", "pause", "resume", "off", "prune", "again", "stale", "plan",
]  # fmt: skip
answers = st.builds(
    Answer,
    st.sampled_from(WHAT + DOUBT * 2 + ["breaks"] * 4),
    st.sampled_from(MEANWHILE + [""] * 8),
)
places = st.sampled_from(PLACES)
numbers = st.integers(0, 1000)
times = st.sampled_from([0.5, 1.5, 5, 25, 59, 61, 310, 3600, 86400])
processes = st.sampled_from([(0,), (1,), (0, 1)])


class Hurry:
    """Stands in for waiting: the time passes at once."""

    clock: ClassVar[Clock]

    async def __call__(self, event: asyncio.Event, seconds: float) -> bool:
        await asyncio.sleep(0)
        if not event.is_set():
            self.clock.pass_(seconds=seconds)
        return event.is_set()


class Outbox(RuleBasedStateMachine):
    """Two processes, by mistake, over one outbox, in front of one platform."""

    reads_back = False
    window = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.closing = AsyncExitStack()
        self.day = FIRST
        self.clock = Hurry.clock = Clock(NOW)
        self.platform = Platform(self.clock, self.reads_back, self._meanwhile, self._claimed)
        self.platform.resend_within = timedelta(seconds=self.window)
        self.platform.remembers = timedelta(seconds=2 * self.window)
        self.dispatchers: list[Dispatcher | None] = [None, None]
        self.planned: dict[int, str] = {}  # delivery -> how it came to be
        self.asked: Counter[str] = Counter()  # key -> how often a person asked for it again
        self.pruned: set[tuple[str, str]] = set()  # place and date: never planned again
        self.nested = False
        self.do(self._open())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _open(self) -> None:
        where = self.closing.enter_context(tempfile.TemporaryDirectory(dir=MEMORY))
        self.store: Store = await self.closing.enter_async_context(
            opened(Path(where) / "papers.db")
        )
        self.numbers = {p: await subscribe(self.store, p, NOW, owner=f"owner {p}") for p in PLACES}
        async with self.store.transaction() as tx:
            await papers.save(tx, papers_of(FIRST, 1), curated=True)
            await tx.run("CREATE TABLE moves (id, old, new, fences, due_at)")
            await tx.run("""CREATE TRIGGER moves AFTER UPDATE OF state ON deliveries BEGIN INSERT
                INTO moves VALUES (old.id, old.state, new.state, new.fence - old.fence, ''); END""")
            await tx.run("""CREATE TRIGGER gone AFTER DELETE ON deliveries BEGIN INSERT INTO moves
                VALUES (old.id, old.state, 'pruned', 0, old.due_at); END""")

    # what happens -----------------------------------------------------------------------------

    @rule(
        place=places, days=st.sampled_from([0, 1, 1]), how=st.sampled_from(["post"] * 5 + ["{"]),
        script=st.lists(answers, min_size=1, max_size=4), which=processes, seconds=times,
    )  # fmt: skip
    def post(
        self, place: str, days: int, how: str, script: list[Answer], which: tuple[int, ...],
        seconds: float,
    ) -> None:  # fmt: skip
        """The next day's post, or the last one again, with the platform in some mood."""
        self.day += days * DAY
        self.mood(place, script)
        self.do(self._switch(place, "on"))
        self.do(self._plan(place, self.day, how))
        self.do(self._send(which))
        self.clock.pass_(seconds=seconds)
        self.do(self._send(which))

    @rule(how=st.sampled_from(["post", "skip"]), days=st.sampled_from([0, 1]))
    def plan(self, how: str, days: int) -> None:
        """For every place; twice the same changes nothing."""
        self.day += days * DAY
        for place in PLACES:
            self.do(self._plan(place, self.day, how))

    async def _plan(self, place: str, day: date, how: str) -> None:
        """A place that is on gets its post; a second time changes nothing."""
        payload = Digest("daily", day, False, NOW, "UTC", 10, (Item("2506.00001", 7),)).dumps()
        state = "skipped" if how == "skip" else "pending"
        async with self.store.transaction() as tx:
            [one] = await tx.rows(
                "SELECT state, address FROM subscriptions WHERE id = :id", id=self.numbers[place]
            )
            if one["state"] != "on" or (place, str(day)) in self.pruned:
                return
            sql = """SELECT state FROM deliveries
                WHERE address = :a AND kind = 'daily' AND local_date = :day"""
            before = await tx.rows(sql, a=one["address"], day=day)
            added = await outbox.add(
                tx, Destination("discord", one["address"]), "daily", day, now=self.clock.now,
                subscription=self.numbers[place], payload="{" if how == "{" else payload,
                state=state,
            )  # fmt: skip
        assert added == (not before or before[0]["state"] == "skipped")

    @rule(place=st.sampled_from([*PLACES, "owner a"]), script=st.lists(answers, max_size=4))
    def mood(self, place: str, script: list[Answer]) -> None:
        """What the platform will do with the next requests for a place."""
        for address in (place, f"{place}2"):
            self.platform.script[address] = deque(script)

    @rule(place=places)
    def move(self, place: str) -> None:
        if not self.reads_back:  # no Discord channel ever moved
            self.platform.moved.setdefault(place, f"{place}2")

    @rule(seconds=times)
    def time(self, seconds: float) -> None:
        self.clock.pass_(seconds=seconds)

    @rule(which=processes, times=st.integers(1, 3))
    def send(self, which: tuple[int, ...], times: int) -> None:
        for _ in range(times):
            self.do(self._send(which))

    async def _send(self, which: tuple[int, ...]) -> None:
        """One handful by each of these processes, at once; what was killed begins anew."""
        awake = [await self._started(one) for one in which]
        before = asyncio.all_tasks()
        ended = await asyncio.gather(
            *(one.send_due("discord") for one in awake), return_exceptions=True
        )
        if others := asyncio.all_tasks() - before:  # a killed process ends all its lanes
            await asyncio.wait(others)
        for number, end in zip(which, ended, strict=True):
            if isinstance(end, Killed):
                self.dispatchers[number] = None
            elif isinstance(end, BaseException):
                raise end

    async def _started(self, number: int) -> Dispatcher:
        one = self.dispatchers[number]
        if one is None:
            one = Dispatcher(
                self.store, {"discord": self.platform}, self.clock, lambda: self.clock().timestamp()
            )
            await one.recover()
            self.dispatchers[number] = one
        return one

    @rule(place=places, what=st.sampled_from(["paused", "on", "thrown out"]))
    def person(self, place: str, what: str) -> None:
        self.do(self._switch_off(place) if what == "thrown out" else self._switch(place, what))

    async def _switch(self, place: str, state: str) -> None:
        async with self.store.transaction() as tx:
            await people.switch(tx, self.numbers[place], state, self.clock.now)

    async def _switch_off(self, address: str) -> None:
        for one in self.dispatchers:
            if one:
                await one.switch_off(Destination("discord", address), "thrown out")

    @rule(hours=st.sampled_from([0, 1, 30]))
    def prune(self, hours: int) -> None:
        self.do(self._prune(hours))

    async def _prune(self, hours: int) -> None:
        """Sooner than the program does, which waits for months."""
        before = self.clock.now - timedelta(hours=hours)
        known = {row["id"]: row for row in await self._rows()}
        async with self.store.transaction() as tx:
            await outbox.prune(tx, before)
        for number in known.keys() - {row["id"] for row in await self._rows()}:
            row = known[number]
            self.pruned.add((str(row["address"]).removesuffix("2"), row["local_date"]))

    @rule(number=numbers)
    def again(self, number: int) -> None:
        """A person asks for a post again, whatever became of it."""
        rows = self.do(self._rows())
        if rows:
            self.do(self._again(rows[number % len(rows)]["id"]))

    async def _again(self, number: int) -> None:
        before = await outbox.get(self.store, number)
        assert before
        found = await outbox.again(self.store, before.destination, number, self.clock.now)
        assert found and found.delivery == before
        if before.state == "unknown":
            self.asked[before.key] += 1
        else:
            assert await outbox.get(self.store, number) == before

    @rule(number=numbers, state=st.sampled_from(["sent", "retry", "dead", "unknown"]))
    def stale(self, number: int, state: str) -> None:
        """A claim that is over wants to write its outcome."""
        if self.platform.claims:
            claim = self.platform.claims[number % len(self.platform.claims)]
            self.do(self._stale(claim, state))

    async def _stale(self, claim: Delivery, state: str) -> None:
        row = "SELECT * FROM deliveries WHERE id = :id"
        async with self.store.transaction() as tx:
            before = await tx.rows(row, id=claim.id)
            if before and (before[0]["state"], before[0]["fence"]) == ("sending", claim.fence):
                return  # it is not over
            assert not await outbox.finish(tx, claim, state, self.clock.now, due_at=NOW)
            assert await tx.rows(row, id=claim.id) == before

    # while a request is under way -----------------------------------------------------------------

    async def _claimed(self, key: str) -> Delivery | None:
        return await outbox.get(self.store, int(key.removeprefix("dp")))

    async def _meanwhile(self, what: str, address: str, claim: Delivery) -> None:
        if self.nested:
            return
        self.nested = True
        try:
            await self._happen(what, address, claim)
        except AssertionError as error:
            self.platform.wrong.append(f"meanwhile {what}: {error!r}")
        finally:
            self.nested = False

    async def _happen(self, what: str, address: str, claim: Delivery) -> None:
        place = address[0]
        if what == "second":  # only those that run: starting one now would be a third process
            await self._send(tuple(n for n, one in enumerate(self.dispatchers) if one))
        elif what == "wait":
            self.clock.pass_(seconds=40)
        elif what == "off":
            await self._switch_off(address)
        elif what == "prune":
            await self._prune(0)
        elif what == "again":
            await self._again(claim.id)
        elif what == "stale":
            for one in self.platform.claims[-4:]:
                await self._stale(one, "sent")
        elif what == "plan" and place in PLACES:
            await self._plan(place, claim.local_date, "post")
        elif what in ("pause", "resume") and place in PLACES:
            await self._switch(place, "paused" if what == "pause" else "on")

    # what must hold -------------------------------------------------------------------------------

    async def _rows(self) -> list[Row]:
        return await self.store.rows("SELECT * FROM deliveries ORDER BY id")

    @invariant()
    def no_request_was_out_of_order(self) -> None:
        assert not self.platform.wrong

    @invariant()
    def states_move_as_the_outbox_says(self) -> None:
        for move in self.do(self.store.rows("SELECT * FROM moves")):
            old, new = move["old"], move["new"]
            if new == "pruned":
                assert old in FINAL, f"{move['id']} was {old}, and is gone"
                continue
            assert new in MOVES.get(old, ()), f"{move['id']} went from {old} to {new}"
            claimed = new == "sending" or (old, new) == ("unknown", "pending")
            assert move["fences"] == claimed, f"{move['id']}: {old} to {new}"

        async def forget() -> None:
            async with self.store.transaction() as tx:
                await tx.run("DELETE FROM moves")

        self.do(forget())

    @invariant()
    def nothing_is_repeated(self) -> None:
        """One copy of each, and one more for each time a person asked for it."""
        shown = Counter(copy.key for copy in self.platform.shown)
        for key, copies in shown.items():
            assert copies <= 1 + self.asked[key], key

    @invariant()
    def each_row_tells_the_truth(self) -> None:
        shown = {copy.key for copy in self.platform.shown}
        messages = {copy.id: copy for copy in self.platform.shown}
        for row in self.do(self._rows()):
            key, state = f"dp{row['id']}", row["state"]
            if state == "sent":  # as itself, or as a notice that says the same there
                copy = messages.get(row["message_id"])
                assert copy, f"{key} is sent, and nobody sees it"
                assert copy.key == key or row["kind"] == "notice", f"{key} is taken for {copy.key}"
            elif key in shown:
                asked = bool(self.asked[key])
                told = state in ("unknown", "retry", "sending", "cancelled")
                # An answer was lost, then the next one was final: `ambiguous_at` keeps the doubt.
                told = told or (state == "dead" and row["ambiguous_at"] is not None)
                assert told or asked, f"{key} is {state}, and on the platform"

    @invariant()
    def nothing_waits_for_a_place_that_is_not_on(self) -> None:
        sql = """SELECT d.id FROM deliveries AS d JOIN subscriptions AS s ON s.id = d.subscription
            WHERE s.state <> 'on' AND d.state IN ('pending', 'retry')"""
        for row in self.do(self.store.rows(sql)):
            assert self.asked[f"dp{row['id']}"], row["id"]

    @invariant()
    def nobody_is_sending_but_the_dead(self) -> None:
        """Between the rules no request is under way."""
        if all(self.dispatchers):
            assert not [row["id"] for row in self.do(self._rows()) if row["state"] == "sending"]

    def teardown(self) -> None:
        try:
            self.do(self._completed())
            self.no_request_was_out_of_order()
            self.states_move_as_the_outbox_says()
            self.nothing_is_repeated()
            self.each_row_tells_the_truth()
        finally:
            self.do(self.closing.aclose())
            self.runner.close()

    async def _completed(self) -> None:
        """Once the faults stop and time passes, every post has come to its end."""
        self.platform.script.clear()
        for _ in range(40):
            await self._send((0, 1))
            self.clock.pass_(seconds=200)
            if all(row["state"] in FINAL for row in await self._rows()):
                break
        open_ = [(r["id"], r["state"], r["reason"]) for r in await self._rows()]
        assert not [one for one in open_ if one[1] not in FINAL]


class Forgetful(Outbox):
    """Like Telegram: it knows no repeat, and nobody can look what is there."""


class ReadBack(Outbox):
    """Like Discord: it knows a repeat for a minute, and what is there can be read."""

    reads_back = True
    window = 60.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_any", Hurry())
    monkeypatch.setattr(logging.getLogger("bot.delivery"), "disabled", True)


@pytest.mark.parametrize("platform", [Forgetful, ReadBack])
def test_the_outbox_keeps_its_promises(platform: type[Outbox]) -> None:
    run_state_machine_as_test(
        platform,
        settings=settings(
            max_examples=70, stateful_step_count=25, deadline=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.reuse, Phase.generate), report_multiple_bugs=False,
        ),
    )  # fmt: skip
