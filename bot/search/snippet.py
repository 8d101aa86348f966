"""The sentence of a paper's abstract that has most of a query's words, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.contribution import contribution
from bot.model import Paper
from bot.query import normal
from bot.text import CharSpan, one_line, plain, sentences

LONGEST = 220  # characters: three lines in a chat
_ROOM = LONGEST - 4  # without two ellipses and two isolates
_ISOLATES = "\u2068\u2069"
_COMMON = frozenset(map(normal.stem, normal.STOPWORDS))


class _Match(NamedTuple):
    start: int
    end: int
    stem: str


def snippet(paper: Paper, stems: frozenset[str]) -> tuple[str, tuple[CharSpan, ...]]:
    """A sentence of at most `LONGEST` characters of plain text, and the words to make bold in it.

    It is the one with the most different stems, of these the first; when none has any, the one
    that says what the paper does.
    """
    wanted = stems - _COMMON
    best = max(
        sentences(one_line(paper.summary)),
        key=lambda sentence: len(wanted.intersection(normal.stems(sentence))),
    )
    whole = plain(best)  # of one sentence: its LaTeX takes longer than all the rest
    sentence = whole.strip(_ISOLATES)
    matches = [match for match in _matches(sentence) if match.stem in wanted]
    if not matches:
        return contribution(paper, LONGEST), ()
    start, end = _window(sentence, matches)
    before, after = "…" * (start > 0), "…" * (end < len(sentence))
    if whole.startswith(_ISOLATES[0]):  # a part of a right-to-left text is isolated again
        before, after = _ISOLATES[0] + before, after + _ISOLATES[1]
    bold, shift = _merged(_inside(matches, start, end)), len(before) - start
    shifted = tuple((first + shift, last + shift) for first, last in bold)
    return f"{before}{sentence[start:end]}{after}", shifted


def _matches(text: str) -> Iterator[_Match]:
    for word, start, end in normal.spans(text):
        yield _Match(start, end, normal.stem(word))


def _inside(matches: Sequence[_Match], start: int, end: int) -> list[_Match]:
    return [match for match in matches if start <= match.start and match.end <= end]


def _window(sentence: str, matches: Sequence[_Match]) -> CharSpan:
    """The part of a long sentence that has the most stems, and as much around it as there is room
    for, from a word to a word."""
    if len(sentence) <= LONGEST - 2:
        return 0, len(sentence)
    inside = ((match, _inside(matches, match.start, match.start + _ROOM)) for match in matches)
    first, near = max(inside, key=lambda pair: len({match.stem for match in pair[1]}))
    last = max((match.end for match in near), default=first.start)
    spare = _ROOM - (last - first.start)
    start = max(0, min(first.start - spare // 2, len(sentence) - _ROOM))
    if start:
        start = _word_start(sentence, start, first.start)
    end = min(len(sentence), start + _ROOM)
    if end < len(sentence):
        end = max(sentence.rfind(" ", 0, end + 1), min(first.end, end))
    return start, end


def _word_start(sentence: str, start: int, end: int) -> int:
    """Where the first word between the two begins, else the one at the end, unless it is long."""
    within = sentence.find(" ", start, end) + 1
    around = sentence.rfind(" ", max(0, end - 20), end) + 1
    return within or around or end


def _merged(matches: Sequence[_Match]) -> list[CharSpan]:
    """Where the words stand, without overlaps: a compound matches as a whole and in parts."""
    merged: list[CharSpan] = []
    for start, end, _ in sorted(matches):
        if merged and start <= merged[-1][1]:
            start, end = merged[-1][0], max(end, merged.pop()[1])
        merged.append((start, end))
    return merged
