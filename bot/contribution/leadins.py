"""What a sentence begins with because others stand before it."""

from __future__ import annotations

import re

from bot.contribution.words import word_set

_GENERIC = word_set(
    "a an the this that these those such it its our of to in on by for from with as at and "
    "or upon address addressing tackle solve solving bridge bridging fill filling overcome "
    "overcoming mitigate close closing meet resolve alleviate achieve achieving do so "
    "support answer facilitate investigate explore verify test handle remedy combat counter "
    "realize circumvent bypass narrow rectify above aforementioned challenge challenges "
    "issue issues problem problems gap gaps limitation limitations goal goals end need "
    "needs question questions shortcoming shortcomings drawbacks obstacle obstacles concern "
    "concerns deficiency deficiencies bottleneck bottlenecks dilemma difficulty "
    "difficulties critical key important fundamental significant research step toward "
    "towards initial response light view context regard motivated inspired driven guided "
    "building built based leveraging insight insights finding findings observation "
    "observations discovery analysis intuition idea hypothesis principle principles aim "
    "mind objective purpose void paper work study article report survey review technical "
    "tutorial position thesis letter here however therefore hence thus consequently "
    "accordingly specifically concretely notably importantly furthermore moreover "
    "additionally also besides finally first firstly second secondly third thirdly lastly "
    "overall ultimately instead meanwhile nonetheless nevertheless then subsequently result "
    "particular addition summary short conclusion contrast recently more precisely namely "
    "interestingly surprisingly remarkably empirically yet but because reason effort "
    "current present existing collectively together hereby herein following way now still "
    "perspective practical introduction further motivation opportunity crucial main major "
    "direction task vision enable enabling both two three all doing"
)
_MARK = re.compile(r"(?:%\s?|[•*–-]\s|\(?(?:\d{1,2}|[ivx]{1,4})[.)]\s)")
_HERE = re.compile(
    r"(?:in|with|through) (?:this|the present|the current) (?:\w+ )?"
    r"(?:paper|work|study|article|report|survey|review),? (?=(?:we|i|the|a|an)\b)"
    r"|here,? (?=we\b)|(?:so|thus|therefore|hence|then),? (?=we\b)", re.I
)  # fmt: skip
_AFTER_WE = re.compile(
    r"\A(we|this (?:paper|work|study)) (?:(?:also|then|thus|therefore|hence|further|furthermore"
    r"|first|firstly|additionally|next|finally|hereby|subsequently|consequently|here|instead"
    r"|accordingly),? )+",
    re.I,
)
# "Observing this discrepancy": the reader of one sentence does not know which.
_REFERS = re.compile(
    r"(?:To|Motivated|Inspired|Based|Building|Towards?|Observing|Addressing|Under|Within|Using"
    r"|Guided|Driven|Following|On|In|For|As|Given|Recogni[sz]ing|Considering|Upon|From|Beyond"
    r"|At)\b"
    r"(?=.*\b(?:this|these|those|aforementioned|such)\b)"
    r"|To (?:\w+ly )?(?:address|tackle|bridge|fill(?: in)?|close|overcome|solve|resolve"
    r"|mitigate|meet|combat|handle|alleviate|remedy|reduce|narrow) the [\w-]+(?: [\w-]+)?\Z"
)
_GOES_ON = re.compile(r"(?:in this \w+, )?(?:we|this|here|our|i)\b", re.I)
_WORD = re.compile(r"[A-Za-z][\w'-]*")


def alone(sentence: str, title: str) -> str:
    """The sentence as it can stand by itself: without what ties it to the ones before."""
    text = sentence
    for _ in range(3):
        text = text[mark.end() :] if (mark := _MARK.match(text)) else text
        shorter = _HERE.sub("", text, count=1) if _HERE.match(text) else _without_phrase(text)
        if shorter == text:
            break
        text = shorter
    return capitalised(_AFTER_WE.sub(r"\1 ", text), title)


def _without_phrase(text: str) -> str:
    """Without the phrase before its first comma, where that names nothing."""
    phrase, comma, rest = text[:160].partition(", ")
    if not comma or len(rest) < 20 or not (_is_generic(phrase) or _refers(phrase, rest)):
        return text
    return text[len(phrase) + 2 :]


def _refers(phrase: str, rest: str) -> bool:
    short = phrase.count(" ") < 14
    return short and bool(_GOES_ON.match(rest)) and bool(_REFERS.match(phrase))


def _is_generic(phrase: str) -> bool:
    words = _WORD.findall(phrase.lower())
    return bool(words) and all(word in _GENERIC for word in words)


def capitalised(text: str, title: str) -> str:
    """With a capital first, unless it begins with a name that has none: iGPT, vLLM."""
    word = text.split(" ", 1)[0].strip(",:;")
    if not re.fullmatch(r"[a-z]+(?:-[a-z]+)*", word) or title.split(":")[0].split(" ")[0] == word:
        return text
    return text[0].upper() + text[1:]
