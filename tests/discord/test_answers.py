"""An answer reaches the person who asked, whatever happens to the requests that carry it."""

import logging

import pytest

from tests.discord import inbox
from tests.discord.asking import WAYS, goes, one_answer
from tests.discord.conftest import Pauses
from tests.discord.handle import FakeHandle
from tests.discord.inbox import Trouble
from tests.discord.wire import Wire

LIMITED = {"Via": "1.1 google", "Retry-After": "0.02", "X-RateLimit-Scope": "user"}
TROUBLES: dict[str, Trouble] = {
    "dropped": inbox.dropped,
    "dropped when done": inbox.unanswered,
    "no answer": inbox.silent,
    "no answer when done": inbox.late,
    "a login page": inbox.page,
    "JSON of something else": inbox.other,
    "an answer of a kind to come": inbox.strange,
    "no content": inbox.wordless,
    "429": inbox.refused(429, 0, **LIMITED),
    "429 of Cloudflare": inbox.refused(429, 0, **{"Retry-After": "0.02"}),
    "429 without a time": inbox.refused(429),
    "500": inbox.refused(500),
    "502 when done": inbox.broken(502),
    "503": inbox.refused(503),
    "504 when done": inbox.broken(504),
    "40333": inbox.refused(403, 40333),
    "a refusal of a proxy": inbox.refused(403),
}
EACH_STEP = [(name, step) for name, way in WAYS.items() for step in way.steps]


@pytest.mark.parametrize("name", WAYS)
async def test_an_answer_takes_no_more_steps_than_it_needs(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    way = WAYS[name]
    asked, pressed = await goes(wire, handle, way, monkeypatch)
    one_answer(way, asked, pressed)
    assert tuple(asked.steps) == way.steps
    assert len(handle.asked) == 1


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(("name", "step"), EACH_STEP)
async def test_trouble_with_one_request_does_not_lose_the_answer(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, name: str, step: str, trouble: str,
) -> None:  # fmt: skip
    way = WAYS[name]
    wire.host.inbox.troubles[step] = [TROUBLES[trouble]]
    asked, pressed = await goes(wire, handle, way, monkeypatch)
    one_answer(way, asked, pressed)
    assert len(handle.asked) == 1
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("done", [inbox.strange, inbox.wordless])
@pytest.mark.parametrize("name", WAYS)
async def test_what_discord_did_is_not_asked_for_again(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, name: str, done: Trouble
) -> None:
    """Although discord.py cannot read how it says so."""
    way = WAYS[name]
    wire.host.inbox.troubles |= {step: [done] for step in way.steps}
    asked, pressed = await goes(wire, handle, way, monkeypatch)
    one_answer(way, asked, pressed)
    assert tuple(asked.steps) == way.steps


async def test_a_connection_that_is_refused_is_made_again(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, pauses: Pauses
) -> None:
    def back() -> None:
        if pauses.of("attempts"):
            wire.adapter()  # the network is back

    pauses.then = back
    for name, way in WAYS.items():
        handle.gate = None
        wire.adapter(port=1)  # from here on requests go where nobody listens
        asked, pressed = await goes(wire, handle, way, monkeypatch)
        one_answer(way, asked, pressed)
        assert pauses.of("attempts"), name
        pauses.noted.clear()
