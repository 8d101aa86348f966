"""The adapters side by side, and the program around them: what ends what, and what does not."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot import app, config, serve
from bot.errors import ConfigError, PostError
from bot.model import Destination
from bot.ports import Adapter, Handle
from bot.serve import Server
from bot.states import What
from bot.store import opened, outbox
from tests.fakes import FakeAdapter, FakeSource, at, on
from tests.stored import SIX_HOURS

NOW = at("2025-06-02 12:00")


class Moody(FakeAdapter):
    """Each start ends as `starts` says, one after another; after these it serves."""

    def __init__(self, name: str, *starts: Exception | None) -> None:
        super().__init__(name)
        self.starts = list(starts)
        self.begun = 0
        self.serving = asyncio.Event()

    async def run(self, handle: Handle) -> None:
        self.handle = handle
        self.begun += 1
        await asyncio.sleep(0)
        if self.starts:
            end = self.starts.pop(0)
            if end:
                raise end
            return
        self.serving.set()
        await asyncio.Event().wait()


class NoHandle:
    commands = ()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(serve, "LONGEST_PAUSE", 0.04)


def pauses(caplog: pytest.LogCaptureFixture) -> list[object]:
    """In seconds, as they were logged."""
    return [r.args[1] for r in caplog.records if "started again" in r.msg and r.args]  # type: ignore[index]


# side by side -----------------------------------------------------------------------------------


class Running:
    """Some adapters, served."""

    def __init__(self, *adapters: FakeAdapter) -> None:
        self.stopping = asyncio.Event()
        named: dict[str, Adapter] = {one.name: one for one in adapters}
        self.server = Server(named, self.stopping)
        self.tasks = {
            name: asyncio.create_task(self.server.serve(name, NoHandle()))  # type: ignore[arg-type]
            for name in named
        }

    async def ended(self, name: str) -> None:
        async with asyncio.timeout(5):
            await self.tasks[name]

    async def stop(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.wait(self.tasks.values())


@pytest.mark.parametrize(
    "fault",
    [ZeroDivisionError("boom"), PostError("it cannot be reached"), ExceptionGroup("", [OSError()]),
     TimeoutError(), OSError("no route")],
    ids=lambda fault: type(fault).__name__,
)  # fmt: skip
async def test_an_adapter_that_fails_is_started_again_while_another_serves(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = Moody("bad", *[fault] * 4), Moody("good")
    running = Running(bad, good)
    async with asyncio.timeout(5):
        await bad.serving.wait()
    assert (bad.begun, good.begun) == (5, 1)
    assert pauses(caplog) == [0.01, 0.02, 0.04, 0.04], "ever later, up to a limit"
    assert [r.levelname for r in caplog.records] == ["ERROR", "WARNING"] * 4
    assert "adapter=bad" in caplog.text
    assert not running.stopping.is_set()
    await running.stop()
    running.server.check()


async def test_one_that_served_well_for_long_is_started_again_soon(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serve, "WELL", -1.0)
    bad = Moody("bad", *[OSError()] * 3)
    running = Running(bad)
    async with asyncio.timeout(5):
        await bad.serving.wait()
    assert pauses(caplog) == [0.01] * 3
    await running.stop()


async def test_a_refused_token_ends_that_adapter_alone_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = Moody("bad", OSError(), ConfigError("The platform refused BAD_TOKEN."))
    good = Moody("good")
    running = Running(bad, good)
    await running.ended("bad")
    assert bad.begun == 2
    [said] = [r for r in caplog.records if "ended" in r.msg]
    assert said.levelname == "ERROR"
    assert said.getMessage() == "adapter ended adapter=bad reason=The platform refused BAD_TOKEN."
    async with asyncio.timeout(5):
        await good.serving.wait()
    assert not running.stopping.is_set()
    await running.stop()
    running.server.check()


async def test_the_program_ends_when_the_last_token_is_refused_and_names_them_all() -> None:
    one = Moody("one", ConfigError("One refused."))
    other = Moody("other", OSError(), OSError(), ConfigError("Other refused."))
    running = Running(one, other)
    await running.ended("one")
    assert not running.stopping.is_set()
    await running.ended("other")
    assert running.stopping.is_set()
    with pytest.raises(ConfigError, match=r"One refused\.\nOther refused\."):
        running.server.check()


async def test_an_adapter_that_ends_by_itself_is_not_started_again() -> None:
    """The console, at the end of its input: after a refused token it ends the program in peace."""
    console, bad = Moody("console", None), Moody("bad", ConfigError("refused"))
    running = Running(console, bad)
    for name in ("console", "bad"):
        await running.ended(name)
    assert console.begun == 1
    assert running.stopping.is_set()
    running.server.check()


async def test_a_stop_ends_the_pause_before_a_start_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "FIRST_PAUSE", 3600.0)
    bad = Moody("bad", OSError())
    running = Running(bad)
    async with asyncio.timeout(5):
        while not bad.begun:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await running.stop()
    assert bad.begun == 1


# the whole program ------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., "Whole"]:
    """`app.run` with these adapters in place of the platforms', and a feed that is a table."""
    monkeypatch.setattr(app.gc, "freeze", lambda: None)

    def make(*adapters: FakeAdapter) -> Whole:
        named = {one.name: one for one in adapters}
        monkeypatch.setattr(app, "make_adapters", lambda config, *, console: named)
        monkeypatch.setattr(app.sources, "make", lambda config: ([FakeSource()], []))
        return Whole(tmp_path / "papers.db")

    return make


class Whole:
    """A program that is to end by itself."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def run(self) -> None:
        settings = config.load({"DATABASE_URL": f"sqlite:///{self.path}"})
        async with asyncio.timeout(20):
            await app.run(settings, console=False, clock=lambda: NOW)

    async def add(self, platform: str) -> None:
        """A notice that is due."""
        async with opened(self.path) as store, store.transaction() as tx:
            where = Destination(platform, "7")
            await outbox.add(tx, where, What.NOTICE, on("2025-06-02"), now=NOW,
                             deadline=NOW + SIX_HOURS, payload='{"text": "One."}')  # fmt: skip

    async def states(self) -> list[str]:
        async with opened(self.path) as store:
            return [row["state"] for row in await store.rows("SELECT state FROM deliveries")]


async def test_while_one_adapter_fails_the_other_one_posts(program: Callable[..., Whole]) -> None:
    bad, good = Moody("bad", *[OSError()] * 1000), Moody("good")
    whole = program(bad, good)
    await whole.add("good")
    running = asyncio.create_task(whole.run())
    async with asyncio.timeout(10):
        while not good.posts or bad.begun < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
    assert await whole.states() == ["sent"]


async def test_with_all_tokens_refused_the_program_ends_with_a_sentence_each(
    program: Callable[..., Whole],
) -> None:
    whole = program(
        Moody("one", ConfigError("One refused.")), Moody("other", ConfigError("Other refused."))
    )
    with pytest.raises(ConfigError, match="One refused") as caught:
        await whole.run()
    assert "Other refused." in str(caught.value)


@pytest.mark.parametrize("part", ["tick", "prune", "look_at_lost", "dispatcher", "search"])
async def test_any_other_task_that_dies_ends_the_program_loudly(
    program: Callable[..., Whole], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError(part)

    where: dict[str, tuple[object, str]] = {
        "tick": (app, "tick"), "prune": (app, "prune"),
        "look_at_lost": (app.Places, "look_at_lost"), "dispatcher": (app.Dispatcher, "run"),
        "search": (app.Engine, "catch_up"),
    }  # fmt: skip
    if part == "prune":  # it rings first after an hour
        works = app._works
        monkeypatch.setattr(app, "_works", lambda *made: _at_once(works(*made)))
    monkeypatch.setattr(*where[part], broken)
    with pytest.raises(ExceptionGroup) as caught:
        await program(Moody("good")).run()
    assert caught.group_contains(ZeroDivisionError, match=part)


def _at_once(works: Sequence[app.bells.Work]) -> list[app.bells.Work]:
    return [app.bells.Work(one.do, 0.05, back=one.back) for one in works]


async def test_an_unforeseen_fault_of_one_place_ends_nothing(
    program: Callable[..., Whole], caplog: pytest.LogCaptureFixture
) -> None:
    good = Moody("good")
    good.always["7"] = ZeroDivisionError()
    whole = program(good)
    await whole.add("good")
    running = asyncio.create_task(whole.run())
    async with asyncio.timeout(10):
        while not good.tried:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
    assert not running.done()
    assert "post broke" in caplog.text
    running.cancel()
    await asyncio.wait([running])
