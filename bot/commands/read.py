"""What a reader asks: a day's list, a week's, a month's, what trends, one paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot import dates, rendering
from bot.commands import Option, command, listday, periods
from bot.commands.context import Context
from bot.commands.empty import FILL, nothing_stored
from bot.dates import long_date
from bot.dialogue import Action, Choice, Message, Request
from bot.errors import NotOpenYet, UserError
from bot.list_collector import is_whole
from bot.model import TOPICS, Destination, Paper
from bot.naming import impossible, paper_id, paper_ids, scheme
from bot.period import FIRST_DAY, Period, month_of, week_of
from bot.query.normal import words
from bot.schedule import DAY, local_time
from bot.store import lists, papers, subscriptions, votes
from bot.text import cut, plain
from bot.usage import usage

OFFERED = 25  # months
AUTHORS = 12  # named on a card
MOST_OTHERS = 4  # papers named beside the one that is shown
FIRST = "You named several papers; this is the first."


async def newest_day(ctx: Context) -> dt.date:
    """The newest day with papers. Raises UserError before there are any."""
    day = await lists.newest_day(ctx.store, ctx.clock().date())
    if day is None:
        nothing = await nothing_stored(ctx)
        raise UserError(nothing or "There are no lists yet: the feed has not answered.")
    return day


async def _suggest_day(ctx: Context, request: Request, typed: str) -> list[Choice]:
    meant = listday.suggested(typed, ctx.clock().date())
    days = dict.fromkeys([*meant, *await lists.days(ctx.store, typed.strip()[:10], 25)])
    return [Choice(f"{day} ({day:%A})", str(day)) for day in days]


async def _suggest_month(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """The newest months, and of these those that are typed so."""
    months, today = list[Period](), ctx.clock().date()
    while len(months) < OFFERED and (not months or months[-1].first > FIRST_DAY):
        months.append(months[-1].before() if months else month_of(today))
    begun = typed.lower().strip()
    return [Choice(m.title, str(m)) for m in months if begun in f"{m} {m.title}".lower()]


async def suggest_paper(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """Papers by id, by any link, or by words of their titles."""
    if found := paper_id(typed):
        offered = list((await papers.by_id(ctx.store, [found])).values())
    else:
        offered = await ctx.search.suggest(typed, limit=25, person=request.person)
    return [Choice(cut(f"{paper.id} {plain(paper.title)}", 100), paper.id) for paper in offered]


@command(other=f"{usage('date', day='2025-06-12')} shows another day's list.")
async def today(ctx: Context, request: Request) -> Message:
    """Today's list, as it stands now"""
    zone = await _zone(ctx, request)
    day = local_time(ctx.clock(), zone)[0].date()
    newest = await lists.newest_day(ctx.store, day)
    if newest and (newest == day or ctx.sample):
        return await _list(ctx, request, newest, zone)
    why = await _missing(ctx, day, zone)
    if newest is None:
        text = f"{why} {FILL}" if await nothing_stored(ctx) else why
        return Message(title=f"Daily Papers · {long_date(day)}", text=text)
    return await _list(ctx, request, newest, zone, f"{why} This is the newest list.")


@command(
    Option("day", "The list's day, such as 2025-06-12", required=True, suggest=_suggest_day),
    day="2025-06-12",
)
async def date(ctx: Context, request: Request) -> Message:
    """The list of one day"""
    now = ctx.clock()
    zone = await _zone(ctx, request)
    today = local_time(now, zone)[0].date()
    day = listday.read(request.text, today)
    status = await ctx.collector.status(day)
    if status.fetched_at is None and not ctx.sample and day <= now.date():
        try:
            await ctx.lookups.fetch(day, now, request.person)
        except NotOpenYet as error:
            raise UserError(f"There is no list of {long_date(day)} yet: {error}.") from error
    if await lists.between(ctx.store, day, day):
        return await _list(ctx, request, day, zone)
    if ctx.sample:
        raise UserError(f"The sample has the list of {long_date(await newest_day(ctx))} alone.")
    around = listday.around(day, today)
    return Message(text=await _missing(ctx, day, zone), actions=(around,) if around else ())


@command(
    Option("week", "Which week, such as 2025-W23 or last; without it, the newest"), week="2025-W23"
)
async def week(ctx: Context, request: Request) -> Message:
    """A week's papers, the most voted first"""
    today = ctx.clock().date()
    if request.text:
        return await _period(ctx, request, listday.week(request.text, today))
    newest = week_of(await newest_day(ctx))
    late = newest != week_of(today) and not ctx.sample
    why = "This week has no list yet; this is the newest one that has." if late else ""
    return await periods.shown(ctx, request, newest, "", why)


@command(
    Option(
        "month",
        "Which month, such as 2025-06 or last; without it, the newest",
        suggest=_suggest_month,
    ),
    month="2025-06",
)
async def month(ctx: Context, request: Request) -> Message:
    """A month's papers, the most voted first"""
    if request.text:
        return await _period(ctx, request, listday.month(request.text, ctx.clock().date()))
    return await periods.shown(ctx, request, month_of(await newest_day(ctx)), "", "")


async def _period(ctx: Context, request: Request, period: Period) -> Message:
    return await periods.shown(ctx, request, period, str(period), "")


@command(other=f"{usage('week', week='2025-W23')} shows one week.")
async def trending(ctx: Context, request: Request) -> Message:
    """What gathers votes now: seven days of papers, newer ones ahead"""
    day = await newest_day(ctx)
    found = await lists.between(ctx.store, day - 6 * DAY, day)

    def heat(paper: Paper) -> float:
        age = (day - (paper.day or day)).days
        return float((paper.votes or 0) / (age + 1) ** 0.8)

    found = sorted(found, key=heat, reverse=True)[:50]
    text = f"Votes weighed against age, over the seven days up to {long_date(day, year=False)}."
    climbing = await votes.with_gains(ctx.store, found, ctx.clock())
    return rendering.listing(
        "Trending papers", text, climbing, page=request.page, command="trending",
        caption=rendering.counted(climbing), new=await periods.new(ctx),
    )  # fmt: skip


@command(
    Option("id", "An arXiv id, or a link to the paper", required=True, suggest=suggest_paper),
    id="2505.24864",
)
async def paper(ctx: Context, request: Request) -> Message:
    """One paper, by its id or any link"""
    found = paper_id(request.text)
    if not found:
        how = "Give an arXiv id such as 2505.24864, or a link to the paper."
        raise UserError(f"{how} {impossible(request.text)}".strip())
    made = card(await known(ctx, found, request.person))
    rest = request.text.removeprefix(f"{found} ")
    if rest == request.text:
        return made
    if others := paper_ids(rest)[:MOST_OTHERS]:
        made = replace(made, note=FIRST, actions=(*made.actions, opened(others)))
    if not _has_words(rest):
        return made
    back = Action("‹ Back to the results", command="search", text=rest, page=request.page)
    return replace(made, actions=(*made.actions, (back,)))


def _has_words(text: str) -> bool:
    """Whether a text has more than links and ids of papers."""
    return any(words(chunk) for chunk in text.split() if not paper_id(chunk))


def opened(ids: Sequence[str]) -> tuple[Action, ...]:
    """A button for each of these papers."""
    return tuple(Action(f"Paper {one}", command="paper", text=one) for one in ids)


async def known(ctx: Context, wanted: str, person: str) -> Paper:
    """The paper, from the store or, as that person may ask it, a source. Raises UserError when
    nobody has it."""
    why = impossible(wanted, ctx.clock().date() + DAY)
    if why and not await ctx.collector.stored(wanted):
        raise UserError(why)
    found = await ctx.lookups.find(wanted, person)
    if found is None and ctx.sample:
        raise UserError(f"The sample does not have {wanted}, and the feed cannot be reached.")
    if found is None:
        source = scheme(wanted).title
        raise UserError(f"I find no paper {wanted}, neither in the lists nor on {source}.")
    return found


def card(paper: Paper) -> Message:
    """All there is to say of one paper, with links as buttons."""
    links = tuple(Action(label, url=url) for label, url in rendering.all_links(paper))
    alike = Action("Similar papers", command="similar", text=paper.id)
    abstract = [cut(plain(paper.summary), 1800)]
    if paper.ai_summary:
        abstract.append(f"AI summary (by the source): {cut(plain(paper.ai_summary), 600)}")
    return Message(
        title=cut(plain(paper.title), 250),
        caption=" · ".join(filter(None, _facts(paper))),
        text=_authors(paper),
        passage="\n\n".join(filter(None, abstract)),
        picture=rendering.picture(paper),
        actions=(links, (alike,)),
    )


def _facts(paper: Paper) -> Iterator[str]:
    yield f"▲ {paper.votes}" if paper.votes is not None else ""
    yield cut(plain(paper.organization or ""), 80)
    yield f"listed {long_date(paper.day)}" if paper.day else ""
    yield f"taken off the list of {long_date(paper.delisted)}" if paper.delisted else ""
    source = scheme(paper.id).title
    yield f"on {source} {long_date(paper.published)}" if paper.published else ""
    yield f"submitted by {cut(plain(paper.submitter), 60)}" if paper.submitter else ""


def _authors(paper: Paper) -> str:
    more = len(paper.authors) - AUTHORS
    named = ", ".join(plain(author) for author in paper.authors[:AUTHORS])
    return f"{named} and {more} more" if more > 0 else named


async def _list(ctx: Context, request: Request, day: dt.date, zone: str, why: str = "") -> Message:
    """A list that has papers, with what is to be said of its state. Today's pages like any day's:
    a page button pressed tomorrow still means this list."""
    listed = await lists.between(ctx.store, day, day)
    found = await votes.with_gains(ctx.store, listed, ctx.clock())
    status = await ctx.collector.status(day)
    grows = not (ctx.sample or status.whole or status.fetched_at is None)
    whose = "bundled with this program" if ctx.sample else "by AK and the research community"
    caption = f"{rendering.counted(found, grows=grows)} · {whose}"
    text = why.strip()
    if grows and status.fetched_at:
        beside = f": beside these {status.behind}" if status.behind else ""
        text += f" By {dates.moment(status.fetched_at, zone)}; the list is not whole yet{beside}."
        if status.failing_since and not why:
            since = dates.moment(status.failing_since, zone)
            text += f" The feed has given no right answer since {since}."
    return rendering.listing(
        f"Daily Papers · {long_date(day)}", text.strip(), found, page=request.page, command="date",
        words=str(day), caption=caption, new=await periods.new(ctx),
    )  # fmt: skip


async def _missing(ctx: Context, day: dt.date, zone: str) -> str:
    """Why a day has no papers: a weekend, too early, or a fault."""
    status = await ctx.collector.status(day)
    if day.weekday() >= 5:
        why = f"There is no list of {long_date(day)}: it is a weekend."
    elif status.behind:
        why = f"There is no list of {long_date(day)} yet: {status.behind}; I keep asking."
    elif status.whole:
        why = f"There is no list of {long_date(day)}: no papers were listed."
    elif day > ctx.clock().date():
        why = f"The list of {long_date(day)} has not begun yet."
    elif status.doubted_at and is_whole(day, ctx.clock()):
        why = f"There is no list of {long_date(day)}, by the feed's only answer so far."
    elif status.fetched_at:
        then = dates.clock(status.fetched_at, zone)
        why = f"The list of {long_date(day)} was still empty at {then}."
    else:
        why = f"The list of {long_date(day)} is not fetched yet."
    if status.failing_since and not status.whole:
        since = dates.moment(status.failing_since, zone)
        why += f" The feed has given no right answer since {since} ({status.fault}); I keep asking."
    return why


async def _zone(ctx: Context, request: Request) -> str:
    """The zone times are told in: the place's. A person's own shows in their private chat alone."""
    where = Destination(request.platform, request.address)
    for name in (TOPICS, ""):
        if found := await subscriptions.get(ctx.store, where, name):
            return found.zone
    return "UTC"
