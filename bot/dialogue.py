"""What people ask and what they are shown, on any platform. Frozen values; all text is plain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ranks import Rank


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
    abstract: str = ""  # the whole of it, with its LaTeX: for a message as a document


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
    about: str = ""  # the address it is about, where that is not the message's


@dataclass(frozen=True, slots=True)
class Field:
    """A value that a person may type: the command is then run with `text` and what was typed.

    `data` is an action's; it comes back as `Request.data` beside `Request.typed`.
    """

    label: str  # of what opens it: Another city
    ask: str  # Which city or region?
    command: str
    text: str = ""
    example: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A setting with the values it may have, each an action that sets it. Without any there is
    the field alone."""

    label: str
    options: tuple[Action, ...] = ()  # at most 24
    chosen: int | None = None  # the number of the option that the setting has
    other: Field | None = None


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
    menus: tuple[Menu, ...] = ()  # before the buttons
    elsewhere: Action | None = None  # run about the place chosen, where a platform lets choose one
    private: bool = False  # only for the person who asked
    about: str = ""  # the address its buttons are about, where that is not where it is shown
    caption: str = ""  # one line of small print under the title
    passage: str = ""  # a long text under the rest, which a platform may fold
    picture: Picture | None = None  # of a message about one paper
    document: bool = False  # in the platform's own format for documents, where it has one
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
    typed: str = ""  # what was typed in the field that has `data`


@dataclass(frozen=True, slots=True)
class Choice:
    """One autocomplete suggestion."""

    label: str
    value: str
