"""A subscription is set up, changed and resumed; its place is lost and comes back.

Whatever that leaves out is a row: so the next post can say which lists did not come, and why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot import dates, decide, notice
from bot.decide import FIRST_LOOK
from bot.errors import UserError
from bot.model import Delivery, Destination, Place, Schedule, Subscription
from bot.plan import past_of
from bot.reasons import for_readers
from bot.repost import open_list
from bot.states import SubscriptionState, What
from bot.store import Transaction, notices, outbox, people, subscriptions

log = logging.getLogger(__name__)

PlaceOf = Callable[[str], Place]  # what a platform knows of an address without asking
NOTICES_APART = timedelta(hours=1)  # whoever removes and invites the bot again and again
GATHERED = timedelta(minutes=1)  # after a notice, others of its cause become one
NOTICE_LASTS = timedelta(days=2)  # a notice older than that is not sent any more


async def set_up(
    tx: Transaction,
    where: Destination,
    wanted: Schedule,
    owner: str | None,
    now: datetime,
    *,
    name: str = "",
    what: What | None = None,
    query: str | None = None,
) -> Subscription:  # fmt: skip
    """Make or change the one of that name, and switch it on. The lists that a change passes over
    are recorded. what, query: as `subscriptions.save` has them. Raises UserError."""
    if what in (What.WEEK, What.MONTH):
        raise UserError("Lists of a week or a month are not posted yet.")
    current = await subscriptions.get(tx, where, name)
    if current and not _goes_on(current, wanted):
        await _record_passed_over(tx, current, wanted.first_day, now)
    number = await subscriptions.save(tx, where, wanted, owner, name=name, what=what, query=query)
    one = await subscriptions.by_id(tx, number)
    if one is None:
        raise UserError("Those settings cannot be kept.")
    return one


async def resume(tx: Transaction, one: Subscription, now: datetime) -> Subscription:
    """Switch it on; a run that waits for its list, of one that is on, is kept."""
    if one.state is SubscriptionState.ON:
        return one
    run_at = decide.next_run(one, now)
    coming = decide.run_of(replace(one, run_at=run_at))
    await _record_passed_over(tx, one, coming.day, now)
    await subscriptions.switch(tx, one.id, SubscriptionState.ON, run_at)
    return replace(one, state=SubscriptionState.ON, reason="", run_at=run_at)


def _goes_on(current: Subscription, wanted: Schedule) -> bool:
    """Its runs stay as they are, and one that waits for its list is kept."""
    same = (current.time, current.zone) == (wanted.time, wanted.zone)
    return same and current.state is SubscriptionState.ON


async def _record_passed_over(
    tx: Transaction, one: Subscription, first_day: date, now: datetime
) -> None:
    """The lists that have no run of their own any more. A list that the first run to come posts
    is none of them."""
    try:
        runs = decide.passed_over(one, first_day, now)
    except UserError:  # its zone is unknown, which a change mends
        return
    for run in runs:
        row = decide.left_out(run, now)
        await outbox.add(
            tx, one.destination, one.what, run.local_date, now=now, deadline=now,
            list_day=run.day, subscription=one.id, state=row.state, reason=row.reason,
        )  # fmt: skip


# lost and found ---------------------------------------------------------------------------------


async def lose(
    tx: Transaction, those: Sequence[Subscription], reason: str, remedy: str, now: datetime,
    known: PlaceOf,
) -> None:  # fmt: skip
    """Nothing goes there any more; who set it up is told why, once."""
    on = [one for one in those if one.state is SubscriptionState.ON]
    await subscriptions.switch_off(tx, on, reason, now + FIRST_LOOK)
    for one in on:
        log.warning("switched off subscription=%d reason=%s", one.id, reason)
        if one.owner != one.destination.address:  # a private chat that is closed is not told
            place = await _place(tx, one.destination, known)
            await _tell(
                tx, one, notice.stopped(place, one.destination.address, reason, remedy), now
            )


async def _place(tx: Transaction, where: Destination, known: PlaceOf) -> Place:
    """As the platform calls it now; else as it was called when it was set up."""
    place = known(where.address)
    return place if place.title else await people.place(tx, where)


async def regain(tx: Transaction, one: Subscription, now: datetime, known: PlaceOf) -> None:
    """Posts go there again. What did not come is brought by the next; today's list at a tap."""
    if one.state is not SubscriptionState.OFF:
        return
    one = await resume(tx, one, now)
    log.info("switched on again subscription=%d", one.id)
    if one.owner == one.destination.address:
        return
    day = None if one.name else await open_list(tx, one, now)  # the button is the first one's
    label = post_label(day, now) if day else ""
    place = await _place(tx, one.destination, known)
    told = notice.back(place, one.destination.address, one.run_at, one.zone, label)
    await _tell(tx, one, told, now)


async def tell_died(
    tx: Transaction, delivery: Delivery, reason: str, now: datetime, known: PlaceOf
) -> None:
    """Who set a place up hears of a post that died; a notice that died is told to nobody."""
    one = delivery.subscription and await subscriptions.by_id(tx, delivery.subscription)
    if not one or one.state is not SubscriptionState.ON or not delivery.list_day:
        return
    place = await _place(tx, one.destination, known)
    if one.owner == one.destination.address:
        place = Place("this chat")
    address = one.destination.address
    comes = await _comes(tx, one, delivery.list_day, now)
    why = for_readers(reason)
    told = notice.died(place, address, delivery.id, delivery.list_day, why, comes=comes)
    await _tell(tx, one, told, now)


async def _comes(tx: Transaction, one: Subscription, day: date, now: datetime) -> bool:
    """Whether the next post brings that list, which was lost."""
    past = (await past_of(tx, [one]))[one.id]
    try:
        return past.comes(day, decide.coming(one, past, now).day)
    except UserError:  # its zone is unknown: no post is due
        return False


async def _tell(tx: Transaction, one: Subscription, told: notice.Notice, now: datetime) -> None:
    if one.owner is None:
        return
    owner = Destination(one.destination.platform, one.owner)
    if one.owner == one.destination.address:
        told = replace(told, about="")
    at = await _when(tx, owner, told, now) if told.state else now
    if at == now and told.many:
        at = await _gathered(tx, owner, told, now)
    if at:
        await outbox.add(tx, owner, What.NOTICE, now.date(), now=at, deadline=at + NOTICE_LASTS,
                         payload=told.dumps())  # fmt: skip


async def _gathered(
    tx: Transaction, owner: Destination, told: notice.Notice, now: datetime
) -> datetime | None:
    """When to tell it: the first of a cause at once, what follows together. None: with another."""
    until = now + GATHERED
    joined, last = await notices.join_waiting(tx, owner, told.dumps(), told.many, until)
    if joined:
        return None
    return max(now, min(last, now) + GATHERED) if last else now


async def _when(
    tx: Transaction, owner: Destination, told: notice.Notice, now: datetime
) -> datetime | None:
    """Each state of a place is told at most once an hour, and the last of them in the end. None:
    the owner knows it already."""
    known = await notices.withdraw_waiting(tx, owner, told.place, now)
    if known and known[-1].text == told.text:
        return None
    before = [one.at for one in known if one.state == told.state]
    return max(now, min(before[-1], now) + NOTICES_APART) if before else now


def post_label(day: date, now: datetime) -> str:
    """`Post today's list now`."""
    if day == now.date():
        return "Post today's list now"
    return f"Post the list of {dates.long_date(day, year=False)} now"
