"""Daily Papers' lists as the feed really gives them, and as a broken feed might."""

import json
import logging
from collections.abc import AsyncIterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotOpenYet, SourceError
from bot.model import Paper
from bot.sources.huggingface import PAGES, HuggingFace, parse_list, parse_paper
from tests.sources.feed import Feed, answer, item

DAY = date(2025, 9, 30)


@pytest.fixture
async def source(feed: Feed) -> AsyncIterator[HuggingFace]:
    source = HuggingFace(feed.base)
    yield source
    await source.close()


def read(**fields: object) -> Paper:
    """The paper made of one item with these fields."""
    [paper] = parse_list(json.dumps([item(**fields)]).encode())
    return paper


async def test_a_day_is_asked_for_with_the_largest_page(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([item()]))
    assert await source.fetch(DAY) == (Paper("2510.00001", "A title", day=DAY),)
    assert feed.asked == [("/api/daily_papers", {"date": "2025-09-30", "limit": "100"})]


async def test_pages_follow_the_link_header(feed: Feed, source: HuggingFace) -> None:
    following = "<https://huggingface.co/api/daily_papers?date=2025-09-30&limit=100&p=1>"
    feed.script(
        answer([item("2510.00001")], Link=f'<x?p=9>; rel="prev", {following}; rel="next"'),
        answer([item("2510.00002")]),
    )
    assert [paper.id for paper in await source.fetch(DAY)] == ["2510.00001", "2510.00002"]
    second = {"date": "2025-09-30", "limit": "100", "p": "1"}
    assert feed.asked[1:] == [("/api/daily_papers", second)], "to the base, not to the link's host"


async def test_a_paper_that_moves_between_pages_comes_once(feed: Feed, source: HuggingFace) -> None:
    feed.script(
        answer([item("2510.00001"), item("2510.00002")], Link="<?p=1>; rel=next"),
        answer([item("2510.00002"), item("2510.00003")]),
    )
    ids = [paper.id for paper in await source.fetch(DAY)]
    assert ids == ["2510.00001", "2510.00002", "2510.00003"]


async def test_a_list_without_end_is_given_up(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([item()], Link='<?p=1>; rel="next"'))
    with pytest.raises(SourceError, match="does not end"):
        await source.fetch(DAY)
    assert len(feed.asked) == PAGES


async def test_a_failing_second_page_fails_the_list(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([item()], Link='<?p=1>; rel="next"'), answer(b"", 503))
    with pytest.raises(SourceError, match="Hugging Face answered 503"):
        await source.fetch(DAY)


async def test_a_day_that_has_not_begun_is_not_open_yet(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer(b"\xff whatever", 400))
    with pytest.raises(NotOpenYet):
        await source.fetch(DAY)


async def test_a_day_before_the_first_list_is_empty_unasked(
    feed: Feed, source: HuggingFace
) -> None:
    assert await source.fetch(date(2023, 5, 3)) == ()
    assert feed.asked == []


async def test_a_weekend_is_empty(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([]))
    assert await source.fetch(DAY) == ()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"truncated": [1, 2', b"[1, 2", b"{}", b"null", b"\xff\xfe", b"[" * 10**5,
     b"[" + b"9" * 5000 + b"]", b"[1]", b"[{}]", b'[{"paper": {"id": "../x", "title": "y"}}]'],
)  # fmt: skip
async def test_garbage_is_no_list(feed: Feed, source: HuggingFace, body: bytes) -> None:
    feed.script(answer(body))
    with pytest.raises(SourceError) as caught:
        await source.fetch(DAY)
    assert str(caught.value) == "Hugging Face answered something that is not a list of papers"


async def test_the_newest_day_is_the_newest_list_day(feed: Feed, source: HuggingFace) -> None:
    days = ("2025-09-29T23:00:00.000Z", "2025-09-30T01:13:12.259Z", "2025-09-26T01:00:00.000Z")
    items = [item(f"2510.0000{n}", submittedOnDailyAt=day) for n, day in enumerate(days)]
    feed.script(answer([*items, item(publishedAt="2025-10-09T00:00:00.000Z")]))
    assert await source.newest() == DAY
    assert feed.asked == [("/api/daily_papers", {"limit": "100"})]


async def test_without_any_list_there_is_no_newest_day(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([]))
    assert await source.newest() is None


async def test_a_paper_is_found_by_id(feed: Feed, source: HuggingFace) -> None:
    bare = item(submittedOnDailyAt="2025-09-30T01:13:12.259Z", upvotes=3)["paper"]
    feed.script(answer(bare))
    found = await source.find(" 2510.00001v3 ")
    assert found == Paper("2510.00001", "A title", day=DAY, votes=3)
    assert feed.asked == [("/api/papers/2510.00001", {})]


async def test_a_paper_never_listed_has_no_day(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer(item("cs/0112017")["paper"]))
    found = await source.find("cs/0112017")
    assert found and (found.id, found.day) == ("cs/0112017", None)


@pytest.mark.parametrize("status", [400, 404])
async def test_an_unknown_paper_is_none(feed: Feed, source: HuggingFace, status: int) -> None:
    feed.script(answer({"error": "Paper not found"}, status))
    assert await source.find("2510.99999") is None


@pytest.mark.parametrize(
    "text", ["", "../whoami", "2510.00001/../..", "2510.00001?x", "٢٥١٠.00001"]
)
async def test_what_is_no_id_is_not_asked_for(feed: Feed, source: HuggingFace, text: str) -> None:
    assert await source.find(text) is None
    assert feed.asked == []


async def test_a_withdrawn_paper_is_not_found(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer(item(withdrawnAt="2024-06-28T13:50:57.000Z")["paper"]))
    assert await source.find("2510.00001") is None


async def test_a_paper_that_is_none_is_a_fault(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([1, 2]))
    with pytest.raises(SourceError, match="not a paper"):
        await source.find("2510.00001")


def test_only_id_and_title_are_needed() -> None:
    assert read() == Paper("2510.00001", "A title")


def test_every_field_has_its_place() -> None:
    paper = read(
        paper_id="2509.24006v2",
        title="SLA: Beyond\n  Sparsity",
        summary="One\nparagraph. ",
        authors=[{"name": "A. One"}, {"name": "H. Idden", "hidden": True}, {"name": "B. Two"}],
        publishedAt="2025-09-28T17:58:59.000Z",
        submittedOnDailyAt="2025-09-30T01:13:12.259Z",
        upvotes=78,
        githubRepo=" https://github.com/a/\nb.git",
        githubStars=5,
        projectPage="https://a.example/b?c#d",
        ai_summary="By a\nmachine.",
        ai_keywords=["kv cache", "", 7, " LoRA "],
        numComments=2,
        organization={"name": "short", "fullname": "The Long Name"},
    )
    assert paper == Paper(
        id="2509.24006",
        title="SLA: Beyond Sparsity",
        summary="One paragraph.",
        authors=("A. One", "B. Two"),
        published=date(2025, 9, 28),
        day=DAY,
        votes=78,
        comments=2,
        code="https://github.com/a/b.git",
        stars=5,
        project="https://a.example/b?c#d",
        ai_summary="By a machine.",
        keywords=("kv cache", "LoRA"),
        organization="The Long Name",
    )


def test_an_organization_without_a_full_name_has_its_short_one() -> None:
    assert read(organization={"name": "short"}).organization == "short"


@pytest.mark.parametrize(
    "fields",
    [{"upvotes": "78"}, {"upvotes": -1}, {"upvotes": True}, {"upvotes": 1.5}, {"upvotes": 2**63},
     {"numComments": []}, {"githubStars": {}}, {"summary": ["x"]}, {"authors": {"name": "x"}},
     {"authors": ["x", None, {"name": 7}, {"name": " "}]}, {"publishedAt": 7},
     {"publishedAt": "yesterday"}, {"submittedOnDailyAt": "2025-13-01T00:00:00Z"},
     {"githubRepo": "javascript:alert(1)"}, {"githubRepo": "github.com/a/b"},
     {"githubRepo": "https://"}, {"githubRepo": "https:///a"}, {"githubRepo": "https://[::1"},
     {"githubRepo": "https://user:pass@a.example/"}, {"projectPage": 'https://a.example/">x'},
     {"ai_keywords": "x"}, {"ai_summary": 7}, {"organization": "x"}, {"organization": [1]}],
)  # fmt: skip
def test_a_field_of_the_wrong_shape_is_absent(fields: dict[str, object]) -> None:
    assert read(**fields) == Paper("2510.00001", "A title")


def test_text_that_no_database_takes_is_made_whole() -> None:
    body = b'[{"paper": {"id": "2510.00001", "title": "a\\ud800b\\u0000c\\u202ed"}}]'
    assert [paper.title for paper in parse_list(body)] == ["a?b c d"]


def test_text_without_end_is_cut_off() -> None:
    paper = read(title="x" * 10**6, summary="y" * 10**6)
    assert (len(paper.title), len(paper.summary)) == (10_000, 10_000)


def test_a_withdrawn_paper_is_left_out() -> None:
    items = [item("2510.00001"), item("2510.00002", withdrawnAt="2024-06-28T13:50:57.000Z")]
    assert [paper.id for paper in parse_list(json.dumps(items).encode())] == ["2510.00001"]


def test_a_malformed_item_is_left_out_and_named_by_its_id(caplog: pytest.LogCaptureFixture) -> None:
    items = [item("2510.00001"), item("2510.00002", title="\n"), item("2510.00003")]
    with caplog.at_level(logging.WARNING):
        papers = parse_list(json.dumps(items).encode())
    assert [paper.id for paper in papers] == ["2510.00001", "2510.00003"]
    assert "id='2510.00002'" in caplog.text


def test_a_list_mostly_malformed_is_no_list() -> None:
    half = json.dumps([item(), {}]).encode()
    assert len(parse_list(half)) == 1
    with pytest.raises(SourceError):
        parse_list(json.dumps([item(), {}, 7]).encode())


KEYS = st.sampled_from(
    ["paper", "id", "title", "summary", "authors", "name", "hidden", "publishedAt", "upvotes",
     "submittedOnDailyAt", "githubRepo", "ai_keywords", "organization", "withdrawnAt"]
)  # fmt: skip
TEXTS = st.sampled_from(["2510.00001v2", "2025-09-30T01:13:12.259Z", "https://a.example/"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(), inner),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=3) | st.lists(st.dictionaries(KEYS, JSON), max_size=3) | JSON)
def test_any_json_is_papers_or_a_source_error(value: object) -> None:
    for parse in (parse_list, parse_paper):
        try:
            parse(json.dumps(value).encode())
        except SourceError as error:
            assert str(error).startswith("Hugging Face answered something that is not a ")


@given(st.dictionaries(KEYS, JSON))
def test_a_good_item_survives_any_other_field(fields: dict[str, object]) -> None:
    fields |= {"id": "2510.00001", "title": "A title"}
    fields.pop("withdrawnAt", None)
    [paper] = parse_list(json.dumps([{"paper": fields}]).encode())
    assert (paper.id, paper.title) == ("2510.00001", "A title")
    assert all(isinstance(author, str) and author.strip() for author in paper.authors)


@given(st.binary(max_size=200))
def test_any_bytes_are_papers_or_a_source_error(body: bytes) -> None:
    try:
        parse_list(body)
    except SourceError as error:
        assert "not a list" in str(error)
