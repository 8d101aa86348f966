"""What is said to a schedule by an option's name, `zone Berlin count: 3`, or in a word, `off`."""

from __future__ import annotations

import re

_ZONE = r"(?:(?:my|the) )?(?:time ?)?(?:zone|tz)"
_PAPERS = "(?:papers?|counts?|number|amount|limit)(?: of papers?)?"
_IS = r"\s*[:=]\s*"
# Discord has options typed with a colon; others leave it out.
_NAMED = [
    (re.compile(pattern, re.A), word)
    for pattern, word in (
        (rf"(?<![^\s,;]){_ZONE}(?:{_IS}|\s+(?:to |is )?)(?=\d+(?!\S))", " zone"),  # is no number
        (rf"(?<![^\s,;]){_ZONE}(?:{_IS}|\s+(?:to |is )?)", " "),
        (rf"(?<![^\s,;])time{_IS}", " at "),
        (r"^\s*(?:set |change )?(?:the )?(?:time|hour)\s+(?:to |is )?(?=\d)", " at "),
        (rf"(?<![^\s,;]){_PAPERS}(?:{_IS}|\s+)(\d+)\b(?![:.h]\d)", r" \1 papers "),
        (rf"(?<![^\s,;]){_PAPERS}{_IS}", " papers "),
    )
]
_ZONE_FIRST = re.compile(rf"^\s*(?:set |change )?{_ZONE}(?:{_IS}|\s+)(.*)\s(?:time|hour)\s+(?=\d)")
OFF = frozenset(["off", "pause", "stop", "none", "disable", "mute", "cancel", "never", "end"])
ON = frozenset(["on", "resume", "start", "enable", "unpause", "unmute", "continue", "go on"])
HELP = frozenset(["help", "?", "-h", "--help", "how", "usage", "options", "info"])


def in_words(text: str) -> str:
    """A text in lower case with what it says by name said without: `zone: Berlin, count: 3` ->
    `Berlin, 3 papers`."""
    text = _ZONE_FIRST.sub(r"zone \1 at ", text)
    for option, word in _NAMED:
        text = option.sub(word, text)
    return text


def word(text: str) -> str:
    """The word that is all a person wrote; small, without marks around it."""
    return text.casefold().strip(" .!\"'") if len(text) < 20 else ""
