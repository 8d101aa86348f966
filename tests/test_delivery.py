"""From the outbox to the platforms, whatever the platforms answer."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import delivery
from bot.delivery import Dispatcher
from bot.digest import Digest, Item
from bot.errors import PostError
from bot.model import Delivery, Destination
from bot.outcome import GIVE_UP, POISON, Outcome, outcome
from bot.store import Store, outbox, papers, people
from tests.fakes import (
    Clock,
    FakeAdapter,
    Post,
    at,
    gone,
    lost,
    on,
    paper,
    papers_of,
    subscribe,
    unreachable,
)  # fmt: skip

NOW = at("2025-06-02 12:00")
DAY = on("2025-06-02")
MINUTE = timedelta(seconds=60)
DIGEST = Digest("daily", DAY, False, NOW, "UTC", 10, (Item("2506.00001", 7),)).dumps()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for room, or for the next look."""
    monkeypatch.setattr(delivery, "IDLE", 0.01)


@dataclass
class Office:
    """A platform, the outbox in front of it, and the clock."""

    store: Store
    clock: Clock
    adapter: FakeAdapter
    dispatcher: Dispatcher

    async def add(self, *addresses: str, payload: str = DIGEST, platform: str = "discord") -> None:
        async with self.store.transaction() as tx:
            await papers.save(tx, papers_of(DAY, 1), curated=True)
            for address in addresses or ("c1",):
                where = Destination(platform, address)
                found = await tx.rows(
                    "SELECT id FROM subscriptions WHERE address = :address", address=address
                )
                number = found[0]["id"] if found else None
                await outbox.add(
                    tx, where, "daily", DAY, now=self.clock.now, payload=payload,
                    subscription=number,
                )  # fmt: skip

    async def send(self, *, times: int = 1, **time: float) -> None:
        for _ in range(times):
            while await self.dispatcher.send_due(self.adapter.name):
                pass
            self.clock.pass_(**time)

    async def states(self) -> dict[str, str]:
        found = await self.store.rows("SELECT address, state FROM deliveries ORDER BY id DESC")
        return {row["address"]: row["state"] for row in found}

    async def row(self, address: str = "c1") -> Delivery:
        [found] = await self.store.rows(
            "SELECT id FROM deliveries WHERE address = :address", address=address
        )
        one = await outbox.get(self.store, found["id"])
        assert one
        return one


def office(store: Store, **adapter: float) -> Office:
    clock, made = Clock(NOW), FakeAdapter(**adapter)
    return Office(store, clock, made, Dispatcher(store, {made.name: made}, clock))


@pytest.fixture
def post(store: Store) -> Office:
    """Like Discord: it recognises a repeated key for a minute."""
    return office(store)


@pytest.fixture
def forgetful(store: Store) -> Office:
    """Like Telegram: it recognises no repeat."""
    return office(store, resend_within=0.0)


# outcome ----------------------------------------------------------------------------------------

TRIED = Delivery(
    1, None, Destination("discord", "c1"), "daily", DAY, "sending", 1, 1, NOW, None, "", ""
)
DOUBTED = replace(TRIED, ambiguous_at=NOW - MINUTE / 2)


def failed(**facts: object) -> PostError:
    return PostError("why", **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "error", "window", "expected"),
    [
        (TRIED, failed(), 60, Outcome("retry", "why", 1.0)),
        (replace(TRIED, attempts=4), failed(), 60, Outcome("retry", "why", 8.0)),
        (replace(TRIED, attempts=40), failed(), 60, Outcome("retry", "why", 300.0)),
        (TRIED, failed(retry_after=17.5), 60, Outcome("retry", "why", 17.5)),
        (TRIED, failed(permanent=True), 60, Outcome("dead", "why")),
        (TRIED, failed(refused=True), 60, Outcome("dead", "why")),
        (TRIED, failed(moved_to="c9"), 60, Outcome("retry", "why", 0.0)),
        (TRIED, failed(moved_to="c1"), 60, Outcome("retry", "why", 1.0)),
        (TRIED, failed(ambiguous=True), 60, Outcome("retry", "why", 1.0, NOW)),
        (TRIED, failed(ambiguous=True), 0, Outcome("unknown", "why", 1.0, NOW)),
        (TRIED, failed(ambiguous=True, retry_after=61), 60, Outcome("unknown", "why", 61, NOW)),
        (DOUBTED, failed(), 60, Outcome("retry", "why", 1.0, DOUBTED.ambiguous_at)),
        (DOUBTED, failed(retry_after=30), 60, Outcome("unknown", "why", 30, DOUBTED.ambiguous_at)),
        (DOUBTED, failed(moved_to="c9"), 60, Outcome("retry", "why", 0.0, DOUBTED.ambiguous_at)),
        (replace(TRIED, attempts=GIVE_UP), failed(), 60,
         Outcome("dead", f"given up after {GIVE_UP} attempts: why")),
        (replace(TRIED, attempts=GIVE_UP), failed(moved_to="c9"), 60,
         Outcome("dead", f"given up after {GIVE_UP} attempts: why")),
    ],
)  # fmt: skip
def test_what_becomes_of_a_failed_post(
    one: Delivery, error: PostError, window: float, expected: Outcome
) -> None:
    assert outcome(one, error, FakeAdapter(resend_within=window), NOW) == expected


errors = st.builds(
    PostError,
    st.just("why"),
    permanent=st.booleans(),
    refused=st.booleans(),
    retry_after=st.none() | st.floats(0, 4000),
    moved_to=st.none() | st.just("c9"),
    ambiguous=st.booleans(),
)


@given(
    errors,
    st.integers(1, 100),
    st.none() | st.integers(0, 4000),
    st.integers(0, 4000),
    st.sampled_from([0, 1, 60]),
)
def test_what_may_have_arrived_is_never_repeated_after_the_platform_forgot_it(
    error: PostError, attempts: int, doubted: int | None, took: int, window: int
) -> None:
    since = None if doubted is None else NOW - timedelta(seconds=doubted)
    one = replace(TRIED, attempts=attempts, ambiguous_at=since)
    now = NOW + timedelta(seconds=took)
    result = outcome(one, error, FakeAdapter(resend_within=window), now)
    may_have_arrived = since or (NOW if error.ambiguous else None)
    if may_have_arrived and result.state == "retry":
        again = now + timedelta(seconds=result.again_in)
        assert again < may_have_arrived + timedelta(seconds=window)
        assert result.ambiguous_at == may_have_arrived


# posts ------------------------------------------------------------------------------------------


async def test_a_post_arrives_and_its_proof_is_kept(post: Office) -> None:
    await post.add("c1", "c2")
    await post.send()
    assert await post.states() == {"c1": "sent", "c2": "sent"}
    assert post.adapter.titles("c1") == ["A study of subject 1"]
    proofs = await post.store.rows("SELECT message_id FROM deliveries")
    assert {row[0] for row in proofs} == {"m1", "m2"}
    await post.send(times=3, hours=1)
    assert len(post.adapter.tried) == 2


async def test_the_intent_is_durable_before_the_request(post: Office) -> None:
    seen = []

    async def look(made: Post) -> None:
        one = await post.row(made.address)
        seen.append((one.state, one.attempts, one.tried_at, one.key == made.key))

    post.adapter.before = look
    await post.add("c1")
    await post.send()
    assert seen == [("sending", 1, NOW, True)]


async def test_a_retry_posts_the_very_same_message_though_votes_changed_meanwhile(
    post: Office,
) -> None:
    post.adapter.errors["c1"] = [unreachable(), unreachable()]
    await post.add("c1")
    await post.send()
    async with post.store.transaction() as tx:
        await papers.save(tx, [paper(1, votes=999), paper(2, votes=1000)], curated=True)
    await post.send(times=3, minutes=1)
    first, *others = post.adapter.tried
    assert len(others) == 2
    assert all(one == first for one in others), "message, address and key"
    assert "▲ 7" in first.message.sections[0].entries[0].meta


async def test_a_place_that_is_gone_is_switched_off_and_its_owner_told_once(post: Office) -> None:
    await subscribe(post.store, "c1", NOW, owner="owner")
    await subscribe(post.store, "c2", NOW, owner="owner")
    post.adapter.always["c1"] = gone()
    await post.add("c1", "c2")
    async with post.store.transaction() as tx:
        one = await people.subscription(post.store, Destination("discord", "c1"), "daily")
        assert one
        tomorrow = on("2025-06-03")
        await outbox.add(
            tx, one.destination, "daily", tomorrow, now=NOW, subscription=one.id, payload=DIGEST
        )
    await post.send(times=3, hours=1)
    states = await post.store.rows("SELECT address, kind, state FROM deliveries ORDER BY id")
    assert [tuple(row) for row in states] == [
        ("c1", "daily", "dead"), ("c2", "daily", "sent"), ("c1", "daily", "cancelled"),
        ("owner", "notice", "sent"),
    ]  # fmt: skip
    off = await people.subscription(post.store, Destination("discord", "c1"), "daily")
    assert off and (off.state, off.reason) == ("off", "the channel is gone")
    assert len([one for one in post.adapter.tried if one.address == "c1"]) == 1
    [told] = [one for one in post.adapter.posts if one.address == "owner"]
    assert "the channel is gone" in told.message.text
    await post.dispatcher.switch_off(Destination("discord", "c1"), "thrown out")
    await post.send()
    assert len([one for one in post.adapter.posts if one.address == "owner"]) == 1


async def test_a_place_that_is_gone_is_not_asked_again_though_more_is_due(post: Office) -> None:
    number = await subscribe(post.store, "c1", NOW, owner="owner")
    post.adapter.always["c1"] = gone()
    post.adapter.delay = 0.05
    async with post.store.transaction() as tx:
        where = Destination("discord", "c1")
        for day in range(1, 4):
            await outbox.add(
                tx, where, "daily", DAY + timedelta(days=day), now=NOW, subscription=number,
                payload=DIGEST,
            )  # fmt: skip
    running = asyncio.create_task(post.dispatcher.run())
    await settled(post, lambda states: states.get("owner") == "sent")
    await stopped(post, running)
    assert [one.address for one in post.adapter.tried].count("c1") == 1


async def test_a_private_chat_that_is_closed_is_told_nothing(post: Office) -> None:
    await subscribe(post.store, "me", NOW, kind="topics", owner="me")
    post.adapter.always["me"] = gone()
    await post.add("me")
    await post.send(times=3, hours=1)
    assert await post.states() == {"me": "dead"}


async def test_a_chat_that_moved_is_followed_and_posted_to(post: Office) -> None:
    await subscribe(post.store, "c1", NOW)
    post.adapter.always["c1"] = PostError("it is a supergroup now", moved_to="c9")
    await post.add("c1")
    await post.send(times=3, seconds=2)
    assert await post.states() == {"c9": "sent"}
    assert [one.address for one in post.adapter.tried] == ["c1", "c9"]
    assert await people.subscription(post.store, Destination("discord", "c9"), "daily")


async def test_a_chat_that_moved_where_the_post_is_already_is_not_asked_for_ever(
    post: Office,
) -> None:
    post.adapter.always["c1"] = PostError("it is a supergroup now", moved_to="c9")
    await post.add("c9", "c1")
    await post.send(times=5, minutes=10)
    assert [one.address for one in post.adapter.tried].count("c1") == 1
    assert len(post.adapter.posts) == 1


async def test_chats_that_send_each_other_round_in_circles_end(post: Office) -> None:
    post.adapter.always["c1"] = PostError("moved", moved_to="c2")
    post.adapter.always["c2"] = PostError("moved", moved_to="c1")
    await post.add("c1")
    await post.send(times=GIVE_UP + 5, minutes=1)
    assert len(post.adapter.tried) == GIVE_UP
    assert set((await post.states()).values()) == {"dead"}


async def test_too_many_requests_close_the_gate_for_the_whole_platform(post: Office) -> None:
    post.adapter.errors["c1"] = [PostError("too fast", retry_after=0.3)]
    await post.add("c1")
    await post.send()
    await post.add("c2")
    post.clock.pass_(seconds=1)
    started = asyncio.get_running_loop().time()
    await post.send()
    assert asyncio.get_running_loop().time() - started >= 0.25
    assert await post.states() == {"c1": "sent", "c2": "sent"}


async def test_a_message_the_platform_refuses_is_dead_and_its_place_stays(post: Office) -> None:
    number = await subscribe(post.store, "c1", NOW)
    post.adapter.always["c1"] = PostError("embed too large", refused=True)
    await post.add("c1")
    await post.send(times=3, hours=1)
    one = await post.row()
    assert (one.state, one.reason, one.attempts) == ("dead", "embed too large", 1)
    standing = await people.subscription(post.store, Destination("discord", "c1"), "daily")
    assert standing and (standing.id, standing.state) == (number, "on")


@pytest.mark.parametrize("broken", ["payload", "adapter"])
async def test_a_post_that_breaks_our_own_code_is_set_aside_and_blocks_nobody(
    post: Office, broken: str
) -> None:
    await post.add("c1", payload="{" if broken == "payload" else DIGEST)
    await post.add("c2")
    if broken == "adapter":
        post.adapter.always["c1"] = ZeroDivisionError()
    await post.send()
    assert (await post.states())["c2"] == "sent"
    await post.send(times=2 * POISON, minutes=2)
    one = await post.row()
    assert (one.state, one.attempts) == ("dead", POISON)
    assert "see the log" in one.reason


async def test_what_never_left_is_tried_for_hours_and_then_given_up(post: Office) -> None:
    post.adapter.always["c1"] = unreachable()
    await post.add("c1")
    await post.send(times=20, minutes=5)
    assert 10 < len(post.adapter.tried) < 40
    post.adapter.always.clear()
    await post.send(times=2, minutes=5)
    assert (await post.row()).state == "sent"


async def test_a_post_without_an_answer_is_repeated_with_its_key_while_it_is_recognised(
    post: Office,
) -> None:
    post.adapter.errors["c1"] = [lost(), lost()]
    await post.add("c1")
    await post.send(times=10, seconds=3)
    assert (await post.row()).state == "sent"
    assert len({one.key for one in post.adapter.tried}) == 1


async def test_a_repeat_that_comes_too_late_is_not_made(post: Office) -> None:
    """Jitter, a closed gate or a downtime: the time of the request counts, not of the plan."""
    post.adapter.errors["c1"] = [lost()]
    await post.add("c1")
    await post.send()
    assert (await post.row()).state == "retry"
    post.clock.pass_(seconds=60)
    await post.send()
    assert (await post.row()).state == "unknown"
    assert len(post.adapter.tried) == 1
    await post.send(times=3, hours=1)
    assert len(post.adapter.tried) == 1


async def test_a_platform_that_knows_no_repeat_gets_none(forgetful: Office) -> None:
    forgetful.adapter.errors["c1"] = [lost()]
    await forgetful.add("c1")
    await forgetful.send(times=5, hours=1)
    one = await forgetful.row()
    assert (one.state, one.reason) == ("unknown", "the answer did not come in time")
    assert len(forgetful.adapter.tried) == 1


# crashes ----------------------------------------------------------------------------------------


async def crash(made: Office, after: timedelta) -> Delivery:
    """A process dies in the middle of a post; the next starts `after` it."""
    await made.add("c1")
    [one] = await outbox.due(made.store, "discord", NOW, 10)
    claimed = await outbox.intend(made.store, one, NOW)
    assert claimed
    made.clock.now += after
    await made.dispatcher.recover()
    return claimed


@pytest.mark.parametrize(
    ("window", "after", "posts", "state"),
    [(60, 5, 1, "sent"), (60, 59.5, 0, "unknown"), (60, 600, 0, "unknown"), (0, 1, 0, "unknown")],
)
async def test_a_crash_in_the_middle_is_repeated_only_while_the_key_is_known(
    store: Store, window: float, after: float, posts: int, state: str
) -> None:
    made = office(store, resend_within=window)
    claimed = await crash(made, timedelta(seconds=after))
    await made.send(times=4, seconds=2)
    one = await made.row()
    assert (one.state, len(made.adapter.tried)) == (state, posts)
    assert all(tried.key == claimed.key for tried in made.adapter.tried)
    if state == "unknown":
        assert one.reason == "the program stopped while sending"


async def test_a_claim_from_before_the_crash_cannot_finish_after_it(post: Office) -> None:
    claimed = await crash(post, timedelta(seconds=1))
    await post.send(times=2, seconds=2)
    async with post.store.transaction() as tx:
        assert not await outbox.finish(tx, claimed, "dead", NOW, due_at=NOW)
    assert (await post.row()).state == "sent"


# the dispatcher at work -------------------------------------------------------------------------


async def settled(made: Office, done: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    async with asyncio.timeout(5):
        while not done(states := await made.states()):  # noqa: ASYNC110 - the store has no events
            await asyncio.sleep(0.005)
    return states


async def stopped(made: Office, running: asyncio.Task[None]) -> None:
    made.dispatcher.stop()
    async with asyncio.timeout(2):
        await running


async def test_what_is_planned_is_sent_when_the_dispatcher_is_woken(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "IDLE", 60.0)
    running = asyncio.create_task(post.dispatcher.run())
    await asyncio.sleep(0.05)
    await post.add("c1", *(f"d{n}" for n in range(20)))
    post.dispatcher.wake()
    await settled(post, lambda states: set(states.values()) == {"sent"})
    await stopped(post, running)


async def test_a_place_that_hangs_delays_no_other_and_eight_go_at_once(post: Office) -> None:
    hang = asyncio.Event()

    async def wait(made: Post) -> None:
        if made.address.startswith("slow"):
            await hang.wait()

    post.adapter.before = wait
    post.adapter.delay = 0.05
    await post.add("slow", *(f"c{n}" for n in range(40)))
    running = asyncio.create_task(post.dispatcher.run())
    states = await settled(post, lambda states: list(states.values()).count("sent") == 40)
    assert states["slow"] == "sending"
    assert post.adapter.most_in_flight == post.adapter.pace.in_flight
    hang.set()
    await stopped(post, running)
    assert (await post.states())["slow"] == "sent"


async def test_many_posts_for_one_place_go_one_by_one_and_hold_up_no_other(post: Office) -> None:
    together: list[int] = []
    async with post.store.transaction() as tx:
        for n in range(12):
            where = Destination("discord", "owner")
            await outbox.add(tx, where, "notice", DAY, now=NOW - MINUTE, payload=f"text {n}")
    await post.add("c1")
    flying = 0

    async def count(made: Post) -> None:
        nonlocal flying
        if made.address == "owner":
            flying += 1
            together.append(flying)
            await asyncio.sleep(0.001)
            flying -= 1

    post.adapter.before = count
    running = asyncio.create_task(post.dispatcher.run())
    await settled(post, lambda states: set(states.values()) == {"sent"})
    async with asyncio.timeout(5):
        while len(post.adapter.posts) < 13:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert set(together) == {1}
    texts = [one.message.text for one in post.adapter.posts if one.address == "owner"]
    assert texts == [f"text {n}" for n in range(12)]
    assert "c1" in [one.address for one in post.adapter.posts[:4]]
    await stopped(post, running)


async def test_stopping_finishes_the_posts_in_flight_and_begins_no_other(post: Office) -> None:
    post.adapter.delay = 0.1
    await post.add(*(f"c{n}" for n in range(20)))
    running = asyncio.create_task(post.dispatcher.run())
    await settled(post, lambda states: "sending" in states.values())
    await asyncio.sleep(0.05)
    await stopped(post, running)
    states = list((await post.states()).values())
    assert 1 <= states.count("sent") <= post.adapter.pace.in_flight
    assert states.count("sent") + states.count("pending") == 20
    assert len(post.adapter.tried) == states.count("sent")


async def test_stopping_ends_with_the_last_outcome(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "IDLE", 60.0)
    post.adapter.delay = 0.05
    await post.add("c1", "c2")
    running = asyncio.create_task(post.dispatcher.run())
    await settled(post, lambda states: "sending" in states.values())
    await stopped(post, running)
    assert set((await post.states()).values()) == {"sent"}


async def test_stopping_does_not_wait_for_a_closed_gate(post: Office) -> None:
    post.adapter.always["c1"] = PostError("too fast", retry_after=3600)
    await post.add("c1")
    await post.send()
    await post.add("c2")
    running = asyncio.create_task(post.dispatcher.run())
    await asyncio.sleep(0.05)
    await stopped(post, running)
    assert (await post.states())["c2"] == "pending"


async def fill(store: Store, pages: int) -> None:
    async with store.transaction() as tx:
        await tx.rows(f"PRAGMA max_page_count = {pages}")


async def test_a_disk_that_is_full_while_finishing_neither_ends_the_dispatcher_nor_repeats(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, refused = outbox.sent, 0

    async def full(tx: object, *args: object) -> None:
        nonlocal refused
        if refused < 3:
            refused += 1
            await fill_up(tx)
        await sent(tx, *args)  # type: ignore[arg-type]

    async def fill_up(tx: object) -> None:
        assert isinstance(tx, outbox.Transaction)
        await tx.rows("PRAGMA max_page_count = 1")
        try:
            for n in range(3000):
                await tx.run(
                    """INSERT INTO places (platform, address, added_by, title)
                    VALUES ('x', :n, :n, :n)""",
                    n=f"{n}{'x' * 3000}",
                )
        finally:
            await tx.rows("PRAGMA max_page_count = 1000000")

    monkeypatch.setattr("bot.delivery.outbox.sent", full)
    await post.add("c1", "c2", "c3")
    running = asyncio.create_task(post.dispatcher.run())
    await settled(post, lambda states: set(states.values()) == {"sent"})
    assert refused == 3
    assert sorted(one.address for one in post.adapter.tried) == ["c1", "c2", "c3"]
    await stopped(post, running)


async def test_a_disk_that_is_full_before_sending_sends_nothing_until_there_is_room(
    post: Office,
) -> None:
    await post.add("c1")
    async with post.store.transaction() as tx:
        await tx.run("CREATE TABLE ballast (x)")
        await tx.run("""CREATE TRIGGER heavy AFTER UPDATE ON deliveries BEGIN
            INSERT INTO ballast VALUES (zeroblob(500000)); END""")
    await fill(post.store, 1)
    running = asyncio.create_task(post.dispatcher.run())
    await asyncio.sleep(0.1)
    assert not running.done()
    assert post.adapter.tried == []
    assert (await post.states()) == {"c1": "pending"}
    await fill(post.store, 1_000_000)
    await settled(post, lambda states: states == {"c1": "sent"})
    assert len(post.adapter.tried) == 1
    await stopped(post, running)


async def test_posts_for_a_platform_that_is_off_wait_for_it(post: Office) -> None:
    await post.add("c1", platform="telegram")
    await post.add("c2")
    await post.send(times=2, minutes=1)
    assert await post.states() == {"c1": "pending", "c2": "sent"}
    await post.dispatcher.recover()
    assert (await post.states())["c1"] == "pending"


async def test_a_place_paused_while_its_post_waits_gets_nothing(post: Office) -> None:
    number = await subscribe(post.store, "c1", NOW)
    post.adapter.errors["c1"] = [unreachable()]
    await post.add("c1")
    await post.send()
    async with post.store.transaction() as tx:
        await people.switch(tx, number, "paused", NOW)
    await post.send(times=3, hours=1)
    assert (await post.row()).state == "cancelled"
    assert len(post.adapter.tried) == 1


async def test_a_person_forgotten_while_their_post_is_in_flight_leaves_no_trace(
    post: Office,
) -> None:
    async def forget(made: Post) -> None:
        async with post.store.transaction() as tx:
            await people.forget(tx, "discord", "me")

    await subscribe(post.store, "me", NOW, kind="topics", owner="me")
    post.adapter.before = forget
    post.adapter.always["me"] = gone()
    await post.add("me")
    await post.send(times=2, hours=1)
    assert await post.states() == {}
    assert await people.owned(post.store, "discord", "me") == []


async def test_a_button_too_long_for_a_platform_is_kept_in_the_store(post: Office) -> None:
    items = tuple(Item(f"2506.{n:05}", 7) for n in range(30))
    payload = Digest("daily", DAY, True, NOW, "UTC", 10, items).dumps()
    await post.add("c1", payload=payload)
    await post.send()
    one = await post.row()
    [[more]] = post.adapter.posts[0].message.actions
    assert more.data == f"more-2-t{one.id}"


async def test_each_place_pages_through_its_own_post(post: Office) -> None:
    items = tuple(Item(f"2506.{n:05}", 7) for n in range(30))
    payload = Digest("daily", DAY, True, NOW, "UTC", 10, items).dumps()
    await post.add("c1", "c2", payload=payload)
    await post.send()
    for made in post.adapter.posts:
        [[more]] = made.message.actions
        assert more.data == f"more-2-t{(await post.row(made.address)).id}"


async def _doubtful(store: Store) -> tuple[Office, Post]:
    """A post whose answer was lost, and the platform's nonce window over; where it can be read."""
    made = office(store)
    made.adapter.reads_back = True
    await made.add()
    made.adapter.errors["c1"] = [lost()]
    await made.send(seconds=120)
    (tried,) = made.adapter.tried
    return made, tried


async def test_a_doubtful_post_is_looked_for_and_not_repeated(store: Store) -> None:
    made, tried = await _doubtful(store)
    made.adapter.posts.append(tried)  # it had arrived
    await made.send()
    assert len(made.adapter.tried) == 1
    assert await made.states() == {"c1": "sent"}


async def test_a_doubtful_post_that_is_not_there_is_sent_again(store: Store) -> None:
    made, tried = await _doubtful(store)
    await made.send()
    assert made.adapter.posts == [tried]
    assert await made.states() == {"c1": "sent"}


async def test_a_doubtful_post_nobody_can_look_for_is_left_alone(store: Store) -> None:
    made, tried = await _doubtful(store)
    made.adapter.reads_back = False
    await made.send(times=3, seconds=400)
    assert made.adapter.tried == [tried]
    assert await made.states() == {"c1": "unknown"}


async def test_a_chat_that_rests_holds_up_no_other(store: Store) -> None:
    made = office(store)
    made.adapter.spacing = 3600.0
    await made.add("c1")
    await made.send()
    async with made.store.transaction() as tx:
        for number in range(40):
            where = Destination("discord", "c1")
            await outbox.add(tx, where, "notice", DAY, now=NOW, payload=f"{number}")
    await made.add("c2")
    await made.send()
    assert [post.address for post in made.adapter.posts] == ["c1", "c2"]


async def test_two_topics_of_one_chat_are_not_written_to_at_once(
    post: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    flying, most = Counter[str](), Counter[str]()

    async def count(made: Post) -> None:
        chat, _ = post.adapter.chat(made.address)
        flying[chat] += 1
        most[chat] = max(most[chat], flying[chat])
        await asyncio.sleep(0.01)
        flying[chat] -= 1

    monkeypatch.setattr(post.adapter, "chat", lambda address: (address.partition("/")[0], 0.0))
    post.adapter.before = count
    await post.add("g/1", "g/2", "g/3", "h")
    running = asyncio.create_task(post.dispatcher.run())
    await settled(post, lambda states: set(states.values()) == {"sent"})
    assert most == {"g": 1, "h": 1}
    await stopped(post, running)
