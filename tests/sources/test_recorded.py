"""Every recorded answer of the real feeds, where the recordings are at hand."""

import gzip
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from bot import __version__
from bot.errors import NotOpenYet, SourceError
from bot.sources import huggingface
from bot.sources.atom import parse_feed
from bot.sources.huggingface import HuggingFace, parse_list
from tests.replay import replay, shared_dir
from tests.sources.feed import Feed, answer, serving

NOW = "2025-10-01T12:00:00Z"


@pytest.fixture(scope="module")
def recordings() -> Path:
    shared = shared_dir()
    if not shared:
        pytest.skip("the recordings are not beside this checkout")
    return shared / "data"


class Recorded(Feed):
    """The recorded lists as the feed gives them, a hundred items a page."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.lists: dict[str, list[dict]] = {}
        for path in sorted(folder.glob("*.jsonl.gz")):
            for line in gzip.decompress(path.read_bytes()).splitlines():
                item = json.loads(line)
                self.lists.setdefault(item.pop("_date"), []).append(item)

    def reply(self, path: str, query: dict[str, str]) -> bytes:
        items, at = self.lists[query["date"]], 100 * int(query.get("p", 0))
        more = {"Link": f'<{path}?p={at // 100 + 1}>; rel="next"'} if at + 100 < len(items) else {}
        return answer(items[at : at + 100], 200, **more)


async def test_no_recorded_list_is_taken_for_another_days(recordings: Path) -> None:
    total: Counter[str] = Counter()
    async with serving(Recorded(recordings / "hf_daily")) as feed:
        source = HuggingFace(feed.base)
        for day, items in feed.lists.items():
            papers = await source.fetch(date.fromisoformat(day))
            assert {paper.day for paper in papers} == {date.fromisoformat(day)}
            named = [str(item["paper"].get("submittedOnDailyAt") or "")[:10] for item in items]
            withdrawn = sum("withdrawnAt" in item["paper"] for item in items)
            total.update(items=len(items), papers=len(papers), withdrawn=withdrawn)
            total.update(unnamed=named.count(""), others=sum(n not in ("", day) for n in named))
            total.update(code=sum(bool(paper.code) for paper in papers))
            total.update(people=sum(bool(paper.authors) for paper in papers))
        await source.close()
    assert (total["items"], total["papers"], total["withdrawn"]) == (10161, 10159, 2)
    assert (total["unnamed"], total["others"]) == (156, 21)
    assert total["code"] == 5739
    assert total["people"] > 10_100


@pytest.mark.parametrize(
    ("name", "papers"),
    [("hf_daily_papers_date_2024-05-27.json", 13),
     ("hf_daily_papers_date_2025-09-30_limit50.json", 50), ("hf_papers_search_kazakh.json", 9)],
)  # fmt: skip
def test_a_raw_list_is_read_whole(recordings: Path, name: str, papers: int) -> None:
    assert len(parse_list((recordings / "recorded" / name).read_bytes())) == papers


@pytest.mark.parametrize(
    ("name", "entries"), [("arxiv_query_20260614.xml", 5), ("arxiv_query_20260802.xml", 25)]
)
def test_a_raw_feed_is_read_whole(recordings: Path, name: str, entries: int) -> None:
    papers = parse_feed((recordings / "recorded" / name).read_bytes())
    assert len(papers) == entries
    assert all(p.summary and p.authors and p.published and p.categories for p in papers)


async def test_a_replayed_day_comes_whole_over_one_page_or_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with replay(now=NOW) as feed:
        source = HuggingFace(feed.base)
        one = await source.fetch(date(2025, 9, 30))
        monkeypatch.setattr(huggingface, "LIMIT", 30)
        many = await source.fetch(date(2025, 9, 30))
        await source.close()
        log = feed.log()
    assert len(one) == 82
    assert many == one
    assert {paper.day for paper in one} == {date(2025, 9, 30)}
    assert len(log) == 4
    assert {entry["ua"] for entry in log} == {f"daily-papers/{__version__}"}


async def test_a_replayed_feed_knows_its_days_and_papers() -> None:
    with replay(now=NOW) as feed:
        source = HuggingFace(feed.base)
        assert await source.newest() == date(2025, 10, 1)
        assert await source.fetch(date(2025, 9, 28)) == ()  # a Sunday
        with pytest.raises(NotOpenYet):
            await source.fetch(date(2025, 10, 2))
        found = await source.find("2509.24006")
        assert found and found.day == date(2025, 9, 30)
        assert await source.find("2509.99999") is None
        for fault in ("503:1", "garbage:1", "drop:1"):
            feed.set(faults=[fault])
            with pytest.raises(SourceError):
                await source.fetch(date(2025, 9, 30))
        feed.set(faults=[], now="2025-10-02T00:00:00Z")
        assert await source.fetch(date(2025, 10, 2))
        await source.close()
