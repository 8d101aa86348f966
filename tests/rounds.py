"""The dispatcher's rounds one by one, for tests that move its clock by hand."""

import asyncio

from bot.delivery import Dispatcher
from bot.store import outbox


async def send_due(dispatcher: Dispatcher, platform: str) -> int:
    """Send one handful of what is due, to its end. Returns how many were tried."""
    lane = dispatcher._lanes[platform]
    while pause := lane.gate.wait(dispatcher._seconds()):
        if not await outbox.due(dispatcher._store, platform, dispatcher._clock(), 1):
            return 0
        await asyncio.sleep(pause)
    begun = await dispatcher._round(lane)
    await asyncio.gather(*begun)
    await dispatcher._commit(lane, [])
    return len(begun)
