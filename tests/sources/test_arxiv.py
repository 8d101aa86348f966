"""arXiv's Atom replies, and its one request every three seconds."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model import Paper
from bot.sources.arxiv import PAGES, SPACING, Arxiv, parse_feed
from bot.sources.web import Web
from tests.sources.feed import Clock, Feed, answer

DAY = date(2025, 9, 30)
NOT_A_LIST = "arXiv answered something that is not a list of papers"


@pytest.fixture
async def source(feed: Feed, clock: Clock) -> AsyncIterator[Arxiv]:
    web = Web(feed.base, "arXiv", spacing=SPACING, clock=clock, sleep=clock.sleep)
    source = Arxiv(("cs.CL", "cs.LG"), feed.base, web)
    yield source
    await source.close()


def entry(paper_id: str = "2510.00001v1", title: str = "A title", rest: str = "") -> str:
    return f"<entry><id>http://arxiv.org/abs/{paper_id}</id><title>{title}</title>{rest}</entry>"


def atom(*entries: str, total: int | str | None = None) -> bytes:
    total = len(entries) if total is None else total
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:o="http://a9.com/-/spec/opensearch/1.1/"'
        ' xmlns:arxiv="http://arxiv.org/schemas/atom">'
        f"<o:totalResults>{total}</o:totalResults>{''.join(entries)}</feed>"
    ).encode()


def read(*entries: str) -> list[Paper]:
    return parse_feed(atom(*entries))[0]


ERROR = "<entry><id>http://arxiv.org/api/errors#bad_id</id><title>Error</title></entry>"


async def test_a_day_is_asked_for_by_submission_in_every_category(
    feed: Feed, source: Arxiv
) -> None:
    feed.script(answer(atom(entry())))
    assert await source.fetch(DAY) == (Paper("2510.00001", "A title"),)
    [(path, asked)] = feed.asked
    window = "submittedDate:[202509300000 TO 202509302359]"
    assert path == "/api/query"
    assert asked == {
        "search_query": f"(cat:cs.CL OR cat:cs.LG) AND {window}",
        "sortBy": "submittedDate",
        "sortOrder": "descending",
        "start": "0",
        "max_results": "200",
    }


async def test_pages_are_read_to_the_total_three_seconds_apart(
    feed: Feed, source: Arxiv, clock: Clock
) -> None:
    feed.script(
        answer(atom(entry("2510.00001v1"), entry("2510.00002v1"), total=3)),
        answer(atom(entry("2510.00003v1"), total=3)),
    )
    ids = [paper.id for paper in await source.fetch(DAY)]
    assert ids == ["2510.00001", "2510.00002", "2510.00003"]
    assert [asked["start"] for _, asked in feed.asked] == ["0", "2"]
    assert clock.slept == [3]


async def test_the_pause_holds_over_callers_that_come_together(
    feed: Feed, source: Arxiv, clock: Clock
) -> None:
    feed.script(answer(atom(entry())))
    await asyncio.gather(source.fetch(DAY), source.find("2510.00001"), source.find("2510.00001"))
    assert (clock.slept, clock.now) == ([3, 3], 1006)


async def test_an_empty_page_before_the_end_is_not_passed_off_as_the_day(
    feed: Feed, source: Arxiv
) -> None:
    feed.script(answer(atom(entry(), total=7)), answer(atom(total=7)))
    with pytest.raises(SourceError, match="whole list"):
        await source.fetch(DAY)
    assert len(feed.asked) == 2, "nor asked for again and again"


async def test_a_feed_without_end_is_given_up(feed: Feed, source: Arxiv) -> None:
    feed.script(answer(atom(entry(), total=10**6)))
    with pytest.raises(SourceError, match="whole list"):
        await source.fetch(DAY)
    assert len(feed.asked) == PAGES


async def test_a_day_without_papers_is_empty(feed: Feed, source: Arxiv) -> None:
    feed.script(answer(atom()))
    assert await source.fetch(DAY) == ()


async def test_a_refused_query_is_a_fault(feed: Feed, source: Arxiv) -> None:
    feed.script(answer(atom(ERROR)), answer(b"", 400))
    with pytest.raises(SourceError, match="not a list of papers"):
        await source.fetch(DAY)
    with pytest.raises(SourceError, match="arXiv answered 400"):
        await source.fetch(DAY)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><p>Rate exceeded.</html>", b"Rate exceeded.", b"[]", b"<feed/>", atom()[:-9],
     atom(total="many"), b'<?xml version="1.0" encoding="klingon"?><feed/>', b"\xff\xfe\x00"],
)  # fmt: skip
async def test_garbage_is_no_list(feed: Feed, source: Arxiv, body: bytes) -> None:
    feed.script(answer(body))
    with pytest.raises(SourceError) as caught:
        await source.fetch(DAY)
    assert str(caught.value) == NOT_A_LIST


def test_entities_that_multiply_are_refused() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "0123456789">{levels}]><feed>&e11;</feed>'
    with pytest.raises(SourceError):
        parse_feed(bomb.encode())


def test_entities_from_elsewhere_are_not_read(tmp_path: object) -> None:
    secret = f"{tmp_path}/secret"
    outside = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    with pytest.raises(SourceError):
        parse_feed(outside + atom(entry(title="&e;")).partition(b"?>")[2])


async def test_there_is_no_newest_list(feed: Feed, source: Arxiv) -> None:
    assert await source.newest() is None
    assert feed.asked == []


async def test_a_paper_is_found_by_id(feed: Feed, source: Arxiv) -> None:
    feed.script(answer(atom(entry())))
    assert await source.find("2510.00001v2") == Paper("2510.00001", "A title")
    assert feed.asked == [("/api/query", {"id_list": "2510.00001", "max_results": "1"})]


@pytest.mark.parametrize("said", [answer(b"<error/>", 400), answer(atom()), answer(atom(ERROR))])
async def test_an_unknown_paper_is_none(feed: Feed, source: Arxiv, said: bytes) -> None:
    feed.script(said)
    assert await source.find("2510.99999") is None


async def test_what_is_no_id_is_not_asked_for(feed: Feed, source: Arxiv) -> None:
    assert await source.find("all:electron&max_results=30000") is None
    assert feed.asked == []


def test_every_field_has_its_place() -> None:
    rest = """
      <summary>  One
      paragraph &lt; two.
      </summary>
      <category term="cs.AI"/><category term="cs.RO"/><arxiv:primary_category term="cs.RO"/>
      <published>2026-06-11T17:59:49Z</published><updated>2026-07-01T00:00:00Z</updated>
      <author><name>A. One</name><arxiv:affiliation>X</arxiv:affiliation></author>
      <author><name> </name></author><author><name>B. Two</name></author>
      <link href="https://arxiv.org/pdf/2606.13677v1" title="pdf"/>"""
    assert read(entry("2606.13677v1", "Two\n lines", rest)) == [
        Paper(
            id="2606.13677",
            title="Two lines",
            summary="One paragraph < two.",
            authors=("A. One", "B. Two"),
            published=date(2026, 6, 11),
            categories=("cs.RO", "cs.AI"),
        )
    ]


@pytest.mark.parametrize(
    ("given_id", "paper_id"),
    [("2401.01234", "2401.01234"), ("0704.0001v12", "0704.0001"), ("cs/0112017v1", "cs/0112017"),
     ("math.GT/0309136v2", "math.GT/0309136"), ("hep-th/9901001", "hep-th/9901001")],
)  # fmt: skip
def test_ids_lose_their_version(given_id: str, paper_id: str) -> None:
    assert [paper.id for paper in read(entry(given_id))] == [paper_id]


@pytest.mark.parametrize("bad", [ERROR, entry(title=" "), entry("nonsense"), "<entry/>"])
def test_an_entry_that_is_no_paper_is_left_out(bad: str) -> None:
    assert [paper.id for paper in read(bad, entry())] == ["2510.00001"]


def test_a_date_that_is_none_is_absent() -> None:
    assert read(entry(rest="<published>soon</published>"))[0].published is None


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda b: atom().replace(b"0", b)))
def test_any_bytes_are_papers_or_a_source_error(body: bytes) -> None:
    try:
        parse_feed(body)
    except SourceError as error:
        assert str(error) == NOT_A_LIST
