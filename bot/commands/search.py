"""Searches: what was found, how the words were understood, and what to try next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from bot import digest
from bot.commands import Option, command
from bot.commands.context import Context
from bot.commands.empty import nothing_stored
from bot.commands.read import known, suggest_paper
from bot.errors import UserError
from bot.model import Action, Choice, Hit, Message, Paper, Request, Section
from bot.schedule import DAY
from bot.search.engine import Results
from bot.search.query import Query, arxiv_id, parse
from bot.text import cut, lead, plain, plural

SIZE = 5  # results on a page
SIMILAR = 10
TOLD = 3  # sentences of what was not understood
_SPANS = (("This week", 7), ("This month", 30), ("This year", 365))
_SORTS = {"new": "newest first", "votes": "most votes first"}
# Cyrillic and what comes after it, without more Latin and punctuation; or a word of Greek.
_FOREIGN = re.compile(
    "[\u0400-\u1cff\u2e80-\ua69f\ua800-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufefc\uff66-\uffdc]"
    "|[\u0370-\u03ff]{4}"
)
_ENGLISH = "The papers are in English, so English words find more."


async def _suggest_query(ctx: Context, request: Request, typed: str) -> list[Choice]:
    """Finished queries, then papers by their titles; a paper's choice is its id."""
    queries = [
        text
        for text in await ctx.search.complete(typed, limit=10, person=request.person)
        if len(text) <= 100
    ]
    papers = await suggest_paper(ctx, request, typed)
    return [*(Choice(text, text) for text in queries), *papers][:25]


@command(
    Option("query", "Words; also author:hinton, after:2025, -without", True, _suggest_query),
    query="kv cache -survey after:2025",
)
async def search(ctx: Context, request: Request) -> Message:
    """Find papers"""
    found, page = await _page(ctx, request)
    if not found.hits and (nothing := await nothing_stored(ctx)):
        return Message(text=nothing, private=True)
    if not found.hits:
        return _nothing(ctx, request.text, found)
    today = ctx.clock().date()
    pages, asked = max(1, -(-found.total // SIZE)), parse(request.text, today)
    rows = (
        _numbers(found.hits, page, request.text),
        digest.pager("search", request.text, page, pages),
        *([] if asked.paper else _filters(asked, today)),
        _instead(asked, [typed for typed, _ in found.corrected]),
    )
    return _shown(f"Search: {cut(request.text, 80)}", _told(found), found.hits, page, pages, rows)


@command(
    Option("paper", "An arXiv id, a link, or words of a title", True, suggest_paper),
    paper="2505.24864",
)
async def similar(ctx: Context, request: Request) -> Message:
    """Papers like one you know"""
    paper = await _meant(ctx, request)
    hits = await ctx.search.similar(paper.id, limit=SIMILAR, person=request.person)
    title = cut(plain(paper.title), 150)
    if not hits:
        return Message(text=f"I find nothing like “{title}”.", private=True)
    page, pages = digest.nearest(request.page, len(hits), SIZE)
    hits = hits[(page - 1) * SIZE : page * SIZE]
    itself = Action("‹ The paper itself", command="paper", text=paper.id)
    rows = (_numbers(hits, page), (*digest.pager("similar", paper.id, page, pages), itself))
    text = f"Like “{title}”; the most similar first."
    return _shown("Similar papers", text, hits, page, pages, rows)


def _shown(
    title: str, text: str, hits: Sequence[Hit], page: int, pages: int,
    rows: Sequence[tuple[Action, ...]],
) -> Message:  # fmt: skip
    entries = tuple(digest.found(hit, n) for n, hit in enumerate(hits, (page - 1) * SIZE + 1))
    note = f"Page {page} of {pages}" if pages > 1 else ""
    return Message(title, text, (Section(entries),), note, tuple(filter(None, rows)))


async def fetched(ctx: Context, found: Results, person: str) -> Results:
    """With the paper that was asked for by id and is not stored.

    Raises UserError when nobody has it, SourceError when nobody could say.
    """
    if not found.missing:
        return found
    paper = await known(ctx, found.missing, person)
    hit = Hit(paper, lead(paper.summary))
    return replace(
        found,
        hits=(hit, *found.hits),
        total=found.total + 1,
        matching=found.matching + 1,
        missing="",
    )


async def _page(ctx: Context, request: Request) -> tuple[Results, int]:
    """A page that there is, and its number."""
    text, page = request.text, max(request.page, 1)
    ask = partial(ctx.search.search, text, limit=SIZE, person=request.person)
    found = await ask(offset=(page - 1) * SIZE)
    if found.total and not found.hits:
        page, _ = digest.nearest(page, found.total, SIZE)
        found = await ask(offset=(page - 1) * SIZE)
    return await fetched(ctx, found, request.person), page


async def _meant(ctx: Context, request: Request) -> Paper:
    """The paper with that id or, nearly, that title."""
    text = request.text
    if found := arxiv_id(text):
        return await known(ctx, found, request.person)
    if not text:
        raise UserError("Give an arXiv id such as 2505.24864, a link, or words of the title.")
    if nothing := await nothing_stored(ctx):
        raise UserError(nothing)
    for hit in (await ctx.search.search(text, limit=1, person=request.person)).hits:
        return hit.paper
    raise UserError(f"I find no paper called {_quoted(text, 80)}; give its arXiv id, or a link.")


def _nothing(ctx: Context, text: str, found: Results) -> Message:
    """What to try instead: another query, or fewer filters."""
    on = [a for row in _filters(found.query, ctx.clock().date()) for a in row if _takes_off(a)]
    label = f"Search {_quoted(found.suggestion, 60)}"
    other = Action(label, command="search", text=found.suggestion)
    told = f"Nothing found for {_quoted(text, 80)}. {_hint(ctx, text, found)}".strip()
    told = "\n".join([told, *found.query.told[:TOLD]])
    rows = ((other,) if found.suggestion else (), tuple(on))
    return Message(text=told, actions=tuple(filter(None, rows)), private=True)


def _hint(ctx: Context, text: str, found: Results) -> str:
    if _FOREIGN.search(text):
        return _ENGLISH
    if ctx.sample:
        return "The sample is small; try reasoning, diffusion or agents."
    return "" if found.suggestion else "Try fewer or other words."


def _quoted(text: str, most: int) -> str:
    """In quotation marks, unless it has its own."""
    shown = cut(text, most)
    return shown if '"' in shown else f"“{shown}”"


def _told(found: Results) -> str:
    """How the query was understood where that is not obvious, and how many papers there are."""
    lines = list(found.query.told[:TOLD])
    if found.corrected:
        lines.append(f"Showing results for {_quoted(' '.join(found.query.words), 100)}.")
    if found.partly:
        lines.append("No paper has all these words; these come nearest.")
    elif not found.matching:
        lines.append("No paper has this word; these come nearest.")
    if _FOREIGN.search(str(found.query)):
        lines.append(_ENGLISH)
    total = f"over {found.matching:,} papers" if found.more else plural(found.matching, "paper")
    if found.total > found.matching:
        total += ", then what comes near"
    facts = [*([total] if found.matching else []), *_conditions(found.query)]
    return "\n".join([*lines, *([" · ".join(facts)] if facts else [])])


def _conditions(query: Query) -> Iterator[str]:
    """The operators in words."""
    yield from (f"“{phrase}”" for phrase in query.phrases)
    yield from (f"without “{phrase}”" for phrase in query.without)
    yield from (f"“{words}” in the title" for words in query.titles)
    yield from (f"by {author}" for author in query.authors)
    yield from (f"from {organization}" for organization in query.orgs)
    yield from query.categories
    yield from _days(query.after, query.before)
    if query.votes is not None:
        yield f"{plural(query.votes, 'vote')} or more"
    if query.code:
        yield "with code"
    if query.sort in _SORTS:
        yield _SORTS[query.sort]


def _days(after: date | None, before: date | None) -> list[str]:
    years = [day.year for day in (after, before) if day and (day.month, day.day) == (1, 1)]
    if len(years) == 2 and years[0] < years[1]:
        return [f"in {years[0]}" + (f" to {years[1] - 1}" if years[1] - years[0] > 1 else "")]
    since = [f"since {_day(after)}"] if after else []
    return since + ([f"before {_day(before)}"] if before else [])


def _day(day: date) -> str:
    return f"{day:%b} {day.year}" if day.day == 1 else digest.short(day)


def _filters(query: Query, today: date) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
    """Buttons that put a filter on, or take it off again."""
    dated = (query.after, query.before)
    spans = {label: (today - days * DAY, None) for label, days in _SPANS}
    first = [_toggle(label, dated == span, _dated(query, *span)) for label, span in spans.items()]
    second = [_toggle("Has code", query.code, replace(query, code=not query.code))]
    if dated not in [(None, None), *spans.values()]:
        second.append(_toggle("Any time", False, _dated(query, None, None)))
    return tuple(a for a in first if a.text), tuple(a for a in second if a.text)


def _dated(query: Query, after: date | None, before: date | None) -> Query:
    """With these days, or without any when it has them."""
    if (query.after, query.before) == (after, before):
        after = before = None
    return replace(query, after=after, before=before)


def _toggle(label: str, on: bool, changed: Query) -> Action:
    """Without `text` where nothing would be left to search, or too much."""
    text = str(changed)
    try:
        parse(text)
    except UserError:
        text = ""
    return Action(f"✓ {label}" if on else label, command="search", text=text)


def _takes_off(action: Action) -> bool:
    return action.label.startswith(("✓ ", "Any "))


def _numbers(hits: Sequence[Hit], page: int, query: str = "") -> tuple[Action, ...]:
    """A button for each paper's card, with the way back to the results."""
    first = (page - 1) * SIZE + 1
    return tuple(
        Action(str(n), command="paper", text=f"{hit.paper.id} {query}".strip(), page=page)
        for n, hit in enumerate(hits, first)
    )


def _instead(asked: Query, typed: Sequence[str]) -> tuple[Action, ...]:
    """The corrected words as they were typed, in quotes: those are not corrected."""
    if not typed:
        return ()
    words = tuple(word for word in asked.words if word not in typed)
    exact = replace(asked, words=words, phrases=(*asked.phrases, *typed))
    label = f"Search {_quoted(' '.join(asked.words), 50)} instead"
    return (Action(label, command="search", text=str(exact)),)
