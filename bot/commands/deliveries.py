"""What became of a place's posts, and sending again by hand what is or may be lost."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from bot import dates, plan, repost
from bot.commands import command
from bot.commands.context import Context
from bot.errors import UserError
from bot.model import Action, Delivery, Destination, Message, Request
from bot.schedule import local_time
from bot.states import LOST, UNDER_WAY, DeliveryState, Kind, SubscriptionState
from bot.store import history, subscriptions
from bot.text import cut, one_line, plural

SHOWN = 10
BUTTONS = 5
DOUBTFUL = "What may not have arrived is never sent again by itself."
_REASON = 100  # characters: ten lines with one each fit a message, whatever must be escaped


def _where(request: Request) -> Destination:
    return Destination(request.platform, request.address)


# Not `private`: Telegram would answer in the private chat, whose buttons are about that chat.
@command(admin=True)
async def deliveries(ctx: Context, request: Request) -> Message:
    """What became of the last posts here"""
    found = await history.recent(ctx.store, _where(request), SHOWN)
    if not found:
        return Message(text=f"No post for {request.place} was due yet.")
    lost = [one.delivery for one in found if await _may_come(ctx, one.delivery)][:BUTTONS]
    return Message(
        title=f"The last posts for {request.place}",
        text="\n".join(f"{_name(one.delivery)}: {_became(one)}" for one in found),
        note=DOUBTFUL if any(one.state is DeliveryState.UNKNOWN for one in lost) else "",
        actions=tuple(
            (Action(f"Post {_name(one)} again", command="resend", text=str(one.id)),)
            for one in lost
        ),
    )


async def _may_come(ctx: Context, one: Delivery) -> bool:
    """Whether it is in doubt, or did not come and its list did not come since."""
    if one.kind is Kind.NOTICE or one.list_day is None:
        return False
    if one.state is DeliveryState.UNKNOWN:
        return True
    asked = one.subscription and await subscriptions.by_id(ctx.store, one.subscription)
    if not asked or asked.state is not SubscriptionState.ON or one.state not in LOST:
        return False
    past = (await plan.past_of(ctx.store, [asked]))[asked.id]
    return one.list_day not in past.settled


@command(admin=True, hidden=True)
async def resend(ctx: Context, request: Request) -> Message:
    """Send a post again that did not arrive, or may not have"""
    number = int(request.text) if request.text.isdecimal() and len(request.text) < 18 else 0
    was = await history.record(ctx.store, _where(request), number)
    if was is None or was.delivery.kind is Kind.NOTICE:
        raise UserError(f"I know no such post for {request.place}.")
    if was.delivery.state in UNDER_WAY:
        raise UserError("That post is on its way already.")
    async with ctx.store.transaction() as tx:
        count = await repost.resend(tx, was.delivery, ctx.collector, ctx.clock())
    if count is None:
        raise UserError(f"There is nothing of that post to send again: {await _why(ctx, was)}.")
    shown = await deliveries(ctx, request)
    text = f"The post of {_name(was.delivery)} goes out again now.\n\n{shown.text}"
    return replace(shown, text=text)


async def _why(ctx: Context, was: history.Record) -> str:
    one = was.delivery
    if one.state not in LOST:
        return _became(was)
    asked = one.subscription and await subscriptions.by_id(ctx.store, one.subscription)
    if not asked or asked.state is not SubscriptionState.ON:
        return "nothing is posted here now"
    return "its papers came since, or are on their way"


def _name(one: Delivery) -> str:
    kind = {Kind.TOPICS: " (topics)", Kind.NOTICE: " (a notice)"}.get(one.kind, "")
    return f"{dates.long_date(one.list_day or one.local_date, year=False)}{kind}"


def _became(one: history.Record) -> str:
    row = one.delivery
    became = _state(one)
    if row.state in (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT):
        return became
    reason = cut(one_line(row.reason), _REASON).rstrip(".")
    return f"{became}: {reason}" if reason else became


def _state(one: history.Record) -> str:
    match one.delivery.state:
        case DeliveryState.PENDING | DeliveryState.SENDING:
            return "on its way"
        case DeliveryState.SENT:
            return f"posted {_at(one)}"
        case DeliveryState.RETRY:
            attempts = plural(one.delivery.attempts, "attempt")
            return f"waiting for the next try {_at(one)}, after {attempts}"
        case DeliveryState.SKIPPED:
            return "left out"
        case DeliveryState.MISSED:
            return "did not come"
        case DeliveryState.PAUSED:
            return "left out while paused"
        case DeliveryState.RETIRED:
            return "taken for posted"
        case DeliveryState.UNKNOWN:
            return "may not have arrived"
        case DeliveryState.DEAD:
            return "could not be posted"
        case DeliveryState.CANCELLED:
            return "cancelled"
        case state:
            assert_never(state)


def _at(one: history.Record) -> str:
    if local_time(one.when, one.zone)[0].date() == one.delivery.local_date:
        return f"at {dates.clock(one.when, one.zone)}"
    return f"on {dates.moment(one.when, one.zone)}"
