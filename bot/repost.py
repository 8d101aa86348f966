"""A post because a person wants it: a list at once, or once more what did not arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime

from bot import decide, digest
from bot.collect import Collector
from bot.digest import Digest
from bot.model import Delivery, ListStatus, Subscription
from bot.plan import loaded, past_of
from bot.schedule import LATEST
from bot.states import LOST, DeliveryState, SubscriptionState
from bot.store import Reader, Store, Transaction, history, lists, outbox, subscriptions, votes
from bot.store.history import Record


async def open_list(reader: Reader, one: Subscription, now: datetime) -> date | None:
    """The list that the newest run that is over should have posted, if it has papers and did not:
    what "post today's list now" would post. Raises UserError for an unknown zone."""
    day = decide.last_list_day(one, now)
    newest = await lists.newest_day(reader, day)
    past = (await past_of(reader, [one]))[one.id]
    return newest if newest and decide.may_post(newest, day, past) else None


async def post_now(
    tx: Transaction, one: Subscription, day: date, status: ListStatus, now: datetime,
    local_date: date | None = None,
) -> int:  # fmt: skip
    """Put that day's list into the outbox, as far as the place has not had it. Returns how many
    papers that are. local_date: of the run it stands for. A list that was settled before what is
    remembered of the place is not posted again."""
    past = (await past_of(tx, [one]))[one.id]
    if past.first_day <= day < past.since:
        return 0
    listed = await votes.with_gains(tx, await lists.between(tx, day, day), now)
    papers = [(day, paper) for paper in listed if paper.id not in past.had]
    draft = Digest(one.kind, day, status.whole, status.fetched_at or now, one.zone, one.papers,
                   (), (), (day,), since=past.since)  # fmt: skip
    frozen = digest.compose(draft, papers, await subscriptions.topics(tx, one.id))
    if not frozen.items:
        return 0
    await subscriptions.reach_back(tx, one.id, day)
    added = await outbox.add(
        tx, one.destination, one.kind, local_date or day, now=now, deadline=now + LATEST,
        list_day=day, subscription=one.id, payload=frozen.dumps(),
    )  # fmt: skip
    return len(frozen.items) if added else 0


async def resend(
    tx: Transaction, delivery: Delivery, collector: Collector, now: datetime
) -> int | None:
    """Send a post again that died, as far as its papers did not come since, or that may not have
    arrived, as it was. Returns how many papers it has; None: nothing is to be sent again."""
    if delivery.state is DeliveryState.UNKNOWN:
        try:
            count = len(loaded(delivery.payload).items)
        except ValueError:  # nothing can be sent of it
            return None
        return count if await outbox.requeue(tx, delivery, now, now + LATEST) else None
    one = delivery.subscription and await subscriptions.by_id(tx, delivery.subscription)
    if (
        not one
        or one.state is not SubscriptionState.ON
        or not delivery.list_day
        or delivery.state not in LOST
    ):
        return None
    status = await collector.status(delivery.list_day)
    count = await post_now(tx, one, delivery.list_day, status, now, delivery.local_date)
    return count or None


@dataclass(frozen=True, slots=True)
class Resent:
    """One post of an outage, and how many papers went out again; 0: nothing is to be sent."""

    record: Record
    papers: int


async def _is_wanted(tx: Transaction, delivery: Delivery) -> bool:
    """Whether its place still takes posts: it was neither paused, lost nor left since."""
    if delivery.subscription is None:
        return False
    one = await subscriptions.by_id(tx, delivery.subscription)
    return one is not None and one.state is SubscriptionState.ON


async def resend_failed(
    store: Store, collector: Collector, since: datetime, until: datetime, now: datetime, *,
    sure: bool = False, dry_run: bool = False,
) -> AsyncIterator[Resent]:  # fmt: skip
    """What died between two moments, and unless `sure`, what may have arrived, goes out again.

    dry_run: nothing is changed; it is only told what would be.
    """
    for one in await history.failed_between(store, since, until):
        if sure and one.delivery.state is DeliveryState.UNKNOWN:
            continue
        yield Resent(one, await _try(store, collector, one.delivery, now, dry_run=dry_run) or 0)


async def _try(
    store: Store, collector: Collector, one: Delivery, now: datetime, *, dry_run: bool
) -> int | None:
    try:
        async with store.transaction() as tx:
            wanted = await _is_wanted(tx, one)
            count = await resend(tx, one, collector, now) if wanted else None
            if dry_run:
                raise _Undone
    except _Undone:
        pass
    return count


class _Undone(Exception):
    """Takes back what was only tried."""
