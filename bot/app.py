"""The wiring: settings into a running program, and out of it again in good order."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import adapters
from bot import bells, lease, location, lock, plan, restore, rewind, sources, stop
from bot.collect import Collector
from bot.commands import Command, registry
from bot.commands.answer import answer, suggest
from bot.commands.context import Context
from bot.config import Config
from bot.delivery import Dispatcher
from bot.dialogue import Choice, Message, Request
from bot.errors import StoreError, UserError
from bot.lookup import Lookups
from bot.model import Destination
from bot.places import Places
from bot.ports import Adapter
from bot.ranks import Rank
from bot.search.engine import Engine
from bot.serve import Server
from bot.sources.sample import Sample
from bot.store import Store, backup, lists, opened, people, upkeep
from bot.terminal import OutputError, say
from bot.topic_upgrade import upgrade_topics
from bot.turns import FairUse

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)  # finished deliveries and button texts
GRACE = 4.0  # seconds a stop waits for the posts in flight


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Core:
    """Store, sources and commands: what every way of running the program needs."""

    ctx: Context
    commands: Mapping[str, Command]

    @property
    def store(self) -> Store:
        return self.ctx.store

    @property
    def collector(self) -> Collector:
        return self.ctx.collector


@asynccontextmanager
async def core(config: Config, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[Core]:
    """Open the store and the sources; a store that is made is told. Raises StoreError."""
    absent = location.is_absent(config.database)
    async with _core(config, clock) as made:
        if absent:
            with suppress(OutputError):
                say(location.made_at(config.database), err=True)
        yield made


@asynccontextmanager
async def reading(config: Config) -> AsyncIterator[Core]:
    """The same for who only looks: it makes no store. Where there is none, an empty one that goes
    away with the program is read. Raises StoreError."""
    async with AsyncExitStack() as stack:
        if location.is_absent(config.database):
            try:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="daily-papers-"))
            except OSError:  # no folder for temporary files
                raise StoreError(location.none_at(config.database)) from None
            config = replace(config, database=Path(folder) / "papers.db")
        yield await stack.enter_async_context(_core(config, utc_now))


@asynccontextmanager
async def _core(config: Config, clock: Callable[[], datetime]) -> AsyncIterator[Core]:
    async with AsyncExitStack() as stack:
        backup.check(config.database)
        store = await stack.enter_async_context(opened(config.database))
        lists_from, feeds = sources.make(config)
        for source in (*lists_from, *feeds):
            stack.push_async_callback(source.close)
        search = await Engine.over(store, today=lambda: clock().date())
        collector = Collector(store, lists_from, feeds)
        yield Core(Context(store, collector, search, clock, Lookups(collector)), registry())


@asynccontextmanager
async def sampled(clock: Callable[[], datetime]) -> AsyncIterator[Core]:
    """The bundled sample in a store that goes away with the program."""
    with tempfile.TemporaryDirectory(prefix="daily-papers-") as folder:
        async with opened(Path(folder) / "sample.db") as store:
            clock, collector = (sample := Sample()).clock(clock), Collector(store, [sample])
            await collector.catch_up(clock())
            search = await Engine.over(store, today=lambda: clock().date())
            await search.catch_up()
            ctx = Context(store, collector, search, clock, Lookups(collector), sample=True)
            yield Core(ctx, registry())


class CoreHandle:
    """The core as one adapter sees it; see `ports.Handle`."""

    def __init__(
        self, core: Core, platform: str, dispatcher: Dispatcher, places: Places,
        turns: FairUse | None = None,
    ) -> None:  # fmt: skip
        self._core = core
        self._platform = platform
        self._dispatcher = dispatcher
        self._places = places
        self._turns = turns

    @property
    def commands(self) -> Sequence[Command]:
        return [one for one in self._core.commands.values() if not one.hidden]

    async def answer(self, request: Request) -> Message | None:
        if self._turns and (refusal := self._turns.refusal(request)):
            return refusal if refusal.text else None
        message = await self._answered(request)
        rank = Rank.FIRST if request.data else message.rank  # a press waits for no search
        self._dispatcher.wake()
        goes = await self._dispatcher.admit(self._platform, request.address, rank)
        return message if goes else None

    async def _answered(self, request: Request) -> Message:
        ctx, commands = self._core.ctx, self._core.commands
        try:
            async with self._turns.turn(request) if self._turns else nullcontext():
                return await answer(ctx, commands, request)
        except UserError as error:
            return Message(text=str(error), private=True)

    async def suggest(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        if self._turns and not self._turns.may_type(request):
            return ()
        return await suggest(self._core.ctx, self._core.commands, request, option, typed)

    async def added(self, address: str, by: str, title: str) -> bool:
        return await people.added(self._core.store, self._place(address), by, title)

    async def greets(self, address: str, title: str) -> bool:
        return await people.greet(self._core.store, self._place(address), title)

    async def added_by(self, address: str) -> str | None:
        return await people.added_by(self._core.store, self._place(address))

    async def removed(self, address: str, reason: str, remedy: str = "") -> None:
        await self._places.lose(self._platform, address, reason, remedy)
        self._dispatcher.wake()

    async def returned(self, addresses: Sequence[str]) -> None:
        await self._places.regain(self._platform, addresses)
        self._dispatcher.wake()

    async def moved(self, old: str, new: str) -> None:
        async with self._core.store.transaction() as tx:
            await people.move(tx, self._place(old), new)

    def _place(self, address: str) -> Destination:
        return Destination(self._platform, address)


def show(message: Message) -> None:
    """Print a message as the console does."""
    importlib.import_module(adapters.CONSOLE).show(message)


def make_adapters(config: Config, *, console: bool) -> dict[str, Adapter]:
    """The adapters that are on: one for each token, and the console."""
    paths = {
        name: path
        for name, (setting, path) in adapters.REGISTRY.items()
        if setting in config.tokens
    }
    if console:
        paths["console"] = adapters.CONSOLE
    return {name: importlib.import_module(path).make(config) for name, path in paths.items()}


async def tick(core: Core, dispatcher: Dispatcher) -> None:
    """Look at the feeds, take back what left its list, plan what is due, wake the dispatcher."""
    now = core.ctx.clock()
    if not await restore.settle(core.store, core.collector, now):
        return
    await dispatcher.expire()
    await core.collector.refresh(now)
    await plan.take_back(core.store, now)
    while await plan.plan(core.store, core.collector, now):
        dispatcher.wake()


async def prune(core: Core) -> None:
    """Drop what is older than is kept."""
    before, pruned = core.ctx.clock() - KEPT, 1
    while pruned:  # a thousand at a time: posts wait for the writer
        async with core.store.transaction() as tx:
            pruned = await upkeep.prune(tx, before, 1000)
    async with core.store.transaction() as tx:
        await upkeep.prune_texts(tx, before)
        await upkeep.prune_places(tx, before)
        await upkeep.prune_contents(tx)
    await core.store.optimize()


async def run(config: Config, *, console: bool, clock: Callable[[], datetime] = utc_now) -> None:
    """Serve until SIGTERM, Ctrl-C, or the end of the console's input.

    The posts in flight are finished first. An adapter that fails is started again while the others
    serve; any other task that dies ends the program, loudly.
    """
    async with AsyncExitStack() as stack:
        proofs = stack.enter_context(lock.all_held(config.tokens))
        on = make_adapters(config, console=console)
        made = await stack.enter_async_context(core(config, clock))
        registered = adapters.REGISTRY.items()
        mine = {name: proofs[setting] for name, (setting, _) in registered if setting in proofs}
        holder = await stack.enter_async_context(lease.hold(made.store, mine))
        await rewind.rewind(made.store, clock(), jumped=False)
        await restore.settle(made.store, made.collector, clock())
        await upgrade_topics(made.store, clock())
        if console and len(on) == 1:
            made = await _first_look(stack, made, clock)
        dispatcher = Dispatcher(made.store, on, clock, lease=holder)
        await dispatcher.recover()
        stopping = stack.enter_context(stop.on_signals())
        gc.collect()
        gc.freeze()  # what is loaded by now stays: a full collection would stop the loop for it
        async with asyncio.TaskGroup() as group:
            server = Server(on, stopping)
            places, turns = Places(made.store, on, clock), FairUse()
            # Whoever sits at the terminal is alone there, or is a file of commands.
            fair = {name: None if name == "console" else turns for name in on}
            handles = {name: CoreHandle(made, name, dispatcher, places, fair[name]) for name in on}
            serving = [group.create_task(server.serve(*each)) for each in handles.items()]
            serving += bells.ring(group, _works(made, dispatcher, places, holder), clock)
            sending = group.create_task(dispatcher.run())
            await stopping.wait()
            dispatcher.stop()
            await asyncio.wait([sending], timeout=GRACE)
            for task in [*serving, sending]:
                task.cancel()
        server.check()


def _works(
    made: Core, dispatcher: Dispatcher, places: Places, holder: lease.Holder
) -> Sequence[bells.Work]:
    """What happens at intervals."""
    ctx, search = made.ctx, made.ctx.search
    works = [bells.Work(partial(prune, made), 3600.0, at_once=False)]
    if ctx.sample:
        return works
    return [
        *works,
        bells.Work(partial(tick, made, dispatcher), 15.0, back=partial(rewind.rewind, made.store)),
        bells.Work(lambda: made.collector.refresh_feeds(ctx.clock()), 300.0),
        bells.Work(holder.renew, lease.RENEWED),
        bells.Work(places.look_at_lost, 60.0),
        bells.Work(search.catch_up, 15.0),  # what is new is found by words at once
        bells.Work(partial(_encode, made), 15.0),
    ]


async def _encode(core: Core) -> None:
    """By the encoder, where it is installed; to load it and to read takes longer."""
    await core.ctx.search.use_encoder()
    await core.ctx.search.encode()


async def _first_look(stack: AsyncExitStack, made: Core, clock: Callable[[], datetime]) -> Core:
    """For the console: today's list at once; the sample when there is nothing else."""
    await made.collector.catch_up(clock())
    if await lists.newest_day(made.store, clock().date()):
        return made
    status = await made.collector.status(clock().date())
    if not status.failing_since:
        return made
    what, _, why = status.fault.partition(": ")
    cause = f" {why[:1].upper()}{why[1:]}." if why else ""
    say(f"{what}.{cause} Showing sample papers instead; nothing you set here is kept.\n")
    return await stack.enter_async_context(sampled(clock))
