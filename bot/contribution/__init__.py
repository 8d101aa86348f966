"""The sentence of an abstract that says what its paper does.

`splitting.py` finds the sentences, `scoring.py` holds each against what authors write when they
say what they did, `leadins.py` lets it stand alone, `cutting.py` makes it fit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bot.contribution.cutting import fit
from bot.contribution.leadins import alone
from bot.contribution.scoring import Sentence, Title, score
from bot.contribution.splitting import sentences
from bot.model import Paper
from bot.text import plain

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
    title = plain(title[:500])
    found = sentences(plain(_named(abstract[:_READ], title)))
    if not found:
        return Line("")
    read = [Sentence(text) for text in found]
    held = Title(title, read)
    scored = ((score(sentence, number, held), number) for number, sentence in enumerate(read))
    ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:_TRIED]
    best, worth = Line(""), -math.inf
    for value, number in ranked:
        if value <= worth:
            break
        shown = _line(found[number], number, title, limit)
        value -= _price(shown, found[number])
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
    text, whole = fit(alone(sentence, title), limit)
    return Line(text, number + 1, whole)


def _price(shown: Line, sentence: str) -> float:
    """Of a sentence that does not fit."""
    if not shown.whole:
        return 0.5
    return 0.0 if shown.text[-30:] == sentence[-30:] else 0.08
