"""What is due becomes a frozen digest, once for each destination and local date."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import digest, lifecycle, plan, rendering
from bot.collect import Collector
from bot.decide import Decision, Run, Verdict, decide
from bot.digest import Digest
from bot.errors import SourceError
from bot.model import Destination, ListStatus, Paper, Schedule, Subscription
from bot.progress import NAMED, Past
from bot.schedule import DAY
from bot.states import SubscriptionState, What
from bot.store import Store, opened, papers, people, subscriptions
from tests.fakes import Clock, FakeSource, at, on, paper, papers_of, subscribe

HOUR = timedelta(hours=1)
MONDAY = on("2025-06-02")


class Growing(FakeSource):
    """A feed whose papers appear one after another."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.appears: list[tuple[datetime, Paper]] = []

    def add(self, when: str, *found: Paper) -> None:
        self.appears += [(at(when), one) for one in found]

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        now = self.clock.now
        self.lists[day] = tuple(p for when, p in self.appears if when <= now and p.day == day)
        return await super().fetch(day)


@dataclass
class World:
    """Store, feed and clock, and the tick the program makes."""

    store: Store
    clock: Clock
    feed: Growing
    collector: Collector

    async def tick(self) -> int:
        now, settled = self.clock.now, 0
        await self.collector.refresh(now)
        while count := await plan.plan(self.store, self.collector, now):
            settled += count
            assert settled < 1000, "planning comes to an end"
        return settled

    async def until(self, text: str, **step: float) -> None:
        """Tick up to that moment, every half hour unless told otherwise."""
        while self.clock.now < at(text):
            self.clock.pass_(**(step or {"minutes": 30}))
            await self.tick()

    async def rows(self, address: str = "c1") -> list[tuple[str, str, str]]:
        found = await self.store.rows(
            "SELECT * FROM deliveries WHERE address = :a ORDER BY local_date, id", a=address
        )
        return [(row["local_date"], row["state"], row["reason"]) for row in found]

    async def digests(self, address: str = "c1") -> list[Digest]:
        found = await self.store.rows(
            """SELECT text FROM deliveries AS d JOIN contents AS c ON c.id = d.content
            WHERE address = :a AND state = 'pending' ORDER BY d.local_date, d.part""",
            a=address,
        )
        return [digest.loads(row["text"]) for row in found]

    async def numbers(self, address: str = "c1") -> list[list[int]]:
        """The numbers of the papers of each post."""
        return [[int(item.id[-5:]) for item in one.items] for one in await self.digests(address)]


@asynccontextmanager
async def world_in(folder: Path, now: str) -> AsyncIterator[World]:
    async with opened(folder / "papers.db") as store:
        clock = Clock(at(now))
        feed = Growing(clock)
        yield World(store, clock, feed, Collector(store, [feed]))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """It is Monday, 2 June 2025, 00:10 UTC."""
    async with world_in(tmp_path, "2025-06-02 00:10") as made:
        yield made


# decide ---------------------------------------------------------------------------------------

NINE = at("2025-06-02 09:00")
STANDING = Subscription(
    1,
    Destination("discord", "c1"),
    "",
    What.DAY,
    "",
    "09:00",
    "UTC",
    10,
    SubscriptionState.ON,
    "",
    NINE,
    None,
    MONDAY,
)
NEW = Past(MONDAY, MONDAY, frozenset(), frozenset(), frozenset(), ())
FRESH = ListStatus(NINE - timedelta(minutes=15), 5)
STALE = ListStatus(NINE - timedelta(minutes=16), 5)
DOWN = ListStatus(None, 0, False, NINE - HOUR, "it answered 500")


def on_saturday(status: ListStatus, late: float = 0) -> Decision:
    run_at = at("2025-06-07 09:00")
    moved = timedelta(days=5)
    fetched = status.fetched_at and status.fetched_at + moved
    asked = replace(STANDING, run_at=run_at)
    run = Run(asked, run_at.date(), run_at.date())
    return decide(run, replace(status, fetched_at=fetched), NEW, run_at + late * HOUR)


@pytest.mark.parametrize(
    ("status", "late", "waited_for", "decision"),
    [
        (FRESH, 0, "", Decision(Verdict.POST)),
        (FRESH, 6, "", Decision(Verdict.POST)),
        (STALE, 0, "", Decision(Verdict.WAIT)),
        (replace(STALE, whole=True), 0, "", Decision(Verdict.POST)),
        (replace(STALE, fetched_at=NINE + 3 * HOUR), 3, "", Decision(Verdict.POST)),
        (ListStatus(), 0, "", Decision(Verdict.WAIT)),
        (DOWN, 0, "", Decision(Verdict.WAIT, "no right answer from the feed since 08:00 UTC")),
        (replace(STALE, failing_since=NINE), 1, "",
         Decision(Verdict.WAIT, "no right answer from the feed since 09:00 UTC")),
        (replace(FRESH, failing_since=NINE), 0, "", Decision(Verdict.POST)),
        (replace(FRESH, papers=0), 0, "", Decision(Verdict.WAIT, "nothing on its list by then")),
        (ListStatus(NINE, 0, whole=True), 0, "", Decision(Verdict.SKIP, "no list on Mon 2 June")),
        (replace(FRESH, papers=0), 6.1, "", Decision(Verdict.SKIP, "no list on Mon 2 June")),
        (FRESH, 6.1, "", Decision(Verdict.MISS, "the bot was not running")),
        (DOWN, 6.1, "the feed was down", Decision(Verdict.MISS, "the feed was down")),
        (ListStatus(), 6.1, "", Decision(Verdict.MISS, "the bot was not running")),
    ],
)  # fmt: skip
def test_what_becomes_of_a_run(
    status: ListStatus, late: float, waited_for: str, decision: Decision
) -> None:
    run = Run(replace(STANDING, reason=waited_for), MONDAY, MONDAY)
    assert decide(run, status, NEW, NINE + late * HOUR) == decision


def test_a_weekend_without_a_list_is_skipped_at_once_but_a_list_there_is_posted() -> None:
    assert on_saturday(replace(FRESH, papers=0)) == Decision(Verdict.SKIP, "no list: Saturday")
    assert on_saturday(FRESH) == Decision(Verdict.POST)
    assert on_saturday(DOWN).verdict is Verdict.WAIT
    assert on_saturday(DOWN, late=7) == Decision(Verdict.SKIP, "no list: Saturday")


def test_a_list_day_that_was_posted_is_not_posted_again() -> None:
    run = Run(STANDING, MONDAY, MONDAY)
    had = replace(NEW, settled=frozenset({MONDAY}))
    assert decide(run, FRESH, had, NINE).verdict is Verdict.SKIP
    assert decide(replace(run, day=MONDAY - DAY), FRESH, had, NINE).verdict is Verdict.SKIP
    assert decide(replace(run, day=MONDAY + DAY), FRESH, had, NINE).verdict is Verdict.POST


def test_a_reply_that_is_doubted_is_waited_for() -> None:
    doubted = replace(FRESH, doubted_at=NINE)
    assert decide(Run(STANDING, MONDAY, MONDAY), doubted, NEW, NINE).verdict is Verdict.WAIT


# weeks of ticks ---------------------------------------------------------------------------------


async def test_each_list_day_is_posted_once_in_each_place_and_no_weekend(world: World) -> None:
    zones = {
        "berlin": ("09:00", "Europe/Berlin"),
        "tokyo": ("09:00", "Asia/Tokyo"),
        "york": ("21:00", "America/New_York"),
        "auckland": ("08:00", "Pacific/Auckland"),
    }
    for address, (wall, zone) in zones.items():
        await subscribe(world.store, address, world.clock.now, time=wall, zone=zone)
    weekdays = [MONDAY + n * DAY for n in range(19) if (MONDAY + n * DAY).weekday() < 5]
    for n, day in enumerate(weekdays):
        for hour in range(3):
            world.feed.add(f"{day} 0{hour + 1}:00", paper(n * 10 + hour, day))
        world.feed.add(f"{day} 20:00", paper(n * 10 + 5, day))
    await world.until("2025-06-21 12:00", minutes=60)
    for address in zones:
        posts = await world.digests(address)
        days = [one.day for one in posts]
        assert days == [day for day in weekdays if day >= days[0]]
        assert days[0] <= MONDAY + DAY
        for row in await world.rows(address):
            weekend = "no list: S" in row[2]
            assert row[1] == ("skipped" if weekend else "pending"), row
        if address in ("tokyo", "york"):  # Auckland posts at 20:00 UTC
            assert all(one.whole for one in posts)
            assert (
                await world.numbers(address)
                == [[n * 10 + k for k in (5, 2, 1, 0)] for n in range(len(weekdays))]
                or address != "york"
            )
    berlin = await world.digests("berlin")
    assert not any(one.whole for one in berlin)
    for one in berlin:
        assert "so far" in rendering.render_page(one, {}).caption


async def test_a_first_post_has_only_its_day_and_never_brings_what_was_before(world: World) -> None:
    """Also when the feed gave the older lists only later."""
    world.clock.now = at("2025-06-04 08:00")
    world.feed.lists = {}
    await subscribe(world.store, "c1", world.clock.now)
    world.feed.add("2025-06-02 01:00", *papers_of("2025-06-02", 1, 2))
    world.feed.add("2025-06-04 01:00", *papers_of("2025-06-04", 30))
    world.feed.add("2025-06-05 01:00", *papers_of("2025-06-05", 40))
    await world.collector.refresh(world.clock.now, back=1)  # then it was cut off
    world.feed.faults = [SourceError("cut off")]
    await world.until("2025-06-05 12:00")
    assert await world.numbers() == [[30], [40]]


async def test_papers_that_came_late_are_in_the_next_post_once_and_marked(world: World) -> None:
    await subscribe(world.store, "c1", world.clock.now)
    world.feed.add("2025-06-02 01:00", *papers_of("2025-06-02", 1))
    world.feed.add("2025-06-02 15:00", *papers_of("2025-06-02", 2))
    world.feed.add("2025-06-03 01:00", *papers_of("2025-06-03", 11))
    world.feed.add("2025-06-03 10:00", *papers_of("2025-06-02", 3), *papers_of("2025-06-03", 12))
    world.feed.add("2025-06-04 01:00", *papers_of("2025-06-04", 21))
    await world.until("2025-06-04 12:00")
    assert await world.numbers() == [[1], [11, 2], [21, 12, 3]]
    third = (await world.digests())[2]
    assert [item.earlier for item in third.items] == ["", "2025-06-03", "2025-06-02"]
    known = await papers.by_id(world.store, [item.id for item in third.items])
    sections = rendering.render_page(third, known).sections
    assert "earlier lists" in sections[1].heading
    assert "from Mon 2 June" in sections[1].entries[1].meta


async def test_an_empty_day_posts_nothing_and_says_why_in_its_row(world: World) -> None:
    await subscribe(world.store, "c1", world.clock.now)
    await world.until("2025-06-03 12:00")
    assert await world.digests() == []
    assert (await world.rows())[0] == ("2025-06-02", "skipped", "no list on Mon 2 June")


async def test_a_feed_that_fails_at_the_hour_is_posted_late_with_a_label(world: World) -> None:
    await subscribe(world.store, "c1", world.clock.now, zone="Europe/Berlin")
    world.feed.add("2025-06-02 01:00", *papers_of("2025-06-02", 1))
    await world.until("2025-06-02 06:30")
    world.feed.fault = SourceError("it answered 500")
    await world.until("2025-06-02 09:00", minutes=5)
    one = await subscriptions.get(world.store, Destination("discord", "c1"))
    assert one and one.reason.startswith("no right answer from the feed since 08:")
    assert await world.rows() == []
    world.feed.fault = None
    await world.until("2025-06-02 09:30", minutes=5)
    [post] = await world.digests()
    assert post.notes[0].startswith(
        "Late, due at 09:00 Europe/Berlin: no right answer from the feed"
    )
    assert post.notes[0] in rendering.render_page(post, {}).text
    assert not post.whole


async def test_a_run_that_could_not_post_for_six_hours_is_recorded_and_said_next_time(
    world: World,
) -> None:
    await subscribe(world.store, "c1", world.clock.now)
    for n, day in enumerate(("2025-06-02", "2025-06-03", "2025-06-04")):
        world.feed.add(f"{day} 01:00", *papers_of(day, n))
    await world.until("2025-06-03 08:00")
    world.feed.fault = SourceError("it answered 500")
    await world.until("2025-06-03 16:00")
    world.feed.fault = None
    await world.until("2025-06-05 12:00")
    states = [row[:2] for row in await world.rows()]
    assert states[:3] == [
        ("2025-06-02", "pending"), ("2025-06-03", "missed"), ("2025-06-04", "pending"),
    ]  # fmt: skip
    assert await world.numbers() == [[0], [2, 1]]
    second = (await world.digests())[1]
    assert len(second.notes) == 1
    assert second.notes[0].startswith(
        "The list of Tue 3 June did not come: no right answer from the feed since 08:"
    )


async def test_days_of_downtime_become_one_post_that_says_so(world: World) -> None:
    await subscribe(world.store, "c1", world.clock.now)
    days = ("2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05", "2025-06-06")
    for n, day in enumerate(days):
        world.feed.add(f"{day} 01:00", *papers_of(day, n))
    await world.until("2025-06-02 12:00")
    world.clock.now = at("2025-06-06 10:00")
    await world.tick()
    assert await world.numbers() == [[0], [4, 3, 2, 1]]
    late = (await world.digests())[1].notes
    assert late == (
        "Late, due at 09:00 UTC: the bot was not running.",
        "The lists of Tue 3 June to Thu 5 June did not come: the bot was not running; "
        "what was listed then is below.",
    )
    await world.until("2025-06-06 20:00")
    assert len(await world.digests()) == 2


async def test_a_downtime_of_months_brings_one_week_at_most(world: World) -> None:
    await subscribe(world.store, "c1", world.clock.now)
    world.feed.add("2025-06-02 01:00", *papers_of("2025-06-02", 1))
    await world.until("2025-06-02 12:00")
    for n in range(60):
        day = MONDAY + (n + 1) * DAY
        world.feed.add(f"{day} 01:00", *papers_of(day, 100 + n))
    world.clock.now = at("2025-08-01 09:05")
    await world.tick()
    assert await world.numbers() == [[1], [159, 158, 157, 156, 155, 154, 153, 152]]
    assert len(await world.rows()) <= NAMED.days + 1, "a row for each list that is named"


@pytest.mark.parametrize(
    ("wall", "zone"), [("18:00", "UTC"), ("09:30", "UTC"), ("09:00", "America/New_York")]
)
async def test_changing_time_or_zone_after_todays_post_does_not_post_twice(
    world: World, wall: str, zone: str
) -> None:
    await subscribe(world.store, "c1", world.clock.now)
    world.feed.add("2025-06-02 01:00", *papers_of("2025-06-02", 1))
    await world.until("2025-06-02 09:00")
    world.feed.add("2025-06-02 09:10", *papers_of("2025-06-02", 2))
    await subscribe(world.store, "c1", world.clock.now, time=wall, zone=zone)
    world.feed.add("2025-06-03 01:00", *papers_of("2025-06-03", 3))
    await world.until("2025-06-03 23:00")
    assert await world.numbers() == [[1], [3, 2]]


async def test_a_day_that_was_skipped_in_the_morning_can_still_post_in_the_evening(
    world: World,
) -> None:
    await subscribe(world.store, "c1", at("2025-06-02 00:00"), time="00:30")
    world.feed.add("2025-06-02 12:00", *papers_of("2025-06-02", 1))
    await world.until("2025-06-02 13:00")
    assert [row[1] for row in await world.rows()] == ["skipped"]
    await subscribe(world.store, "c1", world.clock.now, time="14:00")
    await world.until("2025-06-02 15:00")
    assert await world.numbers() == [[1]]


# topics -----------------------------------------------------------------------------------------


async def test_topics_bring_only_what_matches_with_the_reason_beside_it(world: World) -> None:
    for person, topics in (("me", ["walking robots", "proteins"]), ("you", ["proteins"])):
        await subscribe(world.store, person, world.clock.now, kind="topics", topics=topics)
    await subscribe(world.store, "nobody", world.clock.now, kind="topics")
    world.feed.add(
        "2025-06-02 01:00",
        paper(1, title="Walking robots at night"),
        paper(2, title="Proteins for walking robots"),
        paper(3),
    )
    await world.until("2025-06-02 12:00")
    [mine] = await world.digests("me")
    assert [(item.id[-1], item.reasons) for item in mine.items] == [
        ("2", ("proteins", "walking robots")), ("1", ("walking robots",)),
    ]  # fmt: skip
    assert await world.numbers("you") == [[2]]
    for _ in range(2):
        assert [row[1:] for row in await world.rows("nobody")] == [("skipped", "nothing matched")]
        await world.tick()
    known = await papers.by_id(world.store, [item.id for item in mine.items])
    assert rendering.render_page(mine, known).sections[0].entries[1].reasons == ("walking robots",)


async def test_a_match_that_came_late_is_sent_next_time_and_nothing_twice(world: World) -> None:
    await subscribe(world.store, "me", world.clock.now, kind="topics", topics=["robots"])
    world.feed.add("2025-06-02 01:00", paper(1, title="Robots"), paper(2))
    world.feed.add("2025-06-02 12:00", paper(3, title="More robots"))
    world.feed.add("2025-06-03 01:00", paper(4, "2025-06-03"))
    await world.until("2025-06-04 12:00")
    assert await world.numbers("me") == [[1], [3]]


# many at once -------------------------------------------------------------------------------------


async def test_planning_twice_or_at_once_makes_one_row(world: World) -> None:
    for n in range(30):
        await subscribe(world.store, f"c{n}", world.clock.now)
    world.feed.add("2025-06-02 01:00", *papers_of("2025-06-02", 1))
    now = world.clock.now = at("2025-06-02 09:00")
    await world.collector.refresh(now)
    counts = await asyncio.gather(*(plan.plan(world.store, world.collector, now) for _ in range(4)))
    assert sum(counts) == 30
    assert await plan.plan(world.store, world.collector, now) == 0
    for n in range(30):
        assert await world.numbers(f"c{n}") == [[1]]


async def test_many_that_wait_do_not_starve_one_that_can_be_served(world: World) -> None:
    """The list of Tuesday is empty, Monday's is there: Tokyo has it, the others wait."""
    world.feed.add("2025-06-02 01:00", *papers_of("2025-06-02", 1))
    world.clock.now = at("2025-06-02 23:00")
    for n in range(130):
        await subscribe(world.store, f"w{n}", world.clock.now, time="08:00")
    await subscribe(world.store, "c1", world.clock.now, time="17:01", zone="Asia/Tokyo")
    await subscribe(world.store, "c2", world.clock.now, time="08:01", zone="UTC")
    world.feed.add("2025-06-03 07:59", *papers_of("2025-06-03", 2))
    world.feed.lists.clear()
    world.feed.appears = world.feed.appears[:1]
    world.clock.now = at("2025-06-03 08:05")
    await world.collector.refresh(world.clock.now)
    rounds = 0
    while await plan.plan(world.store, world.collector, world.clock.now, limit=50):
        rounds += 1
        assert rounds < 20, "each round takes others"
    looked = await world.store.rows(
        "SELECT count(*) AS n FROM subscriptions WHERE reason LIKE '%by then'"
    )
    assert looked[0]["n"] == 132
    assert await plan.plan(world.store, world.collector, world.clock.now + DAY / 1440) == 0


async def test_what_people_change_while_the_feed_is_asked_is_respected(world: World) -> None:
    """A slow feed: meanwhile one place is paused, one forgotten, one wants another time."""
    paused = await subscribe(world.store, "paused", world.clock.now)
    for address in ("moved", "plain"):
        await subscribe(world.store, address, world.clock.now)
    await subscribe(world.store, "me", world.clock.now, kind="topics", topics=["study"])
    world.feed.add("2025-06-02 01:00", *papers_of("2025-06-02", 1))
    now = world.clock.now = at("2025-06-02 09:00")
    fetch = world.feed.fetch

    async def slow(day: date) -> tuple[Paper, ...]:
        if day == MONDAY:
            async with world.store.transaction() as tx:
                await subscriptions.switch(tx, paused, SubscriptionState.PAUSED, now)
                await people.forget(tx, "discord", "me")
                later = Schedule("20:00", "UTC", 3, at("2025-06-02 20:00"), MONDAY)
                where = Destination("discord", "moved")
                await lifecycle.set_up(tx, where, later, None, now)
        return await fetch(day)

    world.feed.fetch = slow  # type: ignore[method-assign]
    assert await plan.plan(world.store, world.collector, now) == 1
    assert await world.numbers("plain") == [[1]]
    for address in ("paused", "moved", "me"):
        assert await world.rows(address) == []
    moved = await subscriptions.get(world.store, Destination("discord", "moved"))
    assert moved and moved.run_at == at("2025-06-02 20:00")


# anything may happen ---------------------------------------------------------------------------

WEEKDAYS = [MONDAY + n * DAY for n in range(9) if (MONDAY + n * DAY).weekday() < 5]
ENDS = on("2025-06-13")  # what is late has come by then
PLACES = [("09:00", "Europe/Berlin"), ("09:00", "Asia/Tokyo"), ("21:00", "America/New_York"),
          ("07:55", "Europe/London"), ("00:00", "UTC"), ("23:59", "Pacific/Auckland")]  # fmt: skip
hours = st.integers(0, 8 * 24 * 4).map(lambda quarter: quarter / 4)


@st.composite
def stretches(draw: st.DrawFn) -> tuple[float, float]:
    """Hours since Monday, from and to; short enough that a week's reach brings all."""
    start = draw(hours)
    return start, start + draw(st.sampled_from([0.0, 1.0, 5.0, 8.0, 28.0]))


@given(
    # When papers appear, in hours after their day began: most in the day, some late.
    appears=st.lists(
        st.lists(st.integers(0, 22) | st.integers(0, 50), max_size=5),
        min_size=len(WEEKDAYS), max_size=len(WEEKDAYS),
    ),
    outage=stretches(),
    downtime=stretches(),
    steps=st.lists(st.sampled_from([15, 40, 60, 95]), min_size=1, max_size=6),
    joined=st.lists(hours.filter(lambda hour: hour < 100), min_size=2, max_size=2),
    places=st.lists(st.sampled_from(PLACES), min_size=2, max_size=2),
)  # fmt: skip
@settings(max_examples=12, deadline=None)
def test_whatever_happens_every_paper_is_posted_once_and_none_twice(
    appears: list[list[int]], outage: tuple[float, float], downtime: tuple[float, float],
    steps: list[int], joined: list[float], places: list[tuple[str, str]],
) -> None:  # fmt: skip
    asyncio.run(_live(appears, outage, downtime, steps, joined, places))


async def _live(
    appears: list[list[int]], outage: tuple[float, float], downtime: tuple[float, float],
    steps: list[int], joined: list[float], places: list[tuple[str, str]],
) -> None:  # fmt: skip
    start = at("2025-06-02 00:00")
    with tempfile.TemporaryDirectory() as folder:
        async with world_in(Path(folder), "2025-06-02 00:00") as world:
            _fill(world.feed, appears)
            waiting = sorted(zip(joined, range(len(places)), places, strict=True))
            end = datetime.combine(ENDS + 2 * DAY, time(), UTC)
            turn = 0
            while world.clock.now < end:
                now = (world.clock.now - start) / HOUR
                while waiting and waiting[0][0] <= now:
                    _, number, (wall, zone) = waiting.pop(0)
                    await subscribe(
                        world.store, f"c{number}", world.clock.now, time=wall, zone=zone
                    )
                if not downtime[0] <= now < downtime[1]:
                    down = outage[0] <= now < outage[1]
                    world.feed.fault = SourceError("down") if down else None
                    await world.tick()
                world.clock.pass_(minutes=steps[turn % len(steps)])
                turn += 1
            for number in range(len(places)):
                where = Destination("discord", f"c{number}")
                one = await subscriptions.get(world.store, where)
                assert one
                _judge(world.feed, await world.digests(f"c{number}"), one.first_day)


def _fill(feed: Growing, appears: list[list[int]]) -> None:
    number = 0
    days = [*WEEKDAYS, ENDS]
    for day, times in zip(days, [*appears, []], strict=True):
        for hour in [0, *times]:
            number += 1
            feed.appears.append((at(f"{day} 00:00") + hour * HOUR, paper(number, day)))


def _judge(feed: Growing, posts: Sequence[Digest], first: date) -> None:
    assert posts, "the last day's list at least"
    days = [one.day for one in posts]
    assert days == sorted(set(days)), "each list day once"
    assert all(day.weekday() < 5 for day in days)
    assert days[-1] == ENDS
    shown = Counter(item.id for one in posts for item in one.items)
    listed = {p.id for _, p in feed.appears if p.day and p.day >= first}
    assert shown == Counter(listed), "every paper once, and none twice"
    for one in posts:
        over = datetime.combine(one.day + DAY, time(), UTC)
        assert one.whole == (one.as_of >= over), "no partial list is passed off as whole"
