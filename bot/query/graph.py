"""A text as a token graph: a compound and its parts stand between the same positions.

`GPT-4o cache` has the edges gpt4o (0, 2), gpt (0, 1), 4o (1, 2) and cach (2, 3), so that it has
both sequences of stems, `gpt4o cach` and `gpt 4o cach`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from bot.query.normal import expanded, stem, tokens

MOST_PATHS = 16
Path = tuple[str, ...]  # stems
_Edge = tuple[str, int]  # a stem, and the position where it ends


@dataclass(frozen=True, slots=True)
class TokenGraph:
    edges: tuple[tuple[_Edge, ...], ...]  # by the position where they begin
    ends: frozenset[int]  # the positions between tokens, and both ends
    stems: frozenset[str]

    def paths(self, start: int = 0) -> tuple[Path, ...]:
        """The sequences of stems from one end to the other, the first `MOST_PATHS`."""
        return tuple(islice(self._paths(start), MOST_PATHS))

    def _paths(self, start: int) -> Iterator[Path]:
        if start == len(self.edges):
            yield ()
            return
        for word, end in self.edges[start]:
            for rest in self._paths(end):
                yield word, *rest

    def has(self, path: Path, *, whole: bool = False) -> bool:
        """Whether these stems follow each other here; `whole`: they begin and end with tokens."""
        if not self.stems.issuperset(path):
            return False
        starts = self.ends if whole else range(len(self.edges))
        return any(self._reached(start, path, whole=whole) for start in starts)

    def _reached(self, start: int, path: Path, *, whole: bool) -> bool:
        at = {start}
        for word in path:
            at = {
                end
                for position in at
                if position < len(self.edges)
                for edge, end in self.edges[position]
                if edge == word
            }
            if not at:
                return False
        return not whole or not self.ends.isdisjoint(at)

    def compounds(self) -> Iterator[frozenset[str]]:
        """The stems of each token."""
        bounds = sorted(self.ends)
        for start, end in pairwise(bounds):
            yield frozenset(word for edges in self.edges[start:end] for word, _ in edges)


def graph(text: str) -> TokenGraph:
    """The token graph of a text, as `bot.query.normal` has its words."""
    edges: list[list[_Edge]] = []
    ends = [0]
    for token in tokens(text):
        _append(edges, expanded(token))
        ends.append(len(edges))
    stems = frozenset(word for starting in edges for word, _ in starting)
    return TokenGraph(tuple(map(tuple, edges)), frozenset(ends), stems)


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
