"""Starting, polling through trouble, stopping, and what doctor says."""

import asyncio
from dataclasses import replace

import pytest

from adapters.telegram.client import make
from bot.errors import ConfigError
from bot.ports import Adapter
from tests.telegram.double import TOKEN, TelegramDouble
from tests.telegram.fake import ADA, CHANNEL, GROUP, FakeHandle, config, running


async def test_commands_are_registered_for_everyone_and_for_administrators(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    names = {scope: [c["command"] for c in given] for scope, given in tg.commands.items()}
    assert names == {
        "default": ["help", "today", "search", "subscribe"],
        "all_chat_administrators": ["help", "today", "search", "setup", "subscribe"],
        "all_private_chats": ["help", "today", "search", "setup", "subscribe"],
    }


async def test_an_answer_waits_out_a_short_flood_limit(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.fail("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    tg.says(ADA, "/today")
    assert (await tg.reply()).text == "today::"


async def test_trouble_while_polling_is_survived(tg: TelegramDouble, handle: FakeHandle) -> None:
    tg.fail("getMe")
    tg.drop("getUpdates")
    async with running(tg, handle):
        tg.says(ADA, "/today")
        assert (await tg.reply()).text == "today::"


async def test_a_second_program_with_the_same_token_is_named_in_the_log(
    tg: TelegramDouble, handle: FakeHandle, caplog: pytest.LogCaptureFixture
) -> None:
    tg.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    async with running(tg, handle):
        tg.says(ADA, "/today")
        await tg.reply()
    assert "another program is using this bot's token" in caplog.text


async def test_a_refused_token_is_one_sentence(tg: TelegramDouble, handle: FakeHandle) -> None:
    adapter = make(config(tg, "1:wrong"))
    with pytest.raises(ConfigError, match="Telegram refused TELEGRAM_TOKEN") as caught:
        await adapter.run(handle)
    assert "1:wrong" not in str(caught.value)
    assert await adapter.check(["1"]) == [str(caught.value)]


async def test_a_token_revoked_while_running_ends_the_adapter(
    tg: TelegramDouble, handle: FakeHandle
) -> None:
    adapter = make(config(tg))
    task = asyncio.create_task(adapter.run(handle))
    await tg.until(lambda: any(method == "getUpdates" for method, _ in tg.calls))
    tg.token = "2:new"
    tg.says(ADA, "/today")
    with pytest.raises(ConfigError):
        async with asyncio.timeout(5):
            await task


async def test_a_token_never_reaches_the_log(
    tg: TelegramDouble, handle: FakeHandle, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with pytest.raises(ConfigError):
        await make(config(tg, "1:wrong")).run(handle)
    async with running(tg, handle):
        tg.drop("sendMessage")
        tg.says(ADA, "/search private words")
        tg.says(ADA, "/today")
        await tg.reply()
    assert "telegram is up" in caplog.text
    assert TOKEN not in caplog.text and "1:wrong" not in caplog.text
    assert "private words" not in caplog.text


async def test_doctor_names_what_keeps_the_bot_from_posting(tg: TelegramDouble) -> None:
    tg.add_chat(CHANNEL, "Paper channel", "channel", bot="left")
    tg.add_chat(-1002, "Muted")
    tg.set_member(-1002, 123456, "restricted", is_member=True)
    tg.add_chat(-1003, "Fine", "channel", bot="administrator")
    found = await make(config(tg)).check(
        [str(ADA), str(GROUP), "-1003", f"{CHANNEL}", "-1002/7", "-1009"]
    )
    assert found == [
        "Telegram Paper channel: the bot is not in the chat.",
        "Telegram Muted: the bot may not send messages there.",
        "Telegram -1009: there is no such chat for the bot.",
    ]


async def test_doctor_says_when_telegram_cannot_be_reached(tg: TelegramDouble) -> None:
    settings = replace(config(tg), telegram_api_base="http://127.0.0.1:9")
    assert await make(settings).check([]) == ["Telegram cannot be reached."]
