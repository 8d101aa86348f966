"""A search has the authors and categories that a topic has: a paper's own, none across two."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.query.operators import Words
from bot.query.paper import PaperText
from bot.query.parse import parse
from bot.search.engine import Engine
from bot.store import opened
from tests.fakes import paper

TODAY = date(2026, 7, 23)
PAPERS = [
    paper(1, title="Residual networks", authors=("Kaiming He", "Xiangyu Zhang"),
          categories=("cs.CV",)),
    paper(2, title="Another network", authors=("He Xiangyu",), categories=("math-ph",)),
    paper(3, title="A network again", authors=("Zhang Wei", "Xiangyu He", "Jean-Luc Picard"),
          categories=("math.AG", "math-ph")),
    paper(4, title="Networks of networks", authors=("Jean", "Luc Besson"), categories=("math.ST",)),
    *(paper(n, title=f"Network {n}", authors=("Kaiming He", "Xiangyu Zhang"))
      for n in range(5, 19)),
]  # fmt: skip
QUERIES = [
    'author:"he xiangyu"', 'author:"xiangyu zhang"', 'author:"zhang wei"', 'author:"kaiming he"',
    'author:"zhang xiangyu"', 'author:jean-luc', 'author:"jean luc"', "author:he", "author:xiangyu",
    'network -author:"he xiangyu"', '-author:"he xiangyu" -author:"kaiming he" network',
    '-author:"he xiangyu" after:2001', 'author:"he xiangyu" OR author:"jean luc"',
    'network author:"he xiangyu"', 'author:"he xiangyu" sort:new', 'author:"he xiangyu" sort:votes',
    "cat:math", "cat:math-ph", "cat:math.AG", "cat:cs", "cat:math OR cat:cs", "network -cat:math",
]  # fmt: skip


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with opened(tmp_path / "papers.db") as store:
        engine = await Engine.over(store, today=lambda: TODAY)
        await engine.add(PAPERS)
        yield engine


@pytest.mark.parametrize("text", QUERIES)
async def test_a_search_finds_what_a_topic_matches(engine: Engine, text: str) -> None:
    query = parse(text, TODAY)
    named = query.dropping(Words)  # a search has papers near to its words, too
    expected = {one.id for one in PAPERS if named.matches(PaperText(one))}
    found = await engine.search(text, limit=100)
    assert {hit.paper.id for hit in found.hits} == expected
    assert found.total == found.matching == len(expected)


async def test_pages_of_an_authors_papers_are_all_there_are(engine: Engine) -> None:
    seen: list[str] = []
    for offset in range(0, 20, 4):
        found = await engine.search('author:"kaiming he"', limit=4, offset=offset)
        assert found.total == 15
        seen += [hit.paper.id for hit in found.hits]
    assert len(seen) == len(set(seen)) == 15
