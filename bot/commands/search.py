"""The /search command."""

from __future__ import annotations

from bot import digest
from bot.commands import Option, command
from bot.commands.context import Context
from bot.model import Message, Request
from bot.search import search as find
from bot.text import cut, one_line

SIZE = 5  # results on a page


@command(Option("query", "Words to look for in titles, abstracts and authors", required=True))
async def search(ctx: Context, request: Request) -> Message:
    """Find papers: /search kv cache compression"""
    words = one_line(request.text)
    offset = (max(request.page, 1) - 1) * SIZE
    found = await find(ctx.store, words, limit=SIZE, offset=offset)
    if not found.total:
        return Message(
            text=f"Nothing found for “{cut(words, 80)}”. Try fewer or other words.", private=True
        )
    text = f"{found.total} found."
    if found.partly:
        text = f"No paper has all these words; {found.total} have some of them."
    title = f"Search: {cut(words, 80)}"
    return digest.listing(
        title, text, found.papers, page=request.page, command="search", words=words,
        total=found.total, size=SIZE, summary=300,
    )  # fmt: skip
