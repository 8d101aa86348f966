"""A store of before places had several subscriptions: all it has is kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import digest
from bot.model import Destination
from bot.states import Layout, What
from bot.store import opened, subscriptions
from bot.store.schema import MIGRATIONS
from tests.fakes import at, subscribe
from tests.stored import digest_of

RUN = "2025-06-04T09:00:00.000000+00:00"
NAMED = next(n for n, each in enumerate(MIGRATIONS) if "named_subscriptions" in each[0])


async def test_a_store_of_before_keeps_topics_buttons_and_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "papers.db"
    with monkeypatch.context() as patch:
        patch.setattr("bot.store.MIGRATIONS", MIGRATIONS[:NAMED])
        async with opened(path):
            pass
    with closing(sqlite3.connect(path)) as db, db:
        for number, kind in ((3, "daily"), (7, "topics"), (9, "daily")):
            db.execute(
                "INSERT INTO subscriptions (id, platform, address, kind, time, zone, papers, "
                "run_at, check_at, first_day) VALUES (?, 'discord', ?, ?, '09:00', 'UTC', 5, ?, ?, "
                "'2025-06-02')", (number, "c9" if number == 9 else "me", kind, RUN, RUN),
            )  # fmt: skip
        db.execute("DELETE FROM subscriptions WHERE id = 9")
        db.execute("INSERT INTO topics (id, subscription, text, canonical) VALUES (4, 7, 'rl', 1)")
        insert = "INSERT INTO contents (hash, text) VALUES (?, ?) RETURNING id"
        for number, kind, day, state, order in (
            (11, "daily", "2025-06-03", "pending", 3), (12, "topics", "2025-06-03", "sent", 7),
            (13, "notice", "2025-06-03", "pending", None), (15, "daily", "2025-06-02", "sent", 3),
        ):  # fmt: skip
            old = digest_of(day, 1, 2).replace('"layout":"rich"', '"x":1')
            old = old.replace('"what":"daily"', f'"kind":"{kind}"')
            [[content]] = db.execute(insert, (str(number).encode(), old)).fetchall()
            db.execute(
                "INSERT INTO deliveries (id, subscription, platform, address, kind, local_date, "
                "list_day, state, due_at, deadline, content) VALUES (?, ?, 'discord', 'me', ?, ?, "
                "?, ?, ?, ?, ?)", (number, order, kind, day, day, state, RUN, RUN, content),
            )  # fmt: skip
        db.execute("DELETE FROM deliveries WHERE id = 15")
    async with opened(path) as store:
        where = Destination("discord", "me")
        daily = await subscriptions.get(store, where)
        mine = await subscriptions.get(store, where, "topics")
        assert daily and (daily.id, daily.what, daily.layout) == (3, What.DAY, Layout.RICH)
        assert mine and (mine.id, mine.what) == (7, What.QUERY)
        assert [t.text for t in await subscriptions.topics(store, 7)] == ["rl"]
        rows = await store.rows("SELECT id, name, state, subscription FROM deliveries ORDER BY id")
        assert [tuple(row) for row in rows] == [
            (11, "", "pending", 3), (12, "topics", "sent", 7), (13, "", "pending", None),
        ]  # fmt: skip
        number = await subscribe(store, "c5", at("2025-06-04 12:00"))
        assert number == 10, "numbers are never used twice"
        assert not await store.rows("PRAGMA foreign_key_check")


async def test_a_digest_of_an_older_program_is_rich() -> None:
    new = digest_of("2025-06-03", 1, 2)
    for kind in ("daily", "topics"):
        old = new.replace('"what":"daily"', f'"kind":"{kind}"')
        for field in (',"layout":"rich"', ',"name":""', ',"query":""'):
            assert field in old
            old = old.replace(field, "")
        read = digest.loads(old)
        assert (read.layout, read.what, read.query) == (Layout.RICH, What(kind), "")
        assert read.name == ("topics" if kind == "topics" else "")
