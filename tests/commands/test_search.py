"""/search and /similar through the door; mostly with an engine that finds what a test says."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue import Message
from bot.errors import SourceError, StoreError, UserError
from bot.model import Hit, Paper
from bot.query.parse import parse
from bot.search.engine import Engine, Results
from tests.commands.conftest import Bot, button, labels, ranks, titles
from tests.fakes import on, paper, papers_of
from tests.strategies import NASTY
from tests.strategies import text as hostile

ENGLISH = "The papers are in English, so English words find more."


@dataclass
class FakeEngine:
    """Finds `papers` for any words. What a test sets of a result is as it says."""

    papers: Sequence[Paper] = ()
    says: dict[str, object] = field(default_factory=dict)  # of every result
    like: Sequence[Hit] = ()
    whole: Sequence[str] = ()
    better: Mapping[str, str] = field(default_factory=dict)  # words it corrects
    asked: list[str] = field(default_factory=list)
    fault: Exception | None = None

    async def search(self, text: str, *, limit: int, offset: int = 0, person: str = "") -> Results:
        self.asked.append(text)
        if self.fault:
            raise self.fault
        query = parse(text)
        corrected = tuple((word, self.better[word]) for word in query.words if word in self.better)
        hits = tuple(
            Hit(paper, f"Why {paper.id}.", ((0, 3),))
            for paper in self.papers[offset : offset + limit]
        )
        count = len(self.papers)
        found = Results(
            query.respelled(self.better), query, hits, count, count, corrected=corrected
        )
        return replace(found, **self.says)  # type: ignore[arg-type]

    async def similar(self, paper_id: str, *, limit: int, person: str = "") -> tuple[Hit, ...]:
        self.asked.append(paper_id)
        return tuple(self.like[:limit])

    async def suggest(self, typed: str, *, limit: int, person: str = "") -> list[Paper]:
        if self.fault:
            raise self.fault
        known = [one for one in self.papers if typed.lower() in one.title.lower()]
        return known[:limit]

    async def complete(self, typed: str, *, limit: int, person: str = "") -> list[str]:
        return [text for text in self.whole if text.startswith(typed)][:limit]


@pytest.fixture
def engine(bot: Bot) -> FakeEngine:
    bot.search = FakeEngine(papers_of("2025-06-12", *range(1, 13)))
    return bot.search


def shown(message: Message) -> list[list[str]]:
    """The labels, row by row."""
    return [[action.label for action in row] for row in message.actions]


async def test_a_result_has_title_votes_authors_date_and_why_in_bold(
    bot: Bot, engine: FakeEngine
) -> None:
    engine.papers = [paper(7, published=on("2025-06-03")), paper(8), paper(9, day=None, votes=None)]
    message = await bot.ask("/search kv cache")
    assert message.title == "Search: kv cache" and message.text == "3 papers"
    first, second, third = message.sections[0].entries
    assert (first.title, first.url) == (
        "A study of subject 7",
        "https://huggingface.co/papers/2506.00007",
    )
    assert first.meta == "▲ 7 · Ada Number7 et al. · 3 Jun 2025"
    assert second.meta == "▲ 8 · Ada Number8 et al. · 2 Jun 2025"
    assert third.meta == "Ada Number9 and 1 more" and third.url.startswith("https://arxiv.org/abs/")
    assert (first.summary, first.bold) == ("Why 2506.00007.", ((0, 3),))
    assert not message.private and not message.note


async def test_every_page_has_five_and_buttons_to_its_papers_and_the_pages(
    bot: Bot, engine: FakeEngine
) -> None:
    message = await bot.ask("/search study")
    seen = titles(message)
    assert message.text == "12 papers" and message.note == "Page 1 of 3"
    assert shown(message)[:2] == [["1", "2", "3", "4", "5"], ["Next ›"]]
    for number in (2, 3):
        message = await bot.press(message, "Next ›")
        assert message.note == f"Page {number} of 3"
        seen += titles(message)
    assert seen == [f"A study of subject {n}" for n in range(1, 13)]
    assert ranks(message) == [11, 12] and shown(message)[:2] == [["11", "12"], ["‹ Back"]]
    assert titles(await bot.press(message, "‹ Back")) == seen[5:10]


async def test_a_number_opens_its_paper_and_the_way_back_is_the_page_it_was_on(
    bot: Bot, engine: FakeEngine
) -> None:
    await bot.listed("2025-06-12", *engine.papers)
    second = await bot.press(await bot.ask("/search study -zebra"), "Next ›")
    card = await bot.press(second, "7")
    assert card.title == "A study of subject 7"
    back = await bot.press(card, "‹ Back to the results")
    assert (back.title, back.note) == ("Search: study -zebra", "Page 2 of 3")
    assert labels(await bot.ask("/paper 2506.00007")) == [
        "arXiv", "PDF", "Discussion", "Similar papers",
    ]  # fmt: skip


@pytest.mark.parametrize(("page", "first"), [(0, 1), (-3, 1), (3, 11), (4, 11), (999_999, 11)])
async def test_a_page_past_the_end_is_the_last(
    bot: Bot, engine: FakeEngine, page: int, first: int
) -> None:
    message = await bot.ask("/search study", page=page)
    assert ranks(message)[0] == first


async def test_how_many_papers_there_are_is_said_as_far_as_they_were_counted(
    bot: Bot, engine: FakeEngine
) -> None:
    engine.papers = engine.papers[:1]
    assert (await bot.ask("/search study")).text == "1 paper"
    engine.says = {"matching": 1000, "more": True}
    assert (await bot.ask("/search study")).text == "over 1,000 papers"


async def test_when_no_paper_has_all_words_it_says_so(bot: Bot, engine: FakeEngine) -> None:
    engine.says = {"partly": True, "matching": 0}
    told = "No paper has all these words; these come nearest."
    assert (await bot.ask("/search robots cache")).text == told
    assert (await bot.ask("/search robots cache has:code")).text == f"{told}\nwith code"


async def test_a_corrected_word_is_told_and_can_be_searched_as_typed(
    bot: Bot, engine: FakeEngine
) -> None:
    engine.better = {"quantisaton": "quantization", "difusion": "diffusion"}
    message = await bot.ask("/search difusion quantisaton after:2025-01-01")
    assert message.text == (
        "Showing results for “diffusion quantization”.\n12 papers · since Jan 2025"
    )
    asked = button(message, "Search “difusion quantisaton” instead")
    assert asked.text == '"difusion" "quantisaton" after:2025'
    message = await bot.ask("/search quantisaton of llms")
    assert message.text.startswith("Showing results for “quantization of llms”.")
    asked = button(message, "Search “quantisaton of llms” instead")
    assert asked.text == 'of llms "quantisaton"'
    assert "Showing" not in (await bot.press(message, asked.label)).text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("kv cache", ""),
        ("author:hinton", " · by hinton"),
        ("cat:cs.LG cat:cs.CL", " · cs.LG · cs.CL"),
        ("after:2025-01-01", " · since Jan 2025"),
        ("after:2025-06-05", " · since 5 Jun 2025"),
        ("before:2025-03-01", " · before Mar 2025"),
        ("after:2024-01-01 before:2025-01-01", " · in 2024"),
        ("year:2023-2024", " · in 2023 to 2024"),
        ("after:2024-02-01 before:2025-01-03", " · since Feb 2024 · before 3 Jan 2025"),
        ("votes:20", " · 20 votes or more"),
        ("votes:1 has:code sort:new", " · 1 vote or more · with code · newest first"),
        ("sort:votes org:deepseek", " · from deepseek · most votes first"),
        ("kv -survey title:eviction", " · without “survey” · “eviction” in the title"),
        ('kv "long context"', " · “long context”"),
    ],
)
async def test_operators_are_told_in_words(
    bot: Bot, engine: FakeEngine, words: str, told: str
) -> None:
    assert (await bot.ask(f"/search {words}")).text == f"12 papers{told}"


FILTERS = ["This week", "This month", "This year", "Has code"]


def filters(message: Message) -> list[str]:
    """The row of them."""
    return [label for row in shown(message)[2:3] for label in row]


@pytest.mark.parametrize(
    ("label", "changed"),
    [
        ("This week", "kv after:2025-06-05"),
        ("This month", "kv after:2025-05-13"),
        ("This year", "kv after:2024-06-12"),
        ("Has code", "kv has:code"),
    ],
)
async def test_a_filter_is_put_on_and_taken_off_by_its_button(
    bot: Bot, engine: FakeEngine, label: str, changed: str
) -> None:
    message = await bot.ask("/search kv")
    assert filters(message) == FILTERS
    message = await bot.press(message, label)
    assert parse(engine.asked[-1]) == parse(changed)
    assert filters(message) == [f"✓ {one}" if one == label else one for one in FILTERS]
    message = await bot.press(message, f"✓ {label}")
    assert parse(engine.asked[-1]) == parse("kv") and filters(message) == FILTERS


async def test_one_span_of_days_takes_the_place_of_another(bot: Bot, engine: FakeEngine) -> None:
    message = await bot.ask("/search kv has:code after:2024-01-01 before:2025-01-01")
    assert filters(message) == [*FILTERS[:3], "✓ Has code", "Any time"]
    await bot.press(message, "Any time")
    assert parse(engine.asked[-1]) == parse("kv has:code")
    message = await bot.press(message, "This month")
    assert filters(message) == ["This week", "✓ This month", "This year", "✓ Has code"]
    message = await bot.press(message, "This week")
    assert parse(engine.asked[-1]) == parse("kv has:code after:2025-06-05")


@pytest.mark.parametrize("words", ["has:code", "after:2025-06-05", "after:2025-06-05 -survey"])
async def test_a_button_never_leads_to_an_empty_search(
    bot: Bot, engine: FakeEngine, words: str
) -> None:
    message = await bot.ask(f"/search {words}")
    assert 2 < len(filters(message)) < 5, "the one that is on cannot be taken off"
    for label in filters(message):
        assert (await bot.press(message, label)).sections


async def test_a_button_never_leads_to_a_search_that_is_too_long(
    bot: Bot, engine: FakeEngine
) -> None:
    message = await bot.ask("/search " + " ".join(f"word{n:03}" for n in range(31)) + "x" * 50)
    assert filters(message) == []


async def test_nothing_found_is_told_to_the_asker_alone_with_one_suggestion(
    bot: Bot, engine: FakeEngine
) -> None:
    await bot.listed("2025-06-02", *papers_of("2025-06-02", 1))  # something is stored
    engine.papers, engine.says = (), {"suggestion": "zebra stripes"}
    message = await bot.ask("/search zebbra " + "y" * 200)
    assert message.private and message.text.startswith("Nothing found for “zebbra yyy")
    assert message.text.endswith("…”.") and len(message.text) < 110
    assert shown(message) == [["Search “zebra stripes”"]]
    await bot.press(message, "Search “zebra stripes”")
    assert engine.asked[-1] == "zebra stripes"
    engine.says = {}
    message = await bot.ask("/search zebra")
    assert message.text == "Nothing found for “zebra”. Try fewer or other words."
    assert not message.actions


async def test_where_nothing_is_found_the_filters_that_are_on_can_be_taken_off(
    bot: Bot, engine: FakeEngine
) -> None:
    await bot.listed("2025-06-02", *papers_of("2025-06-02", 1))  # something is stored
    engine.papers = ()
    message = await bot.ask("/search kv after:2025-06-05 has:code")
    assert shown(message) == [["✓ This week", "✓ Has code"]]
    assert shown(await bot.ask("/search kv after:2020-01-01")) == [["Any time"]]


@pytest.mark.parametrize("words", ["扩散模型", "диффузия", "확산 모델", "διάχυση", "拡散 model"])
async def test_words_of_other_scripts_are_answered_honestly(
    bot: Bot, engine: FakeEngine, words: str
) -> None:
    assert (await bot.ask(f"/search {words}")).text == f"{ENGLISH}\n12 papers"
    await bot.listed("2025-06-02", *papers_of("2025-06-02", 1))  # something is stored
    engine.papers = ()
    assert (await bot.ask(f"/search {words}")).text == f"Nothing found for “{words}”. {ENGLISH}"


@pytest.mark.parametrize("words", ["λ-calculus", "Schrödinger", "ﬁne-tuning", "ℓₚ norms", "Đặng α"])
async def test_accents_and_symbols_are_no_other_script(
    bot: Bot, engine: FakeEngine, words: str
) -> None:
    assert (await bot.ask(f"/search {words}")).text == "12 papers"


async def test_an_id_that_is_not_stored_is_asked_for_and_shown_first(
    bot: Bot, engine: FakeEngine
) -> None:
    engine.papers, engine.says = (), {"missing": "2506.00009"}
    bot.feed.single["2506.00009"] = paper(9, summary="It is here. And more.")
    message = await bot.ask("/search https://arxiv.org/abs/2506.00009v2")
    assert titles(message) == ["A study of subject 9"] and message.text == "1 paper"
    assert message.sections[0].entries[0].summary == "It is here."
    assert shown(message) == [["1"]], "one paper needs no filters"
    assert bot.feed.asked_for == ["2506.00009"]


async def test_an_id_nobody_has_and_a_silent_source_are_different_answers(
    bot: Bot, engine: FakeEngine
) -> None:
    engine.papers, engine.says = (), {"missing": "2506.00009"}
    message = await bot.ask("/search 2506.00009")
    assert message.text == "I find no paper 2506.00009, neither in the lists nor on arXiv."
    bot.feed.fault = SourceError("Hugging Face could not be reached")
    message = await bot.ask("/search 2506.00009")
    assert message.text == "Hugging Face could not be reached. Try again in a few minutes."


async def test_a_query_that_cannot_be_used_is_answered_in_one_sentence(
    bot: Bot, engine: FakeEngine
) -> None:
    engine.fault = UserError("Write what to search for after the command: /search kv cache")
    message = await bot.ask("/search")
    assert message.private and message.text == str(engine.fault)


async def test_a_query_longer_than_a_button_holds_is_kept_and_paged(
    bot: Bot, engine: FakeEngine
) -> None:
    words = "study of a subject that is " * 10
    message = await bot.ask(f"/search {words}")
    assert all(0 < len(a.data) <= 64 for row in message.actions for a in row)
    second = await bot.press(message, "Next ›")
    assert second.title == message.title and second.note.startswith("Page 2 of")
    async with bot.store.transaction() as tx:
        await tx.run("DELETE FROM texts")
    old = await bot.press(message, "Next ›")
    assert old.text == "That button is too old; send the command again." and old.private


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(hostile, hostile, hostile, st.integers(-1, 4))
async def test_whatever_is_asked_and_found_the_answer_keeps_to_the_limits(
    bot: Bot, words: str, title: str, better: str, page: int
) -> None:
    bot.search = FakeEngine([paper(n, title=title, summary=words) for n in range(8)])
    bot.search.says = {"corrected": ((words, better),), "partly": True, "suggestion": better}
    message = await bot.ask(f"/search {words}", page=page)
    assert "Something broke" not in message.text and message.text
    rows = message.actions
    assert len(rows) <= 5 and all(0 < len(row) <= 5 for row in rows)
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,64}", a.data) for row in rows for a in row)
    assert all(len(a.label) <= 80 for row in rows for a in row)


async def test_nothing_asked_is_logged(
    bot: Bot, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine.better = {"private": "privacy"}
    for line in ("/search private words", "/similar private words"):
        await bot.ask(line)
    assert not [record for record in caplog.records if record.name.startswith("bot.")]


async def test_similar_papers_come_with_what_both_have(bot: Bot, engine: FakeEngine) -> None:
    await bot.listed("2025-06-12", paper(7))
    terms = ("kv", "eviction", "cache", "token", "budget", "memory")
    engine.like = [Hit(paper(n), terms=terms) for n in range(20, 40)]
    message = await bot.ask("/similar 2506.00007")
    assert (
        message.title == "Similar papers"
        and message.text == "Like “A study of subject 7”; the most similar first."
    )
    assert titles(message) == [f"A study of subject {n}" for n in range(20, 25)]
    entry = message.sections[0].entries[0]
    assert entry.summary == "We look at subject 20."
    assert entry.meta.endswith(" · both: kv, eviction, cache, token, budget")
    assert shown(message) == [["1", "2", "3", "4", "5"], ["Next ›", "‹ The paper itself"]]
    message = await bot.press(message, "Next ›")
    assert (ranks(message), message.note) == ([6, 7, 8, 9, 10], "Page 2 of 2")
    assert shown(message)[1] == ["‹ Back", "‹ The paper itself"]
    assert (await bot.press(message, "‹ The paper itself")).title == "A study of subject 7"


async def test_a_card_leads_to_similar_papers(bot: Bot, engine: FakeEngine) -> None:
    await bot.listed("2025-06-12", paper(7))
    engine.like = [Hit(paper(8), "Why.", (), ("kv",))]
    message = await bot.press(await bot.ask("/paper 2506.00007"), "Similar papers")
    assert titles(message) == ["A study of subject 8"] and engine.asked == ["2506.00007"]


@pytest.mark.parametrize(
    "words", ["2506.00007", "https://arxiv.org/abs/2506.00007v2", "See 2506.00007, please"]
)
async def test_what_it_should_be_like_is_told_by_an_id_or_a_link(
    bot: Bot, engine: FakeEngine, words: str
) -> None:
    await bot.listed("2025-06-12", *engine.papers)
    engine.like = [Hit(paper(8))]
    assert (
        await bot.ask(f"/similar {words}")
    ).text == "Like “A study of subject 7”; the most similar first."
    assert engine.asked == ["2506.00007"]


async def test_a_title_is_searched_and_the_best_match_is_meant(
    bot: Bot, engine: FakeEngine
) -> None:
    await bot.listed("2025-06-12", *engine.papers)
    engine.like = [Hit(paper(8))]
    message = await bot.ask("/similar subjects that were studied")
    assert message.text == "Like “A study of subject 1”; the most similar first."
    assert engine.asked == ["subjects that were studied", "2506.00001"]


async def test_what_nothing_is_similar_to_is_said(bot: Bot, engine: FakeEngine) -> None:
    await bot.listed("2025-06-12", *engine.papers)
    message = await bot.ask("/similar 2506.00007")
    assert message.text == "I find nothing like “A study of subject 7”." and message.private
    engine.papers = ()
    message = await bot.ask("/similar no such thing")
    assert message.text.startswith("I find no paper called “no such thing”;")
    assert (await bot.ask("/similar")).text.startswith("Give an arXiv id such as")
    assert (await bot.ask("/similar 2506.99999")).text.startswith("I find no paper 2506.99999")


async def test_queries_then_titles_are_suggested_and_a_title_stands_for_its_paper(
    bot: Bot, engine: FakeEngine
) -> None:
    engine.whole = ["study of agents", "study " + "x" * 100]
    engine.papers = [paper(n, title=f"A study {'of long titles ' * 10}{n}") for n in range(40)]
    choices = await bot.suggest("search", "query", "study")
    assert len(choices) == 25
    assert (choices[0].label, choices[0].value) == ("study of agents", "study of agents")
    assert choices[1].value == "2506.00000" and choices[1].label.startswith("2506.00000 A study of")
    assert all(len(choice.label) <= 100 and len(choice.value) <= 100 for choice in choices)


@pytest.mark.parametrize(("command", "option"), [("paper", "id"), ("similar", "paper")])
async def test_papers_are_suggested_by_title_where_a_paper_is_wanted(
    bot: Bot, engine: FakeEngine, command: str, option: str
) -> None:
    (choice,) = await bot.suggest(command, option, "subject 7")
    assert (choice.label, choice.value) == ("2506.00007 A study of subject 7", "2506.00007")


async def test_a_fault_while_somebody_types_is_silence(bot: Bot, engine: FakeEngine) -> None:
    engine.fault = StoreError("The disk does not answer.")
    for command, option in (("search", "query"), ("similar", "paper"), ("paper", "id")):
        assert not await bot.suggest(command, option, "stu")


async def test_all_of_it_works_together(bot: Bot, tmp_path: Path) -> None:
    await bot.listed(
        "2025-06-12",
        *papers_of("2025-06-12", *range(1, 13)),
        paper(50, title="Compressing the KV cache", authors=("Zoë Müller",)),
        paper(51, title="Serving", summary="It is slow. A cache of keys and values, a KV cache."),
    )
    bot.search = await Engine.over(bot.store, table=tmp_path / "none")
    message = await bot.ask("/search kv caches")
    assert titles(message) == ["Compressing the KV cache", "Serving"]
    assert message.text == "2 papers"
    last = message.sections[0].entries[1]
    assert last.summary == "A cache of keys and values, a KV cache."
    assert [last.summary[start:end] for start, end in last.bold] == ["cache", "KV", "cache"]
    card = await bot.press(message, "1")
    assert card.title == "Compressing the KV cache" and "Zoë Müller" in card.text
    assert titles(await bot.press(card, "‹ Back to the results")) == titles(message)
    assert titles(await bot.ask("/search author:muller")) == ["Compressing the KV cache"]
    message = await bot.ask("/search subjact")
    assert message.text == "Showing results for “subject”.\n13 papers"
    message = await bot.press(message, "Search “subjact” instead")
    assert message.text.startswith('Nothing found for "subjact".')
    assert "2506.00051" in [one.value for one in await bot.suggest("search", "query", "serv")]


@pytest.mark.parametrize("words", [*NASTY, "", "x" * 10_000, "\n", "a\nb", "by:", '-"', "votes:>"])
async def test_nasty_words_are_answered_and_suggested_for_never_an_error(
    bot: Bot, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1, 2, 3))
    for command, option in (("search", "query"), ("similar", "paper"), ("paper", "id")):
        message = await bot.ask(f"/{command} {words}")
        assert message.text and "ticket" not in message.text
        choices = await bot.suggest(command, option, words)
        assert all(0 < len(c.label) <= 100 and 0 < len(c.value) <= 100 for c in choices)
    assert not [record for record in caplog.records if record.name.startswith("bot.")]
