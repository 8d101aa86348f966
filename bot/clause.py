"""A sentence cut at a clause, so that a sentence is left (pure)."""

from __future__ import annotations

import re

_ASIDE = re.compile(r"\s?\((?!\d\)|[ivx]+\))[^()]{0,200}\)")
# What may go with all that follows it, the best first.
_CLAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"[;:]\s|,?\s(?=\((?:1|i|I|a)\)\s)|\s(?:--|—|–|-)\s"
        r"|,\s(?=(?:which|where|while|whereas|thereby|thus|hence|so that|such that|resulting in"
        r"|allowing|enabling|leading to|making|achieving|but|yet|with|without"
        r"|and (?:we|it|then|can|that|also)"
        r"|\w+ing\s(?!and\b|or\b))\b)",
        r",?\s(?=(?:while|whereas|thereby|so that|such that|because|by \w+ing|in order to|without"
        r"|rather than|instead of|such as|including|ranging from|across|allowing|enabling"
        r"|when|where|even|especially|particularly|compared|outperforming|based on|as well as)\b)",
        r",?\s(?=(?:that|which|to|via|through|using|with|for|from|under|in|on|at|toward|towards|as"
        r"|over)\s)",
    )
)
_OPEN = re.compile(
    r"\b(?:both|either|neither|between|whether)\b(?!.*\b(?:and|or|nor|but)\b)"
    r"|\bnot only\b(?!.*\bbut\b)"
)
_LINKS = (
    "a an the of to and or by in on with for from that which as is are be can its their our "
    "we not at into via than both more most less such based focused designed able due "
    "compared according similar related aimed used well far including namely i.e e.g called "
    "named termed ranging along while also given where if whether each any every single "
    "first other e.g. own i.e. when how consists focuses relies leads depends results aims "
    "referred respect known capable"
)
_DANGLES = frozenset(_LINKS.split())
# A list of which only the beginning is left, and verbs that need their other half
_FIRST_ITEM = re.compile(r"\(?\b(?:1|i|I|a)\)\s(?!.*\b(?:2|ii|II|b)\))")
_PAIRS = re.compile(
    r"\b(?:combin|coupl|integrat|pair|align|equip|provid|compar|associat|bridg|convert|transform"
    r"|translat|replac|adapt|transfer|decoupl|turn|map|mapp|plac|put|tak|tailor|enabl|allow|caus"
    r"|encourag|forc|prompt|instruct|help)(?:e|es|ed|s|ing)?\b[^,;]*\Z"
)
_BARE = re.compile(r", an? (?:[\w-]+ )?(?:framework|method|approach|model|system|technique)\Z")
_PAIR = re.compile(r"(?:with|to|into|from|in|on)\b")
_LEAST = 60  # a shorter rest says too little
_MAIN = re.compile(r",\s(?=(?:we|this (?:paper|work|study))\s)", re.I)
_FRONTED = re.compile(
    r"(?:To|In|On|By|While|Unlike|Building|Based|Motivated|Inspired|Given|Using|With|Through|As"
    r"|Since|For|Drawing|Leveraging|Beyond|Despite|Although|Towards?|Recogni[sz]ing|Considering|Rather"
    r"|When|Instead|From|Starting|Following|Different|Extending|Under|Observing|Compared"
    r"|Due|Because)\b"
)


def shortened(text: str, limit: int) -> str:
    """A sentence of at most `limit` characters that says the first part; empty if none can be.

    What stands before the main clause goes first, then what is in brackets, then what follows.
    """
    begun = _main_clause(text)
    if 0 < begun < len(text) - 40:
        text = text[begun : begun + 1].upper() + text[begun + 1 :]
    bare = text if len(text) <= limit else _ASIDE.sub("", text)
    if len(bare) <= limit:
        return bare
    return _at_clause(text, limit) or _at_clause(bare, limit)


def _main_clause(text: str) -> int:
    """Where `we propose` begins behind a clause that stands before it, or 0."""
    match = _MAIN.search(text) if _FRONTED.match(text) else None
    return match.end() if match else 0


def _at_clause(text: str, limit: int) -> str:
    for clauses, least in zip(_CLAUSES, (_LEAST, 80, 55), strict=True):
        kept = ""
        for match in clauses.finditer(text, 0, limit + 12):
            head = text[: match.start()].rstrip(" ,;:-–—")
            if not least <= len(head) < limit or not _is_whole(head):
                continue
            if clauses is _CLAUSES[-1] and head.endswith("ed"):
                continue
            if not _PAIR.match(text, match.end()) or not _PAIRS.search(head):
                kept = head
        if kept:
            return kept + "."
    return ""


def _is_whole(head: str) -> bool:
    last = head.rpartition(" ")[2].lower()
    balanced = head.count("(") == head.count(")") and head.count('"') % 2 == 0
    return (
        balanced
        and last not in _DANGLES
        and not any(p.search(head) for p in (_OPEN, _FIRST_ITEM, _BARE))
    )
