"""The sentence of an abstract that says what its paper does.

`splitting.py` finds the sentences, `scoring.py` holds each against what authors write when they
say what they did, `leadins.py` lets it stand alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.clause import shortened
from bot.contribution.leadins import alone
from bot.contribution.scoring import AGAIN, Sentence, Title, repeats, score
from bot.contribution.splitting import sentences
from bot.model import Paper
from bot.text import BRIEF, cut, plain

RICH, COMPACT = 240, BRIEF  # the lengths of a line in the two layouts, in characters
_ISOLATES = "\u2068\u2069"
_READ = 6000  # characters; arXiv takes no abstract of more than 1,920
_OWN = re.compile(r"\{?\\([A-Za-z]+)\b\}?(?:\{\}|\\(?=\s))?")
_OWN_NAMES = frozenset(("name", "method", "model", "ours", "methodname", "modelname", "ourmethod"))
_TRIED = 3  # of the best sentences, the first that fits


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    sentence: int = 0  # its number in the abstract, from 1
    whole: bool = True  # it is a sentence, not one that breaks off


def contribution(paper: Paper, limit: int) -> str:
    """What the paper does, in at most `limit` characters. Empty where there is no abstract."""
    return line(paper.title, paper.summary, limit).text


def line(title: str, abstract: str, limit: int) -> Line:
    """As `contribution`, with where it comes from. `limit`: in characters, 20 or more."""
    title = plain(title[:500]).strip(_ISOLATES)
    text = plain(_named(abstract[:_READ], title))
    if text.startswith(_ISOLATES[0]):  # what is taken out of a right-to-left text is one again
        chosen = _chosen(title, sentences(text.strip(_ISOLATES)), limit - 2)
        return replace(chosen, text=f"{_ISOLATES[0]}{chosen.text}{_ISOLATES[1]}")
    return _chosen(title, sentences(text), limit)


def _chosen(title: str, found: Sequence[str], limit: int) -> Line:
    read = [Sentence(text) for text in found]
    held = Title(title, read)
    scored = ((score(sentence, number, held), number) for number, sentence in enumerate(read))
    ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:_TRIED]
    best, worth = Line(""), -math.inf
    for value, number in ranked:
        if value <= worth:
            break
        shown = _line(found[number], number, title, limit)
        value -= _price(shown, found[number], held)
        if value > worth:
            best, worth = shown, value
    return best


def _named(abstract: str, title: str) -> str:
    """An author's own command (`\\name`, `\\veomni`) as the name that the title has."""
    name = title.partition(":")[0]
    if "\\" not in abstract or name == title or " " in name:
        return abstract
    return _OWN.sub(lambda m: name if _is_own(m[1].lower(), name) else m[0], abstract)


def _is_own(command: str, name: str) -> bool:
    return command == name.lower() or command in _OWN_NAMES


def _line(sentence: str, number: int, title: str, limit: int) -> Line:
    text = alone(sentence, title)
    if len(text) <= limit:
        return Line(text, number + 1)
    if short := shortened(text, limit):
        return Line(short, number + 1)
    return Line(cut(text, limit), number + 1, whole=False)


def _price(shown: Line, sentence: str, title: Title) -> float:
    """Of a sentence that does not fit."""
    if not shown.whole:
        return 0.5
    if shown.text[-30:] == sentence[-30:]:
        return 0.0
    again = repeats(Sentence(shown.text).vocabulary, title) >= AGAIN
    return 0.08 + 0.3 * again
