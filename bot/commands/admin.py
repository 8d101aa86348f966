"""What an admin says: where, when and how much the bot posts."""

from __future__ import annotations

from dataclasses import replace

from bot import digest, schedule
from bot.collect import is_whole
from bot.commands import Option, command, order
from bot.commands.context import Context
from bot.commands.read import newest_day
from bot.errors import UserError
from bot.model import Action, Destination, Message, Request, Subscription
from bot.plan import REACH
from bot.store import outbox, papers, people
from bot.text import plural

_HOW = "Write for example: /setup 09:00 Europe/Berlin 10 (time, zone, papers in a post)."
_PREVIEW = Action("Preview", command="preview")
_RESUME = Action("Resume", command="resume")


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
    current = await people.subscription(ctx.store, _where(request), "daily")
    title = f"Daily papers for {request.place}"
    if not request.text:
        if current:
            return await settings(ctx, request)
        return Message(title, f"{_HOW} Or choose a UTC time now, and the zone later.",
                       actions=_choices())  # fmt: skip
    wanted = order.read(request.text, current, ctx.clock())
    async with ctx.store.transaction() as tx:
        await people.subscribe(tx, _where(request), "daily", wanted, request.person)
    text = await _told(ctx, await _current(ctx, request))
    if wanted.zone == "UTC" and "utc" not in request.text.lower():
        text += "\nThat is UTC; /setup Europe/Berlin, for example, changes the zone."
    return Message(title, text, actions=((_PREVIEW, Action("Settings", command="settings")),))


@command(private=True, admin=True)
async def preview(ctx: Context, request: Request) -> Message:
    """See a post as it would come here, with the newest papers"""
    one = await _current(ctx, request)
    day = await newest_day(ctx)
    status = await ctx.collector.status(day)
    draft = digest.Digest(
        "daily", day, status.whole, status.fetched_at or ctx.clock(), one.zone, one.papers, ()
    )
    async with ctx.store.transaction() as tx:
        found = await papers.unposted(tx, day, day - REACH, None, 0)
    frozen = digest.compose(draft, found)
    rest = len(found) - one.papers
    more = f" Under it, a button pages through {rest} more." if rest > 0 else ""
    run = await order.coming(ctx, one)
    note = f"A preview, for you alone.{more} The next post is due {_due(run.subscription)}."
    return replace(digest.message(frozen, {paper.id: paper for paper in found}), note=note)


@command(admin=True)
async def settings(ctx: Context, request: Request) -> Message:
    """When and how much is posted here, with buttons to change it"""
    one = await _current(ctx, request)
    text = f"{await _told(ctx, one)}\n{await _last(ctx, one)}".strip()
    toggle = Action("Pause", command="pause") if one.state == "on" else _RESUME
    title = f"Daily papers for {request.place}"
    return Message(title, text, actions=(*_choices(), (_PREVIEW, toggle)))


@command(admin=True)
async def pause(ctx: Context, request: Request) -> Message:
    """Stop the daily posts here; the settings stay"""
    one = await _current(ctx, request)
    async with ctx.store.transaction() as tx:
        await people.switch(tx, one.id, "paused", one.run_at)
    text = f"Paused for {request.place}. /resume starts it again."
    return Message(text=text, actions=((_RESUME,),))


@command(admin=True)
async def resume(ctx: Context, request: Request) -> Message:
    """Start the daily posts here again"""
    one = await _current(ctx, request)
    if one.state != "on":  # else the run it waits for would be lost
        run_at = schedule.next_run(ctx.clock(), one.time, one.zone)
        async with ctx.store.transaction() as tx:
            await people.switch(tx, one.id, "on", run_at)
    return Message(text=f"On for {request.place}. {await _told(ctx, await _current(ctx, request))}")


def _choices() -> tuple[tuple[Action, ...], ...]:
    times = ("07:00", "08:00", "09:00", "12:00", "18:00")
    return (
        tuple(Action(time, command="setup", text=time) for time in times),
        tuple(Action(f"{n} papers", command="setup", text=str(n)) for n in (3, 5, 10, 15)),
    )


async def _told(ctx: Context, one: Subscription) -> str:
    """The order, and what comes next."""
    said = f"Each list day at {one.time} {one.zone}, {plural(one.papers, 'paper')} in a post."
    if one.state == "paused":
        return f"{said} It is paused."
    if one.state == "off":
        return f"{said} It is switched off: {one.reason}."
    if one.reason:
        return f"{said} The post due {_due(one)} is waiting: {one.reason}."
    run = await order.coming(ctx, one)
    said += f"\nThe next is due {_due(run.subscription)}, with the"
    day = digest.name(run.day, year=False)
    if is_whole(run.day, run.subscription.run_at):
        new = ": at that hour the new one has hardly begun" * (run.day < run.local_date)
        return f"{said} whole list of {day}{new}."
    return f"{said} list of {day} as it stands then; later papers come in the post after."


def _due(one: Subscription) -> str:
    return digest.moment(one.run_at, one.zone)


async def _last(ctx: Context, one: Subscription) -> str:
    last = await outbox.last(ctx.store, one.destination, "daily")
    if last is None:
        return ""
    words = {
        "sent": "was posted",
        "skipped": f"was left out ({last.reason})",
        "unknown": f"may not have arrived ({last.reason})",
        "dead": f"could not be posted ({last.reason})",
        "cancelled": "was cancelled",
    }
    became = words.get(last.state, "is on its way")
    more = " /deliveries shows the last ten." if last.state in ("unknown", "dead") else ""
    return f"The last one, {digest.name(last.local_date)}, {became}.{more}"
