"""The outbox and its dispatchers against a model: whatever the platform answers, whatever people
press meanwhile, however the clock jumps, and whenever a process dies."""

import asyncio
import logging
import tempfile
from collections import Counter, deque
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot import delivery, rewind
from bot.delivery import Dispatcher
from bot.model import Receipt
from bot.places import Places
from bot.schedule import DAY
from bot.states import DeliveryState, SubscriptionState
from bot.store import Row, Store, opened, outbox, subscriptions, upkeep
from tests.fakes import Clock, at, on, paper, subscribe
from tests.outbox_platform import FAULTS, Answer, Killed, Platform
from tests.program import MEMORY
from tests.rounds import send_due
from tests.stored import SIX_HOURS, add, digest_of, save_papers

NOW = at("2025-06-02 12:00")
FIRST = on("2025-06-02")
PLACES = ("a", "b", "c")
NO_POST = {"skipped", "missed", "paused"}  # runs without one, which may have one after all
FINAL = {"sent", "unknown", "dead", "cancelled", "retired", *NO_POST}
# As the docstring of the outbox has them, and what it means with them: a retry is sent as a pending
# row is; a post in flight from a place that was paused ends as cancelled, instead of as a retry;
# what a wrong clock gave up is tried again.
MOVES = {
    "pending": {"sending", "cancelled", "dead", "unknown"},
    "sending": {"sent", "retry", "unknown", "dead", "cancelled"},
    "retry": {"sending", "cancelled", "dead", "unknown"},
    "unknown": {"pending"},
    "dead": {"retry"},
    **{state: {"pending", *NO_POST} for state in NO_POST},
}
T = TypeVar("T")

DOUBT = ["answer lost", "request lost", "late", "killed before", "killed after"]
WHAT = [*FAULTS, "malformed", "accept", "gone", "moves", *DOUBT]
MEANWHILE = [
    "second", "wait", "pause", "resume", "off", "prune", "again", "stale", "plan", "expire", "back",
]  # fmt: skip
answers = st.builds(
    Answer,
    st.sampled_from(WHAT + DOUBT * 2 + ["breaks"] * 4 + ["gone"] * 2),
    st.sampled_from(MEANWHILE + [""] * 10),
)
places = st.sampled_from(PLACES)
numbers = st.integers(0, 1000)
times = st.sampled_from([0.5, 1.5, 5, 25, 59, 61, 310, 3600, 7 * 3600, 86400])
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
        self.time_ = Hurry.clock = Clock(NOW)  # as it is
        self.ahead = timedelta(0)  # by so much this machine's clock is wrong
        self.platform = Platform(self.time_, self.reads_back, self._meanwhile, self._claimed)
        self.platform.resend_within = timedelta(seconds=self.window)
        self.platform.remembers = timedelta(seconds=2 * self.window)
        self.dispatchers: list[Dispatcher | None] = [None, None]
        self.list_of: dict[str, tuple[str, date]] = {}  # key -> place and list
        self.asked: Counter[str] = Counter()  # key -> how often a person asked for it again
        self.pruned: set[tuple[str, str]] = set()  # place and date: never planned again
        self.nested = False
        self.do(self._open())

    def clock(self) -> datetime:
        return self.time_.now + self.ahead

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _open(self) -> None:
        where = self.closing.enter_context(tempfile.TemporaryDirectory(dir=MEMORY))
        self.store: Store = await self.closing.enter_async_context(
            opened(Path(where) / "papers.db")
        )
        self.places = Places(self.store, {"discord": self.platform}, self.clock)
        self.numbers = {p: await subscribe(self.store, p, NOW, owner=f"owner {p}") for p in PLACES}
        await save_papers(self.store, paper(1))
        async with self.store.transaction() as tx:
            await tx.run("CREATE TABLE moves (id, old, new, fences, due_at)")
            await tx.run("""CREATE TRIGGER moves AFTER UPDATE OF state ON deliveries BEGIN INSERT
                INTO moves VALUES (old.id, old.state, new.state, new.fence - old.fence, ''); END""")
            await tx.run("""CREATE TRIGGER gone AFTER DELETE ON deliveries BEGIN INSERT INTO moves
                VALUES (old.id, old.state, 'pruned', 0, old.due_at); END""")

    # what happens -----------------------------------------------------------------------------

    @rule(
        place=places, days=st.sampled_from([0, 1, 1, 8]), how=st.sampled_from(["post"] * 5 + ["{"]),
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
        self.time_.pass_(seconds=seconds)
        self.do(self._send(which))

    @rule(how=st.sampled_from(["post", "skipped", "missed"]), days=st.sampled_from([0, 1]))
    def plan(self, how: str, days: int) -> None:
        """For every place; twice the same changes nothing."""
        self.day += days * DAY
        for place in PLACES:
            self.do(self._plan(place, self.day, how))

    async def _plan(self, place: str, day: date, how: str) -> None:
        """A place that is on gets its post; what came, or may come, is not planned again."""
        state = how if how in NO_POST else "pending"
        payload = "" if how in NO_POST else "{" if how == "{" else digest_of(str(day), 1)
        async with self.store.transaction() as tx:
            [one] = await tx.rows(
                "SELECT state, address FROM subscriptions WHERE id = :id", id=self.numbers[place]
            )
            if one["state"] != "on" or (place, str(day)) in self.pruned:
                return
            sql = """SELECT id, state FROM deliveries
                WHERE address = :a AND kind = 'daily' AND list_day = :day"""
            before = {row["state"] for row in await tx.rows(sql, a=one["address"], day=day)}
            added = await add(
                tx, one["address"], str(day), payload, now=self.clock(), state=state,
                subscription=self.numbers[place],
            )  # fmt: skip
            for row in await tx.rows(sql, a=one["address"], day=day):
                self.list_of[f"dp{row['id']}"] = (place, day)
        free = before <= {"dead", "cancelled", *NO_POST}
        assert added == (free and (how not in NO_POST or not before or bool(before & NO_POST)))

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
        self.time_.pass_(seconds=seconds)

    @rule(seconds=st.sampled_from([-7200, -1800, -50, 50, 7200, 400 * 86400]))
    def jump(self, seconds: float) -> None:
        """This machine's clock jumps; the running program notices when it goes back."""
        self.do(self._jump(timedelta(seconds=seconds)))

    async def _jump(self, step: timedelta) -> None:
        self.ahead = timedelta(0) if self.ahead > 30 * DAY else self.ahead + step
        if any(self.dispatchers):
            await rewind.rewind(self.store, self.clock())

    @rule(which=processes, times=st.integers(1, 3))
    def send(self, which: tuple[int, ...], times: int) -> None:
        for _ in range(times):
            self.do(self._send(which))

    async def _send(self, which: tuple[int, ...]) -> None:
        """One handful by each of these processes, at once; what was killed begins anew."""
        awake = [await self._started(one) for one in which]
        before = asyncio.all_tasks()
        ended = await asyncio.gather(
            *(send_due(one, "discord") for one in awake), return_exceptions=True
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
            await rewind.rewind(self.store, self.clock())
            one = Dispatcher(
                self.store, {"discord": self.platform}, self.clock, lambda: self.time_().timestamp()
            )
            await one.recover()
            self.dispatchers[number] = one
        return one

    @rule()
    def expire(self) -> None:
        self.do(self._expire())

    async def _expire(self) -> None:
        for one in self.dispatchers:
            if one:
                await one.expire()

    @rule(place=places, what=st.sampled_from(["paused", "on", "thrown out", "back"]))
    def person(self, place: str, what: str) -> None:
        if what == "thrown out":
            self.do(self.places.lose("discord", place, "thrown out", ""))
        elif what == "back":
            self.do(self.places.regain("discord", [place, f"{place}2"]))
        else:
            self.do(self._switch(place, what))

    async def _switch(self, place: str, state: str) -> None:
        async with self.store.transaction() as tx:
            await subscriptions.switch(
                tx, self.numbers[place], SubscriptionState(state), self.clock()
            )

    @rule(hours=st.sampled_from([0, 1, 30]))
    def prune(self, hours: int) -> None:
        self.do(self._prune(hours))

    async def _prune(self, hours: int) -> None:
        """Sooner than the program does, which waits for months."""
        before = self.clock() - timedelta(hours=hours)
        known = {row["id"]: row for row in await self._rows()}
        async with self.store.transaction() as tx:
            await upkeep.prune(tx, before)
            await upkeep.prune_contents(tx)
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
        async with self.store.transaction() as tx:
            asked = await outbox.requeue(tx, before, self.clock(), self.clock() + SIX_HOURS)
        after = await outbox.get(self.store, number)
        assert asked == (before.state == "unknown")
        if asked:
            self.asked[before.key] += 1
            assert after and after.doubted, "that it may have arrived is not forgotten"
        else:
            assert after == before

    @rule(number=numbers, state=st.sampled_from(["sent", "retry", "dead", "unknown"]))
    def stale(self, number: int, state: str) -> None:
        """A claim that is over wants to write its outcome."""
        if self.platform.claims:
            claim = self.platform.claims[number % len(self.platform.claims)]
            self.do(self._stale(claim, state))

    async def _stale(self, claim: Row, state: str) -> None:
        row = "SELECT * FROM deliveries WHERE id = :id"
        async with self.store.transaction() as tx:
            before = await tx.rows(row, id=claim["id"])
            if before and (before[0]["state"], before[0]["fence"]) == ("sending", claim["fence"]):
                return  # it is not over
            [one], _ = outbox.readable([claim])
            assert not await outbox.finish(tx, one, DeliveryState(state), self.clock(), due_at=NOW)
            await outbox.sent(tx, [(one, Receipt("a stale proof"))], self.clock())
            assert await tx.rows(row, id=claim["id"]) == before

    # while a request is under way -----------------------------------------------------------------

    async def _claimed(self, key: str) -> Row | None:
        sql = f"{outbox.SELECT} WHERE d.id = :id"
        return await self.store.row(sql, id=int(key.removeprefix("dp")))

    async def _meanwhile(self, what: str, address: str, claim: Row) -> None:
        if self.nested:
            return
        self.nested = True
        try:
            await self._happen(what, address, claim)
        except AssertionError as error:
            self.platform.wrong.append(f"meanwhile {what}: {error!r}")
        finally:
            self.nested = False

    async def _happen(self, what: str, address: str, claim: Row) -> None:
        place = address[0]
        if what == "second":  # only those that run: starting one now would be a third process
            await self._send(tuple(n for n, one in enumerate(self.dispatchers) if one))
        elif what == "wait":
            self.time_.pass_(seconds=40)
        elif what == "back":
            await self._jump(timedelta(minutes=-30))
        elif what == "off":
            await self.places.lose("discord", address, "thrown out", "")
        elif what == "prune":
            await self._prune(0)
        elif what == "expire":
            self.time_.pass_(hours=7)
            await self._expire()
        elif what == "again":
            await self._again(claim["id"])
        elif what == "stale":
            for one in self.platform.claims[-4:]:
                await self._stale(one, "sent")
        elif what == "plan" and place in PLACES:
            await self._plan(place, date.fromisoformat(claim["local_date"]), "post")
        elif what in ("pause", "resume") and place in PLACES:
            await self._switch(place, SubscriptionState.PAUSED if what == "pause" else "on")

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
        """One copy of each, and one more for each time a person asked for it; of one list a place
        has one post, however often it was planned."""
        shown = Counter(copy.key for copy in self.platform.shown)
        for key, copies in shown.items():
            assert copies <= 1 + self.asked[key], key
        lists = Counter[tuple[str, date]]()
        for key, copies in shown.items():
            if key in self.list_of:
                lists[self.list_of[key]] += copies - self.asked[key]
        assert all(posts <= 1 for posts in lists.values()), lists

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
            elif key in shown:  # what is dead or cancelled surely did not arrive
                told = {"unknown", "retry", "sending"} | ({"pending"} if self.asked[key] else set())
                assert state in told, f"{key} is {state}, and on the platform"

    @invariant()
    def a_place_is_lost_only_when_it_was_blamed_twice_for_one_post(self) -> None:
        blamed = {
            place for key, (place, _) in self.list_of.items() if self.platform.blamed[key] > 1
        }
        for row in self.do(self.store.rows("SELECT * FROM subscriptions WHERE state = 'off'")):
            assert row["reason"] == "thrown out" or row["address"][0] in blamed

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
            await self._expire()
            self.time_.pass_(seconds=200)
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
    for name in ("bot.delivery", "bot.lifecycle", "bot.messages"):
        monkeypatch.setattr(logging.getLogger(name), "disabled", True)


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
