"""Sending against the fastest plain way to do the same, in one run: read the ratios.

bench/delivery.py [--posts N]    N posts a measurement
"""

import argparse
import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
import telegram
from _table import Spent, p99, part, row

import adapters.discord.client
import adapters.telegram.client
from adapters.telegram.client import Telegram
from adapters.telegram.render import Rendered, render
from adapters.telegram.sending import send
from bot import config, digest, rendering
from bot.delivery import Dispatcher
from bot.dialogue import Message
from bot.digest import Digest
from bot.model import Destination, Pace, PaperList
from bot.ports import Adapter
from bot.sources.sample import Sample
from bot.states import What
from bot.store import Store, opened, outbox
from tests.chaos.harness import Bot, Peers, started_peers

NOW = datetime.now(UTC)
ONE = {"telegram": "1{:06}", "discord": "c1{:06}"}  # addresses, each a chat of its own
TARGET = {"telegram": 0.6, "discord": 1.2}  # CPU seconds a thousand, for the adapter alone
WHOLE = 1.2  # and for all of it, from the outbox to the outcome
LIFTED = 10**9
WAITERS = 50
Post = Callable[[int], Awaitable[object]]


@dataclass
class Speed:
    rate: float  # a second
    cpu: float  # seconds a thousand


@dataclass(frozen=True)
class Request:
    """What an adapter sent, to be sent again without it."""

    url: str
    body: bytes
    headers: dict[str, str]


class Handle:
    """A core that is never asked anything."""

    commands = ()


async def speed(post: Post, count: int, in_flight: int) -> Speed:
    """`post` of 0 to `count`, so many at once."""
    numbers = iter(range(count))

    async def lane() -> None:
        for number in numbers:
            await post(number)

    spent = Spent()
    await asyncio.gather(*(lane() for _ in range(in_flight)))
    return Speed(count / spent.wall, spent.cpu / count * 1000)


@contextmanager
def overheard() -> Iterator[list[Request]]:
    """What is posted through aiohttp meanwhile."""
    inner, requests = aiohttp.ClientSession._request, list[Request]()

    async def kept(session, method, url, **named):  # type: ignore[no-untyped-def]
        body, headers = named.get("data"), dict(named.get("headers") or {})
        if str(url).endswith(("/sendMessage", "/messages")):
            requests.append(
                Request(str(url), body if isinstance(body, bytes) else body.encode(), headers)
            )
        return await inner(session, method, url, **named)

    aiohttp.ClientSession._request = kept
    try:
        yield requests
    finally:
        aiohttp.ClientSession._request = inner


@asynccontextmanager
async def connected(env: dict[str, str]) -> AsyncIterator[dict[str, Adapter]]:
    """Both adapters, up, with no pace to keep to."""
    settings = config.load(env)
    clients = [m.make(settings) for m in (adapters.telegram.client, adapters.discord.client)]
    running = [asyncio.create_task(client.run(Handle())) for client in clients]
    try:
        async with asyncio.timeout(20):
            for client in clients:
                await client.up.wait()
            await asyncio.sleep(0.5)  # discord.py's gateway says READY
        yield {client.name: client for client in clients}
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def sample_post() -> tuple[Message, str]:
    """A daily post of five papers, and the same as the outbox keeps it."""
    source = Sample()
    found = await source.fetch(await source.newest() or NOW.date())
    draft = Digest(What.DAY, found[0].day or NOW.date(), True, NOW, "Europe/Berlin", 5, ())
    frozen = digest.compose(draft, found)
    return rendering.render_page(frozen, {p.id: p for p in found}), frozen.dumps()


async def save_sample(store: Store) -> None:
    source = Sample()
    papers = await source.fetch(await source.newest() or NOW.date())
    listing = PaperList("huggingface", papers[0].day or NOW.date(), papers, NOW, whole=True)
    await papers.save_listing(store, listing, next_at=NOW)


def show(what: str, ours: Speed, plain: Speed, target: float = 0.0) -> None:
    row(
        f"{what}: sends/s",
        f"{ours.rate:.0f}",
        f"{ours.rate / plain.rate:.2f} x raw aiohttp ({plain.rate:.0f})",
    )
    row(
        f"{what}: CPU s/1000",
        f"{ours.cpu:.2f}",
        f"{ours.cpu / plain.cpu:.1f} x raw aiohttp ({plain.cpu:.2f})",
        target=f"<= {target}" if target else "",
        met=ours.cpu <= target,
    )


async def plainly(requests: list[Request]) -> Speed:
    """The same bodies again, by aiohttp alone."""
    async with aiohttp.ClientSession() as session:

        async def post(number: int) -> None:
            request = requests[number]
            async with session.post(
                request.url, data=request.body, headers=request.headers
            ) as answer:
                assert answer.status == 200
                await answer.read()

        return await speed(post, len(requests), 16)


async def posting(adapter: Adapter, peers: Peers, count: int) -> Speed:
    """The adapter's `post` by itself. Returns the plain speed."""
    message, _ = await sample_post()
    name = adapter.name
    base = 0

    async def post(number: int) -> object:
        address = ONE[name].format(base + number)  # a chat that was not written to before
        return await adapter.post(address, message, key=f"k{base + number}")

    with overheard() as requests:
        await speed(post, count, 16)
    peers.reset(strict=False)
    plain = await plainly(requests)
    for lanes in (8, 32):
        base = lanes * 10_000
        rate = await speed(post, count, lanes)
        show(f"{name} post, {lanes} in flight", rate, plain, TARGET[name] if lanes == 8 else 0)
    return plain


async def sending(env: dict[str, str], adapter: Telegram, count: int, plain: Speed) -> None:
    """python-telegram-bot's send_message, of a text that is rendered already, through our transport
    and through its own."""
    message, _ = await sample_post()
    shown = render(message, shared=False, bot="papers_bot")
    short: Rendered = ("A short notice", None)
    speeds = {}
    async with telegram.Bot(env["TELEGRAM_TOKEN"], f"{env['TELEGRAM_API_BASE']}/bot") as default:
        for what, bot, said, times in (
            ("our transport", adapter._bot, shown, count),
            ("its own httpx", default, shown, count // 3),
            ("ours, a short text", adapter._bot, short, count),
        ):
            speeds[what] = await speed(partial(_send, bot, said), times, 16)
            show(f"telegram send_message, {what}", speeds[what], plain)
    ours, other = speeds["our transport"], speeds["its own httpx"]
    row(
        "telegram transport against httpx: sends/s",
        f"{ours.rate:.0f}",
        f"{ours.rate / other.rate:.1f} x as many",
        target=">= 1000",
        met=ours.rate >= 1000,
    )


async def _send(bot: telegram.Bot, shown: Rendered, number: int) -> None:
    await send(bot, ONE["telegram"].format(number), shown)


async def dispatching(adapter: Adapter, store: Store, plain: Speed, count: int) -> None:
    """The same posts from the outbox: gate, intent, post, outcome, each durable."""
    name, (_, payload) = adapter.name, await sample_post()
    left = """SELECT 1 FROM deliveries WHERE platform = :name
        AND state IN ('pending', 'retry') LIMIT 1"""
    for lanes in (8, 32):
        adapter.pace = Pace(LIFTED, LIFTED, lanes)
        async with store.transaction() as tx:
            for number in range(count):
                place = Destination(name, ONE[name].format(lanes * 1_000 + number))
                await outbox.add(tx, place, What.DAY, NOW.date(), now=NOW, payload=payload)
        dispatcher = Dispatcher(store, {name: adapter}, lambda: datetime.now(UTC))
        spent = Spent()
        running = asyncio.create_task(dispatcher.run())
        while await store.rows(left, name=name):  # noqa: ASYNC110 - it does not say it is idle
            await asyncio.sleep(0.05)
        dispatcher.stop()  # what is under way is finished
        await running
        rate = Speed(count / spent.wall, spent.cpu / count * 1000)
        show(f"{name} Dispatcher, {lanes} in flight", rate, plain, WHOLE)


async def marking(store: Store, count: int) -> None:
    """Outcomes written by many waiters, and one after another."""
    async with store.transaction() as tx:
        for n in range(count):
            place = Destination("marks", str(n))
            await outbox.add(tx, place, What.DAY, NOW.date(), now=NOW, payload="x" * 800)
    sql = """UPDATE deliveries SET state = 'sent', finished_at = :now
        WHERE platform = 'marks' AND address = :n"""
    waits: list[float] = []

    async def mark(n: int) -> None:
        start = time.perf_counter()
        await store.write(lambda tx: tx.run(sql, now=NOW, n=str(n)))
        waits.append(time.perf_counter() - start)

    ours = await speed(mark, count, WAITERS)
    singly: list[float] = []
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = FULL")
        for n in range(300):
            start = time.perf_counter()
            db.execute(sql, {"now": str(NOW), "n": str(n)})
            singly.append(time.perf_counter() - start)
    alone = len(singly) / sum(singly)
    row(
        f"durable marks/s, {WAITERS} waiters", f"{ours.rate:.0f}",
        f"{ours.rate / alone:.1f} x bare single commits ({alone:.0f})",
        target=">= 1000", met=ours.rate >= 1000,
    )  # fmt: skip
    row(
        "a mark's p99", f"{p99(waits) * 1000:.1f} ms",
        f"a bare single commit's: {p99(singly) * 1000:.1f} ms",
        target="<= 25 ms", met=p99(waits) <= 0.025,
    )  # fmt: skip


async def main(peers: Peers, folder: Path, posts: int) -> None:
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    part(f"Sending: a daily post of five papers, {posts} times (load before: {load})")
    peers.reset(strict=False)
    bot = await asyncio.to_thread(Bot, folder, peers)
    async with connected(bot.env) as on:
        plain = {name: await posting(client, peers, posts) for name, client in on.items()}
        await sending(bot.env, on["telegram"], posts, plain["telegram"])
        peers.reset(strict=False)
        async with opened(folder / "sends.db") as store:
            await save_sample(store)
            for name, client in on.items():
                await dispatching(client, store, plain[name], posts)
    part("The store, synchronous = FULL")
    async with opened(folder / "marks.db") as store:
        await marking(store, 5000)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--posts", type=int, default=1000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name, started_peers() as both:
        asyncio.run(main(both, Path(name), chosen.posts))
