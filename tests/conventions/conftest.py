"""A bot on a Thursday of July, when New York and Berlin have summer time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.asking import Asking, asking


@pytest.fixture
async def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asking]:
    async with asking(tmp_path, monkeypatch, "2026-07-23 10:00") as made:
        yield made
