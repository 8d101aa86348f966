"""The terminal and the standard streams as they are in services, pipes and old encodings."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.store import opened, papers
from tests.fakes import paper
from tests.process import COMMAND, NULL, PIPE, environment, finished, start, stopped_in_time, told
from tests.telegram.double import TOKEN, TelegramDouble

C = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


# what cannot be shown -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "encoding"),
    [({"PYTHONIOENCODING": "ascii"}, "ascii"), ({"PYTHONIOENCODING": "cp1252"}, "cp1252"),
     ({"PYTHONIOENCODING": "latin-1"}, "latin-1"), ({"PYTHONIOENCODING": "cp437"}, "cp437"),
     ({"PYTHONIOENCODING": "ascii:strict"}, "ascii"), (C, "ascii"),
     ({"PYTHONIOENCODING": "utf-8"}, "utf-8")],
    ids=str,
)  # fmt: skip
async def test_what_the_output_cannot_show_is_a_question_mark(
    tmp_path: Path, settings: dict[str, str], encoding: str
) -> None:
    code, out, _ = await told(tmp_path, "run", typed=b"/today\n/help\n", **settings)
    text = out.decode(encoding)  # whatever else it would be read as
    assert code == 0 and "Daily Papers " in text
    assert ("▲" in text) is (encoding == "utf-8")


async def test_json_is_exact_in_any_encoding(tmp_path: Path) -> None:
    async with opened(tmp_path / "data" / "papers.db") as store, store.transaction() as tx:
        await papers.save(tx, [paper(7, title="The $\\ell_p$ cache")])
    for encoding in ("ascii", "cp1252", "utf-8"):
        _, out, _ = await told(tmp_path, "search", "cache", "--json", PYTHONIOENCODING=encoding)
        [hit] = json.loads(out.decode(encoding))["hits"]
        assert hit["title"] == "The ℓₚ cache"


async def test_a_fault_with_odd_characters_is_told_in_any_encoding(tmp_path: Path) -> None:
    for name in ("\udcff", "ℓ▲"):
        where = f"sqlite:////proc/{name}/papers.db"
        for encoding in ("ascii", "cp1252", "utf-8"):
            code, _, err = await told(
                tmp_path, "run", DATABASE_URL=where, PYTHONIOENCODING=encoding
            )
            assert code == 1 and "cannot be made" in err


@pytest.mark.parametrize("words", [("search", "x"), ("doctor",), ("deliveries",), ("run",)])
async def test_a_reader_that_has_gone_is_no_traceback(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = await start(tmp_path, *words, stdout=writing)
    os.close(writing)
    await finished(process, b"/today\n" * 3)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [("search", "x"), ("doctor",), ("backup", "copy.db")])
async def test_an_output_that_is_full_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    async with opened(tmp_path / "data" / "papers.db"):
        pass
    full = os.open("/dev/full", os.O_WRONLY)
    process = await start(tmp_path, *words, stdout=full)
    os.close(full)
    code, _, err = await finished(process)
    assert (code, err) == (1, "Error: The output cannot be written: No space left on device.\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [("--help",), ("search", "--help"), ("--version",)])
async def test_help_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    process = await start(tmp_path, *words, stdout=full)
    os.close(full)
    code, _, err = await finished(process)
    assert (code, err) == (1, "Error: The output cannot be written: No space left on device.\n")


@pytest.mark.parametrize(
    ("words", "status"),
    [(("doctor",), 1), (("--help",), 0), (("deliveries", "--help"), 0), (("--version",), 0)],
)
async def test_the_exit_status_is_the_same_however_much_is_read(
    tmp_path: Path, words: tuple[str, ...], status: int
) -> None:
    assert (await told(tmp_path, *words))[0] == status
    reading, writing = os.pipe()
    os.close(reading)
    process = await start(tmp_path, *words, stdout=writing)
    os.close(writing)
    code, _, err = await finished(process)
    assert (code, err) == (status, "")


def _close_all() -> None:
    for number in (0, 1, 2):
        os.close(number)


@pytest.mark.parametrize("words", [("search", "x"), ("doctor",), ("run",)])
async def test_closed_streams_are_nothing_worse(tmp_path: Path, words: tuple[str, ...]) -> None:
    process = await start(tmp_path, *words, before=_close_all)
    await finished(process)
    async with opened(tmp_path / "data" / "papers.db") as store:
        assert await store.damage() is None  # no stream's number was taken for a file's


# nobody to serve ----------------------------------------------------------------------------------


@pytest.mark.parametrize("stdin", [NULL, PIPE], ids=["null", "empty pipe"])
async def test_a_service_without_a_token_says_so_and_fails(tmp_path: Path, stdin: int) -> None:
    process = await start(tmp_path, "run", stdin=stdin)
    code, out, err = await finished(process, b"" if stdin == PIPE else None)
    assert code == 1 and out == b""
    assert err.startswith("Error: No token is set") and len(err.splitlines()) == 1
    assert "DISCORD_TOKEN or TELEGRAM_TOKEN" in err


async def test_commands_in_a_file_are_answered(tmp_path: Path) -> None:
    (tmp_path / "commands").write_text("/search reasoning\n")
    file = os.open(tmp_path / "commands", os.O_RDONLY)
    process = await start(tmp_path, "run", stdin=file)
    os.close(file)
    code, out, _ = await finished(process)
    assert code == 0 and b"Search: reasoning" in out


async def test_commands_may_come_late(tmp_path: Path) -> None:
    process = await start(tmp_path, "run", PYTHONUNBUFFERED="1")
    assert process.stdout
    await process.stdout.readuntil(b"Daily Papers")  # it does not wait for a first command
    code, out, _ = await finished(process, b"/search reasoning\n")
    assert code == 0 and b"Search: reasoning" in out


# jobs of a shell ----------------------------------------------------------------------------------

# A shell at a terminal of its own, whose job is in the background (&), or is put there later (bg),
# or is not. It says when it stops.
SHELL = """
import os, pty, signal, sys, time
how = sys.argv.pop(1)
shell, terminal = pty.fork()
if not shell:
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if not job:
        if how:
            os.setpgid(0, 0)
        if how == "bg":
            os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(sys.argv[1], sys.argv[1:])
    print("job", job, flush=True)
    while how == "bg" and not os.path.exists("bg"):
        time.sleep(.05)
    if how == "bg":
        os.tcsetpgrp(0, os.getpgrp())
        print("taken", flush=True)
    _, status = os.waitpid(job, os.WUNTRACED)
    stopped = os.WIFSTOPPED(status)
    told = "stopped" if stopped else f"status {os.waitstatus_to_exitcode(status)}"
    print(told, flush=True)
    os._exit(0)
if not how:
    os.write(terminal, b"/search reasoning\\n/quit\\n")
try:
    while chunk := os.read(terminal, 65536):
        os.write(1, chunk)
        if b"taken" in chunk:
            os.write(terminal, b"/help\\n/help\\n")
except OSError:
    pass
"""


async def shell(folder: Path, how: str, **settings: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-c", SHELL, how, *COMMAND)
    return await start(folder, "run", command=command, TERM="dumb", **settings)


async def number(process: asyncio.subprocess.Process) -> int:
    """Of the shell's job."""
    assert process.stdout
    await process.stdout.readuntil(b"job ")
    return int(await process.stdout.readline())


async def test_a_job_in_the_background_serves(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        settings = {"TELEGRAM_API_BASE": telegram.base, "TELEGRAM_TOKEN": TOKEN}
        process = await shell(tmp_path, "&", **settings)
        job = await number(process)
        try:
            await telegram.until(lambda: telegram.count("getUpdates"), 40)
            telegram.add_person(7)
            telegram.says(7, "/help")
            await telegram.reply()
        finally:
            os.kill(job, signal.SIGTERM)
        _, out, _ = await finished(process)
    assert b"status 0" in out and b"stopped" not in out


async def test_a_job_that_is_put_into_the_background_goes_on(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        settings = {"TELEGRAM_API_BASE": telegram.base, "TELEGRAM_TOKEN": TOKEN}
        process = await shell(tmp_path, "bg", **settings)
        job = await number(process)
        assert process.stdout
        try:
            await process.stdout.readuntil(b"papers> ")
            (tmp_path / "bg").touch()
            await process.stdout.readuntil(b"papers> ")  # of the line that it got on the way
            telegram.add_person(7)
            telegram.says(7, "/help")
            await telegram.reply()
        finally:
            os.kill(job, signal.SIGTERM)
        _, out, _ = await finished(process)
    assert b"status 0" in out and b"stopped" not in out


async def test_a_job_in_the_background_without_a_token_says_so(tmp_path: Path) -> None:
    _, out, _ = await finished(await shell(tmp_path, "&"))
    assert b"Error: No token is set, in the background nobody can type" in out
    assert b"status 1" in out and b"Daily Papers" not in out


async def test_at_a_terminal_the_console_answers(tmp_path: Path) -> None:
    _, out, _ = await finished(await shell(tmp_path, ""))
    assert b"papers> " in out and b"Search: reasoning" in out and b"status 0" in out


async def test_at_a_terminal_the_console_answers_beside_a_platform(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        settings = {"TELEGRAM_API_BASE": telegram.base, "TELEGRAM_TOKEN": TOKEN}
        process = await shell(tmp_path, "", **settings)
        job = await number(process)
        assert process.stdout
        await process.stdout.readuntil(b"papers> ")
        await telegram.until(lambda: telegram.count("getUpdates"), 40)
        os.kill(job, signal.SIGTERM)
        _, out, _ = await finished(process)
    assert b"status 0" in out


async def test_a_token_and_no_terminal_is_a_service(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        process = await start(
            tmp_path, "run", stdin=NULL, TELEGRAM_API_BASE=telegram.base, TELEGRAM_TOKEN=TOKEN
        )
        async with stopped_in_time(process):
            await telegram.until(lambda: telegram.count("getUpdates"), 40)


def test_the_environment_of_these_processes_is_bare(tmp_path: Path) -> None:
    assert not {name for name in environment(tmp_path, {}) if name.lower().endswith("_proxy")}
