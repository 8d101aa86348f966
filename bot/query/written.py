"""How a value is written so that it is read again as the same."""

from __future__ import annotations

import re

_BARE = re.compile(r"[\w.'/-]+")
_ENDING = re.compile(r"([A-Za-z]{3,})(?:\*+|[~^]\d*)")  # diffus*
_LEAD, _TAIL = "([,;:.!?-–—'`/+~#^=*", ",;:.!?-–—'`/…\\"


def trimmed(word: str) -> str:
    """Without the marks around it: `(well,` is well, `SE(3)` stays."""
    word = word.lstrip(_LEAD)
    word = word.rstrip(_TAIL + ("" if "(" in word else ")") + ("" if "[" in word else "]"))
    ending = _ENDING.fullmatch(word)
    return ending[1] if ending else word


def quoted(text: str) -> str:
    """In quotation marks, unless it is one plain word."""
    bare = _BARE.fullmatch(text) and trimmed(text) == text
    return text if bare else f'"{text}"'
