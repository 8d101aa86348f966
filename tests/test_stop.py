"""A stop takes less than five seconds, whatever hangs, and however often it is asked for."""

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.model import Destination
from bot.states import What
from bot.store import opened, outbox
from tests.outside import discord_host, serving
from tests.process import NOWHERE, ROOT, Process, finished, start, stopped_in_time
from tests.telegram.double import TOKEN, TelegramDouble

DEAD_RESOLVER = """
import socket, time
def wait(*_, **__):
    open("asked", "w").close()
    time.sleep(60)
socket.getaddrinfo = wait
"""


async def there(path: Path) -> None:
    """Wait for a file."""
    async with asyncio.timeout(40):
        while not path.exists():  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.05)


async def test_a_stop_beside_a_dead_resolver(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(DEAD_RESOLVER)
    path = f"{tmp_path}:{ROOT}"
    process = await start(
        tmp_path, "run", PYTHONPATH=path, TELEGRAM_TOKEN="1:a", DISCORD_TOKEN="a",
        ARXIV_CATEGORIES="cs.CL", HF_API_BASE="https://feed.invalid",
    )  # fmt: skip
    async with stopped_in_time(process):
        await there(tmp_path / "asked")


async def test_a_stop_beside_a_proxy_that_is_a_hole(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def hole(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read(-1)

    async with serving(hole) as port:
        process = await start(
            tmp_path, "run", HTTPS_PROXY=f"http://127.0.0.1:{port}", TELEGRAM_TOKEN="1:a",
            DISCORD_TOKEN="a",
        )  # fmt: skip
        async with stopped_in_time(process), asyncio.timeout(40):
            await reached.wait()


async def test_a_stop_beside_a_gateway_that_hangs(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def hangs(_: web.Request) -> web.StreamResponse:
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with discord_host(hangs) as (_, settings):
        process = await start(tmp_path, "run", **settings)
        async with stopped_in_time(process), asyncio.timeout(40):
            await reached.wait()


HANGS = """
import asyncio, time
from bot.stop import on_signals
async def main():
    with on_signals():
        print("here", flush=True)
        time.sleep(60)
asyncio.run(main())
"""


async def test_a_stop_beside_a_loop_that_hangs_is_cut_off(tmp_path: Path) -> None:
    process = await start(tmp_path, command=(sys.executable, "-c", HANGS))
    async with stopped_in_time(process), asyncio.timeout(40):
        assert process.stdout
        await process.stdout.readline()


class Hanging(TelegramDouble):
    """Takes messages and never says whether they arrived."""

    async def _sendMessage(self, params: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(3600)
        raise AssertionError


async def test_a_stop_beside_a_post_that_hangs_is_cut_off(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    async with opened(tmp_path / "data" / "papers.db") as store, store.transaction() as tx:
        person = Destination("telegram", "7")
        await outbox.add(tx, person, What.NOTICE, now.date(), now=now, payload='{"text": "One."}',
                         deadline=now + timedelta(hours=1))  # fmt: skip
    async with Hanging() as telegram:
        telegram.add_person(7)
        process = await start(
            tmp_path, "run", TELEGRAM_API_BASE=telegram.base, TELEGRAM_TOKEN=TOKEN
        )
        async with stopped_in_time(process):
            await telegram.until(lambda: telegram.count("sendMessage"), 40)
    async with opened(tmp_path / "data" / "papers.db") as store:
        [row] = await store.rows("SELECT state FROM deliveries")
        assert row["state"] in ("sending", "unknown")  # never sent again by itself


async def _serving(folder: Path, telegram: TelegramDouble, **how: Any) -> Process:
    return await start(
        folder, "run", TELEGRAM_API_BASE=telegram.base, TELEGRAM_TOKEN=TOKEN, HF_API_BASE=NOWHERE,
        **how,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("times", [1, 2, 20])
async def test_every_signal_stops_in_good_order_however_often_it_comes(
    tmp_path: Path, number: signal.Signals, times: int
) -> None:
    async with TelegramDouble() as telegram:
        process = await _serving(tmp_path, telegram)
        async with stopped_in_time(process, number, times):
            await telegram.until(lambda: telegram.count("getUpdates"), 40)


def _hang_ups_are_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


async def test_nohup_outlives_its_terminal(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        process = await _serving(tmp_path, telegram, before=_hang_ups_are_ignored)
        async with stopped_in_time(process):
            await telegram.until(lambda: telegram.count("getUpdates"), 40)
            process.send_signal(signal.SIGHUP)
            telegram.add_person(7)
            telegram.says(7, "/help")
            await telegram.reply()
            assert process.returncode is None


SLOW_TO_LOAD = """
import pathlib, sys, time
class Slow:
    def find_spec(self, name, *_):
        if name == "numpy":
            pathlib.Path("loading").touch()
            time.sleep(60)
sys.meta_path.insert(0, Slow())
"""


async def test_ctrl_c_while_it_loads_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW_TO_LOAD)
    process = await start(tmp_path, "run", PYTHONPATH=f"{tmp_path}:{ROOT}")
    await there(tmp_path / "loading")
    process.send_signal(signal.SIGINT)
    assert (await finished(process))[2] == ""
