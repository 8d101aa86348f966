"""A post because a person wants it: a list at once, or once more what did not arrive."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot import decide, digest
from bot.collect import Collector
from bot.errors import SourceError
from bot.model import Delivery, ListStatus, Subscription
from bot.plan import loaded, past_of
from bot.schedule import LATEST
from bot.states import LOST, DeliveryState, SubscriptionState
from bot.store import Reader, Store, Transaction, history, lists, outbox, subscriptions, votes
from bot.store.history import Record

log = logging.getLogger(__name__)


class Nothing(StrEnum):
    """Why nothing of a post goes out again."""

    OFF = "nothing is posted there now"
    CAME = "its papers came since, or are on their way"
    UNREAD = "no papers of its list are known"
    UNMATCHED = "nothing on its list matches"
    BROKEN = "what it was cannot be read"
    KEPT = "it is not lost"


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
    papers that are. local_date: of the run it stands for."""
    became = await _again(tx, one, day, status, now, local_date)
    return became if isinstance(became, int) else 0


async def _again(
    tx: Transaction, one: Subscription, day: date, status: ListStatus, now: datetime,
    local_date: date | None,
) -> int | Nothing:  # fmt: skip
    """A list that came, and is older than the next post looks back to, is not posted again for
    what was added to it."""
    past = (await past_of(tx, [one], day))[one.id]
    if past.first_day <= day < past.since and past.came(day):
        return Nothing.CAME
    on_list = [paper for _, paper in await lists.listed(tx, day, day)]
    papers = await votes.with_gains(tx, on_list, now)
    new = [(day, paper) for paper in papers if paper.id not in past.had]
    draft = replace(decide.draft_of(one, day, status, now), days=(day,), since=past.since)
    frozen = digest.compose(draft, new, await subscriptions.topics(tx, one.id))
    if not papers:
        return Nothing.UNREAD
    if not frozen.items:
        return Nothing.UNMATCHED if new and not past.came(day) else Nothing.CAME
    await subscriptions.reach_back(tx, one.id, day)
    added = await outbox.add(
        tx, one.destination, one.what, local_date or day, now=now, deadline=now + LATEST,
        list_day=day, subscription=one.id, payload=frozen.dumps(),
    )  # fmt: skip
    return len(frozen.items) if added else Nothing.CAME


async def resend(
    tx: Transaction, delivery: Delivery, collector: Collector, now: datetime
) -> int | Nothing:
    """Send a post again that died, as far as its papers did not come since, or that may not have
    arrived, as it was. Returns how many papers it has."""
    if delivery.state is DeliveryState.UNKNOWN:
        return await _as_it_was(tx, delivery, now)
    if delivery.state not in LOST or not delivery.list_day:
        return Nothing.KEPT
    one = delivery.subscription and await subscriptions.by_id(tx, delivery.subscription)
    if not one or one.state is not SubscriptionState.ON:
        return Nothing.OFF
    status = await collector.status(delivery.list_day)
    return await _again(tx, one, delivery.list_day, status, now, delivery.local_date)


async def _as_it_was(tx: Transaction, delivery: Delivery, now: datetime) -> int | Nothing:
    try:
        count = len(loaded(delivery.payload).items)
    except ValueError:  # nothing can be sent of it
        return Nothing.BROKEN
    return count if await outbox.requeue(tx, delivery, now, now + LATEST) else Nothing.KEPT


@dataclass(frozen=True, slots=True)
class Resent:
    """One post of an outage, and how many papers went out again, or why none did."""

    record: Record
    papers: int
    nothing: Nothing | None = None


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

    dry_run: no post is changed; it is only told what would be. A list that was never read is read.
    """
    asked = set[date]()
    for one in await history.failed_between(store, since, until):
        unknown = one.delivery.state is DeliveryState.UNKNOWN
        if sure and unknown:
            continue
        day = one.delivery.list_day
        if day and not unknown and day not in asked:
            asked.add(day)
            await _read(collector, day, now)
        became = await _try(store, collector, one.delivery, now, dry_run=dry_run)
        yield Resent(one, 0, became) if isinstance(became, Nothing) else Resent(one, became)


async def _read(collector: Collector, day: date, now: datetime) -> None:
    """A list that was never read: the program was off for longer than lists are watched."""
    if (await collector.status(day)).fetched_at is None:
        try:
            await collector.fetch(day, now)
        except SourceError as error:
            log.warning("list cannot be read day=%s reason=%s", day, error)


async def _try(
    store: Store, collector: Collector, one: Delivery, now: datetime, *, dry_run: bool
) -> int | Nothing:
    try:
        async with store.transaction() as tx:
            wanted = await _is_wanted(tx, one)
            became = await resend(tx, one, collector, now) if wanted else Nothing.OFF
            if dry_run:
                raise _Undone
    except _Undone:
        pass
    return became


class _Undone(Exception):
    """Takes back what was only tried."""
