"""What every test may ask for."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.store import Store, opened

# The suite tries the same examples each time: it fails for a change, never by luck.
# `HYPOTHESIS=search make test` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None)  # no time decides a test
settings.register_profile("search", derandomize=False, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS", "suite"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path / "papers.db") as made:
        yield made
