"""What the core asks of the outside, and what it gives in return."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol

from bot.dialogue import Choice, Message, Request
from bot.model import Changes, Pace, Paper, Place, Receipt
from bot.pacing import Yield, at_once
from bot.period import Period
from bot.states import Edited


class Source(Protocol):
    """Where papers come from. Raises SourceError, nothing else."""

    name: str
    every: timedelta  # how soon it is worth asking again

    async def find(self, paper_id: str) -> Paper | None:
        """One paper by its id; None when the source does not have it."""

    async def close(self) -> None: ...


class ListSource(Source, Protocol):
    """It has a list for each day. `every`: for a day whose list still grows."""

    async def fetch(self, day: date) -> tuple[Paper, ...]:
        """The papers of that day's list as it stands, best first; empty on a day without a list.

        A reply that says it is another day's is a SourceError.
        """

    async def fetch_period(self, period: Period) -> tuple[Paper, ...]:
        """The papers of all lists of a week or a month, each once. `day` is what each says of
        itself, if it does: that makes no list of a day.

        A reply that says it is another time's is a SourceError.
        """

    async def newest(self) -> date | None:
        """The newest day that has a list."""


class Feed(Source, Protocol):
    """It tells what arrived since it was last asked; its papers are searched, not posted."""

    async def changes(self, since: str, today: date) -> Changes:
        """One page of what arrived or changed after a watermark of its own making.

        An empty watermark: since a few days before `today`.
        """


class OptionSpec(Protocol):
    """What a platform must know of an option of a command."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str:
        """At most 100 characters."""

    @property
    def required(self) -> bool: ...

    @property
    def named(self) -> bool:
        """Its value is given with its name: `time:9`."""

    @property
    def suggest(self) -> object | None:
        """None: it has no suggestions. Others come from `Handle.suggest`."""


class CommandSpec(Protocol):
    """What a platform must know to offer a command."""

    @property
    def name(self) -> str:
        """1 to 32 of a-z."""

    @property
    def summary(self) -> str:
        """At most 100 characters."""

    @property
    def options(self) -> Sequence[OptionSpec]: ...

    @property
    def private(self) -> bool:
        """The answer is for the asker alone."""

    @property
    def admin(self) -> bool:
        """It changes a place: only for who may manage that."""


class Handle(Protocol):
    """The core, as one adapter sees it."""

    @property
    def commands(self) -> Sequence[CommandSpec]:
        """Those that people may type, in the order they should be listed."""

    async def answer(self, request: Request) -> Message | None:
        """Run a command or a pressed button. Never raises: a fault is a message too.

        None: this person, or this chat, asked far too much, and was told so. Nothing is to be said.
        """

    async def suggest(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        """Autocomplete for one option of `request.command`: at most 25 choices."""

    async def added(self, address: str, by: str, title: str) -> bool:
        """The bot was put into a place by the person with that private address. Returns whether
        posts are set up there: they go on by themselves."""

    async def greets(self, address: str, title: str) -> bool:
        """Whether the bot is to introduce itself there: true once, whatever becomes of it."""

    async def added_by(self, address: str) -> str | None:
        """Who put the bot there, if it was told."""

    async def removed(self, address: str, reason: str, remedy: str = "") -> None:
        """The bot was thrown out of that chat, or blocked. `remedy`: as in PostError."""

    async def returned(self, addresses: Sequence[str]) -> None:
        """The bot was invited back, or may write again: what was switched off there goes on."""

    async def moved(self, old: str, new: str) -> None:
        """A chat has a new address."""


class Adapter(Protocol):
    """One platform."""

    name: str
    resend_within: timedelta  # how long the platform recognises a repeated key; zero: never
    reads_back: bool  # `find` can tell whether a post arrived
    pace: Pace
    up: asyncio.Event  # set once posts can be sent

    async def run(self, handle: Handle) -> None:
        """Serve people until cancelled. Raises ConfigError when the token is refused.

        Any other exception is a fault that may pass: the caller runs it again.
        """

    async def post(
        self, address: str, message: Message, *, key: str, plain: bool = False
    ) -> Receipt:
        """Send one message. Raises PostError, nothing else.

        plain: the platform refused its usual form as malformed: words and addresses alone.
        """

    async def edit(self, address: str, receipt: Receipt, message: Message) -> Edited:
        """Change a message that was posted there, in the look it has. Harmless to repeat.

        Raises PostError, never ambiguous. That it is gone, or cannot be changed, is an answer.
        """

    def chat(self, address: str) -> tuple[str, float]:
        """The chat whose limit counts there, and the seconds between two posts to it.

        An address is its chat, or that, a slash, and which part of the chat.
        """

    async def find(self, address: str, message: Message) -> Receipt | None:
        """That post, among the newest messages there; None: it did not arrive.

        Raises Untold when it cannot be told, PostError when the platform fails.
        """

    def place(self, address: str) -> Place:
        """What is known of a place without asking the platform."""

    async def obstacle(self, address: str) -> str:
        """What keeps the bot from posting there, one sentence; empty: nothing does.

        Raises Untold where only a post can tell, PostError when the platform fails.
        """

    async def check(self, addresses: Sequence[str], give_way: Yield = at_once) -> list[str]:
        """For `doctor`: one sentence for each thing that keeps the bot from working there.

        It asks at the platform's pace. `give_way` is awaited before what counts in the pace of
        the posts. A few places that do not answer in time are passed over.
        """
