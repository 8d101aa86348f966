"""The nouns. Frozen values; times are aware and UTC, days are dates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from bot.ranks import Rank
from bot.states import DeliveryState, Kind, SubscriptionState


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
    """What comes to a destination, when, in which zone."""

    id: int
    destination: Destination
    kind: Kind
    time: str  # local wall time, HH:MM
    zone: str  # IANA name
    papers: int  # how many are shown before "and N more"
    state: SubscriptionState
    reason: str  # why it is off, or what its run is waiting for
    run_at: datetime  # the scheduled instant of the run that comes next, or is waiting
    owner: str | None  # private address of who set it up, to be told of trouble
    first_day: date  # the first list it is to have; none before ever comes
    looks: int = 0  # how often it was looked, while off, whether posts can go there again


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a subscription's posts come and how long they are, as a person chose; its next run."""

    time: str  # as in a subscription
    zone: str
    papers: int
    run_at: datetime
    first_day: date  # the list of that run


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
    kind: Kind
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
class Picture:
    """A picture beside an entry, for platforms that show one."""

    url: str  # https
    alt: str  # what it shows, for who does not see it


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as a message shows it. Made by `rendering.entry`; everything is plain text."""

    title: str
    url: str  # what the title links to
    rank: int | None = None
    meta: str = ""  # one line: votes, first author, number of authors
    summary: str = ""
    brief: str = ""  # a shorter summary, where there is little room; empty: `summary` is cut
    bold: tuple[tuple[int, int], ...] = ()  # (start, end) in `summary`: the words that matched
    reasons: tuple[str, ...] = ()  # why the reader gets it: the topics that matched
    links: tuple[tuple[str, str], ...] = ()  # (label, https URL), the most wanted first
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under an optional heading."""

    entries: tuple[Entry, ...]
    heading: str = ""
    folded: bool = False  # of less interest: a platform that can shows them at a tap


@dataclass(frozen=True, slots=True)
class Action:
    """A button: a link, or a command to run again with these words and this page.

    `data` is what an adapter puts on the button: up to 64 of A-Z a-z 0-9 _ -,
    filled in by the core. It comes back as `Request.data`.
    """

    label: str
    url: str = ""
    command: str = ""
    text: str = ""
    page: int = 1
    data: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """A command as one may type it. A text has it by reference (`bot.usage`)."""

    command: str
    values: tuple[tuple[str, str], ...] = ()  # (option, value), in the command's order
    here: bool = False  # it manages the place that the message is about


@dataclass(frozen=True, slots=True)
class Message:
    """The one thing adapters render. All text is plain: adapters escape it, and write the usages
    in its title, caption, text and note as their platform has them typed."""

    title: str = ""
    text: str = ""  # may have line breaks
    sections: tuple[Section, ...] = ()
    note: str = ""  # small print under the rest
    actions: tuple[tuple[Action, ...], ...] = ()  # rows of buttons, at most 5 x 5
    private: bool = False  # only for the person who asked
    about: str = ""  # the address its buttons are about, where that is not where it is shown
    caption: str = ""  # one line of small print under the title
    passage: str = ""  # a long text under the rest, which a platform may fold
    picture: Picture | None = None  # of a message about one paper
    rank: Rank = Rank.FIRST


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked, and where. `text` is everything after the command's name."""

    platform: str
    address: str  # the place the command is about
    person: str  # the address of the asker's private chat with the bot
    command: str = ""
    text: str = ""
    page: int = 1
    data: str = ""  # a pressed button's data; replaces command, text and page
    one_to_one: bool = False  # the place is the asker's private chat
    place: str = "here"  # the place's name as people write it: #papers
    place_url: str = ""  # opens the place for who may see it
    may_manage: Callable[[], Awaitable[bool]] | None = None  # None: nobody may
    nameless: bool = False  # `person` is the place itself: nobody knows who asks
    added_by: str | None = None  # of a nameless request: who put the bot there
    linked: bool = False  # `data` came with a link that anybody may have written: it only reads
    place_title: str = ""  # the place's name for who is elsewhere: #papers in Acme


@dataclass(frozen=True, slots=True)
class Choice:
    """One autocomplete suggestion."""

    label: str
    value: str


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
