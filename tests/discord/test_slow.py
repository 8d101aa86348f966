"""Answers in a simulated Discord: those that take long, and requests that fail once."""

import asyncio

import discord
import pytest

from adapters.discord import answers
from bot.dialogue import Message, Request
from tests.discord.look import words
from tests.discord.world import MORE, World, sentence

PRIVATE = Message(text="No such day.", private=True)


@pytest.fixture
def slow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core takes longer than an answer may that is shown at once."""
    quick = world.handle.answer

    async def answer(request: Request) -> Message | None:
        await asyncio.sleep(0.05)
        return await quick(request)

    monkeypatch.setattr(answers, "_QUICK", 0.0)
    world.handle.answer = answer


def public(world: World) -> list[str]:
    """What everybody reads in the channel."""
    return [words(m) for m in world.papers.history() if not m.flags.ephemeral]


async def test_a_slow_answer_is_public_once_it_is_there(world: World, slow: None) -> None:
    answer = await world.reader.slash(world.papers, "today")
    assert answer.response is None  # what the asker saw meanwhile
    (shown,) = answer.followups
    assert (sentence(shown), shown.ephemeral) == ("An answer", False)
    assert public(world) == ["An answer"]


@pytest.mark.parametrize("command", ["today", "subscribe"])
async def test_nobody_else_ever_sees_that_a_slow_private_answer_was_coming(
    world: World, slow: None, command: str
) -> None:
    world.handle.answers = [PRIVATE]
    answer = await world.reader.slash(world.papers, command)
    assert answer.ephemeral and sentence(answer.response) == "No such day."
    assert answer.followups == []
    (callback,) = world.requests("/callback")
    assert callback["data"] == {"flags": 64}
    assert public(world) == []


async def test_a_slow_press_on_ones_own_answer_changes_it(world: World, slow: None) -> None:
    world.handle.answers = [Message(text="Page 1", actions=(MORE,)), Message(text="Page 2")]
    answer = await world.reader.slash(world.papers, "subscribe")
    await world.reader.click(answer.response, label="More")
    assert sentence(answer.response) == "Page 2"
    assert not discord.ui.LayoutView.from_message(answer.response).is_dispatchable(), "no button"


@pytest.mark.parametrize(
    "fault", [(500, 0), (502, 0), (503, 0), (429, 0), (403, 40333), (403, 0), (404, 0)]
)
@pytest.mark.parametrize("path", ["/interactions/*", "/webhooks/*"])
async def test_a_request_that_fails_once_is_made_again(
    world: World, slow: None, path: str, fault: tuple[int, int]
) -> None:
    status, code = fault
    method = "POST" if "interactions" in path else "PATCH"
    world.env.inject_error(method, path, status=status, code=code)
    answer = await world.reader.slash(world.papers, "subscribe")
    assert sentence(answer.response) == "An answer"


async def test_a_malformed_answer_goes_out_in_its_plainest_form(world: World, slow: None) -> None:
    world.env.inject_error("PATCH", "/webhooks/*", status=400, code=50035)
    answer = await world.reader.slash(world.papers, "subscribe")
    assert words(answer.response) == "An answer"


async def test_a_malformed_public_answer_goes_out_in_its_plainest_form(world: World) -> None:
    world.env.inject_error("POST", "/interactions/*", status=400, code=50035)
    answer = await world.reader.slash(world.papers, "today")
    assert (answer.response.content, answer.ephemeral) == ("An answer", False)
