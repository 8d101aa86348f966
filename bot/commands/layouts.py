"""The layout of a post as people write it: `layout: compact`, or the word alone."""

from __future__ import annotations

import re

from bot.commands.context import Context
from bot.dialogue import Action, Choice, Request
from bot.errors import UserError
from bot.states import Layout

SUMMARY = "rich: with pictures; compact: short, without; document: whole abstracts (Telegram)"
_HOW = {
    Layout.RICH: "with pictures",
    Layout.COMPACT: "short sentences, no pictures",
    Layout.DOCUMENT: "whole abstracts on Telegram, as rich elsewhere",
}
_WORDS = "|".join(Layout)
_LAYOUT = r"(?:the )?(?:layout|look|style)"
_NAMED = re.compile(rf"(?<![^\s,;]){_LAYOUT}(?:\s*[:=]\s*|\s+(?:to |is )?)([^\s,;]+)", re.I)
_BARE = re.compile(rf"(?<![^\s,;])({_WORDS})(?:\s+(?:layout|look|style))?(?![^\s,;.!])", re.I)


def taken_out(text: str) -> tuple[Layout | None, str]:
    """The layout that a text names, and the rest of it. Raises UserError for another, and for
    both."""
    said = dict[Layout, None]()

    def keep(found: re.Match[str]) -> str:
        said[_layout(found[1])] = None
        return " "

    rest = _BARE.sub(keep, _NAMED.sub(keep, text))
    if len(said) > 1:
        raise _unknown("A post has one layout")
    return next(iter(said), None), " ".join(rest.split())


def _layout(word: str) -> Layout:
    try:
        return Layout(word.casefold().strip(".!\"'“”"))
    except ValueError:
        raise _unknown(f"There is no layout “{word[:20]}”") from None


def _unknown(fault: str) -> UserError:
    choices = [(layout.capitalize(), str(layout)) for layout in Layout]
    return UserError(f"{fault}: {SUMMARY}.", choices)


async def suggest(_ctx: Context, _request: Request, typed: str) -> list[Choice]:
    begun = typed.casefold().strip()
    return [
        Choice(f"{one.capitalize()}: {_HOW[one]}", one) for one in Layout if one.startswith(begun)
    ]


def sentence(layout: Layout) -> str:
    """As the settings say it."""
    return f"The layout is {layout}: {_HOW[layout]}."


def other(layout: Layout) -> Layout:
    return Layout.COMPACT if layout is Layout.RICH else Layout.RICH


def preview(layout: Layout) -> Action:
    """A button that shows it."""
    return Action(f"Preview {layout}", command="preview", text=layout)


def use(layout: Layout) -> Action:
    """A button that takes it."""
    return Action(f"Use {layout}", command="setup", text=layout)
