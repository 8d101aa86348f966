"""A copy taken from a store in use, and what a store put back from one does not do again."""

import asyncio
import logging
import resource
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot import digest, restore
from bot.collect import Collector
from bot.delivery import Dispatcher
from bot.errors import SourceError, StoreError
from bot.model import Destination
from bot.schedule import DAY
from bot.store import Store, backup, opened, outbox, papers, people
from tests.fakes import Clock, FakeAdapter, Post, at, paper, papers_of, subscribe
from tests.test_plan import ENDS, HOUR, PLACES, WEEKDAYS, Growing, World

ROOM = "the disk is full|disk I/O error|File too large"
PAIR = """INSERT INTO places (platform, address, added_by, title)
    VALUES ('discord', :a, 'x', 'x'), ('telegram', :a, 'x', 'x')"""


def content(folder: Path) -> dict[str, int]:
    return {one.name: one.lstat().st_size for one in folder.iterdir()}


def asked(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


# save -----------------------------------------------------------------------------------------


async def test_a_copy_taken_while_others_write_is_whole_and_sound(
    store: Store, tmp_path: Path
) -> None:
    async with store.transaction() as tx:
        await papers.save(tx, papers_of("2025-06-02", *range(500)), curated=True)
    await subscribe(store, "c1", at("2025-06-02 12:00"))
    stop = asyncio.Event()

    async def write() -> None:
        number = 0
        while not stop.is_set():
            async with store.transaction() as tx:
                await tx.run(PAIR, a=f"a{number}")
                await asyncio.sleep(0)
            number += 1

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        for number in range(5):
            await asyncio.sleep(0.01)
            copy = tmp_path / f"copy {number}'s.db"
            assert await backup.save(store.path, copy) == backup.Copy(500, 1)
            assert asked(copy, "PRAGMA integrity_check") == [("ok",)]
            sql = "SELECT count(*), count(DISTINCT address) * 2 FROM places"
            [(places, paired)] = asked(copy, sql)
            assert places == paired
            found = "SELECT count(*) FROM papers_fts WHERE papers_fts MATCH 'studi'"
            assert asked(copy, found) == [(500,)]
        stop.set()
    assert places


async def test_a_copy_is_one_file_with_the_rights_of_the_store(
    store: Store, tmp_path: Path
) -> None:
    store.path.chmod(0o600)
    (tmp_path / "safe").mkdir()
    await backup.save(store.path, tmp_path / "safe" / "copy.db")
    assert list(content(tmp_path / "safe")) == ["copy.db"]
    assert (tmp_path / "safe" / "copy.db").stat().st_mode & 0o777 == 0o600


async def test_what_is_there_already_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    before = content(tmp_path)
    for name in ("letter", ".", "papers.db"):
        with pytest.raises(StoreError, match=r"No backup was made: .* exists already"):
            await backup.save(store.path, tmp_path / name)
    with pytest.raises(StoreError, match="No backup was made: File exists"):
        await backup.save(store.path, tmp_path / "nowhere")
    assert content(tmp_path) == before


async def test_without_the_folder_or_the_store_it_says_so(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"No such file or directory: .*/deep/copy\.db\.$"):
        await backup.save(store.path, tmp_path / "deep" / "copy.db")
    with pytest.raises(StoreError, match="there is no store at"):
        await backup.save(tmp_path / "none.db", tmp_path / "copy.db")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("room", [0, 5_000, 100_000])
async def test_a_full_disk_leaves_no_half_copy(store: Store, tmp_path: Path, room: int) -> None:
    async with store.transaction() as tx:
        await papers.save(tx, papers_of("2025-06-02", *range(500)), curated=True)
    await store.optimize()
    before = content(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(StoreError, match=f"No backup was made: .*({ROOM})"):
            await backup.save(store.path, tmp_path / "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert content(tmp_path) == before


async def test_a_damaged_store_gives_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    async with opened(path) as store, store.transaction() as tx:
        await papers.save(tx, papers_of("2025-06-02", *range(500)), curated=True)
    damaged = bytearray(path.read_bytes())
    damaged[4096 * 2 : 4096 * 60] = b"\x5a" * 4096 * 58
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match="No backup was made"):
        await backup.save(path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


# put back -------------------------------------------------------------------------------------


async def test_a_copy_beside_the_writings_of_another_store_is_refused(tmp_path: Path) -> None:
    lost, store = tmp_path / "lost.db", tmp_path / "papers.db"
    async with opened(lost) as old:
        await backup.save(lost, tmp_path / "copy.db")
        async with old.transaction() as tx:
            await tx.run(PAIR, a="a")
        backup.check(lost)
        shutil.copy(f"{lost}-wal", f"{store}-wal")  # as kill -9 leaves it
    shutil.copy(tmp_path / "copy.db", store)
    with pytest.raises(StoreError, match=r"papers\.db-wal belongs to another store"):
        backup.check(store)
    (tmp_path / "papers.db-wal").unlink()
    backup.check(store)
    async with opened(store) as back:
        async with back.transaction() as tx:
            await tx.run(PAIR, a="a")
        assert content(tmp_path)["papers.db-wal"]
        backup.check(store)


@dataclass
class Life:
    """A program on a store, from its start to its end; the platform and the feed outlive it."""

    world: World
    dispatcher: Dispatcher

    async def until(self, moment: datetime, **step: float) -> None:
        while self.world.clock.now < moment:
            self.world.clock.pass_(**(step or {"minutes": 30}))
            await self.world.tick()
            while await self.dispatcher.send_due("discord"):
                pass


@dataclass
class Earth:
    clock: Clock = field(default_factory=lambda: Clock(at("2025-06-02 00:10")))
    adapter: FakeAdapter = field(default_factory=FakeAdapter)

    def __post_init__(self) -> None:
        self.feed = Growing(self.clock)

    @asynccontextmanager
    async def life(self, path: Path) -> AsyncIterator[Life]:
        async with opened(path) as store:
            world = World(store, self.clock, self.feed, Collector(store, [self.feed]))
            await restore.settle(store, world.collector, self.clock.now)
            dispatcher = Dispatcher(store, {"discord": self.adapter}, self.clock)
            await dispatcher.recover()
            yield Life(world, dispatcher)


def _weeks(feed: Growing) -> None:
    """Each weekday's list has one paper in the night and one at noon: 11, 12, 21, 22, ..."""
    for number, day in enumerate(WEEKDAYS, 1):
        feed.add(f"{day} 00:05", paper(number * 10 + 1, day))
        feed.add(f"{day} 12:00", paper(number * 10 + 2, day))


def shown(posts: Sequence[Post]) -> list[list[int]]:
    """The numbers of the papers of each post."""
    sections = ((one for part in post.message.sections for one in part.entries) for post in posts)
    return [[int(entry.title.split()[-1]) for entry in entries] for entries in sections]


async def test_what_was_posted_after_the_backup_does_not_come_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    earth, path, copy = Earth(), tmp_path / "papers.db", tmp_path / "copy.db"
    _weeks(earth.feed)
    async with earth.life(path) as life:
        store = life.world.store
        await subscribe(store, "c1", earth.clock.now)
        await subscribe(store, "evening", earth.clock.now, time="21:00")
        await life.until(at("2025-06-03 08:40"))
        await backup.save(path, copy)
        await life.until(at("2025-06-05 13:40"))
    assert shown(earth.adapter.posts)[-2:] == [[32, 31], [41, 32]]
    before = len(earth.adapter.posts)
    earth.clock.pass_(minutes=30)
    with caplog.at_level(logging.WARNING):
        async with earth.life(copy) as life:
            assert await life.world.rows("c1") == [
                ("2025-06-02", "sent", ""),
                *((f"2025-06-0{day}", "skipped", restore.REASON) for day in (3, 4, 5)),
            ]
            await life.until(at("2025-06-05 20:40"))
            assert len(earth.adapter.posts) == before
            await life.until(at("2025-06-06 22:00"))
    told = [record.getMessage() for record in caplog.records]
    assert told == ["restored from a backup cancelled=0 unknown=0 places=2"]
    came = earth.adapter.posts[before:]
    assert list(zip((post.address for post in came), shown(came), strict=True)) == [
        ("evening", [42, 41]),
        ("c1", [51]),
        ("evening", [52, 51]),
    ]


async def test_what_is_added_to_a_list_after_the_restore_still_comes(tmp_path: Path) -> None:
    earth, path, copy = Earth(), tmp_path / "papers.db", tmp_path / "copy.db"
    _weeks(earth.feed)
    async with earth.life(path) as life:
        await subscribe(life.world.store, "c1", earth.clock.now)
        await backup.save(path, copy)
        await life.until(at("2025-06-02 10:10"))
    async with earth.life(copy) as life:  # before 12 is listed
        await life.until(at("2025-06-03 10:00"))
    assert shown(earth.adapter.posts) == [[11], [21, 12]]


async def test_with_a_silent_feed_nothing_comes_again_either(tmp_path: Path) -> None:
    earth, path, copy = Earth(), tmp_path / "papers.db", tmp_path / "copy.db"
    _weeks(earth.feed)
    async with earth.life(path) as life:
        await subscribe(life.world.store, "c1", earth.clock.now)
        await backup.save(path, copy)
        await life.until(at("2025-06-03 10:10"))
    earth.feed.fault = SourceError("down")
    async with earth.life(copy) as life:
        await life.until(at("2025-06-03 11:00"))
        earth.feed.fault = None
        await life.until(at("2025-06-05 10:00"))
    assert shown(earth.adapter.posts) == [[11], [21, 12], [31], [41, 32]]


async def test_what_waited_is_cancelled_and_what_was_under_way_is_unknown(
    tmp_path: Path, store: Store
) -> None:
    earth, copy, now = Earth(), tmp_path / "copy.db", at("2025-06-02 08:00")
    async with store.transaction() as tx:
        for state in ("pending", "retry", "sending", "sent", "dead", "unknown", "skipped"):
            where = Destination("discord", state)
            await outbox.add(tx, where, "notice", now.date(), now=now, payload="x", state=state)
    await backup.save(store.path, copy)
    earth.clock.now = at("2025-06-02 12:00")
    async with earth.life(copy) as life:
        while await life.dispatcher.send_due("discord"):
            pass
        rows = await life.world.store.rows("SELECT * FROM deliveries")
        became = {row["address"]: (row["state"], row["reason"]) for row in rows}
        assert became == {
            "pending": ("cancelled", restore.REASON),
            "retry": ("cancelled", restore.REASON),
            "sending": ("unknown", restore.REASON),
            **{state: (state, "") for state in ("sent", "dead", "unknown", "skipped")},
        }
    assert earth.adapter.tried == []
    async with opened(store.path) as untouched:  # the original goes on
        assert not await backup.is_copy(untouched)
        assert len(await outbox.due(untouched, "discord", now, 10)) == 2


async def test_a_restore_happens_once_and_a_copy_of_a_copy_is_one_too(tmp_path: Path) -> None:
    earth, path = Earth(), tmp_path / "papers.db"
    _weeks(earth.feed)
    async with earth.life(path) as life:
        await subscribe(life.world.store, "c1", earth.clock.now)
    await backup.save(path, tmp_path / "one.db")
    await backup.save(tmp_path / "one.db", tmp_path / "two.db")
    for name in ("one.db", "two.db"):
        async with opened(tmp_path / name) as store:
            assert await backup.is_copy(store)
        async with earth.life(tmp_path / name) as life:
            assert not await backup.is_copy(life.world.store)
    earth.clock.now = at("2025-06-02 09:30")  # late, but the program was only stopped
    async with earth.life(tmp_path / "one.db") as life:
        await life.until(at("2025-06-02 10:00"))
    assert shown(earth.adapter.posts) == [[11]]


async def test_a_place_that_was_resumed_after_the_backup_gets_nothing_again(tmp_path: Path) -> None:
    earth, path, copy = Earth(), tmp_path / "papers.db", tmp_path / "copy.db"
    _weeks(earth.feed)

    async def switch(life: Life, state: str, reason: str = "") -> None:
        async with life.world.store.transaction() as tx:
            one = await people.subscription(life.world.store, Destination("discord", "c1"), "daily")
            assert one
            run_at = at(f"{earth.clock.now.date()} 09:00")
            await people.switch(tx, one.id, state, run_at, reason)

    async with earth.life(path) as life:
        await subscribe(life.world.store, "c1", earth.clock.now)
        await life.until(at("2025-06-02 10:10"))
        await switch(life, "off", "the channel is gone")
        await backup.save(path, copy)
        await life.until(at("2025-06-03 08:10"))
        await switch(life, "on")
        await life.until(at("2025-06-04 10:10"))
    async with earth.life(copy) as life:
        one = await people.subscription(life.world.store, Destination("discord", "c1"), "daily")
        assert one
        assert (one.state, one.reason) == ("off", "the channel is gone")
        assert len(await life.world.rows("c1")) == 1
        await life.until(at("2025-06-05 08:10"))
        await switch(life, "on")
        await life.until(at("2025-06-05 10:00"))
    assert shown(earth.adapter.posts) == [[11], [21, 12], [31, 22], [41, 32]]


async def test_a_zone_changed_before_the_backup_brings_no_list_back(tmp_path: Path) -> None:
    earth, path, copy = Earth(), tmp_path / "papers.db", tmp_path / "copy.db"
    _weeks(earth.feed)
    async with earth.life(path) as life:
        await subscribe(life.world.store, "c1", earth.clock.now)
        await life.until(at("2025-06-03 09:30"))
        west = {"time": "23:59", "zone": "Pacific/Honolulu"}
        await subscribe(life.world.store, "c1", earth.clock.now, **west)  # due for Monday at 09:59
        await backup.save(path, copy)
    earth.clock.now = at("2025-06-03 10:30")
    async with earth.life(copy) as life:
        await life.until(at("2025-06-05 11:00"))
    assert shown(earth.adapter.posts) == [[11], [21, 12], [32, 31, 22]]


async def test_a_restore_that_cannot_be_written_down_is_tried_again_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earth, path, copy = Earth(), tmp_path / "papers.db", tmp_path / "copy.db"
    async with earth.life(path) as life:
        await subscribe(life.world.store, "c1", earth.clock.now)
    await backup.save(path, copy)
    earth.clock.now = at("2025-06-02 12:00")
    with monkeypatch.context() as patch:
        patch.setattr(people, "passed", _full)
        with pytest.raises(StoreError, match="full"):
            async with earth.life(copy):
                pass
    async with opened(copy) as store:
        assert await backup.is_copy(store)
        assert await store.rows("SELECT * FROM deliveries") == []
    async with earth.life(copy) as life:
        assert await life.world.rows() == [("2025-06-02", "skipped", restore.REASON)]


async def _full(*_: object) -> None:
    raise StoreError("The disk is full")


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
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_two_lives(Path(folder), appears, hours, places, step, silent))


async def _two_lives(
    folder: Path, appears: list[list[int]], hours: list[int], places: list[tuple[str, str]],
    step: int, silent: bool,
) -> None:  # fmt: skip
    earth, path, copy = Earth(), folder / "papers.db", folder / "copy.db"
    start = at("2025-06-02 00:00")
    saved, crashed, restored = (start + hour * HOUR for hour in hours)
    for number, (day, times) in enumerate(zip([*WEEKDAYS, ENDS], [*appears, []], strict=True)):
        found = [at(f"{day} 00:00") + hour * HOUR for hour in [0, *times]]
        earth.feed.appears += [(t, paper(number * 10 + n, day)) for n, t in enumerate(found)]
    posted: Counter[tuple[str, str]] = Counter()
    async with earth.life(path) as life:
        for n, (wall, zone) in enumerate(places):
            await subscribe(
                life.world.store, f"c{n}", earth.clock.now, time=wall, zone=zone, papers=50
            )
        await life.until(saved, minutes=step)
        await backup.save(path, copy)
        await life.until(crashed, minutes=step)
        posted += await _sent(life.world.store)
    earth.clock.now = max(earth.clock.now, restored)
    restored = earth.clock.now
    [(newest,)] = asked(copy, "SELECT coalesce(max(id), 0) FROM deliveries")
    earth.feed.fault = SourceError("down") if silent else None
    async with earth.life(copy) as life:
        earth.feed.fault = None
        await life.until(at(f"{ENDS + 2 * DAY} 00:00"), minutes=step)
        posted += await _sent(life.world.store, int(str(newest)))
    assert posted
    assert max(posted.values()) == 1
    keys = [post.key for post in earth.adapter.posts]
    assert len(set(keys)) == len(keys), "a platform that knows a key drops the post"
    new = {one.id for when, one in earth.feed.appears if when > restored}
    for n in range(0 if silent else len(places)):
        assert new <= {number for address, number in posted if address == f"c{n}"}


async def _sent(store: Store, after: int = 0) -> Counter[tuple[str, str]]:
    """Which papers which place got, in posts with numbers above that."""
    sql = "SELECT address, payload FROM deliveries WHERE state = 'sent' AND id > :after"
    return Counter(
        (row["address"], item.id)
        for row in await store.rows(sql, after=after)
        for item in digest.loads(row["payload"]).items
    )
