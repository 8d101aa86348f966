"""Standing orders: what goes where and when, and when it is looked at."""

from datetime import timedelta

from bot.model import TOPICS, Destination, Schedule
from bot.states import SubscriptionState
from bot.store import Store, subscriptions
from tests.fakes import at, on, subscribe
from tests.stored import add

NOW = at("2025-06-02 08:00")
NINE = at("2025-06-02 09:00")
DAY = on("2025-06-02")
HERE = Destination("discord", "c1")
ORDER = Schedule("09:00", "UTC", 10, NINE, DAY)
HOUR = timedelta(hours=1)


async def due(store: Store, minutes: int = 60) -> list[str]:
    async with store.transaction() as tx:
        found = await subscriptions.due(tx, NOW + timedelta(minutes=minutes), 10)
    looked, _ = await subscriptions.are_due(store, NOW + timedelta(minutes=minutes), 10)
    assert found == looked
    return [one.destination.address for one in found]


async def change(store: Store, order: Schedule) -> None:
    async with store.transaction() as tx:
        await subscriptions.save(tx, HERE, order, "someone")


async def run_at(store: Store) -> str:
    one = await subscriptions.get(store, HERE)
    assert one
    return f"{one.run_at:%d %H:%M}"


async def test_a_subscription_comes_back_as_it_was_made(store: Store) -> None:
    number = await subscribe(store, "c1", NOW, owner="me", papers=5)
    one = await subscriptions.get(store, HERE)
    assert one and one.id == number
    assert one == await subscriptions.by_id(store, number)
    assert (one.time, one.zone, one.papers, one.owner) == ("09:00", "UTC", 5, "me")
    assert (one.state, one.reason, one.run_at) == ("on", "", NINE)
    assert (one.first_day, one.looks) == (DAY, 0)
    assert await subscriptions.get(store, HERE, TOPICS) is None
    assert await subscriptions.by_id(store, number + 1) is None


async def test_what_is_due_comes_in_the_order_of_its_time(store: Store) -> None:
    await subscribe(store, "late", NOW, time="08:45")
    await subscribe(store, "early", NOW, time="08:30")
    await subscribe(store, "never", NOW, time="10:00")
    assert await due(store) == ["early", "late"]
    assert await due(store, 15) == []


async def test_a_run_that_waits_is_looked_at_later_and_keeps_its_time(store: Store) -> None:
    number = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        again = NINE + timedelta(minutes=2)
        await subscriptions.look_again(tx, number, again, "the feed is down")
    assert await due(store, 60) == []
    assert await due(store, 62) == ["c1"]
    one = await subscriptions.get(store, HERE)
    assert one and (one.run_at, one.reason) == (NINE, "the feed is down")


async def test_changing_the_number_of_papers_keeps_a_run_that_waits(store: Store) -> None:
    await change(store, ORDER)
    await change(store, Schedule("09:00", "UTC", 3, NINE + 24 * HOUR, on("2025-06-03")))
    assert await run_at(store) == "02 09:00"
    assert await due(store) == ["c1"]


async def test_changing_the_time_or_switching_on_again_moves_the_run(store: Store) -> None:
    await change(store, ORDER)
    await change(store, Schedule("10:00", "UTC", 10, NINE + HOUR, DAY))
    assert await run_at(store) == "02 10:00"
    one = await subscriptions.get(store, HERE)
    assert one
    async with store.transaction() as tx:
        await subscriptions.switch(tx, one.id, SubscriptionState.OFF, one.run_at, "gone")
    await change(store, Schedule("10:00", "UTC", 10, NINE + 25 * HOUR, on("2025-06-03")))
    assert await run_at(store) == "03 10:00"
    one = await subscriptions.get(store, HERE)
    assert one and (one.state, one.reason) == ("on", "")


async def test_the_first_list_day_only_ever_moves_back(store: Store) -> None:
    await change(store, ORDER)
    await change(store, Schedule("10:00", "UTC", 10, NINE + HOUR, on("2025-06-05")))
    one = await subscriptions.get(store, HERE)
    assert one and one.first_day == DAY
    async with store.transaction() as tx:
        await subscriptions.reach_back(tx, one.id, on("2025-06-04"))
        await subscriptions.reach_back(tx, one.id, on("2025-05-30"))
    one = await subscriptions.get(store, HERE)
    assert one and one.first_day == on("2025-05-30")


async def rows(store: Store) -> list[tuple[str, str, str]]:
    found = await store.rows("SELECT address, kind, state FROM deliveries ORDER BY id")
    return [(row["address"], row["kind"], row["state"]) for row in found]


async def test_switching_a_place_off_cancels_what_waits_for_it_and_looks_again_later(
    store: Store,
) -> None:
    number = await subscribe(store, "c1", NOW, owner="me")
    other = await subscribe(store, "c2", NOW)
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-06-02", subscription=number)
        await add(tx, "c2", "2025-06-02", subscription=other)
        await add(tx, "c1", "2025-06-02", "told", kind="notice")
        one = await subscriptions.by_id(tx, number)
        assert one
        await subscriptions.switch_off(tx, [one], "the channel is gone", NOW + HOUR)
    assert await rows(store) == [
        ("c1", "daily", "cancelled"), ("c2", "daily", "pending"), ("c1", "notice", "pending"),
    ]  # fmt: skip
    assert await due(store) == ["c2"]
    off = await subscriptions.by_id(store, number)
    assert off and (off.state, off.reason, off.run_at) == ("off", "the channel is gone", NINE)
    assert await subscriptions.off_to_look_at(store, "discord", NOW + HOUR / 2) == []
    assert await subscriptions.off_to_look_at(store, "telegram", NOW + HOUR) == []
    assert await subscriptions.off_to_look_at(store, "discord", NOW + HOUR) == [off]
    async with store.transaction() as tx:
        await subscriptions.looked(tx, number, NOW + 3 * HOUR)
    assert await subscriptions.off_to_look_at(store, "discord", NOW + 2 * HOUR) == []
    [again] = await subscriptions.off_to_look_at(store, "discord", NOW + 3 * HOUR)
    assert again.looks == 1


async def test_pausing_cancels_what_waits_and_resuming_brings_nothing_back(store: Store) -> None:
    number = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-06-02", subscription=number)
        await subscriptions.switch(tx, number, SubscriptionState.PAUSED, NINE)
    assert await due(store) == []
    async with store.transaction() as tx:
        await subscriptions.switch(tx, number, SubscriptionState.ON, NINE)
    assert await due(store) == ["c1"]
    assert await rows(store) == [("c1", "daily", "cancelled")]


async def test_places_are_found_by_how_their_address_begins(store: Store) -> None:
    for address in ("-1001", "-1001/7", "-10012", "c-1001"):
        await subscribe(store, address, NOW, platform="telegram")
    await subscribe(store, "-1001", NOW)
    for start in ("-1001", "-10012", "%"):
        found = await subscriptions.beginning(store, "telegram", start, "on")
        assert [one.destination.address for one in found] == [
            address for address in ("-1001", "-1001/7", "-10012") if address.startswith(start)
        ]
    assert await subscriptions.beginning(store, "telegram", "-1001", "off") == []


async def test_a_topic_is_kept_once_and_with_its_first_list(store: Store) -> None:
    number = await subscribe(store, "me", NOW, kind="topics", topics=["KV cache"])
    other = await subscribe(store, "you", NOW, kind="topics", topics=["Agents", "robots"])
    async with store.transaction() as tx:
        assert not await subscriptions.add_topic(tx, number, "KV cache", DAY)
        topics = await subscriptions.topics_of(tx, [number, other, 99])
        assert {k: [(t.text, t.since) for t in v] for k, v in topics.items()} == {
            number: [("KV cache", DAY)], other: [("Agents", DAY), ("robots", DAY)],
        }  # fmt: skip
        assert await subscriptions.remove_topic(tx, number, "KV cache")
        assert not await subscriptions.remove_topic(tx, number, "KV cache")
    assert await subscriptions.topics(store, number) == []


async def test_addresses_are_those_with_a_daily_post_that_is_on(store: Store) -> None:
    await subscribe(store, "c2", NOW)
    await subscribe(store, "c1", NOW)
    await subscribe(store, "me", NOW, kind="topics")
    await subscribe(store, "c9", NOW, platform="telegram")
    number = await subscribe(store, "off", NOW)
    async with store.transaction() as tx:
        await subscriptions.switch(tx, number, SubscriptionState.OFF, NINE)
    assert await subscriptions.addresses(store, "discord") == ["c1", "c2"]
