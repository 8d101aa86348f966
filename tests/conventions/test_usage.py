"""How a command is typed: the core names it, a platform writes it, and that is understood."""

import ast
import re
from pathlib import Path

import pytest

from bot.commands import registry
from bot.dialogue import Message, Usage
from bot.errors import UserError
from bot.text import cut, one_line
from bot.usage import bare, in_message, pieces, refer, usage, written
from tests.asking import Asking

ROOT = Path(__file__).resolve().parents[2]
SETUP = usage("setup", here=True, time="09:00", zone="Europe/Berlin")
EXAMPLES = [command.example for command in registry().values() if command.example]


def options(one: Usage) -> str:
    """As Discord has it typed."""
    return " ".join([f"/{one.command}", *(f"{name}:{value}" for name, value in one.values)])


def test_a_text_has_usages_by_reference() -> None:
    text = f"Write {SETUP} or {usage('help')}."
    setup = Usage("setup", (("time", "09:00"), ("zone", "Europe/Berlin")), here=True)
    assert list(pieces(text)) == ["Write ", setup, " or ", Usage("help"), "."]
    assert written(text, bare) == "Write /setup 09:00 Europe/Berlin or /help."
    assert written(text, options) == "Write /setup time:09:00 zone:Europe/Berlin or /help."
    assert refer(setup) == SETUP


def test_the_rest_of_a_text_can_be_escaped_for_itself() -> None:
    assert written(f"<b> {SETUP} <i>", bare, str.upper) == "<B> /setup 09:00 Europe/Berlin <I>"


def test_a_message_has_them_in_its_title_text_and_note() -> None:
    message = Message(usage("help"), f"Or {SETUP}", note=usage("date"))
    shown = in_message(message, bare)
    assert (shown.title, shown.text, shown.note) == (
        "/help", "Or /setup 09:00 Europe/Berlin", "/date"
    )  # fmt: skip


@pytest.mark.parametrize("limit", range(2, 60))
def test_a_usage_is_never_cut_in_two(limit: int) -> None:
    text = written(cut(f"Please write {SETUP} at once, if you can", limit), bare)
    assert "setup" not in text or "/setup 09:00 Europe/Berlin" in text
    assert not any(mark in text for mark in "\ufff9\ufffa\ufffb")


def test_a_text_from_outside_has_none() -> None:
    assert one_line(f"A title {SETUP}").startswith("A title setup")
    assert list(pieces("half \ufff9setup")) == ["half setup"]
    assert usage("search", query="a\ufffbb") == usage("search", query="ab")


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.command)
async def test_every_example_means_the_same_as_each_platform_writes_it(
    bot: Asking, one: Usage
) -> None:
    answers = []
    for line in (bare(one), options(one)):
        await bot.ask("/forgetme yes", address="u1")
        await bot.ask("/subscribe kv cache", address="u1")
        answers.append(await bot.ask(line, address="u1"))
    assert answers[0] == answers[1]
    assert not answers[0].text.startswith(("Write", "I know no"))


async def test_help_shows_how_each_command_is_typed(bot: Asking) -> None:
    groups = (await bot.ask("/help")).actions[1]
    texts = [(await bot.ask(f"/{group.command} {group.text}")).text for group in groups]
    lines = [line for text in texts for line in text.splitlines()]
    assert "/setup – Post the daily papers here: /setup 09:00 Europe/Berlin 10" in lines
    assert "/trending – What gathers votes now: seven days of papers, newer ones ahead" in lines


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("/nonsense", "/help lists those I know"),
        ("/settings", "/setup 09:00 Europe/Berlin 10"),
        ("/subscriptions", "/subscribe kv cache"),
        ("/unsubscribe x", "/subscribe makes one"),
        ("/forgetme", "/forgetme yes"),
        ("/privacy", "/mydata shows it all"),
        ("/subscribe", "/subscribe kv cache"),
        ("/setup 08:00", "/setup Europe/Berlin, for example, changes the zone"),
    ],
)
async def test_hints_are_written_as_they_are_typed(bot: Asking, line: str, hint: str) -> None:
    assert hint in (await bot.ask(line)).text


def test_no_sentence_of_the_core_has_a_platforms_syntax() -> None:
    """A slash before a command's name is Telegram's; Discord has options by name."""
    names = "|".join(registry())
    syntax = re.compile(rf"(?<![\w./:])/({names})\b(?!/)")
    found = [
        (path.name, node.value)
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if syntax.search(node.value) and not (path.parent.name == "sources" or "`/" in node.value)
    ]
    assert found == []


def test_a_refusal_says_what_may_be_meant() -> None:
    assert UserError("Which?", [("One", "1")]).choices == (("One", "1"),)
    assert UserError("No.").choices == ()
