"""What `search.py` compares: our store, plain FTS5 and tantivy, each built at a size."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import _corpus
from _table import Spent

from bot.model import Paper
from bot.search.engine import Engine
from bot.store import opened, papers

BATCH = 20_000  # papers a transaction, in bulk
PAGE = 5


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
                    await papers.save(tx, some)
        engine = await Engine.over(store)
        with embedding.running():
            await engine.catch_up()
    rates = [size / spent for spent in (load.wall, load.cpu, embedding.wall, embedding.cpu)]
    return Built(rates[0], rates[1], _disk(file) / size, rates[2], rates[3])


def _disk(file: Path) -> int:
    return file.stat().st_size


def _remove(file: Path) -> None:
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()


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

    def _fill(self, make: Callable[..., object], size: int) -> Built:
        load, writer = Clock(), self._index.writer(heap_size=100_000_000, num_threads=1)
        for some in _batches(size):
            with load.running():
                for p in some:
                    writer.add_document(make(id=p.id, title=p.title, text=f"{p.title} {p.summary}"))
        with load.running():
            writer.commit()
            writer.wait_merging_threads()
        files = sum(file.stat().st_size for file in self._folder.iterdir())
        return Built(size / load.wall, size / load.cpu, files / size)

    def __call__(self, question: str) -> object:
        query, _ = self._index.parse_query_lenient(question, ["text"])
        return [self._searcher.doc(at) for _, at in self._searcher.search(query, PAGE).hits]


def _batches(size: int) -> Iterator[list[Paper]]:
    papers = _corpus.resampled(size)
    return iter(lambda: list(islice(papers, BATCH)), [])


Rival = Fts5 | Tantivy


def rivals(folder: Path, size: int) -> list[Rival]:
    rivals: list[Rival] = []
    for kind in (Fts5, Tantivy):
        try:
            rivals.append(kind(folder, size))
        except ImportError as error:
            print(f"Not measured against {kind.__name__}: {error}.")
    return rivals
