"""Commands and words: what becomes of them, and who sees the answer."""

import asyncio

import pytest

from bot.dialogue import Message, Request
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, GROUP, FakeHandle


@pytest.mark.parametrize(
    ("said", "command", "text", "data"),
    [
        ("/search kv cache", "search", "kv cache", ""),
        ("/search@papers_bot kv\ncache", "search", "kv\ncache", ""),
        ("/Search  kv", "search", "kv", ""),
        ("kv cache", "search", "kv cache", ""),
        ("/today", "today", "", ""),
        ("/start", "help", "", ""),
        ("/start help", "help", "", ""),
        ("/start today-2-t", "", "", "today-2-t"),
        ("/start not data!", "help", "", ""),
    ],
)
async def test_what_a_person_writes_becomes_a_request(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter,
    said: str, command: str, text: str, data: str,
) -> None:  # fmt: skip
    tg.says(ADA, said)
    sent = await tg.reply()
    (got,) = handle.requests
    assert (got.command, got.text, got.data) == (command, text, data)
    assert (got.platform, got.address, got.person) == ("telegram", str(ADA), str(ADA))
    assert got.one_to_one
    assert got.linked == said.startswith("/start")
    assert got.may_manage and await got.may_manage()
    assert sent.chat_id == ADA


async def test_an_unknown_command_gets_a_hint_in_private_and_silence_in_groups(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    for said in ("/nonsense", "/more 1", "/today@other_bot", "just talking"):
        tg.says(ADA, said, GROUP)
    tg.says(ADA, "/more")
    await tg.reply()
    tg.says(ADA, "/nonsense")
    sent = await tg.reply(2)
    assert {one.chat_id for one in tg.sent} == {ADA}
    assert "nonsense" in sent.text and "/help" in sent.text
    assert handle.requests == []


async def test_a_slow_answer_holds_up_nobody(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    free = asyncio.Event()

    async def reply(request: Request) -> Message:
        if request.text == "slow":
            await free.wait()
        return Message(text=request.text)

    handle.reply = reply
    tg.says(ADA, "/search slow")
    tg.says(BOB, "/search quick")
    assert (await tg.reply()).text == "quick"
    free.set()
    assert (await tg.reply(2)).text == "slow"


async def test_a_topic_has_an_address_of_its_own(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    asked = tg.says(ADA, "/today", GROUP, thread=7)
    sent = await tg.reply()
    assert handle.requests[0].address == f"{GROUP}/7"
    assert handle.requests[0].place == "Reading group"
    assert (sent.thread, sent.reply_to) == (7, asked)


async def test_a_reply_thread_in_a_plain_group_is_no_topic(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.says(ADA, "/today", GROUP, message_thread_id=7)
    assert (await tg.reply()).thread is None
    assert handle.requests[0].address == str(GROUP)


async def test_a_private_answer_never_stands_in_a_group(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.says(ADA, "/subscribe my secret topic", GROUP)
    await tg.reply(2)
    whispered, said = tg.sent
    assert (whispered.chat_id, whispered.text) == (ADA, "subscribe:my secret topic:")
    assert (said.chat_id, said.text) == (GROUP, "I answered you in private.")


async def test_who_has_no_private_chat_is_asked_to_open_one(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_person(13, "Cy", started=False)
    tg.says(13, "/subscribe secret", GROUP)
    sent = await tg.reply()
    assert sent.chat_id == GROUP and "Open a private chat" in sent.text
    assert "secret" not in sent.text
    assert sent.buttons[0]["url"] == "https://t.me/papers_bot?start=help"
