"""A store that was put back from a backup does not send again what it does not know of."""

import asyncio
import logging
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot import digest, restore
from bot.errors import SourceError, StoreError
from bot.schedule import DAY
from bot.store import Store, backup, opened, outbox, subscriptions
from tests.fakes import Clock, FakeAdapter, at, paper, subscribe
from tests.program import MEMORY, Program
from tests.stored import add
from tests.test_plan import ENDS, HOUR, PLACES, WEEKDAYS, Growing

STATES = ("pending", "retry", "sending", "sent", "dead", "unknown", "skipped", "missed", "paused")


@dataclass
class Earth:
    """The feed, the platform and the clock, which outlive a program and its store."""

    folder: Path
    clock: Clock = field(default_factory=lambda: Clock(at("2025-06-02 00:10")))
    adapter: FakeAdapter = field(default_factory=FakeAdapter)

    def __post_init__(self) -> None:
        self.feed = Growing(self.clock)

    @asynccontextmanager
    async def life(self, name: str = "papers.db") -> AsyncIterator[Program]:
        """A program on a store of that name, from its start to its end."""
        async with opened(self.folder / name) as store:
            living = Program(store, self.clock, self.feed, self.adapter)
            await living.started()
            yield living

    async def copy(self, name: str = "copy.db", of: str = "papers.db") -> None:
        await backup.save(self.folder / of, self.folder / name)


@pytest.fixture
def earth() -> Iterator[Earth]:
    """Each weekday's list has one paper in the night and one at noon: 11, 12, 21, 22, ..."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        made = Earth(Path(folder))
        for number, day in enumerate(WEEKDAYS, 1):
            made.feed.add(f"{day} 00:05", paper(number * 10 + 1, day))
            made.feed.add(f"{day} 12:00", paper(number * 10 + 2, day))
        yield made


async def test_what_was_posted_after_the_backup_does_not_come_again(
    earth: Earth, caplog: pytest.LogCaptureFixture
) -> None:
    async with earth.life() as life:
        await subscribe(life.store, "c1", earth.clock.now)
        await subscribe(life.store, "evening", earth.clock.now, time="21:00")
        await life.until("2025-06-03 08:40")
        await earth.copy()
        await life.until("2025-06-05 13:40")
        assert life.numbers() == [[11], [21, 12], [31, 22], [41, 32]]
        assert life.numbers("evening")[-1] == [32, 31]
    before = len(earth.adapter.posts)
    earth.clock.pass_(minutes=30)
    with caplog.at_level(logging.WARNING):
        async with earth.life("copy.db") as life:
            assert await life.states() == [("2025-06-02", "sent"), ("2025-06-05", "retired")]
            await life.until("2025-06-05 20:40")
            assert len(earth.adapter.posts) == before
            await life.until("2025-06-06 22:00")
            assert life.numbers()[4:] == [[51]]
            assert life.numbers("evening")[3:] == [[42, 41], [52, 51]]
            assert not any(
                "what was listed then" in text or "Not posted" in text for text in life.texts()
            )
    told = [one.getMessage() for one in caplog.records if one.name == "bot.restore"]
    assert told == [
        "restored from a backup retired=0 unknown=0",
        "runs since the backup count as posted places=2",
    ]


async def test_what_is_added_to_a_list_after_the_restore_still_comes(earth: Earth) -> None:
    async with earth.life() as life:
        await subscribe(life.store, "c1", earth.clock.now)
        await earth.copy()
        await life.until("2025-06-02 10:10")
    async with earth.life("copy.db") as life:  # before 12 is listed
        await life.until("2025-06-03 10:00")
        assert life.numbers() == [[11], [21, 12]]


async def test_with_a_silent_feed_nothing_is_planned_until_it_answers(earth: Earth) -> None:
    async with earth.life() as life:
        await subscribe(life.store, "c1", earth.clock.now)
        await earth.copy()
        await life.until("2025-06-03 10:10")
    earth.feed.fault = SourceError("down")
    async with earth.life("copy.db") as life:
        await life.until("2025-06-03 11:00")
        assert await life.states() == []
    async with earth.life("copy.db") as life:  # also over another start
        await life.until("2025-06-03 11:30")
        assert await life.states() == []
        earth.feed.fault = None
        await life.until("2025-06-05 10:00")
        assert life.numbers() == [[11], [21, 12], [31], [41, 32]], "by then 22 was listed, too"


async def test_what_waited_is_retired_and_what_was_under_way_is_unknown(earth: Earth) -> None:
    now = at("2025-06-02 08:00")
    async with opened(earth.folder / "papers.db") as store, store.transaction() as tx:
        for state in STATES:
            await add(tx, state, "2025-06-02", "words", now=now, kind="notice", state=state)
    await earth.copy()
    earth.clock.now = at("2025-06-02 12:00")
    async with earth.life("copy.db") as life:
        await life.tick()
        rows = await life.store.rows("SELECT * FROM deliveries")
        assert {row["address"]: (row["state"], row["reason"]) for row in rows} == {
            **{state: (state, "") for state in STATES[3:]},
            "pending": ("retired", restore.REASON),
            "retry": ("retired", restore.REASON),
            "sending": ("unknown", restore.REASON),
        }
    assert earth.adapter.tried == []
    async with opened(earth.folder / "papers.db") as untouched:  # the original goes on
        assert not await backup.is_copy(untouched)
        assert len(await outbox.due(untouched, "discord", now, 10)) == 2


async def test_a_restore_happens_once_and_a_copy_of_a_copy_is_one_too(earth: Earth) -> None:
    async with earth.life() as life:
        await subscribe(life.store, "c1", earth.clock.now)
    await earth.copy("one.db")
    await earth.copy("two.db", of="one.db")
    for name in ("one.db", "two.db"):
        async with opened(earth.folder / name) as store:
            assert await backup.is_copy(store)
        async with earth.life(name) as life:
            assert not await backup.is_copy(life.store)
    earth.clock.now = at("2025-06-02 09:30")  # late, but the program was only stopped
    async with earth.life("one.db") as life:
        await life.until("2025-06-02 10:00")
        assert life.numbers() == [[11]]


async def test_a_place_that_was_lost_and_came_back_after_the_backup_gets_nothing_again(
    earth: Earth,
) -> None:
    async with earth.life() as life:
        number = await subscribe(life.store, "c1", earth.clock.now)
        await life.until("2025-06-02 10:10")
        earth.adapter.obstacles["c1"] = "I may not write there."
        await life.handle.removed("c1", "I may not write there")
        await earth.copy()
        await life.until("2025-06-03 08:10")
        earth.adapter.obstacles.clear()
        await life.handle.returned(["c1"])
        await life.until("2025-06-04 10:10")
    async with earth.life("copy.db") as life:
        one = await life.order(number)
        assert (one.state, one.reason) == ("off", "I may not write there")
        await life.until("2025-06-05 10:00")
        assert life.numbers() == [[11], [21, 12], [31, 22], [41, 32]]


async def test_a_zone_changed_before_the_backup_brings_no_list_back(earth: Earth) -> None:
    async with earth.life() as life:
        await subscribe(life.store, "c1", earth.clock.now)
        await life.until("2025-06-03 09:30")
        west = {"time": "23:59", "zone": "Pacific/Honolulu"}
        await subscribe(life.store, "c1", earth.clock.now, **west)  # due for Monday at 09:59
        await earth.copy()
    earth.clock.now = at("2025-06-03 10:30")
    async with earth.life("copy.db") as life:
        await life.until("2025-06-05 11:00")
        assert life.numbers() == [[11], [21, 12], [32, 31, 22]]


async def test_a_restore_that_cannot_be_written_down_is_tried_again(
    earth: Earth, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with earth.life() as life:
        await subscribe(life.store, "c1", earth.clock.now)
    await earth.copy()
    earth.clock.now = at("2025-06-02 12:00")
    with monkeypatch.context() as patch:
        patch.setattr(subscriptions, "passed", _full)
        with pytest.raises(StoreError, match="full"):
            async with earth.life("copy.db"):
                pass
    async with earth.life("copy.db") as life:
        assert await life.states() == [("2025-06-02", "retired")]


async def _full(*_: object) -> None:
    raise StoreError("The disk is full")


async def test_a_place_whose_zone_is_unknown_holds_up_no_restore(earth: Earth) -> None:
    async with earth.life() as life:
        for address in ("broken", "c1"):
            await subscribe(life.store, address, earth.clock.now)
        async with life.store.transaction() as tx:
            sql = "UPDATE subscriptions SET zone = 'Mars/Olympus' WHERE address = 'broken'"
            await tx.run(sql)
    await earth.copy()
    earth.clock.now = at("2025-06-02 12:00")
    async with earth.life("copy.db") as life:
        await life.until("2025-06-03 10:00")
        assert life.numbers() == [[21]], "12 was listed when it was restored"
        assert life.numbers("broken") == []


# whatever happens -------------------------------------------------------------------------------


@given(
    appears=st.lists(
        st.lists(st.integers(0, 22) | st.integers(0, 50), max_size=4),
        min_size=len(WEEKDAYS), max_size=len(WEEKDAYS),
    ),
    hours=st.lists(st.integers(12, 150), min_size=3, max_size=3).map(sorted),
    places=st.lists(st.sampled_from(PLACES), min_size=2, max_size=2),
    step=st.sampled_from([60, 95, 130]),
    silent=st.booleans(),
)  # fmt: skip
@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_over_both_lives_no_paper_comes_twice_and_none_that_is_new_is_lost(
    appears: list[list[int]], hours: list[int], places: list[tuple[str, str]], step: int,
    silent: bool,
) -> None:  # fmt: skip
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        asyncio.run(_two_lives(Earth(Path(folder)), appears, hours, places, step, silent))


async def _two_lives(
    earth: Earth, appears: list[list[int]], hours: list[int], places: list[tuple[str, str]],
    step: int, silent: bool,
) -> None:  # fmt: skip
    saved, crashed, restored = (
        f"{at('2025-06-02 00:00') + h * HOUR:%Y-%m-%d %H:%M}" for h in hours
    )
    for number, (day, times) in enumerate(zip([*WEEKDAYS, ENDS], [*appears, []], strict=True)):
        found = [at(f"{day} 00:00") + hour * HOUR for hour in [0, *times]]
        earth.feed.appears += [(t, paper(number * 10 + n, day)) for n, t in enumerate(found)]
    posted: Counter[tuple[str, str]] = Counter()
    async with earth.life() as life:
        for n, (wall, zone) in enumerate(places):
            await subscribe(life.store, f"c{n}", earth.clock.now, time=wall, zone=zone, papers=50)
        await life.until(saved, minutes=step)
        await earth.copy()
        await life.until(crashed, minutes=step)
        posted += await _sent(life.store)
    earth.clock.now = max(earth.clock.now, at(restored))
    back = earth.clock.now
    with closing(sqlite3.connect(earth.folder / "copy.db")) as db:
        [(newest,)] = db.execute("SELECT coalesce(max(id), 0) FROM deliveries").fetchall()
    earth.feed.fault = SourceError("down") if silent else None
    async with earth.life("copy.db") as life:
        earth.feed.fault = None
        await life.until(f"{ENDS + 2 * DAY} 00:00", minutes=step)
        posted += await _sent(life.store, newest)
    assert posted
    assert max(posted.values()) == 1
    keys = [post.key for post in earth.adapter.posts]
    assert len(set(keys)) == len(keys), "a platform that knows a key drops the post"
    new = {one.id for when, one in earth.feed.appears if when > back}
    for n in range(0 if silent else len(places)):
        assert new <= {number for address, number in posted if address == f"c{n}"}


async def _sent(store: Store, after: int = 0) -> Counter[tuple[str, str]]:
    """Which papers which place got, in posts with numbers above that."""
    sql = """SELECT address, text FROM deliveries AS d JOIN contents AS c ON c.id = content
        WHERE state = 'sent' AND d.id > :after"""
    return Counter(
        (row["address"], item.id)
        for row in await store.rows(sql, after=after)
        for item in digest.loads(row["text"]).items
    )
