"""Who may manage another chat: its administrators, as they are now; to others it does not exist."""

import pytest

from bot.dialogue import Message, Request
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, CHANNEL, GROUP, NEXT, FakeHandle

LOST = -1007654321


@pytest.fixture
def channel(tg: TelegramDouble) -> int:
    """A channel with a secret title, which Ada administrates and Bob reads."""
    tg.add_chat(CHANNEL, "Merger war room", "channel", username="warroom", bot="administrator")
    tg.set_member(CHANNEL, ADA, "administrator")
    tg.set_member(CHANNEL, BOB, "member")
    return CHANNEL


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/setup 09:00 @warroom Europe/Berlin", "09:00 Europe/Berlin"),
        (f"/setup 09:00 {CHANNEL}", "09:00"),
        ("/setup 09:00 Europe/Berlin @\u2060warroom", "09:00 Europe/Berlin"),  # copied from us
        ("/setup https://t.me/warroom 09:00", "09:00"),
        ("/setup t.me/warroom/17 09:00", "09:00"),
        ("/setup https://t.me/c/1234567 09:00", "09:00"),
        ("/setup HTTPS://T.me/c/1234567/8?thread=1 09:00", "09:00"),
    ],
)
async def test_an_administrator_manages_a_channel_whoever_added_the_bot(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int,
    line: str, text: str,
) -> None:  # fmt: skip
    handle.owners[str(channel)] = str(BOB)
    tg.says(ADA, line)
    await tg.reply()
    (request,) = handle.requests
    assert (request.address, request.text, request.person) == (str(channel), text, str(ADA))
    assert (request.place, request.place_url) == ("Merger war room", "https://t.me/warroom")
    assert not request.one_to_one and request.may_manage and await request.may_manage()


async def test_rights_are_those_of_now(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    for number, (status, may) in enumerate(
        [("administrator", True), ("member", False), ("creator", True), ("kicked", False)]
    ):
        handle.requests.clear()
        tg.set_member(channel, ADA, status)
        tg.says(ADA, "/setup 09:00 @warroom")
        await tg.reply(number + 1)
        assert bool(handle.requests) == may, status


async def test_a_strangers_a_missing_and_a_strange_chat_have_one_answer(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    tg.add_chat(LOST, "Left behind", "channel", username="leftbehind", bot="left")
    tg.set_member(LOST, BOB, "creator")
    tg.add_chat(-1005555555, "Thrown out", bot="kicked")
    tg.set_member(-1005555555, BOB, "creator")
    named = [channel, "@warroom", LOST, "@leftbehind", -1005555555, "@nowhere", -1009999999]
    for number, name in enumerate([*named, "https://t.me/warroom", "t.me/c/1234567"]):
        tg.says(BOB, f"/setup 09:00 {name}")
        await tg.reply(number + 1)
    assert len({sent.text for sent in tg.sent}) == 1 and handle.requests == []
    assert not any(word in tg.sent[0].text for word in ("Merger", "Left", "Thrown"))
    assert "administrator" in tg.sent[0].text


@pytest.mark.parametrize(
    ("method", "code", "words"),
    [
        ("getChatMember", 400, "Bad Request: PARTICIPANT_ID_INVALID"),
        ("getChatMember", 400, "Bad Request: member list is inaccessible"),
        ("getChat", 403, "Forbidden: bot is not a member of the channel chat"),
        ("getChat", 400, "Bad Request: strange"),
    ],
)
async def test_a_refusal_is_no_right_and_tells_nothing(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int,
    method: str, code: int, words: str,
) -> None:  # fmt: skip
    tg.says(BOB, "/setup 09:00 @nowhere")
    await tg.reply()
    tg.fail(method, code, words)
    tg.says(ADA, f"/setup 09:00 {channel}")
    assert (await tg.reply(2)).text == tg.sent[0].text
    assert handle.requests == []


async def test_a_press_about_another_chat_is_judged_like_a_command(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text=f"for {request.place}", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, f"/setup {channel}")
    sent = await tg.reply()
    tg.set_member(channel, ADA, "member")
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    refusal = tg.answered[0]["text"]
    assert "Merger" not in refusal and tg.answered[0]["show_alert"] and len(handle.requests) == 1
    sent.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = "today-2-t~-1009999999"
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: len(tg.answered) == 2)
    assert tg.answered[1]["text"] == refusal


@pytest.mark.parametrize("about", [str(BOB), "@warroom/x/~", "~~", "9" * 30, "-100/7/8", "@"])
async def test_forged_data_of_a_press_reaches_no_other_chat(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, about: str
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text="page", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, "/today")
    sent = await tg.reply()
    button = sent.raw["reply_markup"]["inline_keyboard"][0][0]
    button["callback_data"] = f"today-2-t~{about}"
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert {request.address for request in handle.requests} == {str(ADA)}
    assert "no such channel or group" in tg.answered[0]["text"]


async def test_telegrams_silence_is_no_right(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    for number, method in enumerate(("getChat", "getChatMember")):
        tg.fail(method)
        tg.says(ADA, "/setup 09:00 @warroom")
        assert (await tg.reply(number + 1)).text.startswith("Telegram does not answer")
    assert handle.requests == []


@pytest.mark.parametrize(
    "name", ["@a", "@war-room", "https://t.me/+AbCdEf", "https://t.me/x", "t.me/joinchat/AAA?x"]
)
async def test_a_name_that_is_not_understood_changes_nothing(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, name: str
) -> None:
    tg.says(ADA, f"/setup {name}")
    assert "name it like" in (await tg.reply()).text
    assert handle.requests == []


async def test_a_group_manages_itself_alone(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    tg.set_member(GROUP, ADA, "administrator")
    tg.says(ADA, "/setup 09:00 @warroom", GROUP)
    assert "in our private chat" in (await tg.reply()).text
    assert handle.requests == []
