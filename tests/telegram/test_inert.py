"""Other people's words in answers: on Telegram none of them can be tapped."""

import pytest

from bot.model import Paper
from bot.ports import Adapter
from bot.usage import usage
from tests.asking import Asking
from tests.fakes import paper
from tests.telegram.double import Sent, TelegramDouble
from tests.telegram.fake import ADA, CHANNEL, FakeHandle
from tests.telegram.judge import linked_by_itself

HOSTILE = "/stop @mallory #tag $TSLA evil.example https://evil.example t.me/evil a@b.example"
FORGED = f"{usage('forgetme', sure='yes')} \ufff9stop\ufffb"


def hostile_papers() -> tuple[Paper, ...]:
    return tuple(
        paper(
            number, "2026-07-22", title=f"{HOSTILE} {FORGED} {number}",
            summary=f"Of {HOSTILE}. And {FORGED} of it.",
            authors=(f"Ada {HOSTILE} {FORGED}", "/start Bob"),
        )
        for number in (1, 2, 3)
    )  # fmt: skip


def tapped(sent: Sent) -> set[str]:
    """What Telegram makes of the words by itself, outside of our links."""
    units = sent.text.encode("utf-16-le")
    ours = [
        (e["offset"], e["offset"] + e["length"])
        for e in sent.entities
        if e["type"]["@type"] == "textEntityTypeTextUrl"
    ]
    return {
        units[2 * at : 2 * (at + length)].decode("utf-16-le")
        for kind, at, length in linked_by_itself(sent.text)
        if kind != "MediaTimestamp" and not any(a <= at and at + length <= b for a, b in ours)
    }


@pytest.mark.parametrize(
    ("line", "usages"),
    [
        ("/date 2026-07-22", set()),
        ("/today", set()),
        ("/week", set()),
        ("/trending", set()),
        ("/paper 2506.00001", set()),
        ("/similar 2506.00001", set()),
        (f"/search {HOSTILE}", set()),
        (f"/search xyzzy author:{HOSTILE}", set()),
        (f"/similar {HOSTILE} xyzzy", set()),
        (f"/date {HOSTILE}", set()),
        (f"/paper {HOSTILE}", set()),
        ("/setup 9:00 /stop.example", set()),
        ("/setup 9:00 #tag.evil", set()),
        ("/subscribe /stop @mallory evil.example #tag", set()),
        ("/subscribe /stop evil.example #tag", {"/subscriptions"}),
        (f"/unsubscribe {HOSTILE}", {"/subscriptions"}),
        ("/stop.evil.example", set()),
        ("/stop", {"/help"}),
        ("/help", None),
    ],
)
async def test_only_usages_can_be_tapped_in_an_answer(
    tg: TelegramDouble, bot: Asking, adapter: Adapter, line: str, usages: set[str] | None
) -> None:
    await bot.listed("2026-07-22", *hostile_papers())
    bot.platform = "telegram"
    await bot.ask("/subscribe kv cache", address=str(ADA), person=str(ADA))
    tg.says(ADA, line)
    found = tapped(await tg.reply())
    shown = [name for name, command in bot.core.commands.items() if not command.hidden]
    names = {f"/{name}" for name in shown} - {"/help"}
    assert found == (names if usages is None else usages)


async def test_a_topics_words_cannot_be_tapped_where_they_are_listed(
    tg: TelegramDouble, bot: Asking, adapter: Adapter
) -> None:
    tg.says(ADA, "/subscribe /stop evil.example #tag")
    await tg.reply()
    tg.says(ADA, "/subscriptions")
    assert tapped(await tg.reply(2)) == {"/unsubscribe"}
    tg.says(ADA, "/mydata")
    assert tapped(await tg.reply(3)) == set()


async def test_a_chats_title_cannot_be_tapped(
    tg: TelegramDouble, handle: FakeHandle, bot: Asking, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, f"{HOSTILE} {FORGED}", "channel", bot="administrator")
    tg.set_member(CHANNEL, ADA, "administrator")
    tg.says(ADA, f"/setup 9:00 Europe/Berlin {CHANNEL}")
    assert tapped(await tg.reply()) == set()
