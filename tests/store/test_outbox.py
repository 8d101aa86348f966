"""The outbox: a row before a request, and an outcome after it."""

from datetime import datetime, timedelta

import pytest

from bot.model import Delivery, Destination, Receipt
from bot.states import DeliveryState, SubscriptionState, What
from bot.store import Store, Transaction, outbox, people, subscriptions
from tests.fakes import at, on, subscribe
from tests.stored import add, intend, state_of

HERE = Destination("discord", "c1")
DAY = "2025-06-02"
NOW = at("2025-06-02 09:00")
MINUTE = timedelta(minutes=1)
HOURS = timedelta(hours=6)


async def planned(store: Store, payload: str = "{}", **more: object) -> bool:
    async with store.transaction() as tx:
        return await add(tx, "c1", DAY, payload, **more)  # type: ignore[arg-type]


async def only(store: Store) -> Delivery:
    [found] = await store.rows("SELECT id FROM deliveries")
    one = await outbox.get(store, found["id"])
    assert one
    return one


async def claim(store: Store) -> Delivery:
    claimed = await intend(store, await only(store), NOW)
    assert claimed
    return claimed


async def finish(
    store: Store, claimed: Delivery, state: str, due: int = 0, **more: object
) -> DeliveryState | None:
    async with store.transaction() as tx:
        return await outbox.finish(
            tx, claimed, DeliveryState(state), NOW, due_at=NOW + due * MINUTE, **more  # type: ignore[arg-type]
        )  # fmt: skip


async def requeue(store: Store, one: Delivery, now: datetime) -> bool:
    async with store.transaction() as tx:
        return await outbox.requeue(tx, one, now, now + HOURS)


# planned once -----------------------------------------------------------------------------------


async def test_planning_twice_makes_one_row_and_changes_nothing(store: Store) -> None:
    assert await planned(store, payload="first")
    before = await only(store)
    assert not await planned(store, payload="second")
    assert not await planned(store, state="skipped", reason="nothing matched")
    assert await only(store) == before


@pytest.mark.parametrize("state", ["sent", "retry", "unknown"])
async def test_planning_again_what_came_or_may_come_changes_nothing(
    store: Store, state: str
) -> None:
    await planned(store)
    assert await finish(store, await claim(store), state) == state
    before = await only(store)
    assert not await planned(store, payload="again")
    assert not await planned(store, state="missed", reason="too late")
    assert await only(store) == before


@pytest.mark.parametrize("state", ["dead", "cancelled"])
async def test_what_surely_did_not_come_may_be_planned_anew_beside_it(
    store: Store, state: str
) -> None:
    await planned(store, payload="first")
    claimed = await claim(store)
    await finish(store, claimed, state, reason="why")
    assert not await planned(store, state="missed", reason="too late"), "its own reason says more"
    assert await planned(store, payload="again")
    assert not await planned(store, payload="and again")
    found = await store.rows("SELECT part, state, reason FROM deliveries ORDER BY id")
    assert [tuple(row) for row in found] == [(0, state, "why"), (1, "pending", "")]
    assert not await finish(store, claimed, "sent"), "the first claim is over"


@pytest.mark.parametrize("state", ["skipped", "missed", "paused"])
async def test_a_run_without_a_post_gives_way_to_one(store: Store, state: str) -> None:
    old = await subscribe(store, "c1", NOW)
    await planned(store, "", state=state, reason="no list: Monday", subscription=old)
    async with store.transaction() as tx:
        await tx.run("DELETE FROM subscriptions")
    new = await subscribe(store, "c1", NOW)
    assert await planned(store, payload="post", subscription=new)
    one = await only(store)
    assert (one.state, one.payload, one.reason, one.subscription) == ("pending", "post", "", new)


async def test_two_lists_on_one_date_are_two_posts(store: Store) -> None:
    assert await planned(store, payload="monday's")
    assert await planned(store, payload="sunday's", list_day=on("2025-06-01"))
    assert not await planned(store, payload="again", list_day=on("2025-06-01"))
    due = await outbox.due(store, "discord", NOW, 10)
    assert [(one.list_day, one.payload) for one in due] == [
        (on("2025-06-02"), "monday's"), (on("2025-06-01"), "sunday's"),
    ]  # fmt: skip


async def test_every_notice_of_a_day_is_kept_also_after_some_are_gone(store: Store) -> None:
    for text in ("a", "b", "c"):
        assert await planned(store, text, kind="notice")
    async with store.transaction() as tx:
        await tx.run("DELETE FROM deliveries WHERE part = 0")
    assert await planned(store, "d", kind="notice")
    found = await outbox.due(store, "discord", NOW, 10)
    assert [one.payload for one in found] == ["b", "c", "d"]


async def test_a_content_is_stored_once_for_all_its_places(store: Store) -> None:
    async with store.transaction() as tx:
        for n in range(50):
            await add(tx, f"c{n}", DAY, "the same words")
        await add(tx, "other", DAY, "other words")
        await add(tx, "none", DAY, state="skipped")
    assert [row["text"] for row in await store.rows("SELECT text FROM contents ORDER BY id")] == [
        "the same words", "other words",
    ]  # fmt: skip
    due = await outbox.due(store, "discord", NOW, 100)
    assert [one.payload for one in due] == ["the same words"] * 50 + ["other words"]


# claims and outcomes ----------------------------------------------------------------------------


async def test_an_intent_counts_the_attempt_and_can_be_had_once(store: Store) -> None:
    await planned(store)
    seen = await only(store)
    first = await intend(store, seen, NOW)
    assert first
    assert (first.state, first.attempts, first.fence, first.tried_at) == ("sending", 1, 1, NOW)
    assert await intend(store, seen, NOW) is None
    assert await intend(store, first, NOW) is None, "it is being sent"
    assert await outbox.due(store, "discord", NOW, 10) == []


async def test_of_many_only_those_are_taken_that_are_as_they_were_read(store: Store) -> None:
    async with store.transaction() as tx:
        for n in range(6):
            await add(tx, f"c{n}", DAY, lasts=n * HOURS)
    seen = await outbox.due(store, "discord", NOW - MINUTE, 10)
    assert seen == []
    seen = await outbox.due(store, "discord", NOW, 10)
    assert len(seen) == 5, "what is past its deadline is not due"
    await intend(store, seen[0], NOW)
    tried = await intend(store, seen[4], NOW)
    assert tried and await finish(store, tried, "retry") == "retry", "by another process"
    async with store.transaction() as tx:
        await people.move(tx, seen[1].destination, "c9")
        await tx.run("UPDATE deliveries SET state = 'cancelled' WHERE id = :id", id=seen[2].id)
        taken = await outbox.claim(tx, seen, NOW)
    assert {one.id for one in taken} == {seen[3].id}
    assert {(one.state, one.fence, one.attempts) for one in taken} == {("sending", 1, 1)}
    left = {one.destination.address for one in await outbox.due(store, "discord", NOW, 10)}
    assert left == {"c9", "c5"}


async def test_what_passed_its_deadline_after_it_was_read_is_not_taken(store: Store) -> None:
    await planned(store)
    seen = await only(store)
    assert await intend(store, seen, NOW + HOURS) is None
    assert await intend(store, seen, NOW + HOURS - MINUTE)


async def test_many_are_marked_sent_with_their_proofs(store: Store) -> None:
    async with store.transaction() as tx:
        for n in range(3):
            await add(tx, f"c{n}", DAY)
    seen = await outbox.due(store, "discord", NOW, 10)
    async with store.transaction() as tx:
        claims = await outbox.claim(tx, seen, NOW)
        assert await outbox.finish(tx, claims[2], DeliveryState.RETRY, NOW, due_at=NOW) == "retry"
    async with store.transaction() as tx:
        await outbox.sent(
            tx, [(one, Receipt(f"m{one.id}", "embeds")) for one in claims], NOW + MINUTE
        )
    found = await store.rows("SELECT * FROM deliveries ORDER BY id")
    proof = [(row["state"], row["message_id"]) for row in found]
    assert proof == [("sent", "m1"), ("sent", "m2"), ("retry", None)]


@pytest.mark.parametrize("state", ["retry", "dead", "unknown", "sent"])
async def test_an_outcome_of_an_older_claim_is_not_written(store: Store, state: str) -> None:
    """Also while the row is being sent again: its state alone does not tell the claims apart."""
    await planned(store)
    first = await claim(store)
    assert await finish(store, first, "retry") == "retry"
    second = await claim(store)
    assert (first.state, second.state) == ("sending", "sending")
    before = await row(store)
    assert await finish(store, first, state, reason="too late") is None
    assert await row(store) == before
    assert await finish(store, second, "sent") == "sent"
    before = await row(store)
    assert await finish(store, second, "retry") is None
    assert await row(store) == before


async def test_an_arrival_of_an_older_claim_is_not_written(store: Store) -> None:
    await planned(store)
    first = await claim(store)
    await finish(store, first, "retry")
    second = await claim(store)
    before = await row(store)
    async with store.transaction() as tx:
        await outbox.sent(tx, [(first, Receipt("m1"))], NOW)
    assert await row(store) == before, "the newer attempt is still under way"
    async with store.transaction() as tx:
        await outbox.sent(tx, [(second, Receipt("m2"))], NOW)
    assert ((await row(store))["state"], (await row(store))["message_id"]) == ("sent", "m2")


async def row(store: Store) -> dict[str, object]:
    [found] = await store.rows("SELECT * FROM deliveries")
    return dict(found)


async def test_a_retry_is_due_at_its_time_and_not_before(store: Store) -> None:
    await planned(store)
    await finish(store, await claim(store), "retry", due=5)
    assert await outbox.due(store, "discord", NOW + 5 * MINUTE - timedelta(microseconds=1), 9) == []
    assert len(await outbox.due(store, "discord", NOW + 5 * MINUTE, 9)) == 1
    assert await outbox.next_due(store, "discord", NOW) == NOW + 5 * MINUTE


async def test_what_is_due_comes_oldest_first_and_not_for_busy_places_or_other_platforms(
    store: Store,
) -> None:
    async with store.transaction() as tx:
        for n, platform in enumerate(("discord", "telegram", "discord", "discord")):
            await add(tx, f"c{n}", DAY, now=NOW - n * MINUTE, platform=platform)
    found = await outbox.due(store, "discord", NOW, 10)
    assert [one.destination.address for one in found] == ["c3", "c2", "c0"]
    found = await outbox.due(store, "discord", NOW, 1, {"c3"})
    assert [one.destination.address for one in found] == ["c2"]


async def test_a_busy_chat_is_passed_over_with_all_that_is_in_it(store: Store) -> None:
    async with store.transaction() as tx:
        for address in ("-1/5", "-1", "-12", "-12/5", "-1/6", "-1/1/1"):
            await add(tx, address, DAY, now=NOW, platform="telegram")
    found = await outbox.due(store, "telegram", NOW, 10, {"-1"})
    assert [one.destination.address for one in found] == ["-12", "-12/5"]


async def test_it_may_have_arrived_since_the_first_doubt(store: Store) -> None:
    await planned(store)
    for minutes in (1, 9):
        await finish(store, await claim(store), "retry", ambiguous_at=NOW + minutes * MINUTE)
    assert (await only(store)).ambiguous_at == NOW + MINUTE


@pytest.mark.parametrize("doubt", ["now", "before", "asked for"])
async def test_what_may_have_arrived_never_ends_as_dead_or_cancelled(
    store: Store, doubt: str
) -> None:
    number = await subscribe(store, "c1", NOW)
    await planned(store, subscription=number)
    if doubt == "asked for":
        await finish(store, await claim(store), "unknown", ambiguous_at=NOW)
        assert await requeue(store, await only(store), NOW)
    if doubt == "before":
        await finish(store, await claim(store), "retry", ambiguous_at=NOW)
    claimed = await claim(store)
    since = NOW if doubt == "now" else None
    assert await finish(store, claimed, "dead", ambiguous_at=since, reason="gone") == "unknown"
    assert (await only(store)).reason == "gone"


@pytest.mark.parametrize("state", ["paused", "off"])
@pytest.mark.parametrize("doubt", [True, False])
async def test_a_post_in_flight_is_not_tried_again_once_its_place_is_stopped(
    store: Store, state: str, doubt: bool
) -> None:
    number = await subscribe(store, "c1", NOW)
    await planned(store, subscription=number)
    claimed = await claim(store)
    async with store.transaction() as tx:
        await subscriptions.switch(tx, number, state, NOW)
    assert (await only(store)).state == "sending", "its outcome is still to come"
    since = NOW if doubt else None
    became = await finish(store, claimed, "retry", reason="no answer", ambiguous_at=since)
    assert became == ("unknown" if doubt else "cancelled") == (await only(store)).state


async def test_a_post_in_flight_that_arrives_is_sent_also_when_its_place_is_stopped(
    store: Store,
) -> None:
    number = await subscribe(store, "c1", NOW)
    await planned(store, subscription=number)
    claimed = await claim(store)
    async with store.transaction() as tx:
        await subscriptions.switch(tx, number, SubscriptionState.PAUSED, NOW)
    await finish(store, claimed, "sent")
    assert (await only(store)).state == "sent"


@pytest.mark.parametrize("stop", ["paused", "off", "deadline"])
@pytest.mark.parametrize(
    ("doubt", "became"), [("", "cancelled"), ("ambiguous", "unknown"), ("asked for", "unknown")]
)
async def test_what_waits_when_its_place_is_stopped_or_its_time_is_over(
    store: Store, stop: str, doubt: str, became: str
) -> None:
    number = await subscribe(store, "c1", NOW)
    await planned(store, subscription=number)
    if doubt:
        state = "retry" if doubt == "ambiguous" else "unknown"
        await finish(store, await claim(store), state, ambiguous_at=NOW)
    if doubt == "asked for":
        assert await requeue(store, await only(store), NOW)
    one = await subscriptions.by_id(store, number)
    assert one
    async with store.transaction() as tx:
        if stop == "deadline":
            became = "dead" if became == "cancelled" else became
            told = await outbox.expire(tx, NOW + HOURS)
            assert [dead.id for dead in told] == ([1] if became == "dead" else [])
        elif stop == "off":
            await subscriptions.switch_off(tx, [one], "gone", NOW)
        else:
            await subscriptions.switch(tx, number, SubscriptionState.PAUSED, NOW)
    assert await state_of(store, 1) == became


async def test_a_post_is_given_up_at_its_deadline_with_the_last_reason(store: Store) -> None:
    async with store.transaction() as tx:
        await add(tx, "never tried", DAY)
        await add(tx, "c1", DAY)
        await add(tx, "longer", DAY, lasts=HOURS + MINUTE)
    seen = {one.destination.address: one for one in await outbox.due(store, "discord", NOW, 9)}
    claimed = await intend(store, seen["c1"], NOW)
    assert claimed
    await finish(store, claimed, "retry", reason="it cannot be reached", due=700)
    async with store.transaction() as tx:
        assert await outbox.expire(tx, NOW + HOURS - MINUTE) == []
        given_up = await outbox.expire(tx, NOW + HOURS)
    assert [(one.destination.address, one.state, one.reason) for one in given_up] == [
        ("never tried", "dead", "it could not be sent in time"),
        ("c1", "dead", "it cannot be reached"),
    ]
    assert await state_of(store, 3) == "pending"


async def test_orphans_are_the_rows_of_one_platform_that_were_being_sent(store: Store) -> None:
    await planned(store)
    assert await outbox.orphans(store, "discord", NOW) == []
    claimed = await claim(store)
    assert await outbox.orphans(store, "discord", NOW) == [claimed]
    assert await outbox.orphans(store, "telegram", NOW) == []


async def test_the_suspicion_of_a_place_and_the_plain_form_are_kept_over_attempts(
    store: Store,
) -> None:
    await planned(store)
    await finish(store, await claim(store), "retry", suspected=True)
    assert ((await only(store)).suspected, (await only(store)).plain) == (True, False)
    await finish(store, await claim(store), "retry", plain=True)
    assert ((await only(store)).suspected, (await only(store)).plain) == (False, True)
    await finish(store, await claim(store), "retry")
    assert (await only(store)).plain, "what was refused once is not tried in that form again"


# once more, by hand -----------------------------------------------------------------------------


async def test_only_a_post_in_doubt_is_made_due_again_and_as_if_new(store: Store) -> None:
    await planned(store, payload="frozen")
    claimed = await claim(store)
    await finish(store, claimed, "unknown", reason="lost", ambiguous_at=NOW, suspected=True)
    later = NOW + 5 * MINUTE
    assert await requeue(store, await only(store), later)
    one = await only(store)
    assert (one.state, one.fence, one.attempts, one.reason) == ("pending", 2, 0, "")
    assert (one.tried_at, one.ambiguous_at, one.payload) == (None, None, "frozen")
    assert (one.doubted, one.suspected) == (True, False)
    assert await outbox.due(store, "discord", later - MINUTE, 9) == []
    assert await outbox.due(store, "discord", later, 9) == [one]
    assert await outbox.due(store, "discord", later + HOURS, 9) == []
    assert not await requeue(store, one, later + MINUTE)
    assert await only(store) == one, "left alone"
    assert not await finish(store, claimed, "sent")


async def test_a_content_is_rewritten_only_where_nothing_of_it_can_have_arrived(
    store: Store,
) -> None:
    async with store.transaction() as tx:
        for address in ("waits", "doubtful", "asked for", "sent"):
            await add(tx, address, DAY, "old")
    seen = await outbox.due(store, "discord", NOW, 10)
    async with store.transaction() as tx:
        doubtful, asked_for, sent = await outbox.claim(tx, seen[1:], NOW)
        await outbox.finish(tx, doubtful, DeliveryState.RETRY, NOW, due_at=NOW, ambiguous_at=NOW)
        await outbox.finish(tx, asked_for, DeliveryState.UNKNOWN, NOW, due_at=NOW, ambiguous_at=NOW)
        await outbox.requeue(tx, asked_for, NOW, NOW + HOURS)
        await outbox.sent(tx, [(sent, Receipt("m1"))], NOW)
        await rewritten(tx, "old", "new")
    sql = "SELECT address, text FROM deliveries JOIN contents AS c ON c.id = content"
    assert {row["address"]: row["text"] for row in await store.rows(sql)} == {
        "waits": "new", "doubtful": "old", "asked for": "old", "sent": "old",
    }  # fmt: skip


async def rewritten(tx: Transaction, old: str, new: str) -> None:
    for number, text in (await outbox.unsent_contents(tx)).items():
        assert text == old
        await outbox.rewrite(tx, number, new, "nothing is left of it", NOW)


async def test_a_content_of_which_nothing_is_left_is_not_sent(store: Store) -> None:
    await planned(store, payload="old")
    async with store.transaction() as tx:
        await rewritten(tx, "old", "new")
    assert (await only(store)).payload == "new"
    async with store.transaction() as tx:
        await rewritten(tx, "new", "")
    one = await only(store)
    assert (one.state, one.reason) == ("cancelled", "nothing is left of it")


def test_the_key_fits_discords_nonce() -> None:
    one = Delivery(
        id=2**63, subscription=None, destination=HERE, what=What.DAY, local_date=on(DAY),
        list_day=None, state=DeliveryState.SENT, fence=0, attempts=0, tried_at=None,
        ambiguous_at=None, doubted=False, suspected=False, plain=False, payload="", reason="",
    )  # fmt: skip
    assert len(one.key) <= 25
