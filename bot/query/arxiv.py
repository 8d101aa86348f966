"""arXiv's archives, and its ids wherever they stand."""

from __future__ import annotations

import re
from datetime import date

from bot.query.normal import words

_NEW = (
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex "
    "nucl-th physics q-bio q-fin quant-ph stat"
)
_OLD = (  # archives that only old ids name
    "acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga "
    "funct-an mtrl-th patt-sol plasm-ph q-alg solv-int supr-con"
)
ARCHIVES = frozenset(f"{_NEW} {_OLD}".split())
_MONTH = "(?:0[1-9]|1[0-2])"
_ARXIV_ID = re.compile(  # 2505.24864v2, cs/0112017, math.GT/0309136; in a link, a DOI or a sentence
    rf"(?<!\d)(?<!\d\.)(?:((?:0[7-9]|1[0-4]){_MONTH}\.\d{{4}}|(?:1[5-9]|[2-9]\d){_MONTH}\.\d{{5}})"
    rf"|\b({'|'.join(ARCHIVES)})(?:\.[a-z]{{2}})?(/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}}))(?:v\d+)?(?:\.pdf)?(?!\d|\.\d)",
    re.ASCII | re.IGNORECASE,
)


_LIKE_ID = re.compile(r"(?<![\d.])(\d\d)(\d\d)\.\d{3,6}(?![\d.])", re.ASCII)


def arxiv_id(text: str) -> str:
    """The first arXiv id in a text, without version or subject class; empty when there is none."""
    return next(iter(arxiv_ids(text)), "")


def impossible_id(text: str, today: date | None = None) -> str:
    """Why a text has no arXiv id although it has something that is written like one; empty: it has
    one, or nothing like it."""
    found = arxiv_id(text)
    like = _LIKE_ID.search(text)
    if found and today and found[:4].isdecimal() and 2000 + int(found[:2]) < 2091:
        ahead = (2000 + int(found[:2]), int(found[2:4])) > (today.year, today.month)
        return f"{found} is no paper's id yet: its first four digits are a month to come." * ahead
    if found or not like:
        return ""
    why = "its first four digits are a year and a month, as in 2505.24864"
    if re.fullmatch(_MONTH, like[2]):
        why = "since 2015 an id has five digits after the dot"
        if int(like[1]) < 15:
            why = "until 2014 an id had four digits after the dot"
    return f"{like[0]} is no arXiv id: {why}."


def arxiv_ids(text: str) -> list[str]:
    """All arXiv ids in a text, each once."""
    matches = _ARXIV_ID.finditer(text)
    return list(dict.fromkeys("".join(filter(None, match.groups())).lower() for match in matches))


def has_words(text: str) -> bool:
    """Whether a text has more than links and ids of papers."""
    return any(words(chunk) for chunk in text.split() if not arxiv_id(chunk))
