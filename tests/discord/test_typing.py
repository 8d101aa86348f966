"""Suggestions while somebody types: they never fail visibly, and nothing waits for them."""

import asyncio
import logging

import pytest

from adapters.discord import answers
from bot.dialogue import Choice
from tests.discord import inbox
from tests.discord.asking import WAYS, goes, one_answer
from tests.discord.handle import FakeHandle
from tests.discord.inbox import Asked
from tests.discord.test_answers import TROUBLES
from tests.discord.wire import Wire, until

CHOICES = [Choice("Berlin", "Europe/Berlin"), Choice("", "empty"), Choice("long", "v" * 101)]


async def typed(wire: Wire, handle: FakeHandle) -> Asked:
    handle.choices = CHOICES
    asked = await wire.host.inbox.typing("setup", "zone", "ber")
    await until(lambda: asked.choices is not None)
    return asked


async def test_suggestions_come_with_the_first_request(wire: Wire, handle: FakeHandle) -> None:
    asked = await typed(wire, handle)
    assert asked.choices == [{"name": "Berlin", "value": "Europe/Berlin"}]
    assert asked.steps == ["response"]
    ((request, option, text),) = handle.suggested
    assert (request.command, request.address, option, text) == ("setup", "c3", "zone", "ber")


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_with_one_request_does_not_lose_suggestions(
    wire: Wire, handle: FakeHandle, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    wire.host.inbox.troubles["response"] = [TROUBLES[trouble]]
    asked = await typed(wire, handle)
    assert [choice["name"] for choice in asked.choices] == ["Berlin"]
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


async def test_suggestions_that_take_long_are_none(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_SUGGESTING", 0.05)
    handle.gate = asyncio.Event()
    assert (await typed(wire, handle)).choices == []


async def test_a_core_that_breaks_suggests_nothing(
    wire: Wire, handle: FakeHandle, caplog: pytest.LogCaptureFixture
) -> None:
    words = "a secret of theirs"

    async def suggest(*_: object) -> None:
        raise ValueError(words)

    handle.suggest = suggest
    assert (await typed(wire, handle)).choices == []
    assert "error=ValueError" in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize(
    "refusal", [inbox.refused(404, 10062), inbox.refused(400, 40060), inbox.refused(400, 50035)]
)
async def test_suggestions_nobody_takes_are_dropped_quietly(
    wire: Wire, handle: FakeHandle, caplog: pytest.LogCaptureFixture, refusal: inbox.Trouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("adapters.discord.answers._SUGGESTED", 60.0)  # however slow the machine is
    wire.host.inbox.troubles["response"] = [refusal] * 9
    asked = await wire.host.inbox.typing("setup", "zone", "ber")
    await until(lambda: asked.steps and not suggesting())
    assert asked.steps == ["response"]
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def suggesting() -> bool:
    return any("CommandTree" in task.get_name() for task in asyncio.all_tasks())


async def test_words_for_an_unknown_command_or_option_are_answered(
    wire: Wire, handle: FakeHandle
) -> None:
    for command, option in (("papers", "zone"), ("setup", "planet"), ("search", "query")):
        asked = await wire.host.inbox.typing(command, option, "x")
        await until(lambda asked=asked: asked.choices == [])


async def test_a_crowd_that_types_holds_up_no_answer(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = asyncio.Event()

    async def suggest(*_: object) -> None:
        await never.wait()

    handle.suggest = suggest
    typing = [await wire.host.inbox.typing("setup", "zone", "ber") for _ in range(100)]
    asked, pressed = await goes(wire, handle, WAYS["quick"], monkeypatch)
    one_answer(WAYS["quick"], asked, pressed)
    assert not any(one.choices for one in typing)
