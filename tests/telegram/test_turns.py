"""Fair turns: nobody waits for what another person asks, and one chat's limit is that chat's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from adapters.telegram import turns
from bot.dialogue import Message, Request
from bot.errors import PostError
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, BOB, CHANNEL, GROUP, NEXT, FakeHandle, running

POST = Message(title="Daily Papers", text="post")


def now() -> float:
    return asyncio.get_running_loop().time()


def texts(tg: TelegramDouble, chat: int) -> list[str]:
    return [sent.text for sent in tg.sent if sent.chat_id == chat]


async def answered_after(tg: TelegramDouble, person: int, said: str) -> float:
    """Seconds until that person has one answer more in private."""
    before, began = len(texts(tg, person)), now()
    tg.says(person, said)
    await tg.until(lambda: len(texts(tg, person)) > before, 30)
    return now() - began


@asynccontextmanager
async def meanwhile(work: "asyncio.Task[None]") -> AsyncIterator[None]:
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


# one person asks far too much ---------------------------------------------------------------------


@pytest.mark.parametrize("where", ["in private", "in a group", "in many groups", "buttons"])
async def test_an_attacker_makes_nobody_wait_and_takes_no_room(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:  # fmt: skip
    async def reply(request: Request) -> Message:
        if request.command == "search":
            await asyncio.sleep(3)  # a look-up that takes long
        return Message(text="page", actions=((NEXT,),))

    handle.reply = reply
    tg.limits.on = True
    groups = [tg.add_chat(-2000 - number, "A group") for number in range(40)]
    tg.says(ADA, "/today")
    sent = await tg.reply()

    async def attack() -> None:
        for number in range(3000):
            chats = {"in private": ADA, "in a group": GROUP, "in many groups": groups[number % 40]}
            if where == "buttons":
                tg.presses(ADA, sent, "Next")
            else:
                tg.says(ADA, "/search x" if number % 2 else "/today", chats[where])
            await asyncio.sleep(0.02)

    waits, tasks = [], []
    async with meanwhile(asyncio.create_task(attack())):
        for _ in range(30):
            waits.append(await answered_after(tg, BOB, "/help"))
            tasks.append(len(asyncio.all_tasks()))
            await asyncio.sleep(2 - waits[-1] % 2)
    assert max(waits) < 2 and max(tasks) < 100
    assert tg.limits.exceeded == 0 and len(handle.requests) < 300
    dropped = [r for r in caplog.records if "updates are dropped" in r.getMessage()]
    assert len(dropped) == 1 and str(ADA) not in caplog.text


async def test_one_groups_limit_is_no_strangers(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    tg.limits.on = True
    for person in range(100, 220):
        tg.add_person(person, "Cy")
        tg.says(person, "/today", GROUP)
    assert await answered_after(tg, BOB, "/help") < 1
    await asyncio.sleep(120)
    assert len(handle.requests) < 25  # what would be answered too late is not even made
    assert 15 <= len(texts(tg, GROUP)) <= 21 and tg.limits.exceeded == 0
    assert len([r for r in caplog.records if "answers dropped" in r.getMessage()]) == 1
    tg.says(ADA, "/today", GROUP)  # it has room again
    await tg.until(lambda: texts(tg, GROUP)[-1:] == ["today::"], 10)


async def test_a_command_whose_answer_would_be_too_late_is_not_run(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    for person in range(100, 140):
        tg.add_person(person, "Cy")
        tg.says(person, "/today", GROUP)
    await tg.until(lambda: texts(tg, GROUP))
    tg.set_member(GROUP, ADA, "administrator")
    tg.says(ADA, "/setup 09:00", GROUP)
    tg.says(ADA, "/today")
    await tg.until(lambda: texts(tg, ADA))
    assert not [request for request in handle.requests if request.command == "setup"]


async def test_a_429_in_one_chat_closes_that_chat_alone(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, "Other group")
    tg.fail("sendMessage", 429, "Too Many Requests", retry_after=40)
    tg.says(ADA, "/today", GROUP)
    await tg.until(lambda: tg.count("sendMessage"))
    assert await answered_after(tg, ADA, "/help") < 1
    async with asyncio.timeout(1):
        await adapter.post(str(CHANNEL), POST, key="dp1")
    assert 35 < adapter.chat(f"{GROUP}/7")[1] <= 40 and adapter.chat(str(CHANNEL))[1] == 3.0
    with pytest.raises(PostError) as caught:  # as if it had never left
        await adapter.post(str(GROUP), POST, key="dp2")
    assert not (caught.value.ambiguous or caught.value.permanent or caught.value.retry_after)
    began = now()
    await tg.until(lambda: texts(tg, GROUP), 60)
    assert now() - began > 35 and tg.count("sendMessage") == 4


# posts and answers in one chat --------------------------------------------------------------------


@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_posts_and_answers_keep_a_chats_limit_together(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, chat: int
) -> None:
    tg.limits.on = True

    people = [tg.add_person(person, "Cy") for person in range(100, 110)] if chat < 0 else [ADA]

    async def ask() -> None:
        for number in range(600):
            tg.says(people[number % len(people)], "/today", chat)
            await asyncio.sleep(0.1)

    async with meanwhile(asyncio.create_task(ask())):
        for number in range(8):
            await asyncio.sleep(6)
            began = now()
            await adapter.post(str(chat), POST, key=f"dp{number}")
            assert now() - began < 4  # before the answers that wait
    assert tg.limits.exceeded == 0 and texts(tg, chat).count("Daily Papers\npost") == 8
    assert len(texts(tg, chat)) > 12


async def test_a_posts_limit_is_told_and_answers_leave_the_chat_alone_too(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    tg.fail("sendMessage", 429, "Too Many Requests", retry_after=30)
    with pytest.raises(PostError) as caught:
        await adapter.post(str(GROUP), POST, key="dp1")
    assert (caught.value.retry_after, caught.value.rejected) == (30, True)
    assert not caught.value.everywhere
    began = asyncio.get_running_loop().time()
    tg.says(ADA, "/today", GROUP)
    await tg.until(lambda: tg.sent, 60)
    assert asyncio.get_running_loop().time() - began > 25


# order --------------------------------------------------------------------------------------------


async def test_one_persons_commands_in_a_chat_are_run_and_answered_in_order(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        await asyncio.sleep(1 / len(request.text))
        return Message(text=request.text)

    handle.reply = reply
    for number in range(1, 10):
        tg.says(ADA, f"/search {'x' * number}")
    await tg.until(lambda: len(tg.sent) == 9, 30)
    assert texts(tg, ADA) == ["x" * number for number in range(1, 10)]


async def test_who_waits_in_a_busy_group_is_answered_in_private_meanwhile(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    for person in range(100, 110):
        tg.add_person(person, "Cy")
        tg.says(person, "/today", GROUP)
    tg.says(ADA, "/today", GROUP)
    assert await answered_after(tg, ADA, "/help") < 1


@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_two_quick_presses_end_on_the_second_page(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter, chat: int
) -> None:
    pages = iter("23")

    async def reply(request: Request) -> Message:
        if not request.data:
            return Message(text="page 1", actions=((NEXT,),))
        page = next(pages)
        await asyncio.sleep(4 if page == "2" else 0)
        return Message(text=f"page {page}", actions=((NEXT,),))

    handle.reply = reply
    tg.says(ADA, "/today", chat)
    sent = await tg.reply()
    for _ in range(2):
        tg.presses(ADA, sent, "Next")
    await tg.until(lambda: len(tg.answered) == 2, 2)  # no spinner waits for a page
    await tg.until(lambda: sent.edits == 2, 10)
    assert sent.text == "page 3"


# after a time without the bot ---------------------------------------------------------------------


async def test_a_backlog_of_one_person_is_cut_and_holds_up_nobody(
    tg: TelegramDouble, handle: FakeHandle, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(10_000):
        tg.says(ADA, f"/search {number}")
    tg.says(BOB, "/help")
    began = now()
    async with running(tg, handle):
        await tg.until(lambda: texts(tg, BOB), 10)
        await asyncio.sleep(60)
    assert now() - began < 70
    numbers = [int(text.split(":")[1]) for text in texts(tg, ADA)]
    assert numbers == sorted(numbers) and numbers[:17] == list(range(17)) and len(numbers) < 30
    assert len([r for r in caplog.records if "updates are dropped" in r.getMessage()]) == 1


async def test_a_backlog_of_many_stays_with_telegram_until_there_is_room(
    tg: TelegramDouble, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "IN_HAND", 150)
    ready = asyncio.Event()

    async def reply(request: Request) -> Message:
        await ready.wait()
        return Message(text="late, but here")

    handle.reply = reply
    for person in range(1000, 1600):
        tg.add_person(person, "Cy")
        tg.says(person, "/today")
    async with running(tg, handle):
        await tg.until(lambda: len(handle.requests) >= 150)
        await asyncio.sleep(60)
        assert len(handle.requests) == 150
        ready.set()
        await tg.until(lambda: len({sent.chat_id for sent in tg.sent}) == 600, 60)


async def test_what_became_of_a_chat_is_never_dropped(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    async def reply(request: Request) -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    handle.reply = reply
    for _ in range(50):
        tg.says(ADA, "/today", GROUP)
    for _ in range(20):
        tg.puts_bot(ADA, GROUP, "left")
        tg.puts_bot(ADA, GROUP, "member")
    tg.migrates(GROUP, -1005050)
    await tg.until(lambda: len(handle.told) == 62)
    assert [event[0] for event in handle.told[-2:]] == ["moved", "moved"]
