"""What people write, typed or pasted: a command and what follows it, or mere words."""

from __future__ import annotations

import re
from unicodedata import category, normalize

_COMMAND = re.compile(r"/([A-Za-z0-9_]+)(?:@(\w+))?")
# They take no room, and copies are full of them: the joiner we write ourselves (`render.JOINER`),
# marks of direction, byte order marks. What joins the letters of some scripts and emoji stays.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_AROUND = ".,;:!?()<>[]{}'\"«»“”‘’„"


def read(text: str, bot: str) -> tuple[str, str] | None:
    """A command's name and the rest, or no name and the words. None: meant for another bot."""
    text = _UNSEEN.sub("", text).strip()
    first, rest = _split(text)
    if first.lower() == f"@{bot}".lower():
        text = rest
        first, rest = _split(text)
    command = _COMMAND.fullmatch(first.rstrip(_AROUND))
    if command is None:
        return "", text
    name, addressee = command.groups("")
    if addressee.lower() not in ("", bot.lower()):
        return None
    first, after = _split(rest)
    return name.lower(), after if first.lower() == f"@{bot}".lower() else rest


def _split(text: str) -> tuple[str, str]:
    """The first word as it was meant, and what follows."""
    first, *rest = text.split(None, 1) or [""]
    return meant(first), rest[0] if rest else ""


def meant(word: str) -> str:
    """A name or command without what cannot be seen, in its usual letters: `／ｓｅｔｕｐ`."""
    usual = normalize("NFKC", word)
    return "".join(letter for letter in usual if category(letter) not in ("Cf", "Mn"))


def bare(word: str) -> str:
    """The same without the punctuation it stands in."""
    return meant(word).strip(_AROUND)
