"""Who hears of a place's trouble, and how often."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot import app
from bot.dialogue import Request
from tests.fakes import unreachable
from tests.program import Program, listed, program

STOPPED, BACK = "I stopped posting", "I may post in #c1 again"


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Monday, 2 June 2025; c1 has its post at nine, and its owner is ada."""
    async with program("2025-06-02 00:10") as made:
        listed(made.feed, "2025-06-02", "2025-06-03", "2025-06-04")
        await made.ask("/setup 09:00 utc", person="ada")
        yield made


async def thrown_out(running: Program, address: str = "c1") -> None:
    running.adapter.obstacles[address] = "I was thrown out"
    await running.handle.removed(address, "I was thrown out", "Invite me again.")
    await running.tick()


async def let_in(running: Program, address: str = "c1") -> None:
    running.adapter.obstacles.clear()
    await running.handle.returned([address])
    await running.tick()


def told(running: Program, person: str = "ada") -> list[str]:
    """What each notice begins with."""
    known = {text: BACK if text.startswith(BACK) else STOPPED for text in running.texts(person)}
    return [known[text] for text in running.texts(person)]


async def test_a_place_is_named_as_who_is_elsewhere_knows_it(running: Program) -> None:
    running.adapter.unseen.add("c7")
    request = Request(
        "discord", "c7", "ada", "setup", "09:00 utc", place="#papers",
        place_title="#papers in Acme", may_manage=allowed,
    )  # fmt: skip
    answer = await running.handle.answer(replace(request, platform=running.adapter.name))
    assert answer.title == "Daily papers for #papers"
    await thrown_out(running, "c7")
    assert "posting Daily Papers in #papers in Acme: I was" in running.texts("ada")[-1]


async def allowed() -> bool:
    return True


# how often --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["in", "out"])
async def test_who_throws_out_and_invites_again_and_again_has_the_owner_told_the_last_alone(
    running: Program, ends: str
) -> None:
    for _ in range(15):
        await thrown_out(running)
        running.clock.pass_(minutes=1)
        await let_in(running)
        running.clock.pass_(minutes=1)
    if ends == "out":
        await thrown_out(running)
    assert told(running) == [STOPPED, BACK]
    await running.until("2025-06-02 08:00")
    assert told(running) == [STOPPED, BACK] + [STOPPED] * (ends == "out")
    await let_in(running)
    await running.until("2025-06-02 12:00")
    assert told(running) == [STOPPED, BACK] + [STOPPED, BACK] * (ends == "out")
    assert running.numbers() == [[22, 21]]


async def test_a_flood_that_lasts_for_hours_is_told_once_an_hour(running: Program) -> None:
    for _ in range(60):
        await thrown_out(running)
        running.clock.pass_(minutes=2)
        await let_in(running)
        running.clock.pass_(minutes=2)
    assert 2 <= len(told(running)) <= 2 * 5
    await running.until("2025-06-02 08:00")
    assert told(running)[-1] == BACK


async def test_a_second_state_in_the_same_hour_is_told_at_once(running: Program) -> None:
    await thrown_out(running)
    running.clock.pass_(minutes=5)
    await let_in(running)
    assert told(running) == [STOPPED, BACK]


async def test_one_place_holds_up_no_other(running: Program) -> None:
    await running.ask("/setup 09:00 utc", address="c2", person="ada")
    for _ in range(3):
        await thrown_out(running)
        await let_in(running)
    before = len(running.texts("ada"))
    running.clock.pass_(minutes=2)  # what has one cause is gathered for a minute
    await thrown_out(running, "c2")
    assert "in #c2" in running.texts("ada")[before]


# of one cause -----------------------------------------------------------------------------------


async def eleven(running: Program) -> list[str]:
    addresses = [f"c{n}" for n in range(1, 12)]
    for address in addresses[1:]:
        await running.ask("/setup 09:00 utc", address=address, person="ada")
    return addresses


async def test_posts_that_die_together_are_one_notice_that_names_some(running: Program) -> None:
    for address in await eleven(running):
        running.adapter.always[address] = unreachable()
    await running.until("2025-06-02 16:00")
    [text] = running.texts("ada")
    assert text.startswith("The posts of Mon 2 June for #c1, #c2, #c3 and 8 more could not be sent")
    assert "Their papers come with the next posts. " in text
    assert "deliveries" in text and not running.posts("ada")[0].message.actions


async def test_places_lost_within_seconds_are_told_at_once_and_then_together(
    running: Program,
) -> None:
    first, *rest = await eleven(running)
    await thrown_out(running, first)
    assert len(running.texts("ada")) == 1
    for address in rest:
        running.clock.pass_(seconds=1.3)
        await thrown_out(running, address)
    await let_in(running, "c2")
    running.clock.pass_(minutes=1)
    await running.tick()
    texts = [text for text in running.texts("ada") if text.startswith(STOPPED)]
    assert "in #c1: I was thrown out. Invite me again." in texts[0] and len(texts) == 2
    assert "in #c3, #c4, #c5 and 6 more: I was thrown out. Invite me again." in texts[1]


async def test_two_causes_are_two_notices(running: Program) -> None:
    await eleven(running)
    await running.handle.removed("c1", "I was thrown out", "Invite me again.")
    await running.handle.removed("c2", "I may not write there", "Let me.")
    await running.handle.removed("c3", "I was thrown out", "Invite me again.")
    await running.tick()
    assert [text.split(":")[0].split(" in ")[1] for text in running.texts("ada")] == [
        "#c1 and #c3", "#c2",
    ]  # fmt: skip


async def test_what_could_not_be_told_in_time_is_not_told_when_it_is_over(running: Program) -> None:
    running.adapter.always["ada"] = unreachable()
    await thrown_out(running)
    running.clock.pass_(minutes=10)
    running.adapter.always.clear()
    await let_in(running)
    await running.until("2025-06-02 08:00")
    assert told(running) == [BACK]


# who --------------------------------------------------------------------------------------------


async def test_where_nobody_is_known_the_place_itself_is_not_told(running: Program) -> None:
    await running.ask("/setup 09:00 utc", address="g/7", person="as g/7")
    await thrown_out(running, "g/7")
    await let_in(running, "g/7")
    running.adapter.always["g/7"] = unreachable()
    await running.until("2025-06-02 23:00")
    assert running.posts("g/7") == []
    assert {row["kind"] for row in await running.rows("g/7")} == {"daily"}
    shown = await running.ask("/deliveries", address="g/7", person="as g/7")
    assert "could not be posted" in shown.text


@pytest.mark.parametrize("added_by", [None, "bob"])
async def test_a_change_by_nobody_keeps_the_owner_who_is_known(
    running: Program, added_by: str | None
) -> None:
    await running.ask("/setup 10:00 utc", person="as c1", added_by=added_by)
    await thrown_out(running)
    assert told(running) == [STOPPED] and running.posts("bob") == []


async def test_where_nobody_set_it_up_by_name_who_added_the_bot_hears(running: Program) -> None:
    await running.ask("/setup 10:00 utc", address="g", person="as g", added_by="bob")
    await thrown_out(running, "g")
    assert told(running, "bob") == [STOPPED]


async def test_the_next_manager_with_a_name_becomes_the_owner(running: Program) -> None:
    await running.ask("/setup 09:00 utc", address="g", person="as g")
    await running.ask("/setup 5 papers", address="g", person="eve")
    await thrown_out(running, "g")
    assert told(running, "eve") == [STOPPED]


# what is kept of places that were left ----------------------------------------------------------


async def kept(running: Program) -> set[str]:
    return {row["address"] for row in await running.store.rows("SELECT address FROM places")}


async def test_a_place_that_was_never_set_up_is_forgotten_when_the_bot_leaves(
    running: Program,
) -> None:
    for address in ("c2", "c20"):
        await running.handle.added(address, "ada", "Reading group")
    await running.handle.removed("c2", "I was thrown out")
    await running.handle.removed("c1", "I was thrown out")
    assert await kept(running) == {"c1", "c20"}


async def test_a_place_lost_for_months_is_forgotten_and_still_goes_on_when_it_is_back(
    running: Program,
) -> None:
    await running.ask("/setup 09:00 utc", address="c2", person="ada")
    await thrown_out(running)
    running.clock.pass_(days=80)
    await app.prune(running.core)
    assert await kept(running) == {"c1", "c2"}
    running.clock.pass_(days=12)
    await running.ask("/pause", address="c2")
    await app.prune(running.core)
    assert await kept(running) == {"c2"}
    await let_in(running)
    assert told(running)[-1] == BACK
    assert (await running.order(1)).state == "on"
