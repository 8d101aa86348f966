"""What stands on a button: written and read side by side, also what earlier programs wrote."""

from dataclasses import replace

import pytest

from bot import buttons, digest
from bot.commands import registry
from bot.dialogue import Request
from bot.payload import PostNumber, read_post_number
from bot.states import WITHOUT_POST, DeliveryState
from bot.store import people
from tests.commands.conftest import Bot
from tests.fakes import papers_of
from tests.stored import add, digest_of

LONG = "kv cache compression of long context language models for the little devices"
RECORDED = [  # from the buttons of an earlier program
    ("more-1-t42", "more", 1, "42"),
    ("date-1-t2025-06-12", "date", 1, "2025-06-12"),
    ("search-2-ba3YgY2FjaGUgLXN1cnZleQ", "search", 2, "kv cache -survey"),
    ("unsubscribe-1-bYWxsLCBzdXJlbHk", "unsubscribe", 1, "all, surely"),
    ("search-3-k916753bc4ebdfaee6c487507", "search", 3, LONG),
    ("search-1-bZ3LDtsOfZQ", "search", 1, "größe"),
    ("pause-1-t", "pause", 1, ""),
    ("setup-1-bNSBwYXBlcnM", "setup", 1, "5 papers"),
    ("forgetme-1-tyes", "forgetme", 1, "yes"),
]


@pytest.mark.parametrize(("data", "command", "page", "text"), RECORDED)
async def test_a_button_of_an_earlier_program_goes_on_working(
    bot: Bot, data: str, command: str, page: int, text: str
) -> None:
    await people.keep_texts(bot.store, {"916753bc4ebdfaee6c487507": LONG}, bot.clock())
    request = await buttons.unpack(bot.store, Request("discord", "c1", "u1", data=data))
    assert (request.command, request.page, request.text) == (command, page, text)


async def test_a_recorded_post_number_is_its_posts(bot: Bot) -> None:
    bot.store.secret = b"s" * 32
    recorded = "42_OHZJ2maK"
    assert str(buttons.signed(bot.store, 42)) == recorded
    number = read_post_number(recorded)
    assert number.delivery == 42 and buttons.is_signed(bot.store, number)
    for forged in (PostNumber(42), PostNumber(42, "AAAAAAAA"), PostNumber(43, number.mark)):
        assert not buttons.is_signed(bot.store, forged)


@pytest.mark.parametrize("text", ["", "x", "-1", "_", "²", "9" * 18, "_1", "1 _x", "01"])
def test_what_is_no_post_number_is_no_posts(text: str) -> None:
    assert read_post_number(text) == PostNumber(0)


async def test_an_old_button_that_drops_all_topics_does(bot: Bot) -> None:
    await bot.ask("/subscribe kv cache")
    dropped = await bot.ask(data="unsubscribe-1-bYWxsLCBzdXJlbHk")
    assert dropped.text == "Dropped 1 topic. You have none left."


async def fill(bot: Bot) -> None:
    """A row of every state, as planning leaves them, and a post whose digest cannot be read."""
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1, 2))
    post = digest_of("2025-06-12", 1, 2)
    looked = replace(digest.loads(post), size=0, items=()).dumps()  # nothing of a list matched
    async with bot.store.transaction() as tx:
        for state in DeliveryState:
            payload = looked if state is DeliveryState.SKIPPED else post
            payload = "" if state in (DeliveryState.MISSED, DeliveryState.PAUSED) else payload
            await add(tx, f"at {state}", "2025-06-12", payload, state=state)
        await add(tx, "broken", "2025-06-12", "{", state="sent")


@pytest.mark.parametrize("command", ["more", "days"])
async def test_a_number_that_is_no_posts_is_one_sentence(bot: Bot, command: str) -> None:
    await fill(bot)
    rows = await bot.store.rows("SELECT id, address FROM deliveries")
    none = ["broken", *(f"at {state}" for state in WITHOUT_POST)]
    numbers = [buttons.signed(bot.store, row["id"]) for row in rows if row["address"] in none]
    for text in (*map(str, numbers), *(str(n.delivery) for n in numbers), "", "x", "99", "9" * 30):
        message = await bot.ask(data=f"{command}-1-t{text}")
        assert message.text == (
            "That post is too old to page through; /date shows any day's list."
        ), text


@pytest.mark.parametrize("command", sorted(registry()))
async def test_no_button_that_was_made_up_breaks_a_command(bot: Bot, command: str) -> None:
    await fill(bot)
    for words in (*map(str, range(14)), "", "-1", "1_", "2025-99-99", "2025-06-12", "9" * 30):
        for page in ("0", "1", "999999"):
            message = await bot.ask(data=f"{command}-{page}-t{words}")
            assert "(ticket " not in message.text, words
