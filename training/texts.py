"""Titles and abstracts as numbers: which words and pairs have a row, and who has which rows."""

from __future__ import annotations

import gzip
import lzma
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.model import Paper
from bot.query.normal import STOPWORDS, words
from bot.search.table import Numbers, Vocabulary
from bot.sources import dump

LEAST_WORD = 12  # times a word is seen before it has a row
LEAST_PAIR = 15
LONGEST_PIECE = 6
FIELDS = ("cs.", "eess.", "stat.ML")
RECENT = date(2020, 1, 1)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")

Parts = list[list[str]]  # the words of a title, then of each sentence of the abstract


def read(path: Path, without: frozenset[str]) -> Iterator[tuple[Parts, int]]:
    """Each paper's parts, and how often it is drawn."""
    opener = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    with opener(path, "rb") as lines:
        for paper in filter(None, dump.papers(lines)):
            if paper.id in without:
                continue
            texts = (paper.title, *_SENTENCE_END.split(paper.summary))
            if len(parts := [part for text in texts if (part := words(text))]) > 1:
                yield parts, _weight(paper)


def _weight(paper: Paper) -> int:
    """Daily Papers are about machine learning, and new: twice for the field, twice for the time."""
    if not any(category.startswith(FIELDS) for category in paper.categories):
        return 1
    return 4 if paper.published and paper.published >= RECENT else 2


@dataclass(frozen=True)
class Texts:
    """Words as numbers, one after the other. `parts` and `papers` say where each begins."""

    words: list[str]
    flat: Numbers  # the words' numbers
    parts: Numbers  # into flat: titles and sentences
    papers: Numbers  # into parts
    weights: Numbers  # of the papers

    @classmethod
    def of(cls, papers: Iterable[tuple[Parts, int]]) -> Texts:
        number: dict[str, int] = {}
        flat, parts, firsts, weights = array("i"), [0], [0], []
        for paper, weight in papers:
            for part in paper:
                flat.extend(number.setdefault(word, len(number)) for word in part)
                parts.append(len(flat))
            firsts.append(len(parts) - 1)
            weights.append(weight)
        rest = (np.array(numbers) for numbers in (flat, parts, firsts, weights))
        return cls(list(number), *rest)

    def counts(self) -> Numbers:
        return np.bincount(self.flat, minlength=len(self.words))


def choose_words(texts: Texts, start: Sequence[str], most: int) -> list[str]:
    """The words of the table to go on from, then those seen most often."""
    counts = texts.counts()
    often = [texts.words[n] for n in np.argsort(-counts, kind="stable") if counts[n] >= LEAST_WORD]
    known = set(start)
    return [*start, *(word for word in often if word not in known)][:most]


def common_pieces(texts: Texts, most: int) -> list[str]:
    """What rare words are cut into: first characters, and the runs seen most often after them."""
    runs: Counter[str] = Counter()
    for word, count in zip(texts.words, texts.counts(), strict=True):
        if count < LEAST_WORD:
            runs.update([word[0]])
            for start in range(1, len(word)):
                longest = min(start + LONGEST_PIECE, len(word))
                runs.update(f"##{word[start:end]}" for end in range(start + 1, longest + 1))
    return [run for run, _ in runs.most_common(most)]


def choose_pairs(rows: Numbers, part: Numbers, names: Sequence[str], most: int) -> Numbers:
    """The neighbours that meet most often beyond chance: count x log(count / expected)."""
    counts = np.bincount(rows, minlength=len(names))
    met = (rows[:-1] << 16 | rows[1:])[part[:-1] == part[1:]]
    keys, seen = np.unique(met, return_counts=True)
    keys, seen = keys[seen >= LEAST_PAIR], seen[seen >= LEAST_PAIR]
    first, second = keys >> 16, keys & 0xFFFF
    score = seen * np.log(seen * len(rows) / (counts[first] * counts[second].astype(np.float64)))
    empty = np.array([name in STOPWORDS or name.isdigit() for name in names])
    # `gpt4o gpt`: a compound and its own first part
    doubled = [names[a].startswith(names[b]) for a, b in zip(first, second, strict=True)]
    score[empty[first] | empty[second] | np.array(doubled, np.bool_)] = 0
    best = np.argsort(-score, kind="stable")[:most]
    return np.sort(keys[best[score[best] > 0]])


@dataclass(frozen=True)
class Corpus:
    """The rows of every paper, and at each place the pair that begins there (-1: none)."""

    rows: Numbers
    pairs: Numbers
    parts: Numbers  # into rows
    papers: Numbers  # into parts
    chances: NDArray[np.float64]  # of a paper to be drawn
    width: int  # rows there are

    @classmethod
    def of(cls, texts: Texts, names: Sequence[str], most: int) -> tuple[Corpus, Vocabulary]:
        rows, parts = _in_pieces(texts, Vocabulary(names, np.zeros(0, np.int64)))
        part = np.repeat(np.arange(len(parts) - 1), np.diff(parts))
        vocabulary = Vocabulary(names, choose_pairs(rows, part, names, most))
        pairs = np.full(len(rows), -1)
        place, pair = vocabulary.neighbours(rows, part)
        pairs[place] = len(names) + pair
        chances = texts.weights / texts.weights.sum()
        return cls(rows, pairs, parts, texts.papers, chances, len(vocabulary)), vocabulary

    def counts(self, row: Numbers, start: Numbers, end: Numbers) -> csr_matrix:
        """How often each text has each row; text `row[i]` (ascending) has start[i]:end[i]."""
        length = end - start
        at = _ranges(start, length)
        columns = np.stack([self.rows[at], self.pairs[at]], axis=1)
        columns[np.cumsum(length)[length > 0] - 1, 1] = -1  # a pair that ends outside
        taken = columns >= 0
        sizes = np.bincount(np.repeat(row, length), taken.sum(1), row[-1] + 1)
        ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        ones = np.ones(ends[-1], np.float32)
        return csr_matrix((ones, columns[taken], ends), (len(ends) - 1, self.width))

    def whole(self, papers: Numbers) -> csr_matrix:
        start, end = self.parts[self.papers[papers]], self.parts[self.papers[papers + 1]]
        return self.counts(np.arange(len(papers)), start, end)


def _in_pieces(texts: Texts, vocabulary: Vocabulary) -> tuple[Numbers, Numbers]:
    """Rows instead of words; where each part begins among them."""
    pieces = [vocabulary.pieces(word) for word in texts.words]
    lengths = np.array([len(rows) for rows in pieces])
    flat = np.fromiter(chain.from_iterable(pieces), np.int64, lengths.sum())
    begins = np.cumsum(lengths) - lengths
    at = _ranges(begins[texts.flat], lengths[texts.flat])
    ends = np.concatenate([[0], np.cumsum(lengths[texts.flat])])
    return flat[at], ends[texts.parts]


def _ranges(start: Numbers, length: Numbers) -> Numbers:
    """start[0], start[0] + 1, ..., start[1], ...: `length` of each."""
    ends = np.cumsum(length)
    return np.arange(length.sum()) + np.repeat(start + length - ends, length)
