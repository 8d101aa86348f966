"""The lists of a week or a month as one: fetched where they are not stored, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bot import rendering
from bot.commands.context import Context
from bot.dialogue import Action, Message, Request
from bot.errors import SourceError, UserError
from bot.period import FIRST_DAY, Period
from bot.progress import spans
from bot.store import lists, votes
from bot.store.periods import papers_of

NEW = timedelta(days=1)  # for so long a paper is marked as new on lists of several days


async def shown(ctx: Context, request: Request, period: Period, words: str, why: str) -> Message:
    """One page of its papers, the most voted first.

    words: what the buttons that page ask for; why: said before the rest
    """
    missing, fault = ([], "") if ctx.sample else await _fetched(ctx, request, period)
    found = await votes.with_gains(ctx.store, await papers_of(ctx.store, period), ctx.clock())
    if not found and fault:
        raise UserError(f"{fault.rstrip('.')}. I have no papers of {_named(period)} yet.")
    text = " ".join(filter(None, (why, *_absent(missing, fault))))
    command = "month" if period.is_month else "week"
    caption = f"{rendering.counted(found, grows=_grows(ctx, period))} · the most voted first"
    message = rendering.listing(
        period.title, text, found, page=request.page, command=command, words=words,
        caption=caption, new=await new(ctx),
    )  # fmt: skip
    again = (Action("Ask again", command=command, text=str(period)),) if missing else ()
    rows = (*message.actions, again, tuple(_around(ctx, period, command)))
    return replace(message, actions=tuple(filter(None, rows)))


async def _fetched(ctx: Context, request: Request, period: Period) -> tuple[list[date], str]:
    """The days that are missing after the source was asked for them, and why."""
    now = ctx.clock()
    if not await ctx.collector.missing(period, now):
        return [], ""
    fault = ""
    try:
        await ctx.lookups.fetch_period(period, now, request.person)
    except (SourceError, UserError) as error:
        fault = str(error)
    return await ctx.collector.missing(period, now), fault


def _absent(missing: list[date], fault: str) -> Iterator[str]:
    if missing:
        yield f"Not all of it is here, without {spans(missing)}."
        yield f"{fault.rstrip('.')}." if fault else ""


def _grows(ctx: Context, period: Period) -> bool:
    """Until its last weekday is over."""
    return ctx.clock().date() <= _last_weekday(period)


def _last_weekday(period: Period) -> date:
    return max(day for day in period.days() if day.weekday() < 5)


def _named(period: Period) -> str:
    return period.title if period.is_month else period.title.replace("The", "the", 1)


def _around(ctx: Context, period: Period, command: str) -> Iterator[Action]:
    """Buttons for the one before and the one after it, where these have lists."""
    before, after = period.before(), period.after()
    if before.last >= FIRST_DAY:
        yield Action(f"‹ {before.label()}", command=command, text=str(before))
    if after.first <= ctx.clock().date():
        yield Action(f"{after.label()} ›", command=command, text=str(after))


async def new(ctx: Context) -> set[str]:
    """The papers that came since about yesterday."""
    now = ctx.clock()
    newest = await lists.newest_day(ctx.store, now.date())
    return await lists.joined_since(ctx.store, now - NEW, newest) if newest else set()
