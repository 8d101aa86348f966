"""A post that is changed: what is kept of it, and how its change shares the pace of the posts."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import delivery
from bot.dialogue import Message
from bot.errors import PostError
from bot.lane import Lane
from bot.limits import Gate
from bot.model import Delivery, Destination, Receipt
from bot.states import DeliveryState, Edited, What
from bot.store import Store, opened, outbox
from bot.store.schema import MIGRATIONS
from tests.fakes import FakeAdapter, Post, gone, on
from tests.office import Office, office

HERE = Destination("discord", "c1")
RECEIPT = Receipt("m1", "embeds")
CHANGED = Message(text="changed")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "IDLE", 0.01)


@pytest.fixture
def post(store: Store) -> Office:
    return office(store)


async def test_a_sent_post_keeps_its_message_and_its_look(post: Office) -> None:
    await post.add("c1")
    assert (await post.row("c1")).receipt is None
    await post.send()
    sent = await post.row("c1")
    assert sent.receipt == RECEIPT
    assert await post.dispatcher.edit(HERE, sent.receipt, CHANGED) is Edited.DONE
    assert post.adapter.edits == [("c1", "m1", CHANGED)]


@pytest.mark.parametrize("answer", [Edited.GONE, Edited.UNSUPPORTED])
async def test_what_cannot_be_changed_is_an_answer(post: Office, answer: Edited) -> None:
    post.adapter.edited = answer
    assert await post.dispatcher.edit(HERE, RECEIPT, CHANGED) is answer


async def test_a_limit_met_by_a_change_keeps_posts_away_as_well(post: Office) -> None:
    await post.add("c1", "c2")
    post.adapter.edited = PostError("wait", rejected=True, retry_after=3600.0)
    with pytest.raises(PostError, match="wait"):
        await post.dispatcher.edit(HERE, RECEIPT, CHANGED)
    running = asyncio.create_task(post.dispatcher.run())
    await post.until(lambda states: states["c2"] == "sent")
    await post.stopped(running)
    assert (await post.states())["c1"] == "pending"


async def test_posts_that_wait_go_before_a_change(post: Office) -> None:
    begun, hang = asyncio.Event(), asyncio.Event()

    async def wait(_made: Post) -> None:
        begun.set()
        await hang.wait()

    post.adapter.before = wait
    await post.add("c1")
    running = asyncio.create_task(post.dispatcher.run())
    await begun.wait()
    change = asyncio.create_task(post.dispatcher.edit(HERE, RECEIPT, CHANGED))
    await asyncio.sleep(0.25)
    assert post.adapter.edits == []
    hang.set()
    assert await change is Edited.DONE
    await post.stopped(running)


async def test_a_change_that_waits_ends_with_the_program(post: Office) -> None:
    post.adapter.up.clear()
    change = asyncio.create_task(post.dispatcher.edit(HERE, RECEIPT, CHANGED))
    await asyncio.sleep(0)
    post.dispatcher.stop()
    with pytest.raises(PostError):
        await change


async def test_a_change_that_fails_leaves_its_chat_free(post: Office) -> None:
    post.adapter.edited = gone()
    for _ in range(2):
        with pytest.raises(PostError, match="gone"):
            await post.dispatcher.edit(HERE, RECEIPT, CHANGED)


async def test_posts_of_older_programs_have_the_look_they_were_sent_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "papers.db"
    before = next(
        n for n, each in enumerate(MIGRATIONS) if any("COLUMN look TEXT" in s for s in each)
    )
    with monkeypatch.context() as patch:
        patch.setattr("bot.store.MIGRATIONS", MIGRATIONS[:before])
        async with opened(path):
            pass
    with closing(sqlite3.connect(path)) as db:
        for address in ("usual", "plain", "never"):
            sql = """INSERT INTO deliveries (platform, address, kind, local_date, list_day, state,
                due_at, deadline) VALUES ('discord', ?, 'daily', '2025-06-02', '2025-06-02',
                'sent', '2025-06-02T09:00:00+00:00', '2025-06-02T15:00:00+00:00')"""
            db.execute(sql, (address,))
        for address, plain in (("usual", 0), ("plain", 1)):
            sql = "UPDATE deliveries SET message_id = '7', plain = ? WHERE address = ?"
            db.execute(sql, (plain, address))
        db.commit()
    async with opened(path) as store:
        rows = await store.rows("SELECT id, address FROM deliveries")
        kept = {row["address"]: await outbox.get(store, row["id"]) for row in rows}
    receipts = {address: one and one.receipt for address, one in kept.items()}
    expected = {"usual": Receipt("7"), "plain": Receipt("7", "plain"), "never": None}
    assert receipts == expected


def waits_for(address: str) -> Delivery:
    return Delivery(
        1, None, Destination("discord", address), What.DAY, on("2025-06-02"), None,
        DeliveryState.PENDING, 0, 0, None, None, doubted=False, suspected=False, plain=False,
        payload="", reason="",
    )  # fmt: skip


async def test_a_change_leaves_its_turn_to_a_post_elsewhere_that_could_go() -> None:
    adapter = FakeAdapter()
    lane = Lane(adapter, Gate(adapter.pace))
    assert lane.has_room("c1", 0.0)
    lane.prefetched[1] = waits_for("c2")
    assert not lane.has_room("c1", 0.0)
    lane.gate.slow_down("c2", 0.0, 60.0)
    assert lane.has_room("c1", 0.0)
    adapter.up.clear()
    assert not lane.has_room("c1", 0.0)
