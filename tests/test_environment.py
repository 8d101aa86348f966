"""Settings as they are written in `.env`, in every way that people and their editors have."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.environment import LARGEST, read, settings
from bot.errors import ConfigError

TEXT = "# the bot's own\nTELEGRAM_TOKEN=123:secret\nARXIV_CATEGORIES=cs.CL\n"
MEANT = {"TELEGRAM_TOKEN": "123:secret", "ARXIV_CATEGORIES": "cs.CL"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.mark.parametrize(
    "raw",
    [TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.encode("utf-16"),
     TEXT.encode("utf-16-le"), TEXT.encode("utf-16-be"), b"\xfe\xff" + TEXT.encode("utf-16-be"),
     TEXT.encode("utf-32"), TEXT.replace("\n", "\r\n").encode(),
     TEXT.replace("\n", "\r\n").encode("utf-16"), TEXT.replace("\n", "\r").encode(),
     TEXT.replace("own", "Schlüssel").encode("latin-1"),
     TEXT.replace("own", "“own”").encode("cp1252"),
     TEXT.encode() + b"\xef\xbb\xbf# two files in one\n", TEXT.rstrip("\n").encode(),
     TEXT.replace("\n", "   \n").encode(), TEXT.replace("\n", "\t \n\n\n").encode()],
)  # fmt: skip
def test_any_encoding_and_any_line_ending_is_understood(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    assert read(file) == MEANT


@pytest.mark.parametrize(
    ("text", "value"),
    [("A=b", "b"), ("export A=b", "b"), ("A = b", "b"), ('A="b c"', "b c"), ("A='b'", "b"),
     ("A=b # a comment", "b"), ("A=b#c", "b#c"), ("A=1\nA=b", "b"), ("A=b\nA=", "b"),
     ("A=b\nA=\n# and\nA=''", "b"), ("A=", ""), ("A", ""), ("  A=b", "b"), ("A=b   ", "b"),
     ("A=" + " " * 900_000 + "b", "b"), ("A=b" + " " * 900_000 + "# x", "b")],
)  # fmt: skip
def test_a_line_is_understood_as_it_is_meant(file: Path, text: str, value: str) -> None:
    file.write_text(text)
    assert read(file)["A"] == value


@pytest.mark.parametrize(
    "text",
    ["TELEGRAM_TOKEN 123:secret", "TELEGRAM_TOKEN: 123:secret", "set TELEGRAM_TOKEN=123:secret",
     'TELEGRAM_TOKEN="123:secret', '$env:TELEGRAM_TOKEN="123:secret"', "=123:secret",
     'TELEGRAM_TOKEN="123:secret" and more'],
)  # fmt: skip
def test_a_line_that_sets_nothing_is_named_by_its_number(file: Path, text: str) -> None:
    file.write_text(f"# one\n\nA=b\n\n{text}\n")
    with pytest.raises(ConfigError, match=r"a line that is not NAME=value: line 5\.$") as fault:
        read(file)
    assert "secret" not in str(fault.value)


def a_folder(file: Path) -> None:
    file.mkdir()


def a_fifo(file: Path) -> None:
    os.mkfifo(file)


def a_dangling_link(file: Path) -> None:
    file.symlink_to("nothing")


def a_link_to_itself(file: Path) -> None:
    file.symlink_to(file)


def a_device(file: Path) -> None:
    file.symlink_to("/dev/zero")


def too_large(file: Path) -> None:
    file.write_bytes(b"A=123:secret\n" * (LARGEST // 13 + 1))


def with_nuls(file: Path) -> None:
    file.write_bytes(b"A=123:secret\n\0\0\0\0")


def half_in_another_encoding(file: Path) -> None:
    file.write_bytes(b"A=1\n" + "B=123:secret\n".encode("utf-16-le"))


def torn_in_the_middle_of_a_character(file: Path) -> None:
    file.write_bytes("A=123:secret\n".encode("utf-16")[:-1])


@pytest.mark.parametrize(
    "kind",
    [a_folder, a_fifo, a_dangling_link, a_link_to_itself, a_device, too_large, with_nuls,
     half_in_another_encoding, torn_in_the_middle_of_a_character],
)  # fmt: skip
def test_what_is_no_file_of_settings_is_one_sentence(
    file: Path, kind: Callable[[Path], None]
) -> None:
    kind(file)
    with pytest.raises(ConfigError, match=r"\.env .*\.$") as fault:
        read(file)
    assert "secret" not in str(fault.value) and "\n" not in str(fault.value)


def test_without_a_file_nothing_is_set(file: Path) -> None:
    assert read(file) == {}
    file.write_bytes(b"")
    assert read(file) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_one_sentence(file: Path) -> None:
    file.write_text(TEXT)
    file.chmod(0)
    with pytest.raises(ConfigError, match=r"cannot be read: Permission denied\.$"):
        read(file)


def test_the_environment_goes_before_the_file(file: Path) -> None:
    file.write_text("A=file\nB=file\nhttps_proxy=http://file:1\nNO_PROXY=file\n")
    environ = {"A": "set", "HTTPS_PROXY": "http://set:1"}
    found = settings(file, environ)
    assert found == {"A": "set", "B": "file", "HTTPS_PROXY": "http://set:1", "NO_PROXY": "file"}


def test_one_setting_may_be_made_of_another(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    file.write_text("DATABASE_URL=sqlite:///${HOME}/papers.db\n")
    assert read(file) == {"DATABASE_URL": "sqlite:////home/ada/papers.db"}
