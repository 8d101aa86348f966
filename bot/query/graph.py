"""A text as a token graph: a compound and its parts stand between the same positions.

`GPT-4o cache` has the edges gpt4o (0, 2), gpt (0, 1), 4o (1, 2) and cach (2, 3), so that it has
both sequences of stems, `gpt4o cach` and `gpt 4o cach`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from bot.query.normal import expanded, stem, tokens

MOST_PATHS = 16
Path = tuple[str, ...]  # stems
_Edge = tuple[str, int]  # a stem, and the position where it ends


@dataclass(frozen=True, slots=True)
class TokenGraph:
    edges: tuple[tuple[_Edge, ...], ...]  # by the position where they begin, the longest first
    ends: frozenset[int]  # the positions between tokens, and both ends
    starts: Mapping[str, Sequence[int]]  # of each stem, where it begins

    def has(self, sought: TokenGraph, *, whole: bool = False) -> bool:
        """Whether another text is in this one, in any way of writing it; `whole`: it begins and
        ends with tokens."""
        if not sought.edges:
            return False
        for first, _ in sought.edges[0]:
            starts: Iterable[int] = self.starts.get(first, ())
            if whole:
                starts = self.ends.intersection(starts)
            if any(self._has_at(start, sought, whole=whole) for start in starts):
                return True
        return False

    def _has_at(self, start: int, sought: TokenGraph, *, whole: bool) -> bool:
        """Walks both at once: from pairs of positions to all that the same stem leads to."""
        waiting, seen = [(start, 0)], set[tuple[int, int]]()
        while waiting:
            here, there = waiting.pop()
            if there == len(sought.edges) and (not whole or here in self.ends):
                return True
            if here == len(self.edges) or there == len(sought.edges):
                continue
            for stem_here, end_here in self.edges[here]:
                for stem_there, end_there in sought.edges[there]:
                    both = end_here, end_there
                    if stem_here == stem_there and both not in seen:
                        seen.add(both)
                        waiting.append(both)
        return False

    def paths(self) -> tuple[Path, ...]:
        """The sequences of stems from one end to the other, the first `MOST_PATHS`."""
        return tuple(islice(self._paths(0), MOST_PATHS))

    def _paths(self, start: int) -> Iterator[Path]:
        if start == len(self.edges):
            yield ()
            return
        for word, end in self.edges[start]:
            for rest in self._paths(end):
                yield word, *rest

    @property
    def parts(self) -> Path:
        """The stems without compounds."""
        return tuple(edges[-1][0] for edges in self.edges)

    def compounds(self) -> Iterator[frozenset[str]]:
        """The stems of each token."""
        for start, end in pairwise(sorted(self.ends)):
            yield frozenset(word for edges in self.edges[start:end] for word, _ in edges)


def graph(text: str) -> TokenGraph:
    """The token graph of a text, as `bot.query.normal` has its words."""
    edges: list[list[_Edge]] = []
    ends = [0]
    for token in tokens(text):
        _append(edges, expanded(token))
        ends.append(len(edges))
    starts: dict[str, list[int]] = {}
    for position, starting in enumerate(edges):
        for word, _ in starting:
            starts.setdefault(word, []).append(position)
    return TokenGraph(tuple(map(tuple, edges)), frozenset(ends), starts)


sought_graph = lru_cache(maxsize=16_384)(graph)  # of texts that queries look for


def _append(edges: list[list[_Edge]], words: Sequence[str]) -> None:
    """The words of one token, of which a compound is before its parts."""
    parts: list[str] = []
    spans: list[tuple[str, int]] = []  # a compound, and how many parts it has; from the end
    at: list[int] = []  # from the end: before which part it begins
    for word in reversed(words):
        if length := _length(word, parts):
            spans.append((word, length))
            at.append(len(parts))
        else:
            parts.insert(0, word)
    first = len(edges)
    edges += [[(stem(word), first + n)] for n, word in enumerate(parts, 1)]
    for (word, length), before in zip(spans, at, strict=True):
        start = first + len(parts) - before
        edges[start].insert(0, (stem(word), start + length))


def _length(word: str, parts: Sequence[str]) -> int:
    """Of how many of these parts, two or more from the first, the word is made; 0: it is not."""
    joined = ""
    for count, part in enumerate(parts, 1):
        joined += part
        if joined == word and count > 1:
            return count
        if not word.startswith(joined):
            break
    return 0
