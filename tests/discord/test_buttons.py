"""Buttons: whoever presses them, wherever, however often, and however old they are."""

import asyncio
import logging

import pytest

from adapters.discord import answers
from bot.dialogue import Message, Request
from tests.discord import inbox
from tests.discord.asking import over
from tests.discord.conftest import Pauses
from tests.discord.handle import FakeHandle
from tests.discord.inbox import PERSON, Shown
from tests.discord.wire import Wire, thread, until

OLD = "That button is too old; send the command again."


def own() -> Shown:
    return Shown(50, True, {"content": "Page 1"})


def shared() -> Shown:
    return Shown(50, False, {"content": "Page 1"})


def pages(handle: FakeHandle) -> dict[str, asyncio.Event]:
    """Every button's answer is its own data, once its gate opens, if it has one."""
    gates: dict[str, asyncio.Event] = {}

    async def answer(request: Request) -> Message:
        handle.asked.append(request)
        if request.data in gates:
            await gates[request.data].wait()
        return Message(text=request.data)

    handle.answer = answer
    return gates


async def test_two_quick_presses_end_on_the_page_of_the_second(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_QUICK", 0.1)
    gates, message = pages(handle), own()
    gates["two"] = asyncio.Event()
    first = await wire.host.inbox.press("dp:two", message)
    second = await wire.host.inbox.press("dp:three", message)
    await until(lambda: first.responded and second.responded)  # Discord waits for neither
    assert [asked.data for asked in handle.asked] == ["two"]
    gates["two"].set()
    await over(first, second)
    assert [asked.data for asked in handle.asked] == ["two", "three"]
    assert message.text == "three"


async def test_a_page_that_was_turned_meanwhile_is_not_tried_again(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, pauses: Pauses,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(answers, "_QUICK", 0.0)
    gates, message = pages(handle), own()
    gates |= {"two": asyncio.Event(), "three": asyncio.Event()}
    trouble = wire.host.inbox.troubles
    trouble["edit"] = [inbox.refused(503)] * 999
    first = await wire.host.inbox.press("dp:two", message)
    await until(lambda: first.responded)
    gates["two"].set()
    await until(lambda: "edit" in first.steps)
    second = await wire.host.inbox.press("dp:three", message)
    await until(lambda: len(handle.asked) == 2)  # the first is over
    trouble.clear()
    gates["three"].set()
    await over(first, second)
    assert message.text == "three" and first.messages == second.messages == []
    assert second.steps == ["response", "edit"]
    assert "ticket" not in caplog.text


async def test_pressing_the_same_button_twice_shows_its_page_once(
    wire: Wire, handle: FakeHandle
) -> None:
    pages(handle)
    message = own()
    pressed = [await wire.host.inbox.press("dp:two", message) for _ in range(2)]
    await over(*pressed)
    assert message.text == "two" and all(not one.messages for one in pressed)
    assert [one.responded for one in pressed] == [7, 7]


async def test_presses_on_different_messages_do_not_wait_for_each_other(
    wire: Wire, handle: FakeHandle
) -> None:
    gates = pages(handle)
    gates["two"] = asyncio.Event()
    slow = await wire.host.inbox.press("dp:two", own())
    others = [await wire.host.inbox.press("dp:three", shared()) for _ in range(2)]
    others.append(await wire.host.inbox.press("dp:three", Shown(51, True, {"content": "x"})))
    await until(lambda: all(one.responded for one in others))
    assert not slow.responded
    gates["two"].set()
    await over(slow)


@pytest.mark.parametrize("slow", [False, True])
async def test_another_person_gets_an_answer_of_their_own(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    monkeypatch.setattr(answers, "_QUICK", 0.0 if slow else 1.5)
    message = shared()
    other = PERSON | {"id": "7", "username": "sam"}
    asked = await wire.host.inbox.press("dp:more-2-t7", message, person=other)
    await over(asked)
    assert message.text == "Page 1"
    assert asked.texts == ["An answer"] and asked.public == []
    assert handle.asked[0].person == "u7"
    assert not await handle.asked[0].may_manage()


ROOMS = {
    "a thread": thread(31),
    "an archived thread": thread(31, archived=True, locked=True),
    "a voice channel": {"id": "32", "type": 2, "name": "talk", "guild_id": "9", "position": 1,
                        "bitrate": 64000, "user_limit": 0},
    "a kind that is yet to come": {"id": "33", "type": 99, "name": "new", "guild_id": "9"},
}  # fmt: skip
MESSAGES = {
    "as it was": {},
    "an answer to a command that was deleted": {
        "type": 20, "message_reference": {"message_id": "49", "channel_id": "3", "type": 0},
        "referenced_message": None,
    },
    "forwarded": {
        "flags": 1 << 14, "author": PERSON,
        "message_reference": {"message_id": "49", "channel_id": "44", "type": 1},
        "message_snapshots": [{"message": {
            "content": "Page 1", "embeds": [], "attachments": [], "type": 0, "flags": 0,
            "timestamp": inbox.JOINED, "edited_timestamp": None, "mentions": [],
            "mention_roles": [], "components": []}}],
    },
    "of a webhook": {"webhook_id": "8", "application_id": "1"},
}  # fmt: skip


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("kind", MESSAGES)
async def test_a_button_is_answered_wherever_it_stands(
    wire: Wire, handle: FakeHandle, kind: str, room: str, alone: bool
) -> None:
    message, odd = Shown(50, alone, {"content": "Page 1"}), dict(MESSAGES[kind])
    if "flags" in odd and alone:
        odd["flags"] |= inbox.HIDDEN
    asked = await wire.host.inbox.press("dp:more-2-t7", message, message=odd, channel=ROOMS[room])
    await over(asked)
    assert asked.public == []
    assert (message.text if alone else asked.seen[0].text) == "An answer"
    (request,) = handle.asked
    assert request.data == "more-2-t7"
    assert not await request.may_manage()


async def test_a_button_in_a_private_chat_is_answered_there(wire: Wire, handle: FakeHandle) -> None:
    asked = await wire.host.inbox.press("dp:more-2-t7", shared(), direct=True)
    await over(asked)
    assert asked.texts == ["An answer"]
    assert (handle.asked[0].address, handle.asked[0].one_to_one) == ("u6", True)


@pytest.mark.parametrize(
    "custom_id",
    ["dp:", "dp:@3", "dp:more-2-t7@here", "dp:more-2-t7@" + "9" * 30, "dp:more 2", "dp:a@3@4",
     "dp:" + "x" * 65, "dp:more/2", "dp:more-2-t7@-3", "dp:more-2-tä"],
)  # fmt: skip
async def test_a_button_no_version_of_today_made_says_that_it_is_too_old(
    wire: Wire, handle: FakeHandle, caplog: pytest.LogCaptureFixture, custom_id: str
) -> None:
    asked = await wire.host.inbox.press(custom_id, shared())
    await over(asked)
    assert asked.texts == [OLD] and asked.public == []
    assert handle.asked == []
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_a_command_that_discord_still_shows_is_the_cores_to_explain(
    wire: Wire, handle: FakeHandle
) -> None:
    for kind in (1, 2, 3):  # of a slash command, and of menus over a person and a message
        handle.answers = [Message(text="I do not know that command.", private=True)]
        asked = await wire.host.inbox.command("papers", type=kind, target_id="6")
        await over(asked)
        assert asked.texts == ["I do not know that command."] and asked.public == []
    assert [request.command for request in handle.asked] == ["papers"] * 3


async def test_a_command_of_another_form_is_answered(wire: Wire, handle: FakeHandle) -> None:
    """`query` was not there, or was a subcommand, when Discord learnt the command."""
    asked = [
        await wire.host.inbox.command("search"),
        await wire.host.inbox.command("search", options=[{"name": "all", "type": 1}]),
    ]
    await over(*asked)
    for one in asked:
        assert one.texts == [
            "I do not know that command as Discord sent it. Try again in a minute."
        ]
        assert one.public == []
    assert handle.asked == []
