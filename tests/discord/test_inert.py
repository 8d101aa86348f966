"""Other people's words in answers: on Discord none of them is a mention, a link or a command."""

import re

import pytest

from adapters.discord.client import Discord
from bot.dialogue import Entry, Message, Section
from bot.usage import usage
from tests.discord.look import texts, words
from tests.discord.wire import Wire
from tests.discord.world import World

HOSTILE = (
    "@everyone @here <@1> <@!1> <@&2> <#3> </setup:4> <id:guide> <t:5> <:smile:6> :smile: "
    "https://evil.example [click](https://evil.example) <https://evil.example> steam://run"
)
URL = "https://huggingface.co/papers/2506.00001"
MESSAGE = Message(
    HOSTILE, f"Like “{HOSTILE}”\n{usage('today')}",
    (Section((Entry(HOSTILE, URL, summary=HOSTILE, meta=HOSTILE, reasons=(HOSTILE,)),), HOSTILE),),
    HOSTILE,
)  # fmt: skip
# What Discord reads as something else than these characters, where no backslash stands before it.
_ACTS = re.compile(r"(?<!\\)(?:<[@#/:iat]|@everyone|@here|(?<=\w):(?=//)|:(?=\w+:)|\[click\])")


def acts(markdown: str) -> list[str]:
    """Without our own links and commands."""
    ours = re.sub(
        rf"\]\({re.escape(URL)}\)|</today:\d+>|^{re.escape(URL)}$", "", markdown, flags=re.M
    )
    return _ACTS.findall(ours)


async def test_only_usages_and_our_links_can_be_clicked_in_an_answer(world: World) -> None:
    world.handle.answers = [MESSAGE]
    answer = await world.reader.slash(world.papers, "today")
    assert answer.response
    assert not acts(words(answer.response))
    assert re.search(r"</today:\d+>", words(answer.response)), "and a usage can be clicked"


@pytest.mark.parametrize("plain", [False, True])
async def test_a_post_pings_nobody_in_either_form(
    wire: Wire, running: Discord, plain: bool
) -> None:
    await running.post("c3", MESSAGE, key="dp1", plain=plain)
    body = wire.host.posted[0]
    shown = [body.get("content") or "", *texts(body.get("components") or [])]
    assert not acts("\n".join(shown)) and body["allowed_mentions"] == {"parse": []}
