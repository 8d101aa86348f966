"""What arrived at arXiv: by datestamp, category after category, page after page."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.model import Paper
from bot.sources.arxiv import Arxiv
from bot.sources.web import Pace
from tests.sources.archive import Archive, Entry, answer, error, page
from tests.sources.feed import Clock
from tests.sources.harvest import NOWHERE, Harvester, harvesting

DAY = timedelta(days=1)
ARXIV = 'xmlns="http://arxiv.org/OAI/arXiv/"'


@pytest.fixture
async def harvester(archive: Archive, pace: Pace) -> AsyncIterator[Harvester]:
    async with harvesting(archive, pace) as harvester:
        yield harvester


def days_before(archive: Archive, day: str) -> int:
    return (archive.today - date.fromisoformat(day)).days


async def test_the_first_question_is_for_a_few_days_in_one_set(
    archive: Archive, harvester: Harvester
) -> None:
    archive.announce("2510.00001")
    assert await harvester.drain() == ["2510.00001"]
    [asked] = archive.lists
    assert 2 <= days_before(archive, asked.pop("from")) <= 7
    assert asked == {"metadataPrefix": "arXiv", "set": "cs:cs:CL"}


@pytest.mark.parametrize(
    "category",
    ["cs.CL", "cs", "math.AG", "stat.ML", "q-bio.BM", "hep-th", "physics.bio-ph", "astro-ph.CO",
     "astro-ph", "cond-mat.mes-hall", "math-ph", "math.MP", "eess.AS", "econ.GN", "q-fin.EC"],
)  # fmt: skip
async def test_a_category_is_asked_for_by_the_name_of_its_set(
    archive: Archive, pace: Pace, category: str
) -> None:
    archive.announce("2510.00001", category)
    archive.announce("2510.00002", "quant-ph")
    async with harvesting(archive, pace, [category]) as harvester:
        assert await harvester.drain() == ["2510.00001"]


async def test_every_field_has_its_place(archive: Archive, harvester: Harvester) -> None:
    metadata = f"""<arXiv {ARXIV}>
      <id>2509.13677</id><created>2025-09-25</created><updated>2025-09-29</updated>
      <authors>
        <author><keyname>da Rocha</keyname><forenames>Roldão</forenames>
          <affiliation>A Lab</affiliation></author>
        <author><keyname>Rodrigues</keyname><forenames>Waldyr A.</forenames><suffix>Jr</suffix>
        </author>
        <author><keyname>ATLAS Collaboration</keyname></author><author/>
      </authors>
      <title>Two
        lines of $\\ell_p$</title>
      <categories>cs.CL cs.LG  stat.ML</categories><comments>3 pages</comments>
      <license>http://arxiv.org/licenses/nonexclusive-distrib/1.0/</license>
      <abstract>  One paragraph &lt; two.
        It ends.</abstract></arXiv>"""
    archive.announce("2509.13677", "cs.CL cs.LG", metadata=metadata)
    changes = await harvester.source.changes("", archive.today)
    assert changes.papers == (
        Paper(
            id="2509.13677",
            title="Two lines of $\\ell_p$",
            summary="One paragraph < two. It ends.",
            authors=("Roldão da Rocha", "Waldyr A. Rodrigues Jr", "ATLAS Collaboration"),
            published=date(2025, 9, 25),
            categories=("cs.CL", "cs.LG", "stat.ML"),
        ),
    )
    assert not changes.more


@pytest.mark.parametrize(
    ("paper_id", "created", "published"),
    [("2509.00001", "2025-09-30", date(2025, 9, 30)), ("2508.12220", "2026-08-12", None),
     ("2510.00001", "2025-09-30", date(2025, 9, 30)), ("2508.12220", "2025-09-01", None),
     ("2510.00001", "2025-06-02", date(2025, 6, 2)), ("2512.00001", "2026-01-02", None),
     ("cs/0112017", "2001-12-11", date(2001, 12, 11)), ("cs/0112017", "2002-01-11", None),
     ("hep-th/9901001", "1999-01-01", date(1999, 1, 1)), ("hep-th/9901001", "2009-01-01", None),
     ("2510.00001", "soon", None), ("2510.00001", "", None)],
)  # fmt: skip
async def test_a_newer_versions_date_is_not_taken_for_the_first_ones(
    archive: Archive, harvester: Harvester, paper_id: str, created: str, published: date | None
) -> None:
    archive.announce(paper_id, created=created)
    [paper] = (await harvester.source.changes("", archive.today)).papers
    assert paper.published == published


async def test_a_list_of_many_pages_comes_page_by_page_three_seconds_apart(
    archive: Archive, harvester: Harvester, clock: Clock
) -> None:
    ids = [f"2510.{number:05}" for number in range(8)]
    for paper_id in ids:
        archive.announce(paper_id)
    assert [await harvester.page() for _ in range(3)] == [True, True, False]
    assert harvester.ids == ids
    assert [set(query) for query in archive.lists][1:] == [{"resumptionToken"}] * 2
    assert clock.slept == [3, 3]


async def test_what_was_read_is_not_read_again_but_for_a_days_overlap(
    archive: Archive, harvester: Harvester
) -> None:
    start = archive.today
    await harvester.drain()
    for _ in range(6):
        archive.announce(f"2510.{archive.today.day:05}")
        archive.today += DAY
    assert len(await harvester.drain()) == 6
    archive.announce("2510.99999")
    assert await harvester.drain() == ["2510.00005", "2510.00006", "2510.99999"]
    assert archive.since[-1] == str(start + 4 * DAY)


async def test_nothing_new_is_an_empty_page_and_no_step_forward(
    archive: Archive, harvester: Harvester
) -> None:
    for _ in range(3):
        assert await harvester.drain() == []
        archive.today += 30 * DAY
    assert len(set(archive.since)) == 1, "nothing arrived that it could have moved to"


async def test_a_paper_that_changed_comes_again(archive: Archive, harvester: Harvester) -> None:
    archive.announce("2401.00001")
    await harvester.drain()
    archive.today += 9 * DAY
    archive.announce("2401.00001", title="A better title")
    changes = await harvester.source.changes(harvester.watermark, archive.today)
    assert [paper.title for paper in changes.papers] == ["A better title"]


async def test_every_category_is_asked_to_its_end_in_one_round(
    archive: Archive, pace: Pace
) -> None:
    for number in range(5):
        archive.announce(f"2510.1{number:04}", "cs.CL")
        archive.announce(f"2510.2{number:04}", "cs.LG")
    async with harvesting(archive, pace, ["cs.CL", "cs.LG", "hep-th"]) as harvester:
        assert len(await harvester.drain()) == 10
        assert [query["set"] for query in archive.lists if "set" in query] == [
            "cs:cs:CL", "cs:cs:LG", "physics:hep-th",
        ]  # fmt: skip
        await harvester.drain()
        assert len(archive.since) == 6, "and all of them again in the next"


async def test_a_category_named_twice_is_asked_once(archive: Archive, pace: Pace) -> None:
    async with harvesting(archive, pace, ["cs.CL", "cs.CL"]) as harvester:
        await harvester.drain()
    assert len(archive.lists) == 1


async def test_without_categories_nothing_is_asked(archive: Archive, pace: Pace) -> None:
    async with harvesting(archive, pace, []) as harvester:
        assert await harvester.drain() == []
    assert archive.asked == []


async def test_deleted_records_are_passed_over(archive: Archive, harvester: Harvester) -> None:
    for number in range(3):
        archive.announce(f"2510.0000{number}", deleted=number < 2)
    assert await harvester.drain() == ["2510.00002"]


async def test_a_list_of_deleted_records_is_empty(archive: Archive, harvester: Harvester) -> None:
    archive.announce("2510.00001", deleted=True)
    assert await harvester.drain() == []


async def test_an_expired_token_goes_back_to_the_day_of_its_category(
    archive: Archive, harvester: Harvester
) -> None:
    for number in range(8):
        archive.announce(f"2510.{number:05}")
    await harvester.page()
    archive.expire_tokens()
    await harvester.drain()
    assert len(set(harvester.ids)) == 8
    assert len(archive.since) == 2 and len(set(archive.since)) == 1


@pytest.mark.parametrize("said", [error("badArgument"), error("badResumptionToken")])
async def test_tokens_that_are_always_refused_are_not_asked_for_without_end(
    archive: Archive, pace: Pace, said: bytes
) -> None:
    token = page(Entry("2510.00001", archive.today), token="t")
    archive.broken_sets["cs:cs:CL"] = answer(token)  # none of its tokens is known
    archive.announce("2510.00002", "cs.LG")
    async with harvesting(archive, pace, ["cs.CL", "cs.LG"]) as harvester:
        assert "2510.00002" in await harvester.drain(pages=10)
        first = len(archive.lists)
        del archive.broken_sets["cs:cs:CL"]
        archive.announce("2510.00003")
        assert "2510.00003" in await harvester.drain(), "its day was not passed"
    assert first < 10


async def test_a_token_is_sent_back_as_it_was(archive: Archive, harvester: Harvester) -> None:
    token = " a%3Db%2526c+d&amp;e|f/g==\n"
    archive.faults = [answer(page(Entry("2510.00001", archive.today), token=token))]
    await harvester.page()
    archive.faults = [answer(page(Entry("2510.00002", archive.today)))]
    assert not await harvester.page()
    assert archive.lists[-1] == {"resumptionToken": "a%3Db%2526c+d&e|f/g=="}


async def test_an_empty_token_is_the_end(archive: Archive, harvester: Harvester) -> None:
    last = page(Entry("2510.00001", archive.today)).replace(
        b"</ListRecords>", b"<resumptionToken/></ListRecords>"
    )
    archive.faults = [answer(last)]
    assert not await harvester.page()


async def test_a_feed_is_asked_every_few_hours(harvester: Harvester) -> None:
    assert timedelta(hours=1) <= harvester.source.every <= DAY
    assert Arxiv((), NOWHERE, NOWHERE).name == "arxiv"
