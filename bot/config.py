"""The environment, read once. Every fault is named in one sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yarl import URL

from bot import misspelt, network, tokens
from bot.errors import ConfigError
from bot.network import Network

HTTP, WEBSOCKET = ("https", "http"), ("wss", "ws")


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
    network: Network  # how each of these hosts is reached
    doubts: tuple[str, ...] = ()  # a sentence for each name that was surely meant for a setting
    own: Mapping[str, str] = field(default_factory=dict)  # what adapters declared, as it is set

    def __repr__(self) -> str:
        return f"Config(database={self.database}, on={sorted(self.tokens)})"


def load(env: Mapping[str, str], own: Sequence[str] = (), switches: Sequence[str] = ()) -> Config:
    """Read the settings. Raises ConfigError naming the first one that cannot be used.

    own: names that adapters declare, and read themselves
    switches: those of them that turn an adapter on; like tokens they are shown nowhere
    """

    def get(name: str, default: str = "") -> str:
        return _unquoted(env.get(name, "")) or default

    def base(name: str, default: str) -> str:
        return _url(name, get(name, default), WEBSOCKET if default.startswith("ws") else HTTP)

    urls = {name: base(name, default) for name, default in BASES.items()}
    texts = ((name, get(name)) for name in TOKENS)
    declared = {name: value for name in own if (value := get(name))}
    others = {name: value for name, value in declared.items() if name in switches}
    return Config(
        database=_database(get("DATABASE_URL", "sqlite:///data/papers.db")),
        hf_api_base=urls["HF_API_BASE"],
        arxiv_api_base=urls["ARXIV_API_BASE"],
        arxiv_oai_base=urls["ARXIV_OAI_BASE"],
        discord_api_base=urls["DISCORD_API_BASE"],
        discord_gateway_url=urls["DISCORD_GATEWAY_URL"],
        telegram_api_base=urls["TELEGRAM_API_BASE"],
        telegram_paid=_switch("TELEGRAM_PAID_BROADCAST", get("TELEGRAM_PAID_BROADCAST")),
        arxiv_categories=_categories(get("ARXIV_CATEGORIES")),
        discord_guild=_guild(get("DISCORD_GUILD")),
        tokens={name: tokens.read(name, text) for name, text in texts if text} | others,
        network=network.read(env, urls.values()),
        doubts=(
            *misspelt.told(env, (*SETTINGS, *own), network.PROXIES),
            *network.doubts(env, urls.values()),
        ),
        own=declared,
    )


BASES = {
    "HF_API_BASE": "https://huggingface.co",
    "ARXIV_API_BASE": "https://export.arxiv.org",
    "ARXIV_OAI_BASE": "https://oaipmh.arxiv.org",
    "DISCORD_API_BASE": "https://discord.com/api/v10",
    "DISCORD_GATEWAY_URL": "wss://gateway.discord.gg",
    "TELEGRAM_API_BASE": "https://api.telegram.org",
}


TOKENS = ("DISCORD_TOKEN", "TELEGRAM_TOKEN")
SETTINGS = (
    *TOKENS, *BASES, *(name.upper() for name in network.PROXIES), *network.BUNDLES, "SSL_CERT_DIR",
    "DATABASE_URL", "ARXIV_CATEGORIES", "TELEGRAM_PAID_BROADCAST", "DISCORD_GUILD",
)  # fmt: skip


def _unquoted(value: str) -> str:
    """Docker's --env-file and systemd hand on the quotes that a shell would take off."""
    text = value.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1].strip() if quoted else text


def _url(name: str, value: str, kinds: tuple[str, ...]) -> str:
    try:
        url = URL(value)
        port = url.port
    except ValueError:  # a port beyond 65535, half an IPv6 address
        port = None
    plain = value.isprintable() and not re.search(r"[\s?#\\]", value)
    if not (port and plain and url.scheme in kinds and url.host):
        raise ConfigError(f"{name} must be a URL like {kinds[0]}://host{_it_is(value)}.")
    return f"{url.scheme}{value[len(url.scheme) :]}".rstrip("/")


def without_password(url: str) -> str:
    """As it may be shown: without a name and a password."""
    return re.sub(r"^(\w+://)?.*@", r"\1", url, flags=re.DOTALL)


def _it_is(value: str) -> str:
    """What was written, where it surely is no secret: a token may have gone astray."""
    shown = without_password(value).partition("?")[0]
    short = len(shown) <= 24 or (len(shown) <= 40 and "." in shown)
    return f"; it is {shown!r}" if short and shown.isprintable() else ""


def _database(value: str) -> Path:
    """A file. Nothing of what was written is told but the kind: there may be a password in it."""
    kind, _, path = value.partition(":")
    if not re.fullmatch(r"sqlite3?(\+\w+)?", kind, re.IGNORECASE):
        known = re.fullmatch(r"[a-z][a-z0-9+]{0,19}", kind) and path.startswith("//")
        raise _wrong_database(f", a file; {kind}:// is another database" if known else "")
    if not path.startswith("///") or path == "///":
        raise _wrong_database(", with three slashes and a file; four for a path from the root")
    file = path[3:]
    for pattern, why in _NO_FILE.items():
        if re.search(pattern, file) and not (os.name == "nt" and why == _WINDOWS):
            raise _wrong_database(why)
    try:
        found = Path(file).expanduser()
        folder = file.endswith("/") or found.is_dir()
    except (OSError, RuntimeError) as error:  # a name too long; the home of nobody
        reason = error.strerror if isinstance(error, OSError) else "there is no such home"
        raise _wrong_database(f"; it cannot be used: {reason}") from None
    if folder:
        raise _wrong_database(", with the name of a file: what it names is a folder")
    return found


_WINDOWS = ", with / and without a drive"
_NO_FILE = {  # in the part after the three slashes
    r":memory:": ", a file: what is in memory alone would be lost at each stop",
    r"\?": ", without anything after it",
    r"%[0-9A-Fa-f]{2}": ", with its characters as they are, not as %20",
    r"^file:": ", without file:",
    r"\\|^/?[A-Za-z]:": _WINDOWS,
    r"[\x00-\x1f\x7f]": ", on one line",
}


def _wrong_database(why: str) -> ConfigError:
    return ConfigError(f"DATABASE_URL must look like sqlite:///data/papers.db{why}.")


def _categories(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    for name in names:
        if not re.fullmatch(r"[a-z-]+(\.[A-Za-z-]+)?", name):
            raise ConfigError(f"ARXIV_CATEGORIES wants names like cs.CL,cs.LG{_it_is(name)}.")
    return names


def _switch(name: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise ConfigError(f"{name} is 1 for on or 0 for off{_it_is(value)}.")
    return value == "1"


def _guild(value: str) -> int | None:
    if value and not re.fullmatch("[0-9]{1,20}", value):
        raise ConfigError(f"DISCORD_GUILD must be a server's id, a number{_it_is(value)}.")
    return int(value) if value else None
