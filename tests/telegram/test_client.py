"""The adapter, end to end, against the Bot API double."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.telegram.client import make
from bot.commands import Command
from bot.commands.context import Context
from bot.config import Config, load
from bot.errors import ConfigError, PostError, UserError
from bot.model import Action, Choice, Entry, Message, Request, Section
from bot.ports import Adapter
from tests.telegram.double import TOKEN, TelegramDouble

ADA, BOB, GROUP, CHANNEL = 11, 12, -1001, -1001234567
NEXT = Action("Next", command="today", page=2, data="today-2-t")


async def _never(_ctx: Context, _request: Request) -> Message:
    raise AssertionError("the fake answers by itself")


class FakeHandle:
    """Records what arrives, and answers as told."""

    def __init__(self) -> None:
        self.commands = (
            Command("help", "What I can do", _never),
            Command("today", "Today's papers", _never),
            Command("search", "Find papers", _never),
            Command("setup", "Post here", _never, admin=True),
            Command("subscribe", "Follow a topic", _never, private=True),
            Command("more", "The rest of a post", _never, hidden=True),
        )
        self.requests: list[Request] = []
        self.told: list[tuple[str, ...]] = []
        self.owners: dict[str, str] = {}
        self.reply: Callable[[Request], Awaitable[Message]] = self._echo

    async def _echo(self, request: Request) -> Message:
        return Message(text=f"{request.command}:{request.text}:{request.data}")

    async def answer(self, request: Request) -> Message:
        self.requests.append(request)
        try:
            if request.command == "setup" and not (
                request.may_manage and await request.may_manage()
            ):
                raise UserError(f"Only someone who may manage {request.place} can do that.")
            return await self.reply(request)
        except UserError as error:
            return Message(text=str(error), private=True)

    async def suggest(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        return ()

    async def added(self, address: str, by: str, title: str) -> None:
        self.owners[address] = by
        self.told.append(("added", address, by, title))

    async def added_by(self, address: str) -> str | None:
        return self.owners.get(address)

    async def removed(self, address: str, reason: str) -> None:
        self.told.append(("removed", address, reason))

    async def moved(self, old: str, new: str) -> None:
        self.told.append(("moved", old, new))


def config(tg: TelegramDouble, token: str = TOKEN) -> Config:
    settings = load({"TELEGRAM_TOKEN": token, "TELEGRAM_API_BASE": tg.base})
    return replace(settings, database=Path("never.db"))


@pytest.fixture
async def tg() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble() as double:
        double.add_person(ADA, "Ada")
        double.add_person(BOB, "Bob")
        double.add_chat(GROUP, "Reading group")
        yield double


@pytest.fixture
def handle() -> FakeHandle:
    return FakeHandle()


@asynccontextmanager
async def running(tg: TelegramDouble, handle: FakeHandle) -> AsyncIterator[Adapter]:
    adapter = make(config(tg))
    task = asyncio.create_task(adapter.run(handle))
    await tg.until(lambda: any(method == "getUpdates" for method, _ in tg.calls))
    try:
        yield adapter
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(5):
                await task


@pytest.fixture
async def adapter(tg: TelegramDouble, handle: FakeHandle) -> AsyncIterator[Adapter]:
    async with running(tg, handle) as one:
        yield one


async def test_commands_are_registered_for_everyone_and_for_administrators(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    names = {scope: [c["command"] for c in given] for scope, given in tg.commands.items()}
    assert names == {
        "default": ["help", "today", "search", "subscribe"],
        "all_chat_administrators": ["help", "today", "search", "setup", "subscribe"],
        "all_private_chats": ["help", "today", "search", "setup", "subscribe"],
    }


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


# Posts.

POST = Message(
    title="Daily Papers",
    sections=(Section((Entry("A title", "https://arxiv.org/abs/2506.00001", rank=1),)),),
    actions=((NEXT,),),
)


async def test_a_post_in_a_group_cannot_be_changed_by_its_readers(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    receipt = await adapter.post(f"{GROUP}/7", POST, key="dp1")
    (sent,) = tg.sent
    assert (sent.chat_id, sent.thread) == (GROUP, 7)
    assert receipt.message_id == str(sent.message_id)
    assert sent.buttons == [{"text": "Next", "url": "https://t.me/papers_bot?start=today-2-t"}]
    method, params = tg.calls[-1]
    assert method == "sendMessage" and params["link_preview_options"] == {"is_disabled": True}


async def test_a_post_to_a_person_has_buttons_that_turn_its_pages(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    await adapter.post(str(ADA), POST, key="dp1")
    tg.presses(ADA, tg.sent[0], "Next")
    await tg.until(lambda: tg.answered)
    assert tg.sent[0].text == "::today-2-t"


@pytest.mark.parametrize(
    ("code", "description", "parameters", "facts"),
    [
        (403, "Forbidden: bot was blocked by the user", {}, {"permanent": True}),
        (403, "Forbidden: user is deactivated", {}, {"permanent": True}),
        (403, "Forbidden: bot was kicked from the supergroup chat", {}, {"permanent": True}),
        (403, "Forbidden: something new", {}, {"permanent": True}),
        (400, "Bad Request: chat not found", {}, {"permanent": True}),
        (400, "Bad Request: not enough rights to send text messages", {}, {"permanent": True}),
        (400, "Bad Request: need administrator rights in the channel", {}, {"permanent": True}),
        (400, "Bad Request: message thread not found", {}, {"permanent": True}),
        (400, "Bad Request: TOPIC_CLOSED", {}, {"permanent": True}),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", {}, {"permanent": True}),
        (400, "Bad Request: upgraded", {"migrate_to_chat_id": -1009}, {"moved_to": "-1009"}),
        (400, "Bad Request: group chat was upgraded to a supergroup", {}, {"permanent": True}),
        (400, "Bad Request: can't parse entities", {}, {"refused": True}),
        (429, "Too Many Requests: retry after 7", {"retry_after": 7}, {"retry_after": 7.0}),
        (429, "Too Many Requests", {}, {"retry_after": 30.0}),
        (500, "Internal Server Error", {}, {"ambiguous": True}),
        (502, "Bad Gateway", {}, {"ambiguous": True}),
        (401, "Unauthorized", {}, {}),
    ],
)  # fmt: skip
async def test_a_refused_post_says_what_it_means(
    tg: TelegramDouble, adapter: Adapter,
    code: int, description: str, parameters: dict[str, int], facts: dict[str, object],
) -> None:  # fmt: skip
    tg.fail("sendMessage", code, description, **parameters)
    with pytest.raises(PostError) as caught:
        await adapter.post(str(GROUP), POST, key="dp1")
    names = ("permanent", "refused", "retry_after", "moved_to", "ambiguous")
    got = {name: getattr(caught.value, name) for name in names}
    assert {name: value for name, value in got.items() if value} == facts
    assert tg.sent == []


async def test_a_connection_lost_after_the_request_is_ambiguous(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    tg.drop("sendMessage")
    with pytest.raises(PostError) as caught:
        await adapter.post(str(GROUP), POST, key="dp1")
    assert caught.value.ambiguous and not caught.value.permanent


async def test_a_connection_never_made_is_safe_to_repeat(
    tg: TelegramDouble, handle: FakeHandle
) -> None:
    async with TelegramDouble() as other, running(other, handle) as adapter:
        await other.__aexit__()
        with pytest.raises(PostError) as caught:
            await adapter.post(str(GROUP), POST, key="dp1")
    facts = caught.value
    assert not (facts.ambiguous or facts.permanent or facts.refused or facts.retry_after)


async def test_before_it_is_connected_nothing_is_posted(tg: TelegramDouble) -> None:
    with pytest.raises(PostError, match="not connected") as caught:
        await make(config(tg)).post(str(GROUP), POST, key="dp1")
    assert not (caught.value.ambiguous or caught.value.permanent or caught.value.refused)
    assert tg.calls == []


async def test_a_post_in_flight_is_finished_when_the_adapter_stops(
    tg: TelegramDouble, handle: FakeHandle
) -> None:
    async with running(tg, handle) as adapter:
        post = asyncio.create_task(adapter.post(str(GROUP), POST, key="dp1"))
        await asyncio.sleep(0)
    assert (await post).message_id
