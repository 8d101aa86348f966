"""Commands as people type, paste, caption and post them; what is not understood changes nothing."""

import asyncio

import pytest

from bot.dialogue import Action, Message, Request
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, CHANNEL, GROUP, NEXT, FakeHandle
from tests.telegram.world import ANONYMOUS

HIDDEN = {"type": "hidden_user", "date": 1, "sender_user_name": "x"}


@pytest.fixture
def channel(tg: TelegramDouble) -> int:
    """A channel that Ada administrates."""
    tg.add_chat(CHANNEL, "Paper channel", "channel", username="papers_daily", bot="administrator")
    tg.set_member(CHANNEL, ADA, "administrator")
    return CHANNEL


# commands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "command", "text"),
    [
        ("\ufeff/search kv cache", "search", "kv cache"),
        ("\u200b/\u2060search\u200f kv cache", "search", "kv cache"),
        ("/se\u00adarch@papers_bot\u200b kv", "search", "kv"),
        ("/search\u00a0kv\u00a0cache", "search", "kv\u00a0cache"),
        ("/search\nkv cache\n-survey", "search", "kv cache\n-survey"),
        ("/search\u3000kv", "search", "kv"),
        ("／ｓｅａｒｃｈ kv", "search", "kv"),
        (" \n /search kv", "search", "kv"),
        ("/search@Papers_Bot kv", "search", "kv"),
        ("/search @papers_bot kv", "search", "kv"),
        ("@papers_bot /search kv", "search", "kv"),
        ("@papers_bot kv cache", "search", "kv cache"),
        ("/today.", "today", ""),
        ("kv \u2060cache", "search", "kv cache"),
        ("/search می\u200cخواهم", "search", "می\u200cخواهم"),  # a letter of its own there
    ],
)
async def test_a_command_is_understood_as_it_was_pasted(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, said: str, command: str, text: str
) -> None:
    tg.says(ADA, said)
    await tg.reply()
    (request,) = handle.requests
    assert (request.command, request.text) == (command, text)


@pytest.mark.parametrize(
    "said", ["/search@other_bot kv", "/search@papers_bot2 kv", "\u2060", "@papers_bot"]
)
async def test_what_asks_this_bot_nothing_is_left_alone(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, said: str
) -> None:
    tg.says(ADA, said)
    tg.says(BOB, "/today")
    await tg.reply()
    assert [request.person for request in handle.requests] == [str(BOB)]


async def test_a_command_under_a_picture_is_one_and_a_caption_is_none(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.set_member(GROUP, ADA, "administrator")
    tg.says(ADA, "", caption="a nice picture")
    tg.says(ADA, "", caption="/search kv")
    tg.says(ADA, "", GROUP, caption="/setup@papers_bot 09:00\nEurope/Berlin")
    await tg.until(lambda: len(tg.sent) == 2)
    commands = {(request.command, request.text) for request in handle.requests}
    assert commands == {("search", "kv"), ("setup", "09:00\nEurope/Berlin")}


async def test_an_edited_command_is_not_run_again(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.says(ADA, "/search kv")
    await tg.reply()
    old = tg._messages[ADA, 1]
    for kind in ("edited_message", "edited_channel_post"):
        tg.pushes({"update_id": tg._last["update"] + 1, kind: old | {"text": "/search kv cache"}})
    tg.says(BOB, "/today")
    await tg.reply(2)
    assert [request.text for request in handle.requests] == ["kv", ""]
    listened = next(params for method, params in tg.calls if method == "getUpdates")
    assert not [kind for kind in listened["allowed_updates"] if "edited" in kind]


async def test_another_bot_is_not_answered(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    bot = {"id": 99, "is_bot": True, "first_name": "Other"}
    tg.says(ADA, "/today", GROUP, **{"from": bot})
    tg.says(BOB, "/today", GROUP)
    await tg.reply()
    assert [request.person for request in handle.requests] == [str(BOB)]


# the chat a command names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "@papers_daily", "@\u2060papers_daily", "\u200e@papers\u200b_daily\u2069", "＠papers_daily",
        "@Papers_Daily", "(@papers_daily)", "@papers_daily.", "«@papers_daily»", "<@papers_daily>,",
        "t.me/papers_daily", "https://t.me/papers_daily/", "http://www.t.me/papers_daily/17?single",
        "https://t.me/s/papers_daily", "https://t.me/\u2060papers_daily",
        "https://telegram.me/papers_daily", "telegram.dog/papers_daily", "https://papers_daily.t.me",
        "tg://resolve?domain=papers_daily", "tg://resolve?domain=papers_daily&post=3",
        "https://web.telegram.org/k/#@papers_daily",
        "https://web.telegram.org/a/#-1001234567", "t.me/c/1234567", "https://t.me/c/1234567/8/9",
        "tg://privatepost?channel=1234567&post=4", "-1001234567", "−1001234567", "–1001234567",
        "\u2060-1001234567",
    ],
)  # fmt: skip
async def test_a_chat_is_found_by_every_way_to_write_it(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int, name: str
) -> None:
    for line in (f"/setup 09:00 Europe/Berlin {name}", f"/setup {name}\n09:00 Europe/Berlin"):
        tg.says(ADA, line)
    await tg.reply(2)
    asked = [(request.address, request.text) for request in handle.requests]
    assert asked == [(str(CHANNEL), "09:00 Europe/Berlin")] * 2


@pytest.mark.parametrize(
    "name",
    [
        "https://t.me/+AbCdEf12345", "t.me/joinchat/AbCdEf", "t.me/boost/papers_daily", "@", "@a",
        "@papers-daily", "@ papers_daily", "https://t.me/", "t.me/x", "tg://join?invite=AbC",
        "https://web.telegram.org/k/#-1234567", "https://telegram.org/papers_daily", "-1001234567x",
        "@papers_daily/x",
    ],
)  # fmt: skip
async def test_a_name_that_is_not_understood_is_refused_with_the_right_form(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int, name: str
) -> None:
    tg.says(ADA, f"/setup {name}")
    assert "which chat that is; name it like" in (await tg.reply()).text
    assert handle.requests == []


async def test_a_group_may_be_named_inside_itself(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    group = tg.add_chat(-1007654321, "Readers", username="readers")
    tg.set_member(group, ADA, "administrator")
    for name in ("@readers", "@Readers", f"{group}", "t.me/readers", "t.me/c/7654321/5"):
        async with tg.next_reply():
            tg.says(ADA, f"/setup 09:00 {name}", group)
    assert {(r.address, r.text) for r in handle.requests} == {(str(group), "09:00")}


# channels -----------------------------------------------------------------------------------------


async def test_a_newcomer_sets_up_a_channel_as_the_readme_says_and_as_the_bot_says(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, "Paper channel", "channel", username="papers_daily", bot="left")
    tg.set_member(CHANNEL, ADA, "creator")
    tg.says(ADA, "/start")
    await tg.reply()
    tg.puts_bot(ADA, CHANNEL, "administrator")
    hint = await tg.reply(2)
    line = hint.text[hint.text.index("/setup") :].splitlines()[0]
    tg.says(ADA, line)  # copied, with all that cannot be seen in it
    tg.says(ADA, "/setup 09:00 Europe/Berlin @papers_daily")
    await tg.reply(4)
    asked = [(r.address, r.text) for r in handle.requests if r.command == "setup"]
    assert asked == [(str(CHANNEL), "09:00 Europe/Berlin")] * 2


@pytest.mark.parametrize(
    "line",
    [
        "/setup 09:00 Europe/Berlin", "/setup@papers_bot 09:00 Europe/Berlin",
        "\u2060/setup 09:00\nEurope/Berlin", "/setup 09:00 Europe/Berlin @\u2060papers_daily",
        "/setup 09:00 Europe/Berlin https://t.me/papers_daily",
    ],
)  # fmt: skip
async def test_setup_posted_in_a_channel_is_answered_there_once_and_briefly(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int, line: str
) -> None:
    async def reply(request: Request) -> Message:
        return Message(title="Done", text=request.text, actions=((NEXT,),))

    handle.reply = reply
    handle.owners[str(CHANNEL)] = str(BOB)
    asked = tg.posts_in(CHANNEL, line)
    sent = await tg.reply()
    (request,) = handle.requests
    asked_by = (request.address, request.command, request.nameless, request.added_by)
    assert asked_by == (str(CHANNEL), "setup", True, str(BOB))
    assert request.text.split() == ["09:00", "Europe/Berlin"] and request.place == "Paper channel"
    assert request.may_manage and await request.may_manage()
    assert (sent.chat_id, sent.reply_to, sent.buttons) == (CHANNEL, asked, [])
    await asyncio.sleep(60)
    assert len(tg.sent) == 1


async def test_nobody_is_blamed_for_a_channels_setup_when_nobody_is_known(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    tg.posts_in(CHANNEL, "/setup 09:00")
    tg.says(ADA, "/setup 09:00", GROUP, anonymous=True)
    handle.owners[str(GROUP)] = str(BOB)
    await tg.reply(2)
    assert all(request.nameless for request in handle.requests)
    assert {r.address: r.added_by for r in handle.requests} == {
        str(CHANNEL): None, str(GROUP): str(BOB),
    }  # fmt: skip


async def test_an_administrator_without_a_name_who_added_the_bot_is_nobody_to_tell(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    handle.owners[str(GROUP)] = str(ANONYMOUS["id"])
    tg.says(ADA, "/setup 09:00", GROUP, anonymous=True)
    await tg.reply()
    [request] = handle.requests
    assert request.nameless and request.added_by is None


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("/today", {}),
        ("/help", {}),
        ("/start", {}),
        ("/search kv", {}),
        ("/subscribe kv", {}),
        ("/nonsense", {}),
        ("papers of today", {}),
        ("/setup@other_bot 09:00", {}),
        ("/setup 09:00", {"forward_origin": HIDDEN}),
        ("/setup 09:00", {"via_bot": {"id": 5, "is_bot": True, "first_name": "x"}}),
        ("/setup 09:00", {"sender_chat": {"id": -100777, "type": "channel", "title": "x"}}),
    ],
)  # fmt: skip
async def test_a_channel_is_no_console(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int,
    line: str, more: dict[str, object],
) -> None:  # fmt: skip
    tg.posts_in(CHANNEL, line, **more)
    tg.says(ADA, "/today")
    await tg.reply()
    await asyncio.sleep(30)
    assert [sent.chat_id for sent in tg.sent] == [ADA] and len(handle.requests) == 1


async def test_a_setup_forwarded_from_a_channel_into_its_group_asks_nothing(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    where = tg.chats[CHANNEL]
    tg.says(ADA, "/setup 09:00", GROUP, sender_chat=where, is_automatic_forward=True)
    tg.says(BOB, "/today")
    await tg.reply()
    assert [request.command for request in handle.requests] == ["today"]


async def test_a_channels_answer_counts_against_its_own_limit(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    tg.limits.on = True
    for _ in range(40):
        tg.posts_in(CHANNEL, "/settings")
    await asyncio.sleep(120)
    assert tg.limits.exceeded == 0 and len(tg.sent) < 21


async def test_in_a_channel_what_could_be_chosen_stands_in_words(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    async def reply(request: Request) -> Message:
        city = Action("Berlin (UTC+2)", command="setup", text="09:00 Berlin", data="setup-1-tx")
        return Message(
            text="EST is no time zone. Write a place, or choose.", actions=((city, NEXT),)
        )

    handle.reply = reply
    tg.posts_in(CHANNEL, "/setup 09:00 EST")
    sent = await tg.reply()
    assert sent.buttons == []
    assert sent.text.endswith("or choose.\nTo choose one of them, post it:\n/setup 09:00 Berlin")


async def test_a_chats_number_without_its_beginning_is_named_and_changes_nothing(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, channel: int
) -> None:
    tg.says(ADA, "/setup 10:00 Berlin 1000000004")
    sent = await tg.reply()
    assert sent.text.startswith("I do not understand 1000000004.") and not handle.requests
    assert "-1001000000004" in sent.text
