"""Which papers a post shows, where, and that nothing moves between its pages."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import dates, digest, rendering
from bot.dialogue import Message
from bot.digest import Digest, Item
from bot.model import Paper, Topic
from bot.states import What
from tests import strategies
from tests.fakes import at, on, paper, papers_of

DAY = on("2025-06-12")
EARLIER = (on("2025-06-11"), on("2025-06-10"))
ONE = timedelta(days=1)


def draft(size: int = 10, kind: str = "daily", *, whole: bool = True) -> Digest:
    made_at = at("2025-06-12 07:02")
    return Digest(What(kind), DAY, whole, made_at, "Europe/Berlin", size, (), (), (DAY,))


def compose(made: Digest, papers: Sequence[Paper], topics: Sequence[Topic] = ()) -> Digest:
    """With each paper from the list it is on."""
    return digest.compose(made, [(one.day or DAY, one) for one in papers], topics)


@st.composite
def lists(draw: st.DrawFn) -> list[Paper]:
    """As the store gives them: the best voted first, ids once, some of earlier days."""
    votes = draw(st.lists(st.none() | st.integers(0, 500), max_size=60))
    made = [
        paper(n, draw(st.sampled_from((DAY, DAY, *EARLIER))), votes=v) for n, v in enumerate(votes)
    ]
    return sorted(made, key=lambda one: (-(one.votes if one.votes is not None else -1), one.id))


def ids(message: Message) -> list[str]:
    return [entry.url.rpartition("/")[2] for s in message.sections for entry in s.entries]


def pages(composed: Digest, papers: list[Paper]) -> list[Message]:
    known = {one.id: one for one in papers}
    count = -(-len(composed.items) // composed.size)
    return [rendering.render_page(composed, known, "7", number) for number in range(1, count + 1)]


@given(lists(), st.integers(1, 15))
def test_every_paper_is_on_exactly_one_page_in_order(papers: list[Paper], size: int) -> None:
    composed = compose(draft(size), papers)
    shown = [ids(page) for page in pages(composed, papers)]
    assert [one for page in shown for one in page] == [item.id for item in composed.items]
    assert sorted(item.id for item in composed.items) == sorted(one.id for one in papers)
    assert all(len(page) == size for page in shown[:-1])


@given(lists(), st.integers(1, 15))
def test_ranks_count_on_over_the_pages(papers: list[Paper], size: int) -> None:
    made = pages(compose(draft(size), papers), papers)
    ranks = [entry.rank for page in made for s in page.sections for entry in s.entries]
    assert ranks == list(range(1, len(papers) + 1))


@given(lists(), st.integers(1, 15))
def test_the_days_papers_and_the_late_ones_are_each_in_order_of_votes(
    papers: list[Paper], size: int
) -> None:
    items = compose(draft(size), papers).items
    for late in (False, True):
        votes = [item.votes or 0 for item in items if bool(item.earlier) == late]
        assert votes == sorted(votes, reverse=True)


@given(lists(), st.integers(1, 15))
def test_late_papers_have_a_third_of_the_first_page_and_what_is_left(
    papers: list[Paper], size: int
) -> None:
    items = compose(draft(size), papers).items
    todays = sum(1 for one in papers if one.day == DAY)
    late = len(papers) - todays
    on_first = sum(1 for item in items[:size] if item.earlier)
    assert on_first == min(late, max(size // 3, size - todays))
    flags = [bool(item.earlier) for item in items]
    assert flags[:size] == sorted(flags[:size]) and flags[size:] == sorted(flags[size:])


@given(lists(), st.integers(1, 15))
def test_the_button_says_how_many_more_and_pages_go_there_and_back(
    papers: list[Paper], size: int
) -> None:
    made = pages(compose(draft(size), papers), papers)
    for number, page in enumerate(made, 1):
        found = {a.label: (a.command, a.text, a.page) for row in page.actions for a in row}
        rest = len(papers) - number * size
        ahead = {"Next ›": ("more", "7", number + 1)} if rest > 0 else {}
        back = {"‹ Back": ("more", "7", number - 1)}
        if number == 1 and rest > 0:
            label = "1 more paper" if rest == 1 else f"{rest} more papers"
            assert found == {label: ("more", "7", 2)}
        else:
            assert found == (ahead if number == 1 else back | ahead)


@given(lists(), strategies.text, st.booleans())
def test_a_digest_comes_back_from_the_outbox_as_it_was_frozen(
    papers: list[Paper], note: str, whole: bool
) -> None:
    topics = [Topic(1, "study"), Topic(2, "subject -7")]
    composed = compose(replace(draft(whole=whole), notes=(note,)), papers, topics)
    assert digest.loads(composed.dumps()) == composed


def test_a_digest_of_an_older_program_tells_its_days_by_its_papers() -> None:
    papers = [paper(1, DAY), paper(2, EARLIER[1]), paper(3, EARLIER[0]), paper(4, EARLIER[0])]
    raw = json.loads(compose(draft(), papers).dumps())
    for field in ("days", "named", "since"):
        del raw[field]
    old = digest.loads(json.dumps(raw))
    assert old.days == (DAY, EARLIER[1], EARLIER[0])
    assert (old.named, old.since) == ((), None)
    assert {item.id for item in old.items} == {one.id for one in papers}


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8,
)  # fmt: skip


@given(st.text() | json_values.map(json.dumps), st.data())
def test_what_is_no_digest_is_a_value_error(text: str, data: st.DataObject) -> None:
    with pytest.raises(ValueError):
        digest.loads(text)
    raw = json.loads(compose(draft(), [paper(1, DAY), paper(2, EARLIER[0])]).dumps())
    field = data.draw(st.sampled_from(["day", "as_of", "items", "days", "named", "since", "notes"]))
    raw[field] = data.draw(json_values)
    with suppress(ValueError):
        assert isinstance(digest.loads(json.dumps(raw)), Digest)


def test_a_paper_that_left_is_taken_out_and_nothing_else_changes() -> None:
    papers = list(papers_of(DAY, 3, 2, 1))
    composed = compose(draft(), papers)
    fewer = digest.without(composed, {papers[1].id, "2506.99999"})
    assert [item.id for item in fewer.items] == [papers[0].id, papers[2].id]
    assert replace(fewer, items=composed.items) == composed
    assert digest.without(composed, {"2506.99999"}) == composed


def test_votes_stay_as_they_were_when_the_post_was_planned() -> None:
    papers = list(papers_of(DAY, 3, 5))
    composed = compose(draft(), papers)
    later = {one.id: replace(one, votes=999) for one in papers}
    (section,) = rendering.render_page(composed, later).sections
    assert [entry.meta.split(" · ")[0] for entry in section.entries] == ["▲ 3", "▲ 5"]


def test_a_paper_the_store_lost_leaves_its_rank_open() -> None:
    papers = list(papers_of(DAY, 1, 2, 3))
    composed = compose(draft(), papers)
    known = {one.id: one for one in papers[::2]}
    (section,) = rendering.render_page(composed, known).sections
    assert [entry.rank for entry in section.entries] == [1, 3]


def test_a_personal_digest_has_only_matches_with_every_topic_that_matched() -> None:
    papers = [paper(1, DAY, title="RL for robots"), paper(2, DAY), paper(3, DAY, title="RL")]
    topics = [Topic(1, "rl"), Topic(2, "robots")]
    composed = compose(draft(kind="topics"), papers, topics)
    assert [(i.id, i.reasons) for i in composed.items] == [
        (papers[0].id, ("rl", "robots")), (papers[2].id, ("rl",)),
    ]  # fmt: skip
    message = rendering.render_page(composed, {one.id: one for one in papers}, 1)
    assert message.title == "Your topics · Thu 12 June 2025"
    assert message.caption == "2 matching papers" and not message.actions
    assert message.sections[0].entries[0].reasons == ("rl", "robots")
    assert not compose(draft(kind="topics"), papers, [Topic(1, "zebra")]).items


def said(papers: list[Paper], **how: object) -> str:
    composed = compose(replace(draft(), **how), papers)  # type: ignore[arg-type]
    message = rendering.render_page(composed, {})
    return f"{message.caption} | {message.text}".removesuffix(" | ")


def test_the_heading_counts_the_days_papers_and_says_whether_the_list_is_whole() -> None:
    late = paper(9, EARLIER[0])
    assert said([paper(1, DAY)]) == "1 paper · by AK and the research community"
    assert said([*papers_of(DAY, 1, 2), late]) == "2 papers · by AK and the research community"
    assert said([late]) == "No new papers · by AK and the research community"
    assert said(list(papers_of(DAY, 1, 2)), whole=False) == (
        "2 papers so far, at 09:02 Europe/Berlin · what is added later comes with the next post"
    )
    assert said([late], notes=("Late, because.",)).endswith(" | Late, because.")


@pytest.mark.parametrize("count", [0, 1, 5, 16, 17, 40])
def test_each_list_that_did_not_come_on_its_day_has_a_button(count: int) -> None:
    left = [DAY - n * ONE for n in range(1, count + 1)]
    made = replace(draft(), days=(DAY, *left[::2]), named=tuple(left[1::2]))
    message = rendering.render_page(made, {}, "7")
    buttons = [action for row in message.actions for action in row]
    days = [action for action in buttons if action.command == "date"]
    assert all(len(row) <= 5 for row in message.actions) and len(message.actions) <= 5
    assert [action.text for action in days] == [str(day) for day in left[: len(days)]]
    if count <= 16:
        assert len(days) == count and buttons == days
        return
    assert (buttons[-1].command, buttons[-1].text) == ("days", "7")
    assert buttons[-1].label == f"{count - len(days)} more days"
    opened, page = list[str](), 1
    while page:
        shown = [a for row in rendering.render_days(made, "7", page).actions for a in row]
        opened += [action.text for action in shown if action.command == "date"]
        page = next((a.page for a in shown if a.command == "days" and a.page > page), 0)
    assert opened == [str(day) for day in left]
    assert not rendering.render_page(replace(made, items=(Item("a", 1),) * 20), {}, "7", 2).actions[
        1:
    ]


def test_late_papers_stand_under_a_heading_with_their_day() -> None:
    papers = [paper(1, DAY), paper(2, EARLIER[0]), paper(3, EARLIER[1], votes=None, authors=())]
    composed = compose(draft(), papers)
    first, late = rendering.render_page(composed, {one.id: one for one in papers}).sections
    assert (first.heading, late.heading) == ("", "From earlier lists, new since the last post")
    assert late.entries[0].meta.endswith("· from Wed 11 June")
    assert late.entries[1].meta == "from Tue 10 June"


@given(strategies.text, strategies.text, st.none() | st.integers(0, 10**6))
def test_an_entry_stays_within_two_lines_of_summary_and_a_bounded_title(
    title: str, summary: str, votes: int | None
) -> None:
    made = rendering.entry(paper(1, title=title, summary=summary * 9, votes=votes))
    assert 0 < len(made.title) <= 300 and len(made.summary) <= 240
    assert len(made.brief) <= 170


def test_an_entry_links_what_there_is() -> None:
    bare = rendering.entry(Paper("2506.00001", "T"))
    assert bare.url == "https://arxiv.org/abs/2506.00001"
    assert [label for label, _ in bare.links] == ["PDF"] and bare.meta == ""
    full = rendering.entry(
        paper(1, comments=12, code="https://github.com/a/b", stars=1234, votes=0)
    )
    assert full.url == "https://huggingface.co/papers/2506.00001"
    assert [label for label, _ in full.links] == ["Code ★ 1.2k"], "a phone has no more room"
    assert full.meta == "▲ 0 · Ada Number1 et al."
    short = rendering.entry(paper(1, comments=12, code="https://github.com/a/b", authors=("Li",)))
    assert [label for label, _ in short.links] == ["Code", "PDF", "12 comments"]
    assert rendering.entry(paper(1, votes=3, organization="A Lab")).meta == "▲ 3 · A Lab"
    assert len(rendering.entry(paper(1, comments=1)).links) == 1, "one is the submitter's own"


@given(st.integers(0, 60), st.integers(-2, 10**6))
def test_a_listing_shows_the_nearest_page_there_is(count: int, page: int) -> None:
    papers = papers_of(DAY, *range(count))
    made = rendering.listing("T", "", papers, page=page, command="week")
    shown = max(1, min(page, -(-count // 10)))
    assert ids(made) == [one.id for one in papers[10 * shown - 10 : 10 * shown]]
    assert {a.page for row in made.actions for a in row} <= {shown - 1, shown + 1}


def test_days_and_moments_read_as_people_write_them() -> None:
    assert dates.long_date(date(2025, 6, 2)) == "Mon 2 June 2025"
    assert dates.long_date(date(2025, 6, 2), year=False) == "Mon 2 June"
    assert dates.moment(at("2025-06-12 23:30"), "Asia/Tokyo") == "Fri 13 June at 08:30 Asia/Tokyo"


def test_items_are_told_apart_by_the_list_they_are_from() -> None:
    items = compose(draft(), [paper(1, DAY, votes=1), paper(2, EARLIER[1])]).items
    assert items == (Item(paper(1).id, 1), Item(paper(2).id, 2, "2025-06-10"))


def test_what_a_paper_gained_stands_beside_its_votes() -> None:
    assert rendering.entry(paper(1, votes=38, gained=12, organization="A Lab")).meta == (
        "▲ 38 (+12) · A Lab"
    )
    assert rendering.entry(paper(1, votes=38, authors=())).meta == "▲ 38"


@given(strategies.text, st.integers(0, 10**6), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_the_small_print_of_an_entry_fits_a_phone(
    name: str, votes: int, gained: int, by_people: bool, code: bool
) -> None:
    whose = {"authors": (name, "B")} if by_people else {"organization": name}
    url = "https://github.com/a/b" if code else None
    known = paper(1, votes=votes, gained=gained, code=url, stars=99_999, comments=7, **whose)
    shown = rendering.listed(known, 1, new=True)
    said = [shown.meta, *(label for label, _ in shown.links)]
    assert len(" · ".join(filter(None, said))) <= rendering.LINE + rendering.LEAST
    assert ("Code ★ 100k" in said) == code, "code is never left out"


def test_a_post_has_its_figures_frozen_and_older_ones_are_still_read() -> None:
    known = paper(1, "2025-06-12", votes=38, gained=12, code="https://github.com/a/b")
    empty = Digest(What.DAY, on("2025-06-12"), True, at("2025-06-13 00:10"), "UTC", 5, ())
    frozen = digest.loads(digest.compose(empty, [(empty.day, known)]).dumps())
    later = {known.id: replace(known, votes=99, gained=50, code=None)}
    message = rendering.render_page(frozen, later)
    assert message.sections[0].entries[0].meta.startswith("▲ 38 (+12)")
    assert message.caption.startswith("1 paper · 1 with code")
    assert json.loads(frozen.dumps())["items"] == [[known.id, 38, "", [], 12, True]]
    older = frozen.dumps().replace(",[],12,true]", ",[]]")
    assert digest.loads(older).items == (Item(known.id, 38),)


def test_a_mark_that_all_papers_would_have_is_left_out() -> None:
    two = (paper(1), paper(2))
    for new, marks in (({two[0].id}, [True, False]), ({two[0].id, two[1].id}, [False, False])):
        shown = rendering.listing("T", "", two, page=1, command="week", new=new).sections[0]
        assert [" · new · " in entry.meta for entry in shown.entries] == marks
