"""What a person keeps with the bot: topics, and the right to see and to erase them."""

from __future__ import annotations

from bot import digest
from bot.commands import Option, command, order
from bot.commands.context import Context
from bot.errors import UserError
from bot.model import Action, Choice, Destination, Message, Request, Section, Subscription, Topic
from bot.plan import run_of
from bot.schedule import DAY
from bot.store import papers, people
from bot.text import cut, plural
from bot.topics import MOST_TOPICS, clean, matching

LINES = 20  # lines of /mydata on a page


def _me(request: Request) -> Destination:
    return Destination(request.platform, request.person)


async def _mine(ctx: Context, request: Request) -> tuple[Subscription | None, list[Topic]]:
    one = await people.subscription(ctx.store, _me(request), "topics")
    return one, await people.topics(ctx.store, one.id) if one else []


async def _suggest_mine(ctx: Context, request: Request, typed: str) -> list[Choice]:
    _, topics = await _mine(ctx, request)
    return [Choice(t.text, t.text) for t in topics if typed.lower() in t.text.lower()]


@command(
    Option("topic", "Words that stand together; -word leaves out", required=True), private=True
)
async def subscribe(ctx: Context, request: Request) -> Message:
    """Get papers on a topic in private: /subscribe kv cache -survey"""
    text = clean(request.text)
    current, topics = await _mine(ctx, request)
    if len(topics) >= MOST_TOPICS:
        raise UserError(
            f"You have {MOST_TOPICS} topics, which is the most; /unsubscribe one first."
        )
    wanted = order.read("", current or await _habit(ctx, request), ctx.clock())
    async with ctx.store.transaction() as tx:
        number = current.id if current else None
        if current is None or current.state == "off":
            number = await people.subscribe(tx, _me(request), "topics", wanted, request.person)
        if not await people.add_topic(tx, number or 0, text):
            raise UserError(f"You have the topic “{text}” already.")
    return await _kept(ctx, text, wanted)


async def _habit(ctx: Context, request: Request) -> Subscription | None:
    """The daily post's time and zone in the place someone asks from: a first guess at theirs."""
    where = Destination(request.platform, request.address)
    return await people.subscription(ctx.store, where, "daily")


async def _kept(ctx: Context, text: str, wanted: people.Order) -> Message:
    newest = await papers.newest_day(ctx.store, ctx.clock().date()) or ctx.clock().date()
    recent = await papers.between(ctx.store, newest - 27 * DAY, newest)
    hits = [paper for paper in recent if matching([Topic(0, text)], paper)]
    days = len({paper.day for paper in recent})
    would = (
        f"It would have brought {plural(len(hits), 'paper')} of the last {plural(days, 'list')}."
    )
    when = (
        f"Matches come to you in private at {wanted.time} {wanted.zone} on the days there are any. "
        "Change that with /subscriptions 08:00 Asia/Tokyo."
    )
    examples = tuple(digest.entry(paper, summary=0) for paper in hits[:3])
    return Message(
        title=f"Topic kept: {text}",
        text=f"{when}\n{would}" + (" The best voted:" if hits else ""),
        sections=(Section(examples),) if examples else (),
    )


@command(Option("topic", "The topic to drop", required=True, suggest=_suggest_mine), private=True)
async def unsubscribe(ctx: Context, request: Request) -> Message:
    """Drop a topic: /unsubscribe kv cache"""
    one, topics = await _mine(ctx, request)
    if one is None or not topics:
        raise UserError("You have no topics; /subscribe makes one.")
    text = request.text.strip()
    if not text:
        buttons = [Action(cut(t.text, 40), command="unsubscribe", text=t.text) for t in topics[:25]]
        rows = tuple(tuple(buttons[n : n + 5]) for n in range(0, len(buttons), 5))
        return Message(text="Which topic shall go?", actions=rows)
    async with ctx.store.transaction() as tx:
        if not await people.remove_topic(tx, one.id, text):
            raise UserError(f"You have no topic “{cut(text, 80)}”; /subscriptions lists yours.")
    return Message(text=f"Dropped “{text}”. You have {plural(len(topics) - 1, 'topic')} left.")


@command(
    Option("time", "When matches come, such as 08:00", suggest=order.suggest_time),
    Option("zone", "Your time zone, such as Asia/Tokyo", suggest=order.suggest_zone),
    private=True,
)
async def subscriptions(ctx: Context, request: Request) -> Message:
    """Your topics, and when their papers come: /subscriptions 08:00 Asia/Tokyo"""
    one, topics = await _mine(ctx, request)
    if one is None:
        raise UserError("You have no topics yet; /subscribe kv cache makes one.")
    if request.text.strip():
        wanted = order.read(request.text, one, ctx.clock())
        async with ctx.store.transaction() as tx:
            await people.subscribe(tx, _me(request), "topics", wanted, request.person)
        one, topics = await _mine(ctx, request)
    assert one is not None  # noqa: S101 - it was just written
    lines = [f"· {topic.text}" for topic in topics] or ["None; /subscribe makes one."]
    state = f" Switched off: {one.reason}." if one.state == "off" else ""
    next_day = digest.name(run_of(one).local_date)
    return Message(
        title=f"Your {plural(len(topics), 'topic')}",
        text="\n".join(lines),
        note=f"At {one.time} {one.zone} when something matches; next on {next_day}.{state}",
    )


@command(private=True)
async def privacy(ctx: Context, request: Request) -> Message:
    """What is kept about you"""
    return Message(
        title="What I keep about you",
        text=(
            "Your account's number on this platform, your topics, the time and zone you chose, "
            "which posts I sent you in the last 90 days, and which places you set up. "
            "The words behind a search's page buttons are kept for 90 days, without your name. "
            "I read no messages but commands to me, and pass nothing on.\n"
            "/mydata shows it all, /forgetme erases it."
        ),
    )


@command(private=True)
async def mydata(ctx: Context, request: Request) -> Message:
    """Everything that is kept about you"""
    lines = [f"Account: {request.platform} {request.person}"]
    for one in await people.owned(ctx.store, request.platform, request.person):
        what = "your topics" if one.kind == "topics" else f"daily post in {one.destination.address}"
        lines.append(f"{what}: {one.time} {one.zone}, {plural(one.papers, 'paper')}, {one.state}")
        lines += [f"· topic: {topic.text}" for topic in await people.topics(ctx.store, one.id)]
    for title in await people.places_of(ctx.store, request.platform, request.person):
        lines.append(f"You added me to: {title}")
    sent = await people.received(ctx.store, request.platform, request.person)
    lines += [f"{kind} post of {day}: {state}" for day, kind, state in sent]
    if len(lines) == 1:
        lines = ["Nothing is kept about you."]
    pages = -(-len(lines) // LINES)
    page = min(max(request.page, 1), pages)
    return Message(
        title="Your data",
        text="\n".join(lines[(page - 1) * LINES : page * LINES]),
        note=f"Page {page} of {pages}" if pages > 1 else "",
        actions=(digest.pager("mydata", "", page, pages),) if pages > 1 else (),
    )


@command(Option("sure", "Write yes to erase at once"), private=True)
async def forgetme(ctx: Context, request: Request) -> Message:
    """Erase everything that is kept about you"""
    if request.text.strip().lower() != "yes":
        return Message(
            text="This erases your topics, your settings and the record of posts to you. "
            "Channels you set up keep their posts, without your name. Sure? Then: /forgetme yes",
            actions=((Action("Erase everything", command="forgetme", text="yes"),),),
        )
    async with ctx.store.transaction() as tx:
        await people.forget(tx, request.platform, request.person)
    return Message(text="Erased. I know nothing about you any more.")
