"""Papers, queries and what each should find; and how good a ranking is.

scifact      claims and the abstracts that decide them (BEIR's test set)
keywords     three of a paper's own keywords           known items, as ../shared/tools makes them
typos        a title without its model's name, two words of it mistyped       (the same)
paraphrases  a paper as a reader half remembers it: the test half of paraphrases.tsv
...-dev      the same kinds from other papers, and the dev half: what weights are chosen on
claims-dev   a sentence of an abstract; the paper without it should be found
"""

import csv
import gzip
import json
import lzma
import random
import re
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from _table import ROOT

from bot import text
from bot.model import Paper
from bot.sources.fields import day

SHARED = ROOT.parent / "shared"
PARAPHRASES = Path(__file__).with_name("paraphrases.tsv")
DEPTH = 10  # results that are judged
DRAWS = 2000  # of the bootstrap
Corpus = dict[str, Paper]  # without keywords and summary a machine wrote: the queries quote them


@dataclass(frozen=True)
class Set:
    corpus: Corpus
    queries: dict[str, str]
    right: dict[str, set[str]]  # query -> the papers it should find


def missing() -> str:
    """What is needed and not there, in one sentence; empty: nothing."""
    needed = ("data/ir/scifact", "data/hf_daily", "data/arxiv_100k.jsonl.xz", "tools")
    absent = [name for name in needed if not (SHARED / name).exists()]
    return f"Not measured: {', '.join(absent)} not found in {SHARED}." if absent else ""


def scifact() -> Set:
    folder = SHARED / "data/ir/scifact"
    rows = _jsonl(gzip.decompress((folder / "corpus.jsonl.gz").read_bytes()))
    corpus = {row["_id"]: Paper(row["_id"], row["title"], row["text"]) for row in rows}
    return _beir(folder, corpus)


def keywords() -> Set:
    return _known_items()[0]


def typos() -> Set:
    return _known_items()[1]


def keywords_dev() -> Set:
    chosen = _others("keywords", [i for i, words in _keywords().items() if len(words) >= 4])
    return _own(daily(), {i: " ".join(_keywords()[i][:3]) for i in chosen})


def typos_dev() -> Set:
    mistype, rng = _tool()["mistype"], random.Random(7)
    named = {i: daily()[i].title for i in _others("typos", daily())}
    bare = {i: re.sub("^[^:]{2,40}:", "", title).strip() for i, title in named.items()}
    return _own(daily(), {i: mistype(title, rng) for i, title in bare.items()})


def claims_dev() -> Set:
    with lzma.open(SHARED / "data/arxiv_100k.jsonl.xz", "rt") as lines:
        rows = random.Random(7).sample(list(lines), 5000)
    papers = (json.loads(row) for row in rows)
    corpus = {p["id"]: Paper(p["id"], p["title"], p["abstract"]) for p in papers}
    claims = dict(islice(_claims(corpus.values(), random.Random(7)), 300))
    for paper_id, claim in claims.items():
        left = corpus[paper_id].summary.replace(claim, " ")
        corpus[paper_id] = replace(corpus[paper_id], summary=left)
    return _own(corpus, claims)


def paraphrases() -> Set:
    return _paraphrases("test")


def paraphrases_dev() -> Set:
    return _paraphrases("dev")


REPORTED: dict[str, Callable[[], Set]] = {
    "scifact": scifact,
    "keywords": keywords,
    "typos": typos,
    "paraphrases": paraphrases,
}
DEV: dict[str, Callable[[], Set]] = {
    "claims-dev": claims_dev,
    "keywords-dev": keywords_dev,
    "typos-dev": typos_dev,
    "paraphrases-dev": paraphrases_dev,
}


def gains(ranking: list[str], right: set[str]) -> dict[str, float]:
    """One query's nDCG@10, success@1 and reciprocal rank within ten; relevance is yes or no."""
    ranks = [rank for rank, paper in enumerate(ranking[:DEPTH]) if paper in right]
    ideal = sum(1 / np.log2(rank + 2) for rank in range(min(len(right), DEPTH)))
    return {
        "ndcg": float(sum(1 / np.log2(rank + 2) for rank in ranks) / ideal),
        "first": float(0 in ranks),
        "mrr": 1 / (ranks[0] + 1) if ranks else 0.0,
    }


def interval(values: list[float]) -> tuple[float, float]:
    """Where the mean lies in 95 of 100 draws of as many queries, with replacement."""
    draws = np.random.default_rng(0).choice(values, (DRAWS, len(values))).mean(axis=1)
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)


@cache
def daily() -> Corpus:
    """All papers of the Daily Papers record."""
    return {row["id"]: _paper(row) for row in _daily()}


@cache
def _keywords() -> dict[str, list[str]]:
    return {row["id"]: row.get("ai_keywords") or [] for row in _daily()}


@cache
def _daily() -> list[dict[str, Any]]:
    months = sorted((SHARED / "data/hf_daily").glob("*.jsonl.gz"))
    return [row["paper"] for month in months for row in _jsonl(gzip.decompress(month.read_bytes()))]


def _paper(row: dict[str, Any]) -> Paper:
    return Paper(
        row["id"],
        text.one_line(row["title"]),
        text.one_line(row["summary"]),
        tuple(author["name"] for author in row["authors"]),
        published=day(row["publishedAt"]),
        day=day(row.get("submittedOnDailyAt") or ""),
        votes=row.get("upvotes"),
        code=row.get("githubRepo"),
    )


def _tool() -> dict[str, Callable[..., str]]:
    return runpy.run_path(str(SHARED / "tools/make_query_sets.py"))


@cache
def _known_items() -> tuple[Set, Set]:
    tool = SHARED / "tools/make_query_sets.py"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, tool, folder], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        return _beir(Path(folder, "keywords"), daily()), _beir(Path(folder, "typos"), daily())


def _others(kind: str, papers: Iterable[str]) -> list[str]:
    """Papers for 600 queries more, none of them a reported set's."""
    reported = _known_items()[kind == "typos"].queries
    return random.Random(7).sample(sorted(set(papers) - set(reported)), 600)


def _claims(papers: Iterable[Paper], rng: random.Random) -> Iterator[tuple[str, str]]:
    for paper in papers:
        said = text.sentences(paper.summary)
        claim = rng.choice(said)
        if len(said) >= 4 and 8 <= len(claim.split()) <= 40:
            yield paper.id, claim


def _paraphrases(half: str) -> Set:
    with PARAPHRASES.open(newline="") as file:
        rows = list(csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE))
    return _own(daily(), {paper: query for which, paper, query in rows if which == half})


def _own(corpus: Corpus, queries: dict[str, str]) -> Set:
    """Each query should find the one paper it is named after."""
    return Set(corpus, queries, {paper: {paper} for paper in queries})


def _beir(folder: Path, corpus: Corpus) -> Set:
    right: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, paper, score = line.split("\t")
        if int(score) > 0:
            right.setdefault(query, set()).add(paper)
    asked = _jsonl((folder / "queries.jsonl").read_bytes())
    return Set(corpus, {q["_id"]: q["text"] for q in asked if q["_id"] in right}, right)


def _jsonl(lines: bytes) -> Iterator[dict[str, Any]]:
    return map(json.loads, lines.splitlines())
