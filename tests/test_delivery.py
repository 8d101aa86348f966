"""From the outbox to the platforms, whatever the platforms answer."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.errors import PostError
from bot.model import Delivery, Place, Receipt
from bot.outcome import POISON
from bot.states import DeliveryState
from bot.store import Store, instant, outbox, people, subscriptions
from tests.fakes import Post, gone, lost, paper, subscribe, unreachable
from tests.office import DAY, NOW, Office, office
from tests.stored import digest_of, intend, save_papers


@pytest.fixture
def post(store: Store) -> Office:
    """Like Discord: it recognises a repeated key for a minute."""
    return office(store)


@pytest.fixture
def forgetful(store: Store) -> Office:
    """Like Telegram: it recognises no repeat."""
    return office(store, resend_within=0.0)


# posts ------------------------------------------------------------------------------------------


async def test_a_post_arrives_and_its_proof_is_kept(post: Office) -> None:
    await post.add("c1", "c2")
    await post.send()
    assert await post.states() == {"c1": "sent", "c2": "sent"}
    assert post.adapter.titles("c1") == ["A study of subject 7"]
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
    await save_papers(post.store, paper(7, votes=999), paper(2, votes=1000))
    await post.send(times=3, minutes=1)
    first, *others = post.adapter.tried
    assert len(others) == 2
    assert all(one == first for one in others), "message, address and key"
    assert "▲ 7" in first.message.sections[0].entries[0].meta


async def test_retries_are_never_early_and_spread_over_a_fifth_of_their_pause(post: Office) -> None:
    """Early, a platform would refuse them again; all at once, they would be a burst."""
    places = [f"c{n}" for n in range(1, 31)]
    post.adapter.errors = {place: [unreachable()] for place in places}
    await post.add(*places)
    await post.send()
    pauses = [
        (instant(row["due_at"]) - NOW).total_seconds()
        for row in await post.store.rows("SELECT due_at FROM deliveries WHERE state = 'retry'")
    ]
    assert len(pauses) == len(places)
    assert 1.0 <= min(pauses) < max(pauses) <= 1.2


async def test_a_limit_over_everything_closes_the_whole_platform(post: Office) -> None:
    post.adapter.errors["c1"] = [PostError("too fast", retry_after=0.3, everywhere=True)]
    await post.add("c1")
    await post.send()
    await post.add("c2")
    post.clock.pass_(seconds=1)
    started = asyncio.get_running_loop().time()
    await post.send()
    assert asyncio.get_running_loop().time() - started >= 0.25
    assert await post.states() == {"c1": "sent", "c2": "sent"}


async def test_one_chats_limit_holds_up_no_other(post: Office) -> None:
    post.adapter.errors["c1"] = [PostError("too fast", retry_after=3600)]
    await post.add("c1")
    await post.send()
    await post.add("c2")
    await post.send(times=2, minutes=1)
    assert await post.states() == {"c1": "retry", "c2": "sent"}


@pytest.mark.parametrize("broken", ["payload", "adapter"])
async def test_a_post_that_breaks_our_own_code_is_set_aside_and_blocks_nobody(
    post: Office, broken: str
) -> None:
    await post.add("c1", payload="{" if broken == "payload" else digest_of(DAY, 7))
    await post.add("c2")
    if broken == "adapter":
        post.adapter.always["c1"] = ZeroDivisionError()
    await post.send()
    assert (await post.states())["c2"] == "sent"
    await post.send(times=2 * POISON, minutes=2)
    one = await post.row()
    assert one.state == ("dead" if broken == "payload" else "unknown")
    assert one.attempts <= POISON and "see the log" in one.reason


async def test_a_post_that_arrived_before_our_own_code_broke_does_not_come_again(
    post: Office,
) -> None:
    async def arrive(made: Post) -> None:
        arrived.append(made.address)
        raise ZeroDivisionError

    arrived: list[str] = []
    post.adapter.before = arrive
    await post.add("c1")
    await post.send(times=10, minutes=2)
    assert arrived == ["c1"]
    assert await post.states() == {"c1": "unknown"}


async def test_posts_for_a_platform_that_is_off_wait_for_it(post: Office) -> None:
    await post.add("c1", platform="telegram")
    await post.add("c2")
    await post.send(times=2, minutes=1)
    assert await post.states() == {"c1": "pending", "c2": "sent"}
    await post.dispatcher.recover()
    assert (await post.states())["c1"] == "pending"


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
    assert await subscriptions.owned(post.store, "discord", "me") == []


async def test_each_place_pages_through_its_own_post(post: Office) -> None:
    await post.add("c1", "c2", payload=digest_of(DAY, *range(30)))
    await post.send()
    for made in post.adapter.posts:
        [[more]] = made.message.actions
        assert more.data.startswith(f"more-2-t{(await post.row(made.address)).id}_")


# a post that does not come ----------------------------------------------------------------------


async def test_what_never_left_is_tried_for_six_hours_and_then_given_up_and_told(
    post: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(post.store, "c1", NOW, owner="owner")
    post.adapter.always["c1"] = unreachable()
    await post.add("c1")
    with caplog.at_level(logging.WARNING):
        await post.send(times=71, minutes=5)
        assert (await post.row()).state == "retry"
        assert 20 < len(post.tried()) <= 80
        await post.send(times=5, minutes=5)
    one = await post.row()
    assert (one.state, one.reason) == ("dead", "the platform cannot be reached")
    assert "given up delivery=1" in caplog.text
    tried = len(post.tried())
    post.adapter.always.clear()
    await post.send(times=5, minutes=5)
    assert len(post.tried()) == tried
    [told] = post.told()
    assert "could not be sent: the platform cannot be reached." in told


async def test_what_is_due_is_sent_until_its_deadline_and_not_a_moment_later(post: Office) -> None:
    await post.add("c1")
    post.clock.pass_(hours=5, minutes=59)
    await post.send()
    await post.add("c2")
    post.clock.pass_(hours=6)
    await post.send()
    assert await post.states() == {"c1": "sent", "c2": "dead"}


async def test_a_message_the_platform_refuses_is_tried_once_in_its_plainest_form(
    post: Office, caplog: pytest.LogCaptureFixture
) -> None:
    post.adapter.errors["c1"] = [PostError("embed too large", refused=True)]
    await post.add("c1")
    with caplog.at_level(logging.WARNING):
        await post.send(times=2, seconds=2)
    assert [(one.plain, one.key) for one in post.tried()] == [(False, "dp1"), (True, "dp1")]
    assert (await post.row()).state == "sent"
    assert [one.levelname for one in caplog.records] == ["ERROR"], "a person should look"


@pytest.mark.parametrize(
    "between", [[], [unreachable()], [lost()]], ids=["at once", "away", "lost"]
)
async def test_a_message_that_is_refused_in_its_plainest_form_too_is_dead_and_told(
    post: Office, between: list[PostError]
) -> None:
    """The place stays as it is: the fault is ours."""
    number = await subscribe(post.store, "c1", NOW, owner="owner")
    refusal = PostError("embed too large", refused=True)
    post.adapter.errors["c1"] = [refusal, *between]
    post.adapter.always["c1"] = refusal
    await post.add("c1")
    await post.send(times=8, seconds=3)
    one = await post.row()
    doubt = bool(between and between[0].ambiguous)
    assert (one.state, one.reason) == ("unknown" if doubt else "dead", "embed too large")
    assert [tried.plain for tried in post.tried()] == [False] + [True] * (1 + len(between))
    kept = await subscriptions.by_id(post.store, number)
    assert kept and kept.state == "on"
    assert len(post.told()) == (0 if doubt else 1)


@pytest.mark.parametrize(
    "answer",
    [
        PostError("internal network error 40333", rejected=True),
        PostError("401: unauthorized", rejected=True),
        PostError("400: something new"),
    ],
    ids=str,
)
async def test_an_answer_that_is_not_understood_waits_and_is_said_in_the_log(
    post: Office, answer: PostError, caplog: pytest.LogCaptureFixture
) -> None:
    number = await subscribe(post.store, "c1", NOW)
    post.adapter.errors["c1"] = [answer] * 4
    await post.add("c1")
    with caplog.at_level(logging.WARNING):
        await post.send(times=6, minutes=1)
    assert (await post.row()).state == "sent"
    kept = await subscriptions.by_id(post.store, number)
    assert kept and kept.state == "on"
    level = "ERROR" if answer.rejected else "WARNING"
    assert [one.levelname for one in caplog.records] == [level] * 4
    assert str(answer) in caplog.text


@pytest.mark.parametrize(
    ("known", "kept", "name"),
    [("#papers", "#old", "#papers"), ("", "#papers", "#papers"), ("", "", "a place you set up"),
     ("", "Reading\u202e group\n", "Reading group")],
)  # fmt: skip
async def test_a_dead_post_is_told_by_the_name_of_its_place_with_a_button(
    post: Office, monkeypatch: pytest.MonkeyPatch, known: str, kept: str, name: str
) -> None:
    """As its platform calls it now; else as it was called when it was set up."""
    url = "https://chat.example/c1"
    await subscribe(post.store, "c1", NOW, owner="owner")
    await post.named("c1", kept, url)
    monkeypatch.setattr(post.adapter, "place", lambda address: Place(known, url))
    post.adapter.always["c1"] = PostError("embed too large", refused=True)
    await post.add("c1")
    await post.send(times=3, minutes=5)
    [notice] = [one.message for one in post.adapter.posts if one.address == "owner"]
    assert notice.text == (
        f"The post of Mon 2 June for {name} could not be sent: embed too large. "
        "Its papers come with the next post."
    )
    again, link = notice.actions[0]
    assert (again.label, again.data) == ("Post it now", "resend-1-t1")
    assert link.label.startswith("Open ") and link.url == url
    assert notice.about == "c1", "its button is about that place"


async def test_a_dead_post_to_a_person_is_told_in_their_own_chat(post: Office) -> None:
    await subscribe(post.store, "me", NOW, kind="topics", owner="me")
    post.adapter.errors["me"] = [PostError("too long", refused=True)] * 2
    await post.add("me")
    await post.send(times=3, minutes=5)
    assert post.told("me") == [
        "The post of Mon 2 June for this chat could not be sent: too long. "
        "Its papers come with the next post."
    ]


async def test_a_notice_that_dies_is_told_to_nobody(post: Office) -> None:
    await subscribe(post.store, "c1", NOW, owner="owner")
    post.adapter.always["c1"] = gone()
    post.adapter.always["owner"] = PostError("too long", refused=True)
    await post.add("c1")
    await post.send(times=6, minutes=5)
    assert await post.rows() == [("c1", "daily", "dead"), ("owner", "notice", "dead")]


# what may have arrived --------------------------------------------------------------------------


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
    await forgetful.send(times=10, hours=1)
    one = await forgetful.row()
    assert (one.state, one.reason) == ("unknown", "the answer did not come in time")
    assert len(forgetful.adapter.tried) == 1


async def crash(made: Office, after: timedelta) -> Delivery:
    """A process dies in the middle of a post; the next starts `after` it."""
    await made.add("c1")
    [one] = await outbox.due(made.store, "discord", NOW, 10)
    claimed = await intend(made.store, one, NOW)
    assert claimed
    made.clock.now += after
    await made.dispatcher.recover()
    return claimed


@pytest.mark.parametrize(
    ("window", "after", "posts", "state"),
    [(60, 5, 1, "sent"), (60, 59.5, 0, "unknown"), (60, 600, 0, "unknown"), (0, 1, 0, "unknown"),
     (60, 7 * 3600, 0, "unknown")],
)  # fmt: skip
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
    post.adapter.errors["c1"] = [unreachable()]
    await post.send(times=4, seconds=3)
    async with post.store.transaction() as tx:
        assert not await outbox.finish(tx, claimed, DeliveryState.DEAD, NOW, due_at=NOW)
        await outbox.sent(tx, [(claimed, Receipt("m9"))], NOW)
    proofs = await post.store.rows("SELECT state, message_id FROM deliveries")
    assert [tuple(row) for row in proofs] == [("sent", "m1")]


async def doubtful(store: Store) -> tuple[Office, Post]:
    """A post whose answer was lost, and the platform's nonce window over; where it can be read."""
    made = office(store)
    made.adapter.reads_back = True
    await made.add()
    made.adapter.errors["c1"] = [lost()]
    await made.send(seconds=120)
    (tried,) = made.adapter.tried
    return made, tried


async def test_a_doubtful_post_is_looked_for_and_not_repeated(store: Store) -> None:
    made, tried = await doubtful(store)
    made.adapter.posts.append(tried)  # it had arrived
    await made.send()
    assert len(made.adapter.tried) == 1
    assert await made.states() == {"c1": "sent"}


async def test_a_doubtful_post_that_is_not_there_is_sent_again(store: Store) -> None:
    made, tried = await doubtful(store)
    await made.send()
    assert made.adapter.posts == [tried]
    assert await made.states() == {"c1": "sent"}


async def test_a_doubtful_post_nobody_can_look_for_is_left_alone(store: Store) -> None:
    made, tried = await doubtful(store)
    made.adapter.reads_back = False
    await made.send(times=3, seconds=400)
    assert made.adapter.tried == [tried]
    assert await made.states() == {"c1": "unknown"}


async def test_a_doubtful_post_past_its_deadline_is_unknown_and_is_not_told_as_dead(
    store: Store,
) -> None:
    made, _ = await doubtful(store)
    await subscribe(store, "c1", NOW, owner="owner")
    made.clock.pass_(hours=6)
    await made.send(times=2, minutes=1)
    assert await made.states() == {"c1": "unknown"}
    assert made.told() == []
