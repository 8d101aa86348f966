"""A floor under the ranking: for each kind of query, how near to the top its paper stands.

The papers and queries beside this file are invented for it. `bench/relevance.py` measures real
ones; this only tells that a change made search worse.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.search.engine import Engine
from bot.store import Store
from tests.fakes import on, paper

HERE = Path(__file__).parent
TOP = 10
# nDCG@10, a little below what is measured: 1, 1, 1, .661 and 1.
FLOORS = {"names": 0.98, "words": 0.98, "slips": 0.95, "paraphrases": 0.65, "phrases": 0.98}


def lines(name: str) -> Iterator[list[str]]:
    """The tab-separated fields of each line of a file beside this one."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        yield line.split("\t")


def ndcg(found: list[str], wanted: str) -> float:
    """Of one query with one right answer: 1 where it is first, .63 where second, 0 below the tenth.

    Järvelin and Kekäläinen 2002; with one answer the ideal gain is 1.
    """
    return 1 / math.log2(2 + found.index(wanted)) if wanted in found else 0.0


async def shelved(store: Store) -> Engine:
    shelf = [
        paper(int(number), title=title, summary=summary, authors=tuple(authors.split(", ")))
        for number, title, summary, authors in lines("papers.tsv")
    ]
    engine = await Engine.over(store, today=lambda: on("2025-06-10"))
    await engine.add(shelf)
    return engine


async def test_each_kind_of_query_finds_its_papers_near_the_top(store: Store) -> None:
    engine = await shelved(store)
    scores = defaultdict[str, list[float]](list)
    for kind, number, query in lines("queries.tsv"):
        found = await engine.search(query, limit=TOP)
        ids = [hit.paper.id for hit in found.hits]
        scores[kind].append(ndcg(ids, paper(int(number)).id))
    means = {kind: sum(of) / len(of) for kind, of in scores.items()}
    assert means.keys() == FLOORS.keys()
    low = {kind: round(mean, 3) for kind, mean in means.items() if mean < FLOORS[kind]}
    assert not low, f"nDCG@{TOP} below its floor: {low} of {FLOORS}"


def test_ndcg_counts_a_lower_place_less() -> None:
    assert ndcg(["a", "b"], "a") == 1
    assert ndcg(["a", "b"], "b") == pytest.approx(0.63, abs=0.01)
    assert ndcg(["a", "b"], "c") == 0
