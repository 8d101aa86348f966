"""One process a token."""

import subprocess
import sys
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
