"""Settings as they are written: the environment, and under it a file `.env` in any encoding."""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.errors import ConfigError
from bot.network import PROXIES

LARGEST = 2**20  # bytes of the file
_MARKS = (  # PowerShell's `>` writes UTF-16; UTF-32's mark begins as UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_BLANKS = re.compile(r"[^\S\n]{200,}")  # the parser takes their number squared


def settings(file: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Every setting; the environment's go first. Raises ConfigError without any value in it."""
    written = read(file)
    # A proxy may be set in small or in capital letters: it is one setting all the same.
    taken = {name.lower() for name in environ} & set(PROXIES)
    under = {name: value for name, value in written.items() if name.lower() not in taken}
    return {**under, **environ}


def read(file: Path) -> dict[str, str]:
    """What the file sets; nothing where there is none. Raises ConfigError."""
    try:
        raw = _bytes(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from None
    text = _BLANKS.sub(" ", _decoded(file, raw))
    bindings, known = [], set[str]()
    for binding in parse_stream(StringIO(text)):
        if binding.error or not re.fullmatch(r"[\w.-]*", binding.key or ""):
            line = binding.original.line + len(_leading(binding.original.string))
            raise ConfigError(f"{file} has a line that is not NAME=value: line {line}.")
        # The line that `.env.example` leaves empty takes nothing away.
        if binding.value or binding.key not in known:
            bindings.append(binding.original.string)
            known.add(binding.key or "")
    return {k: v or "" for k, v in dotenv_values(stream=StringIO("".join(bindings))).items()}


def _leading(text: str) -> str:
    """The line breaks before its first words."""
    return "\n" * text[: len(text) - len(text.lstrip())].count("\n")


def _bytes(file: Path) -> bytes:
    try:
        kind = file.stat().st_mode
    except FileNotFoundError:
        if file.is_symlink():
            raise ConfigError(f"{file} is a link to a file that is not there.") from None
        return b""
    if not stat.S_ISREG(kind):  # a container's mount of a file that is absent makes a folder
        what = "a folder" if stat.S_ISDIR(kind) else "something else"
        raise ConfigError(f"{file} must be a file of settings; it is {what}.")
    with file.open("rb") as stream:
        raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ConfigError(f"{file} is too large for a file of settings: over {LARGEST >> 20} MB.")
    return raw


def _decoded(file: Path, raw: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "")
    if not encoding and len(raw) > 1 and 0 in raw[:2]:  # UTF-16 without its mark
        encoding = "utf-16-be" if raw[0] == 0 else "utf-16-le"
    try:
        text = raw.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        # Latin-1 reads any bytes; only comments have other letters than ASCII's anyway.
        text = "\0" if encoding else raw.decode("latin-1")
    if "\0" in text:
        raise ConfigError(f"{file} is not text throughout: write it anew, as UTF-8.")
    return text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
