"""Somebody asks, and the requests that carry the answer are followed to their end."""

import asyncio
from dataclasses import dataclass

import pytest

from adapters.discord import answers
from bot.dialogue import Action, Message
from tests.discord.handle import FakeHandle
from tests.discord.inbox import Asked, Shown
from tests.discord.wire import Wire, until

ANSWER = Message(text="An answer", actions=((Action("More", data="more-2-t7"),),))
ALONE = Message(text="An answer", private=True)


@dataclass(frozen=True)
class Way:
    """One way an answer takes. `public`: everybody sees it."""

    command: str = ""  # else a press
    message: Message | None = ANSWER
    slow: bool = False
    public: bool = False
    own: bool = False  # a press on the presser's own answer
    direct: bool = False
    steps: tuple[str, ...] = ("response",)


WAYS = {
    "quick": Way("today", public=True),
    "quick in a private chat": Way("today", public=True, direct=True),
    "quick, for one": Way("subscribe"),
    "quick, and an error": Way("today", ALONE),
    "slow": Way("today", slow=True, public=True, steps=("response", "edit", "followup", "delete")),
    "slow in a private chat": Way("subscribe", slow=True, direct=True, steps=("response", "edit")),
    "slow, for one": Way("subscribe", slow=True, steps=("response", "edit")),
    "slow, and an error": Way("today", ALONE, slow=True, steps=("response", "edit")),
    "pressed": Way(),
    "pressed, slow": Way(slow=True, steps=("response", "edit")),
    "turned": Way(own=True),
    "turned, slow": Way(own=True, slow=True, steps=("response", "edit")),
}


async def goes(
    wire: Wire, handle: FakeHandle, way: Way, monkeypatch: pytest.MonkeyPatch
) -> tuple[Asked, Shown]:
    """Until it is over. A slow core answers after Discord was told to wait."""
    handle.answers = [way.message]
    if way.slow:
        monkeypatch.setattr(answers, "_QUICK", 0.0)
        handle.gate = asyncio.Event()
    pressed = Shown(50, way.own, {"content": "Page 1"})
    if way.command:
        asked = await wire.host.inbox.command(way.command, direct=way.direct)
    else:
        asked = await wire.host.inbox.press("dp:more-2-t7", pressed)
    if way.slow:
        await until(lambda: "response" in asked.steps)
        handle.gate.set()
    await over(asked)
    return asked, pressed


async def over(*asked: Asked) -> None:
    """Nothing more is asked of Discord about them."""
    await until(lambda: all(one.steps for one in asked) and not _under_way())


def _under_way() -> bool:
    return any("_serve" in _coroutines(task) for task in asyncio.all_tasks())


def _coroutines(task: asyncio.Task) -> list[str]:
    """The names of those a task is in."""
    names, coroutine = [], task.get_coro()
    while coroutine is not None:
        names.append(getattr(coroutine, "__name__", ""))
        coroutine = getattr(coroutine, "cr_await", None)
    return names


def one_answer(way: Way, asked: Asked, pressed: Shown, text: str = "An answer") -> None:
    """The asker sees it once, and others never see anything that is not for them."""
    if way.own:
        assert (pressed.text, asked.messages) == (text, [])
    else:
        (shown,) = asked.seen
        assert (shown.text, shown.alone, shown.thinking) == (text, not way.public, False)
        assert pressed.text == "Page 1"
    assert bool(asked.public) == way.public
