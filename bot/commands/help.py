"""The first thing people see, and the button under a post."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import buttons, digest, rendering
from bot.commands import Command, Option, asked, command, registry
from bot.commands.context import Context
from bot.dialogue import Action, Message, Request
from bot.digest import Digest
from bot.errors import UserError
from bot.hello import WHAT
from bot.model import TOPICS, Delivery
from bot.payload import read_post_number
from bot.states import WITHOUT_POST, What
from bot.store import outbox, papers
from bot.usage import refer, usage

_TOO_OLD = f"That post is too old to page through; {usage('date')} shows any day's list."


@command(Option("command", "One command to explain"))
async def help(ctx: Context, request: Request) -> Message:
    """What I can do"""
    groups = _groups()
    if request.text in groups:
        return _group(groups[request.text])
    if request.text:
        return _explained(request.text)
    lines = [f"{g.heading}: {_names(g.commands)}" for g in groups.values()]
    details = tuple(Action(g.heading, command="help", text=key) for key, g in groups.items())
    return Message(
        "Daily Papers", "\n\n".join([WHAT, *lines]), private=True,
        actions=((Action("Today's papers", command="today"),), details),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """Commands that belong together."""

    heading: str
    commands: list[Command]


def _groups() -> dict[str, _Group]:
    """By the words that open them."""
    shown = [one for one in registry().values() if not one.hidden and one.name != "help"]
    return {
        "reading": _Group("Read", [c for c in shown if not c.admin and not c.private]),
        "alone": _Group("For you alone", [c for c in shown if not c.admin and c.private]),
        "posting": _Group("A daily post", [c for c in shown if c.admin]),
    }


def _names(commands: list[Command]) -> str:
    return " · ".join(usage(one.name, here=one.admin) for one in commands)


def _group(group: _Group) -> Message:
    """Each of its commands, explained."""
    text = "\n".join(map(_line, group.commands))
    return Message(
        group.heading, text, private=True, actions=((Action("All commands", command="help"),),)
    )


def _explained(text: str) -> Message:
    """One command with what may follow it. Raises UserError when there is none of that name."""
    known = {one.name: one for one in registry().values() if not one.hidden}
    name = text.lower().removeprefix("/")
    if name not in known:
        raise asked.unknown(known, name)
    one = known[name]
    options = [f"{o.name}: {o.summary}" for o in one.options]
    return Message(text="\n".join([_line(one), *options]), private=True)


def _line(one: Command) -> str:
    example = f": {refer(one.example)}" if one.example else ""
    return f"{usage(one.name, here=one.admin)} – {one.summary}{example}"


@command(hidden=True)
async def more(ctx: Context, request: Request) -> Message:
    """The rest of a post, page by page"""
    one, frozen, sure = await _post(ctx, request)
    if not sure:  # an older button, or one made up: a place's time and trouble are not told
        items = tuple(item._replace(earlier="") for item in frozen.items)
        frozen = replace(frozen, items=items, days=(), named=(), notes=())
    known = await papers.by_id(ctx.store, [item.id for item in frozen.items])
    page, _ = rendering.nearest(request.page, len(frozen.items), frozen.size)
    shown = rendering.render_page(frozen, known, request.text, page)
    if not sure:
        shown = replace(shown, text="", caption="")
    return replace(shown, private=one.name == TOPICS)


@command(hidden=True)
async def days(ctx: Context, request: Request) -> Message:
    """The lists that a post left out, each to be opened"""
    _, frozen, sure = await _post(ctx, request)
    if not sure:
        raise UserError(_TOO_OLD)
    return rendering.render_days(frozen, request.text, request.page)


async def _post(ctx: Context, request: Request) -> tuple[Delivery, Digest, bool]:
    """The post whose button was pressed, its digest, and whether it surely was its own button.
    Raises UserError for a number that is no post's."""
    number = read_post_number(request.text)
    post, sure = await outbox.get(ctx.store, number.delivery), buttons.is_signed(ctx.store, number)
    if post is None or not _is_for(post, request.person, sure):
        raise UserError(_TOO_OLD)
    try:
        return post, digest.loads(post.payload), sure
    except ValueError as error:
        raise UserError(_TOO_OLD) from error


def _is_for(post: Delivery, person: str, sure: bool) -> bool:
    """One of topics is its reader's alone, and one by query for who has its button; a run without
    a post has nothing to page through."""
    if post.state in WITHOUT_POST or post.what is What.NOTICE:
        return False
    if post.what is What.QUERY and person != post.destination.address:
        return sure and post.name != TOPICS
    return True
