"""Why a post did not come, as its readers are told it. Pure.

The outbox, the log and `daily-papers deliveries` keep the platform's exact words, which only who
runs the bot can use.
"""

from __future__ import annotations

import re

NOT_TAKEN = "the platform did not take it"

_DETAIL = re.compile(  # what is left without it is for everybody
    r" \([^()]*\b(status|code)\b[^()]*\)|; see the log"
    r"|(?<=cannot be reached): .*|(?<=cannot be used) \(.*",
    re.DOTALL,
)
_OPERATORS = re.compile(
    r"^(?!the feed )[^:]*\banswered[ :,]|\b[A-Z]+_[A-Z_]+|\btokens?\b|webhook|another program"
    r"|\bprox(y|ies)\b|\b(status|code) \d|\b[1-5]\d\d\b"
)


def for_readers(reason: str) -> str:
    """Without names of settings, numbers of a protocol, or a platform's words to programs."""
    short = _DETAIL.sub("", reason)
    return NOT_TAKEN if _OPERATORS.search(short) else short
