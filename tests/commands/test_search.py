"""/search through the door."""

import logging

import pytest

from bot.search import search
from bot.store import Store
from tests.commands.conftest import Bot, labels, ranks, titles
from tests.fakes import paper, papers_of
from tests.search.test_query import NASTY


async def fill(bot: Bot) -> None:
    await bot.listed(
        "2025-06-12",
        *papers_of("2025-06-12", *range(1, 13)),
        paper(50, title="Compressing the KV cache", authors=("Zoë Müller",)),
        paper(51, title="Serving", summary="A cache of keys and values, a KV cache."),
        paper(52, title="Robots", summary="They hold cups."),
    )


async def test_title_matches_come_before_abstract_matches(bot: Bot) -> None:
    await fill(bot)
    message = await bot.ask("/search kv cache")
    assert titles(message) == ["Compressing the KV cache", "Serving"]
    assert message.title == "Search: kv cache" and not message.private
    assert message.text == "2 papers found, the best match first."


@pytest.mark.parametrize("words", ["zoe muller", "Müller", "ROBOT", "robots hold cup", "compress"])
async def test_accents_case_and_endings_do_not_matter(bot: Bot, words: str) -> None:
    await fill(bot)
    assert (await bot.ask(f"/search {words}")).text == "1 paper found, the best match first."


async def test_when_no_paper_has_all_words_those_with_some_are_shown_and_it_says_so(
    bot: Bot,
) -> None:
    await fill(bot)
    message = await bot.ask("/search robots cache")
    assert message.text == "No paper has all these words; 3 with some of them:"
    assert len(titles(message)) == 3


async def test_nothing_found_is_told_to_the_asker_alone(bot: Bot) -> None:
    await fill(bot)
    message = await bot.ask("/search zebra " + "y" * 200)
    assert message.private and message.text.startswith("Nothing found for “zebra yyy")
    assert message.text.endswith("…”. Try fewer or other words.") and len(message.text) < 130


async def test_pages_and_totals_are_right(bot: Bot) -> None:
    await fill(bot)
    shown = await bot.ask("/search study")
    seen = titles(shown)
    assert shown.text.startswith("12 papers found") and shown.note == "Page 1 of 3"
    for number in (2, 3):
        shown = await bot.press(shown, "Next ›")
        assert shown.note == f"Page {number} of 3"
        seen += titles(shown)
    assert len(seen) == len(set(seen)) == 12 and ranks(shown) == [11, 12]
    assert labels(shown) == ["‹ Back"]


@pytest.mark.parametrize(("page", "first"), [(0, 1), (-3, 1), (3, 11), (4, 11), (999_999, 11)])
async def test_a_page_past_the_end_is_the_last(bot: Bot, page: int, first: int) -> None:
    await fill(bot)
    message = await bot.ask("/search study", page=page)
    assert ranks(message)[0] == first


async def test_a_query_longer_than_a_button_holds_is_kept_and_paged(bot: Bot) -> None:
    await fill(bot)
    words = "study of a subject that is " * 10
    shown = await bot.ask(f"/search {words}")
    assert all(0 < len(a.data) <= 64 for row in shown.actions for a in row)
    second = await bot.press(shown, "Next ›")
    assert second.title == shown.title and second.note.startswith("Page 2 of")
    async with bot.store.transaction() as tx:
        await tx.run("DELETE FROM texts")
    old = await bot.press(shown, "Next ›")
    assert old.text == "That button is too old; send the command again." and old.private


@pytest.mark.parametrize("words", [*NASTY, "", "x" * 10_000, "\n", "a\nb"])
async def test_nasty_words_are_answered_never_an_error_and_never_logged(
    bot: Bot, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await fill(bot)
    message = await bot.ask(f"/search {words}")
    assert "broke" not in message.text and message.text
    assert not [r for r in caplog.records if r.name.startswith("bot.commands")]


async def test_the_seam_gives_a_page_a_total_and_whether_it_is_partly(
    store: Store, bot: Bot
) -> None:
    await fill(bot)
    page = await search(store, "study subject", limit=5, offset=10)
    assert (len(page.papers), page.total, page.partly) == (2, 12, False)
    assert (await search(store, "kv zebra", limit=5)).partly
