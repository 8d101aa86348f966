"""The places where a person set up a daily post, each to be opened."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.context import Context
from bot.dialogue import Action, Message, Request
from bot.model import TOPICS, Place, Subscription
from bot.store import people, subscriptions
from bot.text import cut

_ROW, _ROWS = 5, 4  # buttons of places: a message has five rows of five
Places = Sequence[tuple[Subscription, Place]]


async def of(ctx: Context, request: Request) -> Places:
    """Those but this one."""
    mine = await subscriptions.owned(ctx.store, request.platform, request.person)
    others = [
        one for one in mine if one.name != TOPICS and one.destination.address != request.address
    ]
    return [(one, await people.place(ctx.store, one.destination)) for one in others]


def listed(places: Places, *, is_here: bool) -> Message:
    """is_here: this chat is one of them."""
    lines = [f"· {_name(*each)}: {each[0].time} {each[0].zone}, {each[0].state}" for each in places]
    actions = [
        Action(cut(_name(one, place), 40), command="setup", about=one.destination.address)
        for one, place in places
    ]
    rows = [tuple(actions[n : n + _ROW]) for n in range(0, min(len(actions), _ROWS * _ROW), _ROW)]
    here = Action("This chat" if is_here else "Daily papers in this chat", command="setup")
    return Message("Your places", "\n".join(lines), actions=(*rows, (here,)), private=True)


def _name(one: Subscription, place: Place) -> str:
    return place.title or one.destination.address
