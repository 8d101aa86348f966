"""Names that were surely meant for settings are told; what belongs to others is left alone."""

from pathlib import Path

import pytest

from bot import doctor
from bot.config import SETTINGS, load
from tests.process import told

VALUE = "http://hunter2:1"  # a proxy, where one is read


@pytest.mark.parametrize(
    ("name", "meant"),
    [("TELEGRAM_BOT_TOKEN", "TELEGRAM_TOKEN"), ("telegram_token", "TELEGRAM_TOKEN"),
     ("TG_TOKEN", "TELEGRAM_TOKEN"), ("TELEGRAMM_TOKEN", "TELEGRAM_TOKEN"),
     ("TELEGRAM_API_KEY", "TELEGRAM_TOKEN"), ("DAILY_PAPERS_TELEGRAM_TOKEN", "TELEGRAM_TOKEN"),
     ("DISCORD_BOT_TOKEN", "DISCORD_TOKEN"), ("DISCORDTOKEN", "DISCORD_TOKEN"),
     ("DISCRD_TOKN", "DISCORD_TOKEN"), ("TOKEN_DISCORD", "DISCORD_TOKEN"),
     ("DISCORD_TOKEN_FILE", "DISCORD_TOKEN"), ("BOT_TOKEN", "DISCORD_TOKEN or TELEGRAM_TOKEN"),
     ("TOKEN", "DISCORD_TOKEN or TELEGRAM_TOKEN"), ("DATABASE_PATH", "DATABASE_URL"),
     ("DB_FILE", "DATABASE_URL"), ("DATABASE", "DATABASE_URL"),
     ("ARXIV_CATEGORY", "ARXIV_CATEGORIES"),
     ("HF_API_URL", "HF_API_BASE"), ("DISCORD_GUILD_ID", "DISCORD_GUILD"), ("PROXY", "HTTPS_PROXY"),
     ("HTTPS-PROXY", "HTTPS_PROXY"), ("NOPROXY", "NO_PROXY"), ("SSL_CERT_PATH", "SSL_CERT_FILE")],
)  # fmt: skip
def test_a_name_that_is_nearly_a_setting_is_told(name: str, meant: str) -> None:
    assert load({name: VALUE}).doubts == (f"{name} is not a setting; did you mean {meant}?",)


@pytest.mark.parametrize(
    "name",
    [*SETTINGS[8:11], "https_proxy", "PATH", "GOPROXY", "ftp_proxy", "HF_TOKEN", "GITHUB_TOKEN",
     "DATABASE_USER", "DATABASE_HOST", "POSTGRES_URL", "DISCORD_CLIENT_ID", "TELEGRAM_API_HASH",
     "HF_HOME", "HF_ENDPOINT", "SECRET_KEY", "API_KEY", "NIX_SSL_CERT_FILE", "PIP_CERT", "WS_PROXY",
     "TELEGRAM_CHAT_ID", "DISCORD_PUBLIC_KEY", "npm_config_https_proxy", "BASE_URL", "SERVER"],
)  # fmt: skip
def test_what_is_a_setting_or_belongs_to_others_is_not_told(name: str) -> None:
    assert name == "HTTP_PROXY" or load({name: VALUE}).doubts == ()


def test_nothing_is_told_where_the_setting_is_set_or_the_name_has_no_value() -> None:
    assert load({"TELEGRAM_BOT_TOKEN": "1:a", "TELEGRAM_TOKEN": "1:b"}).doubts == ()
    assert load({"TELEGRAM_BOT_TOKEN": " "}).doubts == ()
    assert load({"TELEGRAM_BOT_TOKEN": "1:a", "TELEGRAM_TOKEN": " "}).doubts


def test_a_proxy_of_the_other_kind_alone_is_told() -> None:
    [doubt] = load({"http_proxy": VALUE}).doubts
    assert doubt.startswith("http_proxy is for http:// addresses, and none is asked; did you mean")
    for other in ({"HTTPS_PROXY": VALUE}, {"ALL_PROXY": VALUE}, {"HF_API_BASE": "http://host"}):
        assert load({"HTTP_PROXY": VALUE, **other}).doubts == ()


async def test_run_says_so_in_a_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKEN=123:hunter2\n")
    line = "TELEGRAM_BOT_TOKEN is not a setting; did you mean TELEGRAM_TOKEN?"
    _, out, err = await told(tmp_path, "run")
    assert err.splitlines()[0] == line and "No token is set" in err
    assert "hunter2" not in err + out.decode()


async def test_doctor_says_so_in_a_line(tmp_path: Path) -> None:
    lines: list[str] = []
    env = {"HF_API_BASE": "http://127.0.0.1:9", "DATABASE_URL": f"sqlite:///{tmp_path}/papers.db"}
    await doctor.examine(load({**env, "BOT_TOKEN": "hunter2"}), lines.append)
    assert (
        "note  settings: BOT_TOKEN is not a setting; did you mean DISCORD_TOKEN or TELEGRAM_TOKEN?"
        in lines
    )
    assert "hunter2" not in "".join(lines)
