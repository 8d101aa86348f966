"""Posts: what arrives, and what each refusal means."""

import asyncio
from dataclasses import replace

import pytest

from adapters.telegram.client import make
from bot.dialogue import Entry, Message, Request, Section
from bot.errors import PostError
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, GROUP, NEXT, FakeHandle, config, running

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


async def test_paid_broadcast_is_off_unless_it_is_set(
    tg: TelegramDouble, adapter: Adapter, handle: FakeHandle
) -> None:
    await adapter.post(str(ADA), POST, key="dp1")
    paying = make(replace(config(tg), telegram_paid=True))
    serving = asyncio.create_task(paying.run(handle))
    async with asyncio.timeout(5):
        await paying.up.wait()
    await paying.post(str(ADA), POST, key="dp2")
    serving.cancel()
    await asyncio.wait([serving])
    sent = [params for method, params in tg.calls if method == "sendMessage"]
    assert [params.get("allow_paid_broadcast") for params in sent] == [None, True]
    assert (adapter.pace.bulk, paying.pace.bulk) == (28, 950)


async def test_the_plainest_form_is_words_and_addresses_without_markup(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    tg.fail("sendMessage", 400, "Bad Request: can't parse entities: Unsupported start tag")
    with pytest.raises(PostError) as caught:
        await adapter.post(f"{GROUP}/7", POST, key="dp1")
    assert caught.value.refused
    receipt = await adapter.post(f"{GROUP}/7", POST, key="dp1", plain=True)
    (sent,) = tg.sent
    assert (sent.chat_id, sent.thread, str(sent.message_id)) == (GROUP, 7, receipt.message_id)
    assert sent.html == "Daily Papers\n\n1. A title\nhttps://arxiv.org/abs/2506.00001"
    assert sent.buttons == []
    params = tg.calls[-1][1]
    assert "parse_mode" not in params and "reply_markup" not in params


async def test_a_notices_buttons_act_on_the_place_it_is_about(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.set_member(GROUP, ADA, "administrator")
    notice = Message(text="I stopped posting there.", actions=((NEXT,),), about=str(GROUP))
    await adapter.post(str(ADA), notice, key="dp1")
    tg.presses(ADA, tg.sent[0], "Next")
    await tg.until(lambda: tg.answered)
    (request,) = handle.requests
    assert (request.address, request.person) == (str(GROUP), str(ADA))
    assert request.data == "today-2-t" and request.place == "Reading group"
    assert request.may_manage and await request.may_manage()


async def test_a_notice_about_a_topic_acts_on_the_topic(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        return Message(text="paused", actions=((NEXT,),))

    handle.reply = reply
    tg.set_member(GROUP, ADA, "administrator")
    about = f"{GROUP}/7"
    await adapter.post(str(ADA), Message(text="x", actions=((NEXT,),), about=about), key="dp1")
    tg.presses(ADA, tg.sent[0], "Next")
    await tg.until(lambda: tg.answered)
    assert [request.address for request in handle.requests] == [about]
    assert tg.sent[0].buttons[0]["callback_data"] == f"today-2-t~{about}"  # of the changed message


async def test_a_message_about_where_it_is_shown_has_ordinary_buttons(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    for address in (str(ADA), str(GROUP)):
        message = Message(text="x", actions=((NEXT,),), about=address)
        await adapter.post(address, message, key="dp1")
    private, shared = (sent.buttons[0] for sent in tg.sent)
    assert private["callback_data"] == "today-2-t"
    assert shared["url"] == "https://t.me/papers_bot?start=today-2-t"


async def test_an_odd_answer_to_a_post_that_arrived_is_a_receipt(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    body = '{"ok": true, "result": {"message_id": 5, "date": 0, "chat": null}}'
    tg.page("sendMessage", 200, body)
    assert (await adapter.post(str(ADA), POST, key="dp1")).message_id == "5"
