"""What an admin sees of the posts of a place, and a post that is sent again by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime

import pytest

from adapters.discord import render as discord
from adapters.telegram import render as telegram
from adapters.telegram.client import make
from bot.app import Core, CoreHandle
from bot.commands import registry
from bot.commands.answer import answer
from bot.delivery import Dispatcher
from bot.dialogue import Message, Request
from bot.model import Delivery, Destination
from bot.places import Places
from bot.ports import Adapter, Handle
from bot.schedule import DAY
from bot.store import history, outbox, people
from tests.commands.conftest import Bot, labels
from tests.discord.look import texts
from tests.fakes import FakeAdapter, at, lost, on, papers_of, subscribe
from tests.rounds import send_due
from tests.stored import add, digest_of, intend, save_papers
from tests.strategies import NASTY
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, CHANNEL, GROUP, config

HERE = Destination("discord", "c1")
BEFORE = at("2025-06-01 00:00")
THURSDAY = on("2025-06-12")
SETUP = "/setup 09:00 Europe/Berlin 10"
NO_POST = ("skipped", "missed", "paused", "retired")


async def became(
    bot: Bot, state: str, day: str = "2025-06-12", *, where: Destination = HERE,
    reason: str = "", when: str = "", due: str = "", kind: str = "daily", tries: int = 1,
) -> int:  # fmt: skip
    """A post that came to this, as the dispatcher writes it. Returns its number."""
    now = at(when or f"{day} 07:02")
    await save_papers(bot.store, *papers_of(THURSDAY, 1))
    early = state if state in NO_POST else "pending"
    async with bot.store.transaction() as tx:
        known = "SELECT id FROM subscriptions WHERE address = :address AND kind = :kind"
        found = await tx.rows(known, address=where.address, kind=kind)
        assert await add(
            tx, where.address, day, digest_of(day, 1, kind=kind), platform=where.platform,
            kind=kind, now=now, state=early, reason=reason, lasts=DAY,
            subscription=found[0]["id"] if found else None,
        )  # fmt: skip
        [row] = await tx.rows("SELECT max(id) AS id FROM deliveries")
    one = await outbox.get(bot.store, row["id"])
    assert one
    for attempt in range(0 if state in ("pending", *NO_POST) else tries):
        taken = await intend(bot.store, one, now)
        assert taken
        one = taken
        if state != "sending":
            last = attempt == tries - 1
            await finish(bot, one, state if last else "retry", now, due or str(now)[:16], reason)
    return one.id


async def finish(bot: Bot, one: Delivery, state: str, now: datetime, due: str, reason: str) -> str:
    since = now if state == "unknown" else None
    async with bot.store.transaction() as tx:
        return await outbox.finish(
            tx, one, state, now, due_at=at(due), reason=reason, ambiguous_at=since
        )


async def row(bot: Bot, number: int) -> Delivery:
    one = await outbox.get(bot.store, number)
    assert one
    return one


async def resend(bot: Bot, number: object, **how: object) -> Message:
    return await bot.ask(data=f"resend-1-t{number}", **how)  # type: ignore[arg-type]


@asynccontextmanager
async def serving(platform: Adapter, handle: Handle) -> AsyncIterator[None]:
    task = asyncio.create_task(platform.run(handle))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def deliver(bot: Bot, platform: FakeAdapter) -> None:
    await send_due(Dispatcher(bot.store, {platform.name: platform}, bot.clock), platform.name)


# what is shown ----------------------------------------------------------------------------------


async def test_before_the_first_post_one_sentence_says_so(bot: Bot) -> None:
    message = await bot.ask("/deliveries")
    assert message.text == "No post for #papers was due yet."
    assert not message.title and not message.actions


@pytest.mark.parametrize(
    ("state", "facts", "said"),
    [
        ("sent", {}, "posted at 09:02 Europe/Berlin"),
        ("sent", {"when": "2025-06-12 22:30"}, "posted on Fri 13 June at 00:30 Europe/Berlin"),
        ("pending", {}, "on its way"),
        ("sending", {"reason": "old news"}, "on its way"),
        ("retry", {"due": "2025-06-12 07:05", "tries": 2, "reason": "it cannot be reached."},
         "waiting for the next try at 09:05 Europe/Berlin, after 2 attempts: it cannot be reached"),
        ("retry", {"due": "2025-06-12 07:05", "reason": "busy"},
         "waiting for the next try at 09:05 Europe/Berlin, after 1 attempt: busy"),
        ("skipped", {"reason": "no list: Monday was a holiday"},
         "left out: no list: Monday was a holiday"),
        ("missed", {"reason": "the bot was not running"}, "did not come: the bot was not running"),
        ("paused", {}, "left out while paused"),
        ("unknown", {"reason": "the answer did not come"},
         "may not have arrived: the answer did not come"),
        ("dead", {"reason": "the channel is gone"}, "could not be posted: the channel is gone"),
        ("cancelled", {"reason": "paused"}, "cancelled: paused"),
        ("cancelled", {}, "cancelled"),
    ],
)  # fmt: skip
async def test_what_became_of_a_post_is_said_in_words_and_local_time(
    bot: Bot, state: str, facts: dict[str, str], said: str
) -> None:
    await bot.ask(SETUP)
    await became(bot, state, **facts)  # type: ignore[arg-type]
    message = await bot.ask("/deliveries")
    assert message.title == "The last posts for #papers"
    assert message.text == f"Thu 12 June: {said}"
    again = state in ("unknown", "dead", "missed", "cancelled", "paused")
    assert labels(message) == ["Post Thu 12 June again"] * again


async def test_the_last_ten_come_newest_first_and_only_of_this_place(bot: Bot) -> None:
    await became(bot, "dead", where=Destination("discord", "c2"), reason="elsewhere")
    await became(bot, "dead", where=Destination("telegram", "c1"), reason="elsewhere")
    for day in (3, 1, 2, *range(4, 13)):
        await became(bot, "sent", f"2025-06-{day:02}")
    lines = (await bot.ask("/deliveries")).text.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"{on(f'2025-06-{day:02}'):%a} {day} June" for day in range(12, 2, -1)
    ]


async def test_in_a_private_chat_everything_that_came_there_is_listed_in_its_own_zone(
    bot: Bot,
) -> None:
    me = Destination("discord", "u1")
    await subscribe(bot.store, "u1", BEFORE, kind="daily", zone="Europe/Berlin")
    await subscribe(bot.store, "u1", BEFORE, kind="topics", zone="Asia/Tokyo")
    for kind in ("daily", "topics", "notice"):
        await became(bot, "sent", where=me, kind=kind)
    assert (await bot.ask("/deliveries", alone=True)).text.splitlines() == [
        "Thu 12 June (a notice): posted at 09:02 Europe/Berlin",
        "Thu 12 June (topics): posted at 16:02 Asia/Tokyo",
        "Thu 12 June: posted at 09:02 Europe/Berlin",
    ]


async def test_at_most_five_posts_can_be_sent_again_each_with_its_own_button(bot: Bot) -> None:
    numbers = [await became(bot, "unknown", f"2025-06-{day:02}") for day in range(5, 12)]
    await became(bot, "sent")
    message = await bot.ask("/deliveries")
    assert labels(message) == [
        f"Post {on(f'2025-06-{day:02}'):%a} {day} June again" for day in (11, 10, 9, 8, 7)
    ]
    assert [row[0].text for row in message.actions] == [str(n) for n in numbers[:1:-1]]
    assert message.note == "What may not have arrived is never sent again by itself."


async def test_of_a_post_that_surely_did_not_come_nothing_is_said_of_doubt(bot: Bot) -> None:
    await subscribe(bot.store, "c1", BEFORE)
    await became(bot, "dead")
    message = await bot.ask("/deliveries")
    assert labels(message) and not message.note


async def test_ten_posts_with_the_longest_reasons_fit_every_platform_whole(bot: Bot) -> None:
    bad = [reason for reason in NASTY if len(reason.strip()) > 3]
    for day in range(3, 13):
        reason = (bad[day % len(bad)] + "\n") * 80
        state = "unknown" if day % 2 else "retry"
        await became(bot, state, f"2025-06-{day:02}", reason=reason, due="2025-07-01 00:00")
    message = await bot.ask("/deliveries")
    assert len(message.text.splitlines()) == 10
    about = replace(message, about="c" + "9" * 19)
    parts = discord.render(about).to_components()
    for shown in ("\n".join(texts(parts)), telegram.render(message)[0]):
        assert shown.count(" June: ") == 10 and "did not fit" not in shown
    assert [part["type"] for part in parts] == [17] + [1] * 5
    keys = telegram.render(message, about="-100" + "9" * 12)[1]
    assert keys and all("~-100" in str(line[0].callback_data) for line in keys.inline_keyboard)


async def test_settings_point_to_the_posts_when_the_last_one_is_in_doubt_or_failed(
    bot: Bot,
) -> None:
    await bot.ask(SETUP)
    for day, state, points in ((9, "sent", False), (10, "unknown", True), (11, "dead", True),
                               (12, "retry", False)):  # fmt: skip
        await became(bot, state, f"2025-06-{day:02}", reason="why")
        text = (await bot.ask("/settings")).text
        assert ("/deliveries shows the last ten." in text) == points, state


# once more, by hand -----------------------------------------------------------------------------


async def test_a_press_sends_the_lost_post_again_once_and_the_list_follows(bot: Bot) -> None:
    await bot.ask(SETUP)
    platform = FakeAdapter(resend_within=0.0)
    number = await became(bot, "pending")
    platform.errors["c1"] = [lost()]
    await deliver(bot, platform)
    shown = await bot.ask("/deliveries")
    assert shown.text == "Thu 12 June: may not have arrived: the answer did not come in time"
    await deliver(bot, platform)
    assert not platform.posts, "not by itself"
    pressed = await bot.press(shown, "Post Thu 12 June again")
    assert pressed.text == (
        "The post of Thu 12 June goes out again now.\n\nThu 12 June: on its way"
    )
    assert not pressed.actions
    bot.clock.pass_(minutes=3)
    await deliver(bot, platform)
    assert [post.key for post in platform.posts] == [f"dp{number}"]
    again = await bot.press(shown, "Post Thu 12 June again")
    assert again.text == (
        "There is nothing of that post to send again: posted at 19:03 Europe/Berlin."
    )
    await deliver(bot, platform)
    assert len(platform.posts) == 1
    assert (await bot.ask("/deliveries")).text == "Thu 12 June: posted at 19:03 Europe/Berlin"


@pytest.mark.parametrize("state", ["pending", "sending", "retry"])
async def test_a_second_press_says_that_it_is_on_its_way(bot: Bot, state: str) -> None:
    number = await became(bot, "unknown", reason="why")
    await resend(bot, number)
    if state != "pending":
        taken = await intend(bot.store, await row(bot, number), bot.clock())
        assert taken
        if state == "retry":
            await finish(bot, taken, "retry", bot.clock(), "2025-06-12 18:00", "busy")
    before = await bot.kept()
    message = await resend(bot, number)
    assert message.text == "That post is on its way already." and message.private
    assert await bot.kept() == before


@pytest.mark.parametrize("state", ["sent", "skipped", "retired"])
async def test_a_post_that_came_or_had_nothing_is_not_sent_again(bot: Bot, state: str) -> None:
    await bot.ask(SETUP)
    number = await became(bot, state, reason="x" * 300)
    before = await bot.kept()
    message = await resend(bot, number)
    assert message.text.startswith("There is nothing of that post to send again: ")
    assert len(message.text) <= 200, "one alert of Telegram"
    assert await bot.kept() == before


@pytest.mark.parametrize("state", ["dead", "missed", "cancelled", "paused"])
@pytest.mark.parametrize("order", ["", "/pause"])
async def test_where_nothing_is_posted_now_nothing_is_posted_again(
    bot: Bot, state: str, order: str
) -> None:
    if order:
        await bot.ask(SETUP)
    number = await became(bot, state, reason="why")
    await bot.ask(order or "/help")
    before = await bot.kept()
    message = await resend(bot, number)
    assert message.text == (
        "There is nothing of that post to send again: nothing is posted here now."
    )
    assert not (await bot.ask("/deliveries")).actions
    assert await bot.kept() == before


@pytest.mark.parametrize("where", [("discord", "c2"), ("telegram", "c1"), ("discord", "u1")])
async def test_another_places_post_is_as_unknown_as_one_that_never_was(
    bot: Bot, where: tuple[str, str]
) -> None:
    number = await became(bot, "unknown", where=Destination(*where))
    before = await bot.kept()
    for forged in (number, number + 1, 0, "", "-1", "1e9", "9" * 40, "٣", "1 OR 1=1"):
        message = await bot.ask(f"/resend {forged}")
        assert message.text == "I know no such post for #papers."
        assert message.private and not message.actions
    assert await bot.kept() == before


@pytest.mark.parametrize("manage", [False, None])
async def test_who_may_not_manage_the_place_neither_sees_nor_sends(
    bot: Bot, manage: bool | None
) -> None:
    number = await became(bot, "unknown", reason="secret")
    shown = await bot.ask("/deliveries")
    before = await bot.kept()
    for refused in (
        await bot.ask("/deliveries", manage=manage, person="u2"),
        await bot.ask(f"/resend {number}", manage=manage, person="u2"),
        await bot.press(shown, "Post Thu 12 June again", manage=manage, person="u2"),
    ):
        assert refused.text == "Only someone who may manage #papers can do that."
    assert await bot.kept() == before


@pytest.mark.parametrize("command", ["deliveries", "resend"])
async def test_a_link_neither_shows_nor_sends_even_for_an_admin(bot: Bot, command: str) -> None:
    async def yes() -> bool:
        return True

    number = await became(bot, "unknown")
    before = await bot.kept()
    request = Request("discord", "c1", "u1", may_manage=yes, data=f"{command}-1-t{number}")
    refused = await answer(bot.ctx, registry(), replace(request, linked=True))
    assert refused.text.startswith("A link cannot do that")
    assert await bot.kept() == before
    assert "Thu 12 June" in (await answer(bot.ctx, registry(), request)).text, "a button may"


async def test_an_answer_that_comes_after_the_press_cannot_finish_the_new_try(bot: Bot) -> None:
    number = await became(bot, "unknown")
    old = await row(bot, number)
    await resend(bot, number)
    taken = await intend(bot.store, await row(bot, number), bot.clock())
    assert taken and (taken.attempts, taken.ambiguous_at) == (1, None)
    assert not await finish(bot, old, "dead", bot.clock(), "2025-06-12 17:00", "late")
    assert (await row(bot, number)).state == "sending"


@pytest.mark.parametrize(
    ("chat", "line"),
    [(GROUP, "/deliveries"), (CHANNEL, f"/deliveries {CHANNEL}"), (ADA, "/deliveries")],
    ids=["group", "channel", "private"],
)
async def test_on_telegram_one_tap_posts_it_again_in_the_chat_it_was_lost_on_the_way_to(
    bot: Bot, chat: int, line: str
) -> None:
    where = Destination("telegram", str(chat))
    async with TelegramDouble() as tg:
        tg.add_person(ADA)
        for place, kind in ((GROUP, "supergroup"), (CHANNEL, "channel")):
            tg.add_chat(place, "Reading group", kind, bot="administrator")
            tg.set_member(place, ADA, "administrator")
        await people.added(bot.store, where, str(ADA), "Reading group")
        platform = make(config(tg))
        dispatcher = Dispatcher(
            bot.store, {"telegram": platform}, bot.clock, lambda: bot.clock().timestamp()
        )
        places = Places(bot.store, {"telegram": platform}, bot.clock)
        handle = CoreHandle(Core(bot.ctx, registry()), "telegram", dispatcher, places)
        await became(bot, "unknown", where=where, reason="the answer did not come")
        async with serving(platform, handle):
            tg.says(ADA, line, GROUP if chat == GROUP else ADA)
            shown = await tg.reply()
            assert shown.text.splitlines()[1].startswith("Thu 12 June: may not have arrived")
            tg.presses(ADA, shown, "Post Thu 12 June again")
            await tg.until(lambda: tg.answered)
            assert "goes out again now" in shown.text and not shown.buttons
            bot.clock.pass_(seconds=5)
            await send_due(dispatcher, "telegram")
            assert [sent.chat_id for sent in tg.sent] == [shown.chat_id, chat]
    assert [one.delivery.state for one in await history.recent(bot.store, where, 9)] == ["sent"]
