"""Posts as rich messages, and as usual where Telegram refuses them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from adapters.telegram.rich import document
from bot.dialogue import Entry, Message, Picture, Section
from bot.errors import PostError
from bot.model import Receipt
from bot.ports import Adapter
from bot.states import Edited
from bot.usage import usage
from tests import strategies
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import GROUP, NEXT
from tests.telegram.rich import Reader, rich_fault

ABSTRACT = "We bound $\\ell_p$ norms by \\(O(n^2)\\) for $5 and \\alpha < 1."
ENTRY = Entry(
    "A <title>", "https://arxiv.org/abs/2506.00001?a=1&b=2", 1, "▲ 7 · Ada", "We bound norms.",
    links=(("Code", "https://github.com/a/b"),), abstract=ABSTRACT,
    picture=Picture("https://cdn.example/1.png", "alt"),
)  # fmt: skip
POST = Message(
    "Daily Papers", f"Late. {usage('today')}", (Section((ENTRY,), "New"),), "A note.", ((NEXT,),),
    caption="1 paper", document=True,
)  # fmt: skip


def test_it_has_headings_links_a_picture_and_an_abstract_with_its_formulas() -> None:
    read = Reader(document(POST))
    assert read.fault == ""
    assert read.words[:5] == ["Daily Papers", "1 paper", "Late. /today", "New", "1. "]
    assert read.links == [ENTRY.url, "https://github.com/a/b"]
    assert read.pictures == ["https://cdn.example/1.png"]
    assert read.formulas == ["\\ell_p", "O(n^2)"]
    assert "".join(read.words).endswith("We bound \\ell_p norms by O(n^2) for $5 and α < 1.A note.")


@settings(max_examples=100, deadline=None)
@given(strategies.messages)
def test_every_message_is_one_that_telegram_takes(message: Message) -> None:
    sections = tuple(
        replace(s, entries=tuple(replace(e, abstract=e.summary * 40) for e in s.entries))
        for s in message.sections
    )
    markup = document(replace(message, sections=sections))
    read = Reader(markup)
    assert read.fault in ("", "it is empty")
    assert {link for link in read.links if not link.startswith("https://")} == set()


def test_of_many_papers_the_last_have_no_abstract() -> None:
    entries = tuple(replace(ENTRY, rank=n, abstract="word " * 600) for n in range(1, 16))
    markup = document(replace(POST, sections=(Section(entries),)))
    assert len(markup) <= 32_768
    assert 8 <= markup.count("<details>") < 15 and markup.count("<h4>") == 15


async def test_a_chat_that_chose_them_gets_one(tg: TelegramDouble, adapter: Adapter) -> None:
    receipt = await adapter.post(f"{GROUP}/7", POST, key="dp1")
    (sent,) = tg.sent
    assert (sent.thread, receipt) == (7, Receipt(str(sent.message_id), "rich"))
    assert tg.calls[-1][1]["rich_message"] == {
        "html": document(POST), "skip_entity_detection": True,
    }  # fmt: skip
    assert [button["text"] for button in sent.buttons] == ["Next"]
    assert await adapter.edit(f"{GROUP}/7", receipt, POST) is Edited.UNSUPPORTED


@pytest.mark.parametrize(
    "answer",
    [
        (400, "Bad Request: can't parse rich message"),
        (404, "Not Found"),
        (400, "Bad Request: RICH_SEND_FORBIDDEN"),
    ],
)
async def test_where_they_are_refused_the_usual_form_comes(
    tg: TelegramDouble, adapter: Adapter, answer: tuple[int, str]
) -> None:
    tg.fail("sendRichMessage", *answer)
    receipt = await adapter.post(str(GROUP), POST, key="dp1")
    (sent,) = tg.sent
    assert receipt.look == "html" and sent.text.startswith("Daily Papers\n1 paper")


async def test_one_that_may_have_arrived_is_not_sent_again_in_another_form(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    tg.fail("sendRichMessage", 502, "Bad Gateway")
    with pytest.raises(PostError) as caught:
        await adapter.post(str(GROUP), POST, key="dp1")
    assert caught.value.ambiguous and tg.count("sendMessage") == 0


async def test_the_plainest_form_is_plain(tg: TelegramDouble, adapter: Adapter) -> None:
    receipt = await adapter.post(str(GROUP), POST, key="dp1", plain=True)
    assert receipt.look == "plain" and tg.count("sendRichMessage") == 0


def test_the_judge_can_say_no() -> None:
    for markup in ("<p>a", "<b>a</b>", "a", "<p><p>a</p></p>", "<p></p>", "<a>a</a>",
                   f"<p>{'x' * 32_769}</p>", "<p>a</p>" * 501, "<img src='u'/>" * 51):  # fmt: skip
        assert rich_fault(markup)
