"""A post that is changed, and one that another version wrote and this one finds again."""

from dataclasses import replace

import pytest

from adapters.discord.client import Discord
from bot.dialogue import Entry, Message, Section
from bot.errors import PostError
from bot.model import Receipt
from bot.states import Edited
from tests.discord.judge import problems
from tests.discord.look import texts, walk, words
from tests.discord.test_plain import POST
from tests.discord.wire import SENT, Wire, always, answer, refusal
from tests.discord.world import World

CHANGED = replace(POST, text="Votes have settled.")
MESSAGE = "PATCH /channels/3/messages/77"


@pytest.mark.parametrize("plain", [False, True])
async def test_a_post_is_changed_where_it_stands_and_keeps_its_look(
    world: World, plain: bool
) -> None:
    address = f"c{world.papers.id}"
    receipt = await world.adapter.post(address, POST, key="dp1", plain=plain)
    assert await world.adapter.edit(address, receipt, CHANGED) is Edited.DONE
    shown = world.papers.last_message
    assert str(shown.id) == receipt.message_id
    assert bool(shown.content) is plain and bool(shown.components) is not plain
    assert "Votes have settled." in words(shown)
    assert len(world.papers.history()) == 1


async def test_a_post_of_an_older_version_gets_todays_look(wire: Wire, running: Discord) -> None:
    wire.host.on[MESSAGE] = always(lambda: answer(SENT))
    assert await running.edit("c3", Receipt("77", "embeds"), CHANGED) is Edited.DONE


async def test_a_persons_post_is_changed_in_their_private_chat(world: World) -> None:
    someone = world.env.create_user("dee")
    receipt = await world.adapter.post(f"u{someone.id}", POST, key="dp8")
    await world.adapter.edit(f"u{someone.id}", receipt, CHANGED)
    assert "Votes have settled." in words(someone.dm_channel.last_message)


async def test_buttons_that_are_left_out_go(world: World) -> None:
    address = f"c{world.papers.id}"
    receipt = await world.adapter.post(address, POST, key="dp1")
    await world.adapter.edit(address, receipt, replace(POST, actions=()))
    [change] = [r for r in world.env.http_requests if r.method == "PATCH"]
    assert [part for part in walk(change.json["components"]) if part["type"] == 2] == []
    assert texts(change.json["components"])[0].startswith("## Daily Papers")
    assert problems(change.method, change.path, change.json) == []


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [(404, 10008, Edited.GONE), (403, 50005, Edited.UNSUPPORTED), (400, 50021, Edited.UNSUPPORTED)],
)
async def test_what_discord_says_of_the_message_is_an_answer(
    wire: Wire, running: Discord, status: int, code: int, expected: Edited
) -> None:
    wire.host.on[MESSAGE] = always(lambda: refusal(status, code))
    assert await running.edit("c3", Receipt("77", "embeds"), POST) is expected


@pytest.mark.parametrize(
    ("status", "code", "fact"),
    [(404, 10003, "permanent"), (403, 50001, "permanent"), (400, 50035, "refused")],
)
async def test_a_refusal_means_what_it_means_for_a_post(
    wire: Wire, running: Discord, status: int, code: int, fact: str
) -> None:
    wire.host.on[MESSAGE] = always(lambda: refusal(status, code))
    with pytest.raises(PostError) as caught:
        await running.edit("c3", Receipt("77"), POST)
    assert getattr(caught.value, fact) and not caught.value.ambiguous


async def test_a_limit_is_told_with_its_time(wire: Wire, running: Discord) -> None:
    told = {"message": "slow down", "retry_after": 40.0, "global": False}
    headers = {"Retry-After": "40", "Via": "1.1 google"}
    wire.host.on[MESSAGE] = always(lambda: answer(told, 429, **headers))
    with pytest.raises(PostError) as caught:
        await running.edit("c3", Receipt("77"), POST)
    assert caught.value.retry_after and caught.value.rejected


async def test_a_lost_answer_leaves_nothing_in_doubt(wire: Wire, running: Discord) -> None:
    wire.host.on[MESSAGE] = always(lambda: refusal(503))
    with pytest.raises(PostError) as caught:
        await running.edit("c3", Receipt("77"), POST)
    assert not caught.value.ambiguous


# found again ------------------------------------------------------------------------------------

PAPERS = tuple(Entry(f"Title {n}", f"https://arxiv.org/abs/2506.0000{n}", n) for n in range(1, 5))
LIST = Message("Daily Papers", "Four papers.", (Section(PAPERS),))
OLD = "\n\n".join(f"**{e.rank}. [An older title]({e.url})** · other words" for e in PAPERS)
LINES = "\n".join(f"- [{e.title}]({e.url})" for e in PAPERS)


def embedded(text: str, title: str = "Daily Papers") -> dict[str, object]:
    return {"embeds": [{"title": title, "description": text, "type": "rich"}]}


def in_components(text: str) -> dict[str, object]:
    inner = [{"type": 10, "content": text}]
    return {"components": [{"type": 17, "components": inner}], "flags": 1 << 15}


@pytest.mark.parametrize(
    ("shown", "look"),
    [
        (embedded(OLD), "embeds"),
        ({"content": f"Daily Papers\n\nother words\n{LINES}"}, "plain"),
        (in_components(f"# Daily Papers\n{LINES}"), "components"),
    ],
)
async def test_a_post_is_found_in_the_look_of_another_version(
    wire: Wire, running: Discord, shown: dict[str, object], look: str
) -> None:
    wire.host.history = [SENT | shown | {"id": "90"}]
    assert await running.find("c3", LIST) == Receipt("90", look)


@pytest.mark.parametrize(
    "shown",
    [
        embedded(OLD, "Daily Papers of another day"),
        embedded(OLD.replace("00002", "00009")),
        embedded("\n".join(reversed(OLD.splitlines()))),
        {"content": "Daily Papers\n\nNine papers."},
        in_components("# Daily Papers\nNine papers."),
        {},
    ],
)
async def test_another_post_is_not_taken_for_it(
    wire: Wire, running: Discord, shown: dict[str, object]
) -> None:
    wire.host.history = [SENT | shown | {"id": "90"}]
    assert await running.find("c3", LIST) is None
