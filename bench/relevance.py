"""How well a search ranks, ours beside plain engines: one table, and where the truth may lie.

bench/relevance.py [--dev] [--sets A,B] [--engines A,B] [--measure ndcg|first|mrr]
"""

import asyncio
import hashlib
import re
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import _sets
import click
import numpy as np
from _sets import Corpus, Set

from bot.query.normal import words
from bot.search.encoder import Encoder, installed
from bot.search.engine import Engine
from bot.search.table import Table
from bot.store import Store, opened

Scores = dict[str, float]  # papers found, the best first
Find = Callable[[str], Scores]
OPEN = ExitStack()  # stores that are searched
DEEP = 1000  # how far down engines are fused
ASKED = {  # nDCG@10 of ours, and with the extra
    "scifact": ".72 / .75",
    "keywords": ".83 / .83",
    "typos": ".97 / .98",
    "paraphrases": ".48 / .52",
}


def fts5(corpus: Corpus) -> Find:
    """SQLite's own: stemmed, any of the words, a word of the title counts three times."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE papers USING fts5(id UNINDEXED, title, text, tokenize=porter)")
    rows = ((p.id, p.title, p.summary) for p in corpus.values())
    db.executemany("INSERT INTO papers VALUES (?, ?, ?)", rows)

    def find(query: str) -> Scores:
        match = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query))
        sql = """SELECT id, -bm25(papers, 0, 3, 1) AS score FROM papers WHERE papers MATCH ?
            ORDER BY score DESC LIMIT ?"""
        return dict(db.execute(sql, (match, DEEP))) if match else {}

    return find


def bm25s(corpus: Corpus) -> Find:
    """The library of that name, as its manual has it; the title twice."""
    import bm25s
    import Stemmer

    stemmer, ids = Stemmer.Stemmer("english"), np.array(list(corpus))

    def tokens(texts: list[str]) -> list[list[str]]:
        known = {"stopwords": "en", "stemmer": stemmer, "show_progress": False}
        return bm25s.tokenize(texts, return_ids=False, **known)

    index = bm25s.BM25()
    texts = [f"{p.title} {p.title} {p.summary}" for p in corpus.values()]
    index.index(tokens(texts), show_progress=False)

    def find(query: str) -> Scores:
        scores = index.get_scores(tokens([query])[0])
        return _best(ids, scores)

    return find


def table(corpus: Corpus) -> Find:
    """Our table of word vectors alone."""
    loaded = Table.load()
    vectors = loaded.embed([words(f"{p.title}. {p.summary}") for p in corpus.values()])
    ids = np.array(list(corpus))
    return lambda query: _best(ids, vectors @ loaded.embed([words(query)])[0])


def ours(corpus: Corpus) -> Find:
    """The bot's search as a person meets it: over a store, its first page of ten."""
    return _searched(Path(OPEN.enter_context(tempfile.TemporaryDirectory()), "papers.db"), corpus)


def semantic(corpus: Corpus) -> Find:
    """The same with the extra `semantic`. Its encoder takes minutes: the store is kept."""
    return _searched(_kept(corpus, "papers.db"), corpus, encoder=installed)


def _searched(
    path: Path, corpus: Corpus, encoder: Callable[[], Encoder | None] = lambda: None
) -> Find:
    runner = OPEN.enter_context(asyncio.Runner())
    store = opened(path)
    engine = runner.run(_filled(runner.run(store.__aenter__()), corpus, encoder))
    OPEN.callback(lambda: runner.run(store.__aexit__(None, None, None)))

    def find(query: str) -> Scores:
        hits = runner.run(engine.search(query, limit=_sets.DEPTH)).hits
        return {hit.paper.id: -float(rank) for rank, hit in enumerate(hits)}

    return find


async def _filled(store: Store, corpus: Corpus, encoder: Callable[[], Encoder | None]) -> Engine:
    engine = await Engine.over(store)
    await engine.use_encoder(encoder)
    await engine.add(list(corpus.values()))
    await engine.encode()
    return engine


def minilm(corpus: Corpus) -> Find:
    """The encoder alone: the stand-in for a site that searches by meaning only."""
    model, file = _encoder(), _kept(corpus, "minilm.npy")
    if not file.exists():
        np.save(file, model.embed([f"{p.title}. {p.summary}" for p in corpus.values()]))
    ids, vectors = np.array(list(corpus)), np.load(file)
    return lambda query: _best(ids, vectors @ model.embed([query])[0])


def tier2(corpus: Corpus) -> Find:
    """The plainest way to use both: a weighted sum of the three."""
    return fused({fts5: 0.4, table: 0.2, minilm: 0.4}, corpus)


def fused(weights: dict[Callable[[Corpus], Find], float], corpus: Corpus) -> Find:
    """Each engine's scores stretched to 0..1, weighted and added."""
    parts = [(make(corpus), weight) for make, weight in weights.items()]

    def find(query: str) -> Scores:
        total: Scores = {}
        for ask, weight in parts:
            scores = ask(query)
            low, high = min(scores.values(), default=0), max(scores.values(), default=0)
            for paper, score in scores.items():
                stretched = (score - low) / (high - low or 1)
                total[paper] = total.get(paper, 0) + weight * stretched
        return dict(sorted(total.items(), key=lambda pair: -pair[1]))

    return find


ENGINES: dict[str, Callable[[Corpus], Find]] = {
    "FTS5": fts5,
    "bm25s": bm25s,
    "table": table,
    "MiniLM": minilm,
    "tier 2": tier2,
    "ours": ours,
    "semantic": semantic,
}
SLOW = ("MiniLM", "tier 2", "semantic")  # minutes: only when asked for by name


def _best(ids: np.ndarray, scores: np.ndarray) -> Scores:
    order = np.argsort(-scores, kind="stable")[:DEEP]
    return dict(zip(ids[order].tolist(), scores[order].tolist(), strict=True))


def _encoder() -> Encoder:
    model = installed()
    if model is None:
        raise ImportError("the extra `semantic` is not installed")
    return model


def _kept(corpus: Corpus, name: str) -> Path:
    """What takes minutes to make stays in the temporary folder."""
    _encoder()
    text = "\n".join(f"{p.title}\n{p.summary}" for p in corpus.values())
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"daily-papers-{Encoder.id}-{key}-{name}")


def measured(find: Find, given: Set, measure: str) -> str:
    """The mean over all queries, and its 95 % interval."""
    each = [
        _sets.gains(list(find(query)), given.right[name])[measure]
        for name, query in given.queries.items()
    ]
    low, high = _sets.interval(each)
    return f"{np.mean(each):.3f} {low:.2f}-{high:.2f}".replace("0.", ".")


def show(names: Sequence[str], sets: dict[str, Set], measure: str) -> None:
    sizes = (f"{name} ({len(given.queries)})" for name, given in sets.items())
    print(f"\n{measure:<10}" + "".join(f"{size:>22}" for size in sizes))
    for name in names:
        built: dict[int, Find] = {}  # sets share papers
        try:
            for given in sets.values():
                if id(given.corpus) not in built:
                    built[id(given.corpus)] = ENGINES[name](given.corpus)
        except ImportError as error:
            print(f"{name:<10}  left out: {error}")
            continue
        cells = (measured(built[id(g.corpus)], g, measure) for g in sets.values())
        print(f"{name:<10}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
    if measure == "ndcg" and ASKED.keys() & sets:
        print(f"{'asked':<10}" + "".join(f"{ASKED.get(name, ''):<12}".rjust(22) for name in sets))


def _listed(_context: object, _option: object, names: str | None) -> list[str]:
    return [name.strip() for name in names.split(",")] if names else []


@click.command(help=__doc__)
@click.option("--dev", is_flag=True, help="The sets that weights are chosen on.")
@click.option("--sets", "chosen", callback=_listed, help=", ".join({**_sets.REPORTED, **_sets.DEV}))
@click.option("--engines", callback=_listed, help=", ".join(ENGINES))
@click.option("--measure", default="ndcg", type=click.Choice(["ndcg", "first", "mrr"]))
def main(dev: bool, chosen: list[str], engines: list[str], measure: str) -> None:
    if absent := _sets.missing():
        print(absent)
        return
    known = {**_sets.REPORTED, **_sets.DEV}
    unknown = set(chosen) - set(known) | set(engines) - set(ENGINES)
    if unknown:
        raise click.UsageError(f"There is no {' or '.join(sorted(unknown))}.")
    sets = {name: known[name]() for name in chosen or (_sets.DEV if dev else _sets.REPORTED)}
    with OPEN:
        show(engines or [name for name in ENGINES if name not in SLOW], sets, measure)


if __name__ == "__main__":
    main()
