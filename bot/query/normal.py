"""How papers and queries are written the same way: as plain lower-case words, and their stems."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import TypeVar

import Stemmer

from bot.query.fold import fold, unspaced
from bot.query.latex import without_latex

LONGEST = 40  # characters of a word; what is longer is cut, or not joined
MOST_PARTS = 4  # of a compound that is joined
_KEPT = 80_000  # tokens of which the stems are remembered: 12 MB
_INDEXED = 4 * _KEPT  # the same while papers are indexed, of which 100,000 have so many: 45 MB

_COMMON = (
    "a about above after again against all also am an and any are as at be because been before "
    "being below between both but by can could did do does doing down during each few for from "
    "further had has have having he her here hers him his how i if in into is it its itself just "
    "me more most my no nor not now of off on once only or other our ours out over own same she "
    "should so some such than that the their theirs them then there these they this those through "
    "to too under until up upon us very via was we were what when where which while who whom whose "
    "why will with within without would you your yours"
)
STOPWORDS = frozenset(_COMMON.split())

_APART = re.compile(r"-{2,}|[+#]+")
_JOINT = re.compile(r"[-/&@]+")
_RUN = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?:'s)?'*$")
_SHORTENED = re.compile(r"'(?:t|re|ve|ll|d|m)$")
_PLUSES = re.compile(r"(?<![^\W_])([a-z])\+\+")
_SHARP = re.compile(r"(?<![^\W_])([a-z])#")
# llama3, gpt4o, yolov8, seq2seq, wav2vec2: the name is a word of its own
_NUMBERED = re.compile(
    r"([a-z]{3,}\d[a-z]{3,})(\d+)|([a-z]{3,}?)(?:(\d+)([a-z]{3,})|(v?\d[a-z0-9]*))"
)
_CHUNK = re.compile(r"\S+")
_PLAIN = re.compile(f"([A-Za-z]{{1,{LONGEST}}})[.,:;!?]*")  # most chunks: no need to look closely
_SHOWN = re.compile(r"[^\W_](?:.*[\w+#])?", re.DOTALL)  # a chunk without the marks around it
_SHOWN_RUN = re.compile("(?:[^\\W_][\u0300-\u036f\u00ad\u200b-\u200f\u2060]*)+")
_BRITISH = (
    (re.compile("(?<=...[lmrntdg])(?<!pr)(?<!ert)is(?=(?:e[drs]?|ers?|ing|ation.*|ab.*)$)"), "iz"),
    (re.compile("(arm|avi|col|fav|flav|ghb|harb|hon|hum|lab|rig|rum|tum|vap)our"), r"\1or"),
    (re.compile("logue(?=s?$)"), "log"),
    (re.compile("^(cent|fib|met)re(?=s?$)"), r"\1er"),
    (re.compile("^artefact"), "artifact"),
)
_PERHAPS_BRITISH = re.compile("is[eai]|our|logue|[tb]re|artefact")
_PLURAL = re.compile("([^aeiouy]{3,}|[^aeiouy]{2,}[aeiu])(?<!s)s")  # llms, gpus: not to Snowball
_snowball = Stemmer.Stemmer("english", 0)
T = TypeVar("T")


def words(text: str) -> list[str]:
    """The words as written, folded; a compound joined, then its parts: `GPT-4o` -> gpt4o, gpt, 4o.

    A word is of a-z and 0-9, or of letters of other scripts; scripts without spaces come as
    overlapping pairs of characters. Each word is the first of its own words.
    """
    return list(chain.from_iterable(map(expanded, tokens(text))))


def stems(text: str) -> list[str]:
    """The stems of `words(text)`, one for each."""
    return stemmed(tokens(text)).split()


def stemmed(tokens: Iterable[str]) -> str:
    """The stems of `tokens`, with spaces between: as an index takes them."""
    return " ".join(map(_stemmed.__getitem__, tokens))


def spelled(tokens: Iterable[str]) -> str:
    """The words of `tokens`, with spaces between."""
    return " ".join(chain.from_iterable(map(expanded, tokens)))


def content_stems(tokens: Iterable[str]) -> str:
    """The stems of `tokens` without stop words, with spaces between."""
    return " ".join(filter(None, map(_content_stems.__getitem__, tokens)))


def content_words(text: str) -> list[str]:
    """`words` without stop words."""
    return [word for word in words(text) if word not in STOPWORDS]


def _stem(word: str) -> str:
    """The stem of one of `words`: Snowball English, in American spelling."""
    if _PERHAPS_BRITISH.search(word):
        for pattern, spelling in _BRITISH:
            word = pattern.sub(spelling, word)
    root: str = _snowball.stemWord(word)
    return root[:-1] if root.endswith("s") and _PLURAL.fullmatch(root) else root


stem = lru_cache(_KEPT // 4)(_stem)


def tokens(text: str) -> list[str]:
    """What stands between spaces once LaTeX, case, accents and punctuation are gone."""
    if "\\" in text or "{" in text or "^circ" in text:
        text = without_latex(text)
    return fold(text).split()


def expanded(token: str) -> tuple[str, ...]:
    """The words of one of `tokens`."""
    return (token,) if _is_word(token) else _expand(token)


def _is_word(token: str) -> bool:
    return token.isalpha() and len(token) <= LONGEST


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of a plain text with where it stands: (word, start, end).

    A compound comes whole first, then its parts, which stand within it.
    """
    for chunk in _CHUNK.finditer(text):
        if plain := _PLAIN.fullmatch(chunk[0]):
            yield plain[1].lower(), chunk.start(), chunk.start() + plain.end(1)
            continue
        expected = dict.fromkeys(words(chunk[0]))
        inner = [part for part in _parts(chunk[0]) if part[0] in expected]
        start, end = edge.span() if (edge := _SHOWN.search(chunk[0])) else (0, len(chunk[0]))
        within = {part[0] for part in inner}
        whole = [(word, start, end) for word in expected if word not in within]
        for word, start, end in whole + inner:
            yield word, chunk.start() + start, chunk.start() + end


def _parts(chunk: str) -> Iterator[tuple[str, int, int]]:
    for run in _SHOWN_RUN.finditer(chunk):
        parts = words(run[0])
        pairs = len(parts) == len(run[0]) - 1 and all(map(unspaced, parts))
        for at, word in enumerate(parts, run.start()):
            yield (word, at, at + 2) if pairs else (word, *run.span())


@lru_cache(_KEPT // 4)
def _expand(token: str) -> tuple[str, ...]:
    """The words of a token: `s_2_-guidance` -> s2guidance, s2, s, 2, guidance."""
    if all(map(str.isalpha, parts := token.strip("_").split("-"))):  # the usual ones, quickly
        whole = _joined(parts) if len(parts) <= MOST_PARTS else []
        return tuple(dict.fromkeys([*whole, *(part[:LONGEST] for part in parts)]))
    if "+" in token or "#" in token:
        token = _SHARP.sub(r"\1sharp-", _PLUSES.sub(r"\1plusplus", token))
    expansion: list[str] = []
    for compound in _APART.split(token):
        pieces = [runs for piece in _JOINT.split(compound) if (runs := _runs(piece))]
        if len(pieces) <= MOST_PARTS:
            expansion += _joined(["".join(runs) for runs in pieces])
        for runs in pieces:
            expansion += _joined(runs)
            for run in runs:
                expansion += _numbered(run)
    return tuple(dict.fromkeys(expansion))


def _runs(piece: str) -> list[str]:
    """What is bound more tightly than by a hyphen: l_p, l'hopital; `newton's` is newton."""
    if piece.isalnum():
        return [piece]
    if "'" in piece:
        piece = _POSSESSIVE.sub("", piece)
        piece = piece.replace("'", "") if _SHORTENED.search(piece) else piece
    return _RUN.findall(piece)


def _joined(parts: list[str]) -> list[str]:
    whole = "".join(parts) if len(parts) > 1 else ""
    return [whole] if 0 < len(whole) <= LONGEST else []


def _numbered(run: str) -> list[str]:
    """`llama3` -> llama3, llama, 3."""
    word = run[:LONGEST]
    match = None if word.isalpha() else _NUMBERED.fullmatch(word)
    return [word, *filter(None, match.groups())] if match else [word]


def _stems_of(token: str, without: Collection[str] = ()) -> str:
    if _is_word(token):  # not `stem`, which is to know the words that come in many tokens
        return "" if token in without else _stem(token)
    return " ".join([stem(word) for word in _expand(token) if word not in without])


class _Cache(dict[str, T]):
    """What is computed of words or tokens; of `most`, those used last stay (two generations)."""

    def __init__(self, most: int, compute: Callable[[str], T]) -> None:
        self._most = most // 2
        self._compute = compute
        self._before: dict[str, T] = {}

    def __missing__(self, key: str) -> T:
        if len(self) >= self._most:
            self._before = dict(self)
            self.clear()
        value = self._before.pop(key, None)
        if value is None:
            value = self._compute(key)
        self[key] = value
        return value


_stemmed = _Cache(_INDEXED, _stems_of)
_content_stems = _Cache(_KEPT, lambda token: _stems_of(token, STOPWORDS))
