"""What an admin says: where, when and how much the bot posts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot import dates, decide, digest, lifecycle, rendering, repost
from bot.commands import (
    Option,
    command,
    last_post,
    layouts,
    my_places,
    option_names,
    scheduling,
    setting_menus,
)
from bot.commands.context import Context
from bot.commands.read import newest_day
from bot.commands.scheduling import suggest_time, suggest_zone
from bot.dialogue import Action, Message, Request
from bot.errors import UserError
from bot.list_collector import is_whole
from bot.model import Destination, Place, Subscription
from bot.states import Layout, SubscriptionState
from bot.store import lists, people, subscriptions, votes
from bot.text import plural
from bot.usage import usage

_here = partial(usage, here=True)
_HOW = (
    f"Write for example: {_here('setup', time='09:00', zone='Europe/Berlin', papers='10')} "
    "(time, zone, papers in a post)."
)
_PREVIEW = Action("Preview", command="preview")
_PAUSE = Action("Pause", command="pause")
_RESUME = Action("Resume", command="resume")
_SETTINGS = Action("Settings", command="setup")
_START = Action("Start at 09:00 UTC", command="setup", text="09:00 UTC 10 papers")
_ELSEWHERE = Action("Channel; each has its own settings", command="setup")


def _where(request: Request) -> Destination:
    return Destination(request.platform, request.address)


async def _current(ctx: Context, request: Request) -> Subscription:
    found = await subscriptions.get(ctx.store, _where(request))
    if found is None:
        raise UserError(f"Nothing is set up for {request.place} yet. {_HOW}")
    return found


def _unusable(one: Subscription) -> str:
    """Why its time or zone cannot be used here, and how that is mended; empty: they can."""
    try:
        decide.run_of(one)
    except UserError as error:
        return f"{error} Nothing is posted until that is set anew. {_HOW}"
    return ""


async def _usable(ctx: Context, request: Request) -> Subscription:
    one = await _current(ctx, request)
    if why := _unusable(one):
        raise UserError(why)
    return one


@command(
    Option("time", "Local time of the post, such as 09:00", suggest=suggest_time, named=True),
    Option("zone", "Time zone, such as Europe/Berlin", suggest=suggest_zone, named=True),
    Option("papers", f"How many papers a post shows, 1 to {scheduling.MOST_PAPERS}", named=True),
    Option("layout", layouts.SUMMARY, suggest=layouts.suggest, named=True),
    admin=True, time="09:00", zone="Europe/Berlin", papers="10",
)  # fmt: skip
async def setup(ctx: Context, request: Request) -> Message:
    """Post the daily papers here"""
    current = await subscriptions.get(ctx.store, _where(request))
    if not request.text:
        return await _settings(ctx, request, current) if current else _first(request)
    if other := _other_command(request, current):
        return other
    said = scheduling.understood(request.text, ctx.clock())
    wanted = scheduling.read(request.text, current, ctx.clock())
    async with ctx.store.transaction() as tx:
        owner = _owner(request, current)
        one = await lifecycle.set_up(tx, _where(request), wanted, owner, ctx.clock())
        await people.name_place(
            tx, one.destination, Place(request.place_title or request.place, request.place_url)
        )
    text = f"{scheduling.taken(said)}\n{await _told(ctx, one)}".strip()
    if said.layout:
        text += f"\n{layouts.sentence(one.layout)}"
    if wanted.zone == "UTC" and not said.zone:
        text += (
            f"\nThat is UTC; {_here('setup', zone='Europe/Berlin')}, for example, changes the zone."
        )
    hour = tuple(Action(said.perhaps, command="setup", text=said.perhaps) for _ in said.perhaps[:1])
    return await _panel(ctx, request, one, text, hour)


def _first(request: Request) -> Message:
    """Where nothing is set up: whatever is chosen begins it."""
    text = (
        f"Nothing is set up for {request.place} yet. Choose your city or a time, and a post comes "
        f"each day; what you do not choose is {' '.join(scheduling.DEFAULT[:2])}, "
        f"{plural(scheduling.DEFAULT[2], 'paper')}.\n{_HOW}"
    )
    return Message(
        f"Daily papers for {request.place}", text, actions=((_START,),),
        menus=setting_menus.settings(None), elsewhere=_ELSEWHERE, about=request.address,
    )  # fmt: skip


async def _panel(
    ctx: Context, request: Request, one: Subscription, text: str, more: tuple[Action, ...] = ()
) -> Message:
    """The settings as they are, to be changed; the text says what they mean."""
    is_on = one.state is SubscriptionState.ON
    last = ((await _open(ctx, one)) if is_on else ()) + more
    return Message(
        f"Daily papers for {request.place}", text,
        actions=tuple(row for row in ((_PREVIEW, _PAUSE if is_on else _RESUME), last) if row),
        menus=setting_menus.settings(one), elsewhere=_ELSEWHERE, about=request.address,
    )  # fmt: skip


def _other_command(request: Request, current: Subscription | None) -> Message | None:
    """What is said of a word that asks for another command; None: it is none."""
    word = option_names.word(request.text)
    if word in option_names.HELP:
        return Message(text=_HOW, private=True)
    if word in option_names.OFF:
        if current is None:
            raise UserError(f"Nothing is set up for {request.place} yet. {_HOW}")
        text = f"{_here('pause')} stops the posts for {request.place}; the settings stay."
        return Message(text=text, actions=((_PAUSE,),), private=True)
    if word in option_names.ON and current is not None:
        return Message(text=f"{_here('resume')} starts the posts again.", actions=((_RESUME,),),
                       private=True)  # fmt: skip
    return None


def _owner(request: Request, current: Subscription | None) -> str | None:
    """Who hears of trouble in private. None: nobody is known; it would be told to a whole group."""
    if not request.nameless:
        return request.person
    return (current.owner if current else None) or request.added_by


async def _open(ctx: Context, one: Subscription) -> tuple[Action, ...]:
    """A button for the list that could be posted at once."""
    day = await repost.open_list(ctx.store, one, ctx.clock())
    return (Action(lifecycle.post_label(day, ctx.clock()), command="postnow"),) if day else ()


@command(admin=True, hidden=True)
async def postnow(ctx: Context, request: Request) -> Message:
    """Post the newest list here that has not come"""
    one = await _usable(ctx, request)
    if one.state is not SubscriptionState.ON:
        raise UserError(f"Nothing is posted for {request.place} now: {_state(one)}.")
    day = await repost.open_list(ctx.store, one, ctx.clock())
    if day is None:
        raise UserError(f"All that is listed was posted for {request.place}, or is on its way.")
    async with ctx.store.transaction() as tx:
        status = await ctx.collector.status(day)
        count = await repost.post_now(tx, one, day, status, ctx.clock())
    if not count:
        raise UserError(f"All that is listed was posted for {request.place}, or is on its way.")
    what = f"{plural(count, 'paper')} of {dates.long_date(day, year=False)}"
    text = f"{what}: on the way to {request.place}."
    return Message(text=text, actions=((_SETTINGS,),), about=request.address)


@command(
    Option("layout", layouts.SUMMARY, suggest=layouts.suggest, named=True),
    private=True, admin=True,
)  # fmt: skip
async def preview(ctx: Context, request: Request) -> Message:
    """See a post as it would come here, with the newest papers"""
    one, layout = await _usable(ctx, request), _layout(request.text)
    shown = layout or one.layout
    day = await newest_day(ctx)
    status = await ctx.collector.status(day)
    draft = decide.draft_of(replace(one, layout=shown), day, status, ctx.clock())
    found = await votes.with_gains(ctx.store, await lists.between(ctx.store, day, day), ctx.clock())
    frozen = digest.compose(draft, [(day, paper) for paper in found],
                            await subscriptions.topics(ctx.store, one.id))  # fmt: skip
    rest = len(found) - one.papers
    more = f" Under it, a button pages through {rest} more." if rest > 0 else ""
    run = await scheduling.coming(ctx, one)
    note = f"A preview, for you alone.{more} The next post is due {_due(run.subscription)}."
    note += " On Telegram each paper has its whole abstract." * (shown is Layout.DOCUMENT)
    page = rendering.render_page(frozen, {paper.id: paper for paper in found})
    others = [layouts.preview(layouts.other(shown))]
    others += [layouts.use(shown)] if shown is not one.layout else []
    return replace(page, note=note, actions=((*others, _SETTINGS),), about=request.address)


def _layout(text: str) -> Layout | None:
    """The layout to show, where it is named. Raises UserError for anything else."""
    layout, rest = layouts.taken_out(f"layout {text}" if text and " " not in text else text)
    if rest:
        raise UserError(
            f"A preview takes a layout alone. {_here('setup', papers='10 papers')}, for example, "
            "changes how many papers a post has; "
            f"{usage('date', day='2025-06-12')} shows another day's list.",
            [("Go on without it", "")],
        )
    return layout


@command(
    admin=True,
    other=f"{_here('setup', time='09:00', zone='Europe/Berlin')}, for example, changes them.",
)
async def settings(ctx: Context, request: Request) -> Message:
    """When and how much is posted here, with buttons to change it"""
    here = await subscriptions.get(ctx.store, _where(request))
    if request.one_to_one and (places := await my_places.of(ctx, request)):
        return my_places.listed(places, is_here=here is not None)
    return await _settings(ctx, request, here) if here else _first(request)


async def _settings(ctx: Context, request: Request, one: Subscription) -> Message:
    if why := _unusable(one):
        return Message(
            f"Daily papers for {request.place}", why, menus=setting_menus.settings(one),
            elsewhere=_ELSEWHERE, about=request.address,
        )  # fmt: skip
    said = (await _told(ctx, one), layouts.sentence(one.layout), await last_post.told(ctx, one))
    return await _panel(ctx, request, one, "\n".join(said).strip())


@command(admin=True, other=f"It stops the posts until {_here('resume')}.")
async def pause(ctx: Context, request: Request) -> Message:
    """Stop the daily posts here; the settings stay"""
    one = await _current(ctx, request)
    async with ctx.store.transaction() as tx:
        await subscriptions.switch(tx, one.id, SubscriptionState.PAUSED, one.run_at)
    text = (
        f"Paused for {request.place}. {_here('resume')} starts it again; the post after that says "
        "which lists did not come."
    )
    return Message(text=text, actions=((_RESUME, _SETTINGS),), about=request.address)


@command(admin=True, other=f"{_here('setup', time='09:00')}, for example, changes the time.")
async def resume(ctx: Context, request: Request) -> Message:
    """Start the daily posts here again"""
    one = await _usable(ctx, request)
    async with ctx.store.transaction() as tx:
        one = await lifecycle.resume(tx, one, ctx.clock())
    text = f"On for {request.place}. {await _told(ctx, one)}"
    actions = ((*await _open(ctx, one), _SETTINGS),)
    return Message(text=text, actions=actions, about=request.address)


async def _told(ctx: Context, one: Subscription) -> str:
    """The schedule, and what comes next."""
    said = f"Each list day at {one.time} {one.zone}, {plural(one.papers, 'paper')} in a post."
    said += scheduling.clock(one.zone, ctx.clock())
    if one.state is not SubscriptionState.ON:
        state = _state(one)
        return f"{said} {state[0].upper()}{state[1:]}."
    left = await scheduling.left_over(ctx, one)
    if one.reason:
        return f"{said} The post due {_due(one)} is waiting: {one.reason}.{left}"
    run = await scheduling.coming(ctx, one)
    due = f"{_due(run.subscription)}{', and comes now' * (run.subscription.run_at <= ctx.clock())}"
    said += f"\nThe next is due {due}, with the"
    day = dates.long_date(run.day, year=False)
    if is_whole(run.day, run.subscription.run_at):
        new = ": at that hour the new one has hardly begun" * (run.day < run.local_date)
        return f"{said} whole list of {day}{new}.{left}"
    return f"{said} list of {day} as it stands then; later papers come in the post after.{left}"


def _state(one: Subscription) -> str:
    return (
        "it is paused"
        if one.state is SubscriptionState.PAUSED
        else f"it is switched off: {one.reason}"
    )


def _due(one: Subscription) -> str:
    return dates.moment(one.run_at, one.zone)
