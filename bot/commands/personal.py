"""What a person keeps with the bot: topics, and the right to see and to erase them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

from bot import dates, lifecycle, rendering
from bot.commands import Option, command, elsewhere, option_names, scheduling
from bot.commands.context import Context
from bot.commands.scheduling import suggest_time, suggest_zone
from bot.dialogue import Action, Choice, Message, Request, Section
from bot.errors import UserError
from bot.model import TOPICS, Destination, Paper, Schedule, Subscription, Topic
from bot.schedule import DAY
from bot.states import Layout, SubscriptionState, What
from bot.store import history, lists, people
from bot.store import subscriptions as stored
from bot.text import cut, plural
from bot.topics import MOST_TOPICS, is_like, is_topic, matching, topic_query
from bot.usage import usage

LINES = 20  # lines of /mydata on a page
NEAR = 8  # topics that may be meant
BUTTONS = 25  # what a Discord message holds
_ALL = ("all", "all topics", "everything", "*")
_SURE = "all, surely"  # on the buttons of older programs, in place of `dropall`
_HOW = (
    f"Write for example: {usage('subscriptions', time='08:00', zone='Asia/Tokyo')}, or "
    f"{usage('subscriptions', papers='5 papers')} for so many in a message at most."
)


def _me(request: Request) -> Destination:
    return Destination(request.platform, request.person)


async def _mine(ctx: Context, request: Request) -> tuple[Subscription | None, list[Topic]]:
    one = await stored.get(ctx.store, _me(request), TOPICS)
    return one, await stored.topics(ctx.store, one.id) if one else []


async def _suggest_mine(ctx: Context, request: Request, begun: str) -> list[Choice]:
    _, topics = await _mine(ctx, request)
    return [Choice(t.text, t.text) for t in topics if begun.lower() in t.text.lower()]


@command(
    Option("topic", "Words that stand together; -word leaves out", required=True),
    private=True, topic="kv cache -survey",
)  # fmt: skip
async def subscribe(ctx: Context, request: Request) -> Message:
    """Get papers on a topic in private"""
    elsewhere.check_topic(request.text)
    query = topic_query(request.text, ctx.clock().date())
    current, topics = await _mine(ctx, request)
    if same := next((topic for topic in topics if is_topic(topic, str(query))), None):
        raise UserError(f"You have the topic “{same.text}” already.")
    text = str(query)
    if len(topics) >= MOST_TOPICS:
        raise UserError(f"You have {MOST_TOPICS} topics, the most there can be; drop one first.")
    # The daily post's time and zone where they ask from: a first guess at theirs.
    where = Destination(request.platform, request.address)
    guess = current or await stored.get(ctx.store, where)
    time, zone, papers = scheduling.DEFAULT
    if guess:
        time, zone, papers = guess.time, guess.zone, current.papers if current else papers
    wanted = scheduling.of(time, zone, papers, ctx.clock())
    async with ctx.store.transaction() as tx:
        if current is None or current.state is not SubscriptionState.ON:
            current = await lifecycle.set_up(
                tx, _me(request), wanted, request.person, ctx.clock(), name=TOPICS, what=What.QUERY
            )
        await stored.add_topic(tx, current.id, text, wanted.first_day)
    return await _kept(ctx, text, wanted)


async def _kept(ctx: Context, text: str, wanted: Schedule) -> Message:
    newest = await lists.newest_day(ctx.store, ctx.clock().date()) or ctx.clock().date()
    recent = await lists.between(ctx.store, newest - 27 * DAY, newest)
    hits = await asyncio.to_thread(_matched, text, recent)  # half a second, where none is read yet
    days = len({paper.day for paper in recent})
    which = "the newest list" if days == 1 else f"the last {days} lists"
    would = f"In {which} it would have found {plural(len(hits), 'paper')}" if days else ""
    would += f", the most voted being {'these' if len(hits) > 1 else 'this'}:" if hits else "."
    would += "" if hits else " Other words may find more."
    when = (
        f"On days with a match, it comes to you in private at {wanted.time} {wanted.zone}; "
        f"{usage('subscriptions', time='08:00', zone='Asia/Tokyo')}, for example, changes that."
        f"{scheduling.clock(wanted.zone, ctx.clock())}"
    )
    examples = tuple(rendering.titled(paper) for paper in hits[:3])
    return Message(
        title=f"Topic kept: {text}",
        text=f"{when}\n{would}" if days else when,
        sections=(Section(examples),) if examples else (),
    )


def _matched(text: str, found: Sequence[Paper]) -> list[Paper]:
    return [paper for paper in found if matching([Topic(0, text)], paper)]


@command(
    Option("topic", "The topic to drop", required=True, suggest=_suggest_mine),
    private=True, topic="kv cache",
)  # fmt: skip
async def unsubscribe(ctx: Context, request: Request) -> Message:
    """Drop a topic"""
    one, topics = await _mine(ctx, request)
    if one is None or not topics:
        raise UserError(f"You have no topics; {usage('subscribe')} makes one.")
    text = request.text
    if not text:
        shown = [Action(cut(t.text, 40), command="unsubscribe", text=t.text) for t in topics]
        rows = tuple(tuple(shown[n : n + 5]) for n in range(0, min(len(shown), BUTTONS), 5))
        more = f" These are {BUTTONS} of your {len(topics)}; name any other after the command."
        return Message(text="Which topic shall go?" + more * (len(topics) > BUTTONS), actions=rows)
    if text.casefold() in (*_ALL, _SURE) and not any(is_topic(t, text) for t in topics):
        if text == _SURE:
            return await dropall(ctx, request)
        drop = Action(f"Drop {plural(len(topics), 'topic')}", command="dropall")
        every = f"all your topics, {len(topics)} of them" if len(topics) > 1 else "your only topic"
        return Message(text=f"This drops {every}. Sure?", actions=((drop,),))
    kept = next((topic.text for topic in topics if is_topic(topic, text)), text)
    async with ctx.store.transaction() as tx:
        if not await stored.remove_topic(tx, one.id, kept):
            raise _no_topic(text, topics)
    return Message(text=f"Dropped “{kept}”. You have {plural(len(topics) - 1, 'topic')} left.")


def _no_topic(text: str, topics: Sequence[Topic]) -> UserError:
    """With what they may mean: the topics like it, else the first of them."""
    near = [topic.text for topic in topics if is_like(topic, text)]
    hint = "did you mean this one?" if len(near) == 1 else "did you mean one of these?"
    if not near:
        near, hint = [topic.text for topic in topics], f"{usage('subscriptions')} lists yours."
    choices = [(one, one) for one in near[:NEAR]]
    return UserError(f"You have no topic “{cut(text, 80)}”; {hint}", choices)


@command(private=True, hidden=True)
async def dropall(ctx: Context, request: Request) -> Message:
    """Drop all your topics"""
    one, topics = await _mine(ctx, request)
    if one is None or not topics:
        raise UserError(f"You have no topics; {usage('subscribe')} makes one.")
    count = plural(len(topics), "topic")
    async with ctx.store.transaction() as tx:
        for topic in topics:
            await stored.remove_topic(tx, one.id, topic.text)
    return Message(text=f"Dropped {count}. You have none left.")


@command(
    Option("time", "When matches come, such as 08:00", suggest=suggest_time, named=True),
    Option("zone", "Your time zone, such as Asia/Tokyo", suggest=suggest_zone, named=True),
    private=True, time="08:00", zone="Asia/Tokyo",
)  # fmt: skip
async def subscriptions(ctx: Context, request: Request) -> Message:
    """Your topics, and when they come"""
    one, topics = await _mine(ctx, request)
    word, taken = option_names.word(request.text), ""
    if topics and word in option_names.OFF:
        return _no_pause(topics)
    if word in option_names.HELP:
        return Message(text=_HOW)
    if one and request.text and word not in option_names.ON:
        taken = scheduling.taken(scheduling.understood(request.text, ctx.clock()))
        wanted = scheduling.read(request.text, one, ctx.clock())
        async with ctx.store.transaction() as tx:
            await lifecycle.set_up(
                tx, _me(request), wanted, request.person, ctx.clock(), name=TOPICS, what=What.QUERY
            )
        one, topics = await _mine(ctx, request)
    elif (
        one and one.state is SubscriptionState.OFF and request.one_to_one
    ):  # who writes here may be written to
        async with ctx.store.transaction() as tx:
            one = await lifecycle.resume(tx, one, ctx.clock())
    if one is None or not topics:
        example = usage("subscribe", topic="kv cache")
        raise UserError(f"You have no topics yet; {example}, for example, makes one.")
    run = await scheduling.coming(ctx, one)
    when = f"Matches come at {one.time} {one.zone}, next on {dates.long_date(run.local_date)}."
    when += f" A message has {plural(one.papers, 'paper')} at most."
    if one.state is SubscriptionState.OFF:
        again = usage("subscriptions", time=one.time)
        why = one.reason.rstrip(".")
        when = f"Switched off: {why}. {again} switches it on again, once I may write to you."
    which = "one" if len(topics) > 1 else "it"
    return Message(
        title=f"Your {len(topics)} topics" if len(topics) > 1 else "Your topic",
        text="\n".join(f"· {topic.text}" for topic in topics),
        note=f"{taken} {when} {usage('unsubscribe')} drops {which}.".strip(),
    )


def _no_pause(topics: Sequence[Topic]) -> Message:
    drop = Action("Drop all topics", command="unsubscribe", text="all")
    how = f"{usage('unsubscribe')} drops yours."
    if len(topics) > 1:
        every = usage("unsubscribe", topic="all")
        how = f"{usage('unsubscribe')} drops one, {every} drops all {len(topics)}."
    return Message(
        text=f"Topics have no pause: they come as long as you have them. {how}", actions=((drop,),)
    )


@command(private=True)
async def privacy(ctx: Context, request: Request) -> Message:
    """What is kept about you"""
    return Message(
        title="What I keep about you",
        text=(
            "Your account's number on this platform, your topics, the time and zone you chose, "
            "the posts I sent you in the last 90 days, and the places you set up or added me to. "
            "Words too long for a button are kept for 90 days, without your name. "
            "I read no messages but those to me, and pass nothing on.\n"
            f"{usage('mydata')} shows it all, {usage('forgetme')} erases it."
        ),
    )


@command(private=True)
async def mydata(ctx: Context, request: Request) -> Message:
    """Everything that is kept about you"""
    lines = [f"Account: {request.platform} {request.person}"]
    for one in await stored.owned(ctx.store, request.platform, request.person):
        where = "you" if one.destination == _me(request) else one.destination.address
        what = "Topics" if one.name == TOPICS else f"{one.name or 'Daily post'} to {where}"
        state = f"{one.state} ({one.reason})" if one.reason else one.state
        query = f", only {one.query}" if one.query else ""
        compact = ", compact" if one.layout is Layout.COMPACT else ""
        how = f"{plural(one.papers, 'paper')}{query}{compact}"
        lines.append(f"{what}: {one.time} {one.zone}, {how}, {state}")
        lines += [f"· {topic.text}" for topic in await stored.topics(ctx.store, one.id)]
    for title in await people.places_of(ctx.store, request.platform, request.person):
        lines.append(f"You added me to: {title}")
    sent = await history.received(ctx.store, request.platform, request.person)
    lines += [f"Message of {_day(day)} ({kind}): {state}" for day, kind, state in sent]
    if len(lines) == 1:
        lines = ["Nothing is kept about you."]
    page, pages = rendering.nearest(request.page, len(lines), LINES)
    return Message(
        title="Your data",
        text="\n".join(lines[(page - 1) * LINES : page * LINES]),
        note=f"Page {page} of {pages}" if pages > 1 else "",
        actions=(rendering.pager("mydata", "", page, pages),) if pages > 1 else (),
    )


def _day(text: str) -> str:
    """As it is stored, where that is no day."""
    try:
        return dates.long_date(date.fromisoformat(text))
    except ValueError:
        return text


@command(Option("sure", "Write yes to erase at once"), private=True)
async def forgetme(ctx: Context, request: Request) -> Message:
    """Erase everything that is kept about you"""
    if request.text.lower() != "yes":
        return Message(
            text="This erases your topics, your settings and the record of posts to you. "
            "Channels you set up keep their posts, without your name. Sure? Then: "
            f"{usage('forgetme', sure='yes')}",
            actions=((Action("Erase everything", command="forgetme", text="yes"),),),
        )
    async with ctx.store.transaction() as tx:
        await people.forget(tx, request.platform, request.person)
    return Message(text="Erased. I know nothing about you any more.")
