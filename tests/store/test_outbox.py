"""The outbox: a row before a request, and an outcome after it."""

from datetime import timedelta

import pytest

from bot.model import Delivery, Destination
from bot.store import Store, outbox, people
from tests.fakes import at, on, subscribe

HERE = Destination("discord", "c1")
DAY = on("2025-06-02")
NOW = at("2025-06-02 09:00")
MINUTE = timedelta(minutes=1)


async def add(store: Store, kind: str = "daily", payload: str = "{}", **more: object) -> bool:
    state, subscription = str(more.get("state", "pending")), more.get("subscription")
    async with store.transaction() as tx:
        return await outbox.add(
            tx, HERE, kind, DAY, now=NOW, payload=payload, state=state,
            reason=str(more.get("reason", "")),
            subscription=subscription if isinstance(subscription, int) else None,
        )  # fmt: skip


async def only(store: Store) -> Delivery:
    [found] = await store.rows("SELECT id FROM deliveries")
    one = await outbox.get(store, found["id"])
    assert one
    return one


async def claim(store: Store) -> Delivery:
    claimed = await outbox.intend(store, await only(store), NOW)
    assert claimed
    return claimed


async def finish(store: Store, claimed: Delivery, state: str, due: int = 0, **more: str) -> bool:
    async with store.transaction() as tx:
        due_at = NOW + due * MINUTE
        return await outbox.finish(tx, claimed, state, NOW, due_at=due_at, **more)


async def test_planning_twice_makes_one_row_and_changes_nothing(store: Store) -> None:
    assert await add(store, payload="first")
    before = await only(store)
    assert not await add(store, payload="second")
    assert not await add(store, state="skipped", reason="nothing matched")
    assert await only(store) == before


@pytest.mark.parametrize("state", ["sent", "retry", "unknown", "dead", "cancelled"])
async def test_planning_again_after_an_outcome_changes_nothing(store: Store, state: str) -> None:
    await add(store)
    await finish(store, await claim(store), state)
    before = await only(store)
    assert not await add(store, payload="again")
    assert await only(store) == before


async def test_a_skipped_run_gives_way_to_a_post(store: Store) -> None:
    old = await subscribe(store, "c1", NOW)
    await add(store, state="skipped", reason="no list: Monday", subscription=old)
    async with store.transaction() as tx:
        await people.forget(tx, "discord", "nobody")
        await tx.run("DELETE FROM subscriptions")
    new = await subscribe(store, "c1", NOW)
    assert await add(store, payload="post", subscription=new)
    one = await only(store)
    assert (one.state, one.payload, one.reason, one.subscription) == ("pending", "post", "", new)


async def test_every_notice_of_a_day_is_kept_also_after_some_are_gone(store: Store) -> None:
    for text in ("a", "b", "c"):
        assert await add(store, "notice", text)
    async with store.transaction() as tx:
        await tx.run("DELETE FROM deliveries WHERE payload = 'a'")
    assert await add(store, "notice", "d")
    found = await outbox.due(store, "discord", NOW, 10)
    assert [one.payload for one in found] == ["b", "c", "d"]


async def test_an_intent_counts_the_attempt_and_can_be_had_once(store: Store) -> None:
    await add(store)
    seen = await only(store)
    first = await outbox.intend(store, seen, NOW)
    assert first
    assert (first.state, first.attempts, first.fence, first.tried_at) == ("sending", 1, 1, NOW)
    assert await outbox.intend(store, seen, NOW) is None
    assert await outbox.intend(store, first, NOW) is None, "it is being sent"
    assert await outbox.due(store, "discord", NOW, 10) == []


async def test_of_many_only_those_are_taken_that_are_as_they_were_read(store: Store) -> None:
    async with store.transaction() as tx:
        for n in range(5):
            await outbox.add(tx, Destination("discord", f"c{n}"), "daily", DAY, now=NOW)
    seen = await outbox.due(store, "discord", NOW, 10)
    await outbox.intend(store, seen[1], NOW)
    async with store.transaction() as tx:
        await people.move(tx, seen[2].destination, "c9")
        await tx.run("UPDATE deliveries SET state = 'cancelled' WHERE id = :id", id=seen[3].id)
        taken = await outbox.claim(tx, seen, NOW)
    assert {one.id for one in taken} == {seen[0].id, seen[4].id}
    assert {(one.state, one.fence, one.attempts) for one in taken} == {("sending", 1, 1)}
    left = {one.destination.address for one in await outbox.due(store, "discord", NOW, 10)}
    assert left == {"c9"}


async def test_many_are_marked_sent_with_their_proofs_but_for_older_claims(store: Store) -> None:
    async with store.transaction() as tx:
        for n in range(3):
            await outbox.add(tx, Destination("discord", f"c{n}"), "daily", DAY, now=NOW)
    seen = await outbox.due(store, "discord", NOW, 10)
    async with store.transaction() as tx:
        claims = await outbox.claim(tx, seen, NOW)
        assert await outbox.finish(tx, claims[2], "retry", NOW, due_at=NOW)
    async with store.transaction() as tx:
        await outbox.sent(tx, [(one, f"m{one.id}") for one in claims], NOW + MINUTE)
    found = await store.rows("SELECT * FROM deliveries ORDER BY id")
    proof = [(row["state"], row["message_id"]) for row in found]
    assert proof == [("sent", "m1"), ("sent", "m2"), ("retry", None)]
    assert [one.when for one in await outbox.recent(store, HERE, 1)] == [NOW + MINUTE]


async def test_an_outcome_of_an_older_claim_is_not_written(store: Store) -> None:
    await add(store)
    first = await claim(store)
    assert await finish(store, first, "retry")
    second = await claim(store)
    assert not await finish(store, first, "dead", reason="too late")
    assert (await only(store)).state == "sending"
    assert await finish(store, second, "sent", message_id="m1")
    assert not await finish(store, second, "retry")
    assert (await only(store)).state == "sent"


async def test_a_retry_is_due_at_its_time_and_not_before(store: Store) -> None:
    await add(store)
    await finish(store, await claim(store), "retry", due=5)
    assert await outbox.due(store, "discord", NOW + 5 * MINUTE - timedelta(microseconds=1), 9) == []
    assert len(await outbox.due(store, "discord", NOW + 5 * MINUTE, 9)) == 1


async def test_what_is_due_comes_oldest_first_and_not_for_busy_places_or_other_platforms(
    store: Store,
) -> None:
    async with store.transaction() as tx:
        for n, platform in enumerate(("discord", "telegram", "discord", "discord")):
            where = Destination(platform, f"c{n}")
            await outbox.add(tx, where, "daily", DAY, now=NOW - n * MINUTE)
    found = await outbox.due(store, "discord", NOW, 10)
    assert [one.destination.address for one in found] == ["c3", "c2", "c0"]
    found = await outbox.due(store, "discord", NOW, 1, {"c3"})
    assert [one.destination.address for one in found] == ["c2"]


async def test_it_may_have_arrived_since_the_first_doubt(store: Store) -> None:
    await add(store)
    for minutes in (1, 9):
        claimed = await claim(store)
        async with store.transaction() as tx:
            since = NOW + minutes * MINUTE
            await outbox.finish(tx, claimed, "retry", NOW, due_at=NOW, ambiguous_at=since)
    assert (await only(store)).ambiguous_at == NOW + MINUTE


@pytest.mark.parametrize("state", ["paused", "off"])
async def test_a_post_in_flight_is_not_tried_again_once_its_place_is_stopped(
    store: Store, state: str
) -> None:
    number = await subscribe(store, "c1", NOW)
    await add(store, subscription=number)
    claimed = await claim(store)
    async with store.transaction() as tx:
        await people.switch(tx, number, state, NOW)
    assert (await only(store)).state == "sending", "its outcome is still to come"
    assert await finish(store, claimed, "retry", reason="it cannot be reached")
    assert (await only(store)).state == "cancelled"


async def test_a_post_in_flight_that_arrives_is_sent_also_when_its_place_is_stopped(
    store: Store,
) -> None:
    number = await subscribe(store, "c1", NOW)
    await add(store, subscription=number)
    claimed = await claim(store)
    async with store.transaction() as tx:
        await people.switch(tx, number, "paused", NOW)
    await finish(store, claimed, "sent")
    assert (await only(store)).state == "sent"


async def test_upkeep_drops_finished_rows_and_old_texts_and_keeps_the_unfinished(
    store: Store,
) -> None:
    states = ("pending", "sending", "retry", "sent", "unknown", "dead", "cancelled", "skipped")
    async with store.transaction() as tx:
        for state in states:
            await outbox.add(tx, Destination("discord", state), "daily", DAY, now=NOW, state=state)
    await people.keep_texts(store, {"old": "words"}, NOW)
    await people.keep_texts(store, {"used": "words"}, NOW)
    await people.keep_texts(store, {"used": "words"}, NOW + 2 * MINUTE)
    async with store.transaction() as tx:
        await outbox.prune(tx, NOW)
    assert len(await store.rows("SELECT id FROM deliveries")) == len(states)
    async with store.transaction() as tx:
        assert await outbox.prune(tx, NOW + MINUTE, 4) == 4
        assert await outbox.prune(tx, NOW + MINUTE) == 1
        assert await outbox.prune(tx, NOW + MINUTE) == 0
    left = await store.rows("SELECT state FROM deliveries ORDER BY id")
    assert [row["state"] for row in left] == ["pending", "sending", "retry"]
    assert await people.kept_text(store, "old") is None
    assert await people.kept_text(store, "used") == "words"


async def test_orphans_are_the_rows_of_one_platform_that_were_being_sent(store: Store) -> None:
    await add(store)
    assert await outbox.orphans(store, "discord") == []
    claimed = await claim(store)
    assert await outbox.orphans(store, "discord") == [claimed]
    assert await outbox.orphans(store, "telegram") == []


async def test_the_newest_delivery_of_a_place_is_by_local_date(store: Store) -> None:
    async with store.transaction() as tx:
        for day in ("2025-06-03", "2025-06-05", "2025-06-04"):
            await outbox.add(tx, HERE, "daily", on(day), now=NOW, state="skipped")
    last = await outbox.last(store, HERE, "daily")
    assert last and last.local_date == on("2025-06-05")
    assert await outbox.last(store, HERE, "topics") is None


async def test_only_a_post_in_doubt_is_made_due_again_and_as_if_new(store: Store) -> None:
    await add(store, payload="frozen")
    claimed = await claim(store)
    async with store.transaction() as tx:
        await outbox.finish(
            tx, claimed, "unknown", NOW, due_at=NOW, reason="lost", ambiguous_at=NOW
        )
    later = NOW + 5 * MINUTE
    elsewhere = Destination("discord", "c2")
    assert await outbox.again(store, elsewhere, claimed.id, later) is None
    assert (await only(store)).state == "unknown"
    was = await outbox.again(store, HERE, claimed.id, later)
    assert was and (was.delivery.state, was.when) == ("unknown", NOW)
    one = await only(store)
    assert (one.state, one.fence, one.attempts, one.reason) == ("pending", 2, 0, "")
    assert (one.tried_at, one.ambiguous_at, one.payload) == (None, None, "frozen")
    assert await outbox.due(store, "discord", later - MINUTE, 9) == []
    assert await outbox.due(store, "discord", later, 9) == [one]
    was = await outbox.again(store, HERE, claimed.id, later + MINUTE)
    assert was and was.delivery == one == await only(store), "left alone"
    assert not await finish(store, claimed, "sent")


async def test_what_a_place_got_last_is_told_in_its_own_zone(store: Store) -> None:
    number = await subscribe(store, "c1", NOW, zone="Asia/Tokyo")
    await subscribe(store, "c1", NOW, kind="topics", zone="Europe/Berlin")
    await add(store, subscription=number)
    await finish(store, await claim(store), "retry", due=5, reason="busy")
    [found] = await outbox.recent(store, HERE, 9)
    assert found == outbox.Record(await only(store), "Asia/Tokyo", NOW + 5 * MINUTE)
    await finish(store, await claim(store), "sent", due=7)
    [found] = await outbox.recent(store, HERE, 9)
    assert found.when == NOW, "when it arrived"
    async with store.transaction() as tx:
        await tx.run("DELETE FROM subscriptions")
    assert [one.zone for one in await outbox.recent(store, HERE, 9)] == ["UTC"]


async def test_failed_posts_of_all_places_come_newest_first(store: Store) -> None:
    states = ("unknown", "sent", "dead", "pending", "retry", "skipped", "cancelled", "sending")
    async with store.transaction() as tx:
        for n, state in enumerate(states):
            where = Destination(("discord", "telegram")[n % 2], state)
            await outbox.add(tx, where, "daily", DAY, now=NOW, state=state)
    everything = [one.delivery.state for one in await outbox.newest(store, 50, failed=False)]
    assert everything == [*reversed(states)]
    found = [one.delivery.state for one in await outbox.newest(store, 50, failed=True)]
    assert found == ["retry", "dead", "unknown"]
    found = [one.delivery.state for one in await outbox.newest(store, 1, failed=True)]
    assert found == ["retry"]


async def test_only_runs_that_should_have_posted_are_missed(store: Store) -> None:
    number = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        for day, payload in (("02", ""), ("03", outbox.MISSED), ("04", outbox.MISSED), ("05", "")):
            await outbox.add(
                tx, HERE, "daily", on(f"2025-06-{day}"), now=NOW, subscription=number,
                payload=payload, state="skipped", reason=f"reason {day}",
            )  # fmt: skip
        missed = await outbox.missed_since(tx, number, on("2025-06-03"))
    assert missed == [(on("2025-06-04"), "reason 04")]


def test_the_key_fits_discords_nonce() -> None:
    one = Delivery(2**63, None, HERE, "daily", DAY, "sent", 0, 0, None, None, "", "")
    assert len(one.key) <= 25
