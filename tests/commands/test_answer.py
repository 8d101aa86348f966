"""The door: faults become a sentence, buttons come back as they went."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from unicodedata import category

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import buttons, commands
from bot.commands import Command, registry
from bot.commands.answer import answer, suggest
from bot.commands.context import Context
from bot.dialogue import Action, Choice, Message, Request
from bot.errors import SourceError, StoreError, UserError
from bot.turns import KEEPING
from bot.zones import reading
from tests.commands.conftest import Bot
from tests.fakes import papers_of
from tests.strategies import text


def broken(error: Exception) -> Mapping[str, Command]:
    async def run(ctx: Context, request: Request) -> Message:
        raise error

    return {"break": Command("break", "Breaks", run)}


@contextmanager
def tickets(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    found: list[str] = []
    caplog.set_level(logging.DEBUG)
    yield found
    found += re.findall(r"ticket=([0-9a-f]{8})", caplog.text)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("That is no day."), "That is no day."),
        (SourceError("The feed answered 500"), "The feed answered 500. Try again in a few minutes."),  # noqa: E501
    ],
)  # fmt: skip
async def test_an_expected_fault_is_its_own_sentence_and_nothing_is_logged(
    bot: Bot, error: Exception, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    message = await answer(bot.ctx, broken(error), Request("x", "a", "p", "break"))
    assert message == Message(text=sentence, private=True) and not caplog.records


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StoreError("The disk is full: nothing was changed."), "The disk is full: nothing was changed"),  # noqa: E501
        (KeyError("secret words"), "Something broke"),
        (ValueError("near secret words"), "Something broke"),
    ],
)  # fmt: skip
async def test_any_other_fault_is_a_sentence_with_a_ticket_logged_once_without_words(
    bot: Bot, error: Exception, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    with tickets(caplog) as logged:
        request = Request("x", "a", "p", "break", "secret words")
        message = await answer(bot.ctx, broken(error), request)
    assert message.private and len(logged) == 1
    assert len([one for one in caplog.records if one.name.startswith("bot")]) == 1
    assert message.text == f"{sentence} (ticket {logged[0]})."
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("bot"))
    assert "secret" not in ours and type(error).__name__ in ours
    assert "in run" in caplog.text, "where it broke is in the log"


async def test_a_fault_half_way_changes_nothing(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> bool:
        raise RuntimeError

    monkeypatch.setattr(commands.personal.stored, "add_topic", fail)
    before = await bot.kept()
    assert (await bot.ask("/subscribe kv cache")).text.startswith("Something broke (ticket ")
    assert await bot.kept() == before


async def test_a_store_that_is_gone_is_a_sentence_for_every_command(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    async def gone(*_: object, **__: object) -> object:
        raise StoreError("The store is busy: another program holds it.")

    bot.store.rows = bot.store.row = gone  # type: ignore[method-assign,assignment]
    for name in set(registry()) - {"help", "privacy"}:
        bare = registry()[name].bare or name in ("week", "month")
        words = "" if bare else "2025-06-10 2506.00001"
        words = "kv cache" if name == "subscribe" else words
        message = await bot.ask(f"/{name} {words}")
        gist = "The store is busy: another program holds it (ticket "
        assert name == "forgetme" or message.text.startswith(gist)
    assert not await bot.suggest("paper", "id", "stu"), "autocomplete is merely empty"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.sampled_from(sorted(registry())), text, st.integers(-3, 10**9))
async def test_no_words_to_any_command_break_it(
    bot: Bot, command: str, words: str, page: int
) -> None:
    message = await bot.ask(f"/{command} {words}", page=page)
    assert "Something broke" not in message.text
    shown = (message.title, message.note, *message.text.splitlines())
    assert not any(category(char) in ("Cc", "Cs") for line in shown for char in line)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.sampled_from(sorted(registry())), text, st.integers(1, 999_999))
async def test_a_button_comes_back_as_it_went(
    bot: Bot, command: str, words: str, page: int
) -> None:
    words = words.replace("\x00", "")
    made = Message(actions=((Action("b", command=command, text=words, page=page),),))
    packed = await buttons.pack(bot.store, made, bot.clock())
    data = packed.actions[0][0].data
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", data)
    request = await buttons.unpack(bot.store, Request("x", "a", "p", data=data))
    assert (request.command, request.text, request.page) == (command, words, page)


@pytest.mark.parametrize(
    "data",
    ["x", "-", "today", "today-1", "today-1-", "today--t", "today-x-t", "today-1-x", "today-²-t",
     "today-9999999-t", "search-1-k0123456789abcdef01234567", "search-1-k", "nonsense-1-t",
     "search-1-b_", "search-1-b__8", "search-1-z"],
)  # fmt: skip
async def test_a_button_that_is_not_ours_is_refused(bot: Bot, data: str) -> None:
    message = await bot.ask(data=data)
    assert message.private and message.text in (
        "That button is too old; send the command again.",
        "I do not know that command; /help lists those I know.",
    )


async def test_a_page_of_words_is_not_tried_as_every_pair_of_places(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One letter of some writing systems is four words once it is folded."""
    looks, names = 0, reading.names

    def counted() -> Mapping[str, Sequence[str]]:
        nonlocal looks
        looks += 1
        return names()

    monkeypatch.setattr(reading, "names", counted)
    for words in ("\ufdfa" * 4000, "1.1." * 1000, "paris texas " * 300):
        message = await bot.ask(f"/setup 9:00 {words}")
        assert message.private and message.text
    assert looks < 20


@pytest.mark.parametrize("letter", ["a", "\ufdfa", "1 ", "a-"])
async def test_a_page_of_words_has_no_suggestions(bot: Bot, letter: str) -> None:
    async def asked(*_: object) -> list[Choice]:
        raise AssertionError("it was read")

    for name, command in registry().items():
        for option in command.options:
            slow = replace(command, options=(replace(option, suggest=asked),))
            request = Request("discord", "c1", "u1", name)
            assert not await suggest(bot.ctx, {name: slow}, request, option.name, letter * 3000)


async def test_one_person_does_not_fill_the_store_with_long_buttons(bot: Bot) -> None:
    async def searched(ctx: Context, person: str, n: int) -> Message:
        words = f"study {'subject ' * 12}{n}"
        return await answer(ctx, registry(), Request("discord", "c1", person, "search", words))

    async def stored() -> int:
        return len(await bot.store.rows("SELECT * FROM texts"))

    await bot.listed("2025-06-12", *papers_of("2025-06-12", *range(1, 13)))
    ctx = bot.ctx
    before = [await searched(ctx, "u1", n) for n in range(round(KEEPING.burst))]
    full = await stored()
    assert full and all(message.actions and "left out" not in message.note for message in before)
    after = await searched(ctx, "u1", 5000)
    assert "many long searches today" in after.note and after.sections
    assert all(action.data for row in after.actions for action in row)
    assert await stored() == full
    assert await searched(ctx, "u1", 0) == before[0], "what is kept already costs nothing"
    assert "left out" not in (await searched(ctx, "u2", 5001)).note
    assert await stored() > full


async def test_a_link_is_no_command(bot: Bot) -> None:
    made = Message(actions=((Action("arXiv", url="https://arxiv.org"),),))
    assert await buttons.pack(bot.store, made, bot.clock()) == made


@pytest.mark.parametrize("data", ["forgetme-1-tyes", "setup-1-t10", "pause-1-t", "mydata-1-t"])
async def test_a_link_somebody_sent_changes_nothing_and_shows_nothing_private(
    bot: Bot, data: str
) -> None:
    async def yes() -> bool:
        return True

    pressed = Request("x", "p", "p", data=data, one_to_one=True, may_manage=yes)
    refused = await answer(bot.ctx, registry(), replace(pressed, linked=True))
    assert refused.text.startswith("A link cannot do that") and not refused.sections
    assert (await answer(bot.ctx, registry(), pressed)) != refused
    read = replace(pressed, data="week-1-t", linked=True)
    assert "A link" not in (await answer(bot.ctx, registry(), read)).text
