"""What became of a place's posts, and sending again by hand what may be lost."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot import digest
from bot.commands import command
from bot.commands.context import Context
from bot.errors import UserError
from bot.model import Action, Delivery, Destination, Message, Request
from bot.store import outbox
from bot.text import cut, one_line, plural

SHOWN = 10
BUTTONS = 5
_REASON = 100  # characters: ten lines with one each fit a message, whatever must be escaped


def _where(request: Request) -> Destination:
    return Destination(request.platform, request.address)


# Not `private`: Telegram would answer in the private chat, whose buttons are about that chat.
@command(admin=True)
async def deliveries(ctx: Context, request: Request) -> Message:
    """What became of the last posts here"""
    found = await outbox.recent(ctx.store, _where(request), SHOWN)
    if not found:
        return Message(text=f"No post for {request.place} was due yet.")
    lost = [one.delivery for one in found if one.delivery.state == "unknown"][:BUTTONS]
    return Message(
        title=f"The last posts for {request.place}",
        text="\n".join(f"{_name(one.delivery)}: {_became(one)}" for one in found),
        note="What may not have arrived is never sent again by itself." if lost else "",
        actions=tuple(
            (Action(f"Post {_name(one)} again", command="resend", text=str(one.id)),)
            for one in lost
        ),
    )


@command(admin=True, hidden=True)
async def resend(ctx: Context, request: Request) -> Message:
    """Send a post again that may not have arrived"""
    number = int(request.text) if request.text.isdecimal() and len(request.text) < 18 else 0
    was = await outbox.again(ctx.store, _where(request), number, ctx.clock())
    if was is None:
        raise UserError(f"I know no such post for {request.place}.")
    state = was.delivery.state
    if state in ("pending", "sending", "retry"):
        raise UserError("That post is on its way already.")
    if state != "unknown":
        raise UserError(f"That post is not in doubt, so it is not sent again: {_became(was)}.")
    shown = await deliveries(ctx, request)
    text = f"The post of {_name(was.delivery)} goes out again now.\n\n{shown.text}"
    return replace(shown, text=text)


def _name(one: Delivery) -> str:
    kind = {"topics": " (topics)", "notice": " (a notice)"}.get(one.kind, "")
    return f"{digest.name(one.local_date, year=False)}{kind}"


def _became(one: outbox.Record) -> str:
    row = one.delivery
    attempts = plural(row.attempts, "attempt")
    words = {
        "sent": f"posted {_at(one)}",
        "retry": f"waiting for the next try {_at(one)}, after {attempts}",
        "skipped": "left out",
        "unknown": "may not have arrived",
        "dead": "could not be posted",
        "cancelled": "cancelled",
    }
    became = words.get(row.state, "on its way")
    reason = cut(one_line(row.reason), _REASON).rstrip(".") if row.state != "sent" else ""
    return f"{became}: {reason}" if reason and row.state in words else became


def _at(one: outbox.Record) -> str:
    if one.when.astimezone(ZoneInfo(one.zone)).date() == one.delivery.local_date:
        return f"at {digest.clock(one.when, one.zone)}"
    return f"on {digest.moment(one.when, one.zone)}"
