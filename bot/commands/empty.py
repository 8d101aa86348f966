"""What is said in place of papers while none is stored: why, and what to do."""

from __future__ import annotations

from bot.commands.context import Context
from bot.store import checkup

FILL = "Whoever runs me can fetch all lists there are with `daily-papers backfill`."


async def nothing_stored(ctx: Context) -> str:
    """Empty where something is stored."""
    if await checkup.newest_titles(ctx.store, 1):
        return ""
    status = await ctx.collector.status(ctx.clock().date())
    why = f": the feed has given no right answer ({status.fault})" if status.failing_since else ""
    return f"No papers are stored yet{why}. The first list comes when the feed answers. {FILL}"
