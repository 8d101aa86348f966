"""What a command may use: the store, the sources, the search and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.turns import KEEPING, Buckets

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
    keeping: Buckets = field(default_factory=lambda: Buckets(KEEPING))  # by platform and person
