"""What is said in place of papers while none is stored: why, and what to do."""

from __future__ import annotations

from bot.commands.context import Context
from bot.model import ListStatus
from bot.store import checkup

FILL = "Whoever runs me can fetch all lists there are with `daily-papers backfill`."


_GIVEN = ("answered", "refuses", "does not end", "could not be read")  # it did answer


def trouble(status: ListStatus) -> str:
    """What the feed has done since it began to fail."""
    answered = any(word in status.fault for word in _GIVEN)
    return "has answered wrongly" if answered else "has not answered"


async def nothing_stored(ctx: Context) -> str:
    """Empty where something is stored."""
    if await checkup.newest_titles(ctx.store, 1):
        return ""
    status = await ctx.collector.status(ctx.clock().date())
    why = f": the feed {trouble(status)} ({status.fault})" if status.failing_since else ""
    return f"No papers are stored yet{why}. The first list comes when the feed answers. {FILL}"
