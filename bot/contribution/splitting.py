"""Where the sentences of an abstract end."""

from __future__ import annotations

import re

from bot.contribution.words import word_set

# The end itself, quotes and brackets that belong to it, then a gap, or none where one was lost.
_END = re.compile(r"([.!?]{1,3})([\"'”’)\]]{0,3})(\s+|(?=[A-Z][a-z]))")
# A capital, a name (iGPT, o1), a list's mark, an address or a formula.
_BEGINS = re.compile(
    r"[\"'“‘(\[]{0,2}(?:[^\W_a-z]|[a-z]{1,20}-?[A-Z\d]|https?:|[$\\])|\((?:[ivx]{1,4}|[a-z])\)|%\s?[A-Z]"
)
_INITIAL = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")
_MARK = re.compile(r"\(?(?:\d{1,2}|[ivxIVX]{1,4}|[a-z])\)")
_ABBREVIATIONS = word_set(
    "e.g i.e eg ie cf vs viz al etc fig figs eq eqs sec secs tab tabs no nos dr mr ms mrs "
    "prof inc ltd corp approx resp ca w.r.t st jr sr ph.d vol pp ch ref refs dept univ ed "
    "eds avg"
)
_ALWAYS_GO_ON = _ABBREVIATIONS - {
    "etc",
    "al",
    "avg",
    "inc",
    "ltd",
    "corp",
    "ph.d",
    "no",
    "w.r.t",
    "st",
}
_OPENERS = word_set(
    "We In This The Our To These However Here It For While Moreover Additionally Finally By "
    "As Extensive Experiments Code Specifically Furthermore Despite Through With Results "
    "Existing Although Recent Unlike Using Its Their When First Second They There"
)


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph, in order, without the space between them."""
    found, start = list[str](), 0
    for match in _END.finditer(text):
        if _ends(text, match):
            found.append(text[start : match.end(2)])
            start = match.end()
    rest = text[start:]
    return [*found, rest] if rest.strip() else found


def _ends(text: str, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + 30]
    if not match[3]:
        return _lost_gap(text, match, after)
    if not _BEGINS.match(after):
        return False
    if match[1] != ".":
        return match[1] != "..." or _word(after) in _OPENERS
    return not _goes_on(text[max(0, match.start() - 21) : match.start()], _word(after))


def _lost_gap(text: str, match: re.Match[str], after: str) -> bool:
    before = text[max(0, match.start() - 3) : match.start()]
    return before.isalpha() and before.islower() and _word(after) in _OPENERS


def _goes_on(before: str, next_word: str) -> bool:
    """Whether a full stop after `before` belongs to an abbreviation, an initial or a number."""
    marked = before.rpartition(" ")[2]
    word = marked.lstrip("(['\"“‘")
    if word.lower() in _ALWAYS_GO_ON or _MARK.fullmatch(marked):
        return True
    if word.lower() in _ABBREVIATIONS or _INITIAL.fullmatch(word):
        return next_word not in _OPENERS
    if not word.isdecimal():
        return False
    # The number of a list's item: after a colon, a comma or another sentence.
    return next_word.isdecimal() or (len(word) < 3 and before[: -len(word)].rstrip()[-1:] in ":;,.")


def _word(text: str) -> str:
    return re.split(r"[^\w]", text.lstrip("\"'“‘(["), maxsplit=1)[0]
