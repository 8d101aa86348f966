"""What a person typed, as an FTS5 expression. Every word is quoted: nothing typed is syntax."""

from __future__ import annotations

import re

from bot.errors import UserError

MOST_CHARACTERS = 300
MOST_WORDS = 32
_WORD = re.compile(r"[^\W_]+")


def parse(text: str) -> tuple[str, ...]:
    """The words, in order, each once. Raises UserError when there are none, or too many."""
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"A search may have {MOST_CHARACTERS} characters; this one has {len(text)}."
        )
    words = tuple(dict.fromkeys(word.lower() for word in _WORD.findall(text)))
    if not words:
        raise UserError("Write what to search for after the command: /search kv cache")
    return words[:MOST_WORDS]


def every(words: tuple[str, ...]) -> str:
    return " AND ".join(f'"{word}"' for word in words)


def some(words: tuple[str, ...]) -> str:
    return " OR ".join(f'"{word}"' for word in words)


def unfinished(typed: str) -> str:
    """Title words for autocomplete; empty when nothing is typed yet."""
    words = _WORD.findall(typed[:100].lower())[:8]
    if not words:
        return ""
    *done, last = (f'"{word}"' for word in words)
    return "title : (" + " AND ".join([*done, f"{last} *"]) + ")"
