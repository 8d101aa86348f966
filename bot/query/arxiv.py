"""arXiv's archives, and its ids wherever they stand."""

from __future__ import annotations

import re

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
_ARXIV_ID = re.compile(  # 2505.24864v2, cs/0112017, math.GT/0309136; in a link, a DOI or a sentence
    r"(?<!\d)(?<!\d\.)(?:((?:0[7-9]|[1-9]\d)(?:0[1-9]|1[0-2])\.\d{4,5})"
    rf"|\b({'|'.join(ARCHIVES)})(?:\.[a-z]{{2}})?(/\d{{7}}))(?:v\d+)?(?:\.pdf)?(?!\d|\.\d)",
    re.ASCII | re.IGNORECASE,
)


def arxiv_id(text: str) -> str:
    """The first arXiv id in a text, without version or subject class; empty when there is none."""
    return next(iter(arxiv_ids(text)), "")


def arxiv_ids(text: str) -> list[str]:
    """All arXiv ids in a text, each once."""
    matches = _ARXIV_ID.finditer(text)
    return list(dict.fromkeys("".join(filter(None, match.groups())).lower() for match in matches))


def has_words(text: str) -> bool:
    """Whether a text has more than links and ids of papers."""
    return any(words(chunk) for chunk in text.split() if not arxiv_id(chunk))
