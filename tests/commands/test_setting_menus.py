"""Setting up by menus: their marks, what is typed in a field, and the places of a person."""

import pytest

from bot.dialogue import Field, Message
from bot.model import Destination
from bot.store import subscriptions
from tests.commands.conftest import Bot, button, labels, marked
from tests.fakes import papers_of

HERE = Destination("discord", "c1")


async def schedule(bot: Bot, where: Destination = HERE) -> tuple[str, str, int] | None:
    one = await subscriptions.get(bot.store, where)
    return (one.time, one.zone, one.papers) if one else None


def field(message: Message, label: str) -> Field:
    return next(m.other for m in message.menus if m.other and m.other.label == label)


async def type_in(bot: Bot, message: Message, label: str, typed: str, **how: bool) -> Message:
    return await bot.ask(data=field(message, label).data, typed=typed, **how)  # type: ignore[arg-type]


async def test_where_nothing_is_set_up_no_value_is_marked_and_nothing_is_kept(bot: Bot) -> None:
    before = await bot.kept()
    for line in ("/setup", "/settings"):
        message = await bot.ask(line)
        assert len(message.menus) == 4 and not marked(message)
        assert message.elsewhere and message.elsewhere.data and message.about == "c1"
    assert await bot.kept() == before


async def test_a_start_takes_the_usual_values(bot: Bot) -> None:
    message = await bot.press(await bot.ask("/setup"), "Start at 09:00 UTC")
    assert await schedule(bot) == ("09:00", "UTC", 10)
    assert marked(message) == ["09:00", "UTC", "10 papers", "Rich"]


async def test_a_choice_changes_one_setting_and_says_what_comes(bot: Bot) -> None:
    shown = await bot.ask("/setup 08:15 Europe/Lisbon 7")
    assert marked(shown) == ["08:15", "Lisbon", "7 papers", "Rich"]
    for label in ("18:00", "Tokyo", "3 papers"):
        shown = await bot.press(shown, label)
        assert label in marked(shown) and "The next is due" in shown.text
    assert await schedule(bot) == ("18:00", "Asia/Tokyo", 3)


async def test_every_value_of_every_menu_is_understood(bot: Bot) -> None:
    for menu in (await bot.ask("/setup")).menus:
        for option in menu.options:
            assert option.label in marked(await bot.ask(data=option.data))


@pytest.mark.parametrize(
    ("label", "typed", "kept"),
    [
        ("Another city", "lisbon", ("09:00", "Europe/Lisbon", 10)),
        ("Another city", "são paulo", ("09:00", "America/Sao_Paulo", 10)),
        ("Another time", "9", ("09:00", "UTC", 10)),
        ("Another time", "18:30", ("18:30", "UTC", 10)),
        ("Another time", "6 pm", ("18:00", "UTC", 10)),
        ("Another time", "9 tokyo", ("09:00", "Asia/Tokyo", 10)),
    ],
)
async def test_what_is_typed_in_a_field_is_its_setting(
    bot: Bot, label: str, typed: str, kept: tuple[str, str, int]
) -> None:
    message = await type_in(bot, await bot.ask("/setup"), label, typed)
    assert await schedule(bot) == kept
    assert "Each list day" in message.text and message.menus


async def test_what_is_not_understood_changes_nothing_and_may_be_typed_again(bot: Bot) -> None:
    shown = await bot.ask("/setup")
    refused = await type_in(bot, shown, "Another city", "atlantis")
    assert "atlantis" in refused.text and await schedule(bot) is None
    await type_in(bot, refused, "Type it again", "lisbon")
    assert await schedule(bot) == ("09:00", "Europe/Lisbon", 10)


async def test_a_city_of_several_is_chosen_with_a_tap(bot: Bot) -> None:
    asked = await type_in(bot, await bot.ask("/setup"), "Another city", "cst")
    assert await schedule(bot) is None
    await bot.press(asked, labels(asked)[0])
    assert await schedule(bot)


async def test_a_field_is_for_who_may_manage(bot: Bot) -> None:
    shown, before = await bot.ask("/setup"), await bot.kept()
    refused = await type_in(bot, shown, "Another city", "lisbon", manage=False)
    assert refused.text == "Only someone who may manage #papers can do that."
    assert await bot.kept() == before


async def test_a_place_typed_in_a_field_is_not_changed(bot: Bot) -> None:
    refused = await type_in(bot, await bot.ask("/setup"), "Another city", "berlin #other")
    assert "#other is another place" in refused.text and await schedule(bot) is None


async def test_every_answer_to_a_button_leads_back_to_the_settings(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1, 2))
    shown = await bot.ask("/setup 08:00 Asia/Tokyo 5")
    for label in labels(shown):
        answer = await bot.press(shown, label)
        assert answer.about == "c1"
        assert (await bot.press(answer, "Settings")).menus


async def test_the_places_of_a_person_are_listed_in_private(bot: Bot) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5", address="c1")
    await bot.ask("/setup 07:00 Europe/Berlin 5", address="c2")
    await bot.ask("/setup 07:00 Europe/Berlin 5", address="c3", person="u2")
    mine = await bot.ask("/settings", alone=True)
    assert mine.title == "Your places" and mine.private
    abouts = [a.about for row in mine.actions for a in row]
    assert abouts == ["c1", "c2", ""]
    here = await bot.press(mine, "Daily papers in this chat", alone=True)
    assert here.menus and not marked(here)
    pressed = await bot.ask(data=mine.actions[0][1].data, address="c2")
    assert marked(pressed) == ["07:00", "Berlin", "5 papers", "Rich"]


async def test_whoever_set_up_a_private_chat_alone_sees_its_settings(bot: Bot) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5", alone=True)
    assert marked(await bot.ask("/settings", alone=True)) == ["08:00", "Tokyo", "5 papers", "Rich"]
    assert button(await bot.ask("/settings", alone=True), "Pause")
