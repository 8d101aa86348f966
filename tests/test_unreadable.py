"""A row that cannot be read is set aside with its reason, and all others are served."""

import logging
from collections.abc import AsyncIterator

import pytest

from bot import app
from bot.store import lists
from tests.fakes import lost, on, paper, subscribe
from tests.program import Program, listed, program
from tests.stored import add, digest_of

WEEK = ("2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05")
SUBSCRIPTION = [
    ("zone", "Mars/Olympus"), ("zone", ""), ("zone", "../etc/passwd"), ("zone", "Europe/Berlin\0"),
    ("time", "25:99"), ("time", ""), ("time", "nine"), ("time", "09:00+02:00"),
    ("run_at", "soon"), ("run_at", "2025-06-31T09:00:00.000000+00:00"), ("run_at", ""),
    ("run_at", "2025-06-03T09:00:00"),
    ("first_day", None), ("first_day", "2025-02-30"), ("first_day", "never"),
    ("papers", "ten"), ("papers", 0), ("looks", "many"),
]  # fmt: skip
DELIVERY = [
    ("local_date", "2025-02-30"), ("local_date", "some day"), ("list_day", "2025-13-01"),
    ("list_day", "x"), ("list_day", None), ("tried_at", "noon"), ("ambiguous_at", "yesterday"),
    ("attempts", "many"), ("due_at", ""), ("finished_at", "at noon"), ("deadline", "z"),
]  # fmt: skip
CONTENT = [
    "", "{", "null", "[]", "{}", '"text"', '{"kind": "daily"}',
    digest_of("2025-06-02", 21).replace("2025-06-02", "2025-02-30"),
    digest_of("2025-06-02", 21).replace('"items":[[', '"items":[[1,2,3,4,5,'),
]  # fmt: skip


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Monday, 2 June 2025; three places with their post at nine, the middle one to be damaged."""
    async with program("2025-06-02 00:10") as made:
        listed(made.feed, *WEEK)
        for address in ("first", "broken", "last"):
            await subscribe(made.store, address, made.clock.now)
        yield made


async def damage(made: Program, table: str, column: str, value: str | int | None) -> None:
    """Of the rows of the place that is to be damaged."""
    async with made.store.transaction() as tx:
        sql = f"UPDATE {table} SET {column} = :value WHERE address = 'broken'"  # noqa: S608
        assert await tx.run(sql, value=value)


async def others_are_served(made: Program) -> None:
    await made.until("2025-06-03 10:00", minutes=60)
    await app.prune(made.core)
    for address in ("first", "last"):
        assert made.numbers(address) == [[22, 21], [32, 31]]


@pytest.mark.parametrize(("column", "value"), SUBSCRIPTION)
async def test_settings_that_cannot_be_read_are_set_aside(
    running: Program, column: str, value: str | int | None, caplog: pytest.LogCaptureFixture
) -> None:
    await running.until("2025-06-02 12:00")
    await damage(running, "subscriptions", column, value)
    with caplog.at_level(logging.ERROR):
        await running.started()
        await others_are_served(running)
    [row] = await running.store.rows("SELECT * FROM subscriptions WHERE address = 'broken'")
    if running.numbers("broken") == [[22, 21]]:
        assert row["reason"], "why it waits"
        assert "set aside" in caplog.text or "cannot be read" in caplog.text
    else:  # it can be read after all
        assert running.numbers("broken") == running.numbers("first")
    for line in ("/settings", "/deliveries", "/setup 10:00 Europe/Berlin 5", "/pause", "/resume"):
        message = await running.ask(line, address="broken")
        assert message.text and "Traceback" not in message.text


@pytest.mark.parametrize(
    ("column", "value", "change"),
    [("zone", "Mars/Base", "zone Europe/Berlin"), ("time", "29:99", "10:00")],
)
async def test_a_schedule_that_is_none_here_says_how_it_is_mended_and_its_owner_hears_once(
    running: Program, column: str, value: str, change: str
) -> None:
    await running.ask("/setup 09:00 Europe/Berlin", address="broken", person="ada")
    await damage(running, "subscriptions", column, value)
    await running.until("2025-06-03 06:00")
    [told] = running.posts("ada")
    assert value in told.message.text and "settings" in told.message.text
    assert told.message.about == "broken"
    shown = await running.press(told.message, "Settings", address="broken")
    for line in ("/settings", "/setup", "/resume", "/preview"):
        asked = await running.ask(line, address="broken", person="ada")
        assert value in asked.text and "Europe/Berlin" in asked.text, "how it is written"
    assert "07:00" in [option.label for menu in shown.menus for option in menu.options]
    mended = await running.ask(f"/setup {change}", address="broken", person="ada")
    assert "The next is due" in mended.text
    await running.until("2025-06-04 12:00")
    assert running.numbers("broken") and len(running.posts("ada")) == 1


async def test_a_button_mends_a_zone_that_is_none_here(running: Program) -> None:
    await damage(running, "subscriptions", "zone", "Mars/Base")
    shown = await running.ask("/settings", address="broken")
    mended = await running.press(shown, "07:00", address="broken")
    assert "at 07:00 UTC" in mended.text and "That is UTC" in mended.text


async def test_settings_that_cannot_be_read_are_set_aside_where_nothing_else_is_due(
    running: Program, caplog: pytest.LogCaptureFixture
) -> None:
    await running.until("2025-06-02 12:00")
    await damage(running, "subscriptions", "first_day", "never")
    await damage(running, "subscriptions", "check_at", "2025-06-02T12:00:00.000000+00:00")
    caplog.clear()
    await running.until("2025-06-02 12:30")
    [row] = await running.store.rows("SELECT * FROM subscriptions WHERE address = 'broken'")
    assert row["reason"] == "its settings cannot be read"
    assert caplog.text.count("cannot be read") <= 2


@pytest.mark.parametrize("state", ["paused", "off"])
async def test_a_place_that_was_switched_off_with_an_unknown_zone_is_set_up_again(
    running: Program, state: str
) -> None:
    await running.until("2025-06-02 12:00")
    await damage(running, "subscriptions", "zone", "Mars/Olympus")
    await damage(running, "subscriptions", "state", state)
    said = await running.ask("/setup 11:00 Europe/Berlin 5", address="broken")
    assert "11:00 Europe/Berlin, 5 papers" in said.text


@pytest.mark.parametrize(
    ("column", "value", "mended"),
    [
        ("zone", "Mars/Olympus", "UTC"), ("time", "25:99", "09:00"),
        ("run_at", "soon", "2025-06-03T09:00:00.000000+00:00"), ("first_day", None, "2025-06-02"),
    ],
)  # fmt: skip
async def test_settings_that_are_mended_go_on_and_nothing_is_lost(
    running: Program, column: str, value: str | None, mended: str
) -> None:
    await running.until("2025-06-02 12:00")
    await damage(running, "subscriptions", column, value)
    await running.until("2025-06-03 12:00")
    assert running.numbers("broken") == [[22, 21]]
    await damage(running, "subscriptions", column, mended)
    await running.until("2025-06-04 12:00")
    assert running.numbers("broken") == [[22, 21], [32, 31], [42, 41]]


@pytest.mark.parametrize("column", ["zone", "time"])
async def test_an_admin_mends_settings_that_cannot_be_read(running: Program, column: str) -> None:
    await running.until("2025-06-02 12:00")
    await damage(running, "subscriptions", column, "nonsense")
    await running.until("2025-06-03 08:00")
    said = await running.ask("/setup 11:00 Europe/Berlin 5", address="broken")
    assert "11:00 Europe/Berlin, 5 papers" in said.text
    await running.until("2025-06-03 12:00")
    assert running.numbers("broken") == [[22, 21], [32, 31]]


@pytest.mark.parametrize(("column", "value"), DELIVERY)
async def test_a_post_that_is_due_and_cannot_be_read_is_set_aside(
    running: Program, column: str, value: str | None
) -> None:
    running.adapter.errors["broken"] = [lost()]
    running.adapter.reads_back = True
    await running.until("2025-06-02 09:00")
    [before] = await running.rows("broken")
    assert before["state"] == "retry"
    await damage(running, "deliveries", column, value)
    await others_are_served(running)
    row = next(row for row in await running.rows("broken") if row["id"] == before["id"])
    if row["state"] != "sent":
        assert (row["state"], row["reason"]) == ("unknown", "its row cannot be read")


@pytest.mark.parametrize(("column", "value"), DELIVERY)
async def test_a_row_of_the_past_that_cannot_be_read_holds_up_no_other_place(
    running: Program, column: str, value: str | None
) -> None:
    await running.until("2025-06-02 12:00")
    await damage(running, "deliveries", column, value)
    await running.started()
    await others_are_served(running)
    numbers = [number for post in running.numbers("broken") for number in post]
    if value != "2025-02-30":  # a date like any other: it was posted long ago
        assert numbers.count(21) == 1, "what was posted is not posted again"
    for line in ("/settings", "/deliveries", "/resume"):
        assert (await running.ask(line, address="broken")).text


@pytest.mark.parametrize("text", CONTENT)
@pytest.mark.parametrize("state", ["pending", "sent"])
async def test_a_digest_that_cannot_be_read_holds_up_no_other_place(
    running: Program, text: str, state: str
) -> None:
    await running.until("2025-06-02 08:00")
    async with running.store.transaction() as tx:
        [row] = await tx.rows("SELECT id FROM subscriptions WHERE address = 'broken'")
        await add(
            tx, "broken", "2025-06-02", text or "-", state=state, subscription=row["id"],
            now=running.clock.now,
        )  # fmt: skip
        await tx.run("UPDATE contents SET text = :text", text=text)
    running.feed.add("2025-06-02 08:30", paper(29, "2025-06-02"))
    await running.until("2025-06-02 10:00")
    running.feed.appears = [one for one in running.feed.appears if one[1].id != paper(29).id]
    await running.until("2025-06-03 12:00")
    for address in ("first", "last"):
        assert running.numbers(address)[1:] == [[32, 31]]
    assert await running.ask("/deliveries", address="broken")


async def test_an_orphan_that_cannot_be_read_is_set_aside_and_the_program_starts(
    running: Program,
) -> None:
    await running.until("2025-06-02 12:00")
    async with running.store.transaction() as tx:
        sql = "UPDATE deliveries SET state = 'sending', tried_at = 'noon' WHERE address = 'broken'"
        await tx.run(sql)
    await running.started()
    await others_are_served(running)
    assert (await running.states("broken"))[0][1] == "unknown", "it may have arrived"


SOURCES = [
    ("papers", "authors", "["), ("papers", "authors", "5"), ("papers", "categories", "text"),
    ("papers", "keywords", "{}"), ("papers", "published", "2025-02-30"), ("papers", "day", "x"),
    ("papers", "votes", "many"), ("papers", "comments", "few"), ("papers", "stars", "*"),
    ("papers", "delisted", "once"), ("lists", "fetched_at", "noon"), ("lists", "next_at", "soon"),
    ("lists", "doubted_at", "x"), ("lists", "next_at", "2025-02-30T00:00:00+00:00"),
    ("faults", "since", "x"), ("faults", "next_at", "x"),
    ("faults", "failures", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "column", "value"), SOURCES)
@pytest.mark.parametrize("hour", ["08:00", "12:00"])
async def test_what_is_known_of_a_list_and_cannot_be_read_is_asked_for_anew(
    running: Program, table: str, column: str, value: str, hour: str
) -> None:
    await running.until(f"2025-06-03 {hour}")
    fault = lists.Fault(running.clock.now, "it answered 500", 1, running.clock.now)
    for day in (None, on("2025-06-03")):
        await lists.save_fault(running.store, running.feed.name, day, fault)
    async with running.store.transaction() as tx:
        assert await tx.run(f"UPDATE {table} SET {column} = :value", value=value)  # noqa: S608
    await others_are_served(running)
    for line in ("/today", "/week", "/trending", "/date 2025-06-02"):
        assert (await running.ask(line)).title
    for line in ("/search study", "/paper 2506.00021"):
        assert "ticket" not in (await running.ask(line)).text


@pytest.mark.parametrize("since", ["never", "2025-02-30"])
async def test_a_topic_that_cannot_be_read_holds_up_no_other_person(
    running: Program, since: str
) -> None:
    for person in ("ada", "bea"):
        await subscribe(
            running.store, person, running.clock.now, kind="topics", owner=person, topics=["study"]
        )
    async with running.store.transaction() as tx:
        await tx.run("UPDATE topics SET since = :since WHERE id = 1", since=since)
    await others_are_served(running)
    assert running.numbers("bea") == [[22, 21], [32, 31]]
    assert (await running.ask("/subscriptions", address="ada", person="ada")).text
