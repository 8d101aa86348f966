"""What became of a place's posts, and sending again by hand what is or may be lost."""

from __future__ import annotations

from dataclasses import replace

from bot import digest, plan, repost
from bot.commands import command
from bot.commands.context import Context
from bot.errors import UserError
from bot.model import Action, Delivery, Destination, Message, Request
from bot.schedule import local_time
from bot.store import history, subscriptions
from bot.text import cut, one_line, plural

SHOWN = 10
BUTTONS = 5
DOUBTFUL = "What may not have arrived is never sent again by itself."
_REASON = 100  # characters: ten lines with one each fit a message, whatever must be escaped
_UNDER_WAY = ("pending", "sending", "retry")


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
        note=DOUBTFUL if any(one.state == "unknown" for one in lost) else "",
        actions=tuple(
            (Action(f"Post {_name(one)} again", command="resend", text=str(one.id)),)
            for one in lost
        ),
    )


async def _may_come(ctx: Context, one: Delivery) -> bool:
    """Whether it is in doubt, or did not come and its list did not come since."""
    if one.kind == "notice" or one.list_day is None:
        return False
    if one.state == "unknown":
        return True
    standing = one.subscription and await subscriptions.by_id(ctx.store, one.subscription)
    if not standing or standing.state != "on" or one.state not in repost.LOST:
        return False
    past = (await plan.past_of(ctx.store, [standing]))[standing.id]
    return one.list_day not in past.settled


@command(admin=True, hidden=True)
async def resend(ctx: Context, request: Request) -> Message:
    """Send a post again that did not arrive, or may not have"""
    number = int(request.text) if request.text.isdecimal() and len(request.text) < 18 else 0
    was = await history.record(ctx.store, _where(request), number)
    if was is None or was.delivery.kind == "notice":
        raise UserError(f"I know no such post for {request.place}.")
    if was.delivery.state in _UNDER_WAY:
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
    if one.state not in repost.LOST:
        return _became(was)
    standing = one.subscription and await subscriptions.by_id(ctx.store, one.subscription)
    if not standing or standing.state != "on":
        return "nothing is posted here now"
    return "its papers came since, or are on their way"


def _name(one: Delivery) -> str:
    kind = {"topics": " (topics)", "notice": " (a notice)"}.get(one.kind, "")
    return f"{digest.name(one.list_day or one.local_date, year=False)}{kind}"


def _became(one: history.Record) -> str:
    row = one.delivery
    attempts = plural(row.attempts, "attempt")
    words = {
        "sent": f"posted {_at(one)}",
        "retry": f"waiting for the next try {_at(one)}, after {attempts}",
        "skipped": "left out",
        "missed": "did not come",
        "paused": "left out while paused",
        "retired": "taken for posted",
        "unknown": "may not have arrived",
        "dead": "could not be posted",
        "cancelled": "cancelled",
    }
    became = words.get(row.state, "on its way")
    reason = cut(one_line(row.reason), _REASON).rstrip(".") if row.state != "sent" else ""
    return f"{became}: {reason}" if reason and row.state in words else became


def _at(one: history.Record) -> str:
    if local_time(one.when, one.zone)[0].date() == one.delivery.local_date:
        return f"at {digest.clock(one.when, one.zone)}"
    return f"on {digest.moment(one.when, one.zone)}"
