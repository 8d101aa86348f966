"""The file itself: transactions, migrations, and what happens when the disk says no."""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError, UserError
from bot.store import Store, Transaction, day, moment, opened, stamp
from bot.store.schema import MIGRATIONS
from tests.fakes import at

NOW = at("2025-06-02 12:00")
_ADD = """INSERT INTO places (platform, address, added_by, title)
    VALUES ('discord', :address, 'someone', 'title')"""


async def places(store: Store) -> list[str]:
    return [row["address"] for row in await store.rows("SELECT address FROM places")]


async def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(UserError):
        async with store.transaction() as tx:
            await tx.run(_ADD, address="a")
            raise UserError("changed my mind")
    assert await places(store) == []
    async with store.transaction() as tx:
        await tx.run(_ADD, address="b")
    assert await places(store) == ["b"]


async def test_two_coroutines_transactions_do_not_mix(store: Store) -> None:
    entered = asyncio.Event()

    async def fails() -> None:
        async with store.transaction() as tx:
            await tx.run(_ADD, address="lost")
            entered.set()
            await asyncio.sleep(0.02)
            raise UserError("no")

    async def works() -> None:
        await entered.wait()
        async with store.transaction() as tx:
            await tx.run(_ADD, address="kept")

    async with asyncio.timeout(5):
        await asyncio.gather(fails(), works(), return_exceptions=True)
    assert await places(store) == ["kept"]


async def test_a_reader_sees_no_half_done_transaction(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.run(_ADD, address="a")
        assert await places(store) == []
        assert len(await tx.rows("SELECT * FROM places")) == 1
    assert await places(store) == ["a"]


async def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.rows(_ADD, address="a")


@pytest.mark.parametrize("steps", range(12))
async def test_a_transaction_cancelled_at_any_step_frees_the_store(
    store: Store, steps: int
) -> None:
    async def write() -> None:
        async with store.transaction() as tx:
            await tx.run(_ADD, address="cancelled")
            await tx.run(_ADD, address="cancelled too")

    task = asyncio.create_task(write())
    for _ in range(steps):
        await asyncio.sleep(0)
        await asyncio.sleep(0.0002 if steps % 2 else 0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    async with store.transaction() as tx:
        await tx.run(_ADD, address="next")
    assert set(await places(store)) in ({"next"}, {"next", "cancelled", "cancelled too"})


async def test_a_migrated_file_is_opened_again_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "papers.db"
    async with opened(path) as store, store.transaction() as tx:
        await tx.run(_ADD, address="a")
    before = schema(path)
    async with opened(path) as store:
        assert await places(store) == ["a"]
        assert (await store.row("PRAGMA synchronous")) is not None
        assert await store.damage() is None
    assert schema(path) == before


def schema(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


async def test_two_programs_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    async def use(name: str) -> None:
        async with opened(tmp_path / "papers.db") as store, store.transaction() as tx:
            await tx.run(_ADD, address=name)

    names = [str(n) for n in range(4)]
    ends = await asyncio.gather(*map(use, names), return_exceptions=True)
    # SQLite does not wait for the switch to WAL: who comes in that instant is told so.
    assert all(end is None or str(end).startswith("The store is busy") for end in ends)
    async with opened(tmp_path / "papers.db") as store:
        done = [name for name, end in zip(names, ends, strict=True) if end is None]
        assert done
        assert sorted(await places(store)) == done


async def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "papers.db"
    async with opened(path):
        pass
    before = schema(path)
    with monkeypatch.context() as patch:
        broken = (*MIGRATIONS, ("CREATE TABLE news (id)",), ("CREATE TABLE papers (id)",))
        patch.setattr("bot.store.MIGRATIONS", broken)
        with pytest.raises(sqlite3.OperationalError):
            async with opened(path):
                pass
    assert schema(path) == before
    longer = (*MIGRATIONS, ("CREATE TABLE news (id)",))
    monkeypatch.setattr("bot.store.MIGRATIONS", longer)
    async with opened(path) as store:
        assert await store.rows("SELECT * FROM news") == []


async def test_a_file_of_a_newer_version_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    async with opened(path):
        pass
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="made by a newer version"):
        async with opened(path):
            pass


async def test_writes_are_durable_before_a_transaction_returns(tmp_path: Path) -> None:
    async with opened(tmp_path / "papers.db") as store, store.transaction() as tx:
        [full] = await tx.rows("PRAGMA synchronous")
        [wal] = await tx.rows("PRAGMA journal_mode")
        assert (full[0], wal[0]) == (2, "wal")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"this is no database, it is a letter. " * 200, "is no SQLite file"), (b"x", "is no SQLite"),
     (b"SQLite format 3\0" + b"x" * 5000, "damaged"), (b"\x00" * 5000, "damaged")],
)  # fmt: skip
async def test_a_file_that_is_no_store_is_named_so(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "papers.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=words):
        async with opened(path):
            pass
    assert path.read_bytes() == content


async def test_a_damaged_page_is_found_and_named(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    async with opened(path):
        pass
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\x5a" * len(content[4096 * 2 :])
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        async with opened(path) as store:
            await store.rows("SELECT * FROM papers WHERE day = '2025-06-02'")
            assert await store.damage() is None


async def test_a_path_that_cannot_be_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path, tmp_path / "file" / "papers.db", Path("/proc/self/papers.db")):
        with pytest.raises(StoreError, match="cannot be"):
            async with opened(path):
                pass


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder, and not being root while the block runs: root may write everywhere."""
    with tempfile.TemporaryDirectory() as folder:
        path, root = Path(folder), os.geteuid() == 0
        path.chmod(0o777)
        if root:
            os.chown(path, 65534, -1)
            os.seteuid(65534)
        try:
            yield path
        finally:
            if root:
                os.seteuid(0)
            path.chmod(0o777)


@pytest.mark.parametrize("only_the_file", [True, False])
async def test_a_read_only_store_is_refused_in_one_sentence(only_the_file: bool) -> None:
    with unprivileged() as folder:
        path = folder / "papers.db"
        async with opened(path):
            pass
        before = path.read_bytes()
        path.chmod(0o444)
        folder.chmod(0o777 if only_the_file else 0o555)
        with pytest.raises(StoreError, match="check its folder"):
            async with opened(path) as store, store.transaction() as tx:
                await tx.run(_ADD, address="a")
        assert path.read_bytes() == before


async def test_a_full_disk_changes_nothing_and_the_store_goes_on_when_there_is_room(
    store: Store,
) -> None:
    async with store.transaction() as tx:
        await tx.run(_ADD, address="before")
    with pytest.raises(StoreError, match="The disk is full"):
        async with store.transaction() as tx:
            await tx.rows("PRAGMA max_page_count = 1")  # SQLite takes the size it has
            await tx.run(_ADD, address="small")
            for n in range(200):
                await tx.run(_ADD, address=f"{n}{'x' * 2000}")
    assert await places(store) == ["before"]
    async with store.transaction() as tx:
        await tx.rows("PRAGMA max_page_count = 1000000")
        await tx.run(_ADD, address="after")
    assert await places(store) == ["after", "before"]


async def test_a_store_another_program_holds_is_named_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path / "papers.db") as store:
        async with store.transaction() as tx:
            await tx.rows("PRAGMA busy_timeout = 20")
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="busy"):
                async with store.transaction() as tx:
                    await tx.run(_ADD, address="a")
            other.execute("ROLLBACK")
        async with store.transaction() as tx:
            await tx.run(_ADD, address="b")
        assert await places(store) == ["b"]


async def test_a_fault_of_our_own_is_not_blamed_on_the_disk(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await store.rows("SELECT no_such_full_column FROM papers")


async def test_upkeep_changes_nothing_that_is_stored(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.run(_ADD, address="a")
    await store.optimize()
    assert await places(store) == ["a"]


moments = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)


@given(moments, moments)
def test_moments_sort_as_text_as_they_do_in_time(a: datetime, b: datetime) -> None:
    assert (stamp(a) < stamp(b)) == (a < b)
    assert moment(stamp(a)) == a


def test_moments_are_utc_with_microseconds_and_days_are_plain() -> None:
    assert stamp(at("2025-06-02 07:00")) == "2025-06-02T07:00:00.000000+00:00"
    assert moment(None) is None
    assert day("2025-06-02") == date(2025, 6, 2)
    assert stamp(datetime(2025, 6, 2, tzinfo=UTC)).endswith("+00:00")


async def test_writes_that_wait_share_a_commit(store: Store) -> None:
    commits = 0
    began = store._began

    @asynccontextmanager
    async def counted() -> AsyncIterator[Transaction]:
        nonlocal commits
        commits += 1
        async with began() as tx:
            yield tx

    store._began = counted  # type: ignore[method-assign]

    async def keep(number: int) -> int:
        sql = "INSERT INTO texts (key, text, used_at) VALUES (:key, :text, :now)"
        return await store.write(lambda tx: tx.run(sql, key=f"{number}", text="t", now=NOW))

    assert await asyncio.gather(*map(keep, range(50))) == [1] * 50
    assert 1 <= commits <= 3
    assert len(await store.rows("SELECT * FROM texts")) == 50


async def test_a_write_that_fails_fails_alone(store: Store) -> None:
    async def work(tx: Transaction, number: int) -> int:
        await tx.run(
            "INSERT INTO texts (key, text, used_at) VALUES (:key, '', :now)",
            key=f"{number}",
            now=NOW,
        )
        if number == 3:
            raise ValueError(number)
        return number

    done = await asyncio.gather(
        *(store.write(partial(work, number=n)) for n in range(6)), return_exceptions=True
    )
    assert done[:3] + done[4:] == [0, 1, 2, 4, 5]
    assert isinstance(done[3], ValueError)
    assert {row["key"] for row in await store.rows("SELECT key FROM texts")} == set("01245")


async def test_a_write_that_is_cancelled_takes_no_other_with_it(store: Store) -> None:
    async def slow(tx: Transaction) -> None:
        await tx.rows("SELECT 1")
        await asyncio.sleep(0.05)

    first = asyncio.create_task(store.write(slow))
    second = asyncio.create_task(store.write(slow))
    await asyncio.sleep(0.01)
    first.cancel()
    async with asyncio.timeout(5):
        assert await second is None
    with pytest.raises(asyncio.CancelledError):
        await first
    await store.write(slow)
