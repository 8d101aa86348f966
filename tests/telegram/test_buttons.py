"""Buttons: in private, in groups, under a channel's settings."""

import asyncio

import pytest

from bot.dialogue import Action, Message, Request
from bot.errors import UserError
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, CHANNEL, GROUP, NEXT, FakeHandle, running


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
    tg.set_member(CHANNEL, ADA, "creator")
    tg.says(ADA, f"/setup {CHANNEL}")
    sent = await tg.reply()
    for _ in range(2):  # the changed message's buttons too
        tg.presses(ADA, sent, "Next")
    await tg.until(lambda: len(tg.answered) == 2)
    assert sent.text == "for Paper channel today-2-t"
    assert [r.address for r in handle.requests] == [str(CHANNEL)] * 3
    assert handle.requests[-1].may_manage and await handle.requests[-1].may_manage()


async def test_where_the_command_was_deleted_the_presser_is_the_one_who_asks(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text=f"page {request.data or 1}", actions=((NEXT,),))

    handle.reply = reply
    tg.set_member(GROUP, BOB, "administrator")
    tg.says(ADA, "/today", GROUP)
    sent = await tg.reply()
    del sent.raw["reply_to_message"]
    tg.presses(BOB, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert sent.text == "page today-2-t" and handle.requests[-1].person == str(BOB)
    assert handle.requests[-1].may_manage and await handle.requests[-1].may_manage()


@pytest.mark.parametrize(("status", "may"), [("administrator", True), ("member", False)])
async def test_what_an_anonymous_administrator_asked_any_administrator_may_turn(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, status: str, may: bool
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text=f"page {request.data or 1}", actions=((NEXT,),))

    handle.reply = reply
    tg.set_member(GROUP, ADA, status)
    tg.says(ADA, "/today", GROUP, anonymous=True)
    sent = await tg.reply()
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert (sent.text == "page today-2-t") == may
    assert ("Only the person who asked" in tg.answered[0].get("text", "")) != may


async def test_a_page_refused_as_malformed_comes_in_plain_words(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        return Message(title="<b>", text=f"page {request.data or 1}", actions=((NEXT,),))

    handle.reply = reply
    tg.fail("sendMessage", 400, "Bad Request: can't parse entities")
    tg.says(ADA, "/today")
    sent = await tg.reply()
    assert (sent.html, sent.buttons) == ("<b>\npage 1", [])
    tg.says(ADA, "/today")
    sent = await tg.reply(2)
    tg.fail("editMessageText", 400, "Bad Request: BUTTON_DATA_INVALID")
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert (sent.html, sent.buttons) == ("<b>\npage today-2-t", [])


async def test_an_answers_buttons_act_on_what_the_answer_is_about(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text=f"{request.address}", actions=((NEXT,),), about=str(GROUP))

    handle.reply = reply
    tg.set_member(GROUP, ADA, "administrator")
    tg.says(ADA, "/today")
    sent = await tg.reply()
    for _ in range(2):
        tg.presses(ADA, sent, "Next")
    await tg.until(lambda: len(tg.answered) == 2)
    assert [r.address for r in handle.requests] == [str(ADA), str(GROUP), str(GROUP)]
    tg.says(ADA, "/today", GROUP)
    assert (await tg.reply(2)).buttons[0]["callback_data"] == "today-2-t"


# the spinner --------------------------------------------------------------------------------------


async def test_a_spinner_ends_before_a_slow_page_comes(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        await asyncio.sleep(20 if request.data else 0)
        return Message(text=f"page {request.data or 1}", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, "/today")
    sent = await tg.reply()
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered, 2)
    assert sent.edits == 0
    await tg.until(lambda: sent.text == "page today-2-t", 30)
    assert len(tg.answered) == len(tg.sent) == 1


@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_a_refusal_that_comes_late_is_told_in_private(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, chat: int
) -> None:
    async def reply(request: Request) -> Message:
        if request.data:
            await asyncio.sleep(20)
            raise UserError("That button is too old.")
        return Message(text="page 1", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, "/today", chat)
    sent = await tg.reply()
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered, 2)
    told = "That button is too old."
    await tg.until(lambda: told in (sent.text, tg.sent[-1].text), 30)
    assert tg.sent[-1].chat_id == ADA and (sent.text == told) == (chat == ADA)
    assert tg.answered == [{"callback_query_id": "cb1"}]


async def test_a_press_of_who_was_told_to_slow_down_ends_its_spinner_and_no_more(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    await adapter.post(str(ADA), Message(text="post", actions=((NEXT,),)), key="dp1")
    handle.silent.add(str(ADA))
    tg.presses(ADA, tg.sent[0], "Next")
    await tg.until(lambda: tg.answered)
    assert tg.answered == [{"callback_query_id": "cb1"}]
    assert tg.sent[0].edits == 0 and len(tg.sent) == 1


@pytest.mark.parametrize(
    "data", ["", "x", "today", "\u2060", "~", "today-2-t~", "old style|data", "9" * 64, None]
)
async def test_whatever_a_button_says_its_spinner_ends(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, data: str | None
) -> None:
    async def reply(request: Request) -> Message:
        if request.data:
            raise UserError("That button is too old.")
        return Message(text="page 1", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, "/today")
    sent = await tg.reply()
    sent.reply_markup = {"inline_keyboard": [[{"text": "Odd", "callback_data": data}]]}
    tg.presses(ADA, sent, "Odd")
    await tg.until(lambda: tg.answered)
    await asyncio.sleep(30)
    assert len(tg.answered) == len(tg.sent) == 1


async def test_a_press_without_its_message_is_answered(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    person = {"id": ADA, "is_bot": False, "first_name": "Ada"}
    for more in ({}, {"inline_message_id": "x"}, {"game_short_name": "x"}):
        query = {"id": "cb9", "from": person, "chat_instance": "1", "data": "today-2-t"} | more
        tg.pushes({"update_id": tg._last["update"] + 1, "callback_query": query})
    await tg.until(lambda: len(tg.answered) == 3)
    assert all("too old" in answer["text"] for answer in tg.answered)
    assert handle.requests == []


async def test_a_button_outlives_a_restart(tg: TelegramDouble, handle: FakeHandle) -> None:
    async with running(tg, handle) as adapter:
        await adapter.post(str(ADA), Message(text="post", actions=((NEXT,),)), key="dp1")
    tg.presses(ADA, tg.sent[0], "Next")
    async with running(tg, handle):
        await tg.until(lambda: tg.answered)
        await tg.until(lambda: tg.sent[0].text == "::today-2-t")


async def test_a_button_about_the_place_is_for_who_may_manage_it_whoever_asked(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        if not (request.may_manage and await request.may_manage()):
            return Message(text="Only someone who may manage this can.", private=True)
        menu = Action("10:00", command="setup", text="10:00", data="setup-1-t10")
        return Message(text=f"menu {request.data}", actions=((menu,),))

    handle.reply = reply
    tg.set_member(GROUP, ADA, "administrator")
    tg.says(ADA, "/setup", GROUP)
    sent = await tg.reply()
    tg.presses(BOB, sent, "10:00")
    await tg.until(lambda: tg.answered)
    assert tg.answered[0]["text"] == "Only someone who may manage this can." and sent.edits == 0
    tg.set_member(GROUP, BOB, "administrator")
    tg.presses(BOB, sent, "10:00")
    await tg.until(lambda: len(tg.answered) == 2)
    assert sent.text == "menu setup-1-t10"
