"""What readers of a place were owed, held against what came: known from the outside alone."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.dialogue import Message
from bot.model import Destination
from bot.schedule import DAY
from tests.sim.world import Earth, Life, ListedPaper, Seen

_NAMED = re.compile(r"date-1-t(\d{4}-\d\d-\d\d)")  # a button that opens a day's list
LATE = timedelta(hours=6)  # between a digest and its arrival
DUE = timedelta(hours=7)  # until a post that was asked for by hand came, or never does
SETTLED = timedelta(minutes=100)  # after it joined a list, or left it, a post knows


@dataclass
class Verdict:
    """What went wrong at one place."""

    lost: list[str] = field(default_factory=list)  # neither posted nor named
    twice: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)  # came although it had left its list
    posts: int = 0


@dataclass
class _Came:
    """What is known of one place's posts."""

    sure: Counter[str] = field(default_factory=Counter)  # by title
    perhaps: set[str] = field(default_factory=set)
    when: dict[str, datetime] = field(default_factory=dict)
    named: set[date] = field(default_factory=set)
    regular: list[datetime] = field(default_factory=list)  # of posts that bring late papers
    unreadable: set[date] = field(default_factory=set)
    stale: dict[date, datetime] = field(default_factory=dict)  # until when another was answered


async def judge(
    earth: Earth, life: Life, where: Destination, first: date, last: date, by_hand: set[datetime],
    doubtful: set[date],
) -> Verdict:  # fmt: skip
    """Every list day from `first` to `last`: each paper once, or the day is named.

    doubtful: lists of which the bot said that their post may not have arrived.
    """
    seen = earth.platforms[where.platform].chats.get(where.address, [])
    posts = [one for one in seen if one.message.title.startswith("Daily Papers")]
    came = await _read(life, where, posts, by_hand)
    came.unreadable, came.stale = earth.feed.broken_days, earth.feed.stale_until
    twice = [f"{title} x{count}" for title, count in came.sure.items() if count > 1]
    verdict = Verdict(twice=twice, posts=len(posts))
    for n in range((last - first).days + 1):
        day = first + n * DAY
        if not doubtful & {day + after * DAY for after in range(4)}:
            _judge_day(day, earth.feed.lists.get(day, []), came, verdict)
    return verdict


def twice(earth: Earth, where: Destination, name: str) -> list[str]:
    """The papers that surely came in two posts of the subscription of that name."""
    seen = earth.platforms[where.platform].chats.get(where.address, [])
    came = Counter(
        entry.title
        for one in seen
        if one.sure and one.message.title.startswith(name)
        for section in one.message.sections
        for entry in section.entries
    )
    return [title for title, count in came.items() if count > 1]


async def _read(life: Life, where: Destination, posts: list[Seen], by_hand: set[datetime]) -> _Came:
    came = _Came()
    for one in posts:
        titles = [title async for title in _titles(life, where, one.message)]
        came.named |= {day async for day in _named(life, where, one.message)}
        came.perhaps.update(titles)
        for title in titles:
            came.when.setdefault(title, one.at)
        if one.sure:
            came.sure.update(titles)
        if not any(tap <= one.at <= tap + DUE for tap in by_hand):
            came.regular.append(one.at)
    return came


def _judge_day(day: date, listed: list[ListedPaper], came: _Came, verdict: Verdict) -> None:
    stays = [one for one in listed if not one.left]
    arrived = [one for one in stays if one.paper.title in came.perhaps]
    missing = [one for one in stays if _owed(one, day, came) and one not in arrived]
    if arrived and day in came.named:  # what was added later may be named
        first = min(came.when[one.paper.title] for one in arrived)
        missing = [one for one in missing if one.joined + SETTLED < first - LATE]
    if missing and (arrived or day not in came.named):
        verdict.lost.append(f"{day}: {', '.join(one.paper.title for one in missing)}")
    if stays and not arrived and day not in came.named and _later(day, came):
        verdict.lost.append(f"{day}: no word")
    for one in listed:
        at = came.when.get(one.paper.title)
        if one.left and at and at > one.left + SETTLED + LATE:
            verdict.withdrawn.append(f"{day}: {one.paper.title}")


def _owed(one: ListedPaper, day: date, came: _Came) -> bool:
    """A post could bring it: one within a week of its list, after it joined."""
    if day in came.unreadable:
        return False
    ready = max(one.joined, came.stale.get(day, one.joined)) + SETTLED
    return any(ready + LATE <= at and (at.date() - day).days < 7 for at in came.regular)


def _later(day: date, came: _Came) -> bool:
    return any((at.date() - day).days > 9 for at in came.regular)


async def _named(life: Life, where: Destination, message: Message) -> AsyncIterator[date]:
    """The days that a post has a button for, also those behind one."""
    for _ in range(20):
        buttons = [a for row in message.actions for a in row]
        for button in buttons:
            for day in _NAMED.findall(button.data):
                yield date.fromisoformat(day)
        ahead = [b for b in buttons if b.data.startswith("days-") and not b.label.startswith("‹")]
        if not ahead:
            return
        message = await life.presses(where, ahead[0].data)


async def _titles(life: Life, where: Destination, message: Message) -> AsyncIterator[str]:
    """Of the papers of a post, also those behind its button."""
    for _ in range(20):
        for section in message.sections:
            for entry in section.entries:
                yield entry.title
        more = [a for row in message.actions for a in row if a.data.startswith("more-")]
        ahead = [a for a in more if not a.label.startswith("‹")]
        if not ahead:
            return
        message = await life.presses(where, ahead[0].data)
