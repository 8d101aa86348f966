"""A store that any earlier program wrote is opened, and its places go on."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bot.store import opened
from bot.store.schema import MIGRATIONS
from tests.fakes import Clock, at
from tests.program import Program, listed
from tests.stored import digest_of
from tests.test_plan import Growing

WHERE = "INSERT INTO subscriptions (platform, address, kind, time, zone, papers, run_at, check_at"
PLACE = "VALUES ('discord', 'c1', 'daily', '09:00', 'UTC', 10"
RUN = "'2025-06-04T09:00:00.000000+00:00'"
BEFORE_REPLACED = 8  # the last version that took such a run for one that failed
LISTED = 4  # from this version on a digest is apart from its delivery


async def an_older_store(path: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Monday's post arrived, Tuesday's was given up; Wednesday's is to come."""
    with monkeypatch.context() as patch:
        patch.setattr("bot.store.MIGRATIONS", MIGRATIONS[:version])
        with suppress(sqlite3.OperationalError):  # today's program asks for more than it had
            async with opened(path):
                pass
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"{WHERE}, first_day) {PLACE}, {RUN}, {RUN}, '2025-06-02')")
        for day, state in (("2025-06-02", "sent"), ("2025-06-03", "dead")):
            columns = "subscription, platform, address, kind, local_date, state, due_at, reason"
            values = [1, "discord", "c1", "daily", day, state, f"{day}T09:00:00+00:00", "x"]
            digest = digest_of(day, int(day[-1]) * 10 + 1, int(day[-1]) * 10 + 2)
            if version < LISTED:
                columns, values = f"{columns}, payload", [*values, digest]
            else:
                insert = "INSERT INTO contents (hash, text) VALUES (?, ?) RETURNING id"
                [number] = db.execute(insert, (day.encode(), digest)).fetchone()
                columns = f"{columns}, deadline, list_day, content"
                values = [*values, f"{day}T15:00:00+00:00", day, number]
            marks = ", ".join("?" * len(values))
            db.execute(f"INSERT INTO deliveries ({columns}) VALUES ({marks})", values)  # noqa: S608


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
async def test_a_place_of_any_earlier_store_goes_on(
    tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, clock = tmp_path / "papers.db", Clock(at("2025-06-04 07:00"))
    await an_older_store(path, version, monkeypatch)
    async with opened(path) as store:
        running = Program(store, clock, Growing(clock))
        listed(running.feed, "2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05")
        await running.started()
        before = await running.ask("/deliveries")
        assert before.text.splitlines() == [
            "Tue 3 June: could not be posted: x",
            "Mon 2 June: posted at 09:00 UTC",
        ]
        await running.until("2025-06-05 10:00")
        assert running.numbers() == [[42, 41, 32, 31], [52, 51]]
        assert "The list of Tue 3 June did not come: x;" in running.texts()[0]


async def test_a_run_that_an_older_program_took_for_failed_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tuesday's run was replaced when its time was changed; the post before it was forgotten."""
    path, clock = tmp_path / "papers.db", Clock(at("2025-06-04 07:00"))
    await an_older_store(path, BEFORE_REPLACED, monkeypatch)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE deliveries SET state = 'missed', reason = 'its time was changed'"
                   " WHERE state = 'dead'")  # fmt: skip
        db.execute("UPDATE sqlite_sequence SET seq = 9 WHERE name = 'deliveries'")
    async with opened(path) as store:
        running = Program(store, clock, Growing(clock))
        listed(running.feed, "2025-06-02", "2025-06-03", "2025-06-04")
        await running.started()
        shown = await running.ask("/deliveries")
        assert shown.text.splitlines() == [
            "Mon 2 June: posted at 09:00 UTC",
            "The list of Tue 3 June has no post of its own: the next one brings it.",
        ]
        assert not shown.actions
        await running.until("2025-06-04 10:00")
        assert running.numbers() == [[42, 41, 32, 31]]
        assert max(row["id"] for row in await running.rows()) == 10, "a number is never used twice"
