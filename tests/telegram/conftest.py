"""The double with two people and a group, and the adapter connected to it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.commands.answer import answer
from bot.ports import Adapter
from tests.asking import Asking, asking
from tests.telegram.clock import LOOPS
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, GROUP, FakeHandle, running


@pytest.fixture
async def tg() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble() as double:
        double.add_person(ADA, "Ada")
        double.add_person(BOB, "Bob")
        double.add_chat(GROUP, "Reading group")
        yield double


@pytest.fixture
def handle() -> FakeHandle:
    return FakeHandle()


@pytest.fixture
async def adapter(tg: TelegramDouble, handle: FakeHandle) -> AsyncIterator[Adapter]:
    async with running(tg, handle) as one:
        yield one


@pytest.fixture
async def bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handle: FakeHandle
) -> AsyncIterator[Asking]:
    """The whole core answers, instead of the handle's echo."""
    async with asking(tmp_path, monkeypatch, "2026-07-23 10:00") as made:
        handle.commands = tuple(c for c in made.core.commands.values() if not c.hidden)
        handle.reply = partial(answer, made.core.ctx, made.core.commands)
        yield made


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Any]:
    # The journeys have a store, whose thread a clock that jumps does not wait for.
    if item.path.name == "test_set_up.py":
        return {"real": asyncio.SelectorEventLoop}
    return LOOPS
