"""LaTeX as a search reads it: `Schr\\"odinger` is Schrodinger, `D^{2}` is D_2_."""

from __future__ import annotations

import re

# What is tied to its neighbours (a script, a symbol) comes between underscores.
_POINTER = re.compile(r"\\(?:cite[a-z]*|ref|eqref|label)\s?(?:\[[^\]]*\])?\{[^{}]*\}")
_ACCENT = re.compile(r"""\\(?:["'`^~=.]|[cvHukbdrt](?![A-Za-z]))\s?\{?\\?([A-Za-z])""")
_LETTER = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|dj|DJ|dh|DH|th|TH|[oOlLij])(?![A-Za-z])(?:\{\}|\s)?")
_DEGREE = re.compile(r"\^\s?\{?\\?circ(?![a-z])")
# A feed may lose the backslash. Spelled out: so `re` sees what a match begins with, and is quick.
_STYLE = re.compile(
    r"(?:\\text[a-z]{2,4}|\\math[a-z]{2,4}|\\emph|text[a-z]{2,4}|math[a-z]{2,4}|emph)(?=\{)"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_ESCAPE = re.compile(r"\\([^A-Za-z])")
_SCRIPT = re.compile(r"[\^_]\s?\{([^{}]*)\}")
_STYLES = (
    "displaystyle rm bf it em sc tt sl cal mit bm boldsymbol boldmath bar "
    "hat tilde vec dot ddot overline underline widetilde widehat frac tfrac dfrac binom left "
    "right big Big bigg Bigg bigl bigr mbox hbox fbox ensuremath operatorname limits prime star "
    "ast dagger xspace url href protect noindent"
)
_RELATIONS = (
    "sim simeq approx in notin leq geq le ge ll gg lesssim gtrsim neq ne equiv propto pm mp "
    "to rightarrow leftarrow mapsto cdot cdots ldots dots quad qquad subset subseteq cup cap "
    "setminus mid parallel perp vert Vert lfloor rfloor lceil rceil langle rangle circ otimes "
    "oplus forall exists over choose par newline item begin end"
)
_SILENT = frozenset(_STYLES.split())
_SPACE = frozenset(_RELATIONS.split())
_NAMES = {"ell": "l", "infty": "infinity", "eps": "epsilon", "lam": "lambda", "hbar": "h"}


def without_latex(text: str) -> str:
    """The text without commands and braces; Greek letters and other symbols by their names."""
    text = _POINTER.sub(" ", text)
    text = _ACCENT.sub(r"\1", text)
    text = _LETTER.sub(lambda m: m[1][:1] if m[1] in ("aa", "AA") else m[1], text)
    text = _DEGREE.sub("_degree_", text)
    text = _STYLE.sub("", text)
    text = _COMMAND.sub(_command, text)
    text = _ESCAPE.sub(_escaped, text)
    text = _SCRIPT.sub(r"_\1_", text.replace("}{", "} {"))
    return text.replace("{", "").replace("}", "")


def _command(match: re.Match[str]) -> str:
    name = match[1]
    if name in _SILENT or name.startswith(("text", "math")):
        return ""
    if name in _SPACE:
        return " "
    if name == "times":
        return "×"
    return f"_{_NAMES.get(name, name.removeprefix('var'))}_"


def _escaped(match: re.Match[str]) -> str:
    if match[1] in "-/":  # where a line may break; no gap
        return ""
    return match[1] if match[1] in "_&#" else " "
