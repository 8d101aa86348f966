"""What becomes of a subscription's runs: what is stored goes in, what to do comes out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot import dates, digest, schedule
from bot.digest import Digest
from bot.errors import UserError
from bot.model import ListStatus, Subscription, Topic
from bot.progress import CHANGED, DOWN, NAMED, REACH, Owed, Past
from bot.schedule import DAY, LATEST
from bot.states import DeliveryState, SubscriptionState

ON_TIME = timedelta(minutes=15)  # a list fetched this short before a run is fresh; later is late
FIRST_LOOK = timedelta(minutes=5)  # after a place was lost, whether posts can go there again
LONGEST_LOOK = DAY


@dataclass(frozen=True, slots=True)
class Run:
    """One subscription's run: which local date it is for, and which day's list it posts."""

    subscription: Subscription
    local_date: date
    day: date


class Verdict(StrEnum):
    """What to do with a run."""

    POST = "post"
    WAIT = "wait"
    SKIP = "skip"  # there is nothing to post
    MISS = "miss"  # it is too late


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What the outbox is to say of a run."""

    state: DeliveryState
    reason: str = ""
    payload: str = ""


# which run -----------------------------------------------------------------------------------


def run_of(subscription: Subscription) -> Run:
    """Raises UserError when its time is none, or this machine lacks its zone."""
    at = subscription.run_at
    local = schedule.local_date(at, subscription.time, subscription.zone)
    return Run(subscription, local, schedule.list_day(at, local))


def next_run(subscription: Subscription, after: datetime) -> datetime:
    """Raises UserError as `run_of` does."""
    return schedule.next_run(after, subscription.time, subscription.zone)


def run_after(subscription: Subscription, now: datetime) -> datetime:
    """Of one whose run is decided. After a time without the program each has its row, but for those
    that are older than what a post names."""
    return next_run(subscription, max(subscription.run_at, now - NAMED))


def coming(subscription: Subscription, past: Past, now: datetime) -> Run:
    """The next run that can post: not a weekend's, nor of a list that had its post. After a time
    without the program, what is stored may be long over, until it is planned anew."""
    earliest = now - LATEST
    if subscription.run_at < earliest:
        subscription = replace(subscription, run_at=next_run(subscription, earliest))
    run = run_of(subscription)
    while run.day.weekday() >= 5 or run.day in past.settled or run.day < past.since:
        subscription = replace(subscription, run_at=next_run(subscription, subscription.run_at))
        run = run_of(subscription)
    return run


def passed_over(subscription: Subscription, first_day: date, now: datetime) -> list[Run]:
    """The runs whose lists are older than `first_day`, the first list of a new schedule, but for
    those that are older than what a post names."""
    first = max(subscription.run_at, next_run(subscription, now - NAMED - DAY))
    run = run_of(replace(subscription, run_at=first))
    runs = []
    while run.day < first_day:
        runs.append(run)
        run = run_of(replace(subscription, run_at=next_run(subscription, run.subscription.run_at)))
    return runs


def over(subscription: Subscription, until: datetime) -> list[Run]:
    """The runs not after `until`, but for those that are older than what a post names."""
    first = max(subscription.run_at, next_run(subscription, until - NAMED - DAY))
    subscription = replace(subscription, run_at=first)
    runs = []
    while subscription.run_at <= until:
        runs.append(run_of(subscription))
        subscription = replace(subscription, run_at=next_run(subscription, subscription.run_at))
    return runs


def list_days(waiting: Iterable[Subscription], now: datetime, before: int) -> set[date]:
    """The lists that are to be posted, and so many days' before, that may have late papers."""
    days = set()
    for subscription in waiting:
        try:
            if now - subscription.run_at <= LATEST:
                days |= {run_of(subscription).day - n * DAY for n in range(before)}
        except UserError:
            continue  # planning sets it aside
    return days


# what becomes of it --------------------------------------------------------------------------


def decide(run: Run, status: ListStatus, past: Past, now: datetime) -> Decision:
    """A list that is stale, doubted or still empty is waited for, up to six hours."""
    asked = run.subscription
    late = now - asked.run_at > LATEST
    fetched = status.fetched_at
    fresh = fetched is not None and (status.whole or fetched >= asked.run_at - ON_TIME)
    fresh = fresh and status.doubted_at is None
    if run.day in past.settled or run.day < past.since:
        return Decision(Verdict.SKIP, f"the list of {_day(run.day)} was posted before")
    if fresh and status.papers and not late:
        return Decision(Verdict.POST)
    if not status.papers and run.day.weekday() >= 5 and (fresh or late):
        return Decision(Verdict.SKIP, f"no list: {run.day:%A}")
    if fresh and not status.papers and (status.whole or late):
        return Decision(Verdict.SKIP, f"no list on {_day(run.day)}")
    if late:
        return Decision(Verdict.MISS, asked.reason or DOWN)
    if status.failing_since:
        since = dates.clock(status.failing_since, asked.zone)
        return Decision(Verdict.WAIT, f"no right answer from the feed since {since}")
    return Decision(Verdict.WAIT, "nothing on its list by then" if fresh else "")


def _day(day: date) -> str:
    return dates.long_date(day, year=False)


def post(run: Run, status: ListStatus, owed: Owed, topics: Sequence[Topic], now: datetime) -> Row:
    """Its frozen digest. Where nothing is left to post: skipped, with which lists were looked
    through; what it had to say is still to be said."""
    asked = run.subscription
    notes = (*_late(asked, now), *owed.notes)
    draft = replace(draft_of(asked, run.day, status, now), notes=notes, days=owed.days,
                    named=owed.named)  # fmt: skip
    frozen = digest.compose(draft, owed.papers, topics)
    if frozen.items:
        return Row(DeliveryState.PENDING, payload=frozen.dumps())
    looked = replace(draft, zone="UTC", size=0, notes=(), named=())
    nothing = "nothing matched" if asked.is_selective else "nothing new was listed"
    return Row(DeliveryState.SKIPPED, nothing, looked.dumps())


def draft_of(asked: Subscription, day: date, status: ListStatus, now: datetime) -> Digest:
    """Its post of that day's list, as it stands, still without papers."""
    as_of = status.fetched_at or now
    return Digest(asked.what, day, status.whole, as_of, asked.zone, asked.papers, (),
                  name=asked.name, query=asked.query, layout=asked.layout)  # fmt: skip


def _late(asked: Subscription, now: datetime) -> tuple[str, ...]:
    if now - asked.run_at <= ON_TIME:
        return ()
    due = dates.clock(asked.run_at, asked.zone)
    return (f"Late, due at {due}: {asked.reason or DOWN}.",)


def deadline(asked: Subscription, now: datetime) -> datetime:
    """Until when its post may be begun."""
    return max(asked.run_at, now - LATEST) + LATEST


def left_out(run: Run, now: datetime) -> Row:
    """Of a run that a new schedule passes over, or that passed while its place had no posts."""
    asked = run.subscription
    late = now - asked.run_at > LATEST
    if asked.run_at > now or (asked.state is SubscriptionState.ON and not late):
        return without_post(run.day, DeliveryState.REPLACED, CHANGED)
    if asked.state is SubscriptionState.PAUSED:
        return without_post(run.day, DeliveryState.PAUSED)
    return without_post(run.day, DeliveryState.MISSED, asked.reason or DOWN)


def without_post(day: date, state: DeliveryState, reason: str = "") -> Row:
    """Of a list that had no post; on a weekend nothing was left out."""
    if day.weekday() >= 5:
        return Row(DeliveryState.SKIPPED, f"no list: {day:%A}")
    return Row(state, reason)


# by hand, and at a lost place ----------------------------------------------------------------


def last_list_day(subscription: Subscription, now: datetime) -> date:
    """Of the newest run that is over. Raises UserError for an unknown zone."""
    last = schedule.last_run(now, subscription.time, subscription.zone)
    local = schedule.local_date(last, subscription.time, subscription.zone)
    return schedule.list_day(last, local)


def may_post(newest: date, day: date, past: Past) -> bool:
    """Whether the list of `newest` may stand for the run of `day`, and was not posted."""
    if newest <= day - REACH or newest in past.settled:
        return False
    return newest >= past.since or newest < past.first_day


def next_look(subscription: Subscription, now: datetime) -> datetime:
    """When to look again whether posts can go to a lost place: ever later."""
    return now + min(FIRST_LOOK * 2.0 ** min(subscription.looks + 1, 12), LONGEST_LOOK)
