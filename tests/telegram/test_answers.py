"""An answer is not lost: what is tried again, what must not be, and what people are told then."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.dialogue import Message, Request
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, GROUP, NEXT, FakeHandle

SECRET = "my private words"
TICKET = re.compile(r"\(ticket ([0-9a-f]{8})\)")
Trouble = Callable[[TelegramDouble, str], None]

PASSES: dict[str, Trouble] = {  # Telegram surely did not take it
    "429": lambda tg, method: tg.fail(method, 429, "Too Many Requests", retry_after=7),
    "429 of 50 s": lambda tg, method: tg.fail(method, 429, "Too Many Requests", retry_after=50),
    "429 without a time": lambda tg, method: tg.page(method, 429, "<html>slow down</html>"),
    "500": lambda tg, method: tg.fail(method, 500, "Internal Server Error"),
    "502": lambda tg, method: tg.fail(method, 502, "Bad Gateway"),
    "503 twice": lambda tg, method: tg.fail(method, 503, "Service Unavailable", times=2),
    "504 five times": lambda tg, method: tg.fail(method, 504, "Gateway Timeout", times=5),
    "a proxy's 403": lambda tg, method: tg.page(method, 403, "<html>no</html>"),
    "a slow answer": lambda tg, method: tg.delay(method, 12),
}
DOUBTFUL: dict[str, Trouble] = {  # it may have been done
    "dropped": lambda tg, method: tg.drop(method),
    "dropped when done": lambda tg, method: tg.lose(method),
    "answered too late": lambda tg, method: tg.delay(method, 40),
    "a page of 502": lambda tg, method: tg.page(method, 502, "<html>bad gateway</html>"),
    "a page of 504": lambda tg, method: tg.page(method, 504, "<html>timeout</html>"),
    "an answer that is none": lambda tg, method: tg.page(method, 200, "<html>hello</html>"),
}
REFUSED: dict[str, Trouble] = {
    "malformed": lambda tg, method: tg.fail(method, 400, "Bad Request: can't parse entities"),
    "strange": lambda tg, method: tg.fail(method, 400, "Bad Request: something new"),
    "a bad button": lambda tg, method: tg.fail(method, 400, "Bad Request: BUTTON_DATA_INVALID"),
}


async def pages(request: Request) -> Message:
    return Message(text=f"page {request.data or 1}", actions=((NEXT,),))


def tickets(caplog: pytest.LogCaptureFixture) -> list[str]:
    return re.findall(r"ticket=(\w+)", caplog.text)


# a command's answer -------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [*PASSES.values(), *REFUSED.values()], ids=[*PASSES, *REFUSED])
@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_an_answer_that_telegram_did_not_take_is_sent_again(
    tg: TelegramDouble, adapter: Adapter, chat: int, trouble: Trouble,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    trouble(tg, "sendMessage")
    tg.says(ADA, "/today", chat)
    await tg.until(lambda: tg.sent, 60)
    await asyncio.sleep(120)
    assert [(sent.chat_id, sent.text) for sent in tg.sent] == [(chat, "today::")]
    assert tickets(caplog) == []


@pytest.mark.parametrize("trouble", DOUBTFUL.values(), ids=DOUBTFUL)
@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_an_answer_that_may_be_lost_is_sent_once_more(
    tg: TelegramDouble, adapter: Adapter, chat: int, trouble: Trouble,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    trouble(tg, "sendMessage")
    tg.says(ADA, "/today", chat)
    await tg.until(lambda: tg.count("sendMessage") == 2, 60)
    await asyncio.sleep(120)
    assert {(sent.chat_id, sent.text) for sent in tg.sent} == {(chat, "today::")}
    assert tg.count("sendMessage") == 2 and tickets(caplog) == []


@pytest.mark.parametrize("trouble", DOUBTFUL.values(), ids=DOUBTFUL)
@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_an_answer_that_may_be_lost_twice_is_owned_up_to(
    tg: TelegramDouble, adapter: Adapter, chat: int, trouble: Trouble,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    trouble(tg, "sendMessage")
    trouble(tg, "sendMessage")
    tg.says(ADA, f"/today {SECRET}", chat)
    await tg.until(lambda: tg.sent and "ticket" in tg.sent[-1].text, 60)
    await asyncio.sleep(120)
    *answers, sentence = tg.sent
    assert len(answers) <= 2 and all(SECRET in sent.text for sent in answers)
    assert "cannot tell whether my answer arrived" in sentence.text and sentence.chat_id == chat
    assert TICKET.findall(sentence.text) == tickets(caplog)
    assert len(tickets(caplog)) == 1 and SECRET not in caplog.text


@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_what_is_refused_for_good_is_a_sentence_with_a_ticket(
    tg: TelegramDouble, adapter: Adapter, chat: int, caplog: pytest.LogCaptureFixture
) -> None:
    words = f'Bad Request: can\'t parse entities: unsupported start tag "{SECRET}"'
    tg.fail("sendMessage", 400, words, times=2)
    tg.says(ADA, f"/today {SECRET}", chat)
    sentence = await tg.reply()
    (ticket,) = tickets(caplog)
    assert sentence.text == f"I could not show that answer (ticket {ticket})."
    assert sentence.chat_id == chat and SECRET not in caplog.text
    await asyncio.sleep(120)
    assert len(tg.sent) == 1


async def test_where_the_group_takes_no_answer_the_asker_is_told_alone(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    tg.fail("sendMessage", 400, "Bad Request: not enough rights to send text messages to the chat")
    tg.says(ADA, "/today", GROUP)
    sentence = await tg.reply()
    assert sentence.chat_id == ADA and "Make me an administrator there" in sentence.text


async def test_an_answer_that_would_be_minutes_late_is_given_up_with_one_line(
    tg: TelegramDouble, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    tg.fail("sendMessage", 429, "Too Many Requests", retry_after=300)
    tg.says(ADA, f"/today {SECRET}", GROUP)
    await tg.until(lambda: "answer lost" in caplog.text)
    await asyncio.sleep(60)
    assert tg.count("sendMessage") == 1 and SECRET not in caplog.text
    assert len([r for r in caplog.records if r.levelname == "WARNING"]) == 1


async def test_an_answer_waits_for_telegram_to_be_reachable(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    ready = asyncio.Event()

    async def reply(request: Request) -> Message:
        await ready.wait()
        return Message(text="here")

    handle.reply = reply
    tg.says(ADA, "/today")
    await tg.until(lambda: handle.requests)
    outage = asyncio.create_task(tg.unreachable(20))
    await asyncio.sleep(1)
    ready.set()
    await outage
    await tg.until(lambda: tg.sent, 60)
    await asyncio.sleep(60)
    assert [sent.text for sent in tg.sent] == ["here"]


async def test_a_group_that_moved_gets_its_answer_where_it_is_now(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    tg.add_chat(-1005050, "Reading group")
    tg.fail("sendMessage", 400, "Bad Request: upgraded", migrate_to_chat_id=-1005050)
    tg.says(ADA, "/today", GROUP)
    assert (await tg.reply()).chat_id == -1005050


@pytest.mark.parametrize("trouble", [*PASSES.values(), *REFUSED.values()], ids=[*PASSES, *REFUSED])
async def test_a_whispered_answer_is_tried_again_like_any_other(
    tg: TelegramDouble, adapter: Adapter, trouble: Trouble
) -> None:
    trouble(tg, "sendMessage")
    tg.says(ADA, "/subscribe kv", GROUP)
    await tg.until(lambda: len(tg.sent) == 2, 60)
    assert [(sent.chat_id, sent.text) for sent in tg.sent] == [
        (ADA, "subscribe:kv:"), (GROUP, "I answered you in private."),
    ]  # fmt: skip


@pytest.mark.parametrize("trouble", DOUBTFUL.values(), ids=DOUBTFUL)
async def test_a_whispered_answer_that_may_be_lost_is_owned_up_to_in_the_group(
    tg: TelegramDouble, adapter: Adapter, trouble: Trouble
) -> None:
    trouble(tg, "sendMessage")
    trouble(tg, "sendMessage")
    tg.says(ADA, f"/subscribe {SECRET}", GROUP)
    await tg.until(lambda: tg.sent and tg.sent[-1].chat_id == GROUP, 60)
    assert TICKET.search(tg.sent[-1].text) and SECRET not in tg.sent[-1].text


async def test_nothing_is_sent_to_who_was_told_to_slow_down(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    handle.silent.add(str(ADA))
    for chat in (ADA, GROUP):
        tg.says(ADA, "/today", chat)
        tg.says(ADA, "/subscribe kv", chat)
    tg.says(BOB, "/today")
    await tg.reply()
    await tg.until(lambda: len(handle.requests) == 5)
    await asyncio.sleep(30)
    assert {sent.chat_id for sent in tg.sent} == {BOB}


# a page that is turned ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble", [*PASSES.values(), *DOUBTFUL.values(), *REFUSED.values()],
    ids=[*PASSES, *DOUBTFUL, *REFUSED],
)  # fmt: skip
@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_a_page_is_turned_whatever_happens_once(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, chat: int, trouble: Trouble,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    handle.reply = pages
    tg.says(ADA, "/today", chat)
    sent = await tg.reply()
    trouble(tg, "editMessageText")
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered, 3)  # the spinner ends, however long the page takes
    await tg.until(lambda: sent.text == "page today-2-t", 60)
    await asyncio.sleep(120)
    assert tg.answered == [{"callback_query_id": "cb1"}] and len(tg.sent) == 1
    assert tickets(caplog) == []


@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_a_page_that_is_refused_for_good_is_a_ticket_for_who_pressed(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, chat: int,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    handle.reply = pages
    tg.says(ADA, "/today", chat)
    sent = await tg.reply()
    tg.fail("editMessageText", 400, "Bad Request: something new", times=2)
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    (ticket,) = tickets(caplog)
    assert tg.answered[0]["text"] == f"I could not show that answer (ticket {ticket})."
    assert tg.answered[0]["show_alert"] and sent.edits == 0


async def test_what_goes_wrong_after_the_spinner_ended_is_told_in_private(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    handle.reply = pages
    tg.says(ADA, "/today", GROUP)
    sent = await tg.reply()
    tg.fail("editMessageText", 429, "Too Many Requests", retry_after=9)
    tg.fail("editMessageText", 400, "Bad Request: something new", times=2)
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: len(tg.sent) == 2, 30)
    assert tg.answered == [{"callback_query_id": "cb1"}]
    assert tg.sent[-1].chat_id == ADA and TICKET.findall(tg.sent[-1].text) == tickets(caplog)


@pytest.mark.parametrize("words", ["message to edit not found", "message can't be edited"])
async def test_a_page_that_was_deleted_is_no_fault_of_ours(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    handle.reply = pages
    tg.says(ADA, "/today")
    sent = await tg.reply()
    tg.fail("editMessageText", 400, f"Bad Request: {words}")
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert "too old" in tg.answered[0]["text"] and "ticket" not in caplog.text


# the answer to a press ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PASSES, *DOUBTFUL])
async def test_a_press_is_answered_whatever_happens_once(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, name: str
) -> None:
    handle.reply = pages
    tg.says(ADA, "/today")
    sent = await tg.reply()
    (PASSES | DOUBTFUL)[name](tg, "answerCallbackQuery")
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: sent.edits == 1, 3)  # which holds up no page
    await tg.until(lambda: tg.answered, 90)


async def test_a_press_too_old_to_answer_turns_its_page_without_noise(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    handle.reply = pages
    tg.says(ADA, "/today")
    sent = await tg.reply()
    words = "query is too old and response timeout expired or query ID is invalid"
    tg.fail("answerCallbackQuery", 400, f"Bad Request: {words}")
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.count("answerCallbackQuery"))
    await asyncio.sleep(120)
    assert sent.text == "page today-2-t" and tg.count("answerCallbackQuery") == 1
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


@pytest.mark.parametrize("seconds", [0, 3], ids=["at once", "after the spinner"])
@pytest.mark.parametrize("long", [False, True])
async def test_what_a_press_too_old_to_answer_is_told_comes_in_the_private_chat(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, seconds: int, long: bool
) -> None:
    words = "That place is paused now. " * (20 if long else 1)

    async def reply(request: Request) -> Message:
        await asyncio.sleep(seconds if request.data else 0)
        return replace(await pages(request), text=words, private=bool(request.data), actions=())

    handle.reply = pages
    tg.says(ADA, "/today", GROUP)
    sent = await tg.reply()
    handle.reply = reply
    tg.fail("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout")
    tg.presses(ADA, sent, "Next")
    await tg.reply(2)
    await asyncio.sleep(120)
    assert [(told.chat_id, told.text) for told in tg.sent[1:]] == [(ADA, words.strip())]
    assert tg.count("answerCallbackQuery") == 1
