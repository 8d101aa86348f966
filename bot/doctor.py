"""What keeps the bot from working, in one line each: whatever `run` does is done once."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from bot import app, location, lock, rights, settings, sources
from bot.config import Config, without_password
from bot.errors import SourceError, StoreError, UserError
from bot.model import Paper
from bot.pacing import Yield, at_once
from bot.ports import Adapter, Feed, ListSource
from bot.sources.web import Web
from bot.store import Store, checkup, subscriptions
from bot.text import about, one_line, plural

log = logging.getLogger(__name__)

LEAST_DISK = 200 * 10**6  # bytes: some weeks of lists, and what SQLite needs to write at all
LATE = timedelta(days=5)  # a list beside a long weekend is not so old
CLOCK = 60.0  # seconds that this machine may be wrong
PATIENCE = 60.0  # seconds that a look waits for the posts of the running bot, in all


class Mark(StrEnum):
    """What a line begins with."""

    OK = "ok"
    NOTE = "note"
    FAIL = "FAIL"


class Finding(NamedTuple):
    """One line."""

    part: str
    told: str
    mark: Mark = Mark.FAIL


def _ok(part: str, told: str) -> Finding:
    return Finding(part, told, Mark.OK)


def _note(part: str, told: str) -> Finding:
    return Finding(part, told, Mark.NOTE)


async def examine(config: Config, say: Callable[[str], None]) -> int:
    """Look at everything. Returns the exit status: 1 when something is wrong."""
    failed = False
    async with AsyncExitStack() as stack:
        fault, core = "", None
        try:
            core = await stack.enter_async_context(app.reading(config))
        except StoreError as error:
            fault = str(error)
        async with asyncio.TaskGroup() as group:
            looks = [*_at_home(config, core, fault), *_outside(config, core)]
            tasks = [group.create_task(_whatever_happens(look)) for look in looks]
            for task in tasks:
                for part, told, mark in await task:
                    failed |= mark is Mark.FAIL
                    say(f"{mark:<4}  {part}: {one_line(told)}")
    return 1 if failed else 0


Look = Callable[[], Awaitable[list[Finding]]]


async def _whatever_happens(look: Look) -> list[Finding]:
    """The door of one look: a fault in it leaves the others."""
    try:
        return await look()
    except (StoreError, SourceError) as error:
        return [Finding("store" if isinstance(error, StoreError) else "feed", str(error))]
    except Exception as error:
        log.exception("doctor broke")
        return [Finding("doctor", f"a look broke with {type(error).__name__}: {error}")]


# this machine -------------------------------------------------------------------------------------


def _at_home(config: Config, core: app.Core | None, fault: str) -> list[Look]:
    async def names() -> list[Finding]:
        return [_note("settings", doubt) for doubt in config.doubts]

    async def files() -> list[Finding]:
        open_ = await asyncio.to_thread(rights.open_to_others, config.database)
        return [_note("files", told) for told in open_] or [
            _ok("files", "the store, its backups and .env are their owner's alone")
        ]

    async def disk() -> list[Finding]:
        return await asyncio.to_thread(_disk, location.nearest_folder(config.database))

    async def no_store() -> list[Finding]:
        return [Finding("store", fault)]

    if core is None:
        return [names, no_store, files, disk]
    store, search = core.store, core.ctx.search

    async def sound() -> list[Finding]:
        if location.is_absent(config.database):
            return [_note("store", location.none_at(config.database))]
        damage, empty = await store.damage(), not await checkup.newest_titles(store, 1)
        fine = f"{config.database} is sound ({checkup.BUILD})"
        if empty:
            fine += "; nothing is stored yet: `run` fetches today's list, `backfill` all there are"
        return [Finding("store", damage) if damage else _ok("store", fine)]

    async def searched() -> list[Finding]:
        await search.use_encoder()
        wordy = f"by words alone: {search.fault}" if search.fault else ""
        fault = wordy or await _search_fault(core)
        found = [Finding("search", fault) if fault else _ok("search", "by words and meaning")]
        if search.encoded or search.encoder_fault:
            read, all_ = search.encoded or (0, 0)
            fine = _ok("encoder", f"has read {read} of {plural(all_, 'paper')}")
            found.append(Finding("encoder", search.encoder_fault) if search.encoder_fault else fine)
        return found

    return [names, sound, files, disk, searched]


def _disk(folder: Path) -> list[Finding]:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"doctor")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return [Finding("disk", f"{folder} cannot be written to: {error.strerror}")]
    told = f"{free / 1e9:.1f} GB are free in {folder}"
    return [Finding("disk", f"only {told}") if free < LEAST_DISK else _ok("disk", told)]


async def _search_fault(core: app.Core) -> str:
    """A search as people make them, for papers that are there."""
    titles = await checkup.newest_titles(core.store, 3)
    for paper_id, title in titles:
        words = " ".join(word for word in title.split() if word.isalpha()) or title
        try:
            found = await core.ctx.search.search(words, limit=20)
        except UserError:
            continue
        if any(hit.paper.id == paper_id for hit in found.hits):
            return ""
    return "papers that are stored are not found by their titles" if titles else ""


# the outside --------------------------------------------------------------------------------------


def _outside(config: Config, core: app.Core | None) -> list[Look]:
    lists, feeds = sources.make(config)

    async def feed() -> list[Finding]:
        try:
            return await _feed(config, lists[0])
        finally:
            await lists[0].close()

    async def arrivals() -> list[Finding]:
        try:
            return await _arrivals(feeds[0], app.utc_now()) if config.arxiv_categories else []
        finally:
            await feeds[0].close()

    async def nobody() -> list[Finding]:
        told = "no DISCORD_TOKEN and no TELEGRAM_TOKEN: only this terminal is served"
        return [_note("platforms", told)]

    def platform(name: str, adapter: Adapter) -> Look:
        async def look() -> list[Finding]:
            token = config.tokens[settings.switch(name)]
            return await _platform(name, adapter, token, core.store if core else None)

        return look

    on = app.make_adapters(config, console=False)
    looks = [platform(name, adapter) for name, adapter in on.items()]
    return [feed, arrivals, *(looks or [nobody])]


async def _feed(config: Config, source: ListSource) -> list[Finding]:
    base = without_password(config.hf_api_base)
    try:
        newest = await source.newest()
        papers: Sequence[Paper] = await source.fetch(newest) if newest else ()
    except SourceError as error:
        return [Finding("feed", str(error))]
    if not newest or not papers:
        return [Finding("feed", f"{base} answers, but has no list")]
    age = app.utc_now().date() - newest
    told = f"{base} answers; its newest list is of {newest}, with {plural(len(papers), 'paper')}"
    late = f", and {age.days} days old: nothing newer can be posted"
    found = [_note("feed", told + late) if age > LATE else _ok("feed", told)]
    return found + await _clock(config)


async def _clock(config: Config) -> list[Finding]:
    """Posts come by this machine's clock; the feed's host tells another."""
    web = Web(config.hf_api_base, "Hugging Face", network=config.network)
    try:
        reply = await web.get("/api/daily_papers", {"limit": "1"})
    except SourceError:
        return []
    finally:
        await web.close()
    if reply.date is None:
        return []
    ahead = (app.utc_now() - reply.date).total_seconds()
    side = "ahead of" if ahead > 0 else "behind"
    told = f"{about(abs(ahead))} {side} the feed's: posts come at the wrong time"
    fine = _ok("clock", "as the feed's host has it")
    return [Finding("clock", told) if abs(ahead) > CLOCK else fine]


async def _arrivals(feed: Feed, now: datetime) -> list[Finding]:
    try:
        async with asyncio.timeout(60):
            changes = await feed.changes("", now.date())
    except TimeoutError:
        return [Finding("arxiv", "arXiv did not answer within 60 s")]
    except SourceError as error:
        return [Finding("arxiv", str(error))]
    return [_ok("arxiv", f"answers, with {plural(len(changes.papers), 'paper')} at once")]


async def _platform(name: str, adapter: Adapter, token: str, store: Store | None) -> list[Finding]:
    where = await subscriptions.addresses(store, name) if store else []
    holder = lock.holder(token)
    give_way: Yield = _PostsFirst(store, name) if store and holder else at_once
    faults = await adapter.check(where, give_way)
    if faults:
        return [Finding(name, fault) for fault in faults]
    served = f"; served by {holder}" if holder else ""
    return [_ok(name, f"token accepted, {plural(len(where), 'place')} can be posted to{served}")]


class _PostsFirst:
    """While the bot that runs here has posts to send, a look waits: both share one rate."""

    def __init__(self, store: Store, platform: str) -> None:
        self._store = store
        self._platform = platform
        self._left = PATIENCE
        self._known_until = 0.0
        self._turn = asyncio.Lock()

    async def __call__(self) -> None:
        clock = asyncio.get_running_loop().time
        async with self._turn:
            while self._left > 0 and clock() >= self._known_until:
                now = app.utc_now()
                if not await checkup.has_posts_ahead(self._store, self._platform, now):
                    self._known_until = clock() + 0.25
                    return
                await asyncio.sleep(0.5)
                self._left -= 0.5
