"""Weeks of the feed through the whole program, on both platforms, clock and all.

The recorded month runs where the recordings are at hand; elsewhere a week the test makes itself.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import discord
import pytest
import simcord
from aiohttp import web

from adapters.discord.client import make as make_discord
from adapters.telegram.client import make as make_telegram
from bot import app, config
from bot.delivery import Dispatcher
from bot.digest import Digest, loads
from bot.places import Places
from tests.discord.judge import all_problems
from tests.discord.look import texts
from tests.replay import replay, shared_dir
from tests.rounds import send_due
from tests.telegram.double import TOKEN, TelegramDouble

DAY = timedelta(days=1)
# Two hours after midnight in Tokyo's day, during Europe's, and after it.
PLACES = (("09:00", "Asia/Tokyo"), ("09:00", "Europe/Berlin"), ("18:00", "America/New_York"))
TOPICS = ("diffusion", "reasoning", "reinforcement learning", "video generation", "agent")
HOURS = (0, 4, 7, 9, 12, 17, 22)  # when the program's clock ticks, UTC


class Clock:
    """The one clock of program and feed."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """The program, wired as `app.run` wires it, between a feed and two platforms."""

    core: app.Core
    clock: Clock
    dispatcher: Dispatcher
    telegram: TelegramDouble
    discord: simcord.Env
    channels: list[simcord.ChannelHandle] = field(default_factory=list)
    members: list[simcord.MemberActor] = field(default_factory=list)

    async def set_up(self) -> None:
        guild = self.discord.create_guild()
        rights = discord.Permissions(manage_guild=True)
        admin = guild.add_member(
            self.discord.create_user("ada"), roles=[guild.create_role("a", permissions=rights)]
        )
        for number, (at, zone) in enumerate(PLACES):
            channel = guild.create_text_channel(f"papers-{number}")
            self.channels.append(channel)
            await admin.slash(channel, "setup", time=at, zone=zone)
            group = self.telegram.add_chat(-100500 - number, f"Papers {number}")
            self.telegram.add_person(7, "Ada")
            self.telegram.set_member(group, 7, "administrator")
            async with self.telegram.next_reply():
                self.telegram.says(7, f"/setup {at} {zone}", group)
        for number, topic in enumerate(TOPICS):
            reader = guild.add_member(self.discord.create_user(f"reader{number}"))
            self.members.append(reader)
            await reader.slash(self.channels[0], "subscribe", topic=topic)
            person = self.telegram.add_person(1000 + number)
            async with self.telegram.next_reply():
                self.telegram.says(person, f"/subscribe {topic}")

    async def tick(self) -> None:
        await app.tick(self.core, self.dispatcher)
        for name in ("discord", "telegram"):
            while await send_due(self.dispatcher, name):
                pass

    async def rows(self, sql: str) -> list[dict[str, str]]:
        return [dict(row) for row in await self.core.store.rows(sql)]


@asynccontextmanager
async def world(base: str, folder: Path, start: datetime) -> AsyncIterator[World]:
    clock = Clock(start)
    async with TelegramDouble() as telegram:
        settings = config.load(
            {
                "HF_API_BASE": base,
                "TELEGRAM_API_BASE": telegram.base,
                "DATABASE_URL": f"sqlite:///{folder}/papers.db",
                "TELEGRAM_TOKEN": TOKEN,
                "DISCORD_TOKEN": "secret",
            }
        )
        on = {"telegram": make_telegram(settings), "discord": make_discord(settings)}
        async with app.core(settings, clock) as core:
            # The gates run on the feed's clock too, or every day would take real seconds.
            dispatcher = Dispatcher(core.store, on, clock, seconds=lambda: clock.now.timestamp())
            places = Places(core.store, on, clock)
            handle = app.CoreHandle(core, "discord", dispatcher, places)
            async with simcord.run(on["discord"].client(handle)) as env:
                serving = asyncio.create_task(
                    on["telegram"].run(app.CoreHandle(core, "telegram", dispatcher, places))
                )
                await telegram.until(lambda: len(telegram.commands) == 3)
                on["discord"].up.set()  # simcord runs its client
                made = World(core, clock, dispatcher, telegram, env)
                await made.set_up()
                yield made
                serving.cancel()
                await asyncio.wait([serving])
                assert all_problems(env.http_requests) == []


async def run_through(made: World, until: datetime, turn: Callable[[datetime], None]) -> None:
    """Tick through the days, up to and with `until`."""
    day = made.clock.now.date()
    while day <= until.date():
        for hour in HOURS:
            now = datetime.combine(day, time(hour), UTC)
            if made.clock.now < now <= until:
                made.clock.now = now
                turn(now)
                await made.tick()
        day += DAY


async def judge(made: World, listed: set[date]) -> list[str]:
    """What a daily post promises, read from the platforms and from the store.

    Returns the texts of all daily posts.
    """
    rows = await made.rows(
        """SELECT d.*, c.text AS payload FROM deliveries AS d
        LEFT JOIN contents AS c ON c.id = d.content ORDER BY d.id"""
    )
    assert {row["state"] for row in rows} <= {"sent", "skipped"}
    posts: dict[tuple[str, str, str], list[Digest]] = {}
    for row in rows:
        if row["state"] == "sent":
            place = (row["platform"], row["address"], row["kind"])
            posts.setdefault(place, []).append(loads(row["payload"]))
    for place, digests in posts.items():
        days = [digest.day for digest in digests]
        assert len(days) == len(set(days)), f"a list day twice in {place}"
        assert all(day.weekday() < 5 for day in days), f"a weekend's list in {place}"
        papers = [item.id for digest in digests for item in digest.items]
        assert len(papers) == len(set(papers)), f"a paper twice in {place}"
        if place[2] == "daily":
            assert set(days) == listed, f"not just the list days in {place}"
    daily = [d for place, digests in posts.items() if place[2] == "daily" for d in digests]
    assert len(daily) == len(listed) * 2 * len(PLACES)
    topical = {place[:2] for place in posts if place[2] == "topics"}
    assert len(topical) == 2 * len(TOPICS)
    texts = [sent.text for sent in made.telegram.sent] + discord_posts(made)
    shown = [text for text in texts if text.startswith("Daily Papers ·")]
    assert len(shown) == len(daily), "what was recorded as sent is what arrived"
    partial = sum(not digest.whole for digest in daily)
    assert sum("so far" in text for text in shown) == partial > 0
    return shown


def discord_posts(made: World) -> list[str]:
    posts = []
    for request in made.discord.http_requests:
        body = request.json or {}
        if request.method == "POST" and request.path.endswith("/messages"):
            text = "\n".join(texts(body["components"])).removeprefix("## ")
            if text.startswith("Daily Papers ·"):
                assert body["allowed_mentions"] == {"parse": []}
                posts.append(text)
    return posts


class MadeFeed:
    """A feed of invented papers: it grows through the day, and has no weekends."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    async def daily(self, request: web.Request) -> web.Response:
        day = date.fromisoformat(request.query.get("date", str(self.now.date())))
        if day > self.now.date():
            return web.json_response({"error": "Invalid query"}, status=400)
        return web.json_response(self.items(day))

    def items(self, day: date) -> list[dict[str, object]]:
        if day.weekday() >= 5 or day < date(2026, 3, 2):
            return []
        age = (self.now - datetime.combine(day, time(), UTC)) / DAY
        number = min(24, 2 + int(24 * age))
        made = [self.item(day, n, number) for n in range(number)]
        return sorted(made, key=lambda item: -item["paper"]["upvotes"])  # type: ignore[index]

    def item(self, day: date, n: int, listed: int) -> dict[str, object]:
        kind = TOPICS[n % len(TOPICS)]
        paper = {
            "id": f"{day:%y%m}.{day.day:02}{n:03}",
            "title": f"$\\ell_p$ study <{n}> of *{kind}*, on {day}",
            "summary": f"We look at {kind} once more. It takes {n} steps.",
            "authors": [{"name": f"Author {n}"}, {"name": "Ann Other"}],
            "publishedAt": f"{day}T00:00:00.000Z",
            "submittedOnDailyAt": f"{day}T01:00:00.000Z",
            "upvotes": (n * 7) % 31 + listed,
        }
        return {"paper": paper, "numComments": n}


def recorded_days(month: str) -> set[date]:
    shared = shared_dir()
    assert shared
    with gzip.open(shared / "data" / "hf_daily" / f"{month}.jsonl.gz", "rt") as lines:
        return {date.fromisoformat(json.loads(line)["_date"]) for line in lines}


# Half a month at a time: in the minute that a whole one takes, it would be more than the feed's
# quota of five minutes. Late were a silent morning, and a list of two that was empty until noon.
@pytest.mark.parametrize(
    ("first", "last", "late"),
    [(2, 15, "Wed 11 June 2025"), (16, 30, "Fri 20 June 2025")],
    ids=["first half", "second half"],
)
async def test_a_recorded_month_is_posted_once_everywhere(
    tmp_path: Path, first: int, last: int, late: str
) -> None:
    start = datetime(2025, 6, first, 6, tzinfo=UTC)
    silent = (datetime(2025, 6, 11, 6, tzinfo=UTC), datetime(2025, 6, 11, 10, tzinfo=UTC))
    with replay(now=start.isoformat(), grow=True) as feed:

        def turn(now: datetime) -> None:
            faults = ["503:1.0"] if silent[0] <= now < silent[1] else []
            feed.set(now=now.isoformat(), faults=faults)

        async with world(feed.base, tmp_path, start) as made:
            # Tokyo posts the last list in the first minute of the next day.
            await run_through(made, datetime(2025, 6, last, tzinfo=UTC) + DAY, turn)
            days = {day for day in recorded_days("2025-06") if first <= day.day <= last}
            shown = await judge(made, days)
    told = [text for text in shown if "Late, due at 09:00 Europe/Berlin" in text]
    assert [text.split("\n")[0] for text in told] == [f"Daily Papers · {late}"] * 2


@pytest.fixture
async def made_feed() -> AsyncIterator[tuple[str, MadeFeed]]:
    feed = MadeFeed()
    server = web.Application()
    server.router.add_get("/api/daily_papers", feed.daily)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}", feed
    await runner.cleanup()


async def test_a_made_week_is_posted_once_everywhere(
    made_feed: tuple[str, MadeFeed], tmp_path: Path
) -> None:
    base, feed = made_feed
    start = datetime(2026, 3, 4, 6, tzinfo=UTC)  # a Wednesday
    feed.now = start

    def turn(now: datetime) -> None:
        feed.now = now

    async with world(base, tmp_path, start) as made:
        await run_through(made, datetime(2026, 3, 12, tzinfo=UTC), turn)
        await judge(made, {date(2026, 3, day) for day in (4, 5, 6, 9, 10, 11)})
