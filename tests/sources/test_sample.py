"""The bundled sample, on a machine whose clock may be wrong."""

from datetime import UTC, datetime

import pytest

from bot import app
from bot.commands.answer import answer
from bot.dialogue import Request
from bot.usage import bare, in_message


@pytest.mark.parametrize("now", ["2001-01-01", "2025-10-09", "2025-10-10", "2027-01-01"])
async def test_a_sample_does_not_contradict_itself(now: str) -> None:
    async with app.sampled(lambda: datetime.fromisoformat(now).replace(tzinfo=UTC)) as core:
        for command in ("today", "week", "trending", "preview", "date"):
            text = "2025-10-10" if command == "date" else ""
            request = Request("console", "here", "here", command, text, one_to_one=True)
            message = in_message(await answer(core.ctx, core.commands, request), bare)
            said = f"{message.title} {message.text}"
            for wrong in ("not fetched", "not begun", "No papers are stored", "still empty"):
                assert wrong not in said, said
