"""Any number of papers, resampled from the 100,000 of ../shared, and queries made from titles.

Up to there they are real. Beyond, each other paper is put together from two of the same time:
half a title of each, sentences and authors of both, and now and then a word, a name and a pair
that no paper had, so that the vocabulary grows about as Heaps' law has it.
"""

import json
import lzma
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise

from _table import ROOT

from bot.model import Paper
from bot.query.normal import STOPWORDS
from bot.sources.fields import day

SOURCE = ROOT.parent / "shared/data/arxiv_100k.jsonl.xz"
NEAR = 2000  # papers before and after one, of which some have its subject and its words
COINED = 0.6  # new words a paper that is put together
COMMON = 60  # words that are common ones: each in 2 to 15 % of all papers
_WORD = re.compile(r"[A-Za-z]{3,}")
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z])")


@dataclass(frozen=True)
class Asked:
    text: str  # in the query language
    plain: str  # its words, for engines without one


def missing() -> str:
    return "" if SOURCE.exists() else f"Not measured: {SOURCE} not found."


@cache
def real() -> Sequence[Paper]:
    """The oldest first."""
    with lzma.open(SOURCE, "rt", encoding="utf-8") as lines:
        papers = [_paper(json.loads(line)) for line in lines]
    return sorted(papers, key=lambda paper: paper.published or date.min)


def _paper(row: dict[str, object]) -> Paper:
    share = sys.intern
    return Paper(
        str(row["id"]), str(row["title"]), str(row["abstract"]),
        tuple(map(share, row["authors"])), published=day(row["date"]),
        categories=tuple(map(share, row["categories"])),
    )  # fmt: skip


def resampled(size: int, *, more: int = 0) -> Iterator[Paper]:
    """`size` papers, the oldest first; or the ones that would follow these."""
    known, rng = real(), random.Random(size + more)
    for number in range(size, size + more) if more else range(size):
        place = min(number, size - 1) * len(known) // size
        first = number == 0 or place != (number - 1) * len(known) // size
        if first and not more:
            yield known[place]
        else:
            yield _put_together(number, place, rng)


def _put_together(number: int, place: int, rng: random.Random) -> Paper:
    known = real()
    first, second = (
        known[min(max(place + rng.randint(-NEAR, NEAR), 0), len(known) - 1)] for _ in range(2)
    )
    head, tail = first.title.split(), second.title.split()
    title = [*head[: (len(head) + 1) // 2], *tail[len(tail) // 2 :]]
    said = [*_SENTENCE.split(first.summary)[::2], *_SENTENCE.split(second.summary)[1::2]]
    if rng.random() < COINED:
        coined = _coined(rng.choice(head), rng.choice(tail))
        title[rng.randrange(len(title))] = coined
        said.append(f"We call it {coined}.")
    who = [*first.authors[::2], *second.authors[1::2]] or list(first.authors)
    if rng.random() < COINED:
        who[-1] = f"{who[0].split()[0]} {_coined(who[0].split()[-1], who[-1].split()[-1])}"
    return replace(
        first, id=f"{9000 + number // 10**5:04}.{number % 10**5:05}", title=" ".join(title),
        summary=" ".join(said), authors=tuple(who), published=known[place].published,
    )  # fmt: skip


def _coined(first: str, second: str) -> str:
    return first[: (len(first) + 1) // 2] + second[len(second) // 2 :].lower()


def queries(papers: Sequence[Paper], count: int, *, seed: int = 4) -> dict[str, list[Asked]]:
    """Of each kind, from these papers' titles."""
    rng, common = random.Random(seed), _common(papers)
    return {kind: [make(rng, papers, common) for _ in range(count)] for kind, make in KINDS.items()}


def _common(papers: Sequence[Paper]) -> list[str]:
    every = papers[:: max(1, len(papers) // 5000)]
    seen = Counter(word for p in every for word in {*_words(p.title)})
    return [word for word, _ in seen.most_common(COMMON)]


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word not in STOPWORDS]


def _title(rng: random.Random, papers: Sequence[Paper], least: int = 3) -> tuple[Paper, list[str]]:
    while True:
        paper = rng.choice(papers)
        if len(set(words := _words(paper.title))) >= least and paper.authors:
            return paper, words


_Make = Callable[[random.Random, Sequence[Paper], list[str]], Asked]


def _same(text: str) -> Asked:
    return Asked(text, text)


def _of_title(count: int) -> _Make:
    def make(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
        _, words = _title(rng, papers, count)
        return _same(" ".join(rng.sample(sorted(set(words)), count)))

    return make


def _of_common(count: int) -> _Make:
    return lambda rng, papers, common: _same(" ".join(rng.sample(common, count)))


def _typo(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
    """Two letters of the longest of three words changed places."""
    _, words = _title(rng, papers)
    *rest, long = sorted(rng.sample(sorted(set(words)), 3), key=len)
    at = rng.randrange(1, len(long) - 1)
    return _same(" ".join([*rest, long[:at] + long[at + 1] + long[at] + long[at + 2 :]]))


def _author(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
    paper, words = _title(rng, papers)
    name, word = rng.choice(paper.authors).split()[-1].strip('"'), rng.choice(words)
    return Asked(f'{word} author:"{name}"', f"{word} {name}")


def _after(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
    paper, words = _title(rng, papers)
    plain = " ".join(rng.sample(words, 2))
    return Asked(f"{plain} after:{(paper.published or date.min).year}", plain)


def _phrase(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
    while True:
        title = _title(rng, papers)[0].title.lower().split()
        pairs = [p for p in pairwise(title) if all(w.isalpha() and w not in STOPWORDS for w in p)]
        if pairs:
            plain = " ".join(rng.choice(pairs))
            return Asked(f'"{plain}"', plain)


def _without(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
    plain = " ".join(rng.sample(_title(rng, papers)[1], 2))
    return Asked(f"{plain} -{rng.choice(common)}", plain)


def _year(rng: random.Random, papers: Sequence[Paper]) -> int:
    return (_title(rng, papers)[0].published or date.min).year


def _of_a_year(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
    """What filters leave little of; papers of this corpus have neither votes nor code."""
    word, year = rng.choice(common), _year(rng, papers)
    limits = rng.choice((f"year:{year}", f"before:{year}", "has:code", "votes:>20"))
    return Asked(f"{word} {limits}", word)


def _in_order(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
    word = rng.choice(common)
    return Asked(f"{word} sort:{rng.choice(('new', 'votes'))}", word)


def _alone(rng: random.Random, papers: Sequence[Paper], common: list[str]) -> Asked:
    paper, word = _title(rng, papers)[0], rng.choice(common)
    year, category = _year(rng, papers), paper.categories[0]
    limits = (f"year:{year}", f"before:{year}", f"cat:{category}", f"year:{year} -{word}")
    return Asked(rng.choice(limits), word)


KINDS: dict[str, _Make] = {
    "1 common word": _of_common(1),
    "3 words": _of_title(3),
    "3 common words": _of_common(3),
    "8 words": _of_title(8),
    "a typo": _typo,
    "author:": _author,
    "after:": _after,
    '"a phrase"': _phrase,
    "-without": _without,
    "a common word of a year": _of_a_year,
    "sort:": _in_order,
    "filters alone": _alone,
}


def typed(papers: Sequence[Paper], count: int) -> dict[str, list[str]]:
    """The beginnings of titles' words, so many letters long, and of two words."""
    rng = random.Random(5)
    by_kind: dict[str, list[str]] = {}
    for letters in (1, 2, 3, 6, 12):
        some = (rng.choice(_title(rng, papers)[1]) for _ in iter(int, 1))
        long = (word for word in some if len(word) >= letters)
        by_kind[f"{letters} letter{'s' * (letters > 1)}"] = [
            next(long)[:letters] for _ in range(count)
        ]
    two = (_title(rng, papers)[1] for _ in range(count))
    by_kind["two words"] = [f"{first} {second[: rng.randint(1, 5)]}" for first, second, *_ in two]
    return by_kind
