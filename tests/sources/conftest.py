from collections.abc import AsyncIterator

import pytest

from tests.sources.feed import Clock, Feed, serving


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    async with serving() as feed:
        yield feed


@pytest.fixture
def clock() -> Clock:
    return Clock()
