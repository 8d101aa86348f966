"""A store put back from a backup does not know what was posted since: none of it comes again."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from bot import schedule
from bot.collect import Collector
from bot.model import Subscription
from bot.plan import REACH, run_of
from bot.store import Store, backup, papers, people

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
        arrival = backup.EVERY_ARRIVAL if failing else await papers.arrival(tx)
        # Also of what is paused: it may have been resumed after the backup.
        over = [_over(one, now) for one in await people.passed(tx, now)]
        await backup.skip(tx, over, arrival, now, REASON)
    log.warning(
        "restored from a backup cancelled=%d unknown=%d places=%d", cancelled, unknown, len(over)
    )


def _over(one: Subscription, now: datetime) -> backup.Skipped:
    """Pure. The runs that are not in the future, as far back as a post reaches."""
    runs = []
    while one.run_at <= now:
        runs.append(run_of(one))
        after = max(one.run_at, now - REACH)
        one = replace(one, run_at=schedule.next_run(after, one.time, one.zone))
    dates = [run.local_date for run in runs]
    return backup.Skipped(one.id, dates, runs[0].day, runs[-1].day, one.run_at)
