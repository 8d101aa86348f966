"""One process a token."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.lock import held, holder

ROOT = Path(__file__).resolve().parents[1]
HOLD = """
import sys, bot.lock
with bot.lock.held("X_TOKEN", "{}"):
    print("held", flush=True)
    sys.stdin.read()
"""


def other(token: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(token)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_start_says_who_holds_the_token() -> None:
    with other("secret-1") as process:
        with (
            pytest.raises(ConfigError, match=f"X_TOKEN: process {process.pid}, since 2") as refused,
            held("X_TOKEN", "secret-1"),
        ):
            pytest.fail("two hold it")
        assert "secret-1" not in str(refused.value)
        with held("X_TOKEN", "secret-2"):  # another token is another bot
            pass
        process.kill()


def test_the_lock_dies_with_its_process() -> None:
    with other("secret-3") as process:
        process.kill()
    with held("X_TOKEN", "secret-3"):
        pass
    with held("X_TOKEN", "secret-3"):
        pass


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lock's folder is, in place of /tmp; a home is beside it."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "tmp" / f"daily-papers-{os.geteuid()}"


def test_the_token_is_in_neither_the_name_nor_the_file(folder: Path) -> None:
    with held("X_TOKEN", "123456:secret"):
        [file] = folder.iterdir()
        assert "secret" not in file.name
        assert "123456" not in file.name + file.read_text()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_the_lock_is_its_owners_alone(folder: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with held("X_TOKEN", "mine"):
            [file] = folder.iterdir()
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o077 == 0


def a_folder(place: Path) -> None:
    place.mkdir(0o777)


def a_file(place: Path) -> None:
    place.write_bytes(b"\x1b[2J" + b"\xff" * 100_000)


def a_fifo(place: Path) -> None:
    os.mkfifo(place)


def a_link(place: Path) -> None:
    place.symlink_to(place.parent.parent)


def a_link_to_nothing(place: Path) -> None:
    place.symlink_to("nothing")


@pytest.mark.parametrize("kind", [a_folder, a_file, a_fifo, a_link, a_link_to_nothing])
def test_what_another_user_left_there_stops_no_start(
    folder: Path, kind: Callable[[Path], None]
) -> None:
    kind(folder)
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534, follow_symlinks=False)
    elif kind is a_folder:
        pytest.skip("needs a second user")
    with held("X_TOKEN", "taken"):
        [file] = (Path.home() / ".cache" / "daily-papers").iterdir()
        assert file.read_text().startswith(f"process {os.getpid()}, since 2")
        with pytest.raises(ConfigError, match="already serves"), held("X_TOKEN", "taken"):
            pytest.fail("two hold it")
    assert not list(folder.parent.parent.glob("*.lock"))  # nor was a link followed


@pytest.mark.parametrize("kind", [a_folder, a_fifo, a_link, a_link_to_nothing])
def test_an_odd_thing_in_place_of_the_file_stops_no_start(
    folder: Path, kind: Callable[[Path], None]
) -> None:
    with held("X_TOKEN", "odd"):
        [file] = folder.iterdir()
    file.unlink()
    kind(file)
    with held("X_TOKEN", "odd"):
        assert not (folder / "nothing").exists()  # no link is followed


def test_what_is_in_the_file_is_told_only_as_what_it_should_be(folder: Path) -> None:
    with held("X_TOKEN", "told"):
        [file] = folder.iterdir()
        file.write_bytes(b"\x1b[2Jprocess 1, since the beginning\xff" * 1000)
        with (
            pytest.raises(ConfigError, match=r"X_TOKEN: it is just starting\.$"),
            held("X_TOKEN", "told"),
        ):
            pytest.fail("two hold it")


def test_without_any_place_for_a_lock_the_bot_serves_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    a_file(folder)
    monkeypatch.setenv("HOME", str(folder))
    with held("X_TOKEN", "none"):
        pass
    assert "no lock" in caplog.text and "X_TOKEN" in caplog.text


def test_who_holds_a_token_can_be_asked(folder: Path) -> None:
    assert holder("asked") == ""
    with held("X_TOKEN", "asked"):
        assert holder("asked").startswith(f"process {os.getpid()}, since 2")
    assert holder("asked") == ""
