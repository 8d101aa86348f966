"""What platforms are told of the commands, and what newcomers read."""

import re

from bot.commands import registry
from tests.commands.conftest import Bot, labels

COMMANDS = registry()
HIDDEN = ["more", "days", "dropall", "postnow", "resend"]


def test_every_command_is_found_in_the_order_people_need_them() -> None:
    """A command more needs no word here."""
    first = [
        "help", "more", "days", "today", "date", "week", "trending", "paper", "search", "similar",
        "subscribe", "unsubscribe", "dropall", "subscriptions", "privacy", "mydata", "forgetme",
        "setup", "postnow", "preview", "settings", "pause", "resume", "deliveries", "resend",
    ]  # fmt: skip
    assert [name for name in COMMANDS if name in first] == first


def test_names_and_summaries_fit_both_platforms() -> None:
    for command in COMMANDS.values():
        assert re.fullmatch("[a-z]{1,32}", command.name)
        assert 3 <= len(command.summary) <= 100 and not command.summary.endswith(".")
        for option in command.options:
            assert re.fullmatch("[a-z]{1,32}", option.name)
            assert 3 <= len(option.summary) <= 100
        needed = [option.required for option in command.options]
        assert needed == sorted(needed, reverse=True), "required options come first"


def test_what_changes_a_place_is_for_admins_and_what_is_personal_is_private() -> None:
    admin = {name for name, one in COMMANDS.items() if one.admin}
    private = {name for name, one in COMMANDS.items() if one.private}
    assert admin == {
        "setup", "postnow", "preview", "settings", "pause", "resume", "deliveries", "resend"
    }  # fmt: skip
    assert private == {
        "subscribe", "unsubscribe", "subscriptions", "privacy", "mydata", "forgetme", "preview",
        "dropall",
    }  # fmt: skip
    hidden = [name for name, one in COMMANDS.items() if one.hidden]
    assert hidden == HIDDEN


async def test_help_names_every_command_once_in_groups_on_one_screen(bot: Bot) -> None:
    message = await bot.ask("/help")
    shown = re.findall(r"/([a-z]+)", message.text)
    assert sorted(shown) == sorted(set(COMMANDS) - {"help", *HIDDEN})
    assert labels(message) == ["Today's papers", "Read", "For you alone", "A daily post"]
    assert message.private and len(message.text) < 500


async def test_each_group_of_help_explains_its_commands_and_leads_back(bot: Bot) -> None:
    message, shown = await bot.ask("/help"), list[str]()
    for heading in ("Read", "For you alone", "A daily post"):
        group = await bot.press(message, heading)
        shown += re.findall(r"^/([a-z]+) – ", group.text, re.MULTILINE)
        assert (await bot.press(group, "All commands")).text == message.text
    assert sorted(shown) == sorted(set(COMMANDS) - {"help", *HIDDEN})


async def test_an_unknown_command_says_where_to_look(bot: Bot) -> None:
    message = await bot.ask("/nonsense words")
    assert message.text == "I do not know that command; /help lists those I know."
