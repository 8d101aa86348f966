"""Commands in a folder without a store: who only looks makes none, and says where it looked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import opened
from tests.process import NULL, finished, start, told
from tests.replay import replay

HINT = (
    "`run` makes one there; for another, cd to the folder with its .env, or name it in "
    "DATABASE_URL."
)


def nothing_made(folder: Path) -> bool:
    return not (folder / "data").exists() and not list(folder.rglob("*.db*"))


@pytest.mark.parametrize(
    ("words", "status"),
    [(("search", "kv cache"), 0), (("search", "kv", "--json"), 0), (("preview",), 0),
     (("deliveries",), 1), (("deliveries", "--failed"), 1), (("backup", "copy.db"), 1),
     (("deliveries", "--resend", "--since", "2025-06-12"), 1)],
)  # fmt: skip
async def test_who_only_looks_makes_no_store_and_says_where_it_looked(
    tmp_path: Path, words: tuple[str, ...], status: int
) -> None:
    code, _, err = await told(tmp_path, *words)
    assert code == status and nothing_made(tmp_path)
    assert f"There is no store at {tmp_path}/data/papers.db: {HINT}" in err
    assert err.count("There is no store") == 1


async def test_doctor_makes_none_and_looks_at_the_rest(tmp_path: Path) -> None:
    _, out, _ = await told(tmp_path, "doctor")
    lines = out.decode().splitlines()
    assert nothing_made(tmp_path)
    assert f"note  store: There is no store at {tmp_path}/data/papers.db: {HINT}" in lines
    assert {line[6:].partition(":")[0] for line in lines if line[:2] == "ok"} >= {"disk", "search"}


async def test_an_empty_file_is_no_store_and_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    code, _, err = await told(tmp_path, "deliveries", DATABASE_URL="sqlite:///x.db")
    assert code == 1 and "There is no store at" in err and not (tmp_path / "x.db").stat().st_size


async def test_a_fresh_install_has_its_preview_without_a_store(tmp_path: Path) -> None:
    with replay(now="2025-06-12T17:00:00Z") as feed:
        words = ("preview", "--day", "2025-06-11")
        code, out, _ = await told(tmp_path, *words, HF_API_BASE=feed.base)
    assert code == 0 and b"Daily Papers \xc2\xb7 Wed 11 June 2025" in out
    assert nothing_made(tmp_path)


async def test_a_store_that_is_made_is_told_once(tmp_path: Path) -> None:
    told_ = f"A new, empty store was made at {tmp_path}/data/papers.db.\n"
    code, _, err = await told(tmp_path, "run", typed=b"/help\n")
    assert code == 0 and err.count(told_) == 1
    code, _, err = await told(tmp_path, "run", typed=b"/help\n")
    assert code == 0 and told_ not in err


async def test_whoever_can_serve_nobody_makes_no_store(tmp_path: Path) -> None:
    code, _, err = await finished(await start(tmp_path, "run", stdin=NULL))
    assert code == 1 and err.startswith("Error: No token is set") and nothing_made(tmp_path)


async def test_a_store_that_is_there_is_found_by_its_name_from_elsewhere(tmp_path: Path) -> None:
    async with opened(tmp_path / "data" / "papers.db"):
        pass
    (tmp_path / "other").mkdir()
    where = f"sqlite:///{tmp_path}/data/papers.db"
    code, _, err = await told(tmp_path / "other", "deliveries", DATABASE_URL=where)
    assert code == 0 and err.startswith("Nothing was posted yet")
    day = f"{datetime.now(UTC):%Y}-13-01"
    code, _, err = await told(tmp_path / "other", "backfill", "--since", day)
    assert code == 2 and "is no day; write it like 2025-06-12." in err
    assert nothing_made(tmp_path / "other")
