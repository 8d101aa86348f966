"""What a command may use: the store, the sources, the search and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.collect import Collector
    from bot.lookup import Lookups
    from bot.search.engine import Engine
    from bot.store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to every command."""

    store: Store
    collector: Collector
    search: Engine
    clock: Callable[[], datetime]  # aware, UTC
    lookups: Lookups
    sample: bool = False  # the bundled sample stands in for the feed
