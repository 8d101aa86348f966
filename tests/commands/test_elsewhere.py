"""A place named where a command is about this one alone: one sentence, and nothing is changed."""

import pytest

from tests.commands.conftest import Bot

PLACES = (
    "@mychannel", "@my.channel", "#general", "#1-papers", "<#1234567890>", "<@&42>",
    "-1001234567890", "1234567890123456789", "https://t.me/mychannel", "t.me/mychannel",
    "telegram.me/x", "https://discord.com/channels/1/2", "discord.gg/x", "tg://resolve?domain=x",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
async def test_a_place_that_is_named_is_told_and_nothing_changes(bot: Bot, place: str) -> None:
    await bot.ask("/setup 09:00 Europe/Berlin")
    before = await bot.kept()
    for line in ("/pause {}", "/setup 10:00 Berlin {}", "/setup {} 10:00", "/setup zone:{}",
                 "/setup time:10:00 zone:{}", "/settings {}", "/resume {}"):  # fmt: skip
        message = await bot.ask(line.format(place))
        assert message.text.startswith(f"{place} is another place, and this is about "), line
        assert message.text.endswith("nothing was changed.") and message.private
    assert await bot.kept() == before


async def test_words_that_a_command_does_not_take_change_nothing(bot: Bot) -> None:
    await bot.ask("/setup 09:00 Europe/Berlin")
    before = await bot.kept()
    for line in ("/pause mychannel", "/resume my channel", "/pause until Monday"):
        assert "takes nothing after it" in (await bot.ask(line)).text
    assert await bot.kept() == before


@pytest.mark.parametrize(
    "text", ["09:00 Europe/Berlin 10", "at 9am Berlin", "10 papers", "09:00 Tokyo", "18:30 - Paris"]
)
async def test_an_order_names_no_place_by_itself(bot: Bot, text: str) -> None:
    assert (await bot.ask(f"/setup {text}")).title.startswith("Daily papers for ")


async def test_who_searches_or_subscribes_may_write_any_word(bot: Bot) -> None:
    for line in ("/search #rag", "/subscribe @home robots", "/paper https://arxiv.org/abs/2506.1"):
        assert "another place" not in (await bot.ask(line)).text


@pytest.mark.parametrize("place", ["@papers_daily", "t.me/papers_daily", "-1001234567890"])
async def test_a_topic_with_a_place_in_it_is_refused_with_the_topic_to_tap(
    bot: Bot, place: str
) -> None:
    message = await bot.ask(f"/subscribe kv cache {place}")
    assert message.text.startswith(f"{place} is a place, and topics come in private alone")
    assert [a.label for row in message.actions for a in row] == ["kv cache"]
