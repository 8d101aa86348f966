"""The real program against strict peers: to its first post, and to the last of many.

bench/start.py [--channels N] [--starts N]    N channels to drain; N starts to take the median of
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from _table import ROOT, cpu_of, part, row

from tests.chaos.harness import Bot, Peers, started_peers, until

PLATFORMS = ("discord", "telegram")
PROGRAM = [sys.executable, "-m", "bot", "run"]
# What a program with these libraries cannot avoid.
BARE = "import aiohttp, aiosqlite, apscheduler.schedulers.asyncio, click, discord, telegram.ext"
IMPORTS = """
import json, os, sys, time
from bot import __main__, app, config
app.make_adapters(config.load(os.environ), console=not config.load(os.environ).tokens)
loaded = [name for name in ("discord", "telegram") if name in sys.modules]
print(json.dumps([time.process_time(), loaded]))
"""


def spent(code: str, env: dict[str, str]) -> tuple[float, list[str]]:
    """CPU seconds of an interpreter that runs this, and the platforms it imported."""
    words = [sys.executable, "-c", code]
    ran = subprocess.run(words, env=env, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    cpu, loaded = json.loads(ran.stdout)
    return cpu, loaded


def importing(env: dict[str, str]) -> None:
    """Every import that a setting brings, and no other."""
    common = os.environ | {k: v for k, v in env.items() if "TOKEN" not in k}
    bare_code = f"{BARE}; import json, time; print(json.dumps([time.process_time(), []]))"
    bare = median(spent(bare_code, common)[0] for _ in range(5))
    for on in ((), ("discord",), ("telegram",), PLATFORMS):
        tokens = {f"{name.upper()}_TOKEN": env[f"{name.upper()}_TOKEN"] for name in on}
        runs = [spent(IMPORTS, common | tokens) for _ in range(5)]
        cpu, loaded = median(cpu for cpu, _ in runs), runs[0][1]
        row(
            f"imports, CPU s: {' and '.join(on) or 'no token'}", f"{cpu:.2f}",
            f"in sys.modules: {', '.join(loaded) or 'neither'}",
            target="<= 1.0", met=cpu <= 1.0 and loaded == list(on),
        )  # fmt: skip
    row("  all of it against the bare libraries", f"{cpu / bare:.2f} x", f"{bare:.2f} s")


def started(folder: Path, peers: Peers) -> dict[str, float]:
    """Seconds from the start of the program until each platform has its post."""
    peers.reset()
    bot = Bot(folder, peers)
    bot.seed([("telegram", "1000"), ("discord", "c1000")], kind="notice")
    env = os.environ | bot.env
    begin = time.monotonic()  # the peers' clock too
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    errors = (folder / "errors.txt").open("w+")
    with errors, subprocess.Popen(PROGRAM, env=env, cwd=ROOT, stderr=errors, **quiet) as process:  # noqa: S603
        try:
            came = until(lambda: len(peers.ledger("telegram") + peers.ledger("discord")) == 2, 30)
        finally:
            process.kill()
        assert came, (folder / "errors.txt").read_text()
    return {name: peers.ledger(name)[0]["at"] - begin for name in PLATFORMS}


def starting(folder: Path, peers: Peers, times: int) -> None:
    runs, bare = [], []
    for number in range(times):
        runs.append(started(folder / str(number), peers))
        bare.append(timed([sys.executable, "-c", BARE]))
    for name in PLATFORMS:
        seconds = sorted(run[name] for run in runs)
        row(
            f"cold start to the first {name} post, median of {times}", f"{median(seconds):.2f} s",
            f"{median(seconds) / median(bare):.2f} x bare imports; worst {seconds[-1]:.2f} s",
        )  # fmt: skip


def timed(words: list[str]) -> float:
    begin = time.monotonic()
    subprocess.run(words, check=True)  # noqa: S603
    return time.monotonic() - begin


def draining(folder: Path, peers: Peers, channels: int) -> None:
    """At the real pace, to a Discord that enforces its windows."""
    peers.reset()
    bot = Bot(folder, peers)
    bot.seed(("discord", f"c1{number:06}") for number in range(channels))
    with bot.running() as process:
        patience = 20 + channels / 45 * 1.5
        came = until(lambda: peers.counts().get("discord accepted", 0) >= channels, patience)
        cpu = cpu_of(process) / channels * 1000
    assert came, bot.tail()
    times = [entry["at"] for entry in peers.ledger("discord")]
    # No 46 in any second: the 46th comes a second after the first, the 91st after two.
    floor, took = (channels - 1) // 45, times[-1] - times[0]
    limited = peers.counts().get("discord 429", 0)
    row(
        f"drain {channels} Discord channels", f"{took:.1f} s",
        f"{took / floor:.3f} x the floor ({floor} s), {limited} x 429",
        target="<= 1.06", met=took / floor <= 1.06 and not limited,
    )  # fmt: skip
    row("  CPU s/1000 meanwhile, start included", f"{cpu:.2f}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--channels", type=int, default=2000)
    arguments.add_argument("--starts", type=int, default=11)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name, started_peers() as both:
        part("The program")
        importing(Bot(Path(name) / "imports", both).env)
        starting(Path(name), both, chosen.starts)
        draining(Path(name) / "drain", both, chosen.channels)
