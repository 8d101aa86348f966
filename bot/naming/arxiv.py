"""arXiv's archives, its ids wherever they stand, and where its papers are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

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
_MONTH = "(?:0[1-9]|1[0-2])"
_DOTTED = rf"(?:0[7-9]|1[0-4]){_MONTH}\.\d{{4}}|(?:1[5-9]|[2-9]\d){_MONTH}\.\d{{5}}"
_ID = re.compile(  # 2505.24864v2, cs/0112017, math.GT/0309136; in a link, a DOI or a sentence
    rf"(?<!\d)(?<!\d\.)(?:({_DOTTED})"
    rf"|\b({'|'.join(ARCHIVES)})(?:\.[a-z]{{2}})?(/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}}))"
    r"(?:v\d+)?(?:\.pdf)?(?!\d|\.\d)",
    re.ASCII | re.IGNORECASE,
)
_LIKE_ID = re.compile(r"(?<![\d.])(\d\d)(\d\d)\.\d{3,6}(?![\d.])", re.ASCII)
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


def _impossible(text: str, today: date | None) -> str:
    found = next(_named(text), None)
    if found and today and found.id[:4].isdecimal():
        ahead = (2000 + int(found.id[:2]), int(found.id[2:4])) > (today.year, today.month)
        never = f"{found.id} is no paper's id yet: its first four digits are a month to come."
        return never if ahead else ""
    like = _LIKE_ID.search(text)
    return f"{like[0]} is no arXiv id: {_fault(like)}." if like and not found else ""


def _fault(like: re.Match[str]) -> str:
    if not re.fullmatch(_MONTH, like[2]):
        return "its first four digits are a year and a month, as in 2505.24864"
    if int(like[1]) < 15:
        return "until 2014 an id had four digits after the dot"
    return "since 2015 an id has five digits after the dot"


SCHEME = Scheme(
    name="arxiv",
    title="arXiv",
    named=_named,
    links=_links,
    begun=_begun,
    impossible=_impossible,
    is_bare=True,
)
