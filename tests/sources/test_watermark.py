"""A watermark: what it holds survives restarts, other settings, and clocks that were wrong."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.sources.web import Pace
from tests.sources.archive import Archive, Entry, answer, error, page
from tests.sources.harvest import Harvester, harvesting

DAY = timedelta(days=1)


@pytest.fixture
async def harvester(archive: Archive, pace: Pace) -> AsyncIterator[Harvester]:
    async with harvesting(archive, pace) as harvester:
        yield harvester


def days_before(archive: Archive, day: str) -> int:
    return (archive.today - date.fromisoformat(day)).days


async def test_a_category_added_later_begins_a_few_days_back(archive: Archive, pace: Pace) -> None:
    archive.announce("2510.00001", "cs.CL")
    async with harvesting(archive, pace) as harvester:
        await harvester.drain()
    archive.today += 40 * DAY
    archive.announce("2511.00002", "cs.LG")
    async with harvesting(archive, pace, ["cs.CL", "cs.LG"], harvester.watermark) as harvester:
        await harvester.drain()
    known, new = archive.since[1:]
    assert known == "2025-09-30", "where the first one was"
    assert 2 <= days_before(archive, new) <= 7


async def test_a_category_that_was_removed_is_forgotten(archive: Archive, pace: Pace) -> None:
    archive.announce("2510.00001", "cs.CL")
    async with harvesting(archive, pace) as harvester:
        await harvester.drain()
    async with harvesting(archive, pace, ["cs.LG"], harvester.watermark) as harvester:
        await harvester.drain()
    assert "cs.CL" not in harvester.watermark
    archive.today += 40 * DAY
    async with harvesting(archive, pace, watermark=harvester.watermark) as harvester:
        await harvester.drain()
    assert days_before(archive, archive.since[-1]) <= 7


async def test_a_datestamp_from_the_future_does_not_move_it_there(
    archive: Archive, harvester: Harvester
) -> None:
    archive.entries["2510.00001"] = Entry("2510.00001", date(2099, 1, 1))
    await harvester.drain()
    archive.today += DAY
    archive.announce("2510.00002")
    archive.today += 40 * DAY
    assert "2510.00002" in await harvester.drain()


@pytest.mark.parametrize(
    "last", [page(Entry("2510.00003", date(2025, 9, 29))), error("noRecordsMatch")]
)
async def test_the_newest_datestamp_of_all_pages_counts(
    archive: Archive, harvester: Harvester, last: bytes
) -> None:
    newer = Entry("2510.00001", archive.today)
    older = Entry("2510.00002", archive.today - 2 * DAY)
    pages = (page(newer, token="t"), page(older, token="u"), last)
    archive.faults = [answer(said) for said in pages]
    await harvester.drain()
    await harvester.drain()
    assert archive.since[1:] == [str(archive.today - DAY)]


async def test_a_clock_that_was_ahead_leaves_no_hole(
    archive: Archive, harvester: Harvester
) -> None:
    changes = await harvester.source.changes("", archive.today)
    ahead = changes.watermark.replace("2025", "2026")
    harvester.watermark = ahead
    archive.announce("2510.00001")
    assert await harvester.drain() == ["2510.00001"]


@pytest.mark.parametrize(
    "unreadable", ["7", "[]", "{}", '{"at": 7}', '{"at": {"cs.CL": {"day": "soon"}}}', "\ud800"]
)
async def test_a_watermark_that_cannot_be_read_begins_a_few_days_back(
    archive: Archive, pace: Pace, caplog: pytest.LogCaptureFixture, unreadable: str
) -> None:
    archive.announce("2510.00001")
    async with harvesting(archive, pace, watermark=unreadable) as harvester:
        assert await harvester.drain() == ["2510.00001"]
    assert "watermark unreadable source=arxiv" in caplog.text
