"""The files of the store: whose they are, and what SQLite must have."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store import backup, opened

UMASKS = (0o000, 0o022, 0o077, 0o777)


@pytest.fixture(params=UMASKS, ids=oct)
def umask(request: pytest.FixtureRequest) -> object:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def rights(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


async def test_a_new_store_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "data" / "papers.db"
    async with opened(path) as store:
        async with store.transaction() as tx:
            await tx.run("INSERT INTO texts VALUES ('a', 'b', 'c')")
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == ["papers.db", "papers.db-shm", "papers.db-wal"]
        assert {rights(file) for file in files} == {"0o600"}
    assert rights(path.parent) == "0o700"


async def test_a_backup_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "papers.db"
    async with opened(path):
        path.chmod(0o666)
        await backup.save(path, tmp_path / "copy.db")
    assert rights(tmp_path / "copy.db") == "0o600"
    assert backup.is_backup(tmp_path / "copy.db") and not backup.is_backup(path)


async def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    async with opened(tmp_path / "shared" / "papers.db"):
        pass
    assert rights(tmp_path / "shared") == "0o755"


async def test_a_link_leads_to_the_store_and_to_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "papers.db")
    for _ in range(2):
        async with opened(tmp_path / "link.db"):
            assert rights(tmp_path / "real" / "papers.db") == "0o600"


def a_folder(path: Path) -> None:
    path.mkdir()


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def a_text(path: Path) -> None:
    path.write_text("no database at all\n" * 999)


@pytest.mark.parametrize("kind", [a_folder, a_fifo, a_device, a_link_to_itself, a_text])
async def test_what_can_be_no_store_is_one_sentence(
    tmp_path: Path, kind: Callable[[Path], None]
) -> None:
    path = tmp_path / "papers.db"
    kind(path)
    with pytest.raises(StoreError, match=r"\.$"):
        async with opened(path):
            pytest.fail("it was opened")


@pytest.mark.parametrize(
    "sql",
    ["CREATE TABLE bookmarks (url)", "PRAGMA user_version = 75; CREATE TABLE papers (x)",
     "PRAGMA user_version = 2; CREATE VIEW v AS SELECT 1", "PRAGMA user_version = 9"],
)  # fmt: skip
async def test_the_database_of_another_program_is_left_as_it_is(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "places.db"
    db = sqlite3.connect(path)
    db.executescript(sql)
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"places\.db is the database of another program: "):
        async with opened(path):
            pytest.fail("it was opened")
    assert path.read_bytes() == before
    assert names(tmp_path) == ["places.db"]


class Lacking(sqlite3.Connection):
    """A build of SQLite without something."""

    without, error = "", ""

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:
        if self.without and self.without in sql.lower():
            raise sqlite3.OperationalError(self.error)
        return super().execute(sql, *args)


@pytest.mark.parametrize(
    ("without", "error", "feature"),
    [("using fts5", "no such module: fts5", "FTS5"),
     ("json_each", "no such table: json_each", "JSON"),
     ("json_each", "no such function: json_each", "JSON")],
)  # fmt: skip
async def test_a_missing_feature_of_sqlite_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: str, error: str, feature: str
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(Lacking, "without", without)
    monkeypatch.setattr(Lacking, "error", error)
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": Lacking, **k}))
    with pytest.raises(StoreError, match=rf"SQLite \(.*\) was built without {feature}: run it"):
        async with opened(tmp_path / "papers.db"):
            pytest.fail("it was opened")
    assert not names(tmp_path)  # no half a store


async def test_an_old_sqlite_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")
    with pytest.raises(StoreError, match=r"SQLite is 3\.34\.1; 3\.35 or newer is needed"):
        async with opened(tmp_path / "papers.db"):
            pytest.fail("it was opened")


async def test_a_feature_that_is_missed_later_is_named_too(tmp_path: Path) -> None:
    async with opened(tmp_path / "papers.db") as store:
        with pytest.raises(StoreError, match="without JSON"):
            await store.rows("SELECT json_nonsense('[1]')")
