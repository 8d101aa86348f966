"""What words mean: a table with a row for every word, piece of a word and pair of neighbours.

A text's vector is the sum of its rows, made one long. `training/table.py` makes the table.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bot.errors import DailyPapersError

SHIPPED = Path(__file__).with_name("table.npz")
FORMAT = 1  # of the file; raised when an older program could not read it
_LONGEST = 40  # characters of a word that are looked at
_MOST_KNOWN = 60_000  # words whose rows are remembered, some 10 MB
_BATCH = 64  # texts added up at once: their rows are unpacked once
# Two numbers of -7..7 share a byte; one complex number takes both halves in a single look-up.
_HALVES = np.array([complex((b & 15) - 8, (b >> 4) - 8) for b in range(256)], dtype=np.complex64)

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


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
        self._pieces = _Pieces({word: row for row, word in enumerate(words)})

    def __len__(self) -> int:
        return len(self.words) + len(self.pairs)

    def pieces(self, word: str) -> tuple[int, ...]:
        """The row of a word, or those of the pieces it is cut into; none for a foreign script."""
        return self._pieces[word]

    def rows(self, texts: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers]:
        """Every row of every text, and the number of the text it is of, in no special order."""
        if len(self._pieces) > _MOST_KNOWN:
            self._pieces.clear()
        found = [list(chain.from_iterable(map(self._pieces.__getitem__, words))) for words in texts]
        lengths = [len(rows) for rows in found]
        rows = np.fromiter(chain.from_iterable(found), np.int64, sum(lengths))
        text = np.repeat(np.arange(len(found)), lengths)
        place, pair = self.neighbours(rows, text)
        return np.concatenate([rows, len(self.words) + pair]), np.concatenate([text, text[place]])

    def neighbours(self, rows: Numbers, text: Numbers) -> tuple[Numbers, Numbers]:
        """Where a known pair begins, and which it is."""
        if not len(self.pairs) or len(rows) < 2:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        keys = rows[:-1] << 16 | rows[1:]
        pair = np.searchsorted(self.pairs[:-1], keys)
        place = np.flatnonzero((self.pairs[pair] == keys) & (text[:-1] == text[1:]))
        return place, pair[place]


class _Pieces(dict[str, tuple[int, ...]]):
    """The rows of a word: its own, or those of the longest pieces it can be cut into."""

    def __init__(self, rows: dict[str, int]) -> None:
        self._of = rows

    def __missing__(self, word: str) -> tuple[int, ...]:
        row = self._of.get(word)
        self[word] = found = tuple(self._cut(word[:_LONGEST])) if row is None else (row,)
        return found

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
        self._halves = rows
        self._scales = scales[:, None]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Table:
        """Raises TableError when the file is missing, damaged or of a newer version."""
        try:
            with path.open("rb") as file:
                identity = hashlib.file_digest(file, "sha256").hexdigest()[:12]
                table = _read(file)
        except FileNotFoundError as error:
            raise TableError(f"The table of word vectors is missing: {path.name}.") from error
        except _DAMAGE as error:
            raise TableError(f"The table of word vectors is damaged: {path.name}.") from error
        return cls(identity, *table)

    def embed(self, texts: Sequence[Sequence[str]]) -> Floats:
        """(texts, dim), each row of length one; zero for a text without a known word.

        A text is its `normal.words`.
        """
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _BATCH):
            vectors[start : start + _BATCH] = self._sums(texts[start : start + _BATCH])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors

    def _sums(self, texts: Sequence[Sequence[str]]) -> Floats:
        """One matrix product: how often each text has each row, times those rows."""
        rows, text = self.vocabulary.rows(texts)
        used, column = np.unique(rows, return_inverse=True)
        cells = text * len(used) + column
        counts = np.bincount(cells, minlength=len(texts) * len(used)).astype(np.float32)
        return counts.reshape(len(texts), len(used)) @ self.rows(used)

    def rows(self, numbers: Numbers) -> Floats:
        return _HALVES[self._halves[numbers]].view(np.float32) * self._scales[numbers]


_Parts = tuple[Vocabulary, NDArray[np.uint8], Floats]
# What zipfile, zlib and numpy raise on bytes that are not what they were, and our own checks.
_DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error,
           NotImplementedError, RuntimeError)  # fmt: skip


def _read(file: BinaryIO) -> _Parts:
    with zipfile.ZipFile(file) as archive:
        if int(_array(archive, "format")) > FORMAT:
            raise TableError("The table of word vectors is of a newer version of this program.")
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
