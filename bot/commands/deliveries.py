"""What became of a place's posts, and sending again by hand what is or may be lost."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import assert_never

from bot import dates, plan, repost
from bot.commands import command, scheduling
from bot.commands.context import Context
from bot.dialogue import Action, Message, Request
from bot.errors import SourceError, UserError
from bot.model import Delivery, Destination
from bot.progress import CHANGED, REACH, Past, spans
from bot.reasons import for_readers
from bot.repost import Nothing
from bot.schedule import DAY, local_time
from bot.states import LOST, UNDER_WAY, DeliveryState, SubscriptionState, What
from bot.store import history, lists, subscriptions
from bot.text import cut, one_line, plural
from bot.usage import usage

SHOWN = 10
BUTTONS = 5
DOUBTFUL = "What may not have arrived is never sent again by itself."
_NAME = 40  # characters: it stands on a button, too
_REASON = 100  # characters: ten lines with one each fit a message, whatever must be escaped


def _where(request: Request) -> Destination:
    return Destination(request.platform, request.address)


# Not `private`: Telegram would answer in the private chat, whose buttons are about that chat.
@command(admin=True)
async def deliveries(ctx: Context, request: Request) -> Message:
    """What became of the last posts here"""
    where = _where(request)
    found = await history.recent(ctx.store, where, SHOWN)
    since = min((_day(one.delivery) for one in found), default=ctx.clock().date() - REACH)
    pasts = await _pasts(ctx, where, since)
    notes = [await _replaced(ctx, where), *await _without_list(ctx, where, since, pasts)]
    notes = [note for note in notes if note]
    if not found:
        return Message(text="\n".join([f"No post for {request.place} was due yet.", *notes]))
    lost = [one.delivery for one in found if _may_come(one.delivery, pasts)][:BUTTONS]
    lines = [f"{_heading(one.delivery)}: {_became(one, pasts)}" for one in found]
    return Message(
        title=f"The last posts for {request.place}",
        text="\n".join([*lines, *notes]),
        note=DOUBTFUL if any(one.state is DeliveryState.UNKNOWN for one in lost) else "",
        actions=tuple(
            (Action(f"Post {_name(one)} again", command="resend", text=str(one.id)),)
            for one in lost
        ),
    )


async def _pasts(ctx: Context, where: Destination, since: date) -> dict[str, Past]:
    """What was posted of the lists since then, by the name of what is on at the place."""
    those = await subscriptions.at_place(ctx.store, where)
    on = [one for one in those if one.state is SubscriptionState.ON]
    pasts = await plan.past_of(ctx.store, on, since)
    return {one.name: pasts[one.id] for one in on}


async def _replaced(ctx: Context, where: Destination) -> str:
    """As `/settings` says it, of the lists whose time was changed before it came."""
    one = await subscriptions.get(ctx.store, where)
    if one is None or one.state is not SubscriptionState.ON:
        return ""
    try:
        return (await scheduling.left_over(ctx, one, [DeliveryState.REPLACED])).strip()
    except UserError:  # its zone is unknown here
        return ""


async def _without_list(
    ctx: Context, where: Destination, since: date, pasts: Mapping[str, Past]
) -> list[str]:
    """The weekdays since then whose daily run had nothing to post: a line for those without a
    list, and for those whose list was empty for as long as a post waits."""
    empty = await lists.without_papers(ctx.store, since, ctx.clock().date() + DAY)
    days = [d for d in await history.skipped(ctx.store, where, since) if d.weekday() < 5]
    past = pasts.get("")
    open_days = [day for day in days if past and not past.is_settled(day)]
    none = spans([day for day in days if day in empty])
    late = spans([day for day in open_days if day not in empty])
    return [
        f"No list on {none}." if none else "",
        f"Nothing was listed on {late} by then: the next post brings what came later."
        if late
        else "",
    ]


def _may_come(one: Delivery, pasts: Mapping[str, Past]) -> bool:
    """Whether it is in doubt, or did not come and its list did not come since."""
    if one.what is What.NOTICE or one.list_day is None:
        return False
    if one.state is DeliveryState.UNKNOWN:
        return True
    kept = one.subscription is not None and one.name in pasts
    return kept and one.state in LOST and not pasts[one.name].came(one.list_day)


@command(admin=True, hidden=True)
async def resend(ctx: Context, request: Request) -> Message:
    """Send a post again that did not arrive, or may not have"""
    number = int(request.text) if request.text.isdecimal() and len(request.text) < 18 else 0
    was = await history.record(ctx.store, _where(request), number)
    if was is None or was.delivery.what is What.NOTICE:
        raise UserError(f"I know no such post for {request.place}.")
    if was.delivery.state in UNDER_WAY:
        raise UserError("That post is on its way already.")
    await _look_up(ctx, request, was.delivery)
    async with ctx.store.transaction() as tx:
        became = await repost.resend(tx, was.delivery, ctx.collector, ctx.clock())
    if isinstance(became, Nothing):
        raise UserError(f"There is nothing of that post to send again: {_why(was, became)}.")
    shown = await deliveries(ctx, request)
    text = f"The post of {_name(was.delivery)} goes out again now.\n\n{shown.text}"
    return replace(shown, text=text)


async def _look_up(ctx: Context, request: Request, lost: Delivery) -> None:
    """Read the list of a post that is lost, where it was never read."""
    day = lost.list_day
    if day and lost.state in LOST and (await ctx.collector.status(day)).fetched_at is None:
        with suppress(SourceError):  # the answer says that nothing is known of it
            await ctx.lookups.fetch(day, ctx.clock(), request.person)


def _why(was: history.Record, nothing: Nothing) -> str:
    one = was.delivery
    if one.state not in LOST:
        return _became(was, {})
    if nothing is Nothing.OFF:
        return "nothing is posted here now"
    opens = f"; {usage('date', day=str(_day(one)))} asks for it" * (nothing is Nothing.UNREAD)
    return f"{nothing}{opens}"


def _name(one: Delivery) -> str:
    name = "a notice" if one.what is What.NOTICE else cut(one_line(one.name), _NAME)
    return f"{dates.long_date(_day(one), year=False)}{f' ({name})' if name else ''}"


def _heading(one: Delivery) -> str:
    """A post that is due before its day's list opens has that of the day before."""
    own = one.list_day in (None, one.local_date)
    return _name(one) if own else f"List of {_name(one)}"


def _day(one: Delivery) -> date:
    return one.list_day or one.local_date


def _became(one: history.Record, pasts: Mapping[str, Past]) -> str:
    row = one.delivery
    became = _state(one)
    if row.state in (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT):
        return became
    why = CHANGED if row.state is DeliveryState.REPLACED else for_readers(row.reason)
    reason = cut(one_line(why), _REASON).rstrip(".")
    became = f"{became}: {reason}" if reason else became
    if row.state not in LOST or row.name not in pasts:
        return became
    if row.list_day not in pasts[row.name].settled:
        return became
    named = row.list_day in pasts[row.name].named
    return f"{became}; a later post {'names it' if named else 'has its papers'}"


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
        case DeliveryState.REPLACED:
            return "no post of its own"
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
    if local_time(one.when, one.zone)[0].date() == _day(one.delivery):
        return f"at {dates.clock(one.when, one.zone)}"
    return f"on {dates.moment(one.when, one.zone)}"
