"""How fast a platform is asked."""

import asyncio

import pytest

from bot import pacing
from bot.pacing import Throttle


class Wait:
    """A loop's clock and its sleep that take no time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda: self.now)
        monkeypatch.setattr(pacing.asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.0)


async def starts(turns: Throttle, wait: Wait, count: int) -> list[float]:
    async def ask() -> float:
        return wait.now

    return [await turns.take(ask) for _ in range(count)]


async def test_requests_start_evenly_spaced(monkeypatch: pytest.MonkeyPatch) -> None:
    wait = Wait(monkeypatch)
    began = await starts(Throttle(10), wait, 21)
    assert began == pytest.approx([n / 10 for n in range(21)])


async def test_a_platform_that_asks_to_wait_is_asked_later_and_slower(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait, turns = Wait(monkeypatch), Throttle(10)
    await starts(turns, wait, 1)
    turns.rest(5)
    assert await starts(turns, wait, 3) == pytest.approx([5, 5.125, 5.25])


async def test_what_was_not_used_is_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    wait, turns = Wait(monkeypatch), Throttle(10)
    await starts(turns, wait, 1)
    wait.now += 60
    assert await starts(turns, wait, 3) == pytest.approx([60, 60.1, 60.2])


async def test_a_slow_answer_holds_up_no_other() -> None:
    turns, slow = Throttle(1000), asyncio.Event()
    waiting = asyncio.create_task(turns.take(slow.wait))
    assert await turns.take(_at_once) == "answer"
    assert not waiting.done()
    slow.set()
    await waiting


async def _at_once() -> str:
    return "answer"
