"""Train the table of bot/search/table.py on titles and abstracts: numpy and scipy, one core.

    python -m training.table PAPERS OUT.npz [--start TABLE.npz] [--without IDS]

PAPERS has one JSON object a line with "title" and "abstract" (.jsonl, .xz or .gz; arXiv gives its
metadata away under CC0), IDS one "id" a line of papers to leave out.
"""

from __future__ import annotations

import gzip
import json
import lzma
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

import click
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from bot.search.normal import STOPWORDS, words
from bot.search.table import FORMAT, Floats, Numbers, Table, Vocabulary

DIM = 256
MOST_WORDS = 50_000
LEAST_WORD = 12  # times a word is seen before it has a row
LEAST_PAIR = 15
CLIPS = np.linspace(0.4, 1, 25)  # of a row's largest number: what is kept as 7
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
Ints = NDArray[np.int32]


def read(path: Path, without: frozenset[str]) -> Iterator[list[list[str]]]:
    """Of each paper the words of its title, then of each sentence of its abstract."""
    opener = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    with opener(path, "rt", encoding="utf-8") as lines:
        for paper in map(json.loads, lines):
            if paper.get("id") not in without:
                abstract = " ".join(paper["abstract"].split())
                parts = [words(part) for part in (paper["title"], *_SENTENCE_END.split(abstract))]
                if len(parts := [part for part in parts if part]) > 1:
                    yield parts


@dataclass(frozen=True)
class Texts:
    """Words as numbers, one after the other. `parts` and `papers` say where each begins."""

    words: list[str]
    flat: Ints  # the words' numbers
    parts: Numbers  # into flat: titles and sentences
    papers: Numbers  # into parts

    @classmethod
    def of(cls, papers: Iterable[list[list[str]]]) -> Texts:
        number: dict[str, int] = {}
        flat, parts, firsts = [], [0], [0]
        for paper in papers:
            for part in paper:
                flat.append(np.array([number.setdefault(w, len(number)) for w in part], np.int32))
                parts.append(parts[-1] + len(part))
            firsts.append(len(parts) - 1)
        return cls(list(number), np.concatenate(flat), np.array(parts), np.array(firsts))

    def counts(self) -> Numbers:
        return np.bincount(self.flat, minlength=len(self.words))


def choose_words(texts: Texts, start: Sequence[str], most: int) -> list[str]:
    """The words of the table to go on from, then those seen most often."""
    counts = texts.counts()
    often = [texts.words[n] for n in np.argsort(-counts, kind="stable") if counts[n] >= LEAST_WORD]
    known = set(start)
    return [*start, *(word for word in often if word not in known)][:most]


def common_pieces(texts: Texts, most: int) -> list[str]:
    """What rare words go on with: every character, and the runs of up to six seen most often."""
    runs: Counter[str] = Counter()
    for word, count in zip(texts.words, texts.counts(), strict=True):
        if count < LEAST_WORD:
            ends = (
                (i, j) for i in range(len(word)) for j in range(i + 1, min(i + 6, len(word)) + 1)
            )
            runs.update("##" * (i > 0) + word[i:j] for i, j in ends if i or j == 1)
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
    parts: Numbers
    papers: Numbers
    width: int

    @classmethod
    def of(cls, texts: Texts, names: Sequence[str], most: int) -> tuple[Corpus, Vocabulary]:
        rows, parts = _in_pieces(texts, Vocabulary(names, np.zeros(0, np.int64)))
        part = np.repeat(np.arange(len(parts) - 1), np.diff(parts))
        vocabulary = Vocabulary(names, choose_pairs(rows, part, names, most))
        pairs = np.full(len(rows), -1)
        place, pair = vocabulary.neighbours(rows, part)
        pairs[place] = len(names) + pair
        return cls(rows, pairs, parts, texts.papers, len(vocabulary)), vocabulary

    def counts(self, row: Numbers, start: Numbers, end: Numbers) -> csr_matrix:
        """How often each text has each row; text `row[i]` (ascending) has start[i]:end[i]."""
        length = np.maximum(end - start, 0)
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


def questions(
    corpus: Corpus, papers: Numbers, rng: np.random.Generator
) -> tuple[csr_matrix, csr_matrix]:
    """A part of each paper, and the paper without it.

    A third each: the title, a sentence, 3 to 12 words of a sentence.
    """
    first, last = corpus.papers[papers], corpus.papers[papers + 1]
    kind = rng.integers(0, 3, len(papers))
    part = np.where(kind == 0, first, rng.integers(first + 1, last))
    start, end = corpus.parts[part], corpus.parts[part + 1]
    length = np.where(
        kind == 2, np.minimum(rng.integers(3, 13, len(papers)), end - start), end - start
    )
    begin = rng.integers(start, end - length + 1)
    asked = corpus.counts(np.arange(len(papers)), begin, begin + length)
    rest = np.stack([corpus.parts[first], start, end, corpus.parts[last]], axis=1)
    twice = np.repeat(np.arange(len(papers)), 2)
    return asked, corpus.counts(twice, rest[:, ::2].ravel(), rest[:, 1::2].ravel())


def contrast(asked: Floats, found: Floats, warmth: float) -> tuple[float, Floats, Floats]:
    """InfoNCE both ways: each question should find its own paper of the batch.

    The loss, and its gradients for both.
    """
    asked_length = np.linalg.norm(asked, axis=1, keepdims=True) + 1e-9
    found_length = np.linalg.norm(found, axis=1, keepdims=True) + 1e-9
    x, y = asked / asked_length, found / found_length
    odds = x @ y.T
    odds -= 1  # no cosine is greater, so nothing overflows
    odds /= warmth
    np.exp(odds, out=odds)
    of_asked, of_found = odds.sum(1, keepdims=True), odds.sum(0, keepdims=True)
    loss = -float(np.log(odds.diagonal() / of_asked[:, 0]).mean())
    slope = odds * (0.5 / of_asked)
    odds *= 0.5 / of_found
    slope += odds
    slope[np.diag_indices_from(slope)] -= 1
    slope /= warmth * len(x)
    gx, gy = slope @ y, slope.T @ x
    gx -= x * (gx * x).sum(1, keepdims=True)
    gy -= y * (gy * y).sum(1, keepdims=True)
    return loss, gx / asked_length, gy / found_length


def near_ones_together(
    corpus: Corpus, rows: Floats, papers: Numbers, size: int, rng: np.random.Generator
) -> Numbers:
    """The papers in an order in which neighbours are about the same: they mislead each other."""
    groups = []
    for some in np.array_split(papers, len(papers) // 20_000 + 1):
        vectors = corpus.whole(some) @ rows
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
        middles = vectors[rng.choice(len(some), len(some) // size + 1, replace=False)]
        group = (vectors @ middles.T).argmax(1)
        order = np.argsort(group, kind="stable")
        groups += np.split(some[order], np.flatnonzero(np.diff(group[order])) + 1)
    return np.concatenate([groups[n] for n in rng.permutation(len(groups))])


@dataclass(frozen=True)
class Course:
    """How to train."""

    epochs: int = 6
    batch: int = 2048
    rate: float = 0.08
    warmth: float = 0.05
    group: int = 256  # papers about the same that come together, every other epoch

    def run(self, corpus: Corpus, rows: Floats, rng: np.random.Generator) -> None:
        """Make `rows` better in place: Adagrad with one rate for each row."""
        squares = np.full(len(rows), 1e-8, np.float32)
        began = time.monotonic()
        for done, papers in self._batches(corpus, rows, rng):
            asked, found = questions(corpus, papers, rng)
            loss, *slopes = contrast(asked @ rows, found @ rows, self.warmth)
            used, counts = _used(vstack([asked, found], format="csr"))
            slope = counts.T @ np.concatenate(slopes)
            squares[used] += np.square(slope).mean(1)
            rate = self.rate * max(0.05, 1 - done)
            rows[used] -= slope * (rate / np.sqrt(squares[used]))[:, None]
            took = time.monotonic() - began
            click.echo(f"\r{done:4.0%}  loss {loss:.3f}  {took:.0f} s ", nl=False, err=True)
        click.echo(err=True)

    def _batches(
        self, corpus: Corpus, rows: Floats, rng: np.random.Generator
    ) -> Iterator[tuple[float, Numbers]]:
        """How much is done, and the next papers."""
        papers = np.arange(len(corpus.papers) - 1)
        each = -(-len(papers) // self.batch)
        for epoch in range(self.epochs):
            order = rng.permutation(papers)
            if epoch % 2:
                order = near_ones_together(corpus, rows, order, self.group, rng)
            batches = np.array_split(order, each)
            for number, batch in enumerate(rng.permutation(each)):
                yield (epoch + number / each) / self.epochs, batches[batch]


def _used(counts: csr_matrix) -> tuple[Numbers, csr_matrix]:
    """The columns that are not empty, and the matrix of those alone."""
    used = np.bincount(counts.indices, minlength=counts.shape[1]) > 0
    columns = (np.cumsum(used) - 1)[counts.indices]
    shape = (counts.shape[0], int(used.sum()))
    return np.flatnonzero(used), csr_matrix((counts.data, columns, counts.indptr), shape)


def first_rows(vocabulary: Vocabulary, start: Table | None, rng: np.random.Generator) -> Floats:
    """Those of the table to go on from. A new word is the sum of its pieces, a new pair zero."""
    rows = np.zeros((len(vocabulary), DIM), np.float32)
    names = len(vocabulary.words)
    if start is None:
        rows[:names] = rng.normal(0, DIM**-0.5, (names, DIM))
        return rows
    old = start.rows(np.arange(len(start.vocabulary)))
    for row, word in enumerate(vocabulary.words):
        rows[row] = old[list(start.vocabulary.pieces(word))].sum(0)
    _, new, known = np.intersect1d(vocabulary.pairs, start.vocabulary.pairs, return_indices=True)
    rows[names + new] = old[len(start.vocabulary.words) + known]
    return rows


def save(path: Path, vocabulary: Vocabulary, rows: Floats) -> None:
    """Four bits a number; each row is scaled so that the least is lost."""
    least = np.full(len(rows), np.inf)
    scales = np.zeros(len(rows), np.float16)
    for clip in CLIPS:
        tried = np.maximum(np.abs(rows).max(1) * clip / 7, 1e-6).astype(np.float16)
        lost = np.square(_sevenths(rows, tried) * tried[:, None].astype(np.float32) - rows).sum(1)
        scales[lost < least] = tried[lost < least]
        least = np.minimum(least, lost)
    halves = (_sevenths(rows, scales) + 8).astype(np.uint8)
    np.savez_compressed(
        path,
        format=np.int64(FORMAT),
        words=np.frombuffer("\n".join(vocabulary.words).encode(), np.uint8),
        pairs=vocabulary.pairs.astype(np.uint32),
        rows=halves[:, ::2] | halves[:, 1::2] << 4,
        scales=scales,
    )


def _sevenths(rows: Floats, scales: NDArray[np.float16]) -> Floats:
    return np.clip(np.rint(rows / scales[:, None].astype(np.float32)), -7, 7)


@click.command(help=__doc__)
@click.argument("papers", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--start", type=click.Path(path_type=Path), help="A table to go on from.")
@click.option("--without", type=click.File(), help="Ids of papers to leave out, one a line.")
@click.option("--words", "most_words", default=50_000, show_default=True)
@click.option("--pairs", "most_pairs", default=35_000, show_default=True)
@click.option("--epochs", default=6, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(
    papers: Path,
    out: Path,
    start: Path | None,
    without: TextIO | None,
    most_words: int,
    most_pairs: int,
    epochs: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    table = Table.load(start) if start else None
    texts = Texts.of(read(papers, frozenset(line.strip() for line in without or ())))
    known = table.vocabulary.words if table else common_pieces(texts, most_words // 6)
    corpus, vocabulary = Corpus.of(texts, choose_words(texts, known, most_words), most_pairs)
    rows = first_rows(vocabulary, table, rng)
    Course(epochs=epochs).run(corpus, rows, rng)
    save(out, vocabulary, rows)


if __name__ == "__main__":
    main()
