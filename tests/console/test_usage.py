"""Usages in a terminal: as one types them there."""

import click

from adapters.console.render import render
from bot.dialogue import Message
from bot.usage import usage


def test_a_hint_is_the_line_to_type() -> None:
    setup = usage("setup", here=True, time="09:00", zone="Europe/Berlin")
    message = Message(usage("help"), f"Write {setup}.", note=f"{usage('quit')} ends.")
    shown = click.unstyle(render(message))
    assert shown == "/help\nWrite /setup 09:00 Europe/Berlin.\n\n/quit ends."
