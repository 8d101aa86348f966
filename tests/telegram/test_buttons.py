"""Buttons: in private, in groups, under a channel's settings."""

import pytest

from bot.model import Message, Request
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, CHANNEL, GROUP, NEXT, FakeHandle


async def test_a_button_in_private_changes_its_message(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text=f"page {request.data or 1}", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, "/today")
    sent = await tg.reply()
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert (sent.text, sent.edits) == ("page today-2-t", 1)
    tg.presses(ADA, sent, "Next")  # the same page again: "message is not modified"
    await tg.until(lambda: len(tg.answered) == 2)
    assert [a.get("text") for a in tg.answered] == [None, None]


async def test_in_a_group_only_the_asker_turns_pages(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text=f"page {request.data or 1}", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, "/today", GROUP)
    sent = await tg.reply()
    tg.presses(BOB, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert tg.answered[0]["text"].startswith("Only the person who asked")
    assert tg.answered[0]["show_alert"] is True
    assert (sent.edits, len(handle.requests)) == (0, 1)
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: len(tg.answered) == 2)
    assert sent.text == "page today-2-t"


@pytest.mark.parametrize("private_text", ["That button is too old.", "x" * 400])
async def test_a_private_answer_to_a_button_in_a_group_stays_private(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, private_text: str
) -> None:
    async def reply(request: Request) -> Message:
        return Message(
            text=private_text if request.data else "list",
            actions=() if request.data else ((NEXT,),),
            private=bool(request.data),
        )

    handle.reply = reply
    tg.says(ADA, "/today", GROUP)
    sent = await tg.reply()
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert sent.text == "list"
    if len(private_text) <= 200:
        assert tg.answered[0]["text"] == private_text
    else:
        assert (tg.sent[-1].chat_id, tg.sent[-1].text) == (ADA, private_text)
        assert tg.answered[0]["text"] == "I answered you in private."


async def test_every_pressed_button_is_answered_even_when_telegram_refuses_the_page(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text=f"page {request.data or 1}", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, "/today")
    sent = await tg.reply()
    for code, description in ((400, "Bad Request: nonsense"), (500, "Internal Server Error")):
        tg.fail("editMessageText", code, description)
        tg.presses(ADA, sent, "Next")
    old = dict(sent.raw)
    sent.raw = {"chat": old["chat"], "message_id": old["message_id"], "date": 0}  # inaccessible
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: len(tg.answered) == 3)
    assert {a["callback_query_id"] for a in tg.answered} == {"cb1", "cb2", "cb3"}
    assert any("too old" in a.get("text", "") for a in tg.answered)


async def test_buttons_under_a_channels_settings_stay_about_the_channel(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text=f"for {request.place} {request.data}", actions=((NEXT,),))

    handle.reply = reply
    tg.add_chat(CHANNEL, "Paper channel", "channel", bot="administrator")
    handle.owners[str(CHANNEL)] = str(ADA)
    tg.set_member(CHANNEL, ADA, "creator")
    tg.says(ADA, f"/setup {CHANNEL}")
    sent = await tg.reply()
    for _ in range(2):  # the changed message's buttons too
        tg.presses(ADA, sent, "Next")
    await tg.until(lambda: len(tg.answered) == 2)
    assert sent.text == "for Paper channel today-2-t"
    assert [r.address for r in handle.requests] == [str(CHANNEL)] * 3
    assert handle.requests[-1].may_manage and await handle.requests[-1].may_manage()
