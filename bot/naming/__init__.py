"""How papers are named and where they are, source by source. A new source is its lines here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.model import Paper
from bot.naming import arxiv, huggingface
from bot.naming.scheme import Curated, Link, Named, Scheme

# arXiv's bare numbers come last: another source's ids may have one in them.
SCHEMES: tuple[Scheme, ...] = (arxiv.SCHEME,)
LISTS: tuple[Curated, ...] = (huggingface.CURATED,)  # the first is the one that is not named

__all__ = ["LISTS", "SCHEMES", "Link", "curated", "id_begun", "impossible", "links", "page",
           "paper_id", "paper_ids", "scheme"]  # fmt: skip


def paper_id(text: str) -> str:
    """The first paper that a text names, by its id; empty when there is none."""
    return next(iter(paper_ids(text)), "")


def paper_ids(text: str) -> list[str]:
    """All papers that a text names, in its order, each once."""
    named = sorted(_named(text), key=lambda paper: paper.start)
    return list(dict.fromkeys(paper.id for paper in named))


def _named(text: str) -> Iterator[Named]:
    taken: list[Named] = []
    for each in SCHEMES:
        for paper in each.named(text):
            if not any(paper.start < other.end and other.start < paper.end for other in taken):
                taken.append(paper)
                yield paper


def id_begun(typed: str) -> str:
    """How the id begins that is being typed; empty when it is none."""
    return next(filter(None, (each.begun(typed) for each in SCHEMES)), "")


def impossible(text: str, today: date | None = None) -> str:
    """Why a text names no paper although it has something written like an id; empty: it names one,
    or has nothing like it.

    today: nothing is named by a month after it
    """
    return next(filter(None, (each.impossible(text, today) for each in SCHEMES)), "")


def scheme(paper_id: str) -> Scheme:
    """Whose id it is."""
    name, colon, _ = paper_id.partition(":")
    named = (each for each in SCHEMES if colon and each.name == name)
    return next(named, next(each for each in SCHEMES if each.is_bare))


def links(paper: Paper) -> tuple[Link, ...]:
    """Where its source has it; the first is its page there."""
    return scheme(paper.id).links(paper.id)


def curated(paper: Paper) -> Curated | None:
    """Whose list it is on; None: it is on none. Older programs had one list, and did not say it."""
    if paper.day is None:
        return None
    return next((each for each in LISTS if each.source == paper.listed_by), LISTS[0])


def page(paper: Paper) -> str:
    """What its title links to: its page where it is listed, else at its source."""
    listed = curated(paper)
    return (listed and listed.page(paper.id)) or links(paper)[0].url
