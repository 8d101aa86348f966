"""One bad update: it is passed over, and nobody else notices."""

from typing import Any

import pytest

from adapters.telegram import polling
from bot.dialogue import Message, Request
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, GROUP, FakeHandle, running

SECRET = "my private words"
PERSON = {"id": ADA, "is_bot": False, "first_name": "Ada"}
CHAT = {"id": ADA, "type": "private", "first_name": "Ada"}
SAID = {
    "message_id": 1,
    "date": 1750000000,
    "chat": CHAT,
    "from": PERSON,
    "text": f"/today {SECRET}",
}
MEMBER = {"status": "member", "user": PERSON}
CHANGE = {"chat": CHAT, "from": PERSON, "date": 1, "old_chat_member": MEMBER}


def message(**changes: Any) -> dict[str, Any]:
    return {"message": {k: v for k, v in {**SAID, **changes}.items() if v != "left out"}}


BAD: dict[str, dict[str, Any]] = {
    "no date": message(date="left out"),
    "no chat": message(chat="left out"),
    "no message_id": message(message_id="left out"),
    "a date that is none": message(date="yesterday"),
    "a date beyond all calendars": message(date=10**18),
    "a chat that is a number": message(chat=ADA),
    "a chat that is null": message(chat=None),
    "a chat without an id": message(chat={"type": "private"}),
    "a sender that is words": message(**{"from": SECRET}),
    "a sender without a name": message(**{"from": {"id": ADA}}),
    "a text that is a number": message(text=7),
    "a text that is a list": message(text=[SECRET]),
    "an entity that is null": message(entities=[None]),
    "entities that are words": message(entities=SECRET),
    "a reply to nothing": message(reply_to_message={}),
    "a photo of words": message(photo=[SECRET]),
    "a message that is a list": {"message": [SECRET]},
    "a message that is words": {"message": SECRET},
    "a press of nothing": {"callback_query": {}},
    "a press without a person": {"callback_query": {"id": "1", "data": SECRET}},
    "a press that is null": {"callback_query": None},
    "an unknown status": {"my_chat_member": CHANGE | {"new_chat_member": {"status": "knighted"}}},
    "a status that is null": {"my_chat_member": CHANGE | {"new_chat_member": None}},
    "no new status": {"my_chat_member": CHANGE},
    "a member without a user": {"my_chat_member": CHANGE | {"new_chat_member": {"status": "left"}}},
    "a kind nobody knows": {"wish": {"text": SECRET}},
    "nothing": {},
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_an_update_that_cannot_be_read_makes_nobody_wait(
    tg: TelegramDouble, handle: FakeHandle, caplog: pytest.LogCaptureFixture, bad: dict[str, Any]
) -> None:
    caplog.set_level("DEBUG", logger="adapters")
    tg.says(BOB, "/today before")
    number = tg.pushes({"update_id": 1002} | bad)
    tg.says(BOB, "/today after")
    async with running(tg, handle):
        await tg.until(lambda: len(tg.sent) >= 2)
        tg.says(BOB, "/today later")
        await tg.until(lambda: len(tg.sent) >= 3)
    assert [s.text for s in tg.sent] == ["today:before:", "today:after:", "today:later:"]
    asked = [params.get("offset", 0) for method, params in tg.calls if method == "getUpdates"]
    assert max(asked) > number and SECRET not in caplog.text


@pytest.mark.parametrize("bad", [BAD["no date"], BAD["a chat that is null"]], ids=["read", "used"])
async def test_the_number_of_a_skipped_update_is_in_the_log(
    tg: TelegramDouble, handle: FakeHandle, caplog: pytest.LogCaptureFixture, bad: dict[str, Any]
) -> None:
    tg.pushes({"update_id": 1001} | bad)
    tg.says(BOB, "/today after")
    async with running(tg, handle):
        await tg.reply()
    assert "update skipped update_id=1001" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "bad",
    [
        None, 7, SECRET, [SECRET], {}, message(),
        {"update_id": "1002"} | message(), {"update_id": None} | message(),
        {"update_id": 10**30} | message(), {"update_id": True} | message(),
        {"update_id": -5} | message(), {"update_id": [1]} | message(),
    ],
)  # fmt: skip
async def test_an_update_without_a_number_is_passed_over(
    tg: TelegramDouble, handle: FakeHandle, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch, bad: object,
) -> None:  # fmt: skip
    monkeypatch.setattr(polling, "STUCK", 0.05)
    tg.pushes(bad)  # with nothing behind it, it cannot be confirmed
    async with running(tg, handle):
        await tg.until(lambda: tg.count("getUpdates") >= 2)
        tg.says(BOB, "/today")
        assert (await tg.reply()).text == "today::"
        tg.says(BOB, "/today later")
        await tg.until(lambda: [s.text for s in tg.sent if s.chat_id == BOB][1:])
    assert [s.text for s in tg.sent if s.chat_id == BOB] == ["today::", "today:later:"]
    assert SECRET not in caplog.text


async def test_what_cannot_be_confirmed_is_not_asked_for_without_a_rest(
    tg: TelegramDouble, handle: FakeHandle
) -> None:
    tg.pushes(None)
    async with running(tg, handle) as adapter:
        for number in range(50):
            await adapter.post(str(GROUP), Message(text="post"), key=f"dp{number}")
        assert tg.count("getUpdates") == 1


@pytest.mark.parametrize("result", ["7", "null", '{"update_id": 1}', '"words"', "true"])
async def test_an_answer_that_is_no_list_is_asked_for_again(
    tg: TelegramDouble, handle: FakeHandle, result: str
) -> None:
    tg.page("getUpdates", 200, f'{{"ok": true, "result": {result}}}')
    async with running(tg, handle):
        tg.says(BOB, "/today")
        assert (await tg.reply()).text == "today::"


async def test_a_handler_that_breaks_ends_neither_the_adapter_nor_another_answer(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    async def reply(request: Request) -> Message:
        if request.text:
            raise RuntimeError(f"{request.text} broke it")
        return Message(text="fine")

    handle.reply = reply
    for _ in range(3):
        tg.says(ADA, f"/search {SECRET}")
    tg.says(ADA, "/today")
    assert (await tg.reply()).text == "fine"
    await adapter.post(str(GROUP), Message(text="post"), key="dp1")
    broken = [r for r in caplog.records if r.levelname == "ERROR"]
    assert len(broken) == 3 and all("update_id=" in r.getMessage() for r in broken)
    assert "RuntimeError" in caplog.text and "test_updates.py" in caplog.text
    assert SECRET not in caplog.text


async def test_what_a_core_breaks_on_is_one_update_as_well(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def added(address: str, by: str, title: str) -> None:
        raise OSError("disk full")

    handle.added = added  # type: ignore[method-assign]
    tg.set_member(GROUP, 123456, "left")
    tg.puts_bot(ADA, GROUP, "member")
    tg.says(ADA, "/today")
    assert (await tg.reply()).text == "today::"
