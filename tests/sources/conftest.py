from collections.abc import AsyncIterator

import pytest

from bot.sources.arxiv import SPACING
from bot.sources.web import Pace
from tests.sources.archive import Archive
from tests.sources.feed import Clock, Feed, serving


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    async with serving(Feed()) as feed:
        yield feed


@pytest.fixture
async def archive() -> AsyncIterator[Archive]:
    async with serving(Archive()) as archive:
        yield archive


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    """arXiv's, on a clock that nobody waits for."""
    return Pace(SPACING, clock=clock, sleep=clock.sleep)
