"""What can go wrong, in one tree.

DailyPapersError
+-- ConfigError      a setting is wrong: the program says so and does not start
+-- UserError        a person's input is wrong: the sentence is their answer
|   +-- TooLong      a search used up its time
|   +-- Busy         a search's turn did not come in time
+-- StoreError       the disk or the database refuses (full, read-only, damaged)
+-- SourceError      a feed did not give a list; knows when to ask again
|   +-- NotOpenYet   the feed has no list for that day yet, and answers
+-- PostError        a platform did not take a message; states the facts, the caller decides
|   +-- NotSent      the platform was not asked
+-- LeaseLost        another process serves a platform from this store
+-- Untold           nobody can say whether a message arrived
"""

from __future__ import annotations

from collections.abc import Sequence


class DailyPapersError(Exception):
    """Any fault this program names itself. `str()` is one sentence without secrets."""


class ConfigError(DailyPapersError):
    """A setting that cannot be used."""


class UserError(DailyPapersError):
    """An input that cannot be used; nothing was changed.

    choices: what may have been meant, as (label, words): each becomes a button that gives the
        same command these words
    """

    def __init__(self, reason: str, choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(reason)
        self.choices = tuple(choices)


class TooLong(UserError):
    """A search that cannot be done in its time."""

    def __init__(self) -> None:
        super().__init__(
            "I did not get through all papers in time. Ask once more; if I fail again, fewer words "
            "help."
        )


class Busy(UserError):
    """A search whose turn did not come in time."""

    def __init__(self) -> None:
        super().__init__("Many people search just now; try again in a moment.")


class StoreError(DailyPapersError):
    """The store could not be read or written; the transaction was rolled back."""


class LeaseLost(DailyPapersError):
    """Another process serves a platform from this store: this one must not go on."""


class SourceError(DailyPapersError):
    """A feed failed. `retry_after`: seconds the feed asked us to wait, if it did."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NotOpenYet(SourceError):
    """The feed refuses a day that has not begun for it, or that it has not come to (HTTP 400)."""


class Instead(str):
    """A remedy that is about another place: nothing brings this one back."""

    __slots__ = ()


class PostError(DailyPapersError):
    """A message was not, or perhaps not, delivered.

    permanent: the platform names a fault of this place (blocked, gone, no permission); any other
        403 or 400 is not: the caller tries again
    remedy: for a fault of the place: one sentence of what its owner can do there, in the
        platform's words; empty: nothing brings the place back; an `Instead`: nothing does, but it
        may be set up elsewhere
    refused: this message is malformed for the platform: our fault, not the address's
    rejected: the platform answered 401, 403 or 429, of which too many get a bot banned
    retry_after: seconds to wait before anything is sent to that chat again
    everywhere: not to that chat alone: the platform asks for a pause as a whole
    moved_to: the address this chat has now; send there
    ambiguous: the request left, and no answer says whether it arrived
    None of them: it never left, and may simply be sent again.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        remedy: str = "",
        refused: bool = False,
        rejected: bool = False,
        retry_after: float | None = None,
        everywhere: bool = False,
        moved_to: str | None = None,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.remedy = remedy
        self.refused = refused
        self.rejected = rejected
        self.retry_after = retry_after
        self.everywhere = everywhere
        self.moved_to = moved_to
        self.ambiguous = ambiguous


class NotSent(PostError):
    """This program held a message back: what the platform said before still stands."""


class Untold(DailyPapersError):
    """Whether a message arrived cannot be found out: it is not sent again by itself."""
