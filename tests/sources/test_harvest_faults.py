"""A feed by arrival that goes wrong: what is good in it still comes, and nothing is passed by."""

import gzip
import logging
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.errors import SourceError
from bot.sources import arxiv, elements
from bot.sources.web import Pace
from tests.sources.archive import ARXIV, Archive, Entry, answer, error, page, reply
from tests.sources.feed import Clock
from tests.sources.harvest import Harvester, harvesting

DAY = timedelta(days=1)
TODAY = date(2025, 10, 1)


@pytest.fixture
async def harvester(archive: Archive, pace: Pace) -> AsyncIterator[Harvester]:
    async with harvesting(archive, pace) as harvester:
        yield harvester


def entry(number: int = 1, **fields: object) -> Entry:
    return Entry(f"2510.{number:05}", TODAY, **fields)  # type: ignore[arg-type]


async def refused(harvester: Harvester, said: bytes) -> SourceError:
    """The fault, and that the watermark stands where it stood."""
    harvester.archive.faults = [said]
    with pytest.raises(SourceError) as caught:
        await harvester.page()
    harvester.archive.announce("2510.00001")
    assert await harvester.drain() == ["2510.00001"], "nothing was passed by"
    return caught.value


@pytest.mark.parametrize(
    "said",
    [answer(b""), answer(b"<html><p>Rate exceeded.</html>"), answer(b"Rate exceeded."),
     answer({"error": "x"}), answer([]), answer(b"<OAI-PMH/>"), answer(reply("")),
     answer(reply("<ListRecords/>").replace(b"ListRecords", b"ListSets")),
     answer(reply("<ListRecords>")), answer(page(entry())[:-9]), answer(b"", 204),
     answer(page(entry()), 500), answer(b"", 404), answer(b"\xff\xfe\x00"),
     answer(b'<?xml version="1.0" encoding="klingon"?><a/>'),
     answer(error("badArgument")), answer(error("badVerb")), answer(error("noSetHierarchy")),
     answer(error('"><x y="')), answer(error("")), answer(page(entry(), token="t" * 5000)),
     answer(page(entry()), 302, Location="http://localhost:9/oai"),
     answer(page(entry()), 200, Content_Encoding="gzip"), answer(b"x", Content_Encoding="br")],
)  # fmt: skip
async def test_an_unusable_answer_is_a_fault_that_moves_nothing(
    harvester: Harvester, said: bytes
) -> None:
    await refused(harvester, said)


async def test_a_busy_archive_says_when_to_ask_again(
    archive: Archive, harvester: Harvester, clock: Clock
) -> None:
    archive.announce("2510.00001")
    archive.faults = [answer(b"", 503, Retry_After="40")]
    with pytest.raises(SourceError) as caught:
        await harvester.page()
    assert caught.value.retry_after == 40
    with pytest.raises(SourceError, match="pause"):
        await harvester.page()
    assert len(archive.asked) == 1, "nor is it asked before"
    clock.now += 40
    assert await harvester.drain() == ["2510.00001"]


async def test_a_fault_in_the_middle_goes_on_with_the_same_token(
    archive: Archive, harvester: Harvester, clock: Clock
) -> None:
    for number in range(8):
        archive.announce(f"2510.{number:05}")
    await harvester.page()
    for _ in range(20):
        archive.faults.append(answer(b"", 503, Retry_After="1"))
        with pytest.raises(SourceError):
            await harvester.page()
        clock.now += 1
    await harvester.drain()
    assert len(harvester.ids) == len(set(harvester.ids)) == 8
    assert len(archive.since) == 1


async def test_a_token_that_breaks_the_archive_is_given_up_in_time(
    archive: Archive, harvester: Harvester
) -> None:
    for number in range(5):
        archive.announce(f"2510.{number:05}")
    await harvester.page()
    archive.faults = [answer(b"", 500)] * arxiv.BROKEN
    assert await harvester.persist(50) == arxiv.BROKEN - 1
    assert len(set(harvester.ids)) == 5
    assert len(archive.since) == 2


MALFORMED = [
    "", "<arXiv/>", f"<arXiv {ARXIV}/>", f"<arXiv {ARXIV}><id>2510.00001</id></arXiv>",
    f"<arXiv {ARXIV}><id>2510.00001</id><title> </title></arXiv>",
    f"<arXiv {ARXIV}><title>A title</title></arXiv>",
    f"<arXiv {ARXIV}><id>../2510.00001</id><title>A title</title></arXiv>",
    f"<arXiv {ARXIV}><id>2510.00009</id><title>Another paper's</title></arXiv>",
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"/>',
]  # fmt: skip


@pytest.mark.parametrize("metadata", MALFORMED)
async def test_a_malformed_record_is_counted_and_the_rest_is_taken(
    archive: Archive, harvester: Harvester, caplog: pytest.LogCaptureFixture, metadata: str
) -> None:
    bad = entry(1, metadata=metadata)
    archive.entries = {one.id: one for one in (bad, entry(2), entry(3))}
    assert await harvester.drain() == ["2510.00002", "2510.00003"]
    [record] = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert record.getMessage() == "malformed records source=arxiv category=cs.CL n=1"


@pytest.mark.parametrize("metadata", MALFORMED)
async def test_a_list_mostly_malformed_is_a_fault(harvester: Harvester, metadata: str) -> None:
    bad = [entry(number, metadata=metadata) for number in (2, 3)]
    await refused(harvester, answer(page(entry(1), *bad)))


@pytest.mark.parametrize(
    ("written", "title"),
    [("a\x0bb", "ab"), ("a &#11; b &#x1f; c", "a b c"), ("a & b &nbsp; c", "a & b &nbsp; c"),
     ("AT&T", "AT&T"), ("a\ufffeb", "ab"), ("&lt;!DOCTYPE html&gt;", "<!DOCTYPE html>")],
)  # fmt: skip
async def test_a_character_that_xml_forbids_does_not_lose_the_page(
    harvester: Harvester, written: str, title: str
) -> None:
    body = page(entry(1), entry(2)).decode().replace("A title", written)
    harvester.archive.faults = [answer(body.encode())]
    changes = await harvester.source.changes("", TODAY)
    assert [paper.title for paper in changes.papers] == [title, title]


async def test_bytes_of_another_encoding_do_not_lose_the_page(harvester: Harvester) -> None:
    body = page(entry(title="Émile")).decode().replace(' encoding="UTF-8"', "")
    for encoding in ("latin-1", "utf-16"):
        harvester.archive.faults = [answer(body.encode(encoding))]
        [paper] = (await harvester.source.changes("", TODAY)).papers
        assert paper.title.endswith("mile")


async def test_records_of_another_time_are_a_fault(harvester: Harvester) -> None:
    old = [Entry(f"9901.0000{number}", date(1999, 1, 1)) for number in range(2)]
    fault = await refused(harvester, answer(page(entry(), *old)))
    assert "another time" in str(fault)


async def test_records_of_another_category_are_a_fault(harvester: Harvester) -> None:
    others = [entry(number, categories="quant-ph math-ph") for number in (2, 3)]
    fault = await refused(harvester, answer(page(entry(), *others)))
    assert "another category" in str(fault)


async def test_a_paper_cross_listed_or_by_a_second_name_is_of_its_category(
    archive: Archive, pace: Pace
) -> None:
    archive.announce("2510.00001", "quant-ph math-ph math.MP")
    async with harvesting(archive, pace, ["math.MP"]) as harvester:
        assert await harvester.drain() == ["2510.00001"]
        record = page(Entry("2510.00002", TODAY, "math.MP")).decode()
        renamed = record.replace("<categories>math.MP", "<categories>math-ph")
        archive.faults = [answer(renamed.encode())]
        assert await harvester.drain() == ["2510.00002"]


async def test_the_same_token_again_is_a_fault(archive: Archive, harvester: Harvester) -> None:
    said = answer(page(entry(), token="t"))
    archive.faults = [said, said]
    await harvester.page()
    with pytest.raises(SourceError, match="does not end"):
        await harvester.page()


@pytest.mark.parametrize(("lead", "length"), [(0, 2), (1, 2), (3, 5), (10, 7)])
async def test_tokens_that_come_round_are_a_fault_before_long(
    archive: Archive, harvester: Harvester, lead: int, length: int
) -> None:
    tokens = [f"lead{n}" for n in range(lead)] + [f"round{n}" for n in range(length)] * 50
    archive.faults = [answer(page(entry(), token=token)) for token in tokens]
    with pytest.raises(SourceError, match="does not end"):
        await harvester.drain(pages=200)
    assert len(archive.asked) <= 4 * (lead + length)


async def test_a_list_of_ever_new_tokens_is_given_up(
    archive: Archive, harvester: Harvester, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 2_000 <= arxiv.PAGES <= 10_000
    monkeypatch.setattr(arxiv, "PAGES", 20)
    archive.faults = [answer(page(entry(), token=f"t{number}")) for number in range(30)]
    with pytest.raises(SourceError, match="does not end"):
        await harvester.drain()
    assert len(archive.asked) == 21
    archive.today += DAY
    assert await harvester.page(), "with the next day it goes on where it was"


@pytest.mark.parametrize(
    "said",
    [answer(b"", 500), answer(error("badArgument")), answer(b"garbage"),
     answer(page(entry(metadata=""))), answer(page(Entry("2510.00001", date(1999, 1, 1))))],
)  # fmt: skip
async def test_a_category_that_fails_for_ever_does_not_keep_the_others(
    archive: Archive, pace: Pace, said: bytes
) -> None:
    archive.broken_sets["cs:cs:CL"] = said
    async with harvesting(archive, pace, ["cs.CL", "cs.LG", "hep-th"]) as harvester:
        for week in range(3):
            archive.announce(f"2510.1000{week}", "cs.LG")
            archive.announce(f"2510.2000{week}", "hep-th")
            assert await harvester.persist(12) >= 1, "it is said each time"
            archive.today += 7 * DAY
    assert len(set(harvester.ids)) == 6


async def test_a_category_that_failed_for_long_comes_whole_when_it_answers_again(
    archive: Archive, pace: Pace
) -> None:
    async with harvesting(archive, pace, ["cs.CL", "cs.LG"]) as harvester:
        await harvester.drain()
        archive.broken_sets["cs:cs:CL"] = answer(b"", 500)
        for number in range(20):
            archive.announce(f"2510.{number:05}", "cs.CL")
            await harvester.persist(3)
            archive.today += DAY
        archive.broken_sets.clear()
        await harvester.drain()
    assert len(set(harvester.ids)) == 20


async def test_a_failure_names_its_category_and_becomes_loud_after_a_day(
    archive: Archive, harvester: Harvester, caplog: pytest.LogCaptureFixture
) -> None:
    await harvester.drain()
    for days in (0, 1, 2):
        archive.faults = [answer(b"", 500)]
        with pytest.raises(SourceError, match=r"answered 500 for cs\.CL"):
            await harvester.source.changes(harvester.watermark, archive.today + days * DAY)
    levels = [record.levelno for record in caplog.records]
    assert levels == [logging.WARNING, logging.WARNING, logging.ERROR]
    assert "category=cs.CL" in caplog.text and "answered 500" in caplog.text


def bomb() -> bytes:
    """9,000 uses of a 100 KB entity behind a comment that lets expat allow it."""
    declared = f'<!DOCTYPE x [<!ENTITY e "{"e" * 100_000}">]>'
    return f"<!--{'c' * 9_000_000}-->{declared}<x>{'&e;' * 9_000}</x>".encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
async def test_a_document_type_is_refused_unread(harvester: Harvester, encoding: str) -> None:
    declared = '?><!DOCTYPE x [<!ENTITY e "A title">]>'
    inside = page(entry()).decode().replace("?>", declared).replace("<title>A title", "<title>&e;")
    for body in (
        inside.encode(),
        bomb(),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///dev/null">]><x>&e;</x>',
    ):
        said = body.decode().replace(' encoding="UTF-8"', "").encode(encoding)
        await refused(harvester, answer(said))


async def test_too_many_elements_are_refused(
    harvester: Harvester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elements, "ELEMENTS", 1000)
    await refused(harvester, answer(reply(f"<ListRecords>{'<x/>' * 1001}</ListRecords>")))


async def test_an_answer_too_large_is_refused(
    archive: Archive, pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arxiv, "LARGEST", 2 * 2**20)
    packed = answer(gzip.compress(bytes(50 * 2**20)), Content_Encoding="gzip")
    async with harvesting(archive, pace) as harvester:
        assert "2 MB" in str(await refused(harvester, packed))


async def test_authors_without_end_are_cut_off(archive: Archive, harvester: Harvester) -> None:
    author = f"<author><keyname>{'k' * 1000}</keyname></author>"
    metadata = (
        f"<arXiv {ARXIV}><id>2510.00001</id><title>{'t' * 20_000}</title>"
        f"<authors>{author * 7_000}</authors><abstract>{'a' * 20_000}</abstract></arXiv>"
    )
    archive.announce("2510.00001", metadata=metadata)
    [paper] = (await harvester.source.changes("", archive.today)).papers
    assert 5_154 <= len(paper.authors) < 7_000, "the longest real list is whole"
    assert len(paper.authors[0]) <= 1000 and len(paper.title) == len(paper.summary) == 10_000
