"""The plainest form of a post, and how a post in either form is found again."""

import re

import discord
import pytest
from hypothesis import example, given, settings

from adapters.discord.client import Discord
from adapters.discord.history import look_of
from adapters.discord.markdown import units
from adapters.discord.plain import content
from bot.dialogue import Action, Entry, Message, Section
from bot.errors import PostError, Untold
from bot.model import Receipt
from tests import strategies
from tests.discord.conftest import served
from tests.discord.handle import FakeHandle
from tests.discord.judge import problems
from tests.discord.look import words
from tests.discord.test_render import URL, flat, read
from tests.discord.wire import SENT, Wire, always, channel, refusal, until
from tests.discord.world import MORE, World

POST = Message(
    "Daily Papers", "Ten papers.", (Section((Entry("A *bold* claim", URL, 1, "▲ 7", "Sum."),)),),
    "a note", (MORE,),
)  # fmt: skip
PLAIN = f"Daily Papers\n\nTen papers.\n\n1\\. A \\*bold\\* claim\n{URL}"


async def test_the_plain_form_is_words_and_addresses_alone(world: World) -> None:
    receipt = await world.adapter.post(f"c{world.papers.id}", POST, key="dp7", plain=True)
    assert receipt == Receipt(str(world.papers.last_message.id), "plain")
    (sent,) = world.requests("/messages")
    assert sent["content"] == PLAIN
    assert not sent.get("embeds") and not sent.get("components")
    assert sent["flags"] == 1 << 2  # link embeds are suppressed
    assert (sent["nonce"], sent["enforce_nonce"]) == ("dp7", True)
    assert sent["allowed_mentions"] == {"parse": []}


async def test_a_person_gets_the_plain_form_too(world: World) -> None:
    someone = world.env.create_user("dee")
    await world.adapter.post(f"u{someone.id}", POST, key="dp8", plain=True)
    assert someone.dm_channel.last_message.content == PLAIN


@settings(max_examples=150, deadline=None)
@given(strategies.messages)
@example(Message())
@example(
    Message("x" * 5000, "y" * 9000, (Section(tuple(Entry("t" * 900, URL) for _ in range(9))),))
)
@example(Message(text="*" * 3000))
def test_every_plain_form_is_within_every_limit(message: Message) -> None:
    body = {"content": content(message), "flags": 4, "nonce": "dp1", "enforce_nonce": True,
            "allowed_mentions": {"parse": []}, "tts": False}  # fmt: skip
    assert problems("POST", "/channels/1/messages", body) == []


@settings(max_examples=150, deadline=None)
@given(strategies.text)
@example("@everyone <@1> <#2> :smile: # a")
@example("- a ~~b~~ [c](https://x.org)")
def test_a_plain_title_reads_as_its_plain_characters(title: str) -> None:
    text, marks = read(content(Message(title=title, text="x")))
    assert marks == []
    shown, plain = text.removesuffix("x").rstrip("\n"), flat(title)
    assert shown == plain or (shown.endswith("…") and plain.startswith(shown[:-1]))


def test_entries_that_do_not_fit_are_counted() -> None:
    entries = tuple(Entry(f"Title {n} " + "t" * 90, URL, n) for n in range(1, 41))
    written = content(Message("Daily", "Text", (Section(entries[:20]), Section(entries[20:]))))
    kept = written.count(URL)
    assert 8 < kept < 40 and units(written) <= 2000
    assert written.endswith(f"…and {40 - kept} more did not fit")


def test_a_web_address_is_never_cut() -> None:
    entry = Entry("t", f"https://example.org/{'a' * 480}")
    written = content(Message(sections=(Section((entry,) * 5),)))
    assert set(re.findall(r"https?:\S+", written)) == {entry.url}


@pytest.mark.parametrize("plain", [False, True])
async def test_a_post_is_found_again_in_either_form(world: World, plain: bool) -> None:
    address = f"c{world.papers.id}"
    receipt = await world.adapter.post(address, POST, key="dp1", plain=plain)
    await world.adapter.post(address, Message("Another", "post"), key="dp2", plain=plain)
    assert await world.adapter.find(address, POST) == receipt
    assert await world.adapter.find(address, Message("Daily Papers", "Nine papers.")) is None


@pytest.mark.parametrize("plain", [False, True])
async def test_another_authors_message_is_never_taken_for_ours(world: World, plain: bool) -> None:
    """A bot that repeats what we post, or a person who copies it."""
    address = f"c{world.papers.id}"
    await world.adapter.post(address, POST, key="dp1", plain=plain)
    ours = world.papers.last_message
    copier = world.guild.create_webhook(world.papers, "copier")
    await world.env.bot.get_channel(world.papers.id).get_partial_message(ours.id).delete()
    await copier.send(
        ours.content, embeds=[] if plain else [discord.Embed(description=words(ours))]
    )
    assert look_of(POST, world.papers.last_message), "but for its author"
    assert await world.adapter.find(address, POST) is None


def said(number: int, plain: bool, **changes: object) -> dict:
    shown = {"content": content(SHORT)} if plain else {"components": LAYOUT}
    return SENT | shown | {"id": str(number)} | changes


SHORT = Message("Daily Papers", "Ten papers.", actions=((Action("A", data="a"),),))
LAYOUT = [{"type": 17, "id": 1, "components": [
    {"type": 10, "id": 2, "content": "### Daily Papers\nTen papers."}]}]  # fmt: skip
OTHER = {"id": "2", "username": "papers", "discriminator": "0", "avatar": None, "bot": True}
ASKED = {"id": "5", "type": 2, "user": OTHER | {"id": "6"}, "authorizing_integration_owners": {}}


@pytest.mark.parametrize("plain", [False, True])
async def test_only_our_own_unasked_message_counts(
    wire: Wire, running: Discord, plain: bool
) -> None:
    wire.host.history = [
        said(93, plain, author=OTHER),
        said(92, plain, author=OTHER, webhook_id="8"),
        said(91, plain, interaction_metadata=ASKED),  # an answer to a command
    ]
    assert await running.find("c3", SHORT) is None
    wire.host.history.append(said(90, plain))
    assert await running.find("c3", SHORT) == Receipt("90", "plain" if plain else "components")


async def test_a_history_the_bot_may_not_read_tells_nothing(world: World) -> None:
    hidden = discord.PermissionOverwrite(read_message_history=False)
    room = world.guild.create_text_channel("room", overwrites={world.guild.default_role: hidden})
    with pytest.raises(Untold):
        await world.adapter.find(f"c{room.id}", POST)


@pytest.mark.parametrize("lacking", [False, True])
async def test_the_right_to_read_is_asked_for_where_no_event_has_told_it(
    wire: Wire, lacking: bool
) -> None:
    """Posts begin before the gateway's first word: an empty history would send them twice."""
    wire.host.silent = {0}
    denied = discord.Permissions(read_message_history=True).value if lacking else 0
    wire.host.known["/channels/3"] = channel(3, denied)
    adapter = wire.adapter()
    async with served(adapter, FakeHandle()):
        await until(adapter.up.is_set)
        if lacking:
            with pytest.raises(Untold):
                await adapter.find("c3", SHORT)
        else:
            assert await adapter.find("c3", SHORT) is None


@pytest.mark.parametrize(("status", "code"), [(503, 0), (404, 10003), (403, 50001)])
async def test_a_history_that_is_refused_is_not_an_empty_one(
    wire: Wire, running: Discord, status: int, code: int
) -> None:
    wire.host.on["/channels/3"] = wire.host.on["/channels/3/messages"] = always(
        lambda: refusal(status, code)
    )
    with pytest.raises(PostError):
        await running.find("c3", SHORT)
