"""One person, or one chat, that asks too much waits alone."""

import asyncio
from dataclasses import replace

import pytest

from bot import turns
from bot.dialogue import Request
from bot.errors import UserError
from bot.turns import PERSON, PLACE, TYPING, FairUse

ME = Request("discord", "c1", "me", command="help")


class Hand:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def answered(one: FairUse, request: Request, times: int) -> list[bool]:
    return [one.refusal(request) is None for _ in range(times)]


def test_a_person_has_a_burst_and_then_what_time_brings() -> None:
    clock = Hand()
    fair = FairUse(clock)
    alone = replace(ME, one_to_one=True)
    burst = int(PERSON.burst)
    assert answered(fair, alone, burst + 3) == [True] * burst + [False] * 3
    clock.now += 10
    gained = int(10 * PERSON.rate)
    assert answered(fair, alone, gained + 2) == [True] * gained + [False] * 2


def test_who_asks_too_much_is_told_once_and_then_nothing_is_said() -> None:
    fair = FairUse(Hand())
    answered(fair, ME, int(PERSON.burst))
    first, *others = [fair.refusal(ME) for _ in range(20)]
    assert first
    assert first.private
    assert first.text == "You asked a lot at once. In 2 seconds I answer again."
    assert all(one and not one.text for one in others)


def test_others_are_answered_meanwhile_also_on_another_platform() -> None:
    fair = FairUse(Hand())
    answered(fair, replace(ME, one_to_one=True), 500)
    for other in (replace(ME, person="you"), replace(ME, platform="telegram")):
        assert fair.refusal(other) is None


def test_a_chat_has_an_allowance_over_all_its_people() -> None:
    fair = FairUse(Hand())
    people = [replace(ME, person=f"p{n}") for n in range(int(PLACE.burst) + 5)]
    came = [fair.refusal(one) is None for one in people]
    assert came == [True] * int(PLACE.burst) + [False] * 5
    assert fair.refusal(replace(ME, person="p1", address="c2")) is None
    assert fair.refusal(replace(ME, person="p2", one_to_one=True)) is None


def test_who_types_has_an_allowance_of_its_own() -> None:
    fair = FairUse(Hand())
    typed = [fair.may_type(ME) for _ in range(int(TYPING.burst) + 2)]
    assert typed == [True] * int(TYPING.burst) + [False] * 2
    assert fair.refusal(ME) is None


def test_a_clock_that_stands_or_goes_back_gives_nothing() -> None:
    clock = Hand()
    fair = FairUse(clock)
    answered(fair, ME, int(PERSON.burst))
    clock.now -= 500
    assert fair.refusal(ME)


def test_people_who_asked_long_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "REMEMBERED", 50)
    clock = Hand()
    fair = FairUse(clock)
    for n in range(1000):
        clock.now += 1
        assert fair.refusal(replace(ME, person=f"p{n}", one_to_one=True)) is None
    assert len(fair._people._of) <= 50
    attacker = replace(ME, person="attacker", one_to_one=True)
    answered(fair, attacker, 100)
    for n in range(60):  # all of them busy, too: whoever asked last is not forgotten
        answered(fair, replace(ME, person=f"q{n}", one_to_one=True), 2)
        fair.refusal(attacker)
    assert len(fair._people._of) <= 50


async def test_a_persons_requests_are_done_a_few_at_a_time_and_few_may_wait() -> None:
    fair, gate, running = FairUse(), asyncio.Event(), 0
    most = 0

    async def work() -> None:
        nonlocal running, most
        async with fair.turn(ME):
            running += 1
            most = max(most, running)
            await gate.wait()
            running -= 1

    tasks = [asyncio.create_task(work()) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    async with fair.turn(replace(ME, person="you")):
        assert most == turns.AT_ONCE
    gate.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [one for one in done if isinstance(one, UserError)]
    assert len(refused) == 20 - turns.AT_ONCE - turns.WAITING
    assert len({str(one) for one in refused}) == 1
    assert most == turns.AT_ONCE
    async with fair.turn(ME):
        assert len(fair._pending) == 1
    assert not fair._pending


async def test_a_request_that_is_cancelled_gives_its_turn_back() -> None:
    fair = FairUse()
    for _ in range(30):

        async def wait() -> None:
            async with fair.turn(ME):
                await asyncio.Event().wait()

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with fair.turn(ME):
        pass
    assert not fair._pending
