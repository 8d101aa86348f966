"""One process for each platform of a store, also on other hosts and in containers, where a local
lock is not seen.

No clock is compared: who wants a lease that another holds looks whether it is renewed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from bot.errors import ConfigError, LeaseLost, StoreError
from bot.store import Reader, Store, leases
from bot.store.leases import Lease

RENEWED = 10.0  # seconds between two renewals
OBSERVED = 35.0  # seconds without one, after which an owner is dead

log = logging.getLogger(__name__)


class Holder:
    """What this process holds; it is renewed at intervals, and checked with each claim."""

    def __init__(self, store: Store, owner: str, names: frozenset[str]) -> None:
        self._store = store
        self._owner = owner
        self._names = names

    async def renew(self) -> None:
        """Raises LeaseLost, StoreError."""
        async with self._store.transaction() as tx:
            self._held(await leases.renew(tx, self._owner))

    async def check(self, reader: Reader) -> None:
        """Raises LeaseLost when another process has taken over, StoreError."""
        self._held(await leases.count(reader, self._owner))

    def _held(self, count: int) -> None:
        if count < len(self._names):
            raise LeaseLost("Another Daily Papers serves this store now, so this one ends.")


@asynccontextmanager
async def hold(
    store: Store,
    proofs: Mapping[str, str],
    wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[Holder]:
    """Hold the lease of each of these platforms until the end.

    proofs: by platform, which local lock this process holds for it. Whoever held that lock before
        is dead, so a restart does not wait; any other owner is observed first. Empty: none.

    Raises ConfigError when another process serves one of them, StoreError.
    """
    owner = uuid4().hex
    try:
        for name, proof in proofs.items():
            await _take(store, name, owner, proof, wait)
        yield Holder(store, owner, frozenset(proofs))
    finally:
        with suppress(StoreError):  # it is not renewed any more, which says the same
            async with store.transaction() as tx:
                await leases.release(tx, owner)


async def _take(
    store: Store, name: str, owner: str, proof: str, wait: Callable[[float], Awaitable[object]]
) -> None:
    before = await leases.get(store, name)
    if before and not (proof and before.proof == proof):
        before = await _unrenewed(store, name, before, wait)
    async with store.transaction() as tx:
        if not await leases.take(tx, name, owner, proof, before):
            raise _taken(name)


async def _unrenewed(
    store: Store, name: str, before: Lease, wait: Callable[[float], Awaitable[object]]
) -> Lease | None:
    """The lease as it is after a while in which nobody renewed it."""
    log.warning("another process served from this store, waiting platform=%s seconds=%.0f",
                name, OBSERVED)  # fmt: skip
    await wait(OBSERVED)
    now = await leases.get(store, name)
    if now and now != before:
        raise _taken(name)
    return now


def _taken(name: str) -> ConfigError:
    return ConfigError(
        f"Another Daily Papers, on another host or in another container, serves {name} from this "
        "store. Stop it first, or give this one a store of its own."
    )
