"""The nouns. Frozen values; times are aware and UTC, days are dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from bot.states import DeliveryState, Layout, SubscriptionState, What


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. `None` or empty means the source did not say. `bot.naming` has its links."""

    id: str  # arXiv's 2401.01234 or cs/0112017; another source's after its name and a colon
    title: str  # one line; LaTeX as the source has it
    summary: str = ""  # the abstract, one paragraph
    authors: tuple[str, ...] = ()
    published: date | None = None  # its first version
    day: date | None = None  # the first list it is on
    listed_by: str = ""  # the source of that list, where the store has it
    votes: int | None = None
    gained: int = (
        0  # of these, in about the last day; the sources do not say it, `store.votes` does
    )
    comments: int | None = None
    code: str | None = None  # https URL of a repository
    stars: int | None = None
    project: str | None = None  # https URL of a project page
    ai_summary: str | None = None  # machine-written: always labelled when shown
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # arXiv categories, primary first
    organization: str | None = None
    thumbnail: str | None = None  # https URL of a picture of it
    media: tuple[str, ...] = ()  # https URLs of figures and videos that its submitter chose
    submitter: str | None = None  # who put it on the list, by name
    delisted: date | None = None  # the list it was taken off, when it is on none any more


@dataclass(frozen=True, slots=True)
class VoteSample:
    """How many votes a paper had at one moment."""

    at: datetime
    votes: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that a search found, and why."""

    paper: Paper
    why: str = ""  # the sentence of its abstract that matched best, plain text
    bold: tuple[tuple[int, int], ...] = ()  # (start, end) in `why`: the words that matched
    terms: tuple[str, ...] = ()  # of a similar paper: the words both have, the rarest first


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of what arrived at a feed."""

    papers: tuple[Paper, ...]
    watermark: str  # where to go on; meaningful to the feed alone
    more: bool  # another page can be had at once


@dataclass(frozen=True, slots=True)
class PaperList:
    """One source's list of one day, as fetched at one moment."""

    source: str
    day: date
    papers: tuple[Paper, ...]
    fetched_at: datetime
    whole: bool  # nothing will be added any more; `list_collector.is_whole` is the rule


@dataclass(frozen=True, slots=True)
class ListStatus:
    """What is known of one day's list, and of the source it comes from."""

    fetched_at: datetime | None = None  # of the newest reply that is believed
    papers: int = 0
    whole: bool = False
    failing_since: datetime | None = None
    fault: str = ""
    doubted_at: datetime | None = None  # a reply since then that is not believed yet
    behind: str = ""  # what the feed answered instead, while it has not gone on to this day


@dataclass(frozen=True, slots=True)
class Destination:
    """A place posts go to. The address is the adapter's private business."""

    platform: str
    address: str


@dataclass(frozen=True, slots=True)
class Place:
    """A destination as people know it."""

    title: str  # #papers, or a group's name; empty: nobody said it
    url: str = ""  # opens it for who may see it


@dataclass(frozen=True, slots=True)
class Subscription:
    """What comes to a destination, when, in which zone, in which layout."""

    id: int
    destination: Destination
    name: str  # tells it from the others of its destination; the first has none
    what: What
    query: str  # canonical text; empty: all papers of its list, or those on its topics
    time: str  # local wall time, HH:MM
    zone: str  # IANA name
    papers: int  # how many are shown before "and N more"
    state: SubscriptionState
    reason: str  # why it is off, or what its run is waiting for
    run_at: datetime  # the scheduled instant of the run that comes next, or is waiting
    owner: str | None  # private address of who set it up, to be told of trouble
    first_day: date  # the first list it is to have; none before ever comes
    layout: Layout = Layout.RICH
    looks: int = 0  # how often it was looked, while off, whether posts can go there again

    @property
    def is_selective(self) -> bool:
        """It brings not all papers of its lists."""
        return self.what is What.QUERY or bool(self.query)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a subscription's posts come and how they look, as a person chose; its next run."""

    time: str  # as in a subscription
    zone: str
    papers: int
    run_at: datetime
    first_day: date  # the list of that run
    layout: Layout | None = None  # None: as it is; of a new one, rich


TOPICS = "topics"  # the name of the subscription that brings a person's topics


@dataclass(frozen=True, slots=True)
class Topic:
    """A person's standing query: `kv cache -survey`."""

    id: int
    text: str
    since: date | None = None  # papers of earlier lists do not count


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outbox row: one message for one destination, and what became of it."""

    id: int
    subscription: int | None  # None for a notice
    destination: Destination
    what: What
    local_date: date
    list_day: date | None  # whose list it carries; None for a notice
    state: DeliveryState
    fence: int  # grows with every claim; a finish must name the claim it finishes
    attempts: int
    tried_at: datetime | None  # when the newest attempt began
    ambiguous_at: datetime | None  # since when it may have arrived although no answer says so
    doubted: bool  # it may have arrived before a person asked for it again
    suspected: bool  # the platform blamed the place once; a second time is believed
    plain: bool  # its usual form was refused: it goes out in its plainest
    payload: str  # the frozen Digest, or a frozen Notice
    reason: str
    receipt: Receipt | None = None  # of what was sent
    name: str = ""  # of its subscription, also of one that was deleted

    @property
    def key(self) -> str:
        """Idempotency key, stable over retries; at most 25 characters (Discord's nonce)."""
        return f"dp{self.id}"


class PastDelivery(NamedTuple):
    """One delivery of a place's past, as far as its next post depends on it."""

    state: DeliveryState
    list_day: date | None
    reason: str
    content: int | None  # the number of its digest


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one platform takes messages, as it documents it."""

    ceiling: int  # messages a second over all, answers to people among them
    bulk: int  # of these, how many posts may be
    in_flight: int = 8  # posts at once
    answers: bool = True  # whether answers to people count


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's proof that a message arrived, and what it takes to change it."""

    message_id: str
    look: str = ""  # in which form it stands there: the adapter's own word; empty: its usual one
