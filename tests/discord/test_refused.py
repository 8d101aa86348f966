"""Answers that Discord does not take: what the person hears, and what the log says."""

import asyncio
import logging
import re
from collections.abc import Iterator

import pytest

from bot.dialogue import Entry, Message, Request, Section
from tests.discord import inbox
from tests.discord.asking import ANSWER, WAYS, Way, goes, one_answer, over
from tests.discord.conftest import Pauses, served
from tests.discord.handle import FakeHandle
from tests.discord.inbox import Asked, Shown, no
from tests.discord.look import walk
from tests.discord.wire import Wire, until

SENTENCE = re.compile(r"I could not show that answer \(ticket ([0-9a-f]{8})\)\.")
FORM = inbox.refused(400, 50035)
LIST = Message(
    text="An answer",
    sections=(Section((Entry("Words of a title", "https://example.org/a"),)),),
    actions=ANSWER.actions,
)
PLAIN = "An answer\n\nWords of a title\nhttps://example.org/a"
# The step that first carries the answer, of each way.
CARRIED = [(name, "edit" if way.slow else "response") for name, way in WAYS.items()]
DEAD = [(404, 10015), (404, 10062), (401, 50027)]


@pytest.fixture(autouse=True)
def wordless(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No log line has what a person asked, or what they were to be told."""
    yield
    told = " ".join(record.getMessage() for record in caplog.get_records("call"))
    assert not re.search(r"secret|An answer|Words of", told)


def lost(caplog: pytest.LogCaptureFixture) -> str:
    """The one line of an answer that was not shown."""
    (line,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    return line


def ticket_of(text: str) -> str:
    return SENTENCE.fullmatch(text)[1]


def words_alone(shown: Shown) -> bool:
    """It has content; or, where components were there before, one of text."""
    kinds = [part["type"] for part in walk(shown.body.get("components") or [])]
    return kinds == ([] if shown.body.get("content") else [10])


def sentence(asked: Asked) -> str:
    """What the asker alone reads in place of the answer."""
    assert not asked.public
    (shown,) = asked.seen or [asked.pressed]
    assert shown.alone and not shown.thinking
    assert not shown.body.get("embeds") and words_alone(shown)
    return shown.text


@pytest.mark.parametrize(("name", "step"), CARRIED)
async def test_a_malformed_answer_goes_out_in_its_plainest_form(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, name: str, step: str
) -> None:
    way = WAYS[name]
    message = Message(LIST.title, LIST.text, LIST.sections, actions=LIST.actions,
                      private=way.message.private)  # fmt: skip
    wire.host.inbox.troubles[step] = [FORM]
    asked, pressed = await goes(
        wire, handle, Way(way.command, message, way.slow, way.public, way.own, way.direct),
        monkeypatch,
    )  # fmt: skip
    one_answer(way, asked, pressed, PLAIN)
    shown = pressed if way.own else asked.seen[0]
    assert not shown.body.get("embeds") and words_alone(shown)


@pytest.mark.parametrize(("status", "code"), [(400, 50035), (413, 40005), (400, 7), (403, 50013)])
@pytest.mark.parametrize(("name", "step"), CARRIED)
async def test_what_is_refused_for_good_becomes_one_private_sentence(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, name: str, step: str, status: int, code: int,
) -> None:  # fmt: skip
    way = WAYS[name]
    forms = 1 if status == 403 else 2  # what is malformed has a plainest form
    wire.host.inbox.troubles[step] = [inbox.refused(status, code)] * forms
    asked, _ = await goes(wire, handle, way, monkeypatch)
    ticket = ticket_of(sentence(asked))
    assert f"ticket={ticket} command={way.command or 'more'} told=True" in lost(caplog)


@pytest.mark.parametrize(("name", "step"), CARRIED)
async def test_a_sentence_that_cannot_be_shown_either_is_one_line_in_the_log(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, name: str, step: str,
) -> None:  # fmt: skip
    for each in (step, "followup"):
        wire.host.inbox.troubles[each] = [FORM] * 9
    asked, _ = await goes(wire, handle, WAYS[name], monkeypatch)
    assert "told=False" in lost(caplog)
    assert not any(shown.text for shown in asked.seen)
    assert len(asked.steps) <= 5


@pytest.mark.parametrize(("status", "code"), DEAD)
@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if way.slow])
async def test_nothing_is_asked_with_a_token_that_expired(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, name: str, status: int, code: int,
) -> None:  # fmt: skip
    def expire(request: Request) -> None:
        wire.host.inbox.expired = lambda: no(status, code)

    handle.heard = expire
    asked, _ = await goes(wire, handle, WAYS[name], monkeypatch)
    assert "told=False" in lost(caplog)
    assert asked.steps[1:] in (["edit"], ["edit", "followup"])


@pytest.mark.parametrize("name", WAYS)
async def test_an_interaction_discord_no_longer_knows_is_asked_about_once(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, name: str,
) -> None:  # fmt: skip
    wire.host.inbox.expired = lambda: no(404, 10062)
    asked, _ = await goes(wire, handle, WAYS[name], monkeypatch)
    assert asked.steps == ["response"] and len(handle.asked) == 1
    assert "told=False" in lost(caplog)


async def test_a_first_response_is_not_tried_after_three_seconds(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr("adapters.discord.responses._FIRST", 0.1)
    wire.host.inbox.troubles["response"] = [inbox.refused(503)] * 99
    asked, _ = await goes(wire, handle, WAYS["quick"], monkeypatch)
    assert asked.seen == [] and "told=False" in lost(caplog)
    assert 1 < len(asked.steps) < 99


async def test_an_edit_is_not_tried_after_fifteen_minutes(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, pauses: Pauses,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr("adapters.discord.responses._TOKEN", 100.0)
    long = {"Via": "1.1 google", "Retry-After": "60"}
    wire.host.inbox.troubles["edit"] = [inbox.refused(429, 0, **long), inbox.refused(503)]
    asked, pressed = await goes(wire, handle, WAYS["slow, for one"], monkeypatch)
    one_answer(WAYS["slow, for one"], asked, pressed)
    assert pauses.of("attempts")[0] == 60.0
    longer = long | {"Retry-After": "101"}
    wire.host.inbox.troubles["edit"] = [inbox.refused(429, 0, **longer)]
    asked, _ = await goes(wire, handle, WAYS["slow, for one"], monkeypatch)
    assert asked.steps == ["response", "edit", "edit"]
    assert ticket_of(asked.seen[0].text) in lost(caplog)


async def test_an_outage_of_minutes_delays_an_answer(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, pauses: Pauses
) -> None:
    wire.host.inbox.troubles["edit"] = [inbox.refused(503)] * 15
    asked, pressed = await goes(wire, handle, WAYS["slow, for one"], monkeypatch)
    one_answer(WAYS["slow, for one"], asked, pressed)
    waits = pauses.of("attempts")
    assert waits == sorted(waits) and 100 < sum(waits) < 300


async def test_a_refusal_that_may_pass_is_not_asked_about_for_long(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Discord bans an address for ten thousand answers of 401, 403 and 429."""
    wire.host.inbox.troubles["edit"] = [inbox.refused(403)] * 3
    asked, _ = await goes(wire, handle, WAYS["slow, for one"], monkeypatch)
    assert asked.steps == ["response"] + ["edit"] * 4
    assert ticket_of(asked.seen[0].text) in lost(caplog)


async def test_who_dismissed_the_first_response_still_hears(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def dismiss(request: Request) -> None:
        (asked,) = wire.host.inbox.asked.values()
        asked.deleted.append(asked.original)
        asked.original.thinking = False

    handle.heard = dismiss
    asked, _ = await goes(wire, handle, WAYS["slow, for one"], monkeypatch)
    assert ticket_of(sentence(asked)) in lost(caplog)


@pytest.mark.parametrize("unread", ["right", "history"])
async def test_a_public_answer_of_unknown_fate_is_kept_by_its_asker_alone(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, unread: str,
) -> None:  # fmt: skip
    """Where nobody can look whether it arrived, it is not sent again."""
    if unread == "right":
        wire.host.inbox.reads = False
    else:
        wire.host.on["GET /channels/3/messages"] = wire.host.on["/channels/3/messages"] = forbidden
    wire.host.inbox.troubles["followup"] = [inbox.dropped]
    asked, _ = await goes(wire, handle, WAYS["slow"], monkeypatch)
    (shown,) = asked.seen
    assert (shown.text, shown.alone) == ("An answer", True)
    assert asked.steps == ["response", "edit", "followup"]
    assert "shown to the asker alone" in caplog.text


@pytest.mark.parametrize("fate", [inbox.unanswered, inbox.dropped])
async def test_a_sentence_for_one_is_never_put_where_everybody_sees_it(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, fate: inbox.Trouble,
) -> None:  # fmt: skip
    monkeypatch.setattr("adapters.discord.responses._FIRST", 0.0)
    wire.host.inbox.troubles |= {"response": [fate], "edit": [inbox.refused(403, 50013)]}
    asked, _ = await goes(wire, handle, WAYS["quick"], monkeypatch)
    assert [shown.text for shown in asked.public] == ["An answer"] * len(asked.public)
    assert asked.steps == ["response", "edit", "followup"]
    told = [shown for shown in asked.seen if shown.alone]
    assert len(told) == len(asked.public) and lost(caplog)
    assert all(ticket_of(shown.text) in lost(caplog) for shown in told)


@pytest.mark.parametrize("fate", [inbox.unanswered, inbox.dropped, inbox.broken(502)])
async def test_a_sentence_of_unknown_fate_is_not_said_twice(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, fate: inbox.Trouble,
) -> None:  # fmt: skip
    wire.host.inbox.troubles |= {"edit": [inbox.refused(403, 50013)] * 2, "followup": [fate]}
    asked, _ = await goes(wire, handle, WAYS["slow, for one"], monkeypatch)
    assert asked.steps == ["response", "edit", "edit", "followup"]
    assert lost(caplog)


async def forbidden(request: object):
    return no(403, 50001)


async def test_a_public_answer_that_is_refused_is_kept_by_its_asker(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    wire.host.inbox.troubles["followup"] = [inbox.refused(403, 50013)]
    asked, _ = await goes(wire, handle, WAYS["slow"], monkeypatch)
    assert asked.texts == ["An answer"] and asked.public == []
    assert "shown to the asker alone" in caplog.text


@pytest.mark.parametrize("name", WAYS)
async def test_a_core_that_breaks_is_a_sentence_with_a_ticket(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, name: str,
) -> None:  # fmt: skip
    words = "a secret of theirs"

    def broken(request: Request) -> None:
        raise ValueError(words)

    handle.heard = broken
    asked, _ = await goes(wire, handle, WAYS[name], monkeypatch)
    line = lost(caplog)
    assert ticket_of(sentence(asked)) in line
    assert "ValueError" in line and "in broken" in line


@pytest.mark.parametrize("name", WAYS)
async def test_who_asks_far_too_much_hears_one_short_sentence(
    wire: Wire, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    way = WAYS[name]
    asked, pressed = await goes(
        wire, handle, Way(way.command, None, way.slow, own=way.own, direct=way.direct), monkeypatch
    )
    assert asked.public == []
    (shown,) = asked.seen or [pressed]
    assert 5 < len(shown.text) < 60 and shown.alone
    assert len(handle.asked) == 1


async def test_answers_under_way_are_shown_before_the_connection_ends(wire: Wire) -> None:
    handle = FakeHandle([ANSWER], gate=asyncio.Event())
    async with served(wire.adapter(), handle):
        await until(lambda: wire.host.sockets)
        asked = await wire.host.inbox.command("today")
        await until(lambda: handle.asked)
        asyncio.get_running_loop().call_later(0.1, handle.gate.set)
    assert asked.texts == ["An answer"]
    await over(asked)
