"""What an admin says: where, when and how much the bot posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import digest, schedule
from bot.commands import Option, command, order
from bot.commands.context import Context
from bot.errors import UserError
from bot.model import Action, Destination, Message, Request, Subscription
from bot.plan import REACH, run_of
from bot.store import outbox, papers, people
from bot.text import plural

_HOW = "Write for example: /setup 09:00 Europe/Berlin 10 (time, zone, papers in a post)."


def _where(request: Request) -> Destination:
    return Destination(request.platform, request.address)


async def _current(ctx: Context, request: Request) -> Subscription:
    found = await people.subscription(ctx.store, _where(request), "daily")
    if found is None:
        raise UserError(f"Nothing is set up for {request.place} yet. {_HOW}")
    return found


@command(
    Option("time", "Local time of the daily post, such as 09:00", suggest=order.suggest_time),
    Option("zone", "Time zone, such as Europe/Berlin", suggest=order.suggest_zone),
    Option("papers", f"How many papers a post shows, 1 to {order.MOST_PAPERS}"),
    admin=True,
)
async def setup(ctx: Context, request: Request) -> Message:
    """Post the daily papers here: /setup 09:00 Europe/Berlin 10"""
    now = ctx.clock()
    current = await people.subscription(ctx.store, _where(request), "daily")
    if not request.text.strip():
        if current:
            return await settings(ctx, request)
        return Message(
            title=f"Daily papers for {request.place}",
            text=f"{_HOW} Or choose a time in UTC now and the zone later.",
            actions=_choices(),
        )
    wanted = order.read(request.text, current, now)
    async with ctx.store.transaction() as tx:
        await people.subscribe(tx, _where(request), "daily", wanted, request.person)
    one = await _current(ctx, request)
    return Message(
        title=f"Daily papers for {request.place}",
        text=f"{_order(one)} {_first(one)}",
        actions=((Action("Preview", command="preview"), Action("Settings", command="settings")),),
    )


@command(private=True, admin=True)
async def preview(ctx: Context, request: Request) -> Message:
    """Show the next post, to you alone, with the papers there are now"""
    one = await _current(ctx, request)
    today = ctx.clock().date()
    day = await papers.newest_day(ctx.store, today)
    if day is None:
        raise UserError("There are no papers yet: the feed has not answered.")
    status = await ctx.collector.status(day)
    draft = digest.Digest(
        "daily", day, status.whole, status.fetched_at or ctx.clock(), one.zone, one.papers, ()
    )
    async with ctx.store.transaction() as tx:
        found = await papers.unposted(tx, day, day - REACH, None, 0)
    frozen = digest.compose(draft, found)
    message = digest.message(frozen, {paper.id: paper for paper in found})
    rest = len(frozen.items) - one.papers
    more = f" A button shows {rest} more." if rest > 0 else ""
    note = f"Preview. The next post is due {_moment(one.run_at, one.zone)}.{more}"
    return replace(message, note=note, private=True)


@command(admin=True)
async def settings(ctx: Context, request: Request) -> Message:
    """What is set up here, and buttons to change it"""
    one = await _current(ctx, request)
    lines = [_order(one), await _last(ctx, one)]
    if one.state == "paused":
        lines.append("It is paused.")
    elif one.state == "off":
        lines.append(f"It is switched off: {one.reason}.")
    else:
        lines.append(_first(one) + (f" It is waiting: {one.reason}." if one.reason else ""))
    toggle = Action("Pause", command="pause")
    if one.state != "on":
        toggle = Action("Resume", command="resume")
    return Message(
        title=f"Daily papers for {request.place}",
        text="\n".join(filter(None, lines)),
        actions=(*_choices(), (Action("Preview", command="preview"), toggle)),
    )


@command(admin=True)
async def pause(ctx: Context, request: Request) -> Message:
    """Stop the daily posts here, keeping the settings"""
    one = await _current(ctx, request)
    async with ctx.store.transaction() as tx:
        await people.switch(tx, one.id, "paused", one.run_at)
    return Message(
        text=f"Paused for {request.place}. /resume starts it again.",
        actions=((Action("Resume", command="resume"),),),
    )


@command(admin=True)
async def resume(ctx: Context, request: Request) -> Message:
    """Start the daily posts here again"""
    one = await _current(ctx, request)
    run_at = schedule.next_run(ctx.clock(), one.time, one.zone)
    async with ctx.store.transaction() as tx:
        await people.switch(tx, one.id, "on", run_at)
    return Message(text=f"On again for {request.place}. {_first(await _current(ctx, request))}")


def _choices() -> tuple[tuple[Action, ...], ...]:
    times = ("07:00", "08:00", "09:00", "12:00", "18:00")
    return (
        tuple(Action(time, command="setup", text=time) for time in times),
        tuple(Action(f"{n} papers", command="setup", text=str(n)) for n in (3, 5, 10, 15)),
    )


def _order(one: Subscription) -> str:
    return f"Each list day at {one.time} {one.zone}, {plural(one.papers, 'paper')} in a post."


def _first(one: Subscription) -> str:
    run = run_of(one)
    text = f"The next is due {_moment(one.run_at, one.zone)}."
    if run.day < run.local_date:
        return (
            f"{text} At that hour a new list has hardly begun: it brings the day before's, whole."
        )
    return f"{text} It brings the list as it stands then; what comes later is in the post after it."


async def _last(ctx: Context, one: Subscription) -> str:
    last = await outbox.last(ctx.store, one.destination, "daily")
    if last is None:
        return ""
    words = {
        "sent": "was posted",
        "skipped": f"was left out: {last.reason}",
        "unknown": f"may not have arrived: {last.reason}",
        "dead": f"could not be posted: {last.reason}",
        "cancelled": "was cancelled",
    }
    became = words.get(last.state, "is on its way")
    return f"The last one, {digest.name(last.local_date)}, {became}."


def _moment(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{digest.name(local.date())} at {digest.clock(moment, zone)}"
