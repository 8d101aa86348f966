"""The clock went back: what was decided by a time that is yet to come is decided anew."""

from __future__ import annotations

from datetime import datetime

from bot.decide import LONGEST_LOOK, next_run
from bot.errors import UserError
from bot.model import Subscription
from bot.schedule import DAY, LATEST
from bot.store import Store, lists, periods, subscriptions, upkeep


async def rewind(store: Store, now: datetime, *, jumped: bool = True) -> int:
    """What was decided by a clock that was ahead is decided anew. Returns how many runs changed.

    jumped: it was seen going back; False: at a start, where nobody knows.

    A run beyond the next possible one would never come. The newest run of the last six hours is
    due once more: a list that was posted is not posted again.
    """
    ahead = [one for one in await subscriptions.ahead(store, now + DAY) if _beyond(one, now)]
    async with store.transaction() as tx:
        await lists.forget_future(tx, now)
        await periods.forget_future(tx, now)
        await upkeep.rewind(tx, now)
        if jumped:
            await upkeep.doubt_keys(tx, now)
        for one in ahead:
            await subscriptions.advance(tx, one.id, next_run(one, now - LATEST))
        await subscriptions.look_when_due(tx, now, now + LONGEST_LOOK)
    return len(ahead)


def _beyond(one: Subscription, now: datetime) -> bool:
    try:
        return one.run_at > next_run(one, now)
    except UserError:
        return False
