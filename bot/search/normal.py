"""How papers and queries are written the same way: plain lower-case words, and their stems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import chain

import Stemmer

from bot.search.latex import without_latex

LONGEST = 40  # characters of a word; what is longer is cut, or not joined
MOST_PARTS = 4  # of a compound that is joined
_KEPT = 100_000  # tokens remembered

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

_DECIMAL = re.compile(r"[.,](?=\d)(?<=\d.)")  # 3.5 and 10,000 are one word each
_GREEK = re.compile("[α-ω]+")
# Written without spaces: kana, ideographs, Hangul; Thai to Tibetan, Myanmar, Khmer.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30fa\u30fc-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_APART = re.compile(r"-{2,}|[+#]+")
_JOINT = re.compile(r"[-/&@]+")
_RUN = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?:'s)?'*$")
_SHORTENED = re.compile(r"'(?:t|re|ve|ll|d|m)$")
_PLUSES = re.compile(r"(?<![^\W_])([a-z])\+\+")
_SHARP = re.compile(r"(?<![^\W_])([a-z])#")
# llama3, gpt4o, yolov8, seq2seq: the name is a word of its own
_NUMBERED = re.compile(r"([a-z]{3,}?)(?:(\d+)([a-z]{3,})|(v?\d[a-z0-9]*))")
_SHOWN = re.compile(r"[^\W_](?:[\w\u0300-\u036f'’&@+#.,/\u2010-\u2013^-]*[\w\u0300-\u036f+#])?")
_SHOWN_RUN = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_snowball = Stemmer.Stemmer("english", 0)


def words(text: str) -> list[str]:
    """The words as written, folded; a compound joined, then its parts: `GPT-4o` -> gpt4o, gpt, 4o.

    A word is of a-z and 0-9, or of letters of other scripts; scripts without spaces come as
    overlapping pairs of characters. The words of its own words are the same again.
    """
    return list(chain.from_iterable(map(_words.__getitem__, _tokens(text))))


def stems(text: str) -> list[str]:
    """The stems of `words(text)`, one for each."""
    return list(chain.from_iterable(map(_stems.__getitem__, _tokens(text))))


def stem(word: str) -> str:
    """The stem (Snowball English) of one of `words`."""
    return _stem[word]


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of a plain text with where it stands: (word, start, end).

    A compound comes whole first, then its parts, which stand within it.
    """
    for token in _SHOWN.finditer(text):
        found = words(token[0])
        runs = list(_SHOWN_RUN.finditer(token[0]))
        if len(runs) != 1 and found:
            yield found[0], *token.span()
        for run in runs:
            yield from _within(run, token.start(), frozenset(found))


def _within(
    run: re.Match[str], offset: int, known: frozenset[str]
) -> Iterator[tuple[str, int, int]]:
    start, end = offset + run.start(), offset + run.end()
    inner = words(run[0])
    for at, word in enumerate(inner):
        if _UNSPACED.match(word) and len(inner) == end - start - 1:
            yield word, start + at, start + at + 2
        elif word in known:
            yield word, start, end


def _tokens(text: str) -> list[str]:
    """What stands between spaces once LaTeX, accents, case and punctuation are gone."""
    if "\\" in text or "{" in text or "^circ" in text:
        text = without_latex(text)
    if text.isascii():
        return _DECIMAL.sub("", text).translate(_folded).split()
    text = unicodedata.normalize("NFKC", text.replace("™", ""))
    text = _GREEK.sub(_named, _DECIMAL.sub("", text).translate(_folded))
    return _UNSPACED.sub(r" \g<0> ", text).split()


def _named(letters: re.Match[str]) -> str:
    """Greek letters by name; a Greek word stays one."""
    if len(letters[0]) > 3:
        return letters[0]
    return "".join(f"_{_GREEK_NAMES[letter]}_" for letter in letters[0])


def _expand(token: str) -> tuple[str, ...]:
    """The words of a token: `s_2_-guidance` -> s2guidance, s2, s, 2, guidance."""
    if _UNSPACED.match(token):
        return tuple(token[i : i + 2] for i in range(max(1, len(token) - 1)))
    if token.isalnum():
        return tuple(dict.fromkeys(_numbered(token[:LONGEST])))
    token = _SHARP.sub(r"\1sharp-", _PLUSES.sub(r"\1plusplus", token))
    found: list[str] = []
    for compound in _APART.split(token):
        pieces = [runs for piece in _JOINT.split(compound) if (runs := _runs(piece))]
        found += _joined(["".join(runs) for runs in pieces])
        for runs in pieces:
            found += [*_joined(runs), *(run[:LONGEST] for run in runs)]
    return tuple(dict.fromkeys([*found, *chain.from_iterable(map(_numbered, found))]))


def _runs(piece: str) -> list[str]:
    """What is bound more tightly than by a hyphen: l_p, l'hopital; `newton's` is newton."""
    piece = _POSSESSIVE.sub("", piece)
    return _RUN.findall(piece.replace("'", "") if _SHORTENED.search(piece) else piece)


def _joined(parts: list[str]) -> list[str]:
    whole = "".join(parts)
    return [whole] if 1 < len(parts) <= MOST_PARTS and len(whole) <= LONGEST else []


def _numbered(word: str) -> list[str]:
    """`llama3` -> llama3, llama, 3."""
    found = _NUMBERED.fullmatch(word)
    return [word, *filter(None, found.groups())] if found else [word]


class _Memo(dict[str, tuple[str, ...]]):
    """What is made of a token, kept until there are too many."""

    def __init__(self, make: Callable[[str], tuple[str, ...]]) -> None:
        self._make = make

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(self) >= _KEPT:
            self.clear()
        self[token] = made = self._make(token)
        return made


class _Stems(dict[str, str]):
    """The stem of a word, kept until there are too many."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _KEPT:
            self.clear()
        stemmed: str = _snowball.stemWord(word)
        self[word] = stemmed
        return stemmed


class _Folded(dict[int, str]):
    """What each character becomes; filled as characters are met, ASCII at once."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


def _fold(char: str) -> str:
    """Lower case without accents; `-` for a dash, a space for other punctuation."""
    category = unicodedata.category(char)
    if char in _SPELLED:
        return _SPELLED[char]
    if category == "Pd":
        return "-"
    if category == "Cf":  # soft hyphens, zero-width characters
        return ""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", apart))
    return "".join(map(_letter, bare))


def _letter(char: str) -> str:
    if unicodedata.category(char).startswith("M"):  # a vowel sign elsewhere
        return ""
    if char.isascii() or not (name := _LATIN.fullmatch(unicodedata.name(char, ""))):
        return char if char.isalnum() else " "
    spelled = name[1].split()[-1]  # O of LATIN SMALL LETTER O WITH STROKE
    return _LETTERS.get(spelled, spelled if len(spelled) < 3 else spelled[0]).lower()


_ACCENTS = re.compile("[\u0300-\u036f]+")
_LATIN = re.compile("LATIN .*?(?:LETTER|LIGATURE|CAPITAL) (.+?)(?: WITH .*)?")
_LETTERS = {"THORN": "th", "ETH": "d", "ENG": "ng", "EZH": "z", "SCHWA": "e"}
_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "sigma tau upsilon phi chi psi omega"
)
_GREEK_NAMES = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _NAMES.split(), strict=True))
_SPELLED = {
    **{char: char for char in "-/_'&@+#"},
    **dict.fromkeys("‘’‛′´ʹʻʼʽ", "'"),
    **dict.fromkeys("—―⸺⸻", "--"),
    **dict.fromkeys("$}", ""),
    "^": "_",
    "−": "-",
    "⁄": "/",
    "∕": "/",
    "×": "x",
    "°": "_degree_",
    "∞": "_infinity_",
    "∇": "_nabla_",
}
_folded = _Folded({code: _fold(chr(code)) for code in range(128)})
_words = _Memo(_expand)
_stem = _Stems()
_stems = _Memo(lambda token: tuple(_stem[word] for word in _expand(token)))
