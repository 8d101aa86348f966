"""The adapters run side by side: one that fails is started again, and holds up no other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

from bot.errors import ConfigError, DailyPapersError
from bot.ports import Adapter, Handle

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds until a failed adapter is started again
WELL = 600.0  # seconds after which one that runs is taken for well


class Server:
    """Runs each adapter for as long as it can serve. The program ends with the last of them."""

    def __init__(self, adapters: Mapping[str, Adapter], stopping: asyncio.Event) -> None:
        self._adapters = adapters
        self._stopping = stopping
        self._left = set(adapters)
        self._refused: list[ConfigError] = []

    async def serve(self, name: str, handle: Handle) -> None:
        """Until it ends by itself (the console), or its token is refused."""
        try:
            await self._again_and_again(name, handle)
        except ConfigError as error:
            log.error("adapter ended adapter=%s reason=%s", name, error)
            self._refused.append(error)
        self._left.discard(name)
        if not self._left:
            self._stopping.set()

    async def _again_and_again(self, name: str, handle: Handle) -> None:
        pause = FIRST_PAUSE
        while True:
            begin = time.monotonic()
            try:
                await self._adapters[name].run(handle)
            except ConfigError:
                raise
            except DailyPapersError as error:
                log.error("adapter failed adapter=%s reason=%s", name, error)
            except Exception:
                log.exception("adapter broke adapter=%s", name)
            else:
                return
            if time.monotonic() - begin > WELL:
                pause = FIRST_PAUSE
            log.warning("adapter is started again adapter=%s in=%.0fs", name, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def check(self) -> None:
        """At the end. Raises ConfigError when nothing could be served."""
        if self._refused and len(self._refused) == len(self._adapters):
            raise ConfigError("\n".join(map(str, self._refused)))
