"""What who set up a place is told about it: frozen in the outbox, in words any platform shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from bot import dates
from bot.dialogue import Action, Message
from bot.errors import Instead
from bot.model import Place
from bot.states import PlaceState
from bot.text import cut, one_line
from bot.usage import usage

PLACES = "{places}"
MOST_NAMED = 3  # places of one cause that are named; the others are counted
MOST_TOPICS = 10  # told of in a notice
GOES_ON = "I go on by myself once that is mended."


@dataclass(frozen=True, slots=True)
class Notice:
    """A text and its buttons, as (label, command, words) or (label, URL)."""

    text: str
    about: str = ""  # the address the commands are for
    link: tuple[str, str] | None = None  # label, URL
    action: tuple[str, str, str] | None = None  # label, command, words
    place: str = ""  # the address whose state it tells
    state: PlaceState | None = None  # what it tells of its place
    name: str = ""  # of its place
    many: str = ""  # the text for several places of one cause, with PLACES for their names

    def dumps(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def loads(text: str) -> Message:
    raw = json.loads(text)
    if several := raw.get("several"):
        return Message(text=_of_several(several[0]["many"], [one["name"] for one in several]))
    link, action = raw.get("link"), raw.get("action")
    buttons = [Action(action[0], command=action[1], text=action[2])] if action else []
    buttons += [Action(link[0], url=link[1])] if link else []
    rows = (tuple(buttons),) if buttons else ()
    return Message(text=raw["text"], actions=rows, about=raw.get("about", ""))


def _of_several(many: str, names: Sequence[str]) -> str:
    rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    shown = list(names[:MOST_NAMED])
    text = (
        ", ".join(shown) if rest or len(shown) < 2 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    )
    return many.replace(PLACES, text + rest, 1)


def stopped(place: Place, address: str, reason: str, remedy: str) -> Notice:
    """Nothing goes to that place any more; without a remedy, for good."""
    name = _named(place)
    many = f"I stopped posting Daily Papers in {PLACES}: {reason.rstrip('.')}."
    mends = bool(remedy) and not isinstance(remedy, Instead)
    what = f"{remedy} {GOES_ON}" if mends else remedy or "Nothing more goes there."
    link = _link(place) if mends else None
    many = f"{many} {what}"
    return Notice(
        many.replace(PLACES, name, 1), link=link, place=address, state=PlaceState.STOPPED,
        name=name, many=many,
    )  # fmt: skip


def back(place: Place, address: str, next_run: datetime, zone: str, today: str) -> Notice:
    """Posts go there again. `today`: label of the button that posts the open list; or empty."""
    due = dates.moment(next_run, zone)
    text = f"I may post in {_named(place)} again, and go on: the next post is due {due}."
    action = (today, "postnow", "") if today else None
    many = f"I may post in {PLACES} again, and go on: the next posts are due {due}."
    return Notice(
        text, address, _link(place), action, place=address, state=PlaceState.BACK,
        name=_named(place), many=many,
    )  # fmt: skip


def died(
    place: Place, address: str, number: int, list_day: date, reason: str, *, comes: bool
) -> Notice:
    """A post that will not come. comes: its papers do, with the next."""
    day, name = dates.long_date(list_day, year=False), _named(place)
    failed = f"could not be sent: {cut(one_line(reason), 200).rstrip('.')}."
    papers = f"papers {'come with the next post' if comes else 'do not come by themselves'}"
    text = f"The post of {day} for {name} {failed} Its {papers}."
    again = f"{usage('deliveries')} in each place posts it again."
    many = f"The posts of {day} for {PLACES} {failed} Their {papers}{'s' * comes}. {again}"
    action = ("Post it now", "resend", str(number))
    return Notice(text, address, _link(place), action, name=name, many=many)


def waits(place: Place, address: str, reason: str) -> Notice:
    """A schedule that cannot be used on this machine."""
    text = (
        f"Nothing is posted in {_named(place)}: {reason.rstrip('.')}. "
        "Choose the time and the zone anew in its settings."
    )
    return Notice(text, address, _link(place), ("Settings", "settings", ""))


def topics_changed(changed: Sequence[tuple[str, str]]) -> Notice:
    """Topics that mean something else since an upgrade: each with its meaning, or empty: none."""
    lines = (
        f"· {cut(text, 80)}: {cut(meaning, 100) or 'could match nothing, so it is gone'}"
        for text, meaning in changed[:MOST_TOPICS]
    )
    more = len(changed) - MOST_TOPICS
    rest = [f"and {more} more"] if more > 0 else []
    first = "Topics are written like searches now, and some of yours mean something else:"
    action = ("Your topics", "subscriptions", "")
    return Notice("\n".join([first, *lines, *rest]), action=action)


def _named(place: Place) -> str:
    return cut(one_line(place.title), 100) or "a place you set up"


def _link(place: Place) -> tuple[str, str] | None:
    return (
        (f"Open {cut(one_line(place.title), 40) or 'the place'}", place.url) if place.url else None
    )
