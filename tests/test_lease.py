"""One process for each platform of a store, wherever it runs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.errors import ConfigError, LeaseLost
from bot.lease import OBSERVED, hold
from bot.store import Store, leases, opened

Wait = Callable[[float], Awaitable[None]]


class Waiting:
    """Notes how long was waited; `meanwhile` happens then."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        self.seconds: list[float] = []
        self._meanwhile = meanwhile

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self._meanwhile:
            await self._meanwhile()


async def left(store: Store, proof: str) -> None:
    """A process that served Discord and died without a word."""
    async with store.transaction() as tx:
        assert await leases.take(tx, "discord", "dead", proof, None)


async def test_a_first_start_waits_for_nobody(store: Store) -> None:
    waiting = Waiting()
    async with hold(store, {"discord": "a", "telegram": ""}, waiting) as holder:
        await holder.renew()
        await holder.check(store)
    assert waiting.seconds == [] and await leases.get(store, "discord") is None


async def test_after_a_clean_end_another_host_starts_at_once(store: Store) -> None:
    for proof in ("host-a", "host-b"):
        waiting = Waiting()
        async with hold(store, {"discord": proof}, waiting):
            pass
        assert waiting.seconds == []


async def test_who_holds_the_same_lock_knows_that_the_owner_is_dead(store: Store) -> None:
    await left(store, "host:1:2")
    waiting = Waiting()
    async with hold(store, {"discord": "host:1:2"}, waiting) as holder:
        await holder.check(store)
    assert waiting.seconds == []


@pytest.mark.parametrize("proof", ["other:1:2", ""])
async def test_a_dead_owner_elsewhere_is_observed_and_followed(store: Store, proof: str) -> None:
    await left(store, proof)
    waiting = Waiting()
    async with hold(store, {"discord": proof and "host:1:2"}, waiting) as holder:
        await holder.check(store)
    assert waiting.seconds == [OBSERVED]


async def test_a_living_owner_elsewhere_keeps_its_platform(store: Store) -> None:
    async with hold(store, {"discord": "host-a"}) as living:
        waiting = Waiting(living.renew)
        with pytest.raises(ConfigError, match="serves discord from this store"):
            async with hold(store, {"telegram": "b", "discord": "b"}, waiting):
                pass
        await living.check(store)
        assert await leases.get(store, "telegram") is None, "what it had is released"
        async with hold(store, {"telegram": "b"}, Waiting()):
            await living.check(store)


async def test_of_two_that_follow_a_dead_owner_one_serves(store: Store) -> None:
    await left(store, "")
    both = asyncio.Barrier(2)

    async def together() -> None:
        await both.wait()

    async def serve() -> str:
        try:
            async with hold(store, {"discord": ""}, Waiting(together)):
                await asyncio.sleep(0.05)
                return "served"
        except ConfigError:
            return "refused"

    assert sorted(await asyncio.gather(serve(), serve())) == ["refused", "served"]


async def test_who_was_followed_stops(store: Store) -> None:
    async with (
        hold(store, {"discord": "host-a"}) as paused,
        hold(store, {"discord": "host-b"}, Waiting()) as follower,
    ):
        with pytest.raises(LeaseLost):
            await paused.renew()
        with pytest.raises(LeaseLost):
            await paused.check(store)
        await follower.check(store)


async def test_nothing_of_a_post_is_written_once_another_serves(tmp_path: Path) -> None:
    async with (
        opened(tmp_path / "a.db") as store,
        hold(store, {"discord": ""}) as paused,
        hold(store, {"discord": ""}, Waiting()),
    ):
        with pytest.raises(LeaseLost):
            await store.write(paused.check)
