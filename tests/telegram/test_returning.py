"""The bot comes back to a place, or may post there again: the core is told, and only then."""

import asyncio
from typing import Any

import pytest

from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, CHANNEL, GROUP, FakeHandle

MUTED = {"status": "restricted", "is_member": True, "can_send_messages": False}
SILENT = {"status": "administrator", "can_post_messages": False}
Status = str | dict[str, Any]


async def told_after(
    tg: TelegramDouble, handle: FakeHandle, chat: int, old: Status, new: Status
) -> list[str]:
    """What the core is told when the bot's status in a chat changes."""
    before, after = ({"status": s} if isinstance(s, str) else dict(s) for s in (old, new))
    tg.set_member(chat, 123456, **before)
    tg.puts_bot(ADA, chat, **after)
    tg.says(BOB, "/today")
    await tg.reply()
    await tg.until(lambda: handle.requests)
    return [event[0] for event in handle.told]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("left", "member", ["added", "returned"]),
        ("kicked", "member", ["added", "returned"]),
        ("kicked", "administrator", ["added", "returned"]),
        ("left", MUTED, ["added"]),
        (MUTED, "member", ["returned"]),
        (MUTED, "administrator", ["returned"]),
        (MUTED, {**MUTED, "can_send_messages": True}, ["returned"]),
        ("member", "administrator", ["returned"]),  # the group may let no member write
        ({**MUTED, "is_member": False}, "member", ["added", "returned"]),
        ("member", MUTED, []),
        ("administrator", "member", []),
        ("administrator", MUTED, []),
        ("administrator", "administrator", []),
        ("administrator", {"status": "administrator", "can_manage_topics": True}, ["returned"]),
        ("left", "kicked", []),
        ("member", "knighted", []),  # what is not understood is not final
        ("knighted", "left", []),
        ("member", "left", ["removed"]),
        (MUTED, "kicked", ["removed"]),
        ("member", {**MUTED, "is_member": False}, ["removed"]),
    ],
)
async def test_in_a_group(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, old: Status, new: Status, told: object
) -> None:
    assert await told_after(tg, handle, GROUP, old, new) == told
    assert {event[1] for event in handle.told} <= {str(GROUP)}


async def test_who_adds_it_back_to_a_channel_is_not_asked_to_set_it_up(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, "Paper channel", "channel")
    handle.owners[str(CHANNEL)] = str(ADA)
    other = CHANNEL - 1
    tg.add_chat(other, "Other channel", "channel")
    assert await told_after(tg, handle, CHANNEL, "left", "administrator") == ["added", "returned"]
    tg.set_member(other, 123456, status="left")
    tg.puts_bot(ADA, other, status="administrator")
    await tg.until(lambda: any("Send me this" in sent.text for sent in tg.sent))
    asked = [sent.text.split("\n")[0] for sent in tg.sent if "Send me this" in sent.text]
    assert asked == ["I am in Other channel now. Send me this, or post it there:"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("left", "administrator", ["added", "returned"]),
        ("kicked", "administrator", ["added", "returned"]),
        ("left", SILENT, ["added"]),
        (SILENT, "administrator", ["returned"]),
        ("member", "administrator", ["returned"]),
        ("administrator", SILENT, []),
        ("administrator", "member", []),
        ("administrator", "left", ["removed"]),
    ],
)
async def test_in_a_channel(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, old: Status, new: Status, told: object
) -> None:
    tg.add_chat(CHANNEL, "Paper channel", "channel")
    assert await told_after(tg, handle, CHANNEL, old, new) == told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kicked", "member", ["returned"]),
        ("member", "kicked", ["removed"]),
        ("member", "member", []),
    ],
)
async def test_in_a_private_chat(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, old: Status, new: Status, told: object
) -> None:
    assert await told_after(tg, handle, ADA, old, new) == told


async def test_start_opens_a_private_chat_again(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    for said in ("/start", "/start today-2-t"):
        tg.says(ADA, said)
    tg.says(BOB, "/start", GROUP)
    await tg.until(lambda: len(tg.sent) == 3)
    await tg.until(lambda: len(handle.told) == 2)
    assert handle.told == [("returned", str(ADA))] * 2


async def test_a_topic_that_is_open_again_is_told(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.says(ADA, "", GROUP, thread=7, forum_topic_reopened={})
    await tg.until(lambda: handle.told)
    assert handle.told == [("returned", f"{GROUP}/7")]


async def test_who_throws_it_out_and_lets_it_in_again_has_it_back(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    record = handle.added

    async def added(address: str, by: str, title: str) -> None:
        await asyncio.sleep(0.02)  # a slow disk
        await record(address, by, title)

    handle.added = added  # type: ignore[method-assign]
    for _ in range(5):
        tg.puts_bot(ADA, GROUP, "left")
        tg.puts_bot(ADA, GROUP, "member")
    await tg.until(lambda: len(handle.told) == 15)
    assert [event[0] for event in handle.told] == ["removed", "added", "returned"] * 5


# a private chat that is closed --------------------------------------------------------------------


async def test_nothing_is_sent_to_who_blocks_the_bot(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.closed[BOB] = "bot was blocked by the user"
    tg.puts_bot(BOB, BOB, "kicked")
    tg.says(ADA, "/today")
    await tg.reply()
    await tg.until(lambda: handle.told)
    assert [params["chat_id"] for method, params in tg.calls if method == "sendMessage"] == [ADA]


async def test_an_answer_to_a_closed_private_chat_is_not_tried_again(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    tg.closed[BOB] = "bot was blocked by the user"
    tg.says(BOB, "/start")
    tg.says(BOB, "/today secret words")
    await tg.until(lambda: "answer lost" in caplog.text)
    tg.says(ADA, "/today")
    await tg.reply()
    tried = [params["chat_id"] for method, params in tg.calls if method == "sendMessage"]
    assert tried.count(BOB) == 2 and handle.told == []
    assert "secret words" not in caplog.text


async def test_who_adds_the_bot_with_a_closed_private_chat_is_not_written_to_twice(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_person(13, "Cy", started=False)
    tg.add_chat(CHANNEL, "Paper channel", "channel", bot="left")
    tg.puts_bot(13, CHANNEL, "administrator")
    await tg.until(lambda: tg.count("sendMessage"))
    tg.says(ADA, "/today")
    await tg.reply()
    tried = [params["chat_id"] for method, params in tg.calls if method == "sendMessage"]
    assert tried == [13, ADA]
    assert [event[0] for event in handle.told] == ["added", "returned"]
