"""Who gets what, and what is forgotten."""

from datetime import timedelta

from bot.model import Destination
from bot.store import Store, outbox, people
from bot.store.people import Order
from tests.fakes import at, on, subscribe

NOW = at("2025-06-02 08:00")
NINE = at("2025-06-02 09:00")
HERE = Destination("discord", "c1")
ORDER = Order("09:00", "UTC", 10, NINE)


async def due(store: Store, minutes: int = 60) -> list[str]:
    found = await people.due(store, NOW + timedelta(minutes=minutes), 10)
    return [one.destination.address for one in found]


async def change(store: Store, order: Order) -> None:
    async with store.transaction() as tx:
        await people.subscribe(tx, HERE, "daily", order, "someone")


async def run_at(store: Store) -> str:
    one = await people.subscription(store, HERE, "daily")
    assert one
    return f"{one.run_at:%d %H:%M}"


async def test_a_subscription_comes_back_as_it_was_made(store: Store) -> None:
    number = await subscribe(store, "c1", NOW, owner="me", papers=5)
    one = await people.subscription(store, HERE, "daily")
    assert one and one.id == number
    assert (one.time, one.zone, one.papers, one.owner) == ("09:00", "UTC", 5, "me")
    assert (one.state, one.reason, one.run_at) == ("on", "", NINE)
    assert (one.last_day, one.last_arrival) == (None, 0)
    assert await people.subscription(store, HERE, "topics") is None


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
        await people.look_again(tx, number, again, "the feed is down")
    assert await due(store, 60) == []
    assert await due(store, 62) == ["c1"]
    one = await people.subscription(store, HERE, "daily")
    assert one and (one.run_at, one.reason) == (NINE, "the feed is down")


async def test_changing_the_number_of_papers_keeps_a_run_that_waits(store: Store) -> None:
    await change(store, ORDER)
    tomorrow = Order("09:00", "UTC", 3, NINE + timedelta(days=1))
    await change(store, tomorrow)
    assert await run_at(store) == "02 09:00"
    assert await due(store) == ["c1"]


async def test_changing_the_time_or_switching_on_again_moves_the_run(store: Store) -> None:
    await change(store, ORDER)
    await change(store, Order("10:00", "UTC", 10, NINE + timedelta(hours=1)))
    assert await run_at(store) == "02 10:00"
    one = await people.subscription(store, HERE, "daily")
    assert one
    async with store.transaction() as tx:
        await people.switch(tx, one.id, "off", one.run_at, "gone")
    await change(store, Order("10:00", "UTC", 10, NINE + timedelta(hours=25)))
    assert await run_at(store) == "03 10:00"
    one = await people.subscription(store, HERE, "daily")
    assert one and (one.state, one.reason) == ("on", "")


async def test_the_first_list_day_is_kept_and_the_last_moves_on(store: Store) -> None:
    number = await subscribe(store, "c1", NOW)
    for day, arrival in (("2025-06-02", 3), ("2025-06-03", 5)):
        async with store.transaction() as tx:
            await people.ran(tx, number, NINE, (on(day), arrival))
    async with store.transaction() as tx:
        await people.ran(tx, number, NINE, None)
        assert await people.first_days(tx, [number, 99]) == {number: on("2025-06-02")}
    one = await people.subscription(store, HERE, "daily")
    assert one and (one.last_day, one.last_arrival) == (on("2025-06-03"), 5)


async def pending(store: Store) -> list[tuple[str, str, str]]:
    found = await store.rows("SELECT address, kind, state FROM deliveries ORDER BY id")
    return [(row["address"], row["kind"], row["state"]) for row in found]


async def test_switching_a_place_off_cancels_all_that_waits_for_it_once(store: Store) -> None:
    number = await subscribe(store, "c1", NOW, owner="me")
    await subscribe(store, "c2", NOW)
    async with store.transaction() as tx:
        for address in ("c1", "c2"):
            where = Destination("discord", address)
            await outbox.add(tx, where, "daily", on("2025-06-02"), now=NOW, subscription=None)
        await outbox.add(tx, HERE, "notice", on("2025-06-02"), now=NOW)
        switched = await people.switch_off(tx, HERE, "the channel is gone")
        again = await people.switch_off(tx, HERE, "the channel is gone")
    assert [(one.id, one.owner, one.reason) for one in switched] == [
        (number, "me", "the channel is gone")
    ]
    assert again == []
    assert await pending(store) == [
        ("c1", "daily", "cancelled"), ("c2", "daily", "pending"), ("c1", "notice", "cancelled"),
    ]  # fmt: skip
    assert await due(store) == ["c2"]


async def test_pausing_cancels_what_waits_and_resuming_brings_nothing_back(store: Store) -> None:
    number = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        await outbox.add(tx, HERE, "daily", on("2025-06-02"), now=NOW, subscription=number)
        await people.switch(tx, number, "paused", NINE)
    assert await due(store) == []
    async with store.transaction() as tx:
        await people.switch(tx, number, "on", NINE)
    assert await due(store) == ["c1"]
    assert await pending(store) == [("c1", "daily", "cancelled")]


async def move(store: Store, new: str) -> None:
    async with store.transaction() as tx:
        await people.move(tx, HERE, new)


async def test_a_chat_that_moves_takes_everything_with_it(store: Store) -> None:
    number = await subscribe(store, "c1", NOW, topics=["agents"])
    await people.added(store, HERE, "me", "Our group")
    async with store.transaction() as tx:
        await outbox.add(tx, HERE, "daily", on("2025-06-02"), now=NOW, subscription=number)
    await move(store, "c9")
    new = Destination("discord", "c9")
    one = await people.subscription(store, new, "daily")
    assert one and one.id == number
    assert [topic.text for topic in await people.topics(store, number)] == ["agents"]
    assert await people.added_by(store, new) == "me"
    assert await pending(store) == [("c9", "daily", "pending")]
    assert await people.subscription(store, HERE, "daily") is None


async def test_what_the_new_address_has_already_stays_and_nothing_is_left_at_the_old(
    store: Store,
) -> None:
    await subscribe(store, "c1", NOW, papers=3)
    kept = await subscribe(store, "c9", NOW, papers=5)
    await people.added(store, HERE, "me", "Old")
    await people.added(store, Destination("discord", "c9"), "you", "New")
    async with store.transaction() as tx:
        for address, payload in (("c1", "old"), ("c9", "new")):
            where = Destination("discord", address)
            await outbox.add(tx, where, "daily", on("2025-06-02"), now=NOW, payload=payload)
        await outbox.add(tx, HERE, "daily", on("2025-06-03"), now=NOW)
    await move(store, "c9")
    assert await due(store) == ["c9"]
    one = await people.subscription(store, Destination("discord", "c9"), "daily")
    assert one and (one.id, one.papers) == (kept, 5)
    assert await people.added_by(store, Destination("discord", "c9")) == "you"
    found = await outbox.due(store, "discord", NOW, 10)
    assert [(d.destination.address, d.local_date.day, d.payload) for d in found] == [
        ("c9", 2, "new"), ("c9", 3, ""),
    ]  # fmt: skip


async def test_moving_to_the_same_address_loses_nothing(store: Store) -> None:
    await subscribe(store, "c1", NOW)
    await move(store, "c1")
    assert await due(store) == ["c1"]


async def test_forgetting_a_person_erases_them_and_keeps_their_places_posts(store: Store) -> None:
    await subscribe(store, "me", NOW, kind="topics", owner="me", topics=["agents"])
    place = await subscribe(store, "c1", NOW, owner="me")
    await subscribe(store, "me", NOW, kind="topics", owner="me", platform="telegram")
    await people.added(store, HERE, "me", "Our group")
    async with store.transaction() as tx:
        await outbox.add(tx, Destination("discord", "me"), "topics", on("2025-06-02"), now=NOW)
        await outbox.add(tx, HERE, "daily", on("2025-06-02"), now=NOW, subscription=place)
        await people.forget(tx, "discord", "me")
    assert await people.owned(store, "discord", "me") == []
    assert await people.places_of(store, "discord", "me") == []
    assert await people.received(store, "discord", "me") == []
    for table in ("subscriptions", "deliveries", "topics", "places", "texts"):
        for row in await store.rows(f"SELECT * FROM {table} WHERE true"):  # noqa: S608
            assert "me" not in tuple(row) or row["platform"] == "telegram"
    one = await people.subscription(store, HERE, "daily")
    assert one and (one.id, one.owner, one.state) == (place, None, "on")
    assert len(await people.owned(store, "telegram", "me")) == 1


async def test_a_topic_is_kept_once_whatever_its_case(store: Store) -> None:
    number = await subscribe(store, "me", NOW, kind="topics", topics=["KV cache"])
    other = await subscribe(store, "you", NOW, kind="topics", topics=["Agents", "robots"])
    async with store.transaction() as tx:
        assert not await people.add_topic(tx, number, "kv Cache")
        topics = await people.topics_of(tx, [number, other, 99])
        assert {k: [t.text for t in v] for k, v in topics.items()} == {
            number: ["KV cache"], other: ["Agents", "robots"],
        }  # fmt: skip
        assert await people.remove_topic(tx, number, "kv cache")
        assert not await people.remove_topic(tx, number, "kv cache")
    assert await people.topics(store, number) == []


async def test_a_persons_data_is_told_whole(store: Store) -> None:
    await subscribe(store, "me", NOW, kind="topics", owner="me")
    await subscribe(store, "c1", NOW, owner="me")
    await subscribe(store, "c2", NOW, owner="you")
    await people.added(store, HERE, "me", "Our group")
    await people.added(store, HERE, "me", "Our renamed group")
    async with store.transaction() as tx:
        where = Destination("discord", "me")
        await outbox.add(tx, where, "topics", on("2025-06-02"), now=NOW, state="skipped")
    owned = await people.owned(store, "discord", "me")
    assert [one.destination.address for one in owned] == ["me", "c1"]
    assert await people.places_of(store, "discord", "me") == ["Our renamed group"]
    assert await people.received(store, "discord", "me") == [("2025-06-02", "topics", "skipped")]
    assert await people.addresses(store, "discord") == ["c1", "c2"]
