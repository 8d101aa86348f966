"""Papers as messages show them: an entry, a page of a digest, a list with its buttons. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import groupby

from bot.contribution import COMPACT, contribution
from bot.dates import clock, long_date
from bot.digest import Digest, Item, left_out
from bot.model import Action, Entry, Hit, Message, Paper, Section
from bot.states import Kind
from bot.text import count, cut, plain, plural, short_date

PAGE = 10  # papers on a page of a list
DAY_BUTTONS = 16  # four rows, beside the one that pages


def render_page(
    digest: Digest, papers: Mapping[str, Paper], number: str = "", page: int = 1
) -> Message:
    """One page of a digest. `number`: its delivery's, for the buttons that say more of it."""
    size = digest.size
    shown = digest.items[(page - 1) * size : page * size]
    rest = len(digest.items) - page * size
    sections = []
    ranked = enumerate(shown, (page - 1) * size + 1)
    for is_earlier, group in groupby(ranked, key=lambda pair: bool(pair[1].earlier)):
        known = [(rank, item) for rank, item in group if item.id in papers]
        entries = tuple(_entry_of(item, papers[item.id], rank) for rank, item in known)
        heading = "From earlier lists, new since the last post" if is_earlier else ""
        sections.append(Section(entries, heading))
    buttons = pager("more", number, page, -(-len(digest.items) // size))
    if page == 1 and buttons:
        buttons = (replace(buttons[0], label=plural(rest, "more paper")),)
    title = "Your topics" if digest.kind is Kind.TOPICS else "Daily Papers"
    return Message(
        title=f"{title} · {long_date(digest.day)}",
        text=" ".join((_state(digest), *digest.notes)) if page == 1 else "",
        sections=tuple(sections),
        actions=(
            *((buttons,) if number and buttons else ()),
            *(_days(digest, number) if page == 1 else ()),
        ),
    )


def _days(digest: Digest, number: str) -> Iterator[tuple[Action, ...]]:
    """A button for each list that did not come on its day, as far as there is room."""
    days = left_out(digest)
    if len(days) <= DAY_BUTTONS:
        yield from _day_rows(days)
        return
    shown = days[: DAY_BUTTONS - 1]
    more = f"{len(days) - len(shown)} more days"
    *rows, last = _day_rows(shown)
    yield from rows
    yield (*last, Action(more, command="days", text=number))


def _day_rows(days: Sequence[date]) -> list[tuple[Action, ...]]:
    buttons = [Action(long_date(day, year=False), command="date", text=str(day)) for day in days]
    return [tuple(buttons[n : n + 4]) for n in range(0, len(buttons), 4)]


def render_days(digest: Digest, number: str, page: int) -> Message:
    """All the lists that a post left out, each as a button."""
    days = left_out(digest)
    page, pages = nearest(page, len(days), DAY_BUTTONS)
    rows = _day_rows(days[(page - 1) * DAY_BUTTONS : page * DAY_BUTTONS])
    ahead = pager("days", number, page, pages)
    return Message(
        title="Lists that did not come on their day",
        text=f"{plural(len(days), 'list')} before {long_date(digest.day)}, the newest first.",
        note=f"Page {page} of {pages}" if pages > 1 else "",
        actions=(*rows, *((ahead,) if ahead else ())),
    )


def _entry_of(item: Item, paper: Paper, rank: int) -> Entry:
    made = entry(replace(paper, votes=item.votes), rank, reasons=item.reasons)
    since = item.earlier and f"from {long_date(date.fromisoformat(item.earlier), year=False)}"
    return replace(made, meta=" · ".join(filter(None, (made.meta, since))))


def _state(digest: Digest) -> str:
    listed = sum(1 for item in digest.items if not item.earlier)
    papers = plural(listed, "matching paper" if digest.kind is Kind.TOPICS else "paper")
    if not listed:
        papers = papers.replace("0", "No new", 1)
    if digest.whole:
        return f"{papers}."
    then = clock(digest.as_of, digest.zone)
    return f"{papers} so far ({then}); what is added later comes with the next post."


@lru_cache(maxsize=2048)  # one paper is in the posts of many places
def entry(
    paper: Paper, rank: int | None = None, *, reasons: tuple[str, ...] = (), summary: int = COMPACT
) -> Entry:
    """A paper as any list shows it."""
    return Entry(
        title=cut(plain(paper.title), 300) or paper.id,
        url=paper.page if paper.day else paper.arxiv,
        rank=rank,
        meta=byline(paper),
        summary=contribution(paper, summary) if summary else "",
        reasons=reasons,
        links=links(paper),
    )


def hit_entry(hit: Hit, rank: int) -> Entry:
    """A paper as a search shows it: its date, and why it is there."""
    dated = hit.paper.published or hit.paper.day
    both = f"both: {', '.join(hit.terms[:5])}" if hit.terms else ""
    left = hit.paper.delisted
    off = f"taken off the list of {short_date(left)}" if left else ""
    facts = (byline(hit.paper), short_date(dated) if dated else "", cut(both, 80), off)
    meta = " · ".join(filter(None, facts))
    made = entry(hit.paper, rank)
    return replace(made, meta=meta, summary=hit.why or made.summary, bold=hit.bold)


def byline(paper: Paper) -> str:
    """`▲ 35 · Mingjie Liu and 7 more`: votes, first author, how many others."""
    votes = "" if paper.votes is None else f"▲ {count(paper.votes)}"
    first = cut(plain(paper.authors[0]), 60) if paper.authors else ""
    others = f" and {len(paper.authors) - 1} more" if len(paper.authors) > 1 else ""
    return " · ".join(filter(None, (votes, first + others)))


def links(paper: Paper) -> tuple[tuple[str, str], ...]:
    """arXiv, the PDF, the discussion and the code, where there are any."""
    found = [("arXiv", paper.arxiv), ("PDF", paper.pdf)]
    if paper.day:
        talk = f"Discussion ({count(paper.comments)})" if paper.comments else "Discussion"
        found.append((talk, f"{paper.page}#community"))
    if paper.code:
        found.append((f"Code ★ {count(paper.stars)}" if paper.stars else "Code", paper.code))
    return tuple(found)


def listing(
    title: str, text: str, papers: Sequence[Paper], *, page: int, command: str, words: str = ""
) -> Message:
    """One page of an answer that is a list of papers."""
    page, pages = nearest(page, len(papers), PAGE)
    start = (page - 1) * PAGE
    entries = tuple(entry(p, start + n) for n, p in enumerate(papers[start : start + PAGE], 1))
    return Message(
        title=title,
        text=text,
        sections=(Section(entries),) if entries else (),
        note=f"Page {page} of {pages}" if pages > 1 else "",
        actions=(pager(command, words, page, pages),) if pages > 1 else (),
    )


def nearest(page: int, total: int, size: int) -> tuple[int, int]:
    """The page there is, and how many there are."""
    pages = max(1, -(-total // size))
    return min(max(page, 1), pages), pages


def pager(command: str, text: str, page: int, pages: int) -> tuple[Action, ...]:
    """Back and Next, where there is somewhere to go."""
    back = Action("‹ Back", command=command, text=text, page=page - 1)
    ahead = Action("Next ›", command=command, text=text, page=page + 1)
    return ((back,) if page > 1 else ()) + ((ahead,) if page < pages else ())
