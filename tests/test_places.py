"""Places the bot was thrown out of, or may not write in: switched off, told, and back again."""

import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.errors import Instead, PostError, Untold
from bot.model import Destination
from bot.outcome import SECOND_LOOK
from bot.states import SubscriptionState
from bot.store import Store, subscriptions
from tests.fakes import forbidden, gone, subscribe, unreachable
from tests.office import NOW, Office, office
from tests.program import Program, listed, program

HERE = Destination("discord", "c1")


@pytest.fixture
def post(store: Store) -> Office:
    return office(store)


# what a post's refusal says ---------------------------------------------------------------------


async def test_a_place_that_is_gone_is_believed_at_the_second_look_and_its_owner_told_once(
    post: Office,
) -> None:
    await subscribe(post.store, "c1", NOW, owner="owner")
    await subscribe(post.store, "c2", NOW, owner="owner")
    post.adapter.always["c1"] = gone()
    await post.add("c1", "c2")
    await post.add("c1", day="2025-06-03")
    await post.send(seconds=SECOND_LOOK - 1)
    assert (await post.states())["c1"] == "retry"
    await post.send(times=3, hours=1)
    assert sorted(await post.rows()) == [
        ("c1", "daily", "cancelled"), ("c1", "daily", "dead"), ("c2", "daily", "sent"),
        ("owner", "notice", "sent"),
    ]  # fmt: skip
    off = await subscriptions.get(post.store, HERE)
    assert off and (off.state, off.reason) == ("off", "the channel is gone")
    [told] = post.told()
    assert "the channel is gone" in told and "could not be sent" not in told


async def test_a_place_that_was_blamed_once_in_an_outage_goes_on(post: Office) -> None:
    number = await subscribe(post.store, "c1", NOW, owner="owner")
    post.adapter.errors["c1"] = [forbidden(), unreachable(), unreachable()]
    await post.add("c1")
    await post.send(times=6, minutes=2)
    kept = await subscriptions.by_id(post.store, number)
    assert kept and kept.state == "on"
    assert await post.rows() == [("c1", "daily", "sent")], "and nobody was told"
    post.adapter.errors["c1"] = [forbidden()]
    await post.add("c1", day="2025-06-03")
    await post.send(times=4, minutes=2)
    assert [state for *_, state in await post.rows()] == ["sent", "sent"], "each post anew"


async def test_a_place_that_is_gone_is_not_asked_again_though_more_is_due(post: Office) -> None:
    await subscribe(post.store, "c1", NOW, owner="owner")
    post.adapter.always["c1"] = gone()
    for day in range(3, 6):
        await post.add("c1", day=f"2025-06-0{day}", lasts=timedelta(days=1))
        post.clock.pass_(seconds=1)
    await post.send(times=3, minutes=2)
    states = [state for address, _, state in await post.rows() if address == "c1"]
    assert sorted(states) == ["cancelled", "cancelled", "dead"]
    assert len(post.tried()) <= 4, "each was tried at most once before one was believed"
    await post.send(times=5, hours=2)
    assert len(post.tried()) <= 4
    assert len(post.told()) == 1


async def test_a_private_chat_that_is_closed_is_told_nothing(post: Office) -> None:
    """Neither that it is closed, nor that its post died: nothing at all is written for it."""
    await subscribe(post.store, "me", NOW, kind="topics", owner="me")
    await subscribe(post.store, "me", NOW, kind="daily", owner="me")
    post.adapter.always["me"] = gone()
    await post.add("me", kind="topics")
    await post.send(times=4, hours=1)
    assert await post.rows() == [("me", "topics", "dead")]
    for name in ("topics", ""):
        off = await subscriptions.get(post.store, Destination("discord", "me"), name)
        assert off and off.state == "off"
    assert len(post.tried("me")) == 2


async def test_a_place_nobody_is_known_to_have_set_up_is_switched_off_in_silence(
    post: Office,
) -> None:
    await subscribe(post.store, "c1", NOW, owner=None)
    post.adapter.always["c1"] = gone()
    await post.add("c1")
    await post.send(times=3, hours=1)
    assert await post.rows() == [("c1", "daily", "dead")]


async def test_a_chat_that_moved_is_followed_and_posted_to(post: Office) -> None:
    await subscribe(post.store, "c1", NOW)
    post.adapter.always["c1"] = PostError("it is a supergroup now", moved_to="c9")
    await post.add("c1")
    await post.send(times=3, seconds=2)
    assert await post.states() == {"c9": "sent"}
    assert [one.address for one in post.adapter.tried] == ["c1", "c9"]
    assert await subscriptions.get(post.store, Destination("discord", "c9"))


async def test_a_chat_that_moved_where_the_post_is_already_is_not_asked_for_ever(
    post: Office,
) -> None:
    post.adapter.always["c1"] = PostError("it is a supergroup now", moved_to="c9")
    await post.add("c9", "c1")
    await post.send(times=5, minutes=10)
    assert len(post.tried("c1")) == 1
    assert len(post.adapter.posts) == 1


async def test_chats_that_send_each_other_round_in_circles_end(post: Office) -> None:
    post.adapter.always["c1"] = PostError("moved", moved_to="c2")
    post.adapter.always["c2"] = PostError("moved", moved_to="c1")
    await post.add("c1")
    await post.send(times=80, minutes=5)
    assert len(post.adapter.tried) <= 90, "they are not asked over and over"
    assert set((await post.states()).values()) == {"dead"}


async def test_a_place_paused_while_its_post_waits_gets_nothing(post: Office) -> None:
    number = await subscribe(post.store, "c1", NOW)
    post.adapter.errors["c1"] = [unreachable()]
    await post.add("c1")
    await post.send()
    async with post.store.transaction() as tx:
        await subscriptions.switch(tx, number, SubscriptionState.PAUSED, NOW)
    await post.send(times=3, hours=1)
    assert (await post.row()).state == "cancelled"
    assert len(post.adapter.tried) == 1


# what the platform tells by itself --------------------------------------------------------------


@pytest.fixture
async def running() -> AsyncIterator[Program]:
    """Monday, 2 June 2025; c1 has its post at nine, and its owner is ada."""
    async with program("2025-06-02 00:10") as made:
        listed(made.feed, "2025-06-02", "2025-06-03", "2025-06-04")
        await made.ask("/setup 09:00 utc", person="ada")
        yield made


async def throw_out(made: Program, address: str, reason: str, remedy: str = "") -> None:
    made.adapter.obstacles[address] = reason
    await made.handle.removed(address, reason, remedy)


async def let_in(made: Program, address: str) -> None:
    made.adapter.obstacles.clear()
    await made.handle.returned([address])


async def test_who_set_it_up_hears_once_which_place_is_lost_why_and_what_to_do(
    running: Program,
) -> None:
    for _ in range(2):
        await throw_out(running, "c1", "I was thrown out", "Invite me again.")
    await running.until("2025-06-03 12:00")
    [notice] = [post.message for post in running.posts("ada")]
    assert notice.text == (
        "I stopped posting Daily Papers in #c1: I was thrown out. Invite me again. "
        "I go on by myself once that is mended."
    )
    assert [(a.label, a.url) for row in notice.actions for a in row] == [
        ("Open #c1", "https://chat.example/c1")
    ]
    assert running.posts() == []
    assert "It is switched off: I was thrown out." in (await running.ask("/settings")).text


async def test_of_a_place_that_is_no_more_nobody_is_told_to_mend_it(running: Program) -> None:
    await throw_out(running, "c1", "the channel was deleted")
    await running.tick()
    [notice] = [post.message for post in running.posts("ada")]
    assert notice.text == (
        "I stopped posting Daily Papers in #c1: the channel was deleted. Nothing more goes there."
    )
    assert not notice.actions


async def test_of_a_place_that_is_no_more_its_owner_hears_what_else_there_is(
    running: Program,
) -> None:
    await throw_out(running, "c1", "the channel was deleted", Instead("Set me up elsewhere."))
    await running.tick()
    [notice] = [post.message for post in running.posts("ada")]
    assert notice.text == (
        "I stopped posting Daily Papers in #c1: the channel was deleted. Set me up elsewhere."
    )
    assert not notice.actions, "there is nothing to open"


async def test_a_private_chat_that_blocks_the_bot_is_told_nothing_and_comes_back_in_silence(
    running: Program,
) -> None:
    await running.ask("/subscribe study", address="bob", person="bob")
    await throw_out(running, "bob", "I was blocked in our private chat", "Unblock me.")
    await running.until("2025-06-02 12:00")
    assert await running.rows("bob") == []
    await let_in(running, "bob")
    await running.tick()
    assert await running.rows("bob") != []
    assert {row["kind"] for row in await running.rows("bob")} == {"topics"}
    await running.until("2025-06-03 12:00")
    assert len(running.posts("bob")) == 1


async def test_a_lost_chat_takes_its_topics_with_it_and_no_other(
    running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chat(address: str) -> tuple[str, float]:
        return address.partition("/")[0], 0.0

    monkeypatch.setattr(running.adapter, "chat", chat)
    for address in ("c1/7", "c10"):
        await running.ask("/setup 09:00 utc", address=address, person="ada")
    await throw_out(running, "c1", "I was thrown out")
    running.adapter.obstacles["c1/7"] = "I was thrown out"
    await running.until("2025-06-02 12:00")
    assert (running.numbers("c1"), running.numbers("c1/7")) == ([], [])
    assert running.numbers("c10") == [[22, 21]]
    await let_in(running, "c1")
    await running.until("2025-06-03 12:00")
    assert running.numbers("c1") == running.numbers("c1/7") == [[32, 31, 22, 21]]


async def test_what_waited_when_the_bot_was_thrown_out_comes_once_it_is_back(
    running: Program,
) -> None:
    running.adapter.always["c1"] = unreachable()
    await running.until("2025-06-02 10:00")
    await throw_out(running, "c1", "I was thrown out", "Invite me again.")
    assert await running.states() == [("2025-06-02", "cancelled")]
    running.adapter.always.clear()
    await running.until("2025-06-02 11:00")
    await let_in(running, "c1")
    await running.tick()
    back = [post.message for post in running.posts("ada")][-1]
    assert back.text == (
        "I may post in #c1 again, and go on: the next post is due Tue 3 June at 09:00 UTC."
    )
    assert back.about == "c1"
    [now, _] = back.actions[0]
    assert now.label == "Post today's list now"
    await running.ask(data=now.data, address="c1", person="ada")
    await running.tick()
    assert running.numbers() == [[22, 21]]
    await running.until("2025-06-03 12:00")
    assert running.numbers() == [[22, 21], [32, 31]]


async def test_without_a_tap_the_next_post_brings_what_did_not_come_and_says_why(
    running: Program,
) -> None:
    await throw_out(running, "c1", "I was thrown out", "Invite me again.")
    await running.until("2025-06-02 12:00")
    await let_in(running, "c1")
    await running.until("2025-06-03 12:00")
    assert running.numbers() == [[32, 31, 22, 21]]
    assert (
        "The list of Mon 2 June did not come: I was thrown out; what was listed then is below."
        in (running.texts()[0])
    )


@pytest.mark.parametrize("line", ["/pause", ""])
async def test_who_comes_back_switches_on_only_what_was_lost(running: Program, line: str) -> None:
    if line:
        await running.ask(line)
    await running.handle.returned(["c1", "nowhere"])
    await running.until("2025-06-02 12:00")
    assert running.posts("ada") == []
    assert running.numbers() == ([] if line else [[22, 21]])


# looking at what is lost ------------------------------------------------------------------------


async def lost_place(running: Program) -> None:
    running.adapter.always["c1"] = forbidden()
    running.adapter.obstacles["c1"] = "I may not write there."
    await running.until("2025-06-02 09:30", minutes=5)
    assert await running.states() == [("2025-06-02", "dead")]


async def test_once_it_may_write_again_the_bot_goes_on_by_itself(running: Program) -> None:
    await lost_place(running)
    await running.until("2025-06-02 12:00", minutes=5)
    assert "Let me write there. I go on by myself" in running.texts("ada")[0]
    running.adapter.always.clear()
    running.adapter.obstacles.clear()
    await running.until("2025-06-02 16:00", minutes=5)
    assert "I may post in #c1 again" in running.texts("ada")[1]
    await running.until("2025-06-03 12:00")
    assert running.numbers() == [[32, 31, 22, 21]]


async def looks(running: Program, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The hours between the looks at a lost place, of three days."""
    times, obstacle = list[datetime](), running.adapter.obstacle

    async def counted(address: str) -> str:
        times.append(running.clock.now)
        return await obstacle(address)

    monkeypatch.setattr(running.adapter, "obstacle", counted)
    await running.until("2025-06-05 12:00", minutes=10)
    return [(b - a) / timedelta(hours=1) for a, b in pairwise(times)]


@pytest.mark.parametrize("fault", [None, unreachable()], ids=["refused", "away"])
async def test_a_lost_place_is_looked_at_ever_more_rarely_down_to_once_a_day(
    running: Program, monkeypatch: pytest.MonkeyPatch, fault: PostError | None
) -> None:
    await lost_place(running)
    if fault:
        running.adapter.obstacles["c1"] = fault
    apart = await looks(running, monkeypatch)
    assert apart == sorted(apart)
    assert apart[0] < 1 and 20 < apart[-1] <= 24.2
    assert len(running.tried_at("c1")) == 2, "no post was spent on it"


async def test_where_only_a_post_can_tell_it_is_looked_at_once_a_day(
    running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lost_place(running)
    running.adapter.obstacles["c1"] = Untold("only a post can tell")
    apart = await looks(running, monkeypatch)
    assert apart and all(24 <= hours < 24.2 for hours in apart)


async def test_a_platform_that_is_not_connected_is_not_asked(
    running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lost_place(running)
    running.adapter.up.clear()
    running.adapter.obstacles.clear()
    assert await looks(running, monkeypatch) == []
    assert "switched off" in (await running.ask("/settings")).text


async def test_a_lost_place_whose_zone_is_unknown_holds_up_no_other(
    running: Program, caplog: pytest.LogCaptureFixture
) -> None:
    await running.ask("/setup 09:00 utc", address="c2", person="ada")
    for address in ("c1", "c2"):
        await running.handle.removed(address, "I was thrown out")
    async with running.store.transaction() as tx:
        await tx.run("UPDATE subscriptions SET zone = 'Mars/Olympus' WHERE address = 'c1'")
    with caplog.at_level(logging.ERROR):
        await running.until("2025-06-02 12:00")
    assert "cannot be switched on subscription=1" in caplog.text
    assert running.numbers("c2") == [[22, 21]]


async def test_only_where_nothing_is_set_up_the_bot_is_new(running: Program) -> None:
    assert not await running.handle.added("c5", "ada", "Five")
    await running.ask("/setup 09:00 utc", address="c5", person="ada")
    await running.handle.removed("c5", "I was thrown out", "Invite me again.")
    assert await running.handle.added("c5", "ada", "Five")
    assert not await running.handle.added("c6", "ada", "Six")
