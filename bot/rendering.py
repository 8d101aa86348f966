"""Papers as messages show them: an entry, a page of a digest, a list with its buttons. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import groupby

from bot import naming
from bot.contribution import COMPACT, RICH, contribution
from bot.dates import clock, long_date
from bot.dialogue import Action, Entry, Message, Picture, Section
from bot.digest import Digest, Item, left_out
from bot.model import TOPICS, Hit, Paper
from bot.states import Layout, What
from bot.text import count, cut, one_line, plain, plural, short_date

PAGE = 10  # papers on a page of a list
OPEN = 5  # papers of a post that are seen without a tap; the first has most of the votes
LINE = 40  # characters under an entry, which a phone shows unbroken
NAME, LEAST = 24, 12  # of these, what a name has before a link, and what it has at least
PICTURES = 3  # papers of a list that have their picture beside them
ABSTRACT = 2500  # characters of one in a document; arXiv takes 1,920
_STILL = (".png", ".jpg", ".jpeg", ".webp", ".gif")
DAY_BUTTONS = 16  # four rows, beside the one that pages


def render_page(
    digest: Digest, papers: Mapping[str, Paper], number: str = "", page: int = 1
) -> Message:
    """One page of a digest. `number`: its delivery's, for the buttons that say more of it."""
    size = digest.size
    rest = len(digest.items) - page * size
    buttons = pager("more", number, page, -(-len(digest.items) // size))
    if page == 1 and buttons:
        buttons = (replace(buttons[0], label=plural(rest, "more paper")),)
    return Message(
        title=f"{_title(digest)} · {long_date(digest.day)}",
        caption=_state(digest) if page == 1 else "",
        text=" ".join(digest.notes) if page == 1 else "",
        sections=tuple(_sections(digest, papers, page)),
        actions=(
            *((buttons,) if number and buttons else ()),
            *(_days(digest, number) if page == 1 else ()),
        ),
        document=digest.layout is Layout.DOCUMENT,
    )


def _title(digest: Digest) -> str:
    """Tells the posts of a place's subscriptions apart."""
    if digest.name and digest.name != TOPICS:
        return cut(one_line(digest.name), 60)
    on_topics = digest.what is What.QUERY and not digest.query
    return "Your topics" if on_topics else "Daily Papers"


def _sections(digest: Digest, papers: Mapping[str, Paper], page: int) -> Iterator[Section]:
    """The page's papers: a few open, those below them folded unless it is compact, those of
    earlier lists apart."""
    compact = digest.layout is Layout.COMPACT
    first = (page - 1) * digest.size
    shown = digest.items[first : first + digest.size]
    place = enumerate(shown)

    def kind(numbered: tuple[int, Item]) -> tuple[bool, bool]:
        number, item = numbered
        return bool(item.earlier), number >= OPEN and not compact

    for (is_earlier, folded), group in groupby(place, key=kind):
        known = [(number, item) for number, item in group if item.id in papers]
        entries = (
            _entry_of(item, papers[item.id], first + number + 1, digest.layout)
            for number, item in known
        )
        heading = "From earlier lists, new since the last post" if is_earlier else ""
        yield Section(tuple(entries), heading, folded)


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


def _entry_of(item: Item, paper: Paper, rank: int, layout: Layout) -> Entry:
    since = item.earlier and f"from {long_date(date.fromisoformat(item.earlier), year=False)}"
    paper = replace(paper, votes=item.votes, gained=item.gained)
    shown = brief(paper, rank, since) if layout is Layout.COMPACT else listed(paper, rank, since)
    if layout is Layout.DOCUMENT:
        shown = replace(shown, abstract=cut(one_line(paper.summary), ABSTRACT))
    return replace(shown, reasons=item.reasons)


def _state(digest: Digest) -> str:
    listed = sum(1 for item in digest.items if not item.earlier)
    papers = plural(listed, "matching paper" if digest.is_selective else "paper")
    if not listed:
        papers = papers.replace("0", "No new", 1)
    papers += with_code(sum(1 for item in digest.items if item.code and not item.earlier))
    if digest.whole:
        by = "" if digest.is_selective else " · by AK and the research community"
        return papers + by
    then = clock(digest.as_of, digest.zone)
    return f"{papers} so far, at {then} · what is added later comes with the next post"


def counted(papers: Sequence[Paper], *, grows: bool = False) -> str:
    """`212 papers so far · 98 with code`."""
    so_far = " so far" if grows else ""
    return f"{plural(len(papers), 'paper')}{so_far}{with_code(sum(1 for p in papers if p.code))}"


def with_code(number: int) -> str:
    """` · 12 with code`: what stands after the number of papers; empty for none."""
    return f" · {number} with code" if number else ""


@lru_cache(maxsize=2048)  # one paper is in the posts of many places
def entry(paper: Paper, rank: int | None = None, fact: str = "", *, new: bool = False) -> Entry:
    """A paper as any list shows it. fact: what else is to be said of it in a few words."""
    long, short = contribution(paper, RICH), contribution(paper, COMPACT)
    return replace(titled(paper, rank, fact, new=new), summary=long, brief=short)


def titled(paper: Paper, rank: int | None = None, fact: str = "", *, new: bool = False) -> Entry:
    """The same without a word of what it does."""
    meta, kept = _small_print(paper, "new" if new else "", fact or _list_of(paper))
    return Entry(
        title=cut(plain(paper.title), 300) or paper.id,
        url=naming.page(paper),
        rank=rank,
        meta=meta,
        links=kept,
    )


def _small_print(paper: Paper, *facts: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The line under an entry, and the links that stand in it: what a phone shows unbroken. A
    shorter form of the name gives way first, then all links but the code, then the name."""
    before, after = facts
    kept, names = links(paper), _whose(paper)
    said = list(filter(None, (votes(paper), before, after)))

    def room() -> int:
        return LINE - sum(len(part) + len(" · ") for part in (*said, *(label for label, _ in kept)))

    while len(kept) > bool(paper.code) and room() < min(len(names[-1]), NAME):
        kept = kept[:-1]
    name = next((name for name in names if len(name) <= room()), cut(names[-1], max(room(), LEAST)))
    return " · ".join(filter(None, (votes(paper), before, name, after))), kept


def listed(paper: Paper, rank: int, fact: str = "", *, new: bool = False) -> Entry:
    """A paper of a list: the first few have their picture beside them."""
    beside = picture(paper) if rank <= PICTURES else None
    return replace(entry(paper, rank, fact, new=new), picture=beside)


def brief(paper: Paper, rank: int, fact: str = "") -> Entry:
    """A paper where there is little room: a short sentence, and no picture."""
    shown = entry(paper, rank, fact)
    return replace(shown, summary=shown.brief, brief="")


def hit_entry(hit: Hit, rank: int) -> Entry:
    """A paper as a search shows it: its date, and why it is there."""
    dated = hit.paper.published or hit.paper.day
    both = f"both: {', '.join(hit.terms[:5])}" if hit.terms else ""
    left = hit.paper.delisted
    off = f"taken off the list of {short_date(left)}" if left else ""
    meta, kept = _small_print(hit.paper, "", short_date(dated) if dated else "")
    meta = " · ".join(filter(None, (meta, cut(both, 80), off)))
    if not hit.why:
        return replace(entry(hit.paper, rank), meta=meta, links=kept)
    shown = titled(hit.paper, rank)
    return replace(shown, meta=meta, links=kept, summary=hit.why, bold=hit.bold)


def votes(paper: Paper) -> str:
    """`▲ 35 (+12)`: with what it gained in about the last day; empty where nobody counts them."""
    if paper.votes is None:
        return ""
    return f"▲ {count(paper.votes)}" + (f" (+{count(paper.gained)})" if paper.gained else "")


def _whose(paper: Paper) -> tuple[str, ...]:
    """The organisation or the first of the authors, in ever shorter forms."""
    if paper.organization:
        return (cut(plain(paper.organization), 40),)
    first = cut(plain(paper.authors[0]), 40) if paper.authors else ""
    others = len(paper.authors) - 1
    if not first or others < 1:
        return (first,)
    return f"{first} and {others} more", f"{first} et al."


def _list_of(paper: Paper) -> str:
    """Whose list it is on; empty for the first source's, which needs no name."""
    listed = naming.curated(paper)
    return listed.title if listed and listed != naming.LISTS[0] else ""


def links(paper: Paper) -> tuple[tuple[str, str], ...]:
    """The code, its source's links beside its page, and the discussion, where there are any."""
    comments = paper.comments or 0
    # The first comment is the submitter's own.
    talk = _discussion(paper, f"{count(comments)} comments") if comments > 1 else ()
    return (*_code(paper), *naming.links(paper)[1:], *talk)


def all_links(paper: Paper) -> tuple[tuple[str, str], ...]:
    """Where it can be read, discussed and run: for a message about this paper alone."""
    comments = paper.comments or 0
    talk = _discussion(paper, f"Discussion ({count(comments)})" if comments > 1 else "Discussion")
    project = [("Project", paper.project)] if paper.project else []
    return (*naming.links(paper), *talk, *_code(paper), *project)


def _code(paper: Paper) -> Iterator[tuple[str, str]]:
    if paper.code:
        yield f"Code ★ {count(paper.stars)}" if paper.stars else "Code", paper.code


def _discussion(paper: Paper, label: str) -> Iterator[tuple[str, str]]:
    listed = naming.curated(paper)
    if listed and listed.discussion:
        yield label, listed.discussion(paper.id)


def picture(paper: Paper) -> Picture | None:
    """A figure that its submitter chose, or else the card that the source draws of it."""
    figures = (url for url in paper.media if url.lower().endswith(_STILL))
    url = next(figures, paper.thumbnail)
    return Picture(url, f"A picture of the paper: {cut(plain(paper.title), 200)}") if url else None


def listing(
    title: str, text: str, papers: Sequence[Paper], *, page: int, command: str, words: str = "",
    caption: str = "", new: Collection[str] = (),
) -> Message:  # fmt: skip
    """One page of an answer that is a list of papers. new: ids of those that are marked so; where
    all are new, it says nothing and is left out."""
    marked = new if any(paper.id not in new for paper in papers) else ()
    page, pages = nearest(page, len(papers), PAGE)
    start = (page - 1) * PAGE
    shown = enumerate(papers[start : start + PAGE], start + 1)
    entries = tuple(listed(paper, rank, new=paper.id in marked) for rank, paper in shown)
    return Message(
        title=title,
        caption=caption,
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
