"""What a person means by a time of day. Pure."""

from __future__ import annotations

import re

_SPELLED = "one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = _SPELLED.split()
_NUMBER = re.compile(rf"\b({'|'.join(_NUMBERS)})\b")
_PAST = re.compile(r"\b(half|quarter)\s+(past|to)\s+(\d{1,2})\b(?!:)", re.A)
_LATER = r"(?:in\s+the\s+|this\s+)?(?:afternoon|evening)s?\b"
_CLOCK = r"(\d{1,2}(?:[:.h]\d\d)?)"
# Each way to write a time in several words, and the one word that `times` takes. A question mark
# stands for a time of twelve hours, of which nobody said which half of the day.
_WAYS = [
    (re.compile(pattern, re.A), word)
    for pattern, word in (
        (r"\b(?!12(?::00)?\s)(\d{1,2}(?::\d\d)?)\s+(noon|midday|midnight)\b", r"\1\2"),  # neither
        (r"(?<![\w:.])(?:12(?::00)?\s*)?(?:noon|midday)\b", "12:00"),
        (r"(?<![\w:.])(?:12(?::00)?\s*)?midnight\b", "00:00"),
        (rf"{_CLOCK}\??\s*o'?clock\b", r"\1?"),
        (rf"{_CLOCK}\??\s*(?:in\s+the\s+|this\s+)?mornings?\b", r"\1am"),
        (rf"\b((?:1[3-9]|2[0-3])(?:[:.h]\d\d)?)\s*{_LATER}", r"\1h"),
        (rf"{_CLOCK}\??\s*{_LATER}", r"\1pm"),
        (rf"{_CLOCK}\??\s*(?:at\s+night|tonight)\b", r"\1?"),
        (rf"{_CLOCK}\??\s*([ap])\.?\s?m\b\.?", r"\1\2m"),
        (rf"{_CLOCK}\s*(?:uhr|hours?|hrs?|h)\b", r"\1h"),
        (r"(?:\bat|@)\s*(\d{1,2})(?!\S)(?!\s*papers?\b)", r" \1h"),
    )
]
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d\d))?(?::00)?(am|pm|h|\?)?", re.A)
_FOUR = re.compile(r"(\d\d)(\d\d)(h)?", re.A)


def in_one_word(text: str) -> str:
    """A text in lower case with each time of day as one word: `at 9 p.m.` -> `at 9pm`."""
    text = _NUMBER.sub(lambda found: str(_NUMBERS.index(found[1]) + 1), text)
    text = _PAST.sub(_counted, text)
    for pattern, word in _WAYS:
        text = pattern.sub(word, text)
    return text


def _counted(found: re.Match[str]) -> str:
    """`quarter to ten`."""
    minutes = {"half": 30, "quarter": 15}[found[1]]
    if found[2] == "past":
        return f"{found[3]}:{minutes}?"
    return f"{(int(found[3]) - 1) % 24 or 12}:{60 - minutes}?"


def times(word: str) -> tuple[str, ...]:
    """Every HH:MM that a word may mean; none: it is no time of day."""
    found = _FOUR.fullmatch(word) or _TIME.fullmatch(word)
    if not found:
        return ()
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    hours = {"am": (hour % 12,), "pm": (hour % 12 + 12,), "?": (hour % 12, hour % 12 + 12)}
    if half in hours and hour > 12:  # 13pm; but 21 o'clock is one
        return () if half != "?" else times(f"{hour}:{minute:02}")
    if hour > 23 or minute > 59 or (half in ("am", "pm") and not hour):
        return ()
    return tuple(f"{one:02}:{minute:02}" for one in hours.get(half or "", (hour,)))


def is_four(word: str) -> bool:
    """Whether a number is a time without its colon: 0900."""
    return _FOUR.fullmatch(word) is not None
