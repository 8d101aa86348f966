"""Train the table of bot/search/table.py on titles and abstracts: numpy and scipy, one core.

    python -m training.table PAPERS OUT.npz [--start TABLE.npz] [--without IDS]

PAPERS is arXiv's metadata file, a JSON object a line (bot/sources/dump.py), perhaps as .xz or .gz;
arXiv gives it away under CC0. IDS has one "id" a line of papers to leave out.

The table we ship was made in two steps. The papers of the Daily Papers lists were left out, so that
those can test it. The first table, the one in the commit "Embed texts with a table of word
vectors", learnt single words from 677,000 titles and abstracts of 1986-2019 and of March 2025 to
August 2026. This program went on from it with 99,132 papers (1991-2019 and 2025-26; 868 of 100,000
were on the lists, by id or title), six minutes on a busy core:

    python -m training.table arxiv_100k.jsonl.xz bot/search/table.npz
        --start first.npz --without daily.txt

nDCG@10 among 14,000 Daily Papers      keywords  typos  sentences  half remembered
first table alone                          .577   .610       .441             .148
this table alone                           .604   .612       .488             .166
BM25 .6 + first table .4                   .835   .873       .613             .200
BM25 .6 + this table .4                    .844   .875       .627             .203
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from bot.search.table import FORMAT, Floats, Numbers, Table, Vocabulary
from training.texts import Corpus, Texts, choose_words, common_pieces, read

DIM = 256
TEMPERATURES = (0.05, 0.07, 0.1)  # a course for each; their mean ranks better than any of them
CLIPS = np.linspace(0.4, 1, 25)  # of a row's largest number: what is kept as 7


def queries_and_documents(
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
    queries = corpus.counts(np.arange(len(papers)), begin, begin + length)
    rest = np.stack([corpus.parts[first], start, end, corpus.parts[last]], axis=1)
    twice = np.repeat(np.arange(len(papers)), 2)
    return queries, corpus.counts(twice, rest[:, ::2].ravel(), rest[:, 1::2].ravel())


def info_nce(
    queries: Floats, documents: Floats, temperature: float
) -> tuple[float, Floats, Floats]:
    """InfoNCE both ways: each query should be nearest to its own paper of the batch.

    The loss, and its gradients for both.
    """
    query_lengths = np.linalg.norm(queries, axis=1, keepdims=True) + 1e-9
    document_lengths = np.linalg.norm(documents, axis=1, keepdims=True) + 1e-9
    x, y = queries / query_lengths, documents / document_lengths
    logits = x @ y.T
    logits -= 1  # no cosine is greater, so nothing overflows
    logits /= temperature
    np.exp(logits, out=logits)
    by_query, by_document = logits.sum(1, keepdims=True), logits.sum(0, keepdims=True)
    loss = -float(np.log(logits.diagonal() / by_query[:, 0]).mean())
    gradient = logits * (0.5 / by_query)
    logits *= 0.5 / by_document
    gradient += logits
    gradient[np.diag_indices_from(gradient)] -= 1
    gradient /= temperature * len(x)
    gx, gy = gradient @ y, gradient.T @ x
    gx -= x * (gx * x).sum(1, keepdims=True)
    gy -= y * (gy * y).sum(1, keepdims=True)
    return loss, gx / query_lengths, gy / document_lengths


def similar_papers_together(
    corpus: Corpus, rows: Floats, papers: Numbers, size: int, rng: np.random.Generator
) -> Numbers:
    """The papers in an order in which neighbours are about the same: hard negatives."""
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

    epochs: int
    temperature: float  # of the softmax
    batch: int = 2048
    rate: float = 0.06
    group: int = 128  # papers about the same that come together
    settled: float = 0.3  # of the way; from there on the mean of the rows is kept

    def run(self, corpus: Corpus, rows: Floats, rng: np.random.Generator) -> Floats:
        """Better rows: Adagrad with one rate for each row, and the mean of the later steps."""
        squares = np.full(len(rows), 1e-8, np.float32)
        total, kept = np.zeros_like(rows), 0
        for step, (done, papers) in enumerate(self._batches(corpus, rows, rng)):
            queries, documents = queries_and_documents(corpus, papers, rng)
            loss, *gradients = info_nce(queries @ rows, documents @ rows, self.temperature)
            used, counts = _used(vstack([queries, documents], format="csr"))
            gradient = counts.T @ np.concatenate(gradients)
            squares[used] += np.square(gradient).mean(1)
            rate = self.rate * max(0.05, 1 - done)
            rows[used] -= gradient * (rate / np.sqrt(squares[used]))[:, None]
            if done >= self.settled and step % 5 == 0:
                total += rows
                kept += 1
            click.echo(f"\r{done:4.0%}  loss {loss:.3f} ", nl=False, err=True)
        click.echo(err=True)
        return total / kept if kept else rows

    def _batches(
        self, corpus: Corpus, rows: Floats, rng: np.random.Generator
    ) -> Iterator[tuple[float, Numbers]]:
        """How much is done, and the next papers. None is its own rival: each is once in a batch."""
        count = len(corpus.chances)
        each = -(-count // self.batch)
        for epoch in range(self.epochs):
            drawn = rng.choice(count, count, p=corpus.chances)
            order = similar_papers_together(corpus, rows, drawn, self.group, rng)
            batches = np.array_split(order, each)
            for number, batch in enumerate(rng.permutation(each)):
                yield (epoch + number / each) / self.epochs, np.unique(batches[batch])


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
    fours = (_sevenths(rows, scales) + 8).astype(np.uint8)
    np.savez_compressed(
        path,
        format=np.int64(FORMAT),
        words=np.frombuffer("\n".join(vocabulary.words).encode(), np.uint8),
        pairs=vocabulary.pairs.astype(np.uint32),
        rows=fours[:, : DIM // 2] | fours[:, DIM // 2 :] << 4,
        scales=scales,
    )


def _sevenths(rows: Floats, scales: NDArray[np.float16]) -> Floats:
    return np.clip(np.rint(rows / scales[:, None].astype(np.float32)), -7, 7)


@click.command()
@click.argument("papers", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--start", type=click.Path(path_type=Path), help="A table to go on from.")
@click.option("--without", type=click.File(), help="Ids of papers to leave out, one a line.")
@click.option("--words", "most_words", default=50_000, show_default=True)
@click.option("--pairs", "most_pairs", default=40_000, show_default=True)
@click.option("--epochs", default=4, show_default=True)
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
    """Train a table on PAPERS; the top of this file says what they are, and what to expect."""
    rng = np.random.default_rng(seed)
    table = Table.load(start) if start else None
    texts = Texts.of(read(papers, frozenset(line.strip() for line in without or ())))
    known = table.vocabulary.words if table else common_pieces(texts, most_words // 6)
    corpus, vocabulary = Corpus.of(texts, choose_words(texts, known, most_words), most_pairs)
    rows = first_rows(vocabulary, table, rng)
    courses = [
        Course(epochs, temperature).run(corpus, rows.copy(), rng) for temperature in TEMPERATURES
    ]
    save(out, vocabulary, np.mean(courses, axis=0))


if __name__ == "__main__":
    main()
