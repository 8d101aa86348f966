"""How the bot introduces itself where it was added, with a button that sets it up. Pure."""

from __future__ import annotations

from bot.dialogue import Action, Message
from bot.payload import payload
from bot.usage import usage

SETUP = Action("Set up", command="setup", data=str(payload("setup", 1, "")))
WHAT = "Each day's research papers, as Hugging Face's community votes them."


def hello() -> Message:
    """For a place where many read; the button is for who may manage it, as the core asks."""
    text = f"{WHAT} I post the day's list here once somebody sets me up: a city is enough."
    note = f"The button is for who may manage this place. {usage('help')} is for everybody."
    return Message("Hello, I am Daily Papers", text, note=note, actions=((SETUP,),))
