"""What each character becomes: lower case, no accents, other letters by name, spaces between."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "sigma tau upsilon phi chi psi omega"
)
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _NAMES.split(), strict=True))
_GREEK_RUN = re.compile("[α-ω]+")
_LATIN = re.compile("LATIN .*?(?:LETTER|LIGATURE|CAPITAL) (.+?)(?: WITH .*)?")
_LETTERS = {"THORN": "th", "ETH": "d", "ENG": "ng", "EZH": "z", "SCHWA": "e"}
_ACCENTS = re.compile("[\u0300-\u036f]+")
# 3.5, 10,000 and i.i.d. are one word each. Two patterns that begin with a plain character are four
# times as fast as one that begins with a choice.
_DOT = re.compile(r"\.(?:(?=\d)(?<=\d.)|(?=[A-Za-z]\b)(?<=\b[A-Za-z]\.))")
_COMMA = re.compile(r",(?=\d)(?<=\d,)")
# Written without spaces: Thai to Tibetan, Myanmar, Khmer, kana, ideographs; Hangul's words are
# long. Pairs of characters stand in for words.
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30fa\u30fc-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_SPELLED = {  # what joins a compound is kept; `_` ties closer than `-`
    **{char: char for char in "-/_'&@+#"},
    **dict.fromkeys("‘’‛′´ʹʻʼʽ", "'"),
    **dict.fromkeys("—―⸺⸻", "--"),
    **dict.fromkeys("^()", "_"),
    **dict.fromkeys("$}", ""),
    "−": "-",
    "⁄": "/",
    "∕": "/",
    "×": "x",
    "°": "_degree_",
    "∞": "_infinity_",
    "∇": "_nabla_",
    "√": "_sqrt_",
}


def fold(text: str) -> str:
    """Lower-case letters and digits of any script, the marks that join compounds, and spaces."""
    if text.isascii():  # bytes are many times faster
        return _tied(text).encode().translate(_ASCII, delete=b"$}").decode()
    text = _tied(unicodedata.normalize("NFKC", text.replace("™", "")))
    text = _GREEK_RUN.sub(_named, text.translate(_folded))
    return _UNSPACED.sub(_pairs, text)


def unspaced(word: str) -> bool:
    """Whether a word is a pair of characters of a script without spaces."""
    return _UNSPACED.match(word) is not None


def _tied(text: str) -> str:
    return _COMMA.sub("", _DOT.sub("", text))


def _named(letters: re.Match[str]) -> str:
    """Greek letters by name; a Greek word stays one."""
    if len(letters[0]) > 3:
        return letters[0]
    return "".join(f"_{_GREEK[letter]}_" for letter in letters[0])


def _pairs(run: re.Match[str]) -> str:
    """Overlapping pairs, so that any part of the run can be found."""
    pairs = [run[0][i : i + 2] for i in range(max(1, len(run[0]) - 1))]
    return f" {' '.join(pairs)} "


class Translation(dict[int, str]):
    """For `str.translate`: what `translate` makes of each character, as they are met."""

    def __init__(self, translate: Callable[[str], str]) -> None:
        self._translate = translate

    def __missing__(self, code: int) -> str:
        self[code] = folded = self._translate(chr(code))
        return folded


def _fold(char: str) -> str:
    if char in _SPELLED:
        return _SPELLED[char]
    category = unicodedata.category(char)
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


_folded = Translation(_fold)
_ASCII = "".join(_folded[code] or " " for code in range(128)).encode().ljust(256)
