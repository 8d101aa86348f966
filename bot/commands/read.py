"""What a reader asks: today's list, another day's, the week, what trends, one paper."""

from __future__ import annotations

import datetime as dt
import math
import re

from bot import digest
from bot.commands import Option, command
from bot.commands.context import Context
from bot.digest import name
from bot.errors import UserError
from bot.model import Action, Choice, Destination, Message, Paper, Request
from bot.schedule import DAY
from bot.search import titles
from bot.store import papers, people
from bot.text import cut, plain, plural

FIRST_DAY = dt.date(2023, 5, 4)  # the first list there is
_ARXIV_ID = re.compile(
    r"(?<![\d.])(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?(?![\d.])"
)


async def _suggest_day(ctx: Context, request: Request, typed: str) -> list[Choice]:
    days = await papers.days(ctx.store, typed.strip()[:10], 25)
    return [Choice(f"{day} ({day:%A})", str(day)) for day in days]


async def _suggest_paper(ctx: Context, request: Request, typed: str) -> list[Choice]:
    if found := _ARXIV_ID.search(typed):
        known = list((await papers.by_id(ctx.store, [found[1]])).values())
    else:
        known = await titles(ctx.store, typed, limit=25)
    return [Choice(cut(f"{paper.id} {plain(paper.title)}", 100), paper.id) for paper in known]


@command()
async def today(ctx: Context, request: Request) -> Message:
    """Today's papers, as the list stands now"""
    now = ctx.clock()
    zone = await _zone(ctx, request)
    day = now.date()
    status = await ctx.collector.status(day)
    if status.papers:
        return await _list(ctx, request, day, f"{_state(status, zone)}", "today")
    newest = await papers.newest_day(ctx.store, day)
    if status.failing_since:
        since = digest.clock(status.failing_since, zone)
        why = f"The feed has not answered since {since}; I keep asking. ({status.fault})"
    elif day.weekday() >= 5:
        why = f"No list today, it is {day:%A}."
    elif status.fetched_at:
        why = f"Today's list is still empty (asked at {digest.clock(status.fetched_at, zone)})."
    else:
        why = "Today's list has not been fetched yet."
    if newest is None:
        return Message(title=f"Daily Papers · {name(day)}", text=why)
    return await _list(ctx, request, newest, f"{why} The newest list is this one.", "today")


@command(Option("day", "The list's day, such as 2025-06-12", required=True, suggest=_suggest_day))
async def date(ctx: Context, request: Request) -> Message:
    """The list of another day: /date 2025-06-12"""
    now = ctx.clock()
    day = _day(request.text, now.date())
    status = await ctx.collector.status(day)
    if status.fetched_at is None and not ctx.sample:
        await ctx.collector.fetch(ctx.collector.curated, day, now)
        status = await ctx.collector.status(day)
    if not status.papers and not await papers.between(ctx.store, day, day):
        why = f"it is a {day:%A}" if day.weekday() >= 5 else "no papers were listed"
        return Message(text=f"There is no list of {name(day)}: {why}.")
    return await _list(ctx, request, day, _state(status, await _zone(ctx, request)), "date")


@command()
async def week(ctx: Context, request: Request) -> Message:
    """The week's papers, the best voted first"""
    day = await papers.newest_day(ctx.store, ctx.clock().date()) or ctx.clock().date()
    monday = day - day.weekday() * DAY
    found = await papers.between(ctx.store, monday, monday + 6 * DAY)
    text = f"{plural(len(found), 'paper')}, the best voted first."
    title = f"The week of {name(monday)}"
    return digest.listing(title, text, found, page=request.page, command="week")


@command()
async def trending(ctx: Context, request: Request) -> Message:
    """What gathers votes now: the last seven days, newer ones ahead"""
    day = await papers.newest_day(ctx.store, ctx.clock().date()) or ctx.clock().date()
    found = await papers.between(ctx.store, day - 6 * DAY, day)

    def heat(paper: Paper) -> float:
        age = (day - paper.day).days if paper.day else 7
        return (paper.votes or 0) / math.pow(age + 1.0, 0.8)

    found.sort(key=heat, reverse=True)
    text = f"Votes weighed against age, over the seven days up to {name(day, year=False)}."
    return digest.listing(
        "Trending papers", text, found[:50], page=request.page, command="trending"
    )


@command(Option("id", "An arXiv id, or a link to the paper", required=True, suggest=_suggest_paper))
async def paper(ctx: Context, request: Request) -> Message:
    """One paper: /paper 2505.24864, or any link to it"""
    found = _ARXIV_ID.search(request.text)
    if not found:
        raise UserError("Give an arXiv id such as 2505.24864, or a link to the paper.")
    known = await ctx.collector.find(found[1])
    if known is None and ctx.sample:
        raise UserError(f"The sample does not have {found[1]}, and the feed cannot be reached.")
    if known is None:
        raise UserError(f"I find no paper {found[1]}, neither in the lists nor on arXiv.")
    return card(known)


def card(paper: Paper) -> Message:
    """All there is to say of one paper, with links as buttons."""
    authors = ", ".join(plain(author) for author in paper.authors[:12])
    if len(paper.authors) > 12:
        authors += f" and {len(paper.authors) - 12} more"
    facts = [f"▲ {paper.votes}" if paper.votes is not None else "", paper.organization or ""]
    facts.append(f"listed {name(paper.day)}" if paper.day else "")
    facts.append(f"on arXiv {name(paper.published)}" if paper.published else "")
    parts = [authors, " · ".join(filter(None, facts)), cut(plain(paper.summary), 1800)]
    if paper.ai_summary:
        parts.append(f"AI summary (by the source): {plain(paper.ai_summary)}")
    buttons = [Action(label, url=url) for label, url in digest.links(paper)]
    if paper.project:
        buttons.append(Action("Project", url=paper.project))
    text = "\n\n".join(filter(None, parts))
    return Message(title=cut(plain(paper.title), 250), text=text, actions=(tuple(buttons),))


async def _list(ctx: Context, request: Request, day: dt.date, text: str, command: str) -> Message:
    found = await papers.between(ctx.store, day, day)
    words = str(day) if command == "date" else ""
    title = f"Daily Papers · {name(day)}"
    return digest.listing(title, text, found, page=request.page, command=command, words=words)


def _state(status: papers.Status, zone: str) -> str:
    papers_now = plural(status.papers, "paper")
    if status.whole or status.fetched_at is None:
        return f"{papers_now}."
    text = f"{papers_now} so far ({digest.clock(status.fetched_at, zone)}); the list still grows."
    if status.failing_since:
        text += f" The feed has not answered since {digest.clock(status.failing_since, zone)}."
    return text


async def _zone(ctx: Context, request: Request) -> str:
    """The zone times are told in: the asker's own, else the place's, else UTC."""
    for address, kind in ((request.person, "topics"), (request.address, "daily")):
        found = await people.subscription(ctx.store, Destination(request.platform, address), kind)
        if found:
            return found.zone
    return "UTC"


def _day(text: str, today: dt.date) -> dt.date:
    word = text.strip().lower()
    if word in ("today", "yesterday"):
        return today if word == "today" else today - DAY
    try:
        day = dt.date.fromisoformat(word)
    except ValueError:
        raise UserError("Write the day like 2025-06-12.") from None
    if day > today:
        raise UserError(f"{day} has not come yet.")
    if day < FIRST_DAY:
        raise UserError(f"The lists begin on {FIRST_DAY}.")
    return day
