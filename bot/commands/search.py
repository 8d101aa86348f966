"""The /search command."""

from __future__ import annotations

from bot import digest
from bot.commands import Option, command
from bot.commands.context import Context
from bot.model import Message, Request
from bot.search import search as find
from bot.text import cut, plural

SIZE = 5  # results on a page


@command(Option("query", "Words to look for in titles, abstracts and authors", required=True))
async def search(ctx: Context, request: Request) -> Message:
    """Find papers by words: /search kv cache compression"""
    words, page = request.text, max(request.page, 1)
    shown = cut(words, 80)
    found = await find(ctx.store, words, limit=SIZE, offset=(page - 1) * SIZE)
    if not found.total:
        hint = "Try fewer or other words."
        if ctx.sample:
            hint = "The sample is small; try reasoning, diffusion or agents."
        return Message(text=f"Nothing found for “{shown}”. {hint}", private=True)
    if not found.papers:  # a page past the end
        page, _ = digest.nearest(page, found.total, SIZE)
        found = await find(ctx.store, words, limit=SIZE, offset=(page - 1) * SIZE)
    text = f"{plural(found.total, 'paper')} found, the best match first."
    if found.partly:
        text = f"No paper has all these words; {found.total} with some of them:"
    return digest.listing(
        f"Search: {shown}", text, found.papers, page=page, command="search", words=words,
        total=found.total, size=SIZE, summary=300,
    )  # fmt: skip
