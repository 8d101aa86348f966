"""A copy taken from a store in use, and one that was put back beside what it must not touch."""

import asyncio
import resource
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store import Store, backup, opened
from tests.fakes import at, papers_of, subscribe
from tests.stored import save_papers

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
    await save_papers(store, *papers_of("2025-06-02", *range(500)))
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
    with pytest.raises(StoreError, match="There is no store at"):
        await backup.save(tmp_path / "none.db", tmp_path / "copy.db")
    assert not (tmp_path / "none.db").exists()


async def test_no_name_and_no_store_are_named(store: Store, tmp_path: Path) -> None:
    for name in ("", ".", " ", "/"):
        with pytest.raises(StoreError, match="No backup was made: name a new file for it"):
            await backup.save(store.path, Path(name))
    with pytest.raises(StoreError, match=r"as a folder: name a new file in it\.$"):
        await backup.save(store.path, tmp_path)
    (tmp_path / "letter.db").write_text("no database")
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute("CREATE TABLE bookmarks (url)")
    for name, words in (("letter", "is no SQLite file"), ("other", "of another program")):
        with pytest.raises(
            StoreError, match=rf"{name}\.db {'is the database ' * (name == 'other')}{words}"
        ):
            await backup.save(tmp_path / f"{name}.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("room", [0, 5_000, 100_000])
async def test_a_full_disk_leaves_no_half_copy(store: Store, tmp_path: Path, room: int) -> None:
    await save_papers(store, *papers_of("2025-06-02", *range(500)))
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
    async with opened(path) as store:
        await save_papers(store, *papers_of("2025-06-02", *range(500)))
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
