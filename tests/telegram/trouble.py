"""What goes wrong at Telegram or on the way to it, when a test says so, and its limits."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from math import ceil


class Refusal(Exception):
    """The Bot API's way of saying no."""

    def __init__(self, code: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


class Page(Exception):
    """An answer that is not Telegram's."""

    def __init__(self, code: int, body: str) -> None:
        super().__init__(body)
        self.code, self.body = code, body


Happens = Callable[[], Awaitable[None]]


class Troubled:
    """Faults of the next calls, each of one method."""

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, deque[Happens]] = defaultdict(deque)
        self._after: dict[str, deque[Happens]] = defaultdict(deque)

    def fail(
        self, method: str, code: int = 500, description: str = "Internal Server Error",
        times: int = 1, **parameters: object,
    ) -> None:  # fmt: skip
        """The next calls of the method are refused; parameters as in ResponseParameters."""
        self._raises(method, lambda: Refusal(code, description, **parameters), times)

    def page(self, method: str, code: int, body: str, times: int = 1) -> None:
        """The next calls of the method get a page from something that stands before Telegram."""
        self._raises(method, lambda: Page(code, body), times)

    def drop(self, method: str, times: int = 1) -> None:
        """The next calls of the method are read, then the connection is closed."""
        self._raises(method, ConnectionAbortedError, times)

    def lose(self, method: str, times: int = 1) -> None:
        """The next calls of the method are done, then the connection is closed."""

        async def hang_up() -> None:
            raise ConnectionAbortedError

        self._after[method].extend([hang_up] * times)

    def delay(self, method: str, seconds: float, times: int = 1) -> None:
        """The next calls of the method are done, and answered so much later."""

        async def wait() -> None:
            await asyncio.sleep(seconds)

        self._after[method].extend([wait] * times)

    def _raises(self, method: str, error: Callable[[], Exception], times: int) -> None:
        async def happens() -> None:
            raise error()

        self._before[method].extend([happens] * times)

    @asynccontextmanager
    async def trouble(self, method: str) -> AsyncIterator[None]:
        """Around one call."""
        if self._before[method]:
            await self._before[method].popleft()()
        after = self._after[method].popleft() if self._after[method] else None
        yield
        if after:
            await after()


class Limits:
    """One message a second in a private chat, 20 a minute in a group or channel. Off until `on`."""

    def __init__(self) -> None:
        self.on = False
        self.exceeded = 0
        self._taken: dict[int, deque[float]] = defaultdict(deque)

    def count(self, chat: int) -> None:
        """Take one message, or refuse it."""
        most, period = (20, 60.0) if chat < 0 else (1, 1.0)
        now, taken = asyncio.get_running_loop().time(), self._taken[chat]
        while taken and taken[0] + period <= now:
            taken.popleft()
        if self.on and len(taken) >= most:
            self.exceeded += 1
            wait = max(1, ceil(taken[0] + period - now))
            raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        taken.append(now)
