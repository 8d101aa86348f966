"""Names that nobody reads and that were surely meant for settings: what they are called here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rapidfuzz.distance import OSA

_TOKENS = ("DISCORD_TOKEN", "TELEGRAM_TOKEN")
_WORDS = {  # what a part of a name is called elsewhere
    "tg": "telegram", "bot": "", "api": "", "key": "token", "secret": "token", "auth": "",
    "db": "database", "sqlite": "database", "sqlite3": "database",
    "uri": "url", "base": "url", "path": "url", "file": "url", "filename": "url",
    "endpoint": "url", "id": "", "server": "guild", "category": "categories", "cats": "categories",
    "huggingface": "hf", "certificate": "cert", "ca": "cert", "proxies": "proxy",
}  # fmt: skip
_SHORT = {  # by their parts
    ("token",): _TOKENS, ("database",): ("DATABASE_URL",),
    ("proxy",): ("HTTPS_PROXY",), ("categories",): ("ARXIV_CATEGORIES",),
    ("guild",): ("DISCORD_GUILD",), ("ssl", "cert"): ("SSL_CERT_FILE",),
    ("cert", "url"): ("SSL_CERT_FILE",), ("telegram", "paid"): ("TELEGRAM_PAID_BROADCAST",),
    ("paid", "broadcast"): ("TELEGRAM_PAID_BROADCAST",),
}  # fmt: skip
_OTHERS = frozenset({"GOPROXY", "HF_ENDPOINT", "API_KEY", "KEY", "SECRET", "SERVER"})
_OURS = re.compile(r"^DAILY_?PAPERS_|^PAPERS_", re.IGNORECASE)
_LONG = 7  # letters from which on a slip is surely one


def told(env: Mapping[str, str], known: Sequence[str], proxies: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each, without any value.

    known: every setting's name; proxies: those that may be written in small letters, too
    """
    read = {*known, *(name.lower() for name in proxies)}
    taken = {name.upper() for name, value in env.items() if value.strip() and name in read}
    found = []
    for name, value in sorted(env.items()):
        meant = () if name in read or not value.strip() else _meant(name, known)
        if meant and not taken & set(meant):
            found.append(f"{name} is not a setting; did you mean {' or '.join(meant)}?")
    return tuple(found)


def _meant(name: str, known: Sequence[str]) -> Sequence[str]:
    """The settings it may stand for; none: it is somebody else's."""
    if name.upper() in _OTHERS:
        return ()
    bare = _OURS.sub("", name)
    if bare.upper() in known:
        return (bare.upper(),)
    parts = _parts(bare)
    if parts in _SHORT:
        return _SHORT[parts]
    near = [(slips, one) for one in known if (slips := _slips(bare, one)) is not None]
    if not near and len(parts) > 2 and parts[-1] == "url":  # DISCORD_TOKEN_FILE, HTTPS_PROXY_URL
        return _meant("_".join(parts[:-1]), known)
    return (min(near)[1],) if near else ()


def _parts(name: str) -> tuple[str, ...]:
    parts = [_WORDS.get(part, part) for part in re.split(r"[\W_]+", name.lower())]
    return tuple(filter(None, parts))


def _slips(written: str, name: str) -> int | None:
    """How many letters are wrong; None: too many for one to be meant by the other. At most one in
    each part, or in all where the parts are written as one word or apart."""
    word, meant = (re.sub(r"[\W_]", "", text).lower() for text in (written, name))
    if len(meant) >= _LONG and (slips := OSA.distance(word, meant)) < 2:
        return slips
    parts, wanted = _parts(written), _parts(name)
    if sorted(parts) == sorted(wanted):
        return 0
    each = [(OSA.distance(*pair), len(pair[1]) > 2) for pair in zip(parts, wanted, strict=False)]
    good = len(parts) == len(wanted) and all(slips <= most for slips, most in each)
    return sum(slips for slips, _ in each) if good else None
