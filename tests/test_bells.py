"""What rings at intervals, also after the wall clock jumped."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest

from bot import bells
from bot.bells import Every, Work
from bot.errors import StoreError
from tests.fakes import Clock, at

NOW = at("2025-06-02 12:00")
SOON = 0.05  # seconds between two rings here


class Wall:
    """This machine's wall clock, which may jump; the loop's own clock never does."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self, zone: tzinfo | None = None) -> datetime:
        return datetime.now(zone) + timedelta(seconds=self.ahead)

    def time(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Read by the bells, and by the scheduler."""
    made = Wall()
    clock = SimpleNamespace(time=made.time, monotonic=time.monotonic)
    monkeypatch.setattr(bells, "time", clock)
    for module in (bells, apscheduler.schedulers.base, apscheduler.executors.base):
        monkeypatch.setattr(module, "datetime", SimpleNamespace(now=made.now))
    return made


class Counted:
    """Work that counts itself."""

    def __init__(self) -> None:
        self.times = 0
        self._done = asyncio.Event()

    async def __call__(self) -> None:
        self.times += 1
        self._done.set()

    async def again(self, times: int = 1) -> None:
        """Until it was done so often more."""
        async with asyncio.timeout(10):
            for _ in range(times):
                self._done.clear()
                await self._done.wait()


@asynccontextmanager
async def ringing(works: Sequence[Work], clock: Clock | None = None) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = bells.ring(group, works, clock or Clock(NOW))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def test_it_rings_at_once_and_at_every_interval(wall: Wall) -> None:
    work, later = Counted(), Counted()
    async with ringing([Work(work, SOON), Work(later, 3600.0, at_once=False)]):
        await work.again(4)
    assert later.times == 0


@pytest.mark.parametrize("jump", [-7200.0, -60.0, 7200.0, 400 * 86_400.0])
async def test_it_rings_on_after_the_wall_clock_jumped(wall: Wall, jump: float) -> None:
    work = Counted()
    async with ringing([Work(work, SOON)]):
        await work.again(2)
        wall.ahead += jump
        await work.again(3)


async def test_it_rings_on_after_the_clock_was_years_ahead_for_a_while(wall: Wall) -> None:
    work = Counted()
    async with ringing([Work(work, SOON)]):
        await work.again(2)
        wall.ahead = 400 * 86_400.0
        await work.again(30)
        wall.ahead = 0.0
        await work.again(3)


def test_a_clock_that_is_years_ahead_makes_one_ring_late_and_not_two_million() -> None:
    now = datetime.now(UTC)
    every = Every(seconds=15.0, timezone=UTC)
    following = every.get_next_fire_time(now, now)
    assert following == now + timedelta(seconds=15)
    ahead = now + timedelta(days=400)
    following = every.get_next_fire_time(now, ahead)
    assert ahead < following <= ahead + timedelta(seconds=15)


async def test_when_the_programs_clock_goes_back_what_it_decided_is_set_right_first(
    wall: Wall,
) -> None:
    clock, order = Clock(NOW), list[str]()
    work = Counted()

    async def do() -> None:
        order.append("do")
        await work()

    async def back(now: datetime) -> None:
        order.append(f"back {now:%H:%M}")

    async with ringing([Work(do, SOON, back=back)], clock):
        await work.again(2)
        clock.pass_(hours=2)
        await work.again(2)
        assert set(order) == {"do"}, "ahead is no reason"
        clock.pass_(hours=-3)
        await work.again(3)
    assert [one for one in order if one != "do"] == ["back 11:00"], "once"
    assert order[order.index("back 11:00") + 1] == "do"


async def test_what_is_set_right_is_tried_again_while_the_disk_is_full(wall: Wall) -> None:
    clock, work = Clock(NOW), Counted()
    tries = 0

    async def back(now: datetime) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise StoreError("The disk is full")

    async with ringing([Work(work, SOON, back=back)], clock):
        await work.again()
        clock.pass_(hours=-2)
        await work.again(2)
    assert tries == 3


async def test_rings_that_come_while_it_works_are_one(wall: Wall) -> None:
    other, hold, begun = Counted(), asyncio.Event(), list[int]()

    async def slow() -> None:
        begun.append(1)
        await hold.wait()

    async with ringing([Work(slow, SOON), Work(other, SOON)]):
        await other.again(8)
        assert len(begun) == 1, "and it holds up no other work"
        hold.set()
        await other.again(4)
        assert len(begun) > 1


async def test_a_full_disk_ends_nothing_and_any_other_fault_ends_the_program(wall: Wall) -> None:
    faults: list[Exception] = [StoreError("The disk is full"), StoreError("busy"), ValueError("!")]
    times = 0

    async def do() -> None:
        nonlocal times
        times += 1
        raise faults[times - 1]

    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            bells.ring(group, [Work(do, SOON)], Clock(NOW))
    assert times == 3
    assert caught.group_contains(ValueError)
