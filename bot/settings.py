"""The core's settings, and those that adapters declare in their own folders."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

import adapters
from bot import config
from bot.config import Config


def load(env: Mapping[str, str]) -> Config:
    """Raises ConfigError naming the first one that cannot be used."""
    switches = [switch(name) for name in adapters.REGISTRY]
    return config.load(env, tuple(_declared()), switches)


def _declared() -> Iterator[str]:
    """SETTINGS of each adapter's folder, where it has any of its own."""
    for _, module in adapters.REGISTRY.values():
        folder = importlib.import_module(module.rpartition(".")[0])
        yield from getattr(folder, "SETTINGS", ())


def switch(platform: str) -> str:
    """The setting that turns an adapter on."""
    return adapters.REGISTRY[platform][0]
