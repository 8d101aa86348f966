"""The first thing people see, and the button under a post."""

from __future__ import annotations

from bot import digest
from bot.commands import command, registry
from bot.commands.context import Context
from bot.errors import UserError
from bot.model import Message, Request
from bot.store import outbox, papers

_ORDER = (
    "today", "date", "week", "trending", "search", "paper", "subscribe", "unsubscribe",
    "subscriptions", "setup", "preview", "settings", "pause", "resume", "privacy", "mydata",
    "forgetme",
)  # fmt: skip


@command()
async def help(ctx: Context, request: Request) -> Message:
    """What I can do"""
    known = registry()
    names = [n for n in _ORDER if n in known]
    names += [n for n in known if n not in (*_ORDER, "help") and not known[n].hidden]
    lines = [f"/{name} – {known[name].summary}" for name in names]
    return Message(
        title="Daily Papers",
        text="Each day's research papers, as Hugging Face's community votes them.\n\n"
        + "\n".join(lines),
        private=True,
    )


@command(hidden=True)
async def more(ctx: Context, request: Request) -> Message:
    """The rest of a post, page by page"""
    number = int(request.text) if request.text.isdecimal() and len(request.text) < 18 else 0
    one = await outbox.get(ctx.store, number)
    mine = one and request.person == one.destination.address
    if one is None or one.kind == "notice" or not (one.kind == "daily" or mine) or not one.payload:
        raise UserError("That post is too old to page through; /date shows any day's list.")
    frozen = digest.loads(one.payload)
    known = await papers.by_id(ctx.store, [item.id for item in frozen.items])
    page = min(max(request.page, 1), -(-len(frozen.items) // frozen.size))
    return digest.message(frozen, known, number, page)
