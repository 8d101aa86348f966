"""What happens at intervals: the scheduler only rings, the work is done by the program's own tasks,
so that it ends before the store is closed, and its death ends the program."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.errors import StoreError

log = logging.getLogger(__name__)

JUMP = 5.0  # seconds by which the wall clock may drift from the monotonic one in a second


@dataclass(frozen=True, slots=True)
class Work:
    """Done at every ring; rings that come while it is done are one."""

    do: Callable[[], Awaitable[object]]
    seconds: float
    at_once: bool = True  # else first after one interval
    back: Callable[[datetime], Awaitable[object]] | None = None  # first, when the clock went back
    bell: asyncio.Event = field(default_factory=asyncio.Event)


def ring(
    group: asyncio.TaskGroup, works: Sequence[Work], clock: Callable[[], datetime]
) -> list[asyncio.Task[None]]:
    """Start the bells and the work."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = AsyncIOScheduler(timezone=UTC)
    jobs = [_job(scheduler, work) for work in works]
    scheduler.start()
    tasks = [group.create_task(_at_every_ring(work, clock)) for work in works]
    return [*tasks, group.create_task(_watch_the_clock(works, jobs))]


def _job(scheduler: AsyncIOScheduler, work: Work) -> Job:
    first = datetime.now(UTC) + timedelta(seconds=0.0 if work.at_once else work.seconds)
    # Intervals only: its cron triggers drop and double days around clock changes.
    return scheduler.add_job(
        _ring, Every(seconds=work.seconds, timezone=UTC), [work.bell], next_run_time=first,
        coalesce=True, misfire_grace_time=None,
    )  # fmt: skip


class Every(IntervalTrigger):  # type: ignore[misc]
    """However far the clock jumps ahead, one ring was missed: the scheduler counts them all."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        following: datetime = super().get_next_fire_time(previous, now)
        interval: timedelta = self.interval
        return following if following > now else now + interval


async def _ring(bell: asyncio.Event) -> None:
    bell.set()


async def _watch_the_clock(works: Sequence[Work], jobs: Sequence[Job]) -> None:
    """The scheduler waits by the wall clock: set back two hours, it would ring in two hours."""
    drift = time.time() - time.monotonic()
    while True:
        await asyncio.sleep(1)
        jump = time.time() - time.monotonic() - drift
        if abs(jump) > JUMP:
            log.warning("the clock jumped seconds=%.0f", jump)
            drift += jump
            for work, job in zip(works, jobs, strict=True):
                job.modify(next_run_time=datetime.now(UTC) + timedelta(seconds=work.seconds))


async def _at_every_ring(work: Work, clock: Callable[[], datetime]) -> None:
    last = clock()
    while True:
        await work.bell.wait()
        work.bell.clear()
        try:
            if work.back and clock() < last:
                await work.back(clock())
            last = clock()
            await work.do()
        except StoreError as error:  # a full disk may have room again at the next ring
            log.error("store refused reason=%s", error)
