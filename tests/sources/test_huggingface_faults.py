"""A feed of lists that goes wrong: held against the question; what is good in it still comes."""

import json
import logging
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.errors import NotOpenYet, SourceError
from bot.model import Paper
from bot.sources.huggingface import PAGES, HuggingFace
from tests.sources.feed import Feed, answer, item

DAY = date(2025, 9, 30)
NO_LIST = "Hugging Face answered something that is not a list of papers"
ANOTHER_DAY = "Hugging Face answered another day's list"


@pytest.fixture
async def source(feed: Feed) -> AsyncIterator[HuggingFace]:
    source = HuggingFace(feed.base)
    yield source
    await source.close()


def listed(number: int, days: int = 0, time: str = "T01:13:12.259Z") -> dict:
    """An item of the list so many days after DAY."""
    return item(f"2510.{number:05}", submittedOnDailyAt=f"{DAY + timedelta(days)}{time}")


async def fault(source: HuggingFace) -> str:
    """The sentence; a day that is not open yet is not a fault."""
    with pytest.raises(SourceError) as caught:
        await source.fetch(DAY)
    assert not isinstance(caught.value, NotOpenYet)
    return str(caught.value)


async def ids(source: HuggingFace) -> list[str]:
    papers = await source.fetch(DAY)
    assert all(paper.day == DAY for paper in papers)
    return [paper.id for paper in papers]


@pytest.mark.parametrize("days", [-400, -7, -2, 2, 3, 365])
async def test_another_days_list_is_a_fault(feed: Feed, source: HuggingFace, days: int) -> None:
    feed.script(answer([listed(n, days) for n in range(5)]))
    assert await fault(source) == ANOTHER_DAY


async def test_most_of_what_names_a_day_decides(feed: Feed, source: HuggingFace) -> None:
    unnamed = [item(f"2510.1000{n}") for n in range(9)]
    feed.script(answer([listed(1), listed(2, -9), listed(3, -9), *unnamed]))
    assert await fault(source) == ANOTHER_DAY
    feed.script(answer([listed(1), listed(2, -9), *unnamed]))
    assert len(await ids(source)) == 11


@pytest.mark.parametrize("days", [-1, 1])
@pytest.mark.parametrize("time", ["T23:59:59.000Z", "T00:30:00+09:00", "T21:30:00-04:00", ""])
async def test_a_day_that_begins_in_another_zone_is_the_same_list(
    feed: Feed, source: HuggingFace, days: int, time: str
) -> None:
    feed.script(answer([listed(n, days, time) for n in range(3)]))
    assert len(await ids(source)) == 3


async def test_a_list_that_names_no_day_is_taken(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([item("2510.00001"), item("2510.00002", submittedOnDailyAt="yesterday")]))
    assert len(await ids(source)) == 2


async def test_a_second_page_of_another_day_is_a_fault(feed: Feed, source: HuggingFace) -> None:
    first = answer([listed(n) for n in range(9)], Link='<?p=1>; rel="next"')
    feed.script(first, answer([listed(20, -6)]))
    assert await fault(source) == ANOTHER_DAY


@pytest.mark.parametrize(
    "link",
    ["http://localhost:9/api/daily_papers?date=2025-09-30&p=1", "//localhost:9/x?p=1", "?p=1",
     "/api/daily_papers?date=2025-09-01&limit=100&p=1", "/api/daily_papers?week=2025-W01&p=1",
     "/api/papers/search?month=2025-01&submitter=akhaliq&sort=trending&limit=1&p=1"],
)  # fmt: skip
async def test_a_link_leads_to_no_other_host_and_no_other_question(
    feed: Feed, source: HuggingFace, link: str
) -> None:
    feed.script(answer([listed(1)], Link=f'<{link}>; rel="next"'), answer([listed(2)]))
    assert await ids(source) == ["2510.00001", "2510.00002"]
    assert feed.asked[1:] == [
        ("/api/daily_papers", {"date": "2025-09-30", "limit": "100", "p": "1"})
    ]


@pytest.mark.parametrize("link", ["?p=1", "?date=2025-09-30", "https://huggingface.co/", "", "?p="])
async def test_a_link_in_a_circle_is_a_fault_at_once(
    feed: Feed, source: HuggingFace, link: str
) -> None:
    feed.script(answer([listed(1)], Link=f'<{link}>; rel="next"'))
    assert "does not end" in await fault(source)
    assert len(feed.asked) <= 2


async def test_a_list_of_ever_more_pages_is_given_up(feed: Feed, source: HuggingFace) -> None:
    feed.script(*(answer([listed(n)], Link=f"<?p={n}>; rel=next") for n in range(1, PAGES + 9)))
    assert "does not end" in await fault(source)
    assert len(feed.asked) == PAGES


@pytest.mark.parametrize("said", [answer(b"", 503), answer(b"", 400), answer(b"", 404), answer({})])
async def test_a_failing_second_page_fails_the_list(
    feed: Feed, source: HuggingFace, said: bytes
) -> None:
    feed.script(answer([listed(1)], Link='<?p=1>; rel="next"'), said)
    assert (await fault(source)).startswith("Hugging Face answered ")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"<!DOCTYPE html><html><body>Just a moment...</body></html>", b"null", b"{}",
     b'{"truncated": [1, 2', b"[1, 2", b"\xff\xfe", b"[" * 10**5, b"[" + b"9" * 5000 + b"]", b"[1]",
     b"[{}]", b'[{"paper": {"id": "../x", "title": "y"}}]', b'{"error": "Internal Error"}', b"true",
     b'[{"error": "Invalid query"}]', json.dumps(item()).encode(), b"[[]]", b'"x"',
     json.dumps({"papers": [item()]}).encode(), json.dumps([item()["paper"]]).encode(),
     json.dumps([{"paper": {"id": 2510.00001, "title": ["x"]}}]).encode(),
     json.dumps([item(f"2510.{n:05}") for n in range(2_001)]).encode(), b"[" + b"7," * 10**6,
     b'["2510.00001"]', json.dumps([item(title="Émile")], ensure_ascii=False).encode("latin-1")],
    ids=lambda body: str(body[:24]),
)  # fmt: skip
async def test_garbage_is_no_list(feed: Feed, source: HuggingFace, body: bytes) -> None:
    feed.script(answer(body))
    assert await fault(source) == NO_LIST


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
async def test_json_in_any_of_its_encodings_is_read(
    feed: Feed, source: HuggingFace, encoding: str
) -> None:
    feed.script(answer(json.dumps([item(title="Émile")], ensure_ascii=False).encode(encoding)))
    [paper] = await source.fetch(DAY)
    assert paper.title == "Émile"


@pytest.mark.parametrize(
    "said",
    [answer(b"", 204), answer([item()], 206), answer([item()], 500), answer([item()], 403),
     answer([item()], 302, Location="http://localhost:9/"), answer([item()], 301)],
)  # fmt: skip
async def test_no_other_status_is_a_list(feed: Feed, source: HuggingFace, said: bytes) -> None:
    feed.script(said)
    assert (await fault(source)).startswith("Hugging Face ")


async def test_a_paper_that_comes_twice_counts_once(feed: Feed, source: HuggingFace) -> None:
    twice = [item("2510.00001v1", upvotes=9), item("2510.00002"), item("2510.00001v2", upvotes=3)]
    feed.script(answer(twice))
    assert [(paper.id, paper.votes) for paper in await source.fetch(DAY)] == [
        ("2510.00001", 9), ("2510.00002", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [None, 7, "x", [], {}, {"paper": None}, {"paper": [item()]}, {"paper": {"id": "2510.00009"}},
     {"paper": {"title": "A title"}}, item("2510.00009", title="\n"), item("../../x"), item("")],
)  # fmt: skip
async def test_a_malformed_item_never_loses_the_others(
    feed: Feed, source: HuggingFace, caplog: pytest.LogCaptureFixture, bad: object
) -> None:
    feed.script(answer([item("2510.00001"), bad, item("2510.00003")]))
    with caplog.at_level(logging.WARNING):
        assert await ids(source) == ["2510.00001", "2510.00003"]
    [record] = caplog.records
    assert record.getMessage().startswith("malformed items source=huggingface n=1 id=")


async def test_a_list_mostly_malformed_is_no_list(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([item(), {}]))
    assert len(await ids(source)) == 1
    feed.script(answer([item(), {}, 7]))
    assert await fault(source) == NO_LIST


WRONG: list[object] = [7, -1, 1.5, True, 2**63, "x", "", [], ["x"], {}, {"x": 1}, [None], [[]]]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
async def test_a_wrong_type_in_every_field_loses_no_paper(
    feed: Feed, source: HuggingFace, wrong: object
) -> None:
    names = (
        "summary", "authors", "publishedAt", "submittedOnDailyAt", "upvotes", "githubRepo",
        "githubStars", "projectPage", "ai_summary", "ai_keywords", "numComments", "organization",
        "thumbnail", "mediaUrls", "submittedBy", "submittedOnDailyBy",
    )  # fmt: skip
    feed.script(answer([item("2510.00001", **dict.fromkeys(names, wrong)), item("2510.00002")]))
    assert await ids(source) == ["2510.00001", "2510.00002"]


@pytest.mark.parametrize(
    "fields",
    [{"upvotes": "78"}, {"authors": {"name": "x"}}, {"publishedAt": "yesterday"},
     {"authors": ["x", None, {"name": 7}, {"name": " "}]}, {"ai_keywords": ["", 7, None]},
     {"submittedOnDailyAt": "2025-13-01T00:00:00Z"}, {"githubRepo": "javascript:alert(1)"},
     {"githubRepo": "github.com/a/b"}, {"githubRepo": "https://"}, {"githubRepo": "https:///a"},
     {"githubRepo": "https://[::1"}, {"githubRepo": "https://user:pass@a.example/"},
     {"projectPage": 'https://a.example/">x'}, {"organization": {"fullname": 7}},
     {"thumbnail": "data:image/png;base64,x"}, {"mediaUrls": "https://a.example/x.gif"},
     {"mediaUrls": [None, 7, ["https://a.example/x"]]}, {"submittedBy": "x"}],
)  # fmt: skip
async def test_a_field_of_the_wrong_shape_is_absent(
    feed: Feed, source: HuggingFace, fields: dict[str, object]
) -> None:
    feed.script(answer([item(**fields)]))
    assert await source.fetch(DAY) == (Paper("2510.00001", "A title", day=DAY),)


async def test_authors_and_names_without_end_are_cut_off(feed: Feed, source: HuggingFace) -> None:
    author = {"name": "n" * 1000}
    organization = {"fullname": "o" * 1000}
    long = item(authors=[author] * 7_000, ai_keywords=["k" * 1000], organization=organization)
    feed.script(answer([long]))
    [paper] = await source.fetch(DAY)
    assert 5_154 <= len(paper.authors) < 7_000
    assert max(map(len, (*paper.authors, *paper.keywords, paper.organization or ""))) < 1000


@pytest.mark.parametrize("other", ["2510.00002", "2510.0001", "cs/0112017", "2501.00001"])
async def test_another_paper_than_the_one_asked_for_is_a_fault(
    feed: Feed, source: HuggingFace, other: str
) -> None:
    feed.script(answer(item(other)["paper"]))
    with pytest.raises(SourceError, match="another paper"):
        await source.find("2510.00001")


@pytest.mark.parametrize(
    "body", [[1, 2], {}, {"error": "x"}, [item()["paper"]], item(), b"", b"<html>", "x", None]
)
async def test_a_paper_that_is_none_is_a_fault(
    feed: Feed, source: HuggingFace, body: object
) -> None:
    feed.script(answer(body))
    with pytest.raises(SourceError, match="not a paper"):
        await source.find("2510.00001")


async def test_a_version_or_an_old_subject_is_the_same_paper(
    feed: Feed, source: HuggingFace
) -> None:
    feed.script(answer(item("2510.00001v2")["paper"]), answer(item("math/0309136")["paper"]))
    assert await source.find("2510.00001v1") == Paper("2510.00001", "A title")
    assert await source.find("math.GT/0309136") == Paper("math/0309136", "A title")
