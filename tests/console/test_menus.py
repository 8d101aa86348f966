"""Menus in a terminal are numbered choices."""

from adapters.console.render import buttons, render
from bot.dialogue import Action, Field, Menu, Message

TIMES = tuple(Action(f"{n:02}:00", data=f"setup-1-t{n}") for n in (7, 8, 9))
MENU = Menu("Time", TIMES, 1, Field("Another time", "When?", "setup", "time:", "18:30"))
PAUSE = Action("Pause", data="pause-1-t")
MESSAGE = Message("Settings", menus=(MENU, MENU), actions=((PAUSE,),))


def test_the_values_are_numbered_after_the_buttons_and_the_current_is_marked() -> None:
    lines = [line for line in render(MESSAGE).replace("\xa0", " ").splitlines() if "] " in line]
    assert "[2] 07:00   [3] ✓08:00   [4] 09:00   or type /setup 18:30" in lines[0]
    assert "[5] 07:00   [6] ✓08:00   [7] 09:00" in lines[1]
    assert "[1] Pause" in lines[2]


def test_a_number_is_that_of_its_value() -> None:
    assert [action.data for action in buttons(MESSAGE)] == [
        "pause-1-t", *(a.data for a in TIMES), *(a.data for a in TIMES)
    ]  # fmt: skip
