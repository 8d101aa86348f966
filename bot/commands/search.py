"""Searches: what was found, how the words were understood, and what to try next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from bot import rendering
from bot.commands import Option, command, listday, unmet
from bot.commands.context import Context
from bot.commands.empty import nothing_stored
from bot.commands.read import FIRST, MOST_OTHERS, known, month, opened, suggest_paper, week
from bot.commands.read import date as list_of_day
from bot.dialogue import Action, Choice, Message, Request, Section
from bot.errors import UserError
from bot.model import Hit
from bot.query.condition import Condition
from bot.query.operators import AnyOf, Code, Dates, Words
from bot.query.parse import parse
from bot.query.query import Query
from bot.ranks import Rank
from bot.schedule import DAY
from bot.search.engine import Results
from bot.text import cut, plural

SIZE = 5  # results on a page
TOLD = 3  # sentences of what was not understood
_SPANS = (("This week", 7), ("This month", 30), ("This year", 365))
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
    named, text = listday.linked(request.text)
    if named:
        one = replace(request, text=text)
        return await {"week": week, "month": month, "date": list_of_day}[named](ctx, one)
    found, page = await _page(ctx, request)
    if not found.hits and (nothing := await nothing_stored(ctx)):
        return Message(text=nothing, private=True)
    if not found.hits:
        return _nothing(ctx, request.text, found)
    today = ctx.clock().date()
    pages, asked = max(1, -(-found.total // SIZE)), found.asked
    rows = (
        numbers(found.hits, page, request.text),
        rendering.pager("search", request.text, page, pages),
        () if asked.paper else _filters(asked, today),
        opened(asked.other_papers[:MOST_OTHERS]),
        (*_other(found), *_instead(asked, [typed for typed, _ in found.corrected])),
    )
    return shown(f"Search: {cut(request.text, 80)}", _told(found), found.hits, page, pages, rows)


def shown(
    title: str, text: str, hits: Sequence[Hit], page: int, pages: int,
    rows: Sequence[tuple[Action, ...]],
) -> Message:  # fmt: skip
    entries = tuple(
        rendering.hit_entry(hit, n) for n, hit in enumerate(hits, (page - 1) * SIZE + 1)
    )
    note = f"Page {page} of {pages}" if pages > 1 else ""
    shown = tuple(filter(None, rows))
    return Message(title, text, (Section(entries),), note, shown, rank=Rank.SEARCH)


async def fetched(ctx: Context, found: Results, person: str) -> Results:
    """With the paper that was asked for by id and is not stored.

    Raises UserError when nobody has it, SourceError when nobody could say.
    """
    if not found.missing:
        return found
    paper = await known(ctx, found.missing, person)
    return replace(
        found,
        hits=(Hit(paper), *found.hits),
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
        page, _ = rendering.nearest(page, found.total, SIZE)
        found = await ask(offset=(page - 1) * SIZE)
    return await fetched(ctx, found, request.person), page


def _nothing(ctx: Context, text: str, found: Results) -> Message:
    """What to try instead: another query, or fewer filters."""
    on = [a for a in _filters(found.query, ctx.clock().date()) if _takes_off(a)]
    told = f"Nothing found for {quoted(text, 80)}. {_hint(ctx, text, found)}".strip()
    told = "\n".join(
        [told, *_blamed(found), *unmet.sentences(found.unmet), *found.query.notes[:TOLD]]
    )
    rows = tuple(filter(None, (_other(found), tuple(on))))
    return Message(text=told, actions=rows, private=True, rank=Rank.SEARCH)


def _other(found: Results) -> tuple[Action, ...]:
    """Buttons for the query without what left nothing, and for what words may mean beside."""
    texts = dict.fromkeys(filter(None, [found.suggestion, found.query.did_you_mean]))
    return tuple(Action(f"Search {quoted(t, 60)}", command="search", text=t) for t in texts)


def notes(found: Results) -> list[str]:
    """All that is told of a search beside what it found."""
    why = [] if found.matching else [*_blamed(found), *unmet.sentences(found.unmet)]
    return [*found.query.notes, *why]


def _blamed(found: Results) -> list[str]:
    """Which conditions left nothing, where papers are found without them."""
    if not found.suggestion:
        return []
    kept = set(_conditions(parse(found.suggestion)))
    left = [one for one in _conditions(found.query) if one not in kept]
    return [f"What leaves nothing is: {' · '.join(left)}."] if left else []


def _hint(ctx: Context, text: str, found: Results) -> str:
    if _FOREIGN.search(text):
        return _ENGLISH
    if ctx.sample:
        return "The sample is small; try reasoning, diffusion or agents."
    return "" if found.suggestion or found.unmet else "Try fewer or other words."


def quoted(text: str, most: int) -> str:
    """In quotation marks, unless it has its own."""
    shown = cut(text, most)
    return shown if '"' in shown else f"“{shown}”"


def _told(found: Results) -> str:
    """How the query was understood where that is not obvious, and how many papers there are."""
    lines = list(found.query.notes[:TOLD])
    if found.corrected:
        lines.append(f"Showing results for {quoted(_said(found.query), 100)}.")
    lines += [FIRST] * bool(found.query.other_papers)
    if not found.matching:
        lines += _blamed(found) or [_none_has(found)]
        lines += unmet.sentences(found.unmet)
    if _FOREIGN.search(str(found.query)):
        lines.append(_ENGLISH)
    total = f"over {found.matching:,} papers" if found.more else plural(found.matching, "paper")
    if found.total > found.matching:
        total += ", then what comes near"
    facts = [*([total] if found.matching else []), *_conditions(found.query)]
    return "\n".join([*lines, *([" · ".join(facts)] if facts else [])])


def _none_has(found: Results) -> str:
    words = "all these words" if found.partly else "this word"
    return f"No paper has {words}; these come nearest."


def _conditions(query: Query) -> Iterator[str]:
    """The operators in English."""
    yield from filter(None, (one.english() for one in query.dropping(Words).conditions))


def _filters(query: Query, today: date) -> tuple[Action, ...]:
    """Buttons that put a filter on, or take it off again: at most five, which is a row."""
    spans = {label: Dates(after=today - days * DAY) for label, days in _SPANS}
    dated = query.single(Dates)
    offered = [_toggle(label, query, span) for label, span in spans.items()]
    offered.append(_toggle("Has code", query, Code()))
    if dated and dated not in spans.values():
        offered.append(_button("Any time", query.dropping(Dates)))
    return tuple(action for action in offered if action.text)


def _toggle(label: str, query: Query, condition: Condition) -> Action:
    """With this condition in place of any of its kind, or without any when it has it."""
    others = query.dropping(type(condition))
    if condition in query.conditions:
        return _button(f"✓ {label}", others)
    return _button(label, others.adding(condition))


def _button(label: str, changed: Query) -> Action:
    """Without `text` where nothing would be left to search, or too much."""
    text = str(changed)
    try:
        parse(text)
    except UserError:
        text = ""
    return Action(label, command="search", text=text)


def _takes_off(action: Action) -> bool:
    return action.label.startswith(("✓ ", "Any "))


def numbers(hits: Sequence[Hit], page: int, query: str = "") -> tuple[Action, ...]:
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
    label = f"Search {quoted(_said(asked), 50)} instead"
    return (Action(label, command="search", text=str(asked.exactly(typed))),)


def _said(query: Query) -> str:
    """Its words; all of it, where some are alternatives."""
    return str(query) if query.all(AnyOf) else " ".join(query.words)
