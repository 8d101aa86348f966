"""Rich and compact: chosen with a preview, frozen in the post, and seen on each platform."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.discord.render import render
from bot.dialogue import Entry, Message
from bot.model import Destination, Paper
from bot.states import Layout
from bot.store import opened, subscriptions
from tests.commands.conftest import Bot
from tests.fakes import paper, unreachable
from tests.program import program
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import GROUP, FakeHandle, running

LONG = (
    "We propose a decoder that reads each word of a page in the order in which a person would read "
    "it, keeps what it read in a small memory, and answers questions on it within a second, on a "
    "phone, without a network."
)


def pictured(number: int, day: str) -> Paper:
    url = f"https://cdn.example/{number}.png"
    return paper(number, day, thumbnail=url, summary=LONG, votes=100 - number)


SEVEN = [pictured(n, "2025-06-12") for n in range(1, 8)]


def entries(message: Message) -> list[Entry]:
    return [entry for section in message.sections for entry in section.entries]


def assert_rich(message: Message) -> None:
    shown = entries(message)
    assert [bool(entry.picture) for entry in shown] == [True] * 3 + [False] * 4
    assert {entry.summary for entry in shown} == {LONG} and len(LONG) > 170
    assert [section.folded for section in message.sections] == [False, True]


def assert_compact(message: Message) -> None:
    shown = entries(message)
    assert len(shown) == 7 and not any(entry.picture for entry in shown)
    assert all(20 < len(entry.summary) <= 170 for entry in shown)
    assert [section.folded for section in message.sections] == [False]


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with opened(tmp_path / "papers.db") as store:
        bot = Bot(store)
        await bot.listed("2025-06-12", *SEVEN)
        yield bot


async def layout(bot: Bot) -> str:
    one = await subscriptions.get(bot.store, Destination("discord", "c1"))
    return one.layout if one else ""


async def test_a_place_is_rich_until_somebody_chooses(bot: Bot) -> None:
    await bot.ask("/setup 09:00 utc")
    assert await layout(bot) == Layout.RICH
    assert "The layout is rich: with pictures." in (await bot.ask("/settings")).text
    assert_rich(await bot.ask("/preview"))


@pytest.mark.parametrize(
    "words",
    ["layout:compact", "layout: compact", "Compact", "compact layout", "layout compact",
     "set the layout to compact", "style=compact", "layout COMPACT please"],
)  # fmt: skip
async def test_a_layout_alone_changes_nothing_else(bot: Bot, words: str) -> None:
    await bot.ask("/setup 18:30 Asia/Tokyo 7")
    message = await bot.ask(f"/setup {words}")
    assert "The layout is compact: short sentences, no pictures." in message.text
    one = await subscriptions.get(bot.store, Destination("discord", "c1"))
    assert one and (one.time, one.zone, one.papers) == ("18:30", "Asia/Tokyo", 7)
    assert one.layout is Layout.COMPACT
    await bot.ask("/setup 5")
    assert await layout(bot) == Layout.COMPACT, "another change keeps it"


@pytest.mark.parametrize(
    "words",
    ["09:00 Europe/Berlin 7 compact", "compact 9am berlin 7 papers", "layout:compact time:9:00 "
     "zone:Europe/Berlin papers:7", "time:09:00 zone:Berlin papers:7 layout:compact"],
)  # fmt: skip
async def test_a_layout_is_one_of_the_words_of_a_line(bot: Bot, words: str) -> None:
    await bot.ask(f"/setup {words}")
    one = await subscriptions.get(bot.store, Destination("discord", "c1"))
    assert one and (one.time, one.zone, one.papers) == ("09:00", "Europe/Berlin", 7)
    assert one.layout is Layout.COMPACT


@pytest.mark.parametrize("words", ["layout:huge", "layout huge", "rich compact", "layout: "])
async def test_what_is_no_layout_is_refused_with_those_there_are(bot: Bot, words: str) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5 compact")
    before = await bot.kept()
    message = await bot.ask(f"/setup {words}")
    assert message.private and await bot.kept() == before
    if "huge" in words:
        assert message.text.startswith("There is no layout “huge”: rich: with pictures;")
        await bot.press(message, "Rich")
        assert await layout(bot) == Layout.RICH


async def test_what_may_have_been_meant_keeps_the_layout(bot: Bot) -> None:
    message = await bot.ask("/setup compact 9 o'clock berlin")
    await bot.press(message, "21:00")
    one = await subscriptions.get(bot.store, Destination("discord", "c1"))
    assert one and (one.time, one.layout) == ("21:00", Layout.COMPACT)


async def test_each_layout_has_a_preview_and_a_button_that_takes_it(bot: Bot) -> None:
    await bot.ask("/setup 09:00 utc")
    rich = await bot.ask("/preview")
    compact = await bot.press(rich, "Preview compact")
    assert_compact(compact)
    assert compact.private and await layout(bot) == Layout.RICH, "to look changes nothing"
    for words in ("layout:compact", "compact", "layout compact"):
        assert entries(await bot.ask(f"/preview {words}")) == entries(compact)
    await bot.press(compact, "Use compact")
    assert await layout(bot) == Layout.COMPACT
    assert_compact(await bot.ask("/preview"))
    shown = await bot.ask("/settings")
    [offered] = [menu for menu in shown.menus if menu.label == "Layout"]
    assert offered.chosen == list(Layout).index(Layout.COMPACT)
    rich = offered.options[0]
    await bot.ask(f"/{rich.command} {rich.text}")
    assert await layout(bot) == Layout.RICH


async def test_a_preview_takes_a_layout_alone(bot: Bot) -> None:
    await bot.ask("/setup 09:00 utc")
    for words in ("5 papers", "compact 5 papers", "friday"):
        message = await bot.ask(f"/preview {words}")
        assert not message.sections and "layout" in message.text, words


async def test_a_layout_is_suggested_as_it_is_typed(bot: Bot) -> None:
    for command in ("setup", "preview"):
        assert [c.value for c in await bot.suggest(command, "layout", "")] == list(Layout)
        assert [c.value for c in await bot.suggest(command, "layout", "COM")] == ["compact"]


async def test_a_post_is_in_the_layout_it_was_planned_in_to_its_last_page() -> None:
    async with program("2025-06-11 12:00") as bot:
        bot.feed.add("2025-06-12 00:05", *SEVEN)
        await bot.ask("/setup 09:00 utc 4 compact")
        bot.adapter.errors["c1"] = [unreachable() for _ in range(3)]
        await bot.until("2025-06-12 09:00")
        await bot.ask("/setup rich")
        await bot.until("2025-06-12 14:00")
        (post,) = bot.posts()
        shown = entries(post.message)
        assert len(shown) == 4 and not any(entry.picture for entry in shown)
        rest = await bot.press(post.message, "3 more papers")
        assert len(entries(rest)) == 3
        assert all(len(entry.summary) <= 170 for entry in entries(rest))


async def test_places_of_both_layouts_have_the_same_papers() -> None:
    async with program("2025-06-11 12:00") as bot:
        bot.feed.add("2025-06-12 00:05", *SEVEN)
        await bot.ask("/setup 09:00 utc 7", "c1")
        await bot.ask("/setup 09:00 utc 7 compact", "c2")
        await bot.until("2025-06-12 14:00")
        assert_rich(bot.posts("c1")[0].message)
        assert_compact(bot.posts("c2")[0].message)
        assert bot.numbers("c1") == bot.numbers("c2")


async def posted(line: str) -> Message:
    """The post of a place that was set up so."""
    async with program("2025-06-11 12:00") as bot:
        bot.feed.add("2025-06-12 00:05", *SEVEN)
        await bot.ask(line)
        await bot.until("2025-06-12 14:00")
        return bot.posts()[0].message


@pytest.mark.parametrize("kind", list(Layout))
async def test_telegram_has_a_picture_above_a_rich_post_and_folds_its_end(kind: Layout) -> None:
    message = replace(await posted(f"/setup 09:00 utc 7 {kind}"), document=False)
    async with TelegramDouble() as tg, running(tg, FakeHandle()) as adapter:
        tg.add_chat(GROUP, "Reading group")
        await adapter.post(str(GROUP), message, key="dp1")
        [params] = [params for method, params in tg.calls if method == "sendMessage"]
    rich = kind is not Layout.COMPACT
    assert params["link_preview_options"].get("is_disabled", False) is not rich
    assert ("<blockquote expandable>" in params["text"]) is rich
    assert ("cdn.example" in str(params["link_preview_options"])) is rich


@pytest.mark.parametrize("kind", list(Layout))
async def test_discord_has_pictures_beside_the_papers_of_a_rich_post(kind: Layout) -> None:
    message = await posted(f"/setup 09:00 utc 7 {kind}")
    drawn = str(render(message).to_components())
    assert ("cdn.example/3.png" in drawn) is (kind is not Layout.COMPACT)
    assert "A study of subject 7" in drawn


async def test_telegram_has_whole_abstracts_in_a_document() -> None:
    message = await posted("/setup 09:00 utc 7 layout:document")
    async with TelegramDouble() as tg, running(tg, FakeHandle()) as adapter:
        tg.add_chat(GROUP, "Reading group")
        assert (await adapter.post(str(GROUP), message, key="dp1")).look == "rich"
        [params] = [params for method, params in tg.calls if method == "sendRichMessage"]
    markup = params["rich_message"]["html"]
    assert markup.count("<details><summary>Abstract</summary>") == 7
    assert all(paper.summary.split(".")[0] in markup for paper in SEVEN)
