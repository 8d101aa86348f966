"""A store put back from a backup does not know what was posted since: none of it comes again."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from bot import schedule
from bot.collect import Collector
from bot.model import Subscription
from bot.plan import REACH, run_of
from bot.store import Store, Transaction, backup, outbox, papers, people

log = logging.getLogger(__name__)

REASON = "restored from a backup"


async def settle(store: Store, collector: Collector, now: datetime) -> None:
    """At the start, before anything is sent. Does nothing to a store that is no backup.

    Runs whose time is over are skipped, and what is listed by now counts as posted by them. So the
    feed is asked first; when it does not answer, what it lists until the next post counts, too.
    """
    if not await backup.is_copy(store):
        return
    await collector.refresh(now)
    failing = (await collector.status(now.date())).failing_since
    async with store.transaction() as tx:
        cancelled, unknown = await backup.retire(tx, now, REASON)
        arrival = people.EVERY_ARRIVAL if failing else await papers.arrival(tx)
        passed = await people.passed(tx, now)
        skipped = sum([await _skip(tx, one, arrival, now) for one in passed])
    log.warning(
        "restored from a backup cancelled=%d unknown=%d skipped=%d", cancelled, unknown, skipped
    )


async def _skip(tx: Transaction, one: Subscription, arrival: int, now: datetime) -> int:
    """Also what is paused: it may have been resumed after the backup. Returns how many runs."""
    skipped, run = 0, run_of(one)
    while run.subscription.run_at <= now:
        if one.state == "on":
            where = one.destination
            skipped += await outbox.add(
                tx, where, one.kind, run.local_date, now=now, subscription=one.id,
                state="skipped", reason=REASON,
            )  # fmt: skip
        day = max(run.day, one.last_day or run.day)
        after = max(run.subscription.run_at, now - REACH)
        run = run_of(replace(one, run_at=schedule.next_run(after, one.time, one.zone)))
        await people.ran(tx, one.id, run.subscription.run_at, (day, arrival))
    return skipped
