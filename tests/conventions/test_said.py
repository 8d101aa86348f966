"""What is chosen where a word may mean several things is said; what means nothing here, too."""

import pytest

from tests.asking import Asking, labels


async def test_a_number_alone_says_that_it_was_taken_for_papers(bot: Asking) -> None:
    await bot.ask("/subscribe kv cache")
    for line in ("/subscriptions 7", "/setup 7"):
        shown = await bot.ask(line)
        said = "I took 7 for a number of papers; the time would be 07:00."
        assert said in shown.text + shown.note and "7 papers" in shown.text + shown.note
    [hour] = [a for row in shown.actions for a in row if a.label == "07:00"]
    assert "at 07:00" in (await bot.ask(f"/{hour.command} {hour.text}")).text
    assert "I took" not in (await bot.ask("/setup 7 papers")).text


@pytest.mark.parametrize(
    ("words", "schedule"),
    [
        ("time 08:00", "08:00 UTC, 10 papers"),
        ("time 8", "08:00 UTC, 10 papers"),
        ("set time to 8", "08:00 UTC, 10 papers"),
        ("timezone: Berlin count: 3", "09:00 Europe/Berlin, 3 papers"),
        ("zone Berlin time 8", "08:00 Europe/Berlin, 10 papers"),
        ("tz Berlin", "09:00 Europe/Berlin, 10 papers"),
        ("time zone Berlin", "09:00 Europe/Berlin, 10 papers"),
        ("time=9 zone=Europe/Berlin papers=5", "09:00 Europe/Berlin, 5 papers"),
        ("number of papers: 5", "09:00 UTC, 5 papers"),
        ("papers 09:00 Berlin", "09:00 Europe/Berlin, 10 papers"),
        ("LA", "09:00 America/Los_Angeles, 10 papers"),
    ],
)
async def test_what_is_said_by_name_is_understood(bot: Asking, words: str, schedule: str) -> None:
    assert schedule in (await bot.ask(f"/setup {words}")).text


@pytest.mark.parametrize("word", ["off", "stop", "Pause", "disable."])
async def test_off_is_pointed_to_pause_and_changes_nothing(bot: Asking, word: str) -> None:
    await bot.ask("/setup 09:00 UTC")
    shown = await bot.ask(f"/setup {word}")
    assert shown.text.startswith("/pause stops the posts") and labels(shown) == ["Pause"]
    assert "paused" not in (await bot.ask("/settings")).text
    assert "/resume" in (await bot.ask("/setup on")).text


@pytest.mark.parametrize("word", ["help", "?", "--help"])
async def test_help_of_a_schedule_says_how_it_is_written(bot: Asking, word: str) -> None:
    assert "/setup 09:00 Europe/Berlin 10" in (await bot.ask(f"/setup {word}")).text
    assert "/subscriptions 08:00 Asia/Tokyo" in (await bot.ask(f"/subscriptions {word}")).text


@pytest.mark.parametrize("line", ["/settings zone Berlin", "/settings time 8", "/resume 9:00"])
async def test_a_schedule_after_another_command_is_pointed_to_setup(bot: Asking, line: str) -> None:
    await bot.ask("/setup 09:00 UTC")
    assert "/setup 09:00" in (await bot.ask(line)).text


@pytest.mark.parametrize(
    ("place", "zone"),
    [("Europe/Lima", "America/Lima"), ("US/Chicago", "America/Chicago"),
     ("Germany/Berlin", "Europe/Berlin"), ("Europe Lima", "America/Lima"),
     ("America/Tokyo", "Asia/Tokyo")],
)  # fmt: skip
async def test_a_place_in_the_wrong_region_has_its_zone_offered(
    bot: Asking, place: str, zone: str
) -> None:
    shown = await bot.ask(f"/setup 09:00 {place}")
    assert f"Did you mean {zone}?" in shown.text and labels(shown) == [zone]


@pytest.mark.parametrize("place", ["Cordoba", "Córdoba", "Merida", "Kingston", "Tripoli", "La Paz"])
async def test_a_name_of_several_cities_is_asked_back(bot: Asking, place: str) -> None:
    shown = await bot.ask(f"/setup 09:00 {place}")
    assert "several time zones" in shown.text and len(labels(shown)) > 1


@pytest.mark.parametrize("place", ["Москва", "北京", "東京", "القاهرة", "Αθήνα", "서울", "กรุงเทพ"])
async def test_a_name_in_another_script_says_what_is_known(bot: Asking, place: str) -> None:
    assert "in Latin letters alone" in (await bot.ask(f"/setup 09:00 {place}")).text


@pytest.mark.parametrize(
    ("day", "why", "offered"),
    [
        ("Tuesday 22 July", "22 July 2026 is a Wednesday.", "Wed 22 July 2026"),
        ("2026-07-22 Fri", "22 July 2026 is a Wednesday.", "Wed 22 July 2026"),
        ("Monday, 22.07.2026", "22 July 2026 is a Wednesday.", "Wed 22 July 2026"),
        ("Friday 31 June", "June has 30 days.", "Thu 23 July 2026"),
    ],
)
async def test_a_day_with_another_weekday_says_why(
    bot: Asking, day: str, why: str, offered: str
) -> None:
    shown = await bot.ask(f"/date {day}")
    assert shown.text == f"{why} Write the day like 2025-06-12." and labels(shown)[0] == offered


async def test_a_topic_that_is_not_had_has_those_like_it_offered(bot: Asking) -> None:
    await bot.ask("/subscribe kv cache")
    await bot.ask("/subscribe robots -survey")
    for words in ("kv", '"kv cache"', "KV cahce", "Cache"):
        shown = await bot.ask(f"/unsubscribe {words}")
        assert "did you mean this one?" in shown.text and labels(shown) == ["kv cache"]
    assert labels(await bot.ask("/unsubscribe 1")) == ["kv cache", "robots -survey"]
    assert "Dropped “kv cache”" in (await bot.press(shown, "kv cache")).text


async def test_of_a_single_topic_nothing_is_said_in_the_plural(bot: Asking) -> None:
    await bot.ask("/subscribe kv cache")
    shown = await bot.ask("/subscriptions")
    assert shown.title == "Your topic" and "drops it" in shown.note
    assert "all 1" not in (await bot.ask("/subscriptions off")).text
    assert "your only topic" in (await bot.ask("/unsubscribe all")).text
