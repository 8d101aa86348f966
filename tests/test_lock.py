"""One process a token."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.lock import held

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


def test_the_token_is_in_neither_the_name_nor_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with held("X_TOKEN", "123456:secret"):
        [file] = tmp_path.iterdir()
        assert "secret" not in file.name
        assert "123456" not in file.name + file.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_another_users_lock_is_seen_or_named_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", tempfile.mkdtemp())
    folder = Path(tempfile.gettempdir())
    folder.chmod(0o1777)
    with held("X_TOKEN", "shared"):
        [file] = folder.iterdir()
        os.seteuid(65534)
        try:
            with (
                pytest.raises(ConfigError, match=f"X_TOKEN: process {os.getpid()}, since 2"),
                held("X_TOKEN", "shared"),
            ):
                pytest.fail("two hold it")
        finally:
            os.seteuid(0)
    for mode, usable in ((0o644, True), (0o600, False)):
        file.chmod(mode)
        os.seteuid(65534)
        try:
            if usable:  # left there by a program that ended
                with held("X_TOKEN", "shared"):
                    pass
            else:
                with (
                    pytest.raises(ConfigError, match="lock file of X_TOKEN cannot be opened"),
                    held("X_TOKEN", "shared"),
                ):
                    pytest.fail("it cannot be read")
        finally:
            os.seteuid(0)


def test_a_link_in_place_of_the_lock_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with held("X_TOKEN", "linked"):
        [file] = tmp_path.iterdir()
    mine = tmp_path / "mine"
    mine.write_text("precious")
    file.unlink()
    file.symlink_to(mine)
    with pytest.raises(ConfigError, match="cannot be opened"), held("X_TOKEN", "linked"):
        pytest.fail("the link was followed")
    assert mine.read_text() == "precious"
