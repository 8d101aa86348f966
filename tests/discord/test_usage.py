"""Usages in Discord: each value after its option's name, and a command one can click."""

import re

import simcord

from adapters.discord.client import Discord, make
from adapters.discord.render import render
from bot.commands import registry
from bot.config import load
from bot.dialogue import Message
from bot.usage import usage
from tests.discord.handle import FakeHandle
from tests.discord.look import texts
from tests.discord.wire import Wire
from tests.discord.world import World, sentence

SETUP = usage("setup", here=True, time="09:00", zone="America/New_York", papers="10")
TYPED = "/setup time:09:00 zone:America/New_York papers:10"


def text(message: Message, ids: dict[str, int] | None = None) -> str:
    return "\n".join(texts(render(message, ids).to_components()))


def shown(markdown: str) -> str:
    """Without the backslashes that make a character plain."""
    return markdown.replace("\\", "")


async def test_an_answers_hint_can_be_clicked_once_discord_has_the_commands(world: World) -> None:
    world.handle.answers = [Message(text=f"Write for example: {SETUP} (all of it).")]
    answer = await world.reader.slash(world.papers, "today")
    written = re.fullmatch(
        r"Write for example: </setup:(\d+)>(.*) \(all of it\)\.", shown(sentence(answer.response))
    )
    assert written and f"/setup{written[2]}" == TYPED


async def test_a_post_in_its_plainest_form_has_it_too(wire: Wire, running: Discord) -> None:
    message = Message(usage("help"), f"Write {SETUP}.")
    await running.post("c3", message, key="dp1", plain=True)
    assert shown(wire.host.posted[0]["content"]) == f"/help\n\nWrite {TYPED}."


async def test_the_options_of_an_order_are_told_apart_by_their_names() -> None:
    """`9` is a time in one option, and a number of papers in another."""
    adapter = make(load({"DISCORD_TOKEN": "secret"}))
    handle = FakeHandle(commands=[c for c in registry().values() if not c.hidden])
    env = simcord.Env(adapter.client(handle))
    await env.start()
    world = World(env, adapter, handle)
    await world.admin.slash(world.papers, "setup", time="9", papers="5")
    await world.reader.slash(world.papers, "search", query="kv cache")
    await env.shutdown()
    assert [asked.text for asked in handle.asked] == ["time:9 papers:5", "kv cache"]


def test_a_command_whose_id_is_known_can_be_clicked() -> None:
    written = text(Message(text=f"Write {SETUP} or {usage('help')}."), {"setup": 42})
    options = TYPED.removeprefix("/setup")
    assert shown(written) == f"Write </setup:42>{options} or /help."


def test_values_are_plain_text() -> None:
    """:09: would be an emoji, and _York_ italics."""
    written = text(Message(text=SETUP), {"setup": 42})
    assert "</setup:42> time\\:09" in written and "New\\_York" in written
    assert "\\*" in text(Message(text=f"*{SETUP}*")), "and so is the rest"


def test_what_manages_another_channel_names_it() -> None:
    message = Message(text=f"{SETUP} {usage('help')}", about="c77")
    assert shown(text(message)) == f"{TYPED} channel:<#77> /help"


def test_a_title_and_small_print_have_it_too() -> None:
    message = Message(SETUP, "x", note=f"{usage('help')} helps.", caption=usage("help"))
    title, caption, _, note = shown(text(message, {"setup": 42, "help": 1})).splitlines()
    assert title == f"### </setup:42>{TYPED.removeprefix('/setup')}"
    assert (caption, note) == ("-# </help:1>", "-# </help:1> helps.")


def test_a_long_text_is_cut_around_its_usages() -> None:
    for length in range(2950, 3010):
        written = text(
            Message(text=f"{'x' * length} {SETUP} and more {'y ' * 3000}"), {"setup": 42}
        )
        assert "</setup:42>" not in written or "papers:10" in shown(written)
        assert not any(mark in written for mark in "\ufff9\ufffa\ufffb")
