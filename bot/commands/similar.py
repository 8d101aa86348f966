"""Papers like one: by its id, by a link, or by words of its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import rendering
from bot.commands import Option, command
from bot.commands.context import Context
from bot.commands.empty import nothing_stored
from bot.commands.read import known, suggest_paper
from bot.commands.search import SIZE, numbers, quoted, shown
from bot.dialogue import Action, Message, Request
from bot.errors import UserError
from bot.model import Paper
from bot.naming import impossible, paper_id
from bot.query.normal import stems, words
from bot.query.query import Query
from bot.query.terms import terms
from bot.text import cut, plain

SIMILAR = 10
OTHERS = 3  # papers that may be meant, too


@command(
    Option("paper", "An arXiv id, a link, or words of a title", True, suggest_paper),
    paper="2505.24864",
)
async def similar(ctx: Context, request: Request) -> Message:
    """Papers like one you know"""
    paper, others = await _meant(ctx, request)
    hits = await ctx.search.similar(paper.id, limit=SIMILAR, person=request.person)
    title = cut(plain(paper.title), 150)
    if not hits:
        text = f"I find nothing like “{title}”."
        return Message(text=text, actions=_not_this(others), private=True)
    page, pages = rendering.nearest(request.page, len(hits), SIZE)
    hits = hits[(page - 1) * SIZE : page * SIZE]
    itself = Action("‹ The paper itself", command="paper", text=paper.id)
    pager = (*rendering.pager("similar", paper.id, page, pages), itself)
    text = f"Like “{title}”; the most similar first."
    rows = (numbers(hits, page), pager, *_not_this(others))
    message = shown("Similar papers", text, hits, page, pages, rows)
    if not others:
        return message
    note = f"{message.note} · Was another paper meant?".removeprefix(" · ")
    return replace(message, note=note)


def _not_this(others: Sequence[Paper]) -> tuple[tuple[Action, ...], ...]:
    """A row for each other paper that may be meant."""
    return tuple((Action(_label(one), command="similar", text=one.id),) for one in others)


def _label(paper: Paper) -> str:
    return cut(plain(paper.title), 60)


async def _meant(ctx: Context, request: Request) -> tuple[Paper, Sequence[Paper]]:
    """The paper with that id or, nearly, that title; and others that have its words in theirs.

    Raises UserError where no title is near enough, with what comes nearest.
    """
    text = request.text
    if found := paper_id(text):
        return await known(ctx, found, request.person), ()
    if not text:
        raise UserError("Give an arXiv id such as 2505.24864, a link, or words of the title.")
    if why := impossible(text):
        raise UserError(why)
    if nothing := await nothing_stored(ctx):
        raise UserError(nothing)
    results = await ctx.search.search(text, limit=OTHERS + 1, person=request.person)
    papers = [hit.paper for hit in results.hits]
    titled = [one for one in papers if _is_titled(one, results.query)]
    if titled:
        return titled[0], [] if _is_whole(titled[0], text) else titled[1:]
    near = [(_label(one), one.id) for one in papers]
    hint = "these come nearest" if near else "give its arXiv id, or a link"
    raise UserError(f"I find no paper called {quoted(text, 80)}; {hint}.", near)


def _is_titled(paper: Paper, asked: Query) -> bool:
    """Whether the title has all the words."""
    title, typed = set(stems(plain(paper.title))), terms(asked.plain.split())
    return bool(typed) and all(any(title.issuperset(way) for way in term.ways) for term in typed)


def _is_whole(paper: Paper, text: str) -> bool:
    return words(plain(paper.title)) == words(text)
