"""What is said of the next post when the program was off longer than its stored time."""

import pytest

from tests.commands.conftest import Bot
from tests.fakes import at, papers_of

ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    ("now", "due"),
    [("2025-06-19 17:00", "Fri 20 June at 09:00 Europe/Berlin, with"),
     ("2025-06-20 17:00", "Mon 23 June at 09:00 Europe/Berlin, with"),
     ("2025-07-31 06:59", "Thu 31 July at 09:00 Europe/Berlin, with"),
     ("2025-07-31 08:00", "Thu 31 July at 09:00 Europe/Berlin, and comes now, with"),
     ("2026-01-01 13:59", "Thu 1 January at 09:00 Europe/Berlin, and comes now, with"),
     ("2026-01-01 14:01", "Fri 2 January at 09:00 Europe/Berlin, with")],
)  # fmt: skip
async def test_the_next_run_is_never_long_over(bot: Bot, now: str, due: str) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1, 2))
    await bot.ask(f"/setup 09:00 {ZONE}")
    bot.clock.now = at(now)
    for command in ("/settings", "/preview"):
        shown = await bot.ask(command)
        assert f"due {due}".partition(",")[0] in f"{shown.text} {shown.note}", command
    assert f"The next is due {due} the" in (await bot.ask("/settings")).text


async def test_what_is_paused_names_no_next_run(bot: Bot) -> None:
    await bot.ask(f"/setup 09:00 {ZONE}")
    await bot.ask("/pause")
    bot.clock.now = at("2026-01-01 12:00")
    assert "due" not in (await bot.ask("/settings")).text
