"""The environment, read once. Every fault is named in one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting. Tokens never appear in `repr`, so never in a log."""

    database: Path
    hf_api_base: str
    arxiv_api_base: str  # one paper by id
    arxiv_oai_base: str  # what arrived, and a paper that the other does not give
    discord_api_base: str
    discord_gateway_url: str
    telegram_api_base: str
    arxiv_categories: tuple[str, ...]
    telegram_paid: bool  # up to 1,000 posts a second, which Telegram charges Stars for
    discord_guild: int | None  # commands are registered in this server at once: for development
    tokens: Mapping[str, str]  # setting's name -> token, for the adapters that are on

    def __repr__(self) -> str:
        return f"Config(database={self.database}, on={sorted(self.tokens)})"


def load(env: Mapping[str, str]) -> Config:
    """Read the settings. Raises ConfigError naming the first one that cannot be used."""

    def get(name: str, default: str = "") -> str:
        return env.get(name, "").strip() or default

    return Config(
        database=_database(get("DATABASE_URL", "sqlite:///data/papers.db")),
        hf_api_base=_url("HF_API_BASE", get("HF_API_BASE", "https://huggingface.co")),
        arxiv_api_base=_url("ARXIV_API_BASE", get("ARXIV_API_BASE", "https://export.arxiv.org")),
        arxiv_oai_base=_url("ARXIV_OAI_BASE", get("ARXIV_OAI_BASE", "https://oaipmh.arxiv.org")),
        discord_api_base=_url(
            "DISCORD_API_BASE", get("DISCORD_API_BASE", "https://discord.com/api/v10")
        ),
        discord_gateway_url=_url(
            "DISCORD_GATEWAY_URL", get("DISCORD_GATEWAY_URL", "wss://gateway.discord.gg")
        ),
        telegram_api_base=_url(
            "TELEGRAM_API_BASE", get("TELEGRAM_API_BASE", "https://api.telegram.org")
        ),
        telegram_paid=_switch("TELEGRAM_PAID_BROADCAST", get("TELEGRAM_PAID_BROADCAST")),
        arxiv_categories=_categories(get("ARXIV_CATEGORIES")),
        discord_guild=_guild(get("DISCORD_GUILD")),
        tokens={n: get(n) for n in ("DISCORD_TOKEN", "TELEGRAM_TOKEN") if get(n)},
    )


def _url(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.netloc:
        raise ConfigError(f"{name} must be a URL like https://host; it is {_safe(value)!r}.")
    return value.rstrip("/")


def _safe(url: str) -> str:
    """Without the name and password that a URL may have."""
    return re.sub(r"//.*@", "//***@", url)


def _database(value: str) -> Path:
    if not value.startswith("sqlite:///") or value == "sqlite:///":
        raise ConfigError(
            f"DATABASE_URL must look like sqlite:///data/papers.db; it is {_safe(value)!r}."
        )
    return Path(value.removeprefix("sqlite:///"))


def _categories(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    for name in names:
        if not re.fullmatch(r"[a-z-]+(\.[A-Za-z-]+)?", name):
            raise ConfigError(f"ARXIV_CATEGORIES wants names like cs.CL,cs.LG; {name!r} is none.")
    return names


def _switch(name: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise ConfigError(f"{name} is 1 for on or 0 for off; it is {value!r}.")
    return value == "1"


def _guild(value: str) -> int | None:
    if value and not (value.isascii() and value.isdigit()):
        raise ConfigError(f"DISCORD_GUILD must be a server's id, a number; it is {value!r}.")
    return int(value) if value else None
