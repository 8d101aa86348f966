"""The terminal: what it shows, and what it does with what is typed."""

import asyncio
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unicodedata import category, east_asian_width

import click
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.console.client import Console
from adapters.console.render import render
from bot.dialogue import Action, Entry, Message, Section
from bot.states import Edited
from tests import strategies
from tests.discord.handle import FakeHandle

PRESS = Action("Next ›", data="today-2-t")
OTHER = Action("‹ Back", data="today-1-t")


def columns(line: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in line)


@given(strategies.messages, st.integers(40, 120))
@settings(max_examples=60)
def test_nothing_shown_can_move_the_cursor(message: Message, width: int) -> None:
    shown = click.unstyle(render(message, width=width))
    assert not any(category(char) in ("Cc", "Cs") for char in shown.replace("\n", ""))


@example("aa" + "。" * 20, 21)
@given(st.text(alphabet="扩散模型ab の。é🤖", max_size=200), st.integers(20, 100))
def test_wide_text_wraps_at_the_columns_it_takes(text: str, width: int) -> None:
    shown = render(Message(title=text, text=text, note=text), width=width)
    assert all(columns(line) <= width for line in click.unstyle(shown).splitlines())


def test_a_message_reads_from_top_to_bottom() -> None:
    entry = Entry(
        "A title", "https://hf.co/papers/1", 1, "▲ 3 · Ada", "It works.", reasons=("kv cache",),
        links=(("Code ★ 5", "u"), ("PDF", "https://arxiv.org/pdf/1"), ("2 comments", "u")),
    )  # fmt: skip
    message = Message(
        "Heading", "One.\nTwo.", (Section((entry,), "Late"),), "Page 1 of 2",
        ((PRESS,), (OTHER, Action("Project", url="https://a.example"))),
        caption="Small", passage="Long.\n\nMore.",
    )  # fmt: skip
    assert click.unstyle(render(message)) == (
        "Heading\nSmall\nOne.\nTwo.\n\nLong.\n\nMore.\n\nLate\n\n"
        "1. A title\n   ▲ 3 · Ada · matched: kv cache\n"
        "   It works.\n   https://hf.co/papers/1 · Code ★ 5 · 2 comments\n\nPage 1 of 2\n\n"
        "[1]\xa0Next\xa0›   [2]\xa0‹\xa0Back\n\nProject: https://a.example"
    )


def test_what_is_bold_stays_bold_over_the_ends_of_lines() -> None:
    summary = "An eviction policy for the cache, and the caches of others."
    spans = ((3, 11), (27, 37), (55, 200))
    entry = Entry("T", "u", summary=summary, bold=spans)
    shown = render(Message(sections=(Section((entry,)),)), width=35)
    bold = re.findall("\x1b\\[1m(.*?)\x1b\\[0m", shown)
    assert bold == ["T", "eviction", "cache,", "and", "ers."]
    assert "  An eviction policy for the cache,\n  and the caches" in click.unstyle(shown)


@given(strategies.entries(), st.integers(30, 100))
@settings(max_examples=60)
def test_bold_changes_no_character(entry: Entry, width: int) -> None:
    bare = Message(sections=(Section((replace(entry, bold=()),)),))
    bold = Message(sections=(Section((entry,)),))
    assert click.unstyle(render(bold, width=width)) == click.unstyle(render(bare, width=width))


def test_many_buttons_wrap_between_them() -> None:
    buttons = tuple(Action(f"{n} papers", data="x") for n in range(1, 6))
    lines = click.unstyle(render(Message(actions=(buttons,)), width=40)).splitlines()
    assert len(lines) > 1 and all(len(line) <= 40 for line in lines)
    assert all(line.startswith("[") and line.endswith("papers") for line in lines if line)


def test_a_button_with_a_number_is_not_taken_for_its_own_number() -> None:
    buttons = tuple(Action(str(n), data="x") for n in (6, 7))
    assert click.unstyle(render(Message(actions=(buttons,)))).endswith(
        "[1]\xa0paper\xa06   [2]\xa0paper\xa07"
    )


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[object]:
    """Call it with lines: they become standard input."""
    opened = []

    def type_(text: str) -> None:
        path = tmp_path / "input"
        path.write_text(text, errors="surrogateescape")
        file = path.open()
        opened.append(file)
        monkeypatch.setattr(sys, "stdin", file)
        monkeypatch.setattr("os.read", lambda _fd, size: file.buffer.raw.read(size))  # type: ignore[attr-defined]

    yield type_
    for file in opened:
        file.close()


async def run(typed: object, text: str, *answers: Message) -> FakeHandle:
    assert callable(typed)
    typed(text)
    handle = FakeHandle(list(answers) or [Message(text="An answer")])
    async with asyncio.timeout(5):
        await Console().run(handle)
    return handle


def asked(handle: FakeHandle) -> list[tuple[str, str]]:
    """After today's list, which is always asked for first."""
    assert handle.asked[0].command == "today"
    return [(one.command, one.text) for one in handle.asked[1:]]


async def test_commands_are_read_with_and_without_their_slash(typed: object) -> None:
    text = (
        "/search kv cache\nsearch  kv cache\nSubscribe x\n/TODAY\nkv cache\n/no such\n2506.00001\n"
    )
    assert asked(await run(typed, text)) == [
        ("search", "kv cache"), ("search", "kv cache"), ("subscribe", "x"), ("today", ""),
        ("search", "kv cache"), ("no", "such"), ("search", "2506.00001"),
    ]  # fmt: skip


async def test_a_number_presses_the_button_last_shown(
    typed: object, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = Message(actions=((Action("arXiv", url="https://a.example"), PRESS), (OTHER,)))
    handle = await run(typed, "2\n1\n3\n0\n", shown, shown, Message(text="Done"))
    assert [one.data for one in handle.asked[1:]] == ["today-1-t", "today-2-t"]
    output = capsys.readouterr().out
    assert "There is no button 3 above." in output and "There is no button 0 above." in output


async def test_blank_lines_are_nothing_and_the_end_of_input_ends_it(typed: object) -> None:
    assert asked(await run(typed, "\n  \n\n")) == []
    assert asked(await run(typed, "")) == []
    assert asked(await run(typed, "/help")) == [("help", "")], "a last line without an end counts"


async def test_quit_ends_it_before_the_input_does(typed: object) -> None:
    for word in ("/quit", "quit", "/exit", "exit"):
        assert asked(await run(typed, f"/help\n{word}\n/today\n")) == [("help", "")]


async def test_piped_commands_are_echoed_before_their_answers(
    typed: object, capsys: pytest.CaptureFixture[str]
) -> None:
    await run(typed, "/help\n\n\x1b[2Jkv\n", Message(text="First"), Message(text="Second"))
    output = capsys.readouterr().out
    assert output == "First\n\npapers> /help\nSecond\n\npapers> [2Jkv\nSecond\n\n"


async def test_any_bytes_may_come_in(typed: object) -> None:
    (found,) = asked(await run(typed, "/search \udcff\udcfe kv\x00cache\n"))
    assert re.fullmatch("\ufffd+ kv cache", found[1])


async def test_the_person_at_the_terminal_may_manage_it_and_a_post_appears(
    typed: object, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = await run(typed, "/setup\n")
    (request,) = handle.asked[1:]
    assert request.one_to_one and request.may_manage and await request.may_manage()
    console = Console()
    receipt = await console.post("here", Message(text="The post"), key="dp1", plain=True)
    assert receipt.message_id == "dp1" and "The post" in capsys.readouterr().out
    assert await console.check(["here"]) == []


async def test_a_button_is_pressed_as_it_is_shown(typed: object) -> None:
    shown = Message(actions=((PRESS, OTHER),))
    handle = await run(typed, "[2]\n(1)\n2.\n#1\n", shown)
    assert [one.data for one in handle.asked[1:]] == [OTHER.data, PRESS.data] * 2


async def test_what_is_printed_cannot_be_changed_and_that_is_an_answer() -> None:
    console = Console()
    receipt = await console.post("here", Message(text="The post"), key="dp1")
    assert await console.edit("here", receipt, Message(text="Another")) is Edited.UNSUPPORTED
