"""LaTeX as a reader would write it, also where a feed lost its backslashes (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

import unicodeit
from unicodeit.data import REPLACEMENTS

_ADDRESS = re.compile(r"(https?://[^\s{}$]*)(?:\}|\{[^{}]{0,200}\})?\$?")
# As in pandoc: no space inside the dollars and no digit after them, so that prices stay prices;
# a formula with LaTeX in it is one all the same.
_MATH = re.compile(
    r"(?<!\\)\$(?!\s)([^$]{1,80})(?<![\s\\])\$(?!\d)|(?<!\\)\$([^$\s]{0,40}[\\^_][^$\s]{1,40})\$"
)
_FORMULA = re.compile(
    r"\$\$([^$]{1,300})\$\$|\\\((.{1,300}?)\\\)|\\\[(.{1,300}?)\\\]|" + _MATH.pattern
)
_STYLES = "text(?:tt|bf|it|sc|rm|sf)|emph|url|underline|math(?:rm|bf|it|sf|tt|cal|bb|scr|frak)"
_STYLED = re.compile(
    rf"\\?(?:{_STYLES})\s?\{{([^{{}}]*)\}}|\{{\\(?:em|bf|it|tt|sc)\s+([^{{}}]*)\}}"
    r"|\*\*(?!\s)([^*]{1,80})(?<!\s)\*\*|\\?textcolor\{[^{}]*\}\{([^{}]*)\}|\\b\{([^{}]*)\}"
    r"|\b(?:red|blue|green)\{([^{}]*)\}|\\href\{[^{}]*\}\{([^{}]*)\}"
)
_POINTER = re.compile(
    r"\\(?:url|href|footnote)\s?\Z|[\s~]?\\(?:cite[a-z]*|ref|eqref|label|footnote)\s?\{[^{}]*\}|\\color\{[a-z]*\}|\\thanks\{[^{}]*\}"
)
_LETTERED = re.compile(r"\\?math(?:cal|bb|rm|bf)\s?(?=[A-Z]\b|[A-Z][({_^])")
_OPERATOR = re.compile(r"\\(log|ln|exp|max|min|sin|cos|tan|arg|det|dim|lim|sup|inf|Pr)\b\s?")
_SYMBOL = re.compile(r"\\[A-Za-z]+(?:\{[A-Za-z]\})?")
_COMMAND = re.compile(r"(?<![\w:\\])\\([A-Za-z]+)\*?(?:\s?\{([^{}]*)\}|\\(?=\s)|\{\})?")
# D^{2}MoE, M^3IT, H_2O, A^*; but not file_2, a URL's x_2 or v_1.2
_SCRIPT = re.compile(
    r"(?<=\S)(?:[\^_]\{[^{}\s]{1,12}\}|\^[0-9](?![0-9])|(?<=[\w)\]])\^(?:[-+]?\w|[*+])(?!\w))"
    r"|(?<=(?<![\w/\\])[^\W\d_])_[0-9](?![0-9]|\.[0-9])"
)
_INDEX = re.compile(r"(?<![\w/\\.@#-])([A-Zα-ω])_([A-Za-z])(?![\w/(]|\.\w)")  # J_G
_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma "
    "tau phi varphi chi psi omega ell Gamma Delta Theta Lambda Sigma Phi Psi Omega"
)
_NAMED = re.compile(
    rf"(?<![\w\\/.-])({'|'.join(_GREEK.split())})(_(?:\{{\w{{1,3}}\}}|\w)|_?(?=\^))(?![\w.]*\w\()"
)
_ALONE = re.compile(r"(?<![\w\\])(ell|varepsilon|varphi)(?![\w.])")
_BETWEEN = re.compile(
    r"(?<=\d)\s?\{?\\times\}?\s?(?=\d)|(?<=\d)\{?\\?times\}?(?![a-z])"
    r"|(?<=\d) times (?=\d)|\{\\?times\}"
)
_SIM = re.compile(r"sim[\s}\d]")  # not simple, similar
_RELATIONS = (
    ("times", _BETWEEN, "×"),
    (
        "sim",
        re.compile(r"(?<=\d)\{?\\?sim\}?(?=\d)|(?<![A-Za-z])\{?\\?sim\}?\s?(?=\d)|\{\\?sim\}"),
        "~",
    ),
    ("leq", re.compile(r"(?<![A-Za-z\\])leq\s?"), "≤ "),
    ("geq", re.compile(r"(?<![A-Za-z\\])geq\s?"), "≥ "),
    ("circ", re.compile(r"\^\s?\{?\\?circ\}?"), "°"),
    ("\\deg", re.compile(r"\{?\\deg\}?"), "°"),
    ("\\", re.compile(r"\\[()\[\]!/-]"), ""),
    ("\\", re.compile(r"\\[,;: ]"), " "),
)
_SHORT = {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "vs": "vs.", "aka": "a.k.a.",
          "wrt": "w.r.t.", "etc": "etc.", "cf": "cf."}  # fmt: skip
_ABBREVIATED = re.compile(rf"\{{?\\({'|'.join(_SHORT)})\b\}}?\.?(?:\{{\}}|\\(?=\s))?")
_OURS = re.compile(
    r"\{?\\(?:our|my)?(name|ours|model|method|approach|dataset|benchmark|bench|system|framework)"
    r"(?:name|full|short)?\b\}?(?:\{\}|\\(?=\s))?"
)
_SPELT = {"name": "method", "bench": "benchmark"}
_FRACTION = re.compile(r"[_^]\{([^{}]*[.,][^{}]*)\}")  # there is no subscript full stop
_ESCAPED = re.compile(r"\\([&%$#_{}])")
_PRICE = re.compile(r"\\(?=\d)(?!\d{1,2}\))")  # the dollar sign of \$10 went with a formula
_LONE = re.compile(r"(?<!\$)\{(\S|(?=[^{}]{0,120}[A-Za-z])[^{},:;_]{1,120})\}")
_ACCENT = re.compile(r"""\\(?:(["'`^~=.])\s*\{?\\?([A-Za-z])\}?|([cvHukrd])\{\\?([A-Za-z])\})""")
_MARKS = dict(
    zip(
        "\"'`^~=.cvHukrd",
        "\u0308\u0301\u0300\u0302\u0303\u0304\u0307\u0327\u030c\u030b\u0306\u0328\u030a\u0323",
        strict=True,
    )
)
_KNOWN = frozenset(latex for latex, _ in REPLACEMENTS)
_QUOTED = re.compile(r"(?<![`\w])`([^`'\n]{1,80})'(?!\w)")
_DASHES = re.compile(  # not a command's --option
    r"""(?<=\s)---?(?=[\s,])|(?<=[\w)"'”’%\].])---?(?=[\w("“\s])"""
)
_TIE = re.compile(r"(?<=[A-Za-z,.)])~(?=[A-Za-z(\[\\\d]|\Z)")
_GAP = re.compile(r"(?<=[\w)\]%/])\s(?=[:;,]\s)")


@dataclass(frozen=True, slots=True)
class Formula:
    """A piece of LaTeX's mathematics, without what it stands in."""

    latex: str


def formulas(text: str) -> Iterator[str | Formula]:
    """A text as its formulas, and what stands between them."""
    start = 0
    for match in _FORMULA.finditer(text):
        yield text[start : match.start()]
        yield Formula(next(filter(None, match.groups())).strip())
        start = match.end()
    yield text[start:]


def readable(text: str) -> str:
    """The text, without LaTeX. Addresses, code and names of files stay as they are."""
    if "://" not in text:
        return _spaced(_prose(text))
    parts, start = list[str](), 0
    for match in _ADDRESS.finditer(text):
        before = text[start : match.start()].removesuffix("{")
        parts += (_prose(before), match[1].replace("\\_", "_"))
        start = match.end()
    return _spaced("".join((*parts, _prose(text[start:]))))


# Each step looks first for what it needs: most texts have none of it.
def _prose(text: str) -> str:
    text = _commands(text) if "\\" in text else text
    text = (
        _STYLED.sub(lambda m: next(filter(None, m.groups()), ""), text)
        if _has(text, "{*")
        else text
    )
    text = _MATH.sub(lambda m: _math(m[1] or m[2]), text) if "$" in text else text
    text = _words(text)
    text = _scripts(text) if _has(text, "^_") else text
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", _PRICE.sub("$", text))
        text = _COMMAND.sub(lambda m: m[2] if m[2] is not None else m[1], text)
    return _marks(_LONE.sub(r"\1", text) if "{" in text else text)


def _has(text: str, signs: str) -> bool:
    return any(sign in text for sign in signs)


def _commands(text: str) -> str:
    text = _POINTER.sub("", _ACCENT.sub(_accented, text))
    text = _ABBREVIATED.sub(lambda m: _SHORT[m[1]], text)
    return _OURS.sub(lambda m: _our(m[1]), text)


def _words(text: str) -> str:
    """Commands of which only the word is left: 2times, 1{sim}3, ell."""
    for needle, pattern, sign in _RELATIONS:
        if needle in text and (needle != "sim" or _SIM.search(text)):
            text = pattern.sub(sign, text)
    if "mathc" in text or "mathb" in text or "mathr" in text:
        text = _LETTERED.sub("", text)
    if "varepsilon" in text or "varphi" in text or " ell" in text:
        text = _ALONE.sub(lambda m: _symbols("\\" + m[1]), text)
    return _SYMBOL.sub(lambda m: _known(m[0]), text) if "\\" in text else text


def _scripts(text: str) -> str:
    text = _NAMED.sub(lambda m: _script(_symbols("\\" + m[1]) + m[2]), text)
    text = _SCRIPT.sub(lambda m: _script(m[0]), text)
    return _INDEX.sub(lambda m: _symbols(f"{m[1]}_{m[2]}").replace("_", ""), text)


def _our(name: str) -> str:
    """An author's own command, whose text the feed does not have."""
    if name == "ours":
        return "ours"
    return f"our {_SPELT.get(name, name)}"


def _marks(text: str) -> str:
    """Quotation marks, dashes and ties as one types them."""
    text = text.replace("``", '"').replace("''", '"')
    text = _QUOTED.sub(r"'\1'", text) if "`" in text else text
    text = _DASHES.sub(lambda m: "—" if len(m[0]) == 3 else "–", text) if "--" in text else text
    text = _TIE.sub(" ", text) if "~" in text else text
    if ("{" in text) != ("}" in text):  # its other half is lost
        text = text.replace("{", "").replace("}", "")
    return text


def _spaced(text: str) -> str:
    if " , " in text or " : " in text or " ; " in text:
        text = _GAP.sub("", text)
    return " ".join(text.split()) if "  " in text else text


def _accented(match: re.Match[str]) -> str:
    return normalize("NFC", (match[2] or match[4]) + _MARKS[match[1] or match[3]])


def _known(command: str) -> str:
    """A symbol; a command that begins like one (\\ourshort, \\o) is none."""
    return _symbols(command) if command in _KNOWN or command.endswith("}") else command


def _script(script: str) -> str:
    if "." in script or "," in script:
        return script.replace("_{", "").replace("^{", "").replace("}", "").replace("_", "")
    if "^{" in script and "/" in script:
        return "".join("ᐟ" if char == "/" else _symbols(f"^{char}") for char in script[2:-1])
    shown = _symbols(script)
    return shown.replace("^*", "*").replace("^", "") if shown[-2:] in ("^*", "^+") else shown


def _math(formula: str) -> str:
    formula = _FRACTION.sub(r"\1", formula)
    formula = _OPERATOR.sub(r"\1 ", formula.replace("\\,", " ").replace("^\\circ", "°")).strip()
    return _symbols(formula)


@lru_cache(maxsize=4096)
def _symbols(latex: str) -> str:
    # unicodeit writes a typographic minus for every hyphen; titles mean the hyphen.
    done: str = unicodeit.replace(latex).replace("\u2212", "-")
    return done
