"""From adding the bot to the first post by taps alone, with a new process between any two."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.telegram.menu import DESCRIPTION, SHORT
from bot.commands.answer import answer
from bot.dialogue import Message, Request
from bot.model import Destination
from bot.store import people
from tests.asking import Asking, asking
from tests.fakes import papers_of
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, CHANNEL, GROUP, FakeHandle, running
from tests.telegram.world import BOT, Sent

PROMPT = "Which city or region?"


class Core(FakeHandle):
    """A handle with the real core behind it."""

    def __init__(self, bot: Asking) -> None:
        super().__init__()
        self.bot = bot
        self.commands = tuple(one for one in bot.core.commands.values() if not one.hidden)

    async def answer(self, request: Request) -> Message | None:
        return await answer(self.bot.core.ctx, self.bot.core.commands, request)

    async def greets(self, address: str, title: str) -> bool:
        return await people.greet(self.bot.core.store, Destination("telegram", address), title)


@dataclass
class Journey:
    tg: TelegramDouble
    bot: Asking
    taps: int = 0
    process: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def restart(self) -> None:
        """Nothing is left in memory."""
        await self.process.aclose()
        self.tg.calls.clear()
        self.tg.forget()  # a stop before the next poll would have it answered again
        await self.process.enter_async_context(running(self.tg, Core(self.bot)))

    async def tap(self, who: int, sent: Sent, label: str) -> None:
        """Press, wait for what becomes of it, and begin a new process."""
        self.taps += 1
        edits, count, alerts = sent.edits, len(self.tg.sent), len(self.tg.answered)
        self.tg.presses(who, sent, label)
        await self.tg.until(lambda: len(self.tg.answered) > alerts)
        alert = self.tg.answered[-1].get("text")
        await self.tg.until(lambda: alert or sent.edits > edits or len(self.tg.sent) > count)
        await self.restart()

    async def reply(self, who: int, prompt: Sent, text: str) -> Sent:
        count = len(self.tg.sent)
        self.tg.says(who, text, prompt.chat_id, reply_to_message=with_entities(prompt))
        sent = await self.tg.reply(count + 1)
        await self.restart()
        return sent

    async def deliveries(self, address: int) -> int:
        sql = "SELECT count(*) FROM deliveries WHERE address = :address AND state = 'pending'"
        row = await self.bot.core.store.row(sql, address=str(address))
        return row[0] if row else 0

    async def schedules(self) -> list[tuple[str, str, str]]:
        rows = await self.bot.core.store.rows("SELECT address, time, zone FROM subscriptions")
        return [tuple(row) for row in rows]


def with_entities(sent: Sent) -> dict:
    """The bot's message as a reply quotes it."""
    kinds = {"textEntityTypeTextUrl": "text_link", "textEntityTypeMentionName": "text_mention"}
    entities = []
    for entity in sent.entities:
        kind = kinds.get(entity["type"]["@type"])
        if kind == "text_link":
            where = {"offset": entity["offset"], "length": entity["length"]}
            entities.append({"type": kind, "url": entity["type"]["url"], **where})
    return sent.raw | {"entities": entities}


def labels(sent: Sent) -> list[str]:
    return [button["text"] for button in sent.buttons]


@pytest.fixture
async def trip(
    tg: TelegramDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Journey]:
    async with asking(tmp_path, monkeypatch, "2025-06-12 17:00") as bot:
        bot.platform = "telegram"
        await bot.listed("2025-06-12", *papers_of("2025-06-12", 1, 2, 3))
        journey = Journey(tg, bot)
        await journey.restart()
        yield journey
        await journey.process.aclose()


async def added(trip: Journey) -> Sent:
    """Ada, who manages the group, adds the bot there."""
    trip.tg.set_member(GROUP, ADA, "creator")
    trip.tg.set_member(GROUP, BOT["id"], "left")
    trip.tg.puts_bot(ADA, GROUP, "member")
    hello = await trip.tg.reply()
    await trip.restart()
    return hello


async def test_a_group_gets_its_first_post_in_four_taps(trip: Journey) -> None:
    hello = await added(trip)
    assert hello.chat_id == GROUP and labels(hello) == ["Set up"]
    await trip.tap(ADA, hello, "Set up")
    await trip.tap(ADA, hello, "Another city")
    prompt = trip.tg.sent[-1]
    assert PROMPT in prompt.text and prompt.reply_markup == {
        "force_reply": True, "selective": True, "input_field_placeholder": "Lisbon"
    }  # fmt: skip
    settings = await trip.reply(ADA, prompt, "lisbon")
    assert "✓ Lisbon" in labels(settings) and "The next is due" in settings.text
    await trip.tap(ADA, settings, "Post today's list now")
    assert await trip.deliveries(GROUP) == 1
    assert trip.taps <= 4


async def test_a_channel_gets_its_first_post_in_four_taps_in_private(trip: Journey) -> None:
    tg = trip.tg
    tg.says(ADA, "/start")
    start = await tg.reply()
    urls = {b["text"]: b["url"] for b in start.buttons if "url" in b}
    assert urls["Add to a channel"] == "https://t.me/papers_bot?startchannel&admin=post_messages"
    assert urls["Add to a group"].startswith("https://t.me/papers_bot?startgroup=")
    await trip.restart()
    tg.add_chat(CHANNEL, "Paper channel", "channel", bot="left")
    tg.set_member(CHANNEL, ADA, "creator")
    tg.puts_bot(ADA, CHANNEL, "administrator")
    menu = await tg.reply(2)
    assert menu.chat_id == ADA and "Paper channel" in menu.text
    await trip.restart()
    await trip.tap(ADA, menu, "Another city")
    settings = await trip.reply(ADA, tg.sent[-1], "Lisbon")
    await trip.tap(ADA, settings, "Post today's list now")
    assert await trip.deliveries(CHANNEL) == 1
    assert await trip.schedules() == [(str(CHANNEL), "09:00", "Europe/Lisbon")]
    assert trip.taps <= 4 and {sent.chat_id for sent in tg.sent} == {ADA}


async def test_a_topic_is_followed_from_the_start(trip: Journey) -> None:
    trip.tg.says(BOB, "/start")
    start = await trip.tg.reply()
    await trip.tap(BOB, start, "Follow a topic")
    kept = await trip.reply(BOB, trip.tg.sent[-1], "kv cache -survey")
    assert kept.text.startswith("Topic kept: kv cache -survey")


async def test_a_choice_changes_the_message_and_marks_it(trip: Journey) -> None:
    hello = await added(trip)
    await trip.tap(ADA, hello, "Set up")
    await trip.tap(ADA, hello, "Tokyo")
    assert "✓ Tokyo" in labels(hello) and "✓ 09:00" in labels(hello)
    await trip.tap(ADA, hello, "18:00")
    assert await trip.schedules() == [(str(GROUP), "18:00", "Asia/Tokyo")]
    assert len(trip.tg.sent) == 1


async def test_a_stranger_is_told_in_one_sentence_and_changes_nothing(trip: Journey) -> None:
    hello = await added(trip)
    await trip.tap(BOB, hello, "Set up")
    refusal = "Only someone who may manage Reading group can do that."
    assert trip.tg.answered[-1]["text"] == refusal and hello.edits == 0
    await trip.tap(ADA, hello, "Set up")
    await trip.tap(BOB, hello, "Another city")
    assert trip.tg.answered[-1]["text"] == refusal
    await trip.tap(ADA, hello, "Another city")
    refused = await trip.reply(BOB, trip.tg.sent[-1], "lisbon")
    assert refused.text == refusal and await trip.schedules() == []


async def test_a_group_is_greeted_once_although_the_update_comes_again(trip: Journey) -> None:
    hello = await added(trip)
    trip.tg.set_member(GROUP, BOT["id"], "left")
    trip.tg.puts_bot(ADA, GROUP, "member")
    trip.tg.says(ADA, "/start hello", GROUP)
    trip.tg.says(ADA, "/help")
    assert (await trip.tg.reply(2)).chat_id == ADA
    assert [sent for sent in trip.tg.sent if sent.chat_id == GROUP] == [hello]


async def test_a_link_in_another_message_of_ours_asks_for_nothing(trip: Journey) -> None:
    hello = await added(trip)
    await trip.tap(ADA, hello, "Set up")
    link = "https://t.me/papers_bot?field=pause-1-t"
    for text, entity in (
        ("✏ Paper", {"offset": 0, "length": 7}),
        ("Paper ✏", {"offset": 6, "length": 1}),
    ):
        quoted = hello.raw | {
            "text": text,
            "entities": [entity | {"type": "text_link", "url": link}],
        }
        trip.tg.says(ADA, "lisbon", GROUP, reply_to_message=quoted)
    forged = {
        "text": "✏ x",
        "entities": [{"type": "text_link", "offset": 0, "length": 1, "url": link}],
    }
    bob = {"id": BOB, "is_bot": False, "first_name": "Bob"}
    trip.tg.says(ADA, "lisbon", GROUP, reply_to_message=hello.raw | forged | {"from": bob})
    trip.tg.says(ADA, "/settings", GROUP)  # answered after all before it
    shown = await trip.tg.reply(2)
    assert shown.text.startswith("Daily papers for") and len(trip.tg.sent) == 2
    assert await trip.schedules() == []


async def test_my_places_are_buttons_in_private(trip: Journey) -> None:
    hello = await added(trip)
    await trip.tap(ADA, hello, "Set up")
    await trip.tap(ADA, hello, "Tokyo")
    trip.tg.says(ADA, "/settings")
    places = await trip.tg.reply(2)
    assert "Reading group" in labels(places)
    await trip.tap(ADA, places, "Reading group")
    assert "✓ Tokyo" in labels(places)
    await trip.tap(ADA, places, "Berlin")
    assert await trip.schedules() == [(str(GROUP), "09:00", "Europe/Berlin")]


async def test_the_descriptions_are_set_where_they_differ(trip: Journey) -> None:
    tg = trip.tg
    await tg.until(lambda: tg.profile.get("short_description") == SHORT)
    assert tg.profile["description"] == DESCRIPTION and len(DESCRIPTION) <= 512
    assert len(SHORT) <= 120
    await trip.restart()
    await tg.until(lambda: tg.count("getMyShortDescription"))
    assert not tg.count("setMyDescription") and not tg.count("setMyShortDescription")
