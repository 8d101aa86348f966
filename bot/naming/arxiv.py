"""arXiv's archives, its ids wherever they stand, and where its papers are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.naming.scheme import Link, Named, Scheme

_NEW = (
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex "
    "nucl-th physics q-bio q-fin quant-ph stat"
)
_OLD = (  # archives that only old ids name
    "acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga "
    "funct-an mtrl-th patt-sol plasm-ph q-alg solv-int supr-con"
)
ARCHIVES = frozenset(f"{_NEW} {_OLD}".split())
_ID = re.compile(  # 2505.24864v2, cs/0112017, math.GT/0309136; in a link, a DOI or a sentence
    r"(?<!\d)(?<!\d\.)(?:((?:0[7-9]|[1-9]\d)(?:0[1-9]|1[0-2])\.\d{4,5})"
    rf"|\b({'|'.join(ARCHIVES)})(?:\.[a-z]{{2}})?(/\d{{7}}))(?:v\d+)?(?:\.pdf)?(?!\d|\.\d)",
    re.ASCII | re.IGNORECASE,
)
_BEGUN = re.compile(r"(?:arxiv:)?(\d{4}\.\d{0,5}|\d{4}|[a-z-]+(?:\.[A-Z]{2})?/\d{0,7})", re.I)


def _named(text: str) -> Iterator[Named]:
    """Without version or subject class."""
    for match in _ID.finditer(text):
        yield Named("".join(filter(None, match.groups())).lower(), *match.span())


def _links(paper_id: str) -> tuple[Link, ...]:
    return (
        Link("arXiv", f"https://arxiv.org/abs/{paper_id}"),
        Link("PDF", f"https://arxiv.org/pdf/{paper_id}"),
    )


def _begun(typed: str) -> str:
    match = _BEGUN.fullmatch(typed)
    return match[1] if match else ""


SCHEME = Scheme(name="arxiv", title="arXiv", named=_named, links=_links, begun=_begun, is_bare=True)
