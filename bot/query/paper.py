"""A paper as conditions look at it: its facts, and its texts as token graphs."""

from __future__ import annotations

from functools import cached_property, lru_cache

from bot.model import Paper
from bot.query.graph import TokenGraph, graph


class PaperText:
    """A paper's texts; each is normalised when it is first asked for."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper

    @cached_property
    def title(self) -> TokenGraph:
        return graph(self.paper.title)

    @cached_property
    def keywords(self) -> tuple[TokenGraph, ...]:
        return tuple(map(graph, self.paper.keywords))

    @cached_property
    def authors(self) -> tuple[TokenGraph, ...]:
        return tuple(map(graph, self.paper.authors))

    @cached_property
    def organization(self) -> TokenGraph:
        return graph(self.paper.organization or "")

    @cached_property
    def body(self) -> tuple[TokenGraph, ...]:
        """Title, abstract, and each keyword."""
        return self.title, graph(self.paper.summary), *self.keywords

    @cached_property
    def stems(self) -> frozenset[str]:
        """Of the body."""
        return frozenset().union(*(part.starts for part in self.body))

    def has(self, sought: TokenGraph) -> bool:
        """Whether a text is in the body."""
        return any(part.has(sought) for part in self.body)


@lru_cache(maxsize=2048)  # the lists of a month, which each new topic is tried on
def paper_text(paper: Paper) -> PaperText:
    return PaperText(paper)
