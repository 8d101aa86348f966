"""Daily Papers' lists as the feed really gives them: their fields, pages and papers by id."""

import json
from collections.abc import AsyncIterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotOpenYet, SourceError
from bot.model import Paper
from bot.period import month_of, week_of
from bot.sources.huggingface import HuggingFace, parse_list, parse_paper
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
    assert feed.asked[1:] == [("/api/daily_papers", second)]


async def test_a_paper_that_moves_between_pages_comes_once(feed: Feed, source: HuggingFace) -> None:
    feed.script(
        answer([item("2510.00001"), item("2510.00002")], Link="<?p=1>; rel=next"),
        answer([item("2510.00002"), item("2510.00003")]),
    )
    ids = [paper.id for paper in await source.fetch(DAY)]
    assert ids == ["2510.00001", "2510.00002", "2510.00003"]


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
        thumbnail="https://cdn.example/1.png",
        mediaUrls=["https://cdn.example/a.gif", 7, "javascript:x", "https://cdn.example/b\n.mp4"],
        submittedBy={"name": "ab", "fullname": "A. B."},
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
        thumbnail="https://cdn.example/1.png",
        media=("https://cdn.example/a.gif", "https://cdn.example/b.mp4"),
        submitter="A. B.",
    )


def test_an_organization_without_a_full_name_has_its_short_one() -> None:
    assert read(organization={"name": "short"}).organization == "short"


def test_an_address_is_no_submitters_name() -> None:
    who = {"name": "ab", "fullname": "ab@mail.example"}
    assert read(submittedBy=who).submitter == "ab"
    assert read(submittedBy={"fullname": "ab@mail.example"}).submitter is None


def test_text_that_no_database_takes_is_made_whole() -> None:
    body = b'[{"paper": {"id": "2510.00001", "title": "a\\ud800b\\u0000c\\u202ed"}}]'
    assert [paper.title for paper in parse_list(body)] == ["a?b c d"]


def test_text_without_end_is_cut_off() -> None:
    paper = read(title="x" * 10**6, summary="y" * 10**6)
    assert (len(paper.title), len(paper.summary)) == (10_000, 10_000)


def test_a_withdrawn_paper_is_left_out() -> None:
    items = [item("2510.00001"), item("2510.00002", withdrawnAt="2024-06-28T13:50:57.000Z")]
    assert [paper.id for paper in parse_list(json.dumps(items).encode())] == ["2510.00001"]


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
    for parse in (parse_list, lambda body: parse_paper(body, "2510.00001")):
        try:
            parse(json.dumps(value).encode())
        except SourceError as error:
            assert str(error).startswith("Hugging Face answered ")


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


async def test_a_week_or_a_month_is_one_list_of_papers_that_say_their_own_days(
    feed: Feed, source: HuggingFace
) -> None:
    first = item("2510.00001", submittedOnDailyAt="2025-09-01T01:00:00.000Z")
    second = item("2510.00002", submittedOnDailyAt="2025-09-30T01:00:00.000Z")
    link = '</api/daily_papers?month=2024-01&p=1>; rel="next"'  # only the page of it counts
    feed.script(answer([first], Link=link), answer([first, second, item("2510.00003")]))
    papers = await source.fetch_period(month_of(DAY))
    assert [(p.id[-1], p.day) for p in papers] == [("1", date(2025, 9, 1)), ("2", DAY), ("3", None)]
    assert [query for _, query in feed.asked] == [
        {"month": "2025-09", "limit": "100"},
        {"month": "2025-09", "limit": "100", "p": "1"},
    ]
    feed.script(answer([second]))
    await source.fetch_period(week_of(DAY))
    assert feed.asked[-1][1] == {"week": "2025-W40", "limit": "100"}


async def test_another_months_papers_are_a_fault(feed: Feed, source: HuggingFace) -> None:
    feed.script(answer([item("2510.00001", submittedOnDailyAt="2025-09-30T01:00:00.000Z")]))
    assert len(await source.fetch_period(month_of(date(2025, 10, 1)))) == 1, "a day beside it"
    with pytest.raises(SourceError, match="another day's list"):
        await source.fetch_period(month_of(date(2025, 8, 1)))
