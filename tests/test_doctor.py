"""What `doctor` finds, of everything that `run` does."""

import asyncio
import json
import shutil
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from adapters.telegram import checkup
from bot import config, doctor, lock
from bot.model import Destination
from bot.states import What
from bot.store import backup, opened, outbox, papers
from tests.fakes import paper, subscribe
from tests.outside import discord_host, serving
from tests.process import NOWHERE
from tests.telegram.double import TOKEN, TelegramDouble
from tests.telegram.world import Refusal


@dataclass
class Feed:
    """A feed with one list, and a clock."""

    day: str = f"{datetime.now(UTC):%Y-%m-%d}"
    ahead: timedelta = field(default_factory=timedelta)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked = parse_qs(urlsplit(head.split()[1].decode()).query)
        fits = asked.get("date", [self.day]) == [self.day]
        one = {
            "id": "2506.00001",
            "title": "A study",
            "submittedOnDailyAt": f"{self.day}T00:00:00Z",
        }
        body = json.dumps([{"paper": one}] if fits else []).encode()
        date = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)
        answer = f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{answer}Connection: close\r\n\r\n".encode() + body)
        writer.close()
        await writer.wait_closed()


@dataclass
class Examined:
    """The lines of one examination."""

    status: int
    lines: list[str]

    @property
    def faults(self) -> list[str]:
        return [line.removeprefix("FAIL").strip() for line in self.lines if line[:4] == "FAIL"]

    def of(self, part: str) -> str:
        [line] = [line for line in self.lines if line[6:].startswith(f"{part}: ")]
        return line


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the program stands in, for its owner alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(checkup, "POLL", 0.2)
    return tmp_path


async def examine(feed: Feed | None = None, **env: str) -> Examined:
    lines: list[str] = []
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving(feed or Feed()))
        settings = config.load({"HF_API_BASE": f"http://127.0.0.1:{port}"} | env)
        return Examined(await doctor.examine(settings, lines.append), lines)


def telegram(double: TelegramDouble) -> dict[str, str]:
    return {"TELEGRAM_API_BASE": double.base, "TELEGRAM_TOKEN": TOKEN}


async def stored(*addresses: str, platform: str = "telegram") -> None:
    async with opened(Path("data/papers.db")) as store:
        async with store.transaction() as tx:
            await papers.save(tx, [paper(n) for n in range(1, 4)])
        for address in addresses:
            await subscribe(store, address, datetime.now(UTC), platform=platform)


async def test_a_healthy_bot_has_no_fault(here: Path) -> None:
    await stored("-1001", "7")
    async with TelegramDouble() as tg, discord_host() as (_, discord):
        tg.add_chat(-1001, "Readers", bot="administrator")
        found = await examine(**telegram(tg), **discord)
    assert (found.status, found.faults) == (0, []), found.lines
    assert {line[:4] for line in found.lines} == {"ok  "}
    assert "2 places can be posted to" in found.of("telegram")
    assert "with FTS5 and JSON" in found.of("store") and "nothing is stored" not in found.of(
        "store"
    )
    assert f"its newest list is of {Feed().day}, with 1 paper" in found.of("feed")
    assert "GB are free" in found.of("disk") and found.of("clock")


async def test_a_new_store_says_what_to_do(here: Path) -> None:
    async with opened(Path("data/papers.db")):
        pass
    found = await examine()
    assert "nothing is stored yet: `run` fetches today's list" in found.of("store")
    assert found.status == 0


# this machine -------------------------------------------------------------------------------------


async def test_what_others_may_read_is_named_with_what_mends_it(here: Path) -> None:
    await stored()
    (here / "copies").mkdir()
    await backup.save(Path("data/papers.db"), Path("copies/monday.db"))
    (here / ".env").write_text("TELEGRAM_PAID_BROADCAST=0\n")
    for path, mode in ((".env", 0o644), ("data/papers.db", 0o640), ("data", 0o755)):
        (here / path).chmod(mode)
    copy = here / "copies" / "monday.db"
    copy.chmod(0o604)
    found = await examine()
    assert found.status == 0  # it serves all the same
    assert [line for line in found.lines if "files: " in line] == [
        "note  files: others may read data: chmod 700 data",
        "note  files: others may read data/papers.db: chmod 600 data/papers.db",
        "note  files: others may read .env: chmod 600 .env",
        f"note  files: others may read {copy}: chmod 600 {copy}",
    ]
    for path in (".env", "data/papers.db", copy):
        (here / path).chmod(0o600)
    (here / "data").chmod(0o700)
    assert (await examine()).of("files").startswith("ok")


async def test_a_disk_that_is_nearly_full_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(here)._replace(free=10**7)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    await stored()
    assert (await examine()).faults == ["disk: only 0.0 GB are free in data"]


async def test_a_store_that_cannot_be_opened_leaves_the_rest_examined(here: Path) -> None:
    (here / "data").mkdir(0o700)
    (here / "data" / "papers.db").write_text("no database " * 99)
    (here / "data" / "papers.db").chmod(0o600)
    async with TelegramDouble() as tg:
        found = await examine(**telegram(tg))
    [fault] = found.faults
    assert fault.startswith("store: data/papers.db is no SQLite file, so no store of Daily Papers")
    assert found.of("feed").startswith("ok") and found.of("telegram").startswith("ok")


async def test_a_search_that_finds_nothing_of_what_is_stored_is_named(here: Path) -> None:
    await stored()
    async with opened(Path("data/papers.db")) as store, store.transaction() as tx:
        for table in ("papers_fts", "titles_fts"):
            await tx.run(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")  # noqa: S608
    assert (await examine()).faults == [
        "search: papers that are stored are not found by their titles"
    ]


async def test_a_look_that_breaks_leaves_the_others(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: object) -> list[str]:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(doctor.rights, "open_to_others", breaks)
    found = await examine()
    assert found.faults == ["doctor: a look broke with ZeroDivisionError: by nothing"]
    assert found.of("feed") and found.of("store")


# the feed -----------------------------------------------------------------------------------------


async def test_a_list_that_is_old_is_said(here: Path) -> None:
    found = await examine(Feed(day="2025-06-12"))
    assert found.status == 0 and found.of("feed").startswith("note")
    assert "days old: nothing newer can be posted" in found.of("feed")


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(timedelta(minutes=5, seconds=30), "minutes and "),
     (timedelta(days=530, hours=5), "clock: about 1 year and 165 days behind"),
     (-timedelta(days=3, minutes=9), "clock: about 3 days ahead of"),
     (-timedelta(hours=30, seconds=9), "clock: about 1 day and 6 hours ahead of")],
)  # fmt: skip
async def test_a_clock_that_is_wrong_is_told_in_words(
    here: Path, ahead: timedelta, words: str
) -> None:
    [fault] = (await examine(Feed(ahead=ahead))).faults
    assert fault.startswith("clock: ") and words in fault and "the feed's: posts come" in fault


async def test_a_feed_without_a_list_is_named(here: Path) -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")
        writer.close()
        await writer.wait_closed()

    [fault] = (await examine(nothing)).faults  # type: ignore[arg-type]
    assert fault.endswith("answers, but has no list")


async def test_an_address_with_a_password_is_told_without_it(here: Path) -> None:
    async with serving(Feed()) as port:
        found = await examine(HF_API_BASE=f"http://Ada:hunter2@127.0.0.1:{port}")
    assert f"http://127.0.0.1:{port} answers" in found.of("feed")
    assert "hunter2" not in "".join(found.lines)


async def test_arxiv_is_asked_where_categories_are_set(here: Path) -> None:
    found = await examine(ARXIV_CATEGORIES="cs.CL", ARXIV_OAI_BASE=NOWHERE)
    [fault] = found.faults
    assert fault.startswith(
        "arxiv: arXiv's archive could not be reached: the connection was refused"
    )


# the platforms ------------------------------------------------------------------------------------


class Shared(TelegramDouble):
    """As Telegram is when two programs poll with one token: the newer poll ends the older."""

    polls = 0

    async def _getUpdates(self, params: dict[str, Any]) -> list[Any]:
        self.polls += 1
        mine = self.polls
        await self._notify()
        try:
            async with asyncio.timeout(params.get("timeout", 0)), self._changed:
                await self._changed.wait_for(lambda: self.polls != mine)
        except TimeoutError:
            return []
        raise Refusal(409, "Conflict: terminated by other getUpdates request; make sure that "
                           "only one bot instance is running")  # fmt: skip


async def test_another_program_that_polls_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "POLL", 3.0)
    async with Shared() as tg:

        async def other() -> None:
            while True:
                try:
                    await tg._getUpdates({"timeout": 25})
                except Refusal:
                    await asyncio.sleep(0.2)

        polling = asyncio.create_task(other())
        try:
            found = await examine(**telegram(tg))
        finally:
            polling.cancel()
    assert found.faults == ["telegram: another program is using this bot's token."]


async def test_the_bot_that_runs_here_is_not_disturbed(here: Path) -> None:
    async with Shared() as tg:
        with lock.held("TELEGRAM_TOKEN", TOKEN):
            found = await examine(**telegram(tg))
        assert tg.polls == 0
    assert found.status == 0 and "served by process" in found.of("telegram")


async def test_what_waits_for_the_bot_still_waits(here: Path) -> None:
    async with TelegramDouble() as tg:
        tg.add_person(7)
        tg.says(7, "/help")
        assert (await examine(**telegram(tg))).status == 0
        assert [update["message"]["text"] for _, update in tg._updates] == ["/help"]
        assert all("offset" not in params for method, params in tg.calls if method == "getUpdates")


async def test_a_webhook_is_named_once(here: Path) -> None:
    async with TelegramDouble() as tg:
        tg.webhook = "https://hooks.example.org/secret"
        [fault] = (await examine(**telegram(tg))).faults
    assert "a webhook at hooks.example.org" in fault


async def test_a_gateway_out_of_reach_is_named(here: Path) -> None:
    async with discord_host() as (host, discord):
        found = await examine(**discord | {"DISCORD_GATEWAY_URL": "ws://127.0.0.1:9"})
    [fault] = found.faults
    assert fault.startswith(
        "discord: The gateway does not answer: Discord cannot be reached: the c"
    )
    assert host.identified == []


async def test_something_else_in_place_of_the_gateway_is_named(here: Path) -> None:
    async def says_hello(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"hello": "there"})
        return socket

    async with discord_host(says_hello) as (_, discord):
        [fault] = (await examine(**discord)).faults
    assert fault == "discord: Something that is not Discord's gateway answers in its place."


class Slow(TelegramDouble):
    """Some of its chats never answer."""

    def __init__(self, slow: Callable[[int], bool]) -> None:
        super().__init__()
        self._slow = slow

    async def _getChatMember(self, params: dict[str, Any]) -> Any:
        if self._slow(params["chat_id"]):
            await asyncio.sleep(3600)
        return super()._getChatMember(params)


@pytest.mark.parametrize(("slow", "faults"), [(0, 0), (2, 0), (60, 1)])
async def test_a_few_slow_places_are_no_fault(
    here: Path, monkeypatch: pytest.MonkeyPatch, slow: int, faults: int
) -> None:
    monkeypatch.setattr(checkup, "SLOW", 0.3)
    monkeypatch.setattr(checkup, "RATE", 1000.0)
    await stored(*(f"-1000{n}" for n in range(100, 160)))
    async with Slow(lambda chat: chat > -1_000_100 - slow) as tg:
        for n in range(60):
            tg.add_chat(-1_000_100 - n, f"Group {n}", bot="administrator")
        found = await examine(**telegram(tg))
    assert len(found.faults) == faults, found.faults
    if faults:
        assert found.faults == ["telegram: Telegram did not answer in time."]


async def test_a_look_waits_for_the_posts_of_the_running_bot(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    async with opened(Path("data/papers.db")) as store:
        give_way = doctor._PostsFirst(store, "discord")
        await give_way()  # at once
        give_way._known_until = 0.0
        async with store.transaction() as tx:
            await outbox.add(tx, Destination("discord", "c1"), What.NOTICE, now.date(), now=now,
                             payload="{}", deadline=now + timedelta(hours=1))  # fmt: skip
        waiting = asyncio.create_task(give_way())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        async with store.transaction() as tx:
            await tx.run("UPDATE deliveries SET state = 'sent'")
        async with asyncio.timeout(10):
            await waiting
        monkeypatch.setattr(give_way, "_left", 0.0)
        async with store.transaction() as tx:
            await tx.run("UPDATE deliveries SET state = 'sending'")
        await give_way()  # not for ever
