"""A store put back from a backup does not know what was posted since: none of it comes again."""

from __future__ import annotations

import logging
from datetime import date, datetime

from bot.collect import Collector
from bot.decide import next_run, over
from bot.digest import Digest, Item
from bot.errors import UserError
from bot.model import Subscription
from bot.progress import REACH
from bot.states import DeliveryState, What
from bot.store import Store, Transaction, backup, lists, outbox, subscriptions

log = logging.getLogger(__name__)

REASON = "restored from a backup"


async def settle(store: Store, collector: Collector, now: datetime) -> bool:
    """Whether posts may be planned. True at once for a store that is no backup.

    What waits is retired before anything is sent. Then the feed is asked: what its lists have by
    now counts as posted by the runs whose time was over. Until it answers, nothing is planned.
    """
    if await backup.is_copy(store):
        async with store.transaction() as tx:
            retired, unknown = await backup.retire(tx, now, REASON)
        log.warning("restored from a backup retired=%d unknown=%d", retired, unknown)
    restored_at = await backup.restored_at(store)
    if restored_at is None:
        return True
    await collector.refresh(now)
    if (await collector.status(now.date())).failing_since:
        return False
    async with store.transaction() as tx:
        # Also of what is paused: it may have been resumed after the backup.
        passed = await subscriptions.passed(tx, restored_at)
        for one in passed:
            await _retire(tx, one, restored_at)
        await backup.settled(tx)
    log.warning("runs since the backup count as posted places=%d", len(passed))
    return True


async def _retire(tx: Transaction, one: Subscription, until: datetime) -> None:
    try:
        runs = over(one, until)
    except UserError as error:  # planning sets it aside
        log.error("run not retired subscription=%d reason=%s", one.id, error)
        return
    last = runs[-1]
    await outbox.add(
        tx, one.destination, one.what, last.local_date, now=until, deadline=until,
        list_day=last.day, subscription=one.id, state=DeliveryState.RETIRED, reason=REASON,
        payload=(await _everything(tx, one.what, last.day, until)).dumps(),
    )  # fmt: skip
    await subscriptions.skip_to(tx, one.id, next_run(one, last.subscription.run_at))


async def _everything(tx: Transaction, what: What, day: date, now: datetime) -> Digest:
    """All that a post of that day's list could have."""
    found = await lists.listed(tx, day - REACH, day)
    items = tuple(Item(p.id, p.votes, "" if listed == day else str(listed)) for listed, p in found)
    days = tuple(sorted({day, *(listed for listed, _ in found)}))
    return Digest(what, day, True, now, "UTC", 1, items, (), days)
