"""What words mean: a table with a row for every word, piece of a word and pair of neighbours.

A text's vector is the sum of its rows, made one long. `training/table.py` makes the table.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bot.errors import DailyPapersError

SHIPPED = Path(__file__).with_name("table.npz")
FORMAT = 1  # of the file; raised when an older program could not read it
_LONGEST = 40  # characters of a word that are looked at
_MOST_KNOWN = 20_000  # words whose rows are remembered, some 4 MB
_BATCH = 64  # texts added up at once: their rows are unpacked once

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Places = NDArray[np.int16]  # of a text among those embedded at once


class TableError(DailyPapersError):
    """The table cannot be used; search goes on without it."""


class Vocabulary:
    """Which rows a text has. `words`: whole ones, and pieces that go on a word as `##piece`.

    `pairs`: sorted, `first row << 16 | second row` of neighbours that have a row of their own,
    numbered after those of the words.
    """

    def __init__(self, words: Sequence[str], pairs: Numbers) -> None:
        self.words = words
        self.pairs = pairs
        self._first = np.isin(np.arange(len(words)), pairs >> 16)
        self._second = np.isin(np.arange(len(words)), pairs & 0xFFFF)
        self._pieces = _Pieces({word: row for row, word in enumerate(words)})

    def __len__(self) -> int:
        return len(self.words) + len(self.pairs)

    def pieces(self, word: str) -> tuple[int, ...]:
        """The row of a word, or those of the pieces it is cut into; none for a foreign script."""
        return self._pieces[word]

    def __contains__(self, word: str) -> bool:
        """Whether it has a row of its own, as words have that arXiv's abstracts often say."""
        return [self.words[row] for row in self.pieces(word)] == [word]

    def rows(self, texts: Sequence[Sequence[str]]) -> tuple[Numbers, Places]:
        """Every row of every text, text after text, and which text each is of. 32,767 at most."""
        if len(self._pieces) > _MOST_KNOWN:
            self._pieces.clear()
        pieces = [chain.from_iterable(map(self._pieces.__getitem__, words)) for words in texts]
        by_text = list(map(list, pieces))
        lengths = list(map(len, by_text))
        rows = np.fromiter(chain.from_iterable(by_text), np.int64, sum(lengths))
        text = np.repeat(np.arange(len(by_text), dtype=np.int16), lengths)
        place, pair = self.neighbours(rows, text)
        rows, text = np.append(rows, len(self.words) + pair), np.append(text, text[place])
        order = np.argsort(text, kind="stable")  # of int16 a radix sort
        return rows[order], text[order]

    def neighbours(self, rows: Numbers, text: Places | Numbers) -> tuple[Numbers, Numbers]:
        """Where a known pair begins, and which it is."""
        perhaps = self._first[rows[:-1]] & self._second[rows[1:]] & (text[:-1] == text[1:])
        place = np.flatnonzero(perhaps)
        keys = rows[place] << 16 | rows[place + 1]
        pair = np.searchsorted(self.pairs[:-1], keys)
        known = self.pairs[pair] == keys
        return place[known], pair[known]


class _Pieces(dict[str, tuple[int, ...]]):
    """The rows of a word: its own, or those of the longest pieces it can be cut into."""

    def __init__(self, rows: dict[str, int]) -> None:
        self._of = rows

    def __missing__(self, word: str) -> tuple[int, ...]:
        row = self._of.get(word)
        self[word] = rows = tuple(self._cut(word[:_LONGEST])) if row is None else (row,)
        return rows

    def _cut(self, word: str) -> Iterator[int]:
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(len(word), start, -1):
                if (row := self._of.get(mark + word[start:end])) is not None:
                    yield row
                    start = end
                    break
            else:
                start += 1  # no piece has this character


class Table:
    """Texts as vectors. `id` changes with the data: vectors of another table do not compare."""

    def __init__(self, id: str, vocabulary: Vocabulary, rows: NDArray[np.uint8], scales: Floats):
        self.id = id
        self.dim = rows.shape[1] * 2
        self.vocabulary = vocabulary
        self._packed = rows
        self._scales = scales

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Table:
        """Raises TableError when the file is missing, damaged or of a newer version."""
        try:
            with path.open("rb") as file:
                identity = hashlib.file_digest(file, "sha256").hexdigest()[:12]
                table = _read(file)
        except FileNotFoundError as error:
            raise TableError(
                f"Install again: the word vectors are missing ({path.name})."
            ) from error
        except _DAMAGE as error:
            raise TableError(
                f"Install again: the word vectors are damaged ({path.name})."
            ) from error
        return cls(identity, *table)

    def embed(self, texts: Sequence[Sequence[str]]) -> Floats:
        """(texts, dim), each row of length one; zero for a text without a known word.

        A text is its `normal.words`.
        """
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _BATCH):
            for number, vector in enumerate(self._sums(texts[start : start + _BATCH]), start):
                vectors[number] = vector
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors

    def _sums(self, texts: Sequence[Sequence[str]]) -> Iterator[Floats]:
        """Each row is unpacked once. No matrix product: its threads would fight for the cores."""
        rows, text = self.vocabulary.rows(texts)
        used, place = np.unique(rows, return_inverse=True)
        values = self.rows(used)
        ends = np.searchsorted(text, np.arange(len(texts) + 1))
        for start, end in pairwise(ends.tolist()):
            yield values[place[start:end]].sum(0)

    def rows(self, numbers: Numbers) -> Floats:
        """Unpacked. A byte holds a number of a row's first half and one of its second, 1..15."""
        packed = self._packed[numbers]
        both = np.concatenate([packed & 15, packed >> 4], axis=1).view(np.int8)
        return (both - np.int8(8)) * self._scales[numbers, None]


_Parts = tuple[Vocabulary, NDArray[np.uint8], Floats]
# What zipfile, zlib and numpy raise on bytes that are not what they were, and our own checks.
_DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error,
           NotImplementedError, RuntimeError)  # fmt: skip


def _read(file: BinaryIO) -> _Parts:
    with zipfile.ZipFile(file) as archive:
        if int(_array(archive, "format")) > FORMAT:
            raise TableError("Install again: the word vectors are of a newer version.")
        words = _array(archive, "words").tobytes().decode().split("\n")
        pairs = _array(archive, "pairs").astype(np.int64)
        rows = _array(archive, "rows")
        scales = _array(archive, "scales").astype(np.float32)
    shape = (len(words) + len(pairs),)
    fit = rows.ndim == 2 and rows.shape[:1] == scales.shape == shape and len(words) <= 1 << 16
    if not fit or rows.dtype != np.uint8 or np.any(pairs[:-1] >= pairs[1:]):
        raise ValueError("the parts do not fit together")
    return Vocabulary(words, pairs), rows, scales


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Read at a stretch: so the archive compares its checksum before numpy looks at a byte."""
    array: NDArray[Any] = np.load(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
    return array
