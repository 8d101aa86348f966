"""Setting up a place: rights, words in any order, buttons, and a true word on what comes next."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import dates, plan
from bot.model import Destination, Subscription
from bot.store import history, subscriptions
from tests.commands.conftest import Bot, labels, ranks, titles
from tests.fakes import at, on, paper, papers_of

HERE = Destination("discord", "c1")
ADMIN = ("setup 09:00 Europe/Berlin 10", "setup", "preview", "settings", "pause", "resume")


async def order(bot: Bot, where: Destination = HERE) -> Subscription:
    found = await subscriptions.get(bot.store, where)
    assert found
    return found


async def said(bot: Bot, where: Destination = HERE) -> tuple[str, str, int, str]:
    one = await order(bot, where)
    return one.time, one.zone, one.papers, one.state


@pytest.mark.parametrize("manage", [False, None])
@pytest.mark.parametrize("line", ADMIN)
async def test_who_may_not_manage_is_refused_in_a_sentence(
    bot: Bot, line: str, manage: bool | None
) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5")
    before = await bot.kept()
    message = await bot.ask(line, manage=manage)
    assert message.text == "Only someone who may manage #papers can do that."
    assert message.private and not message.sections and not message.actions
    assert await bot.kept() == before


async def test_a_button_pressed_by_someone_else_is_refused_too(bot: Bot) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5")
    shown = await bot.ask("/settings")
    before = await bot.kept()
    for label in labels(shown):
        refused = await bot.press(shown, label, manage=False, person="u2")
        assert refused.text.startswith("Only someone who may manage")
    assert await bot.kept() == before


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("09:00 Europe/Berlin 10", ("09:00", "Europe/Berlin", 10)),
        ("10 Europe/Berlin 09:00", ("09:00", "Europe/Berlin", 10)),
        ("9:30 new york", ("09:30", "America/New_York", 10)),
        ("new york, 9:30, 3", ("09:30", "America/New_York", 3)),
        ("europe/berlin", ("09:00", "Europe/Berlin", 10)),
        ("BERLIN 7h", ("07:00", "Europe/Berlin", 10)),
        ("5", ("09:00", "UTC", 5)),
        ("9am tokyo", ("09:00", "Asia/Tokyo", 10)),
        ("12:15 am utc", ("00:15", "UTC", 10)),
        ("12pm 15", ("12:00", "UTC", 15)),
        ("18.30", ("18:30", "UTC", 10)),
    ],
)
async def test_words_are_understood_in_any_order(
    bot: Bot, words: str, kept: tuple[str, str, int]
) -> None:
    message = await bot.ask(f"/setup {words}")
    assert await said(bot) == (*kept, "on")
    assert f"{kept[0]} {kept[1]}, {kept[2]} papers" in message.text


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("25:99", "25:99 is not a time of day"),
        ("٠٩:٣٠", "is not a time of day"),
        ("13pm", "13pm is not a time of day"),
        ("9:5", "is not a time of day"),
        ("0", "A post shows 1 to 15 papers"),
        ("16", "A post shows 1 to 15 papers"),
        ("9" * 5000, "A post shows 1 to 15 papers"),
        ("Europe/Berln", "Did you mean Europe/Berlin?"),
        ("Mars/Olympus", "I know no time zone called mars/olympus"),
        ("utc+2", "Write it like Europe/Berlin."),
        ("9:00 10:00", "Write one time and one number"),
        ("5 6", "Write one time and one number"),
        ("x" * 10_000, "I know no time zone called"),
        ("-5", "I know no time zone"),
    ],
)
async def test_what_cannot_be_used_is_named_and_changes_nothing(
    bot: Bot, words: str, reason: str
) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5")
    before = await bot.kept()
    message = await bot.ask(f"/setup {words}")
    assert reason in message.text and len(message.text) < 200
    assert await bot.kept() == before


async def test_a_partial_change_keeps_the_rest(bot: Bot) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5")
    await bot.ask("/setup 3")
    await bot.ask("/setup 07:15")
    assert await said(bot) == ("07:15", "Asia/Tokyo", 3, "on")
    await bot.ask("/setup london")
    assert await said(bot) == ("07:15", "Europe/London", 3, "on")


async def test_that_no_zone_means_utc_is_said(bot: Bot) -> None:
    assert "That is UTC; /setup Europe/Berlin" in (await bot.ask("/setup 08:00")).text
    assert "That is UTC" not in (await bot.ask("/setup 08:00 utc")).text
    assert "That is UTC" not in (await bot.ask("/setup berlin")).text


async def test_without_words_setup_explains_itself_then_shows_the_settings(bot: Bot) -> None:
    first = await bot.ask("/setup")
    assert first.title == "Daily papers for #papers"
    assert "/setup 09:00 Europe/Berlin 10" in first.text
    await bot.press(first, "18:00")
    await bot.press(first, "3 papers")
    assert await said(bot) == ("18:00", "UTC", 3, "on")
    assert (await bot.ask("/setup")).text == (await bot.ask("/settings")).text


@pytest.mark.parametrize("command", ["preview", "pause", "resume"])
async def test_before_setup_the_others_say_how_to_begin(bot: Bot, command: str) -> None:
    message = await bot.ask(f"/{command}")
    assert message.text.startswith("Nothing is set up for #papers yet. Write for example: /setup")


async def test_every_button_does_what_it_says(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1, 2))
    await bot.ask("/setup 08:00 Asia/Tokyo 5")
    shown = await bot.ask("/settings")
    assert labels(shown)[-2:] == ["Preview", "Pause"]
    for time in ("07:00", "08:00", "09:00", "12:00", "18:00"):
        await bot.press(shown, time)
        assert (await said(bot))[0] == time
    for count in (3, 5, 10, 15):
        await bot.press(shown, f"{count} papers")
        assert (await said(bot))[2] == count
    assert titles(await bot.press(shown, "Preview"))
    paused = await bot.press(shown, "Pause")
    assert (await said(bot))[3] == "paused"
    assert "It is paused." in (await bot.ask("/settings")).text
    assert labels(await bot.ask("/settings"))[-1] == "Resume"
    await bot.press(paused, "Resume")
    assert await said(bot) == ("18:00", "Asia/Tokyo", 15, "on")


async def test_a_private_chat_is_set_up_like_a_channel(bot: Bot) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5", alone=True)
    assert await said(bot, Destination("discord", "u1")) == ("08:00", "Asia/Tokyo", 5, "on")
    assert (await bot.ask("/settings")).text.startswith("Nothing is set up")


async def test_a_switched_off_place_says_why_and_comes_back(bot: Bot) -> None:
    await bot.ask("/setup 08:00 Asia/Tokyo 5")
    async with bot.store.transaction() as tx:
        await subscriptions.switch_off(tx, [await order(bot)], "I may not write there", bot.clock())
    assert "It is switched off: I may not write there." in (await bot.ask("/settings")).text
    await bot.ask("/resume")
    assert await said(bot) == ("08:00", "Asia/Tokyo", 5, "on")


async def post(bot: Bot) -> list[str]:
    """Plan what is due now. Returns the local dates and titles posted here so far."""
    await plan.plan(bot.store, bot.collector, bot.clock())
    rows = await bot.store.rows(
        "SELECT local_date FROM deliveries WHERE state = 'pending' ORDER BY id"
    )
    return [row["local_date"] for row in rows]


@pytest.mark.parametrize("now", ["06-12 17:00", "06-12 05:00", "06-13 12:00", "06-14 01:00"])
@pytest.mark.parametrize(
    "words", ["09:00 utc", "09:00 tokyo", "01:00 berlin", "20:00 new york", "18:00 auckland"]
)
async def test_what_is_said_of_the_next_post_comes_true(bot: Bot, now: str, words: str) -> None:
    bot.clock.now = at(f"2025-{now}")
    for day in ("09", "10", "11", "12", "13", "16", "17"):
        first = int(day) * 100
        bot.feed.lists[on(f"2025-06-{day}")] = papers_of(f"2025-06-{day}", *range(first, first + 9))
    message = await bot.ask(f"/setup {words}")
    one, came = await order(bot), list[str]()
    for _ in range(9):  # over a weekend, and whatever is not ready yet
        bot.clock.now = max(bot.clock.now, one.run_at + timedelta(minutes=1))
        came = await post(bot)
        due, one = one, await order(bot)
        if came:
            break
        bot.clock.pass_(minutes=10)
    moment = due.run_at.astimezone(ZoneInfo(due.zone))
    assert f"The next is due {moment:%a} {moment.day} {moment:%B} at {due.time}" in message.text
    posted = await history.last(bot.store, HERE)
    assert posted
    frozen = plan.digest.loads(posted.payload)
    name = dates.long_date(frozen.day, year=False)
    state = "whole list of {}" if frozen.whole else "list of {} as it stands then"
    assert f"with the {state.format(name)}" in message.text


async def test_a_change_after_todays_post_neither_repeats_nor_promises_it(bot: Bot) -> None:
    bot.clock.now = at("2025-06-12 08:00")
    bot.feed.lists[on("2025-06-12")] = papers_of("2025-06-12", 1, 2, 3)
    await bot.ask("/setup 09:00 utc")
    bot.clock.now = at("2025-06-12 09:01")
    assert await post(bot) == ["2025-06-12"]
    message = await bot.ask("/setup 18:00 utc")
    assert "due Fri 13 June at 18:00" in message.text
    bot.clock.now = at("2025-06-12 18:01")
    assert await post(bot) == ["2025-06-12"]
    bot.feed.lists[on("2025-06-13")] = papers_of("2025-06-13", 4)
    bot.clock.now = at("2025-06-13 18:01")
    assert await post(bot) == ["2025-06-12", "2025-06-13"]
    assert await papers_posted(bot) == [paper(4).id]


async def test_a_date_that_had_one_lists_post_has_the_next_lists_too_in_a_new_zone(
    bot: Bot,
) -> None:
    bot.clock.now = at("2025-06-11 20:00")
    bot.feed.lists[on("2025-06-11")] = papers_of("2025-06-11", 1)
    await bot.ask("/setup 09:00 tokyo")
    bot.clock.now = at("2025-06-12 00:01")
    assert await post(bot) == ["2025-06-12"]
    said = (await bot.ask("/setup 18:00 utc")).text
    assert "due Thu 12 June at 18:00 UTC, with the list of Thu 12 June as it stands then" in said
    bot.feed.lists[on("2025-06-12")] = papers_of("2025-06-12", 2)
    bot.clock.now = at("2025-06-12 18:01")
    assert await post(bot) == ["2025-06-12", "2025-06-12"]
    assert await papers_posted(bot) == [paper(2).id]


async def papers_posted(bot: Bot) -> list[str]:
    """Of the newest post."""
    last = await history.last(bot.store, HERE)
    assert last
    return [item.id for item in plan.digest.loads(last.payload).items]


async def test_a_change_while_a_post_waits_for_its_list_does_not_lose_it(bot: Bot) -> None:
    bot.clock.now = at("2025-06-12 08:00")
    await bot.ask("/setup 09:00 utc")
    bot.clock.now = at("2025-06-12 09:01")
    assert await post(bot) == []
    waiting = await bot.ask("/settings")
    assert "due Thu 12 June at 09:00 UTC is waiting: nothing on its list" in waiting.text
    await bot.ask("/setup 5")
    await bot.ask("/resume")
    assert (await order(bot)).run_at == at("2025-06-12 09:00")
    bot.feed.lists[on("2025-06-12")] = papers_of("2025-06-12", 1)
    bot.clock.now = at("2025-06-12 09:40")
    assert await post(bot) == ["2025-06-12"]
    assert (await bot.ask("/settings")).text.endswith("Thu 12 June 2025, is on its way.")


async def test_a_preview_is_private_and_shows_the_post_as_it_comes(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", *range(1, 13)))
    await bot.ask("/setup 09:00 Europe/Berlin 5")
    before = await bot.kept()
    message = await bot.ask("/preview")
    assert message.private and message.title == "Daily Papers · Thu 12 June 2025"
    assert titles(message) == [f"A study of subject {n}" for n in (12, 11, 10, 9, 8)]
    assert ranks(message) == [1, 2, 3, 4, 5]
    assert message.caption.startswith("12 papers so far, at 19:00 Europe/Berlin")
    assert "a button pages through 7 more" in message.note
    assert "due Fri 13 June at 09:00 Europe/Berlin" in message.note
    assert labels(message) == ["Preview compact", "Settings"] and await bot.kept() == before


async def test_a_preview_before_any_list_says_so(bot: Bot) -> None:
    await bot.ask("/setup 09:00")
    assert (await bot.ask("/preview")).text.startswith("No papers are stored yet.")


async def test_times_and_zones_are_suggested_as_they_are_typed(bot: Bot) -> None:
    assert [c.value for c in await bot.suggest("setup", "time", "9")] == ["09:00", "09:30"]
    assert (await bot.suggest("setup", "time", ""))[0].value == "06:00"
    zones = [c.value for c in await bot.suggest("setup", "zone", "new y")]
    assert zones == ["America/New_York"]
    assert "Europe/Berlin" in [c.value for c in await bot.suggest("setup", "zone", "berl")]
    assert len(await bot.suggest("setup", "zone", "")) == 25
    assert not await bot.suggest("setup", "zone", "nowhere at all")
    assert not await bot.suggest("setup", "papers", "1") and not await bot.suggest("none", "x", "")
