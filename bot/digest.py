"""A post, frozen when it is planned: its papers in their order, and what it says. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from bot.model import TOPICS, Paper, Topic
from bot.states import Layout, What
from bot.topics import matching


class Item(NamedTuple):
    """One paper of a digest, with what must not change when the post is retried or paged."""

    id: str
    votes: int | None
    earlier: str = ""  # ISO day, when it comes from an earlier list
    reasons: tuple[str, ...] = ()
    gained: int = 0  # votes, in about the day before
    code: bool = False  # it has some


@dataclass(frozen=True, slots=True)
class Digest:
    """A post, frozen when it is planned. `items` are in reading order, all pages."""

    what: What
    day: date
    whole: bool
    as_of: datetime
    zone: str
    size: int  # papers on the first page
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    days: tuple[date, ...] = ()  # the list days it posts: its own, then those that did not come
    named: tuple[date, ...] = ()  # the list days it says are not coming
    since: date | None = None  # the lists before were settled when it was made; None: a week before
    name: str = ""  # of its subscription
    query: str = ""
    layout: Layout = Layout.RICH

    @property
    def is_selective(self) -> bool:
        """Of its lists it has what matches alone."""
        return self.what is What.QUERY or bool(self.query)

    def dumps(self) -> str:
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(named, default=str, ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> Digest:
    """Raises ValueError for what is no digest."""
    try:
        return _loads(json.loads(text))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no digest: {error!r}") from error


def _loads(raw: dict[str, Any]) -> Digest:
    items = tuple(_item(*item) for item in raw["items"])
    day, as_of = date.fromisoformat(raw["day"]), datetime.fromisoformat(raw["as_of"])
    what = What(raw.pop("what", None) or raw.pop("kind"))
    frozen = {
        "what": what,
        # Digests of older programs were of one subscription of their kind, and of one layout.
        "name": raw.get("name", TOPICS if what is What.QUERY else ""),
        "query": raw.get("query", ""),
        "layout": Layout(raw.get("layout", Layout.RICH)),
        "day": day,
        "as_of": as_of,
        "items": items,
        "notes": tuple(raw["notes"]),
    }
    # Digests of older programs do not say which days they posted.
    days = raw.get("days") or [raw["day"], *sorted({item.earlier for item in items} - {""})]
    since = date.fromisoformat(raw["since"]) if raw.get("since") else None
    settled = {"days": _dates(days), "named": _dates(raw.get("named", ())), "since": since}
    return Digest(**raw | frozen | settled)


def _item(paper: str, votes: int | None, day: str, why: list[str], *facts: Any) -> Item:
    """facts: what older programs' digests do not have."""
    return Item(paper, votes, day, tuple(why), *facts)


def _dates(days: Iterable[str]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, days))


def without(digest: Digest, papers: Collection[str]) -> Digest:
    """The same post when these papers are on no list any more."""
    return replace(digest, items=tuple(item for item in digest.items if item.id not in papers))


def compose(
    digest: Digest, papers: Sequence[tuple[date, Paper]], topics: Sequence[Topic] = ()
) -> Digest:
    """Fill a digest with papers, each with the list it comes from, the best voted first.

    The day's list comes first. Up to a third of the first page goes to papers that were added to
    earlier lists after their post; whatever does not fit there is on the later pages.
    """
    items = [
        Item(
            p.id,
            p.votes,
            "" if listed == digest.day else str(listed),
            reasons,
            p.gained,
            bool(p.code),
        )
        for listed, p in papers
        for reasons in [matching((t for t in topics if not t.since or t.since <= listed), p)]
        if _is_wanted(digest, p, reasons)
    ]
    todays = [item for item in items if not item.earlier]
    earlier = sorted((item for item in items if item.earlier), key=lambda i: -(i.votes or 0))
    room = min(len(earlier), digest.size // 3)
    first = digest.size - room
    ordered = todays[:first] + earlier[:room] + todays[first:] + earlier[room:]
    return replace(digest, items=tuple(ordered))


def _is_wanted(digest: Digest, paper: Paper, reasons: tuple[str, ...]) -> bool:
    """By query: whether that, or a topic, matches. Of a list: all, or what its query leaves."""
    if digest.query and matching([Topic(0, digest.query)], paper):
        return True
    return bool(reasons) if digest.what is What.QUERY else not digest.query


def left_out(digest: Digest) -> list[date]:
    """The lists that a post brings late or names as not coming, the newest first."""
    return sorted({*digest.days, *digest.named} - {digest.day}, reverse=True)
