"""A text as one line that Telegram takes."""

from __future__ import annotations

import re

# Controls, bidi overrides, lone surrogates. Isolates stay: `text.plain` sets them on purpose.
_UNSENT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")


def line(text: str) -> str:
    words = " ".join(_UNSENT.sub(" ", text).split())
    visible = any(c.isprintable() and c not in " \u2800\u3164" for c in words)
    return words if visible else ""
