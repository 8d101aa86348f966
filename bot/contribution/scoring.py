"""How much a sentence says of what its paper does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.contribution.words import (
    ASIDE,
    BETWEEN,
    EMPTY,
    LINK,
    METHOD,
    NO_DEED,
    OTHERS,
    PAPER,
    PAST,
    REFERS,
    RESULT,
    THIRD,
    VERBS,
    word_set,
)  # fmt: skip

_MARKS = str.maketrans(dict.fromkeys(',;:!?()[]{}"“”‘’*`', " "))
_NAME = re.compile(r"[^:–—?]{2,40}?(?=\s*[:–—]\s|:\S|\s-\s)")
_COINED = re.compile(r"[A-Z]?[a-z]+[A-Z\d]\w*")  # FlashTex, DINOv3
# The name that the abstract gives to what it introduces
_GIVES = re.compile(
    r"(?:[Ww]e|paper|work|study|report|article)(?: \w+)? "
    r"(?:introduc|propos|present|develop)(?:e|es|ed|s)? "
)
_GIVEN = re.compile(r"([A-Z][\w+.-]*[A-Z\d][\w+-]*)\b")
_IN_BRACKETS = re.compile(r"\(([A-Z][A-Za-z\d-]{2,14})\)")
_VAGUE = re.compile(
    r"\b(?:[Ww]e|paper|work|study)(?: \w+){0,3} (?:address|tackle|solve|bridge|fill|investigate"
    r"|overcome|explore|examine|verify)e?s? (?:these|this|the|such|those) (?:\w+ ){0,2}?"
    r"(?:challenges?|issues?|problems?|gaps?|limitations?|questions?|phenomen\w+|needs?)\b"
    r"(?!,| by| of| in| with| via| through| using)"
    r"|\bfollowing (?:\w+ )?\w+s\b|\b(?:two|three|four|five) (?:key |main |major |novel )*"
    r"(?:contributions|innovations|components|findings|advances|designs"
    r"|techniques)|\b(?:numerous|the) findings\b"
)
_NOVEL = word_set("novel new first simple unified efficient general comprehensive large-scale")
_PEOPLE = frozenset(("we", "authors", "i", "let"))
_GIVING = frozenset(f"{verb}{end}" for verb in ("introduc", "propos") for end in ("e", "es", "ed"))
_GIVING |= frozenset(f"{verb}{end}" for verb in ("present", "develop") for end in ("", "s", "ed"))
_HERE = re.compile(
    r"(?:in|with|through) (?:this|the present|our) (?:\w+ )?"
    r"(?:paper|work|study|article|report|survey|review)|here\b",
    re.I,
)


_CONDUCT = word_set("conduct conducted perform performed undertake")
_STUDIES = word_set("study analysis survey evaluation investigation review comparison audit")
# "To evaluate it, we": a part of the work, seldom the work
_PART = word_set(
    "evaluate support train facilitate enable enhance improve ensure further exploit "
    "achieve underpin accomplish preserve validate demonstrate assess verify"
)


_VAGUE_NOUNS = frozenset(
    f"{noun}{end}"
    for noun in (
        "challenge", "issue", "problem", "gap", "limitation", "question", "need", "finding",
        "contribution", "innovation", "component", "advance", "design", "technique",
    )
    for end in ("", "s")
) | {"phenomenon", "phenomena", "following"}  # fmt: skip
_STANDS = PAPER | {"technical", "end", "is"}
_A_KIND = word_set("a an the our one designed built trained")


AGAIN = 0.8  # what it costs to be the title


class Sentence:
    """A sentence and its words, in small letters and without marks."""

    __slots__ = ("text", "vocabulary", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = tokens(text) or [""]
        self.vocabulary = frozenset(self.words)


class Title:
    """A paper's title, and the names its paper has in it and in the abstract."""

    __slots__ = ("given", "names", "words")

    def __init__(self, title: str, sentences: Sequence[Sentence] = ()) -> None:
        self.words = frozenset(tokens(title)) - EMPTY
        match = _NAME.match(title)
        named = tokens(match[0]) if match else []
        coined = [] if match else [w.lower() for w in title.split() if _COINED.fullmatch(w)]
        self.names = frozenset(named if len(named) == 1 else coined)
        self.given = self.names.union(*map(_given, sentences))


def _given(sentence: Sentence) -> Iterator[str]:
    if sentence.vocabulary.isdisjoint(_GIVING):
        return
    if gives := _GIVES.search(sentence.text):
        if match := _GIVEN.match(sentence.text, gives.end()):
            yield match[1].lower()
        if match := _IN_BRACKETS.search(sentence.text, gives.end()):
            yield match[1].lower()


def tokens(sentence: str) -> list[str]:
    """Its words in small letters, without marks; `prima.cpp` and `fine-tuned` are words."""
    return sentence.lower().translate(_MARKS).replace(". ", " ").rstrip(". ").split()


def score(sentence: Sentence, number: int, title: Title) -> float:
    """`number`: its place in the abstract, from 0."""
    words, vocabulary = sentence.words, sentence.vocabulary
    by_paper = 0.0 if vocabulary.isdisjoint(PAPER) else _paper(words)
    said = max(by_paper, _name(words, title))
    if not vocabulary.isdisjoint(_PEOPLE):
        said = max(said, _authors(words))
    if not vocabulary.isdisjoint(METHOD):
        said = max(said, _passive(words))
    if here := bool(_HERE.match(sentence.text)):
        said = max(said, 0.5)
    value = said + 0.3 * len(title.words & vocabulary) / max(len(title.words), 1)
    value += 0.15 * bool(said) * (not vocabulary.isdisjoint(title.names)) + 0.2 * here
    value += 0.05 * (not vocabulary.isdisjoint(_NOVEL)) + _purpose(words) - min(number, 10) * 0.03
    return value - _off(sentence, max(said, 2 * by_paper)) - repeats(vocabulary, title)


def _authors(words: Sequence[str]) -> float:
    """`We introduce`, also after a clause; `we analyze this and introduce`."""
    best, spoke = 0.0, False
    for place, word in enumerate(words):
        if word in ("we", "authors", "i") or (word == "let" and words[place + 1 :][:1] == ["us"]):
            best, spoke = max(best, _verb_after(words, place) - 0.004 * place), True
        elif word == "and" and spoke and VERBS.get((*words, "")[place + 1], 0) >= 0.84:
            best = max(best, VERBS[words[place + 1]] - 0.1)
    return best


def _verb_after(words: Sequence[str], place: int) -> float:
    aside = 0.0
    for word in words[place + 1 : place + 6]:
        if word in VERBS:
            return _weight(words, place, word) - aside - 0.08 * (word in PAST)
        if word in ("also", "further", "then", "additionally", "next", "finally", "subsequently"):
            aside = 0.3
        elif not (word in BETWEEN or word.endswith("ly")):
            return 0.0 if word in NO_DEED else 0.4 - aside
    return 0.0


def _weight(words: Sequence[str], place: int, verb: str) -> float:
    """`We conduct a systematic study` is a study; `we conduct experiments` is none."""
    if verb in _CONDUCT and _STUDIES.intersection(words[place : place + 10]):
        return 0.78 if "extensive" not in words else 0.5
    return VERBS[verb]


def _paper(words: Sequence[str]) -> float:
    """`This paper introduces`, `the present study examines`."""
    for place, word in enumerate(words[:-1]):
        if word not in PAPER or not place:
            continue
        if words[place - 1] in (
            "this",
            "our",
            "present",
            "technical",
            "the",
            "position",
            "current",
        ):
            for later in words[place + 1 : place + 5]:
                if later in THIRD:
                    return VERBS[later]
    known = len(words) > 2 and words[0] == "this" and words[1] in PAPER
    return 0.5 if known and words[2].endswith("s") and words[2] not in ("is", "was", "has") else 0.0


def _passive(words: Sequence[str]) -> float:
    """`A method is introduced`."""
    for place, word in enumerate(words[:-1]):
        if word in ("is", "are") and words[place + 1] in PAST and words[place - 1] in METHOD:
            weight = VERBS[words[place + 1]]
            if weight >= 0.84:
                return weight - 0.25
    return 0.0


def _name(words: Sequence[str], title: Title) -> float:
    """`FlashTex is a`, `FlashTex uses`; `our method uses`, where nothing better is."""
    for place, word in enumerate(words[:8]):
        if word == "that" or (word == "our" and words[1:2] and words[1] not in METHOD):
            break
        if word in title.given:
            return max(_of_name(*words[place + n : place + n + 2]) for n in (1, 2))
        if word in METHOD and place and words[place - 1] in ("our", "proposed"):
            return 0.35 if "our" in words[:place] or words[place - 2] == "the" else 0.0
    if words[:1] == ["introducing"]:
        return 0.8
    return 0.0


def _of_name(word: str = "", following: str = "") -> float:
    if word in ("is", "are"):
        return 0.75 if following in _A_KIND else 0.4
    return 0.55 if word in THIRD or (len(word) > 4 and word.endswith("s")) else 0.0


def _purpose(words: Sequence[str]) -> float:
    """`To address this, we`; `to evaluate it, we` is a part of the work."""
    if words[0] == "to" and words[1:2] and words[1] in _PART:
        return -0.15
    return 0.08 * (words[0] in ("to", "motivated", "inspired", "towards", "building", "based"))


def _off(sentence: Sentence, said: float) -> float:
    """What speaks against it."""
    text, words, vocabulary = sentence.text, sentence.words, sentence.vocabulary
    off = _beginning(text, words) + 0.4 * text.endswith("?")
    if not vocabulary.isdisjoint(_VAGUE_NOUNS):
        off += 0.5 * bool(_VAGUE.search(text))
    links = len(vocabulary & LINK)
    off += 0.9 * ("://" in text or "www." in text or (links > 1 and len(words) < 25))
    if said < 0.7 and (results := len(vocabulary & RESULT)):
        off += 0.35 + 0.1 * min(results, 3)
    size = len(text)
    off += 0.4 * (size < 45) + 0.15 * (size < 75) + 0.06 * (size > 260) + 0.06 * (size > 360)
    return off + 0.3 * ("hope" in vocabulary or "believe" in vocabulary)


def _beginning(text: str, words: Sequence[str]) -> float:
    """Of a sentence that goes on with another, or tells of others."""
    first = words[0]
    refers = first in REFERS and len(words) > 1 and words[1] not in _STANDS
    return (
        0.5 * refers
        + 0.3 * (first in ASIDE or text[0] in "(%")
        + 0.1 * (first in ("first", "firstly"))
        + 0.25 * (first in OTHERS)
    )


def repeats(vocabulary: frozenset[str], title: Title) -> float:
    """A line that says the title again says nothing."""
    again = vocabulary & title.words
    if len(again) < 0.6 * (rest := len(vocabulary - EMPTY)) or rest - len(again) >= 3:
        return 0.0
    return AGAIN if len(again) >= 0.6 * len(title.words) else 0.3
