"""What became of deliveries: as people ask about it, and as the next post must know it."""

from datetime import timedelta

import pytest

from bot.model import TOPICS, Destination, PastDelivery
from bot.store import Store, history, outbox, people
from tests.fakes import at, on, subscribe
from tests.stored import add, digest_of, intend

HERE = Destination("discord", "c1")
DAY = "2025-06-02"
NOW = at("2025-06-02 09:00")
MINUTE = timedelta(minutes=1)
CAME = ["sent", "unknown", "retired"]


async def finished(store: Store, state: str, due: int = 0, reason: str = "") -> None:
    """The one delivery there is came to this."""
    [found] = await store.rows("SELECT id FROM deliveries")
    one = await outbox.get(store, found["id"])
    assert one
    claimed = await intend(store, one, NOW)
    assert claimed
    async with store.transaction() as tx:
        due_at = NOW + due * MINUTE
        assert await outbox.finish(tx, claimed, state, NOW, due_at=due_at, reason=reason)


# as people ask ----------------------------------------------------------------------------------


async def test_what_a_place_got_last_is_told_in_its_own_zone(store: Store) -> None:
    number = await subscribe(store, "c1", NOW, zone="Asia/Tokyo")
    await subscribe(store, "c1", NOW, kind="topics", zone="Europe/Berlin")
    async with store.transaction() as tx:
        await add(tx, "c1", DAY, subscription=number)
    await finished(store, "retry", due=5, reason="busy")
    [found] = await history.recent(store, HERE, 9)
    assert (found.zone, found.when) == ("Asia/Tokyo", NOW + 5 * MINUTE)
    assert found.delivery == await outbox.get(store, found.delivery.id)
    await finished(store, "sent", due=7)
    [found] = await history.recent(store, HERE, 9)
    assert found.when == NOW, "when it arrived"
    assert await history.record(store, HERE, found.delivery.id) == found
    assert await history.record(store, Destination("discord", "c2"), found.delivery.id) is None
    async with store.transaction() as tx:
        await tx.run("DELETE FROM subscriptions")
    assert [one.zone for one in await history.recent(store, HERE, 9)] == ["UTC"]


async def test_failed_posts_of_all_places_come_newest_first(store: Store) -> None:
    states = ("unknown", "sent", "dead", "pending", "retry", "skipped", "missed", "cancelled",
              "sending")  # fmt: skip
    async with store.transaction() as tx:
        for n, state in enumerate(states):
            await add(tx, state, DAY, platform=("discord", "telegram")[n % 2], state=state)
        await add(tx, "owner", DAY, "told", kind="notice", state="dead")
    everything = [one.delivery.state for one in await history.newest(store, 50, failed=False)]
    assert everything == ["dead", *reversed(states)]
    found = [one.delivery.state for one in await history.newest(store, 50, failed=True)]
    assert found == ["cancelled", "missed", "retry", "dead", "unknown"]
    found = [one.delivery.state for one in await history.newest(store, 1, failed=True)]
    assert found == ["cancelled"]


async def test_what_failed_in_an_outage_comes_oldest_first_without_notices(store: Store) -> None:
    states = ("dead", "unknown", "missed", "sent", "skipped", "cancelled", "paused", "pending")
    async with store.transaction() as tx:
        for n, state in enumerate(states):
            await add(tx, state, DAY, state=state, now=NOW + n * MINUTE)
        await add(tx, "owner", DAY, "told", kind="notice", state="dead", now=NOW)
    everything = await history.failed_between(store, NOW, NOW + 60 * MINUTE)
    assert [one.delivery.state for one in everything] == ["dead", "unknown", "missed"]
    some = await history.failed_between(store, NOW + MINUTE, NOW + MINUTE)
    assert [one.delivery.state for one in some] == ["unknown"]


async def test_the_newest_delivery_of_a_place_is_by_local_date(store: Store) -> None:
    async with store.transaction() as tx:
        for day in ("2025-06-03", "2025-06-05", "2025-06-04"):
            await add(tx, "c1", day, state="missed")
    last = await history.last(store, HERE)
    assert last and last.local_date == on("2025-06-05")
    assert await history.last(store, HERE, TOPICS) is None


# as the next post must know it ------------------------------------------------------------------


async def past(store: Store, number: int) -> list[tuple[str, str, str]]:
    """State, list and the text of what was carried, oldest first."""
    events = (await history.past(store, [number]))[number]
    texts = await history.contents(store, [one.content for one in events if one.content])
    return [(e.state, str(e.list_day), texts.get(e.content or 0, "")) for e in events]


@pytest.mark.parametrize("came", CAME)
async def test_a_past_goes_nine_days_back_from_the_newest_post_that_may_have_come(
    store: Store, came: str
) -> None:
    number = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        for day in (1, 10, 11, 12, 19):
            await add(tx, "c1", f"2025-06-{day:02}", f"post {day}", state="sent")
        await add(tx, "c1", "2025-06-20", "post 20", state=came)
        for day, state in ((21, "skipped"), (23, "missed"), (24, "dead"), (25, "pending")):
            await add(tx, "c1", f"2025-06-{day}", f"post {day}", state=state, reason="why")
        await add(tx, "c2", "2025-06-26", "another place", state="sent")
        await add(tx, "c1", "2025-06-26", "another kind", kind="topics", state="sent")
        await add(tx, "c1", "2025-06-26", "told", kind="notice", state="sent")
    assert await past(store, number) == [
        ("sent", "2025-06-11", "post 11"), ("sent", "2025-06-12", "post 12"),
        ("sent", "2025-06-19", "post 19"), (came, "2025-06-20", "post 20"),
        ("skipped", "2025-06-21", "post 21"), ("missed", "2025-06-23", "post 23"),
        ("dead", "2025-06-24", "post 24"), ("pending", "2025-06-25", "post 25"),
    ]  # fmt: skip
    [last] = (await history.past(store, [number]))[number][-1:]
    assert last == PastDelivery("pending", on("2025-06-25"), "why", last.content)


async def test_without_a_post_a_past_is_all_there_is(store: Store) -> None:
    number = await subscribe(store, "c1", NOW)
    assert await history.past(store, [number, 99]) == {number: ()}
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-03-03", state="missed")
        await add(tx, "c1", "2025-06-02", state="dead")
    assert [one[0] for one in await past(store, number)] == ["missed", "dead"]


async def test_a_place_that_is_set_up_anew_keeps_its_past(store: Store) -> None:
    """Its subscription was deleted: whose a post was does not count, but where it went."""
    old = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        await add(tx, "c1", DAY, digest_of(DAY, 1), state="sent", subscription=old)
        await tx.run("DELETE FROM subscriptions")
    new = await subscribe(store, "c1", NOW)
    assert new != old
    assert await past(store, new) == [("sent", DAY, digest_of(DAY, 1))]


async def test_a_chat_that_moved_takes_its_past_along(store: Store) -> None:
    number = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        await add(tx, "c1", DAY, "post", state="sent", subscription=number)
        await people.move(tx, HERE, "c9")
    assert await past(store, number) == [("sent", DAY, "post")]


async def test_the_pasts_of_many_places_are_read_together(store: Store) -> None:
    numbers = [await subscribe(store, f"c{n}", NOW) for n in range(5)]
    async with store.transaction() as tx:
        for n in range(5):
            await add(tx, f"c{n}", f"2025-06-0{n + 1}", "post", state="sent")
    found = await history.past(store, numbers)
    assert [[event.list_day for event in found[number]] for number in numbers] == [
        [on(f"2025-06-0{n + 1}")] for n in range(5)
    ]
