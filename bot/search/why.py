"""Why a paper was found: the sentence of its abstract that has most of the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.model import Paper
from bot.query import normal
from bot.text import Span, lead, one_line, plain, sentences

LONGEST = 220  # characters: three lines in a chat
_ROOM = LONGEST - 4  # without two ellipses and two isolates
_ISOLATES = "\u2068\u2069"
_COMMON = frozenset(map(normal.stem, normal.STOPWORDS))


class _Match(NamedTuple):
    start: int
    end: int
    stem: str


def why(paper: Paper, stems: frozenset[str]) -> tuple[str, tuple[Span, ...]]:
    """A sentence of at most `LONGEST` characters of plain text, and the words to make bold in it.

    It is the one with the most different stems, of these the first; the lead when none has any.
    """
    wanted = stems - _COMMON
    said = max(
        sentences(one_line(paper.summary)),
        key=lambda one: len(wanted.intersection(normal.stems(one))),
    )
    whole = plain(said)  # of one sentence: its LaTeX takes longer than all the rest
    sentence = whole.strip(_ISOLATES)
    matches = [match for match in _words(sentence) if match.stem in wanted]
    if not matches:
        return lead(paper.summary, LONGEST), ()
    start, end = _window(sentence, matches)
    before, after = "…" * (start > 0), "…" * (end < len(sentence))
    if whole.startswith(_ISOLATES[0]):  # a part of a right-to-left text is isolated again
        before, after = _ISOLATES[0] + before, after + _ISOLATES[1]
    bold, shift = _joined(_inside(matches, start, end)), len(before) - start
    shifted = tuple((first + shift, last + shift) for first, last in bold)
    return f"{before}{sentence[start:end]}{after}", shifted


def _words(text: str) -> Iterator[_Match]:
    for word, start, end in normal.spans(text):
        yield _Match(start, end, normal.stem(word))


def _inside(matches: Sequence[_Match], start: int, end: int) -> list[_Match]:
    return [match for match in matches if start <= match.start and match.end <= end]


def _different(matches: Sequence[_Match]) -> int:
    return len({match.stem for match in matches})


def _window(sentence: str, matches: Sequence[_Match]) -> Span:
    """The part of a long sentence that has the most stems, and as much around it as there is room
    for, from a word to a word."""
    if len(sentence) <= LONGEST - 2:
        return 0, len(sentence)
    first = max(matches, key=lambda m: _different(_inside(matches, m.start, m.start + _ROOM)))
    near = _inside(matches, first.start, first.start + _ROOM)
    last = max((match.end for match in near), default=first.start)
    spare = _ROOM - (last - first.start)
    start = max(0, min(first.start - spare // 2, len(sentence) - _ROOM))
    if start:
        start = _word(sentence, start, first.start)
    end = min(len(sentence), start + _ROOM)
    if end < len(sentence):
        end = max(sentence.rfind(" ", 0, end + 1), min(first.end, end))
    return start, end


def _word(sentence: str, start: int, end: int) -> int:
    """Where the first word between the two begins, else the one at the end, unless it is long."""
    within = sentence.find(" ", start, end) + 1
    around = sentence.rfind(" ", max(0, end - 20), end) + 1
    return within or around or end


def _joined(matches: Sequence[_Match]) -> list[Span]:
    """The places of the words, each once: a compound word is found whole and in parts."""
    joined: list[Span] = []
    for start, end, _ in sorted(matches):
        if joined and start <= joined[-1][1]:
            start, end = joined[-1][0], max(end, joined.pop()[1])
        joined.append((start, end))
    return joined
