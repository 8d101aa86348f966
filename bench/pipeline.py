"""The pipeline against the fastest plain way to do the same, in one run: read the ratios."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from bot import plan
from bot.collect import Collector
from bot.model import Delivery, Paper, Receipt
from bot.store import Store, Transaction, opened, outbox

DUE, POSTS, CROWD = 2_000, 300, 100_000
IN_FLIGHT = 8
NOW = datetime(2025, 6, 4, 9, tzinfo=UTC)
_ROW = "INSERT INTO deliveries (platform, address, kind, local_date, state, due_at, payload) "
_SUBSCRIPTIONS = """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :count)
    INSERT INTO subscriptions (platform, address, kind, time, zone, papers, run_at, check_at)
    SELECT 'discord', :name || i, 'daily', '09:00', 'UTC', 10, :at, :at FROM n"""


class Feed:
    """A list of forty papers."""

    name = "huggingface"
    curated = True
    every = timedelta(minutes=10)

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        if day != NOW.date():
            return ()
        summary = "A sentence of the usual length about what was found. " * 20
        names = tuple(f"Author {n}" for n in range(8))
        return tuple(
            Paper(f"2506.{n:05}", f"Paper {n}", summary, names, day=day, votes=n) for n in range(40)
        )

    async def newest(self) -> date | None:
        return NOW.date()

    async def find(self, paper_id: str) -> Paper | None:
        return None

    async def close(self) -> None: ...


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


def plainly(path: Path, rows: list[tuple[object, ...]], *, one_commit: bool) -> float:
    """The same rows by bare sqlite3, as durably."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    start = time.perf_counter()
    if one_commit:
        db.execute("BEGIN")
    for row in rows:
        db.execute(f"{_ROW} VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    if one_commit:
        db.execute("COMMIT")
    spent = time.perf_counter() - start
    db.close()
    return spent


async def planning(store: Store, collector: Collector) -> None:
    async with store.transaction() as tx:
        await tx.run(_SUBSCRIPTIONS, count=DUE, name="due", at=NOW)

    async def settle() -> None:
        while await plan.plan(store, collector, NOW):
            pass

    await collector.refresh(NOW)
    ours = await seconds(settle)
    pending = await store.rows("SELECT * FROM deliveries WHERE state = 'pending'")
    assert len(pending) == DUE
    rows: list[tuple[object, ...]] = [
        ("plain", r["address"], r["kind"], r["local_date"], "sent", r["due_at"], r["payload"])
        for r in pending
    ]
    plain = plainly(store.path, rows, one_commit=True)
    print(f"plan {DUE} due: {DUE / ours:7.0f}/s, {ours / plain:5.1f} x plain INSERTs in one commit")


async def marking(store: Store) -> None:
    """As the dispatcher does: a commit has the outcomes of the last posts and the intents of the
    next."""
    due = await outbox.due(store, "discord", NOW, POSTS)

    async def rounds() -> None:
        claimed = list[Delivery]()
        for start in range(0, POSTS + IN_FLIGHT, IN_FLIGHT):
            arrived = [(delivery, Receipt("m")) for delivery in claimed]
            claimed = await store.write(partial(turn, arrived, due[start : start + IN_FLIGHT]))

    async def turn(
        arrived: list[tuple[Delivery, Receipt]], picked: list[Delivery], tx: Transaction
    ) -> list[Delivery]:
        await outbox.sent(tx, arrived, NOW)
        return await outbox.claim(tx, picked, NOW)

    ours = await seconds(rounds)
    left = await store.rows(
        "SELECT 1 FROM deliveries WHERE platform = 'discord' AND state = 'sent'"
    )
    assert len(left) == POSTS
    rows: list[tuple[object, ...]] = [
        ("bare", str(n), "daily", "2025-06-04", "sent", "", "") for n in range(2 * POSTS)
    ]
    plain = plainly(store.path, rows, one_commit=False)
    print(
        f"intent + outcome: {2 * POSTS / ours:7.0f} marks/s, "
        f"{ours / plain:5.2f} x bare single-row commits, synchronous=FULL"
    )


async def idling(store: Store, collector: Collector) -> None:
    async with store.transaction() as tx:
        later = NOW + timedelta(days=1)
        await tx.run(_SUBSCRIPTIONS, count=CROWD, name="crowd", at=later)

    async def ticks() -> None:
        for _ in range(100):
            await collector.refresh(NOW)
            await plan.plan(store, collector, NOW)

    async def bare() -> None:
        for _ in range(100):
            await store.rows("SELECT 1")

    ours, plain = await seconds(ticks), await seconds(bare)
    print(f"idle tick, {CROWD} subscriptions: {ours * 10:5.2f} ms, {ours / plain:5.1f} x SELECT 1")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder) / "papers.db") as store:
            collector = Collector(store, [Feed()])
            await planning(store, collector)
            await marking(store)
            await idling(store, collector)


if __name__ == "__main__":
    asyncio.run(main())
