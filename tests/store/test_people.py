"""Places and the people behind them: what moves along, what is told, and what is forgotten."""

from bot.model import Destination, Place
from bot.store import Store, history, outbox, people, subscriptions
from tests.fakes import at, subscribe
from tests.stored import add

NOW = at("2025-06-02 08:00")
HERE = Destination("discord", "c1")
NEW = Destination("discord", "c9")


async def move(store: Store, new: str) -> None:
    async with store.transaction() as tx:
        await people.move(tx, HERE, new)


async def test_a_chat_that_moves_takes_everything_with_it(store: Store) -> None:
    number = await subscribe(store, "c1", NOW, topics=["agents"])
    await people.added(store, HERE, "me", "Our group")
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-06-02", subscription=number)
    await move(store, "c9")
    one = await subscriptions.get(store, NEW)
    assert one and one.id == number
    assert [topic.text for topic in await subscriptions.topics(store, number)] == ["agents"]
    assert await people.added_by(store, NEW) == "me"
    found = await store.rows("SELECT address, state FROM deliveries")
    assert [tuple(row) for row in found] == [("c9", "pending")]
    assert await subscriptions.get(store, HERE) is None


async def test_what_the_new_address_has_already_stays_and_nothing_is_left_at_the_old(
    store: Store,
) -> None:
    await subscribe(store, "c1", NOW, papers=3)
    kept = await subscribe(store, "c9", NOW, papers=5)
    await people.added(store, HERE, "me", "Old")
    await people.added(store, NEW, "you", "New")
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-06-02", "old", now=NOW)
        await add(tx, "c9", "2025-06-02", "new", now=NOW)
        await add(tx, "c1", "2025-06-03", now=NOW)
    await move(store, "c9")
    found = await store.rows("SELECT address, papers, id FROM subscriptions")
    assert [tuple(row) for row in found] == [("c9", 5, kept)]
    assert await people.added_by(store, NEW) == "you"
    due = await outbox.due(store, "discord", NOW, 10)
    assert [(d.destination.address, d.local_date.day, d.payload) for d in due] == [
        ("c9", 2, "new"), ("c9", 3, ""),
    ]  # fmt: skip


async def test_moving_to_the_same_address_loses_nothing(store: Store) -> None:
    await subscribe(store, "c1", NOW)
    await move(store, "c1")
    assert await subscriptions.get(store, HERE)


async def test_a_place_is_known_by_its_newest_name_whoever_added_the_bot(store: Store) -> None:
    assert await people.place(store, HERE) == Place("")
    await people.added(store, HERE, "me", "Our group")
    assert await people.place(store, HERE) == Place("Our group")
    async with store.transaction() as tx:
        await people.name_place(tx, HERE, Place("#papers", "https://chat.example/c1"))
        await people.name_place(tx, NEW, Place("#news"))
    assert await people.place(store, HERE) == Place("#papers", "https://chat.example/c1")
    assert await people.added_by(store, HERE) == "me"
    assert await people.added_by(store, NEW) is None


async def test_forgetting_a_person_erases_them_and_keeps_their_places_posts(store: Store) -> None:
    await subscribe(store, "me", NOW, kind="topics", owner="me", topics=["agents"])
    place = await subscribe(store, "c1", NOW, owner="me")
    await subscribe(store, "me", NOW, kind="topics", owner="me", platform="telegram")
    await people.added(store, HERE, "me", "Our group")
    async with store.transaction() as tx:
        await add(tx, "me", "2025-06-02", "for me", kind="topics")
        await add(tx, "me", "2025-06-02", "told", kind="notice")
        await add(tx, "c1", "2025-06-02", "of c1", subscription=place)
        await people.forget(tx, "discord", "me")
    assert await subscriptions.owned(store, "discord", "me") == []
    assert await people.places_of(store, "discord", "me") == []
    assert await history.received(store, "discord", "me") == []
    assert [row["text"] for row in await store.rows("SELECT text FROM contents")] == ["of c1"]
    for table in ("subscriptions", "deliveries", "topics", "places", "texts"):
        for row in await store.rows(f"SELECT * FROM {table} WHERE true"):  # noqa: S608
            assert "me" not in tuple(row) or row["platform"] == "telegram"
    one = await subscriptions.get(store, HERE)
    assert one and (one.id, one.owner, one.state) == (place, None, "on")
    assert len(await subscriptions.owned(store, "telegram", "me")) == 1


async def test_a_persons_data_is_told_whole(store: Store) -> None:
    await subscribe(store, "me", NOW, kind="topics", owner="me")
    await subscribe(store, "c1", NOW, owner="me")
    await subscribe(store, "c2", NOW, owner="you")
    await people.added(store, HERE, "me", "Our group")
    await people.added(store, HERE, "me", "Our renamed group")
    async with store.transaction() as tx:
        await add(tx, "me", "2025-06-02", kind="topics", state="skipped")
    owned = await subscriptions.owned(store, "discord", "me")
    assert [one.destination.address for one in owned] == ["me", "c1"]
    assert await people.places_of(store, "discord", "me") == ["Our renamed group"]
    assert await history.received(store, "discord", "me") == [("2025-06-02", "topics", "skipped")]


async def test_a_place_is_greeted_once(store: Store) -> None:
    place = Destination("discord", "g1")
    assert await people.greet(store, place, "Acme")
    assert not await people.greet(store, place, "Acme again")
