"""The program as a process, in an environment of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOWHERE = "http://127.0.0.1:9"  # nothing listens on the discard port
COMMAND = (sys.executable, "-m", "bot")
Process = asyncio.subprocess.Process
PIPE, NULL = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """No proxy and no certificate of this machine, and locks that no other test knows."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    ours = {"PYTHONPATH": str(ROOT), "HF_API_BASE": NOWHERE}
    return kept | ours | {"TMPDIR": str(folder), "HOME": str(folder)} | settings


async def start(
    folder: Path, *words: str, stdin: int | None = PIPE, stdout: int | None = PIPE,
    command: tuple[str, ...] = COMMAND, before: Callable[[], object] | None = None, **settings: str,
) -> Process:  # fmt: skip
    return await asyncio.create_subprocess_exec(
        *command, *words, cwd=folder, env=environment(folder, settings), stdin=stdin, stdout=stdout,
        stderr=PIPE, preexec_fn=before,
    )  # fmt: skip


async def finished(process: Process, typed: bytes | None = None) -> tuple[int, bytes, str]:
    """Its exit status, its output, its errors, which are never a traceback."""
    async with asyncio.timeout(40):
        out, err = await process.communicate(typed)
    told = err.decode("utf-8", "replace")
    assert "Traceback" not in told and b"Traceback" not in (out or b""), told
    return process.returncode or 0, out or b"", told


async def told(
    folder: Path, *words: str, typed: bytes = b"", **settings: str
) -> tuple[int, bytes, str]:
    return await finished(await start(folder, *words, **settings), typed)


@asynccontextmanager
async def stopped_in_time(
    process: Process, number: signal.Signals = signal.SIGTERM, times: int = 1
) -> AsyncIterator[None]:
    """Whatever is awaited inside comes first; then the program ends within five seconds."""
    try:
        yield
        for _ in range(times):
            with suppress(ProcessLookupError):
                process.send_signal(number)
            await asyncio.sleep(0.05)
        async with asyncio.timeout(5 - 0.05 * times):
            code = await process.wait()
        _, _, err = await finished(process)
        assert code == 0, err
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
