"""Search at a size: how long it takes, against plain FTS5 and tantivy in one run: read the ratios.

bench/search.py [--size 20k|100k|1M|3M] [--queries N] [--keep FOLDER]
N queries of a kind; FOLDER keeps what is built, so that the next run is quick
"""

import argparse
import asyncio
import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import mean, median, quantiles

import _corpus
from _corpus import Asked
from _engines import PAGE, Built, Rival, fill, kept, rivals
from _table import ROOT, Spent, part, row

from bot.search.engine import Engine
from bot.store import opened, papers, term_stats

DAY, DAYS = 500, 3  # papers a day
WARM = 15  # queries of a kind that were asked before
CHOICES = 25
ANSWERED = 200  # queries after which memory is read
_Run = Callable[[Awaitable[object]], object]
# ms (p95, worst), MB
LIMITS = {100_000: (60, 250, 200), 1_000_000: (150, 250, 250), 10**9: (400, 1000, 400)}
TYPED, LOAD, INGEST, DISK = 20, 10_000, 800, 2560
# A process of its own: this one holds the papers.
ANSWERING = """
import asyncio, json, sys, time
from pathlib import Path
from bot.search.engine import Engine
from bot.store import opened

async def main():
    async with opened(Path(sys.argv[1])) as store:
        start = time.perf_counter(), time.process_time()
        engine = await Engine.over(store)
        took = time.perf_counter() - start[0], time.process_time() - start[1]
        for query in json.load(sys.stdin):
            await engine.search(query, limit=5)
    print(json.dumps(took))
    print(Path("/proc/self/status").read_text())

asyncio.run(main())
"""


@dataclass(frozen=True)
class Took:
    """What each of some calls took: milliseconds."""

    walls: list[float]
    cpu: float  # in the mean, all threads

    @property
    def p95(self) -> float:
        return quantiles(self.walls, n=20, method="inclusive")[-1]

    @property
    def summary(self) -> str:
        worst = max(self.walls)
        return f"p50 {median(self.walls):.0f}, worst {worst:.0f}, CPU {self.cpu:.0f} ms"


def took(ask: Callable[[str], object], questions: Sequence[str]) -> Took:
    spent = [_one(ask, question) for question in questions]
    return Took([wall for wall, _ in spent], mean(cpu for _, cpu in spent))


def _one(ask: Callable[[str], object], question: str) -> tuple[float, float]:
    start = time.perf_counter(), time.process_time()
    ask(question)
    return (time.perf_counter() - start[0]) * 1000, (time.process_time() - start[1]) * 1000


def searching(
    run: _Run, engine: Engine, asked: dict[str, list[Asked]], others: list[Rival],
    ms: int, worst: int,
) -> None:  # fmt: skip
    def ask(question: str) -> object:
        engine._cache._texts.clear()  # papers read for the last query
        engine._cache._numbers.clear()
        return run(engine.search(question, limit=PAGE))

    for kind, some in asked.items():
        ours = took(ask, [query.text for query in some])
        plain = [query.plain for query in some]
        ratios = [(other.name, took(other, plain).p95) for other in others]
        met = ours.p95 <= ms and max(ours.walls) <= worst
        row(
            f"{kind}: {ours.summary}", f"p95 {ours.p95:.0f} ms",
            ", ".join(f"{ours.p95 / p95:.2f} x {name} ({p95:.0f})" for name, p95 in ratios),
            target=f"<= {ms} ms", met=met,
        )  # fmt: skip


def typing(run: _Run, engine: Engine, typed: dict[str, list[str]]) -> None:
    for kind, some in typed.items():
        titles = took(lambda text: run(engine.suggest(text, limit=CHOICES)), some)
        whole = took(lambda text: run(engine.complete(text, limit=CHOICES)), some)
        slower = max(titles.p95, whole.p95)
        row(
            f"{kind} typed: {whole.summary}", f"p95 {whole.p95:.1f} ms",
            f"queries; papers: p95 {titles.p95:.1f} ms",
            target=f"<= {TYPED} ms", met=slower <= TYPED,
        )  # fmt: skip


def liking(run: _Run, engine: Engine, seeds: list[str], ms: int) -> None:
    similar = took(lambda seed: run(engine.similar(seed, limit=PAGE)), seeds)
    row(f"similar: {similar.summary}", f"p95 {similar.p95:.0f} ms", target=f"<= {ms} ms",
        met=similar.p95 <= ms)  # fmt: skip


def process(file: Path, asked: dict[str, list[Asked]], mb: int) -> None:
    """Memory of a process that searches this store, and how soon it could."""
    texts = [query.text for some in zip(*asked.values(), strict=True) for query in some]
    words = [sys.executable, "-c", ANSWERING, str(file)]
    ran = subprocess.run(  # noqa: S603
        words, input=json.dumps((texts * ANSWERED)[:ANSWERED]), check=True, capture_output=True,
        text=True, cwd=ROOT,
    )  # fmt: skip
    first, _, status = ran.stdout.partition("\n")
    wall, cpu = json.loads(first)
    row("ready to search, after", f"{wall:.1f} s", f"CPU {cpu:.1f} s")
    used = {name: int(kb) // 1024 for name, kb in re.findall(r"(Vm\w+):\s+(\d+) kB", status)}
    if used:
        row(
            f"memory after {ANSWERED} queries", f"{used['VmRSS']} MB",
            f"at most {used['VmHWM']} MB", target=f"<= {mb} MB", met=used["VmHWM"] <= mb,
        )  # fmt: skip


def storing(ours: Built, others: list[Rival]) -> None:
    def against(figure: str) -> str:
        mine = getattr(ours, figure)
        all_ = [(mine / getattr(o.built, figure), o) for o in others]
        return ", ".join(f"{r:.2f} x {o.name} ({getattr(o.built, figure):.0f})" for r, o in all_)

    row("bulk load, papers/s", f"{ours.load:.0f}", against("load"),
        target=f">= {LOAD}", met=ours.load >= LOAD)  # fmt: skip
    row("  and a second of CPU", f"{ours.load_cpu:.0f}", against("load_cpu"))
    row("embedding, papers/s", f"{ours.embedding:.0f}",
        f"a second of CPU: {ours.embedding_cpu:.0f}")  # fmt: skip
    row("bytes a paper on disk", f"{ours.bytes:.0f}", against("bytes"),
        target=f"<= {DISK}", met=ours.bytes <= DISK)  # fmt: skip


async def ingest(file: Path) -> None:
    """The papers of some days more, each in one transaction, and their vectors."""
    async with opened(file) as store:
        engine = await Engine.over(store)
        rates, cpus = [], []
        for _ in range(DAYS):
            some = list(_corpus.resampled(await term_stats.paper_count(store), more=DAY))
            spent = Spent()
            async with store.transaction() as tx:
                await papers.save(tx, some)
            await engine.catch_up()
            rates.append(DAY / spent.wall)
            cpus.append(spent.cpu / DAY * 1000)
    row("daily ingest with vectors, papers/s", f"{median(rates):.0f}",
        f"CPU {median(cpus):.1f} ms a paper", target=f">= {INGEST}",
        met=median(rates) >= INGEST)  # fmt: skip


def main(size: int, count: int, folder: Path) -> None:
    if absent := _corpus.missing():
        print(absent)
        return
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    part(f"Search in {size:,} papers, {count} queries of a kind (load before: {load})")
    folder.mkdir(parents=True, exist_ok=True)
    ms, worst, mb = next(limits for most, limits in LIMITS.items() if size <= most)
    file = folder / f"papers-{size}.db"
    known = _corpus.real()[:: max(1, len(_corpus.real()) // size)]
    asked = _corpus.queries(known, count)
    with asyncio.Runner() as runner:
        ours = kept(file, lambda: runner.run(fill(file, size)))
        others = rivals(folder, size)
        store_ = opened(file)
        engine = runner.run(Engine.over(runner.run(store_.__aenter__())))
        warm = _corpus.queries(known, WARM, seed=9)
        for query in chain.from_iterable(warm.values()):
            runner.run(engine.search(query.text, limit=PAGE))
        gc.collect()
        gc.freeze()  # as the program does; here it would go through all those papers, too
        searching(runner.run, engine, asked, others, ms, worst)
        typing(runner.run, engine, _corpus.typed(known, count))
        seeds = [paper.id for paper in known[:: len(known) // count]][:count]
        liking(runner.run, engine, seeds, ms)
        runner.run(store_.__aexit__(None, None, None))
        process(file, asked, mb)
        storing(ours, others)
        runner.run(ingest(file))


def _size(text: str) -> int:
    return int(float(text.lower().rstrip("km")) * {"k": 1000, "m": 10**6}.get(text[-1:].lower(), 1))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--size", type=_size, default=20_000)
    arguments.add_argument("--queries", type=int, default=40)
    arguments.add_argument("--keep", type=Path)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        main(chosen.size, chosen.queries, chosen.keep or Path(name))
