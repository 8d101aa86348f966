"""Groups and channels: who may manage them, and what happens to them."""

import pytest

from adapters.telegram import chats
from bot.dialogue import Message
from bot.errors import PostError, Untold
from bot.model import Place
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
    assert handle.told[0] == ("added", str(CHANNEL), str(ADA), "Paper channel")
    assert sent.chat_id == ADA and f"Europe/Berlin {CHANNEL}" in sent.text
    tg.puts_bot(BOB, CHANNEL, "administrator")  # changed rights: the channel stays Ada's
    tg.puts_bot(BOB, CHANNEL, "kicked")
    await tg.until(lambda: handle.told[-1][0] == "removed")
    assert handle.told[-1][1:] == (
        str(CHANNEL),
        "the bot was removed",
        "Add me to the channel again, as an administrator who may post messages.",
    )


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
    await tg.until(lambda: len(handle.told) == 5)
    assert handle.told == [
        ("added", str(GROUP), str(ADA), "Reading group"),
        ("returned", str(GROUP)),
        (
            "removed",
            str(BOB),
            "I was blocked in our private chat",
            "Unblock me in our private chat.",
        ),
        ("returned", str(BOB)),
        ("removed", str(GROUP), "the bot was removed", "Add me to the group again."),
    ]
    assert tg.sent == []  # it was out again before it could say hello


async def test_a_migrated_group_is_followed(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(-50, "Small group", "group")
    tg.migrates(-50, -1005050)
    await tg.until(lambda: len(handle.told) == 2)
    assert handle.told == [("moved", "-50", "-1005050")] * 2


# a place as people know it ----------------------------------------------------------------------


async def test_a_place_is_known_by_what_telegram_said_of_it(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(-1004444444, "Public\n\u202egroup", username="publicgroup")
    tg.add_chat(-50, "Small group", "group")
    tg.add_chat(CHANNEL, "Paper channel", "channel", bot="administrator")
    assert adapter.place(str(CHANNEL)) == Place("")
    await adapter.post(str(CHANNEL), Message(text="post"), key="dp1")  # its answer says so
    for chat in (GROUP, -1004444444, -50):
        async with tg.next_reply():
            tg.says(ADA, "/today", chat)
    asked = tg.count("getChat")
    assert adapter.place(str(CHANNEL)) == Place("Paper channel", "https://t.me/c/1234567")
    assert adapter.place(f"{GROUP}/7") == Place("Reading group, topic 7", "https://t.me/c/1/7")
    assert adapter.place("-1004444444") == Place("Public group", "https://t.me/publicgroup")
    assert adapter.place("-1004444444/7") == Place(
        "Public group, topic 7", "https://t.me/publicgroup/7"
    )
    assert adapter.place("-50") == Place("Small group")
    assert (
        adapter.place(str(ADA)) == adapter.place("-1009") == adapter.place("-1009/7") == Place("")
    )
    assert tg.count("getChat") == asked == 0


async def test_a_new_title_counts_and_a_bounded_number_is_kept(
    tg: TelegramDouble, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats, "KEPT", 2)
    for number, title in ((1, "One"), (2, "Two"), (1, "First"), (3, "Three")):
        tg.add_chat(-1_000_000 - number, title)
        await adapter.post(f"-100000{number}", Message(text="post"), key=f"dp{number}")
    known = [adapter.place(f"-100000{number}").title for number in (1, 2, 3)]
    assert known == ["First", "", "Three"]


async def test_a_request_says_how_its_place_is_opened(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, "Open group", username="opengroup")
    for chat, thread in ((CHANNEL, 0), (GROUP, 7), (ADA, 0)):
        async with tg.next_reply():
            tg.says(ADA, "/today", chat, thread=thread)
    assert [request.place_url for request in handle.requests] == [
        "https://t.me/opengroup", "https://t.me/c/1/7", "",
    ]  # fmt: skip


# what keeps the bot from posting ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (str(GROUP), ""),
        ("-1003", ""),
        (str(CHANNEL), "Telegram Paper channel: the bot is not in the chat."),
        ("-1002", "Telegram Muted: the bot may not send messages there."),
        ("-1002/7", "Telegram Muted: the bot may not send messages there."),
        ("-1004", "Telegram Read only: the bot must be an administrator who may post messages."),
        ("-1005", "Telegram Silent: the bot may not send messages there."),
        ("-1006", ""),
        (f"{GROUP}/7", "Telegram Reading group: the group has no topics any more."),
        ("-1009", "Telegram -1009: there is no such chat for the bot."),
    ],
)
async def test_an_obstacle_is_named(
    tg: TelegramDouble, adapter: Adapter, address: str, sentence: str
) -> None:
    tg.add_chat(CHANNEL, "Paper channel", "channel", bot="left")
    tg.add_chat(-1002, "Muted", forum=True)
    tg.set_member(-1002, 123456, "restricted", is_member=True)
    tg.add_chat(-1003, "Fine", "channel", bot="administrator")
    tg.add_chat(-1004, "Read only", "channel")
    tg.set_member(-1004, 123456, "administrator", can_post_messages=False)
    for chat, bot in ((-1005, "member"), (-1006, "administrator")):
        tg.add_chat(chat, "Silent", bot=bot)
        tg.chats[chat]["permissions"] = {"can_send_messages": False}
    assert await adapter.obstacle(address) == sentence
    assert tg.count("sendMessage") == 0


@pytest.mark.parametrize("address", [str(ADA), "13", "-1007/7", "-1008"])
async def test_only_a_post_tells_of_a_private_chat_an_open_topic_or_a_status_nobody_knows(
    tg: TelegramDouble, adapter: Adapter, address: str
) -> None:
    tg.add_chat(-1007, "Forum", forum=True)
    tg.add_chat(-1008, "Strange", bot="knighted")
    with pytest.raises(Untold):
        await adapter.obstacle(address)


@pytest.mark.parametrize(
    ("code", "words"),
    [(500, "Internal Server Error"), (403, "Forbidden: something new"), (429, "Too Many Requests")],
)
async def test_telegrams_trouble_is_no_obstacle(
    tg: TelegramDouble, adapter: Adapter, code: int, words: str
) -> None:
    for method in ("getChat", "getChatMember"):
        tg.fail(method, code, words)
        with pytest.raises(PostError) as caught:
            await adapter.obstacle(str(GROUP))
        assert not caught.value.permanent


async def test_two_topics_of_a_group_are_told_apart_by_name_else_by_number(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    first = {"message_id": 7, "date": 1, "chat": {"id": GROUP, "type": "supergroup"}}
    made = {"name": "Papers", "icon_color": 1}
    tg.says(ADA, "/today", GROUP, thread=7,
            reply_to_message=first | {"forum_topic_created": made})  # fmt: skip
    tg.says(ADA, "/today", GROUP, thread=8)
    await tg.reply(2)
    titles = [adapter.place(f"{GROUP}{topic}").title for topic in ("/7", "/8", "")]
    assert titles == ["Reading group, topic Papers", "Reading group, topic 8", "Reading group"]
    assert [request.place_title for request in handle.requests] == titles[:2]
    tg.says(ADA, "", GROUP, thread=7, forum_topic_edited={"name": "New papers"})
    tg.says(ADA, "/today", GROUP, thread=7,
            reply_to_message=first | {"forum_topic_created": made})  # fmt: skip
    await tg.reply(3)
    assert adapter.place(f"{GROUP}/7").title == "Reading group, topic New papers"
