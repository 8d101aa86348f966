"""Zones as people name them: a place is understood; what is none is refused, with places to tap."""

import pytest

from tests.asking import Asking, labels
from tests.fakes import at


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("Europe / Berlin", "Europe/Berlin"),
        ("europe\\berlin", "Europe/Berlin"),
        ("Berlin time", "Europe/Berlin"),
        ("BERLIN", "Europe/Berlin"),
        ("Berlin, Germany", "Europe/Berlin"),
        ("Germany", "Europe/Berlin"),
        ("Berlin CEST", "Europe/Berlin"),
        ("(GMT+01:00) Berlin", "Europe/Berlin"),
        ("Europe/Berlin, now UTC+2", "Europe/Berlin"),
        ("timezone: berlin", "Europe/Berlin"),
        ("zone=Europe/Berlin", "Europe/Berlin"),
        ("new_york", "America/New_York"),
        ("New York EST", "America/New_York"),
        ("US/Eastern", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("California", "America/Los_Angeles"),
        ("San Francisco", "America/Los_Angeles"),
        ("Portland, Oregon", "America/Los_Angeles"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Kiew", "Europe/Kyiv"),
        ("Zürich", "Europe/Zurich"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Amsterdam", "Europe/Amsterdam"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("India Standard Time", "Asia/Kolkata"),
        ("Moscow time", "Europe/Moscow"),
        ("UK", "Europe/London"),
        ("South Korea", "Asia/Seoul"),
        ("Port-au-Prince", "America/Port-au-Prince"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("Z", "UTC"),
        ("utc", "UTC"),
        ("+00:00", "UTC"),
    ],
)
async def test_a_place_is_understood_however_it_is_named(
    bot: Asking, words: str, zone: str
) -> None:
    message = await bot.ask(f"/setup 09:00 {words}")
    assert await bot.order() == ("09:00", zone, 10)
    assert f"09:00 {zone}" in message.text


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("EST", ["New York (UTC-4)", "Panama (UTC-5)"]),
        ("pst", ["Los Angeles (UTC-7)", "Manila (UTC+8)"]),
        ("MSK", ["Moscow (UTC+3)"]),
        ("JST", ["Tokyo (UTC+9)"]),
        ("IST", ["Kolkata (UTC+5:30)", "Jerusalem (UTC+3)", "Dublin (UTC+1)"]),
        ("CET", ["Berlin (UTC+2)", "Algiers (UTC+1)"]),
        ("CET/CEST", ["Berlin (UTC+2)", "Algiers (UTC+1)"]),
        ("Central European Summer Time", ["Berlin (UTC+2)", "Algiers (UTC+1)"]),
        ("BST", ["London (UTC+1)", "Dhaka (UTC+6)"]),
        ("GMT", ["London (UTC+1)", "Reykjavik (UTC)", "UTC"]),
        ("Eastern Time", ["New York (UTC-4)", "Panama (UTC-5)"]),
        ("ET", ["New York (UTC-4)", "Panama (UTC-5)"]),
    ],
)
async def test_an_abbreviation_is_refused_with_its_places_to_tap(
    bot: Asking, words: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/setup 9:00 {words} 5")
    assert "is no time zone" in message.text and "Write a place, like" in message.text
    assert labels(message) == choices
    assert await bot.order() is None
    await bot.press(message, choices[0])
    time, zone, papers = await bot.order() or ("", "", 0)
    assert (time, papers) == ("09:00", 5)
    assert zone.rpartition("/")[2].replace("_", " ") == choices[0].partition(" (")[0]


async def test_an_hour_of_summer_is_never_lost_to_an_abbreviation(bot: Asking) -> None:
    """9:00 EST in July is 10:00 in New York; nobody there means that."""
    refused = await bot.ask("/setup 9:00 EST")
    set_up = await bot.press(refused, "New York (UTC-4)")
    assert "America/New_York is now UTC-4" in set_up.text
    assert "Thu 23 July at 09:00 America/New_York" in set_up.text


@pytest.mark.parametrize(
    ("words", "first", "fixed"),
    [
        ("UTC+2", "Berlin (UTC+2)", "UTC+2 all year"),
        ("GMT+2", "Berlin (UTC+2)", "UTC+2 all year"),
        ("utc +02:00", "Berlin (UTC+2)", "UTC+2 all year"),
        ("+0200", "Berlin (UTC+2)", "UTC+2 all year"),
        ("GMT-3", "Sao Paulo (UTC-3)", "UTC-3 all year"),
        ("UTC−3", "Sao Paulo (UTC-3)", "UTC-3 all year"),
    ],
)
async def test_an_offset_is_refused_with_cities_and_the_zone_that_keeps_it(
    bot: Asking, words: str, first: str, fixed: str
) -> None:
    message = await bot.ask(f"/setup 09:00 {words}")
    assert "an offset knows no summer time" in message.text
    assert "its sign is the other way round" in message.text
    assert labels(message)[0] == first and labels(message)[-1] == fixed
    assert await bot.order() is None
    kept = await bot.press(message, fixed)
    offset = fixed.partition(" ")[0]
    assert f"is now {offset}." in kept.text


async def test_a_time_with_its_offset_is_no_time_of_utc(bot: Asking) -> None:
    message = await bot.ask("/setup 09:00+02:00")
    assert labels(message)[0] == "Berlin (UTC+2)" and await bot.order() is None
    await bot.ask("/setup 09:00Z")
    assert await bot.order() == ("09:00", "UTC", 10)


@pytest.mark.parametrize("words", ["UTC+5:30", "+05:45", "UTC+15"])
async def test_an_offset_without_a_zone_of_its_own_offers_none(bot: Asking, words: str) -> None:
    message = await bot.ask(f"/setup 09:00 {words}")
    assert "Write it like Europe/Berlin." in message.text
    assert not any("all year" in label for label in labels(message))
    assert await bot.order() is None


async def test_a_fixed_zones_sign_is_explained_and_never_taken_at_its_word(bot: Asking) -> None:
    message = await bot.ask("/setup 09:00 Etc/GMT+3")
    assert "Etc/GMT+3 is UTC-3: in such names the sign is the other way round." in message.text
    assert {"UTC-3 all year", "Sao Paulo (UTC-3)", "Moscow (UTC+3)"} <= set(labels(message))
    assert await bot.order() is None
    await bot.press(message, "UTC-3 all year")
    assert await bot.order() == ("09:00", "Etc/GMT+3", 10)
    again = await bot.ask("/setup 09:00 Etc/GMT+3 UTC+3")  # they contradict each other
    assert "is UTC-3" in again.text and labels(again)


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("Texas", ["Chicago (UTC-5)", "Denver (UTC-6)"]),
        ("Georgia", ["New York (UTC-4)", "Tbilisi (UTC+4)"]),
        ("San Juan", ["Puerto Rico (UTC-4)", "San Juan (UTC-3)"]),
        ("China", ["Shanghai (UTC+8)", "Urumqi (UTC+6)"]),
        ("Portugal", ["Lisbon (UTC+1)", "Azores (UTC)"]),
        ("Spain", ["Madrid (UTC+2)", "Canary (UTC+1)"]),
        ("Berlin London", ["Berlin (UTC+2)", "London (UTC+1)"]),
        ("London, Ontario", ["London (UTC+1)", "Toronto (UTC-4)", "Winnipeg (UTC-5)"]),
        ("Europe/Kiew", ["Europe/Kyiv"]),
        ("newyork", ["America/New_York"]),
    ],
)
async def test_a_place_with_several_clocks_or_a_slip_is_asked_for(
    bot: Asking, words: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/setup 09:00 {words}")
    assert labels(message) == choices
    assert await bot.order() is None
    for label in choices:
        assert "Each list day at 09:00" in (await bot.press(message, label)).text


@pytest.mark.parametrize("country", ["USA", "United States", "Russia", "Australia", "Brazil"])
async def test_a_large_country_offers_its_clocks(bot: Asking, country: str) -> None:
    message = await bot.ask(f"/setup 09:00 {country}")
    assert "has several time zones" in message.text
    assert 3 < len(labels(message)) <= 8 and await bot.order() is None


@pytest.mark.parametrize("words", ["Berlin UTC+5", "Berlin EST", "Berlin utc", "London JST"])
async def test_a_place_that_is_not_at_its_offset_is_refused(bot: Asking, words: str) -> None:
    message = await bot.ask(f"/setup 09:00 {words}")
    assert "is not at" in message.text and await bot.order() is None
    assert labels(message)


@pytest.mark.parametrize(
    "words", ["Springfield", "Mars/Olympus", "nowhere", "local", "UTC2", "zone:5"]
)
async def test_what_is_no_place_is_named_with_the_right_form(bot: Asking, words: str) -> None:
    message = await bot.ask(f"/setup 09:00 {words}")
    assert "I know no time zone called" in message.text and "Europe/Berlin" in message.text
    assert await bot.order() is None


async def test_what_was_understood_is_said_in_full_with_todays_offset(bot: Asking) -> None:
    message = await bot.ask("/setup 9am berlin")
    assert "09:00 Europe/Berlin, 10 papers" in message.text
    assert "Europe/Berlin is now UTC+2." in message.text
    bot.clock.now = at("2026-01-15 10:00")
    assert "Europe/Berlin is now UTC+1." in (await bot.ask("/settings")).text


async def test_topics_come_by_the_same_words(bot: Asking) -> None:
    await bot.ask("/subscribe kv cache", address="u1")
    refused = await bot.ask("/subscriptions 8:00 PST", address="u1")
    assert labels(refused) == ["Los Angeles (UTC-7)", "Manila (UTC+8)"]
    kept = await bot.press(refused, "Los Angeles (UTC-7)", address="u1")
    assert kept.note.startswith("Matches come at 08:00 America/Los_Angeles")


async def test_a_zone_kept_long_ago_is_a_first_guess_whatever_it_is_called(bot: Asking) -> None:
    """Orders of older programs have zones that nobody may choose any more."""
    await bot.ask("/setup 09:00 Etc/GMT+3 UTC-3")
    kept = await bot.ask("/subscribe kv cache", person="u1")
    assert "in private at 09:00 Etc/GMT+3" in kept.text


async def test_typing_an_abbreviation_offers_its_places(bot: Asking) -> None:
    from bot.commands.answer import suggest
    from bot.dialogue import Request

    request = Request("chat", "c1", "u1", "setup")
    for typed, first in (("EST", "New_York"), ("utc+2", "Berlin"), ("berl", "Europe/Berlin")):
        found = await suggest(bot.core.ctx, bot.core.commands, request, "zone", typed)
        assert found[0].value == first
    assert not any(
        choice.value.startswith("Etc/")
        for choice in await suggest(bot.core.ctx, bot.core.commands, request, "zone", "")
    )


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("IN", ["Kolkata (UTC+5:30)", "Indianapolis (UTC-4)"]),
        ("AT", ["Vienna (UTC+2)"]),
        ("TO", ["Tongatapu (UTC+13)"]),
        ("ON", ["Toronto (UTC-4)"]),
        ("in", ["Kolkata (UTC+5:30)", "Indianapolis (UTC-4)"]),
        ("DE", ["Berlin (UTC+2)", "New York (UTC-4)"]),
        ("SA", ["Riyadh (UTC+3)", "Johannesburg (UTC+2)", "Adelaide (UTC+9:30)"]),
        ("ACT", ["Sydney (UTC+10)", "Darwin (UTC+9:30)", "Rio Branco (UTC-5)"]),
        ("PHT", ["Manila (UTC+8)"]),
        ("GMT+5.5", ["Kolkata (UTC+5:30)"]),
        ("GMT+05.30", ["Kolkata (UTC+5:30)"]),
        ("UTC/GMT+1", ["London (UTC+1)", "Lagos (UTC+1)", "UTC+1 all year"]),
        ("Paris, Texas", ["Paris (UTC+2)", "Chicago (UTC-5)", "Denver (UTC-6)"]),
        ("Berlin papers_daily", ["Berlin (UTC+2)"]),
    ],
)
async def test_what_may_be_several_places_or_none_is_asked_back(
    bot: Asking, words: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/setup 10:00 {words}")
    assert labels(message) == choices and await bot.order() is None
    assert "Write" in message.text or "I understand Berlin" in message.text
    await bot.press(message, choices[0])
    assert (await bot.order() or [""])[0] == "10:00"


@pytest.mark.parametrize(
    ("words", "first"), [("Central", "Chicago (UTC-5)"), ("East", "New York (UTC-4)")]
)
async def test_a_direction_offers_the_largest_of_its_cities(
    bot: Asking, words: str, first: str
) -> None:
    message = await bot.ask(f"/setup 10:00 {words}")
    assert labels(message)[0] == first and "Shanghai (UTC+8)" not in labels(message)


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern", "Europe/Amsterdam"),
        ("(UTC-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("SA Pacific Standard Time", "America/Bogota"),
        ("Etc/GMT0", "UTC"),
        ("Acre", "America/Rio_Branco"),
        ("AT 10:00 IN BERLIN", "Europe/Berlin"),
    ],
)
async def test_what_another_program_shows_is_understood(bot: Asking, words: str, zone: str) -> None:
    await bot.ask(f"/setup {words}" if "10:00" in words else f"/setup 10:00 {words}")
    assert await bot.order() == ("10:00", zone, 10)


async def test_two_places_that_are_not_in_each_other_are_not_called_two(bot: Asking) -> None:
    message = await bot.ask("/setup 10:00 Paris, Texas")
    assert "I know Paris and Texas apart" in message.text


@pytest.mark.parametrize("name", ["papers_daily", "channel", "germny"])
async def test_the_word_that_is_not_understood_is_named_beside_what_is(
    bot: Asking, name: str
) -> None:
    message = await bot.ask(f"/setup 10:00 Berlin {name}")
    assert f"I understand Berlin as a place, and not {name}." in message.text
