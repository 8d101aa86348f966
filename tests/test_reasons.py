"""Why a post did not come, without what only who runs the bot can use."""

import pytest

from bot.errors import PostError
from bot.reasons import NOT_TAKEN, for_readers
from tests.program import listed, program
from tests.test_repost import NEXT_WEEK, WEEK


@pytest.mark.parametrize(
    "exact",
    [
        "Telegram refused TELEGRAM_TOKEN; copy it again from @BotFather.",
        "Telegram answered: Not Found",
        "Telegram answered: Bad Request: CHAT_FORWARDS_RESTRICTED",
        "another program is using this bot's token",
        "a webhook is set on this bot's token",
        "Discord refused DISCORD_TOKEN (status 401)",
        "Discord answered 403 (code 40333)",
        "Discord, or a proxy before it, answered 404 (code 0)",
    ],
)
def test_operators_words_are_none_for_readers(exact: str) -> None:
    assert for_readers(exact) == NOT_TAKEN


@pytest.mark.parametrize(
    ("exact", "told"),
    [
        ("Discord is in trouble (status 503)", "Discord is in trouble"),
        ("Discord refused the message (status 400, code 50035)", "Discord refused the message"),
        ("Discord ended the connection (close code 4000)", "Discord ended the connection"),
        ("Discord cannot be used (bad (inner) words)", "Discord cannot be used"),
        ("Telegram cannot be reached: the proxy says 407", "Telegram cannot be reached"),
        ("it could not be written; see the log", "it could not be written"),
        *[(same, same) for same in (
            "", "the bot was not running", "the topic is closed", "its time was changed",
            "Telegram did not answer in time", "too many messages wait for that chat",
            "no right answer from the feed since 08:00", "there is no such chat for the bot",
            "Something that is not Discord answered", "The thread is archived",
        )],
    ],
)  # fmt: skip
def test_what_everybody_understands_is_kept(exact: str, told: str) -> None:
    assert for_readers(exact) == told


async def test_readers_and_owners_are_told_in_their_words_and_the_outbox_keeps_the_exact() -> None:
    exact = "Telegram answered: Nope"
    async with program("2025-06-02 00:10") as running:
        listed(running.feed, *WEEK, *NEXT_WEEK)
        await running.ask("/setup 09:00 utc", person="ada")
        await running.until("2025-06-02 08:00")
        running.adapter.always["c1"] = PostError(exact)
        await running.until("2025-06-02 16:30")
        running.adapter.always.clear()
        assert exact not in (await running.ask("/settings", person="ada")).text
        await running.until("2025-06-03 10:00")
        [notice] = running.texts("ada")
        [text] = running.texts()
        rows = await running.store.rows("SELECT reason FROM deliveries WHERE state = 'dead'")
    assert f"could not be sent: {NOT_TAKEN}." in notice
    assert f"The list of Mon 2 June did not come: {NOT_TAKEN};" in text
    assert [row["reason"] for row in rows] == [exact]
