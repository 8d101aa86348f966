"""Times of day and numbers of papers, as people write them; what may be two things is asked for."""

import pytest

from tests.asking import Asking, labels


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("09:00 Europe/Berlin 10", ("09:00", "Europe/Berlin", 10)),
        ("10 Europe/Berlin 09:00", ("09:00", "Europe/Berlin", 10)),
        ("Berlin 9h", ("09:00", "Europe/Berlin", 10)),
        ("0900 berlin", ("09:00", "Europe/Berlin", 10)),
        ("2130", ("21:30", "UTC", 10)),
        ("21.30", ("21:30", "UTC", 10)),
        ("21h30", ("21:30", "UTC", 10)),
        ("09:00:00", ("09:00", "UTC", 10)),
        ("9am", ("09:00", "UTC", 10)),
        ("9 a.m. berlin", ("09:00", "Europe/Berlin", 10)),
        ("9:30 P.M. Tokyo", ("21:30", "Asia/Tokyo", 10)),
        ("12am", ("00:00", "UTC", 10)),
        ("12 pm", ("12:00", "UTC", 10)),
        ("noon", ("12:00", "UTC", 10)),
        ("12 noon Berlin", ("12:00", "Europe/Berlin", 10)),
        ("at 12:00 noon", ("12:00", "UTC", 10)),
        ("12 midnight", ("00:00", "UTC", 10)),
        ("midnight in Berlin", ("00:00", "Europe/Berlin", 10)),
        ("at 9", ("09:00", "UTC", 10)),
        ("at nine", ("09:00", "UTC", 10)),
        ("every day at 9, Berlin time, 5 papers", ("09:00", "Europe/Berlin", 5)),
        ("at 9 in the evening, Berlin", ("21:00", "Europe/Berlin", 10)),
        ("21:00 in the evening", ("21:00", "UTC", 10)),
        ("9 o'clock pm", ("21:00", "UTC", 10)),
        ("half past nine am", ("09:30", "UTC", 10)),
        ("21 Uhr berlin", ("21:00", "Europe/Berlin", 10)),
        ("９：００ Europe／Berlin", ("09:00", "Europe/Berlin", 10)),
        ("09\u200b:00\u2060 Ber\u00adlin\ufeff", ("09:00", "Europe/Berlin", 10)),
        ("\u202a09:00\u202c\u00a0Europe/\u2066Berlin\u2069", ("09:00", "Europe/Berlin", 10)),
        ("<09:00> <Europe/Berlin> <5>", ("09:00", "Europe/Berlin", 5)),
        ("09:00 – Berlin – 5", ("09:00", "Europe/Berlin", 5)),
        ('"09:00" "Europe/Berlin"', ("09:00", "Europe/Berlin", 10)),
        ("time:09:00 zone:Europe/Berlin papers:5", ("09:00", "Europe/Berlin", 5)),
        ("zone:Europe/Berlin, time:09:00, papers:5", ("09:00", "Europe/Berlin", 5)),
        ("time:9,zone:Berlin,papers:5", ("09:00", "Europe/Berlin", 5)),
        ("time:9 papers:5", ("09:00", "UTC", 5)),
        ("9:00 papers 5", ("09:00", "UTC", 5)),
        ("papers:5 zone: New York time: 9", ("09:00", "America/New_York", 5)),
        ("time=21:30, tz=Asia/Tokyo", ("21:30", "Asia/Tokyo", 10)),
        ("papers=3", ("09:00", "UTC", 3)),
        ("3 papers", ("09:00", "UTC", 3)),
        ("top 3", ("09:00", "UTC", 3)),
        ("9 Berlin, 5 papers", ("09:00", "Europe/Berlin", 5)),
        ("7", ("09:00", "UTC", 7)),
    ],
)
async def test_a_time_is_understood_however_it_is_written(
    bot: Asking, words: str, order: tuple[str, str, int]
) -> None:
    message = await bot.ask(f"/setup {words}")
    assert await bot.order() == order
    time, zone, papers = order
    assert f"at {time} {zone}, {papers} papers" in message.text


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("half past nine", ["09:30", "21:30"]),
        ("quarter to ten", ["09:45", "21:45"]),
        ("nine o'clock", ["09:00", "21:00"]),
        ("9 at night", ["09:00", "21:00"]),
        ("12 o'clock", ["00:00", "12:00"]),
        ("24:00", ["00:00"]),
        ("18", ["18:00"]),
        ("930", ["09:30"]),
        ("9 Europe/Berlin", ["09:00", "9 papers"]),
        ("18 berlin", ["18:00"]),
        ("Tokyo 7", ["07:00", "7 papers"]),
    ],
)
async def test_what_may_be_two_things_is_asked_for_and_changes_nothing(
    bot: Asking, words: str, choices: list[str]
) -> None:
    message = await bot.ask(f"/setup {words}")
    assert message.private and labels(message) == choices
    assert await bot.order() is None
    for label in choices:
        kept = await bot.press(message, label)
        assert kept.text.startswith("Each list day at ")
        assert label.removesuffix(" papers") in str(await bot.order())


async def test_what_was_certain_stays_with_what_is_chosen(bot: Asking) -> None:
    zone = await bot.press(await bot.ask("/setup half past nine, EST, 5 papers"), "21:30")
    await bot.press(zone, "New York (UTC-4)")
    assert await bot.order() == ("21:30", "America/New_York", 5)
    await bot.press(await bot.ask("/setup 24:00 Tokyo 3 papers"), "00:00")
    assert await bot.order() == ("00:00", "Asia/Tokyo", 3)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("25:99", "25:99 is not a time of day; write it like 09:00"),
        ("9:5", "9:5 is not a time of day; write it like 09:00"),
        ("13pm", "13pm is not a time of day; write it like 09:00"),
        ("٠٩:٣٠", "٠٩:٣٠ is not a time of day; write it like 09:00"),
        ("2500", "2500 is not a time of day; write it like 09:00"),
        ("9-10", "9-10 is not a time of day; write it like 09:00"),
        ("half nine", "not a time of day; write it like 09:00"),
        ("9:00 10:00", "Write one time and one number"),
        ("5 6", "Write one time and one number"),
        ("9,30", "Write one time and one number"),
        ("0", "A post shows 1 to 15 papers; 0 is not in there."),
        ("20 papers", "A post shows 1 to 15 papers; 20 is not in there."),
        ("9:00 16", "A post shows 1 to 15 papers; 16 is not in there."),
        ("-5", "I know no time zone called -5"),
        ("monday 9:00", "A post comes for every list, Monday to Friday"),
        ("daily", "Write a time, a zone or a number: 09:00, Europe/Berlin, 10 papers."),
        ("every hour", "I know no time zone called hour"),
        ("9" * 5000, "A post shows 1 to 15 papers"),
        ("x" * 10_000, "I know no time zone called"),
    ],
)
async def test_what_is_no_order_is_refused_with_the_right_form(
    bot: Asking, words: str, reason: str
) -> None:
    message = await bot.ask(f"/setup {words}")
    assert reason in message.text and len(message.text) < 200
    assert await bot.order() is None


async def test_a_refusal_changes_nothing_of_what_was_set_up(bot: Asking) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5")
    for words in ("9 EST", "24:00", "UTC+2", "9 berlin", "half past nine", "Texas 3"):
        await bot.ask(f"/setup {words}")
        assert await bot.order() == ("08:00", "Asia/Tokyo", 5)


async def test_a_button_for_a_number_of_papers_says_papers(bot: Asking) -> None:
    shown = await bot.ask("/setup")
    await bot.press(shown, "3 papers")
    await bot.press(shown, "18:00")
    assert await bot.order() == ("18:00", "UTC", 3)


@pytest.mark.parametrize("words", ["1 noon", "10 midday Berlin", "11:00 midnight"])
async def test_noon_of_another_number_is_refused(bot: Asking, words: str) -> None:
    refused = (await bot.ask(f"/setup {words}")).text
    assert refused.endswith(".") and "Daily papers for" not in refused
    assert await bot.order() is None
