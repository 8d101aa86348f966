"""Which of Discord's refusals end a place, which a message, and which only pass."""

import pytest
from aiohttp import web

from adapters.discord.client import Discord
from adapters.discord.faults import named
from bot.dialogue import Message
from bot.errors import Instead, PostError
from bot.reasons import NOT_TAKEN, for_readers
from bot.usage import usage
from tests.discord.wire import Wire, always, refusal

GRANT = "Give me View Channel, Send Messages and Embed Links there"
ELSEWHERE = f"Run {usage('setup')} in another channel"
PLACE = [  # status, code, reason, how its remedy begins
    (404, 10003, "The channel is gone", ELSEWHERE),
    (404, 10004, "The server is gone", ""),
    (404, 10013, "That account is gone", ""),
    (400, 40058, "That is a forum, where I cannot post", ELSEWHERE),
    (403, 50001, "I may not see that channel", GRANT),
    (403, 50007, "Direct messages from me are turned off", "Turn on Direct Messages"),
    (400, 50008, "That is not a channel I can write in", ELSEWHERE),
    (403, 50009, "The server's verification level keeps me out", "Give me a role"),
    (403, 50013, "I may not write in that channel", GRANT),
    (400, 50024, "That is not a channel I can write in", ELSEWHERE),
    (400, 50033, "That account cannot be written to", ""),
    (400, 50083, "The thread is archived", "Reopen the thread"),
    (403, 50278, "We are in no server together", "Add me to a server"),
    (400, 160005, "The thread is locked", "Unlock the thread"),
]
MESSAGE = [
    (400, 50035), (400, 50006), (400, 50109), (400, 200000), (400, 240000), (413, 40005), (413, 0),
    (400, 20009), (400, 50045),
]  # fmt: skip
PASSING = [
    (403, 40333), (403, 0), (403, 20026), (403, 40002), (403, 40004), (403, 99999), (403, 60003),
    (401, 0), (401, 99999),
    (404, 0), (404, 10008), (404, 99999), (400, 0), (400, 20016), (400, 40003), (400, 99999),
    (405, 0), (409, 0), (451, 0),
]  # fmt: skip


async def fault(wire: Wire, adapter: Discord, status: int, code: int) -> PostError:
    wire.host.on["POST /channels/3/messages"] = always(lambda: refusal(status, code))
    with pytest.raises(PostError) as caught:
        await adapter.post("c3", Message(text="x"), key="dp1")
    return caught.value


async def test_a_fault_of_the_place_ends_it_and_says_what_its_owner_can_do(
    wire: Wire, running: Discord
) -> None:
    for status, code, reason, remedy in PLACE:
        found = await fault(wire, running, status, code)
        assert (found.permanent, found.refused, found.ambiguous) == (True, False, False)
        assert str(found) == reason
        assert isinstance(found.remedy, Instead) == (remedy == ELSEWHERE)
        assert found.remedy.startswith(remedy) and bool(found.remedy) == bool(remedy)
        assert not remedy or found.remedy.endswith((".", "instead."))
        assert found.rejected == (status == 403)


async def test_a_fault_of_the_message_is_not_the_places(wire: Wire, running: Discord) -> None:
    for status, code in MESSAGE:
        found = await fault(wire, running, status, code)
        assert (found.refused, found.permanent, found.ambiguous) == (True, False, False)


async def test_the_servers_automod_is_named_with_what_its_admins_can_do(
    wire: Wire, running: Discord
) -> None:
    for code in (200000, 200001):
        found = await fault(wire, running, 400, code)
        assert (found.refused, found.permanent) == (True, False)
        assert "AutoMod blocked it" in str(found) and "allow my role" in str(found)
        assert for_readers(str(found)) == str(found)


async def test_what_is_not_understood_ends_nothing(wire: Wire, running: Discord) -> None:
    for status, code in PASSING:
        found = await fault(wire, running, status, code)
        facts = (found.permanent, found.refused, found.ambiguous, found.retry_after)
        assert facts == (False, False, False, None), (status, code)
        assert str(status) in str(found) and str(code) in str(found)
        assert found.rejected == (status in (401, 403))
        assert "DISCORD_TOKEN" not in str(found)
        assert for_readers(str(found)) == NOT_TAKEN


async def test_trouble_of_discords_own_is_ambiguous_whatever_code_it_has(
    wire: Wire, running: Discord
) -> None:
    for code in (0, 50013, 130000):
        found = await fault(wire, running, 503, code)
        assert (found.ambiguous, found.permanent, found.refused) == (True, False, False)


@pytest.mark.parametrize("sending", [False, True])
def test_what_a_closing_session_was_sent_may_have_left(sending: bool) -> None:
    with pytest.raises(PostError, match="closing") as caught, named(sending=sending):
        raise RuntimeError("Session is closed")
    assert caught.value.ambiguous == sending


async def test_a_page_with_the_status_of_a_refusal_ends_nothing(
    wire: Wire, running: Discord
) -> None:
    for status in (400, 403, 404, 407):
        page = {"status": status, "text": "<p>no</p>", "content_type": "text/html"}
        wire.host.on["POST /channels/3/messages"] = always(lambda page=page: web.Response(**page))
        with pytest.raises(PostError) as caught:
            await running.post("c3", Message(text="x"), key="dp1")
        assert not (caught.value.permanent or caught.value.refused)


async def test_a_closed_private_chat_is_a_fault_of_that_person(
    wire: Wire, running: Discord
) -> None:
    wire.host.on["POST /users/@me/channels"] = always(lambda: refusal(403, 50007))
    with pytest.raises(PostError) as caught:
        await running.post("u5", Message(text="x"), key="dp1")
    assert (caught.value.permanent, caught.value.rejected) == (True, True)
