"""Buttons about another place than the one they stand in, and who may press them."""

import discord
import pytest
import simcord

from adapters.discord.rights import UNKNOWN
from bot.dialogue import Action, Message
from tests.discord.world import MORE, World, sentence

AGAIN = (Action("Post today's list now", data="again-1-t7"),)
LABEL = AGAIN[0].label


async def notice(world: World, person: simcord.UserHandle, about: str) -> discord.Message:
    """What stands in someone's private chat after a notice about a channel."""
    message = Message("Stopped", "I may not write there.", actions=(AGAIN,), about=about)
    await world.adapter.post(f"u{person.id}", message, key="dp1")
    return person.dm_channel.last_message


@pytest.fixture
def owner(world: World) -> simcord.UserHandle:
    """Someone who manages the server."""
    person = world.env.create_user("olga")
    role = world.guild.create_role("m", permissions=discord.Permissions(manage_guild=True))
    world.guild.add_member(person, roles=[role])
    return person


async def test_a_notice_acts_on_the_channel_it_is_about(
    world: World, owner: simcord.UserHandle
) -> None:
    shown = await notice(world, owner, f"c{world.papers.id}")
    pressed = await owner.click(shown, label=LABEL)
    assert sentence(pressed.response) == "An answer"
    (asked,) = world.handle.asked
    assert (asked.address, asked.place, asked.one_to_one) == (
        f"c{world.papers.id}", "#papers", False,
    )  # fmt: skip
    assert asked.place_title == f"#papers in {world.guild.name}"
    assert asked.place_url == f"https://discord.com/channels/{world.guild.id}/{world.papers.id}"
    assert (asked.person, asked.data) == (f"u{owner.id}", "again-1-t7")
    assert await asked.may_manage()


async def test_the_answers_buttons_stay_about_that_channel(
    world: World, owner: simcord.UserHandle
) -> None:
    world.handle.answers = [Message(text="Posted.", actions=(MORE,))]
    pressed = await owner.click(await notice(world, owner, f"c{world.papers.id}"), label=LABEL)
    await owner.click(pressed.response, label="More")
    assert [asked.address for asked in world.handle.asked] == [f"c{world.papers.id}"] * 2


async def test_an_answer_can_be_about_a_place_of_the_cores_own_choice(world: World) -> None:
    other = world.guild.create_text_channel("reading")
    world.handle.answers = [Message(text="x", actions=(MORE,), about=f"c{other.id}")]
    answer = await world.admin.slash(world.papers, "subscribe")
    await world.admin.click(answer.response, label="More")
    assert [asked.place for asked in world.handle.asked] == ["#papers", "#reading"]


async def test_a_message_about_a_person_has_ordinary_buttons(
    world: World, owner: simcord.UserHandle
) -> None:
    await owner.click(await notice(world, owner, f"u{owner.id}"), label=LABEL)
    (asked,) = world.handle.asked
    assert (asked.address, asked.one_to_one) == (f"u{owner.id}", True)


async def test_who_may_not_manage_a_channel_learns_nothing_about_it(world: World) -> None:
    stranger = world.env.create_user("sam")
    member = world.env.create_user("mel")
    world.guild.add_member(member)
    there, nowhere = f"c{world.papers.id}", "c999999999999999999"
    theirs = world.env.create_guild().create_text_channel("secret")
    heard = [
        sentence((await person.click(await notice(world, person, about), label=LABEL)).response)
        for person, about in (
            (stranger, there), (member, there), (stranger, nowhere), (member, f"c{theirs.id}"),
        )
    ]  # fmt: skip
    assert heard == [UNKNOWN] * 4
    assert world.handle.asked == []


async def test_a_channel_of_another_server_can_be_managed_by_who_manages_that(world: World) -> None:
    elsewhere = world.env.create_guild()
    room = elsewhere.create_text_channel("room")
    role = elsewhere.create_role("m", permissions=discord.Permissions(manage_guild=True))
    ray = world.env.create_user("both")
    here = world.guild.add_member(ray)
    message = Message("x", actions=(AGAIN,), about=f"c{room.id}")
    await world.adapter.post(f"c{world.papers.id}", message, key="dp1")
    shown = world.papers.last_message
    assert sentence((await here.click(shown, label=LABEL)).response) == UNKNOWN
    elsewhere.add_member(ray, roles=[role])
    assert sentence((await here.click(shown, label=LABEL)).response) == "An answer"
    (asked,) = world.handle.asked
    assert (asked.address, await asked.may_manage()) == (f"c{room.id}", True)


async def test_trouble_of_discords_own_is_not_taken_for_an_unknown_channel(
    world: World, owner: simcord.UserHandle
) -> None:
    shown = await notice(world, owner, f"c{world.papers.id}")
    world.env.inject_error("GET", "/guilds/*/members/*", status=503)
    pressed = await owner.click(shown, label=LABEL)
    assert sentence(pressed.response).startswith("Discord does not say just now")
    await owner.click(shown, label=LABEL)
    assert len(world.handle.asked) == 1


async def test_who_presses_ever_other_channels_has_discord_asked_a_few_times(world: World) -> None:
    attacker, owner_of_nothing = world.env.create_user("sam"), world.env.create_user("mel")
    heard = []
    for n in range(12):
        shown = await notice(world, attacker, f"c{999_999_999_999_990_000 + n}")
        heard.append(sentence((await attacker.click(shown, label=LABEL)).response))
    looked = heard.index(next(words for words in heard if words != UNKNOWN))
    assert 1 <= looked < 8
    assert all(words.startswith("Discord does not say just now") for words in heard[looked:])
    shown = await notice(world, owner_of_nothing, "c999999999999999999")
    pressed = await owner_of_nothing.click(shown, label=LABEL)
    assert sentence(pressed.response) == UNKNOWN  # another person may have it looked at
