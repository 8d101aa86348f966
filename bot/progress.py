"""What a place has had, and what its next post owes it. Pure.

Nothing is counted: a paper was posted when a delivery that came, or may have come, carries it, and
a list day is settled when such a delivery posted it or named it as not coming.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from bot.dates import long_date
from bot.digest import Digest
from bot.model import Paper, PastDelivery
from bot.reasons import for_readers
from bot.schedule import DAY
from bot.states import CAME, UNDER_WAY, DeliveryState

REACH = timedelta(days=7)  # how far back a post still brings what came late or was missed
NAMED = timedelta(days=60)  # how far back it names what does not come: rows are kept for longer
DOWN = "the bot was not running"
CHANGED = "the time was changed"


@dataclass(frozen=True, slots=True)
class Past:
    """One place's deliveries of one kind, as far as its next post depends on them."""

    first_day: date  # the first list that is owed at all
    since: date  # the lists before are settled
    had: frozenset[str]  # papers that came, may have come, or are on their way
    settled: frozenset[date]  # list days that were posted, or named as not coming
    named: frozenset[date]  # of these, those whose papers do not come
    why: tuple[PastDelivery, ...]  # of each list that did not come, the newest run
    retired: date = date.min  # a restored backup takes the lists before for posted

    def is_settled(self, day: date) -> bool:
        """Also of a list before those that are remembered one by one."""
        return day in self.settled or self.first_day <= day < self.since

    def came(self, day: date) -> bool:
        """Whether its papers did, may have, or are on their way; a list that was only named did not
        come. Of a past that is read back to that day."""
        return day not in self.named and (day in self.settled or day < self.retired)

    def comes(self, day: date, run: date) -> bool:
        """Whether the post of the list of `run` brings that list, which did not come."""
        return not self.is_settled(day) and run - REACH <= day < run


@dataclass(frozen=True, slots=True)
class Lists:
    """What is stored of the lists up to a day."""

    day: date
    papers: Sequence[tuple[date, Paper]]  # of the days in twice the reach, the best voted first
    older: Collection[date]  # days before those, whose lists have papers
    empty: Collection[date]  # days whose lists are known to have none


@dataclass(frozen=True, slots=True)
class Owed:
    """What a post brings, beside its own day's list, and what it says of the days before."""

    papers: Sequence[tuple[date, Paper]]  # each once
    days: tuple[date, ...]  # settled by being posted: its own, then those that did not come
    named: tuple[date, ...]  # settled by being named as not coming
    notes: tuple[str, ...]


def past(
    first_day: date, deliveries: Sequence[PastDelivery], contents: Mapping[int, Digest]
) -> Past:
    """Read from a place's deliveries, oldest first, and their digests."""
    had: set[str] = set()
    posted: set[date] = set()
    named: set[date] = set()
    since, retired = first_day, date.min
    why: dict[date, PastDelivery] = {}
    for event in deliveries:
        carried = contents.get(event.content or 0)
        looked = (
            event.state is DeliveryState.SKIPPED and carried is not None
        )  # nothing of it matched
        if carried and (looked or event.state in (*CAME, *UNDER_WAY)):
            had.update(item.id for item in carried.items)
            posted.update(carried.days)
            named.update(carried.named)
        elif event.list_day and event.state in (*CAME, *UNDER_WAY):  # its digest cannot be read
            named.add(event.list_day)
        elif event.list_day:
            why[event.list_day] = event
        if carried and event.state in CAME:
            since = max(since, carried.since or carried.day - REACH)
        if carried and event.state is DeliveryState.RETIRED:
            retired = max(retired, carried.day)
    settled = frozenset(posted | named)
    not_coming = frozenset(named - posted)
    runs = tuple(why.values())
    return Past(first_day, since, frozenset(had), settled, not_coming, runs, retired)


def owed(past: Past, lists: Lists, *, selected: bool = False) -> Owed:
    """What the post of `lists.day` brings and says. selected: the place gets what matches alone.

    A list day that did not come is brought, with why, as far back as a post reaches; before that
    it is named. One that somebody chose to pause is named.
    """
    day, start = lists.day, max(past.first_day, lists.day - REACH)
    on_lists = {listed for listed, _ in lists.papers}
    missing = {d for d in on_lists if max(past.since, start) <= d < day and d not in past.settled}
    chosen = {d for d in missing if (run := _run(past, d)) and run.state is DeliveryState.PAUSED}
    brought = sorted(missing - chosen)
    gone = sorted({*_unreachable(past, lists, start), *chosen})
    papers = [
        (listed, paper)
        for listed, paper in _once(lists.papers, day)
        if listed >= start and not (listed in gone or listed in past.named)
        and paper.id not in past.had
        and not (paper.day and past.first_day <= paper.day < day - REACH)  # it had that list
    ]  # fmt: skip
    # Of a selection nobody knows whether what it has not had was added later, or did not match.
    added = [] if selected else sorted(_added_too_late(past, lists, start))
    notes = [*_told(past, brought, came=True), *_told(past, gone, came=False)]
    if added:
        notes.append(f"Not posted: what was added to {spans(added)} after its post.")
    return Owed(papers, (day, *brought), tuple(sorted({*gone, *added})), tuple(notes))


def left_over(past: Past, day: date, empty: Collection[date]) -> tuple[list[date], list[date]]:
    """Lists without a post of their own that the post of `day` brings, and those it only names."""
    first = max(past.since, past.first_day, day - NAMED)
    runs = {event.list_day: event for event in past.why if event.state is not DeliveryState.SKIPPED}
    days = sorted(d for d in runs if d and first <= d < day and d not in {*past.settled, *empty})
    named = [d for d in days if d < day - REACH or runs[d].state is DeliveryState.PAUSED]
    return [d for d in days if d not in named], named


def _added_too_late(past: Past, lists: Lists, start: date) -> set[date]:
    """Lists that were posted, and had papers added that no post could bring within its reach."""
    return {
        listed
        for listed, paper in lists.papers
        if past.since <= listed < start and listed in past.settled - past.named
        and paper.id not in past.had
    }  # fmt: skip


def _unreachable(past: Past, lists: Lists, start: date) -> Iterator[date]:
    """Days whose papers do not come any more. Of a list that could never be read nobody knows
    whether there was one: on a weekday there was."""
    known = {*lists.older, *(d for d, _ in lists.papers)}
    first = max(past.since, lists.day - NAMED)
    for n in range((start - first).days):
        day = first + n * DAY
        listed = day in known or (day.weekday() < 5 and day not in lists.empty)
        if listed and day not in past.settled:
            yield day


def _once(papers: Sequence[tuple[date, Paper]], day: date) -> Iterator[tuple[date, Paper]]:
    """A paper that is on several lists comes with the post's own, else with the newest."""
    newest: dict[str, date] = {}
    for listed, paper in papers:
        if listed <= day:
            newest[paper.id] = max(listed, newest.get(paper.id, listed))
    return ((listed, p) for listed, p in papers if newest.get(p.id) == listed)


def _run(past: Past, day: date) -> PastDelivery | None:
    return next((event for event in past.why if event.list_day == day), None)


def _reason(event: PastDelivery | None) -> str:
    if event is None:
        return DOWN
    if event.state is DeliveryState.SKIPPED:
        return "it was published late"
    if event.state is DeliveryState.REPLACED:
        return CHANGED  # older programs wrote it otherwise
    if event.state is DeliveryState.PAUSED:
        return "the posts were paused"
    return for_readers(event.reason)


def _told(past: Past, days: Sequence[date], *, came: bool) -> Iterator[str]:
    """Of lists, not of days: a post that is due before a list opens is of the day after it."""
    for (why, replaced), group in groupby(days, key=lambda day: _cause(_run(past, day))):
        those = list(group)
        name = f"list{'s' * (len(those) > 1)} of {spans(those)}"
        if not came:
            yield f"Not posted: the {name} ({why})."
        else:
            own = "posts of their own" if len(those) > 1 else "post of its own"
            became = f"had no {own}" if replaced else "did not come"
            yield f"The {name} {became}: {why}; what was listed then is below."


def _cause(event: PastDelivery | None) -> tuple[str, bool]:
    """Why there was no post, and whether it was to come with another."""
    replaced = event is not None and event.state is DeliveryState.REPLACED
    return _reason(event).rstrip("."), replaced


def spans(days: Sequence[date]) -> str:
    """`Tue 3 June, Mon 9 June to Fri 13 June`; days apart by a weekend are one span."""
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days <= (3 if day.weekday() == 0 else 1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        long_date(run[0], year=False)
        if len(run) == 1
        else f"{long_date(run[0], year=False)}{' to ' if len(run) > 2 else ', '}"
        f"{long_date(run[-1], year=False)}"
        for run in runs
    )
