"""Each chat's own limit: whose turn it is to send there, and when."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from bot.errors import NotSent, PostError

log = logging.getLogger(__name__)

# Telegram documents one message a second in a private chat, and 20 a minute in a group or channel,
# whose topics count together. https://core.telegram.org/bots/faq#broadcasting-to-users
PRIVATE, SHARED = 1.0, 3.0  # seconds between two messages
PATIENCE = 60.0  # seconds an answer may take: nobody waits for it any longer
_KEPT = 4096  # chats without anything under way that are remembered


def spacing(chat: str) -> float:
    """Seconds between two messages to that chat."""
    return SHARED if chat.startswith("-") else PRIVATE


class Crowded(NotSent):
    """A message's turn would come too late; it never left."""

    def __init__(self) -> None:
        super().__init__("too many messages wait for that chat")


class _Lane:
    """One chat: a message at a time, in order."""

    def __init__(self, chat: str) -> None:
        self._chat = chat
        self._spacing = spacing(chat)
        self._loop = asyncio.get_running_loop()
        self._queue: deque[tuple[asyncio.Future[None], bool]] = deque()
        self._busy = False
        self._rests_until = self._posts_from = self._answers_from = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._told = False  # the log has that answers are dropped here
        self.expected = 0  # answers that are being made

    @property
    def idle(self) -> bool:
        return not (self._queue or self._busy or self.expected or self.wait(post=False))

    def resting(self) -> float:
        """Seconds until Telegram takes anything there again."""
        return max(self._rests_until - self._loop.time(), 0.0)

    def wait(self, *, post: bool) -> float:
        """Seconds until the next message may go, whatever is under way."""
        begins = self._posts_from if post else self._answers_from
        return max(begins - self._loop.time(), self.resting(), 0.0)

    def has_room(self, patience: float) -> bool:
        """Whether one more answer would have its turn in time.

        Those that came first keep their places: they have waited longest.
        """
        ahead = len(self._queue) + self._busy + self.expected
        room = self.wait(post=False) + ahead * self._spacing <= patience
        if not room:
            self._dropped()
        return room

    def _dropped(self) -> None:
        """One line of log, until nothing waits any more."""
        if not self._told:
            where = self._chat if self._chat.startswith("-") else "private"
            log.warning("answers dropped chat=%s waiting=%d", where, len(self._queue))
            self._told = True

    async def enter(self, patience: float, *, post: bool) -> float:
        """Wait for the turn; posts are before answers. The seconds left. Raises Crowded."""
        until = self._loop.time() + patience
        if self.wait(post=True) > patience if post else not self.has_room(patience):
            raise Crowded
        turn = self._loop.create_future()
        self._queue.insert(0 if post else len(self._queue), (turn, post))
        self._advance()
        try:
            async with asyncio.timeout_at(until):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # it came at the same moment
                self._busy = False
            with suppress(ValueError):
                self._queue.remove((turn, post))
            self._advance()
            if isinstance(error, TimeoutError):
                self._dropped()
                raise Crowded from None
            raise
        return until - self._loop.time()

    def leave(self, *, post: bool, counts: bool) -> None:
        """The message is over. The dispatcher spaces its posts itself."""
        now = self._loop.time()
        self._busy = False
        if counts:
            self._answers_from = now + self._spacing
        if counts and not post:
            self._posts_from = now + self._spacing
        if not self._queue and not self.resting():
            self._told = False
        self._advance()

    def rest(self, seconds: float) -> None:
        self._rests_until = max(self._rests_until, self._loop.time() + seconds)

    def _advance(self) -> None:
        """Give the first its turn, or look again when it may have it."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._queue and self._queue[0][0].done():  # cancelled: nobody waits for it
            self._queue.popleft()
        if self._busy or not self._queue:
            return
        turn, post = self._queue[0]
        if pause := self.wait(post=post):
            self._timer = self._loop.call_later(pause, self._advance)
            return
        self._queue.popleft()
        self._busy = True
        turn.set_result(None)


class Pacer:
    """Every chat's turns.

    Posts and answers to one chat keep its limit together: an answer waits for both, a post for
    answers alone, because the dispatcher leaves `spacing` between its posts.
    """

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(
        self, chat: str, patience: float = PATIENCE, *, post: bool = False
    ) -> AsyncIterator[float]:
        """The time in which one message may go there, and the seconds left of `patience`.

        Raises Crowded when it comes too late.
        """
        lane, counts = self._lane(chat), True
        left = await lane.enter(patience, post=post)
        try:
            yield left
        except PostError as error:
            # What was refused does not count for Telegram. In a group it does for us, or whoever
            # writes where we may not could make us ask without end.
            counts = error.ambiguous or chat.startswith("-")
            raise
        finally:
            lane.leave(post=post, counts=counts)

    async def rested(self, chat: str, patience: float = PATIENCE) -> float:
        """Wait until Telegram takes anything there again; the seconds left. Raises Crowded."""
        lane = self._lanes.get(chat)
        pause = lane.resting() if lane else 0.0
        if pause > patience:
            raise Crowded
        await asyncio.sleep(pause)
        return patience - pause

    def rest(self, chat: str, seconds: float) -> None:
        """Telegram asks to leave that chat alone."""
        self._lane(chat).rest(seconds)

    @contextmanager
    def reserved(self, chat: str) -> Iterator[bool]:
        """Keeps room for an answer while it is made. False: it would come too late."""
        lane = self._lane(chat)
        room = lane.has_room(PATIENCE)
        lane.expected += room
        try:
            yield room
        finally:
            lane.expected -= room

    def wait(self, chat: str) -> float:
        """Seconds until a post may go there, as far as answers and refusals tell."""
        lane = self._lanes.get(chat)
        return lane.wait(post=True) if lane else 0.0

    def _lane(self, chat: str) -> _Lane:
        if chat not in self._lanes:
            if len(self._lanes) >= _KEPT:
                self._lanes = {name: lane for name, lane in self._lanes.items() if not lane.idle}
            self._lanes[chat] = _Lane(chat)
        return self._lanes[chat]
