"""One paper of arXiv by its id: from Atom, else from OAI-PMH; and one pace for both."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model import Paper
from bot.sources.arxiv import Arxiv
from bot.sources.atom import parse_feed
from bot.sources.oai import parse_page, parse_record
from bot.sources.web import Pace
from tests.sources.archive import ARXIV, Archive, Entry, error, page, reply
from tests.sources.feed import Clock, Feed, answer
from tests.sources.harvest import NOWHERE

PAPER = Paper("2510.00001", "A title")
TODAY = date(2025, 10, 1)


@pytest.fixture
async def source(feed: Feed, archive: Archive, pace: Pace) -> AsyncIterator[Arxiv]:
    source = Arxiv(("cs.CL", "cs.LG"), feed.base, archive.base, pace)
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


ERROR = "<entry><id>http://arxiv.org/api/errors#bad_id</id><title>Error</title></entry>"
FAILING = [
    answer(b"", 429), answer(b"", 429, Retry_After="7"), answer(b"", 500), answer(b"", 503),
    answer(b"", 403), answer(b""), answer(b"<html><p>Rate exceeded.</html>"), answer(b"[]"),
    answer(b"Rate exceeded."), answer(b"<feed/>"), answer(atom()[:-9]), answer(atom(total="many")),
    answer(atom(total=1)), answer(atom("<entry/>")), answer(atom(entry("2510.00002v1"))),
    answer(b'<?xml version="1.0" encoding="klingon"?><feed/>'), answer(b"\xff\xfe\x00"),
    answer(b"", 302, Location="http://localhost:9/"), answer(page(Entry("2510.00001", TODAY))),
]  # fmt: skip


async def test_a_paper_is_found_by_id(feed: Feed, archive: Archive, source: Arxiv) -> None:
    feed.script(answer(atom(entry())))
    assert await source.find(" 2510.00001v2 ") == PAPER
    assert feed.asked == [("/api/query", {"id_list": "2510.00001", "max_results": "1"})]
    assert archive.asked == []


@pytest.mark.parametrize("said", [answer(b"<error/>", 400), answer(atom()), answer(atom(ERROR))])
async def test_an_unknown_paper_is_none(
    feed: Feed, archive: Archive, source: Arxiv, said: bytes
) -> None:
    feed.script(said)
    assert await source.find("2510.99999") is None
    assert archive.asked == [], "the answer was plain"


@pytest.mark.parametrize("said", FAILING)
async def test_what_atom_does_not_give_is_asked_of_oai(
    feed: Feed, archive: Archive, source: Arxiv, caplog: pytest.LogCaptureFixture, said: bytes
) -> None:
    feed.script(said)
    archive.announce("2510.00001", created="2025-10-01")
    with caplog.at_level(logging.WARNING):
        found = await source.find("2510.00001v2")
    assert found == Paper(
        "2510.00001", "A title", published=date(2025, 10, 1), categories=("cs.CL",)
    )
    [(path, asked)] = archive.asked
    assert path == "/oai"
    assert asked == {
        "verb": "GetRecord", "identifier": "oai:arXiv.org:2510.00001", "metadataPrefix": "arXiv",
    }  # fmt: skip
    assert "query failed source=arxiv asks=oai reason=arXiv" in caplog.text


async def test_what_neither_knows_is_none(feed: Feed, archive: Archive, source: Arxiv) -> None:
    feed.script(answer(b"", 500))
    assert await source.find("2510.99999") is None
    archive.announce("2510.00001", deleted=True)
    assert await source.find("2510.00001") is None


@pytest.mark.parametrize(
    "said",
    [answer(b"", 503), answer(b""), answer(error("badArgument")), answer(atom(entry())),
     answer(reply("<GetRecord/>")), answer(reply("<GetRecord><record/></GetRecord>")),
     answer(page(Entry("2510.00001", TODAY))),
     answer(reply(f"<GetRecord>{Entry('2510.00002', TODAY).xml}</GetRecord>"))],
)  # fmt: skip
async def test_when_both_fail_the_fault_names_both(
    feed: Feed, archive: Archive, source: Arxiv, said: bytes
) -> None:
    feed.script(answer(b"", 500))
    archive.faults = [said]
    with pytest.raises(SourceError, match="arXiv answered 500, and arXiv"):
        await source.find("2510.00001")


async def test_when_both_fail_the_sooner_is_waited_for(
    feed: Feed, archive: Archive, source: Arxiv
) -> None:
    feed.script(answer(b"", 429, Retry_After="600"))
    archive.faults = [answer(b"", 503, Retry_After="20")]
    with pytest.raises(SourceError) as caught:
        await source.find("2510.00001")
    assert caught.value.retry_after == 20


async def test_a_pause_of_one_host_does_not_hold_up_the_other(
    feed: Feed, archive: Archive, source: Arxiv, clock: Clock
) -> None:
    feed.script(answer(b"", 429, Retry_After="20"))
    archive.announce("2510.00001")
    for _ in range(3):
        assert await source.find("2510.00001")
    assert (len(feed.asked), len(archive.asked)) == (1, 3)
    assert sum(clock.slept) == 9


@pytest.mark.parametrize("text", ["all:electron&max_results=30000", "", "٢٥١٠.00001", "../oai"])
async def test_what_is_no_id_is_not_asked_for(
    feed: Feed, archive: Archive, source: Arxiv, text: str
) -> None:
    assert await source.find(text) is None
    assert feed.asked == archive.asked == []


@pytest.mark.parametrize("asked", ["math.GT/0309136", "math/0309136v2"])
async def test_an_old_id_is_the_same_with_and_without_its_subject(
    feed: Feed, archive: Archive, source: Arxiv, asked: str
) -> None:
    feed.script(answer(atom(entry("math/0309136v1"))), answer(b"", 500))
    archive.announce("math/0309136", "math.AG")
    for _ in range(2):
        found = await source.find(asked)
        assert found and found.id == "math/0309136"


async def test_all_of_arxivs_hosts_share_one_connection_and_one_pace(
    feed: Feed, archive: Archive, source: Arxiv, clock: Clock
) -> None:
    starts: list[float] = []
    running = 0

    def watch(double: Feed) -> None:
        serve = double.serve

        async def watched(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal running
            starts.append(clock.now)
            running += 1
            assert running == 1, "one connection at a time"
            clock.now += 0.5  # an answer takes its time
            await asyncio.sleep(0.01)
            running -= 1
            await serve(reader, writer)

        double.serve = watched  # type: ignore[method-assign]

    watch(feed)
    watch(archive)
    feed.script(answer(atom(entry())))
    archive.announce("2510.00001")
    await asyncio.gather(
        source.find("2510.00001"), source.changes("", TODAY), source.find("2510.00001"),
        source.changes("", TODAY),
    )  # fmt: skip
    assert len(feed.asked) == len(archive.asked) == 2
    assert [later - sooner for sooner, later in pairwise(starts)] == [3, 3, 3]


async def test_a_source_that_never_asked_closes_quietly() -> None:
    await Arxiv((), NOWHERE, NOWHERE).close()


async def test_every_field_has_its_place(feed: Feed, source: Arxiv) -> None:
    rest = """
      <summary>  One
      paragraph &lt; two.
      </summary>
      <category term="cs.AI"/><category term="cs.RO"/><arxiv:primary_category term="cs.RO"/>
      <published>2026-06-11T17:59:49Z</published><updated>2026-07-01T00:00:00Z</updated>
      <author><name>A. One</name><arxiv:affiliation>X</arxiv:affiliation></author>
      <author><name> </name></author><author><name>B. Two</name></author>
      <link href="https://arxiv.org/pdf/2606.13677v1" title="pdf"/>"""
    feed.script(answer(atom(entry("2606.13677v1", "Two\n lines", rest))))
    assert await source.find("2606.13677") == Paper(
        id="2606.13677",
        title="Two lines",
        summary="One paragraph < two.",
        authors=("A. One", "B. Two"),
        published=date(2026, 6, 11),
        categories=("cs.RO", "cs.AI"),
    )


@pytest.mark.parametrize(
    ("given_id", "paper_id"),
    [("2401.01234", "2401.01234"), ("0704.0001v12", "0704.0001"), ("cs/0112017v1", "cs/0112017"),
     ("math.GT/0309136v2", "math.GT/0309136"), ("hep-th/9901001", "hep-th/9901001")],
)  # fmt: skip
async def test_ids_lose_their_version(
    feed: Feed, source: Arxiv, given_id: str, paper_id: str
) -> None:
    feed.script(answer(atom(entry(given_id))))
    found = await source.find(paper_id)
    assert found and found.id == paper_id


async def test_a_date_that_is_none_is_absent(feed: Feed, source: Arxiv) -> None:
    feed.script(answer(atom(entry(rest="<published>soon</published>"))))
    found = await source.find("2510.00001")
    assert found and found.published is None


@pytest.mark.parametrize(
    "declared",
    ['<!DOCTYPE x [<!ENTITY e SYSTEM "file:///dev/null">]>', "<!DOCTYPE html>",
     '<!-- before --><!DOCTYPE x [<!ENTITY e "x">]>'],
)  # fmt: skip
async def test_a_document_type_is_refused(
    feed: Feed, archive: Archive, source: Arxiv, declared: str
) -> None:
    body = atom(entry()).decode().replace("?>", f"?>{declared}")
    feed.script(answer(body.encode()))
    archive.faults = [answer(reply("").decode().replace("?>", f"?>{declared}").encode())]
    with pytest.raises(SourceError, match=r"not a list of papers, and .*not a list of records"):
        await source.find("2510.00001")


RECORD = Entry("2510.00001", TODAY).xml.encode()
PIECES = st.sampled_from([
    b"<ListRecords>", b"</ListRecords>", b"<GetRecord>", RECORD, b"<error code='x'/>", b"&",
    b"\x0b", b"<resumptionToken>t</resumptionToken>", f"<arXiv {ARXIV}>".encode(), b"</arXiv>",
    b"<entry>",
])  # fmt: skip


@given(
    st.binary(max_size=200)
    | st.binary(max_size=60).map(lambda b: atom().replace(b"0", b))
    | st.lists(PIECES, max_size=6).map(
        lambda some: reply("").replace(b"<request/>", b"".join(some))
    )
)
def test_any_bytes_are_papers_or_a_source_error(body: bytes) -> None:
    for parse in (parse_feed, parse_page, parse_record):
        try:
            parse(body)
        except SourceError as fault:
            assert str(fault).startswith("arXiv")
