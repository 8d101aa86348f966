"""The double with two people and a group, and the adapter connected to it."""

from collections.abc import AsyncIterator

import pytest

from bot.ports import Adapter
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
