"""The recorded Hugging Face feed, replayed on a loopback port by the tool in `shared`."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


def shared_dir() -> Path | None:
    """The folder of recordings beside the checkout, where there is one."""
    shared = Path(__file__).resolve().parents[1].parent / "shared"
    return shared if (shared / "tools" / "hf_replay.py").is_file() else None


class Replay:
    """A running replay: `base` is what HF_API_BASE should be."""

    def __init__(self, base: str) -> None:
        self.base = base

    def set(
        self,
        *,
        now: str | None = None,
        speed: float | None = None,
        faults: Sequence[str] | None = None,
    ) -> None:
        """Move its clock, change its pace, or replace its faults (`503:1.0`, `garbage:1`)."""
        wanted: Mapping[str, object] = {"now": now, "speed": speed, "faults": faults}
        self._ask("POST", "/__control", {k: v for k, v in wanted.items() if v is not None})

    def log(self) -> list[dict[str, object]]:
        """Every answer so far: t, path, status, ua."""
        entries = json.loads(self._ask("GET", "/__log"))
        return [entry for entry in entries if not str(entry["path"]).startswith("/__")]

    def _ask(self, method: str, path: str, body: object = None) -> bytes:
        connection = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            return connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def replay(
    *, now: str | None = None, grow: bool = False, speed: float = 0, faults: Sequence[str] = ()
) -> Iterator[Replay]:
    """Serve the recordings; its clock stands at `now` unless `speed` moves it. Skips without them.

    `now` is ISO 8601 in UTC; `speed` is server seconds a real second.
    """
    shared = shared_dir()
    if not shared:
        pytest.skip("the recordings are not beside this checkout")
    words = [sys.executable, str(shared / "tools" / "hf_replay.py"), "--port", "0"]
    words += ["--now", now] if now else []
    words += ["--grow"] if grow else []
    words += ["--speed", str(speed)] if speed else []
    words += [word for fault in faults for word in ("--fault", fault)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()  # "replaying ... on http://127.0.0.1:PORT"
            yield Replay(line.split()[-1])
        finally:
            process.terminate()
