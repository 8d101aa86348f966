"""A post that is changed: what arrives, and what each refusal means."""

from dataclasses import replace

import pytest

from bot.dialogue import Message
from bot.errors import PostError
from bot.model import Receipt
from bot.ports import Adapter
from bot.states import Edited
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, GROUP, NEXT
from tests.telegram.test_posts import POST

CHANGED = replace(POST, text="Votes have settled.")
HERE = f"{GROUP}/7"


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("address", [HERE, str(GROUP), str(ADA)])
async def test_a_post_is_changed_where_it_stands_and_keeps_its_look(
    tg: TelegramDouble, adapter: Adapter, address: str, plain: bool
) -> None:
    receipt = await adapter.post(address, POST, key="dp1", plain=plain)
    sent, buttons = tg.sent[0], tg.sent[0].buttons
    assert await adapter.edit(address, receipt, CHANGED) is Edited.DONE
    assert "Votes have settled." in sent.text and sent.edits == 1
    assert bool(sent.entities) is not plain
    assert sent.buttons == buttons
    assert tg.count("sendMessage") == 1


async def test_a_change_that_changes_nothing_is_done(tg: TelegramDouble, adapter: Adapter) -> None:
    receipt = await adapter.post(HERE, POST, key="dp1")
    assert await adapter.edit(HERE, receipt, POST) is Edited.DONE
    assert tg.sent[0].edits == 0


async def test_a_deleted_message_is_gone(tg: TelegramDouble, adapter: Adapter) -> None:
    receipt = await adapter.post(HERE, POST, key="dp1")
    tg.sent.clear()
    assert await adapter.edit(HERE, receipt, CHANGED) is Edited.GONE


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("message to edit not found", Edited.GONE),
        ("MESSAGE_ID_INVALID", Edited.GONE),
        ("message can't be edited", Edited.UNSUPPORTED),
        ("MESSAGE_EDIT_TIME_EXPIRED", Edited.UNSUPPORTED),
    ],
)
async def test_what_telegram_says_of_the_message_is_an_answer(
    tg: TelegramDouble, adapter: Adapter, words: str, answer: Edited
) -> None:
    receipt = await adapter.post(HERE, POST, key="dp1")
    tg.fail("editMessageText", 400, f"Bad Request: {words}")
    assert await adapter.edit(HERE, receipt, CHANGED) is answer


@pytest.mark.parametrize(
    ("code", "words", "fact"),
    [
        (403, "Forbidden: bot was kicked from the supergroup chat", "permanent"),
        (400, "Bad Request: chat not found", "permanent"),
        (400, "Bad Request: message is too long", "refused"),
    ],
)
async def test_a_refusal_means_what_it_means_for_a_post(
    tg: TelegramDouble, adapter: Adapter, code: int, words: str, fact: str
) -> None:
    receipt = await adapter.post(HERE, POST, key="dp1")
    tg.fail("editMessageText", code, words)
    with pytest.raises(PostError) as caught:
        await adapter.edit(HERE, receipt, CHANGED)
    assert getattr(caught.value, fact)


async def test_after_a_limit_the_chat_is_left_alone(tg: TelegramDouble, adapter: Adapter) -> None:
    receipt = await adapter.post(HERE, POST, key="dp1")
    tg.fail("editMessageText", 429, "Too Many Requests: retry after 40", retry_after=40)
    with pytest.raises(PostError) as caught:
        await adapter.edit(HERE, receipt, CHANGED)
    assert caught.value.retry_after == 40
    assert adapter.chat(HERE)[1] > 30


async def test_a_lost_answer_leaves_nothing_in_doubt(tg: TelegramDouble, adapter: Adapter) -> None:
    receipt = await adapter.post(HERE, POST, key="dp1")
    tg.lose("editMessageText")
    with pytest.raises(PostError) as caught:
        await adapter.edit(HERE, receipt, CHANGED)
    assert not caught.value.ambiguous
    assert await adapter.edit(HERE, receipt, CHANGED) is Edited.DONE


async def test_a_post_of_an_older_program_is_changed_in_its_usual_look(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    receipt = await adapter.post(HERE, POST, key="dp1")
    await adapter.edit(HERE, Receipt(receipt.message_id), CHANGED)
    assert tg.sent[0].entities


async def test_buttons_that_are_left_out_go(tg: TelegramDouble, adapter: Adapter) -> None:
    receipt = await adapter.post(str(ADA), Message(text="x", actions=((NEXT,),)), key="dp1")
    await adapter.edit(str(ADA), receipt, Message(text="y"))
    assert tg.sent[0].buttons == []
