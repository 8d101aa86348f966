"""The adapter inside discord.py's real machinery and a simulated Discord."""

import gc
import re
from typing import cast

import discord
import pytest
import simcord
from discord.ui.view import BaseView

from adapters.discord.client import Discord
from adapters.discord.rights import UNKNOWN
from bot.dialogue import Choice, Message
from bot.errors import PostError
from bot.model import Receipt
from tests.discord.handle import COMMANDS, FakeHandle
from tests.discord.judge import all_problems
from tests.discord.look import words
from tests.discord.world import MORE, World, sentence, url

POST = Message("Daily Papers", "Ten papers.", actions=(MORE,))


async def test_every_command_is_registered_once_for_everybody(world: World) -> None:
    (registered,) = world.requests("/commands")
    assert [command["name"] for command in registered] == [c.name for c in COMMANDS]
    today, search, setup, pause, subscribe = registered
    for everywhere in (today, search, subscribe):
        assert everywhere["contexts"] == [0, 1, 2]
        assert everywhere["integration_types"] == [0, 1]
        assert everywhere["default_member_permissions"] is None
    for admin in (setup, pause):
        assert admin["contexts"] == [0]
        assert admin["integration_types"] == [0]
        assert admin["default_member_permissions"] == discord.Permissions(manage_guild=True).value
        assert admin["options"][-1]["name"] == "channel"
    assert [(o["name"], o["required"]) for o in search["options"]] == [
        ("query", True),
        ("order", False),
    ]


async def test_a_home_server_gets_the_commands_instead_of_everybody() -> None:
    adapter = Discord("secret", 42)
    async with simcord.run(adapter.client(FakeHandle())) as env:
        (synced,) = [r.path for r in env.http_requests if r.method == "PUT"]
        assert synced.endswith("/guilds/42/commands")
        assert all_problems(env.http_requests) == []


async def test_no_privileged_intent_is_needed() -> None:
    none = discord.Intents.default()
    async with simcord.run(Discord("t", None).client(FakeHandle()), approved_intents=none) as env:
        intents = env.bot.intents
    assert not (intents.message_content or intents.members or intents.presences)


async def test_a_command_is_answered_in_public_with_its_place_and_person(world: World) -> None:
    answer = await world.reader.slash(world.papers, "today")
    assert not answer.ephemeral
    assert sentence(answer.response) == "An answer"
    (asked,) = world.handle.asked
    assert (asked.platform, asked.command, asked.text, asked.data) == ("discord", "today", "", "")
    assert (asked.address, asked.place) == (f"c{world.papers.id}", "#papers")
    assert asked.place_url == url(world, world.papers)
    assert (asked.person, asked.one_to_one) == (f"u{world.reader.id}", False)


async def test_options_become_one_text_in_the_registrys_order(world: World) -> None:
    await world.reader.slash(world.papers, "search", query="kv cache", order="newest")
    await world.admin.slash(world.papers, "setup", papers="5", time="09:00")
    assert [asked.text for asked in world.handle.asked] == ["newest kv cache", "09:00 5"]


@pytest.mark.parametrize("command", ["subscribe", "setup"])
async def test_what_is_personal_or_changes_a_place_is_ephemeral(world: World, command: str) -> None:
    answer = await world.admin.slash(world.papers, command)
    assert answer.ephemeral
    assert sentence(answer.response) == "An answer"


async def test_an_error_of_a_public_command_is_seen_by_the_asker_alone(world: World) -> None:
    world.handle.answers = [Message(text="No such day.", private=True)]
    answer = await world.reader.slash(world.papers, "today")
    assert answer.ephemeral and sentence(answer.response) == "No such day."
    assert answer.followups == []


async def test_in_a_private_chat_the_address_is_the_person(world: World) -> None:
    someone = world.env.create_user("dee")
    await someone.slash("subscribe", topic="diffusion")
    (asked,) = world.handle.asked
    assert asked.address == asked.person == f"u{someone.id}"
    assert (asked.one_to_one, asked.place, asked.place_url) == (True, "here", "")
    assert await asked.may_manage()


async def test_only_who_manages_the_server_may_manage(world: World) -> None:
    await world.admin.slash(world.papers, "pause")
    await world.reader.slash(world.papers, "today")
    admin, reader = world.handle.asked
    assert await admin.may_manage()
    assert not await reader.may_manage()


async def test_another_channel_can_be_managed_from_here(world: World) -> None:
    other = world.guild.create_text_channel("reading")
    world.handle.answers = [Message(text="Set.", actions=(MORE,))]
    answer = await world.admin.slash(world.papers, "setup", channel=other, time="09:00")
    pressed = await world.admin.click(answer.response, label="More")
    assert sentence(pressed.response) == "Set."
    for asked in world.handle.asked:
        assert (asked.address, asked.place) == (f"c{other.id}", "#reading")
        assert asked.place_url == url(world, other)
        assert await asked.may_manage()
    assert [asked.text for asked in world.handle.asked] == ["09:00", ""]


@pytest.mark.parametrize("zone", ["#reading", "<#1234567890>", "https://discord.com/channels/1/2"])
async def test_a_channel_in_another_option_is_told_where_it_goes(world: World, zone: str) -> None:
    answer = await world.admin.slash(world.papers, "setup", zone=zone, time="09:00")
    assert sentence(answer.response) == (
        "That names a place: choose the channel in this command's option channel. "
        "Nothing was changed."
    )
    assert world.handle.asked == []


async def test_a_channel_that_has_gone_since_cannot_be_managed(world: World) -> None:
    other = world.guild.create_text_channel("reading")
    world.handle.answers = [Message(text="Set.", actions=(MORE,))]
    answer = await world.admin.slash(world.papers, "setup", channel=other)
    await world.env.bot.get_channel(other.id).delete()
    pressed = await world.admin.click(answer.response, label="More")
    assert sentence(pressed.response) == UNKNOWN
    assert len(world.handle.asked) == 1


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_setup_says_what_the_bot_lacks_before_anything_changes(
    world: World, elsewhere: bool
) -> None:
    denied = discord.PermissionOverwrite(send_messages=False, embed_links=False)
    muted = world.guild.create_text_channel("muted", overwrites={world.guild.default_role: denied})
    here = world.papers if elsewhere else muted
    options = {"channel": muted} if elsewhere else {}
    answer = await world.admin.slash(here, "setup", **options)
    assert re.sub(r"</(\w+):\d+>", r"/\1", sentence(answer.response)) == (
        "I may not post in #muted yet: give me Send Messages and Embed Links there, "
        "then run /setup again. Nothing was changed."
    )
    assert world.handle.asked == []
    await world.admin.slash(here, "pause", **options)
    assert [asked.command for asked in world.handle.asked] == ["pause"]


async def test_autocomplete_offers_at_most_25_and_nothing_too_long(world: World) -> None:
    world.handle.choices = [
        Choice("", "empty"),
        Choice("long", "v" * 101),
        *(Choice("n" * 120, f"zone {n}") for n in range(40)),
    ]
    choices = await world.admin.autocomplete(world.papers, "setup", "zone", "ber")
    assert [choice["value"] for choice in choices] == [f"zone {n}" for n in range(25)]
    ((request, option, typed),) = world.handle.suggested
    assert (request.command, option, typed) == ("setup", "zone", "ber")


async def test_a_press_on_a_shared_message_is_answered_to_the_presser_alone(world: World) -> None:
    await world.adapter.post(f"c{world.papers.id}", POST, key="dp1")
    shared = world.papers.last_message
    pressed = await world.reader.click(shared, label="More")
    assert pressed.ephemeral and sentence(pressed.response) == "An answer"
    assert words(world.papers.last_message) == "### Daily Papers\nTen papers."
    (asked,) = world.handle.asked
    assert (asked.data, asked.command, asked.address) == ("more-7", "", f"c{world.papers.id}")
    assert asked.person == f"u{world.reader.id}"


async def test_a_press_on_ones_own_answer_changes_that_answer(world: World) -> None:
    world.handle.answers = [Message(text="Page 1", actions=(MORE,)), Message(text="Page 2")]
    answer = await world.reader.slash(world.papers, "subscribe")
    await world.reader.click(answer.response, label="More")
    assert sentence(answer.response) == "Page 2"
    assert not discord.ui.LayoutView.from_message(answer.response).is_dispatchable(), "no button"


async def test_buttons_work_after_a_restart_and_are_not_kept_in_memory(world: World) -> None:
    await world.adapter.post(f"c{world.papers.id}", POST, key="dp1")
    gc.collect()
    assert [v for v in gc.get_objects() if isinstance(v, BaseView)] == []
    await world.env.restart_bot(world.adapter.client(world.handle))
    pressed = await world.reader.click(world.papers.last_message, label="More")
    assert sentence(pressed.response) == "An answer"


async def test_somebody_elses_button_is_left_alone(world: World) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Odd", custom_id="odd"))
    view.stop()
    await world.env.bot.get_channel(world.papers.id).send("x", view=view)
    pressed = await world.reader.click(world.papers.last_message, label="Odd")
    assert not pressed.acknowledged and world.handle.asked == []


async def test_a_post_carries_its_nonce_and_pings_nobody(world: World) -> None:
    receipt = await world.adapter.post(f"c{world.papers.id}", POST, key="dp7")
    assert receipt == Receipt(str(world.papers.last_message.id), "components")
    (sent,) = world.requests("/messages")
    assert (sent["nonce"], sent["enforce_nonce"]) == ("dp7", True)
    assert sent["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("plain", [False, True])
async def test_an_error_of_ours_in_a_post_is_no_answer_of_discords(
    world: World, plain: bool
) -> None:
    broken = Message(text=cast(str, 7))
    with pytest.raises((AttributeError, TypeError)):
        await world.adapter.post(f"c{world.papers.id}", broken, key="dp7", plain=plain)
    assert world.requests("/messages") == []


async def test_a_post_to_a_person_opens_their_private_chat(world: World) -> None:
    someone = world.env.create_user("dee")
    await world.adapter.post(f"u{someone.id}", POST, key="dp8")
    assert words(someone.dm_channel.last_message).startswith("### Daily Papers")


async def test_trouble_while_opening_a_private_chat_is_not_ambiguous(world: World) -> None:
    world.env.inject_error("POST", "/users/@me/channels", status=503)
    with pytest.raises(PostError) as caught:
        await world.adapter.post(f"u{world.env.create_user('dee').id}", POST, key="dp1")
    assert not caught.value.ambiguous


async def test_before_login_a_post_never_leaves() -> None:
    adapter = Discord("t", None)
    for _ in range(2):
        with pytest.raises(PostError, match="Not connected to Discord yet") as caught:
            await adapter.post("c1", POST, key="dp1")
        assert not (caught.value.permanent or caught.value.ambiguous or caught.value.refused)
        adapter.client(FakeHandle())
