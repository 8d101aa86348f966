"""Search at a size: how long it takes, against plain FTS5 and tantivy in one run: read the ratios.

bench/search.py [--size 20k|100k|1M|3M] [--queries N] [--keep FOLDER]
N queries of a kind; FOLDER keeps what is built, so that the next run is quick
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import mean, median, quantiles

import _corpus
from _corpus import Asked
from _table import ROOT, Spent, part, row

from bot.model import Paper
from bot.search.engine import Engine
from bot.store import index, opened, papers

BATCH = 5000  # papers a transaction, in bulk
DAY, DAYS = 500, 3  # papers a day
PAGE = 5
WARM = 15  # queries of a kind that were asked before
CHOICES = 25
ANSWERED = 200  # queries after which memory is read
LIMITS = {100_000: (60, 200), 1_000_000: (150, 250), 10**9: (400, 400)}  # ms, MB
WORST, TYPED, LOAD, INGEST, DISK = 250, 20, 10_000, 800, 2560
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
    def told(self) -> str:
        worst = max(self.walls)
        return f"p50 {median(self.walls):.0f}, worst {worst:.0f}, CPU {self.cpu:.0f} ms"


def took(ask: Callable[[str], object], questions: Sequence[str]) -> Took:
    spent = [_one(ask, question) for question in questions]
    return Took([wall for wall, _ in spent], mean(cpu for _, cpu in spent))


def _one(ask: Callable[[str], object], question: str) -> tuple[float, float]:
    start = time.perf_counter(), time.process_time()
    ask(question)
    return (time.perf_counter() - start[0]) * 1000, (time.process_time() - start[1]) * 1000


@dataclass(frozen=True)
class Built:
    """How papers got into a file, and how much that takes."""

    load: float  # papers a second
    load_cpu: float  # papers a second of all threads' time
    bytes: float  # a paper
    embedding: float = 0.0  # papers a second
    embedding_cpu: float = 0.0


def kept(file: Path, build: Callable[[], Built]) -> Built:
    """Build what is not there. Its figures are kept beside it."""
    figures = file.with_suffix(".json")
    if figures.exists():
        return Built(**json.loads(figures.read_text()))
    built = build()
    figures.write_text(json.dumps(vars(built)))
    return built


# the engines ------------------------------------------------------------------------------------


@dataclass
class Clock:
    """Only what is inside its blocks counts."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        spent = Spent()
        yield
        self.wall, self.cpu = self.wall + spent.wall, self.cpu + spent.cpu


async def fill(file: Path, size: int) -> Built:
    """Our store, as a dump is imported: in batches, and then the vectors."""
    _remove(file)
    load, embedding = Clock(), Clock()
    async with opened(file) as store:
        for some in _batches(size):
            with load.running():
                async with store.transaction() as tx:
                    await papers.save(tx, some, curated=False)
        engine = await Engine.over(store)
        with embedding.running():
            await engine.catch_up()
    rates = [size / spent for spent in (load.wall, load.cpu, embedding.wall, embedding.cpu)]
    return Built(rates[0], rates[1], _disk(file) / size, rates[2], rates[3])


def _disk(file: Path) -> int:
    return file.stat().st_size


def _remove(file: Path) -> None:
    for one in file.parent.glob(f"{file.name}*"):
        one.unlink()


class Fts5:
    """SQLite's own, as one would begin: any of the words, the best by bm25."""

    name = "FTS5"

    def __init__(self, folder: Path, size: int) -> None:
        self._file = folder / f"fts5-{size}.db"
        self.built = kept(self._file, lambda: self._fill(size))
        self._db = sqlite3.connect(self._file)

    def _fill(self, size: int) -> Built:
        _remove(self._file)
        load = Clock()
        with closing(sqlite3.connect(self._file)) as db:
            db.execute("CREATE VIRTUAL TABLE papers USING fts5(id, title, text, tokenize=porter)")
            for some in _batches(size):
                rows = ((p.id, p.title, p.summary) for p in some)
                with load.running(), db:
                    db.executemany("INSERT INTO papers VALUES (?, ?, ?)", rows)
        return Built(size / load.wall, size / load.cpu, _disk(self._file) / size)

    def __call__(self, question: str) -> object:
        match = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        sql = "SELECT * FROM papers WHERE papers MATCH ? ORDER BY bm25(papers) LIMIT ?"
        return self._db.execute(sql, (match, PAGE)).fetchall()


class Tantivy:
    """Lucene's kind, in Rust: one stemmed field, any of the words."""

    name = "tantivy"

    def __init__(self, folder: Path, size: int) -> None:
        import tantivy

        fields = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
        fields.add_text_field("title", stored=True, tokenizer_name="en_stem")
        self._schema = fields.add_text_field("text", stored=True, tokenizer_name="en_stem").build()
        self._folder = folder / f"tantivy-{size}"
        if not self._folder.with_suffix(".json").exists():
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(self._folder))
        self.built = kept(self._folder, lambda: self._fill(tantivy.Document, size))
        self._index.reload()
        self._searcher = self._index.searcher()

    def _fill(self, made: Callable[..., object], size: int) -> Built:
        load, writer = Clock(), self._index.writer(heap_size=100_000_000, num_threads=1)
        for some in _batches(size):
            with load.running():
                for p in some:
                    writer.add_document(made(id=p.id, title=p.title, text=f"{p.title} {p.summary}"))
        with load.running():
            writer.commit()
            writer.wait_merging_threads()
        files = sum(file.stat().st_size for file in self._folder.iterdir())
        return Built(size / load.wall, size / load.cpu, files / size)

    def __call__(self, question: str) -> object:
        query, _ = self._index.parse_query_lenient(question, ["text"])
        return [self._searcher.doc(at) for _, at in self._searcher.search(query, PAGE).hits]


def _batches(size: int) -> Iterator[list[Paper]]:
    found = _corpus.resampled(size)
    return iter(lambda: list(islice(found, BATCH)), [])


Rival = Fts5 | Tantivy
_Run = Callable[[Awaitable[object]], object]


def rivals(folder: Path, size: int) -> list[Rival]:
    found: list[Rival] = []
    for made in (Fts5, Tantivy):
        try:
            found.append(made(folder, size))
        except ImportError as error:
            print(f"Not measured against {made.__name__}: {error}.")
    return found


# what is measured -------------------------------------------------------------------------------


def searching(
    run: _Run, engine: Engine, asked: dict[str, list[Asked]], others: list[Rival], ms: int
) -> None:
    def ask(question: str) -> object:
        engine._memory._read.clear()  # papers read for the last query
        return run(engine.search(question, limit=PAGE))

    for kind, some in asked.items():
        ours = took(ask, [one.text for one in some])
        plain = [one.plain for one in some]
        ratios = [(other.name, took(other, plain).p95) for other in others]
        met = ours.p95 <= ms and max(ours.walls) <= WORST
        row(
            f"{kind}: {ours.told}", f"p95 {ours.p95:.0f} ms",
            ", ".join(f"{ours.p95 / p95:.2f} x {name} ({p95:.0f})" for name, p95 in ratios),
            target=f"<= {ms} ms", met=met,
        )  # fmt: skip


def typing(run: _Run, engine: Engine, typed: dict[str, list[str]]) -> None:
    for kind, some in typed.items():
        titles = took(lambda text: run(engine.suggest(text, limit=CHOICES)), some)
        whole = took(lambda text: run(engine.complete(text, limit=CHOICES)), some)
        slower = max(titles.p95, whole.p95)
        row(
            f"{kind} typed: {whole.told}", f"p95 {whole.p95:.1f} ms",
            f"queries; papers: p95 {titles.p95:.1f} ms",
            target=f"<= {TYPED} ms", met=slower <= TYPED,
        )  # fmt: skip


def liking(run: _Run, engine: Engine, seeds: list[str], ms: int) -> None:
    found = took(lambda seed: run(engine.similar(seed, limit=PAGE)), seeds)
    row(f"similar: {found.told}", f"p95 {found.p95:.0f} ms", target=f"<= {ms} ms",
        met=found.p95 <= ms)  # fmt: skip


def process(file: Path, asked: dict[str, list[Asked]], mb: int) -> None:
    """Memory of a process that searches this store, and how soon it could."""
    texts = [one.text for some in zip(*asked.values(), strict=True) for one in some]
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
            some = list(_corpus.resampled(await index.size(store), more=DAY))
            spent = Spent()
            async with store.transaction() as tx:
                await papers.save(tx, some, curated=False)
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
    ms, mb = next(limits for most, limits in LIMITS.items() if size <= most)
    file = folder / f"papers-{size}.db"
    known = _corpus.real()[:: max(1, len(_corpus.real()) // size)]
    asked = _corpus.queries(known, count)
    with asyncio.Runner() as runner:
        ours = kept(file, lambda: runner.run(fill(file, size)))
        others = rivals(folder, size)
        store_ = opened(file)
        engine = runner.run(Engine.over(runner.run(store_.__aenter__())))
        for one in (one for some in _corpus.queries(known, WARM, seed=9).values() for one in some):
            runner.run(engine.search(one.text, limit=PAGE))
        searching(runner.run, engine, asked, others, ms)
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
