"""How fast requests start, whoever asks and however many clients there are."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.errors import SourceError
from bot.sources.web import Pace, Web
from tests.sources.feed import HANG, Clock, Feed, answer

Make = Callable[..., Web]


@pytest.fixture
async def make(feed: Feed, clock: Clock) -> AsyncIterator[Make]:
    made: list[Web] = []

    def make(*, spacing: float = 0, pace: Pace | None = None) -> Web:
        pace = pace or Pace(spacing, clock=clock, sleep=clock.sleep)
        made.append(Web(feed.base, "The feed", pace=pace))
        return made[-1]

    yield make
    for client in made:
        await client.close()


async def test_spaced_requests_start_apart_however_many_ask_at_once(
    feed: Feed, make: Make, clock: Clock
) -> None:
    starts: list[float] = []
    running = 0
    serve = feed.serve

    async def watched(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal running
        starts.append(clock.now)
        running += 1
        assert running == 1, "one connection at a time"
        clock.now += 0.5  # an answer takes its time
        await asyncio.sleep(0.01)
        running -= 1
        await serve(reader, writer)

    feed.serve = watched  # type: ignore[method-assign]
    feed.script(answer(b""))
    client = make(spacing=3)
    await asyncio.gather(*(client.get("/") for _ in range(5)))
    assert starts == [1000, 1003, 1006, 1009, 1012]
    clock.now += 60
    await client.get("/")
    assert starts[-1] == 1072.5, "nobody waits who has waited"


async def test_a_failed_request_keeps_its_distance_too(
    feed: Feed, make: Make, clock: Clock
) -> None:
    feed.script(answer(b"", 500), answer(b"fine"))
    client = make(spacing=3)
    with pytest.raises(SourceError):
        await client.get("/")
    await client.get("/")
    assert clock.slept == [3]


async def test_a_cancelled_request_lets_the_next_one_through(feed: Feed, make: Make) -> None:
    feed.script(HANG, answer(b"fine"))
    client = make(spacing=3)
    waiting = asyncio.ensure_future(client.get("/"))
    await feed.reached.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await client.get("/")).body == b"fine"


async def test_two_clients_of_one_pace_are_one_client(feed: Feed, make: Make, clock: Clock) -> None:
    feed.script(answer(b""))
    pace = Pace(3, clock=clock, sleep=clock.sleep)
    clients = [make(pace=pace), make(pace=pace)]
    await asyncio.gather(*(client.get("/") for client in clients * 2))
    assert (clock.slept, clock.now) == ([3, 3, 3], 1009)


async def test_a_clients_own_pause_is_not_its_neighbours(
    feed: Feed, make: Make, clock: Clock
) -> None:
    feed.script(answer(b"", 429, Retry_After="20"), answer(b"fine"))
    pace = Pace(3, clock=clock, sleep=clock.sleep)
    paused, free = make(pace=pace), make(pace=pace)
    with pytest.raises(SourceError):
        await paused.get("/")
    assert (await free.get("/")).body == b"fine"
    assert clock.now == 1003
    assert (await paused.get("/")).body == b"fine"
    assert clock.now == 1020


async def test_who_waited_for_a_turn_minds_a_pause_that_came_meanwhile(
    feed: Feed, make: Make, clock: Clock
) -> None:
    feed.script(answer(b"", RateLimit='"api";r=0;t=20'), answer(b"later"))
    client = make(spacing=3)
    await asyncio.gather(client.get("/"), client.get("/"))
    assert clock.now >= 1020
