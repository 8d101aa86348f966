"""Groups and channels: who may manage them, and what happens to them."""

import pytest

from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, CHANNEL, GROUP, FakeHandle


@pytest.mark.parametrize(
    ("status", "may"),
    [("creator", True), ("administrator", True), ("member", False), ("left", False)],
)
async def test_only_administrators_manage_a_group(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, status: str, may: bool
) -> None:
    tg.set_member(GROUP, ADA, status)
    tg.says(ADA, "/setup 09:00", GROUP)
    sent = await tg.reply()
    assert sent.chat_id == GROUP
    assert sent.text == (
        "setup:09:00:" if may else "Only someone who may manage Reading group can do that."
    )


async def test_an_anonymous_administrator_manages_but_gets_nothing_private(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.says(ADA, "/setup 09:00", GROUP, anonymous=True)
    assert (await tg.reply()).text == "setup:09:00:"
    tg.says(ADA, "/subscribe kv", GROUP, anonymous=True)
    assert "Write to me as yourself" in (await tg.reply(2)).text
    assert len(handle.requests) == 1


async def test_writing_as_a_channel_is_no_right(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.set_member(GROUP, ADA, "administrator")
    as_channel = {"id": -100777, "type": "channel", "title": "Elsewhere"}
    tg.says(ADA, "/setup 09:00", GROUP, sender_chat=as_channel)
    assert (await tg.reply()).text.startswith("Only someone")


async def test_rights_that_cannot_be_asked_for_are_not_granted(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.set_member(GROUP, ADA, "administrator")
    tg.fail("getChatMember")
    tg.says(ADA, "/setup 09:00", GROUP)
    assert (await tg.reply()).text.startswith("Telegram does not answer")


async def test_who_adds_the_bot_to_a_channel_is_told_how_to_set_it_up(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, "Paper channel", "channel", bot="left")
    tg.puts_bot(ADA, CHANNEL, "administrator")
    sent = await tg.reply()
    assert handle.told == [("added", str(CHANNEL), str(ADA), "Paper channel")]
    assert sent.chat_id == ADA and f"Europe/Berlin {CHANNEL}" in sent.text
    tg.puts_bot(BOB, CHANNEL, "administrator")  # changed rights: the channel stays Ada's
    tg.puts_bot(BOB, CHANNEL, "kicked")
    await tg.until(lambda: len(handle.told) == 2)
    assert handle.told[1][:2] == ("removed", str(CHANNEL))


async def test_being_added_by_a_stranger_is_recorded_although_nobody_can_be_told(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_person(13, "Cy", started=False)
    tg.add_chat(CHANNEL, "Paper channel", "channel", bot="left")
    tg.puts_bot(13, CHANNEL, "administrator")
    tg.says(ADA, "/today")
    await tg.reply()
    assert handle.owners == {str(CHANNEL): "13"}


async def test_a_group_and_a_blocked_private_chat_are_noticed(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.set_member(GROUP, 123456, "left")
    tg.puts_bot(ADA, GROUP, "member")
    tg.puts_bot(BOB, BOB, "kicked")
    tg.puts_bot(BOB, BOB, "member")
    tg.puts_bot(ADA, GROUP, "left")
    await tg.until(lambda: len(handle.told) == 3)
    assert handle.told == [
        ("added", str(GROUP), str(ADA), "Reading group"),
        ("removed", str(BOB), "the person blocked the bot"),
        ("removed", str(GROUP), "the bot was removed"),
    ]
    assert tg.sent == []


async def test_a_channel_is_managed_by_who_added_the_bot_and_only_in_private(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, "Paper channel", "channel", username="paperchannel", bot="administrator")
    handle.owners[str(CHANNEL)] = str(ADA)
    for person in (ADA, BOB):
        tg.set_member(CHANNEL, person, "administrator")
    tg.says(ADA, "/setup 09:00 @paperchannel Europe/Berlin")
    assert (await tg.reply()).text == "setup:09:00 Europe/Berlin:"
    got = handle.requests[0]
    assert (got.address, got.place, got.person) == (str(CHANNEL), "Paper channel", str(ADA))
    tg.says(BOB, f"/setup 09:00 {CHANNEL}")
    assert "Only someone who may manage Paper channel" in (await tg.reply(2)).text
    tg.set_member(CHANNEL, ADA, "member")  # no longer an administrator
    tg.says(ADA, "/setup 10:00 @paperchannel")
    assert "Only someone who may manage Paper channel" in (await tg.reply(3)).text


@pytest.mark.parametrize("name", ["@nowhere", "-1009999999"])
async def test_an_unknown_channel_is_said_and_nothing_changed(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, name: str
) -> None:
    tg.says(ADA, f"/setup 09:00 {name}")
    sent = await tg.reply()
    assert "I do not know" in sent.text
    assert handle.requests == []


async def test_a_public_channel_nobody_added_the_bot_to_is_unknown(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, "Elsewhere", "channel", username="elsewhere", bot="left")
    tg.says(ADA, "/setup 09:00 @elsewhere")
    assert "I do not know" in (await tg.reply()).text
    assert handle.requests == []


async def test_a_migrated_group_is_followed(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(-50, "Small group", "group")
    tg.migrates(-50, -1005050)
    await tg.until(lambda: len(handle.told) == 2)
    assert handle.told == [("moved", "-50", "-1005050")] * 2
