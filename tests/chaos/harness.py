"""Starts the peers and the bot, seeds its store, and reads what became of each delivery."""

from __future__ import annotations

import asyncio
import http.client
import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from bot.digest import Digest, compose
from bot.model import Destination, PaperList
from bot.notice import Notice
from bot.sources.sample import Sample
from bot.states import What
from bot.store import Store, lists, opened, outbox
from tests.chaos import child

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:9"  # nothing listens on the discard port: the feed's failure is logged
UNFINISHED = ("pending", "claimed", "sending", "retry")
# Forked from a process that has the program imported: a start costs a tenth of a second.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.chaos.child"])
Json = dict[str, Any]


class Peers:
    """The running peers, as a test sees them."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports = ports

    def ledger(self, platform: str) -> list[Json]:
        return [e for e in self._ask("GET", "/__ledger") if e["platform"] == platform]

    def counts(self) -> dict[str, int]:
        return dict(self._ask("GET", "/__stats")["counts"])

    def fired(self) -> list[list[Any]]:
        """When a fault struck: time, platform, kind, chat."""
        return list(self._ask("GET", "/__stats")["fired"])

    def fault(self, platform: str, kind: str, **more: Any) -> None:
        self._ask("POST", "/__faults", {"platform": platform, "kind": kind, **more})

    def says(self, platform: str, chat: int, text: str, **more: Any) -> float:
        """A person writes to the bot. Returns when, on the peers' clock.

        does: types (Discord), edits (Telegram), presses; group: where, instead of in private
        """
        said = {"platform": platform, "chat": chat, "text": text, **more}
        return float(self._ask("POST", "/__updates", [said])[0])

    def all_say(self, said: Iterable[tuple[str, int, str]]) -> None:
        """Many people write at once: (platform, who, words)."""
        told = [{"platform": name, "chat": who, "text": text} for name, who, text in said]
        self._ask("POST", "/__updates", told)

    def reset(self, **settings: Any) -> None:
        self._ask("POST", "/__reset", settings)

    def forget_nonces(self) -> None:
        self._ask("POST", "/__forget")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        with closing(http.client.HTTPConnection("127.0.0.1", self.ports["control"], 30)) as wire:
            wire.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
            return json.loads(wire.getresponse().read())


@contextmanager
def started_peers() -> Iterator[Peers]:
    words = [sys.executable, "-m", "tests.chaos.peers"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Peers(json.loads(process.stdout.readline()))
        finally:
            process.terminate()


class Bot:
    """A bot's store, and the processes that serve it, one after another."""

    def __init__(self, folder: Path, peers: Peers) -> None:
        self.path = folder / "papers.db"
        self.log = folder / "log.txt"
        at = {name: f"127.0.0.1:{port}" for name, port in peers.ports.items()}
        self.env = {
            "DATABASE_URL": f"sqlite:///{self.path}",
            "HF_API_BASE": NOWHERE,
            "ARXIV_API_BASE": NOWHERE,
            "ARXIV_OAI_BASE": NOWHERE,
            "DISCORD_TOKEN": "good",
            "DISCORD_API_BASE": f"http://{at['discord']}/api",
            "DISCORD_GATEWAY_URL": f"ws://{at['discord']}/gateway",
            "TELEGRAM_TOKEN": "123456:AAE-token-of-the-peer",
            "TELEGRAM_API_BASE": f"http://{at['telegram']}",
        }
        if large := os.environ.get("CHAOS_STORE"):  # one with many papers
            shutil.copy(large, self.path)
        asyncio.run(_prepare(self.path))

    def seed(self, where: Iterable[tuple[str, str]], kind: str = "daily") -> None:
        """One due delivery for each (platform, address); a notice may have several."""
        asyncio.run(_seed(self.path, where, kind))

    def crowd(self, platform: str, address: str, count: int) -> None:
        """So many due posts, each for a place of its own: `address` with a number in it."""
        asyncio.run(_crowd(self.path, platform, address, count))

    def start(self, step: str = "", nth: int = 1, **more: Any) -> BaseProcess:
        """As `child.main`: it dies at the n-th passage of the step."""
        words = (self.env, self.log, step, nth)
        process = _FORKS.Process(target=child.main, args=words, kwargs=more, daemon=True)
        process.start()
        return process

    @contextmanager
    def running(self, **more: Any) -> Iterator[int]:
        """A process that is told to stop at the end. Yields its id."""
        process = self.start(**more)
        assert process.pid
        try:
            yield process.pid
        finally:
            os.kill(process.pid, signal.SIGCONT)
            process.terminate()
            process.join(10)
            late = process.is_alive()
            process.kill()
            process.join()
        assert not late, f"it did not stop; {self.tail()}"

    @contextmanager
    def frozen(self, process: int) -> Iterator[None]:
        """Stopped at a moment when no post is under way: one could be cut in two."""
        assert until(lambda: self._stops(process), 20), "it never rests"
        try:
            yield
            time.sleep(0.05)
        finally:
            os.kill(process, signal.SIGCONT)

    def _stops(self, process: int) -> bool:
        os.kill(process, signal.SIGSTOP)
        time.sleep(0.05)  # the peers answer what was asked
        if any(row["state"] == "sending" for row in self.rows()):
            os.kill(process, signal.SIGCONT)
            return False
        return True

    def rows(self) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self.path, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return db.execute("SELECT * FROM deliveries ORDER BY id").fetchall()

    def unfinished(self) -> int:
        return sum(row["state"] in UNFINISHED for row in self.rows())

    def damage(self) -> str:
        """What the whole check finds; `ok` when it is nothing."""
        with closing(sqlite3.connect(self.path, timeout=10)) as db:
            return str(db.execute("PRAGMA integrity_check").fetchone()[0])

    def tail(self) -> str:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return "\n".join(["the end of its log:", *lines[-30:]])


async def _prepare(path: Path) -> None:
    """A store in which today's list is known, so that /today has an answer without a feed."""
    now = datetime.now(UTC)
    async with opened(path) as store:
        source = Sample()
        found = await source.fetch(await source.newest() or now.date())
        todays = tuple(replace(paper, day=now.date()) for paper in found)
        listed = PaperList("huggingface", now.date(), todays, now, whole=False)
        async with store.transaction() as tx:
            await lists.save(tx, listed, next_at=now + timedelta(days=1))


async def _post(store: Store, now: datetime) -> str:
    todays = await lists.listed(store, now.date(), now.date())
    draft = Digest(What.DAY, now.date(), False, now, "Europe/Berlin", 5, ())
    return compose(draft, todays).dumps()


async def _crowd(path: Path, platform: str, address: str, count: int) -> None:
    sql = """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :count)
        INSERT INTO deliveries (platform, address, kind, local_date, list_day, state, due_at,
            deadline, content)
        SELECT :platform, printf(:address, 1000000 + i), 'daily', :day, :day, 'pending', :now,
            :deadline, (SELECT max(id) FROM contents) FROM n"""
    now = datetime.now(UTC)
    async with opened(path) as store:
        named = {"platform": platform, "address": address, "count": count, "day": now.date()}
        post, deadline = await _post(store, now), now + timedelta(hours=6)
        where = Destination(platform, address % 999_999)
        async with store.transaction() as tx:
            await outbox.add(tx, where, What.DAY, now.date(), now=now, deadline=deadline,
                             list_day=now.date(), payload=post)  # fmt: skip
            await tx.run(sql, **named, now=now, deadline=deadline)


async def _seed(path: Path, where: Iterable[tuple[str, str]], kind: str) -> None:
    now = datetime.now(UTC)
    async with opened(path) as store:
        post = await _post(store, now)
        async with store.transaction() as tx:
            for number, (platform, address) in enumerate(where):
                told = Notice(f"Notice {number} for {address}").dumps()
                place, payload = Destination(platform, address), told if kind == "notice" else post
                list_day = None if kind == "notice" else now.date()
                await outbox.add(tx, place, kind, now.date(), now=now, payload=payload,
                                 list_day=list_day, deadline=now + timedelta(hours=6))  # fmt: skip


def until(true: Callable[[], object], seconds: float) -> bool:
    """Wait until something holds. False: it did not in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def say(*words: object) -> None:
    """For the report of a failed test, or for `pytest -s`."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
