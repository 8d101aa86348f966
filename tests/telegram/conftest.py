"""The double with two people and a group, and the adapter connected to it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.ports import Adapter
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


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Any]:
    return LOOPS
