"""MaxSim: how near the words of a text come to each word of a query."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from bot.query import normal
from bot.search.table import Floats, Numbers, Table

_NO_WORD = np.zeros(1, np.int64)  # in place of a text without words; its score is set to zero


class WordVectors:
    """Words as numbers: of the table's rows, and after those of words made of its pieces."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._tokens: dict[str, tuple[int, ...]] = {}
        self._compounds: dict[str, int] = {}  # of pieces; their vectors come with `maxsim`
        self._vectors = np.zeros((0, table.dim), np.float16)
        self._embedded = 0  # compounds that have their vector

    def __len__(self) -> int:
        """How many tokens it remembers."""
        return len(self._tokens)

    def numbers(self, tokens: Collection[str]) -> Numbers:
        """The numbers of a text's words, stop words left out. The text is its `normal.tokens`."""
        known = self._tokens
        for token in tokens:
            if token not in known:
                words = (word for word in normal.expanded(token) if word not in normal.STOPWORDS)
                known[token] = tuple(map(self._number, words))
        return np.fromiter(chain.from_iterable(map(known.__getitem__, tokens)), np.int64)

    def _number(self, word: str) -> int:
        row = self._table.vocabulary.pieces(word)
        if len(row) == 1:
            return row[0]
        first = len(self._table.vocabulary)
        return self._compounds.setdefault(word, first + len(self._compounds))

    def _embed(self, numbers: Numbers) -> Floats:
        """The vectors of ascending numbers, each of length one."""
        self._embed_compounds()
        first = int(np.searchsorted(numbers, len(self._table.vocabulary)))
        rows = self._table.rows(numbers[:first])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        compounds = self._vectors[numbers[first:] - len(self._table.vocabulary)]
        return np.concatenate([rows, compounds], dtype=np.float32)

    def _embed_compounds(self) -> None:
        new, size = list(islice(self._compounds, self._embedded, None)), len(self._compounds)
        if size > len(self._vectors):
            self._vectors = np.pad(self._vectors, ((0, size), (0, 0)))
        self._vectors[self._embedded : size] = self._table.embed([[word] for word in new])
        self._embedded = size

    def maxsim(
        self, weights: Mapping[str, float], texts: Sequence[Numbers], has: NDArray[np.bool_]
    ) -> list[float]:
        """For each text, the cosine of each query word with its nearest word, in the mean by the
        words' weights. 0 for a text without words, 1 for one that has them all.

        `has` (texts, words of the query): the text has that very word, which the table may not
        know. MaxSim of ColBERT (Khattab, Zaharia 2020), over vectors that know no context.
        """
        query = self._table.embed([[word] for word in weights])
        some = [text if len(text) else _NO_WORD for text in texts]
        used, places = np.unique(np.concatenate(some), return_inverse=True)
        similarities = self._embed(used) @ query.T
        starts = np.cumsum([0, *map(len, some[:-1])])
        best = np.maximum.reduceat(similarities[places], starts).clip(min=0)
        best[[not len(text) for text in texts]] = 0
        best[has] = 1
        weight = np.array(list(weights.values()), np.float32)
        scores: list[float] = (best @ weight / max(weight.sum(), 1e-9)).tolist()
        return scores
