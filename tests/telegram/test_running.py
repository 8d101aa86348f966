"""Starting, polling through trouble, stopping, and what doctor says."""

import asyncio
from dataclasses import replace

import pytest

from adapters.telegram import menu
from adapters.telegram.client import make
from bot.dialogue import Message
from bot.errors import ConfigError, PostError
from bot.ports import Adapter
from tests.telegram.double import TOKEN, TelegramDouble
from tests.telegram.fake import ADA, CHANNEL, GROUP, FakeHandle, config, running


async def test_commands_are_registered_for_everyone_and_for_administrators(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    await tg.until(lambda: len(tg.commands) == 3)
    names = {scope: [c["command"] for c in given] for scope, given in tg.commands.items()}
    assert names == {
        "default": ["help", "today", "search", "subscribe"],
        "all_chat_administrators": ["help", "today", "search", "setup", "subscribe"],
        "all_private_chats": ["help", "today", "search", "setup", "subscribe"],
    }


async def test_commands_that_telegram_has_are_not_registered_again(
    tg: TelegramDouble, handle: FakeHandle
) -> None:
    async with running(tg, handle):
        await tg.until(lambda: len(tg.commands) == 3)
    tg.commands["default"].pop()
    async with running(tg, handle):
        await tg.until(lambda: tg.count("setMyCommands") == 4)
        await tg.until(lambda: tg.count("getMyCommands") == 6)
        tg.says(ADA, "/today")
        await tg.reply()
    assert tg.count("setMyCommands") == 4 and len(tg.commands["default"]) == 4


async def test_commands_refused_for_ten_minutes_hold_up_neither_answers_nor_posts(
    tg: TelegramDouble, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menu, "SOONEST", 0.0)
    words = "Too Many Requests: retry after 600"
    tg.fail("setMyCommands", 429, words, times=99, retry_after=600)
    async with running(tg, handle) as adapter:
        tg.says(ADA, "/help")
        assert (await tg.reply()).text == "help::"
        await adapter.post(str(GROUP), Message(text="post"), key="dp1")
        await tg.until(lambda: tg.count("setMyCommands"))
        for number in range(50):
            tg.says(ADA, "/help")
            await tg.reply(number + 3)
    assert tg.count("setMyCommands") == 1


@pytest.mark.parametrize("method", ["setMyCommands", "getMyCommands"])
async def test_refused_commands_are_registered_later(
    tg: TelegramDouble, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(menu, "SOONEST", 0.01)
    tg.fail(method, 400, "Bad Request: BOT_COMMAND_INVALID")
    tg.fail(method, 429, "Too Many Requests: retry after 1", retry_after=1)
    tg.drop(method)
    async with running(tg, handle):
        await tg.until(lambda: len(tg.commands) == 3)


async def test_a_scope_that_is_refused_for_ever_holds_up_no_other(
    tg: TelegramDouble, handle: FakeHandle
) -> None:
    tg.fail("setMyCommands", 400, "Bad Request: BOT_COMMAND_INVALID")
    async with running(tg, handle):
        await tg.until(lambda: len(tg.commands) == 2)
    assert "default" not in tg.commands


@pytest.mark.parametrize(
    "words",
    [
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first",
        "Conflict: terminated by setWebhook request",
    ],
)
async def test_a_webhook_left_on_the_token_is_taken_off_and_named(
    tg: TelegramDouble, handle: FakeHandle, caplog: pytest.LogCaptureFixture, words: str
) -> None:
    tg.webhook = "https://user:pass@hooks.example.org:8443/secret/path?token=x"
    tg.fail("getUpdates", 409, words)
    tg.says(ADA, "/today")  # it waits for the bot, and is not lost
    async with running(tg, handle):
        assert (await tg.reply()).text == "today::"
    assert tg.webhook == "" and tg.count("deleteWebhook") == 1
    (line,) = [r.getMessage() for r in caplog.records if "hooks.example.org" in r.getMessage()]
    assert "webhook" in line
    assert not any(word in caplog.text for word in ("secret", "user:pass", "another program"))


async def test_a_webhook_whose_address_is_not_told_is_taken_off_as_well(
    tg: TelegramDouble, handle: FakeHandle
) -> None:
    tg.webhook = "https://[broken"
    tg.fail("getWebhookInfo")
    tg.says(ADA, "/today")
    async with running(tg, handle):
        assert (await tg.reply()).text == "today::"


@pytest.mark.parametrize("code", [400, 401, 404, 409])
async def test_a_webhook_that_cannot_be_taken_off_is_named(
    tg: TelegramDouble, handle: FakeHandle, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    tg.webhook = "https://user:pass@hooks.example.org:8443/secret"
    tg.fail("deleteWebhook", code, "Bad Request: Nope")
    async with running(tg, handle):
        tg.says(ADA, "/today")
        assert (await tg.reply()).text == "today::"
    told = "a webhook at hooks.example.org is set on this bot's token and could not be taken off"
    assert f"{told}: Telegram answered: " in caplog.text and "Nope" in caplog.text
    assert "secret" not in caplog.text


async def test_doctor_names_a_webhook_and_leaves_it(tg: TelegramDouble) -> None:
    tg.webhook = "https://hooks.example.org/secret"
    (sentence,) = await make(config(tg)).check([str(GROUP)])
    assert "webhook at hooks.example.org" in sentence and sentence.endswith(".")
    assert "secret" not in sentence and tg.webhook


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


@pytest.mark.parametrize(
    ("code", "body"),
    [(401, "Unauthorized"), (404, "Not Found"), (404, "<html>no such page</html>")],
)
async def test_a_token_refused_for_a_moment_or_by_a_proxy_is_kept(
    tg: TelegramDouble, handle: FakeHandle, code: int, body: str
) -> None:
    if body.startswith("<"):
        tg.page("getMe", code, body)
        tg.page("getUpdates", code, body)
    else:
        tg.fail("getUpdates", code, body)
    async with running(tg, handle):
        tg.says(ADA, "/today")
        assert (await tg.reply()).text == "today::"


async def test_after_a_failure_it_can_be_run_again(tg: TelegramDouble) -> None:
    broken = FakeHandle()
    del broken.commands
    adapter = make(config(tg))
    with pytest.raises(AttributeError):
        await adapter.run(broken)
    handle = FakeHandle()
    for number in range(2):
        serving = asyncio.create_task(adapter.run(handle))
        async with asyncio.timeout(5):
            await adapter.up.wait()
        tg.says(ADA, "/today")
        await tg.reply(2 * number + 1)
        await adapter.post(str(ADA), Message(text="post"), key="dp1")
        token, tg.token = tg.token, "2:new"
        tg.says(ADA, "/today")
        with pytest.raises(ConfigError):
            async with asyncio.timeout(5):
                await serving
        tg.token = token
        assert not adapter.up.is_set()
        with pytest.raises(PostError, match="not connected"):
            await adapter.post(str(ADA), Message(text="post"), key="dp2")
        tg.forget()


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


async def test_doctor_looks_at_many_places_together_and_waits_when_asked_to(
    tg: TelegramDouble,
) -> None:
    places = [str(tg.add_chat(-1_000_000 - n, f"Group {n}")) for n in range(60)]
    tg.fail("getChat", 429, "Too Many Requests: retry after 1", retry_after=1)
    assert await make(config(tg)).check([*places, str(ADA)]) == []
    tg.fail("getChat", times=121)
    assert await make(config(tg)).check(places) == ["Telegram's answer was lost."]


async def test_doctor_says_when_telegram_cannot_be_reached(tg: TelegramDouble) -> None:
    settings = replace(config(tg), telegram_api_base="http://127.0.0.1:9")
    (unreached,) = await make(settings).check([])
    assert unreached == "Telegram cannot be reached: the connection was refused."
