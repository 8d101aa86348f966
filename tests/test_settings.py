"""Settings in every form that people write them: understood, or one sentence without a secret."""

from pathlib import Path

import pytest

from bot.config import load, without_password
from bot.errors import ConfigError


@pytest.mark.parametrize(
    ("value", "path"),
    [("sqlite:///data/papers.db", "data/papers.db"), ("sqlite:////var/papers.db", "/var/papers.db"),
     ("SQLite:///x.db", "x.db"), ("sqlite3:///x.db", "x.db"), ("sqlite+aiosqlite:///x.db", "x.db"),
     ("sqlite:///~/x.db", "/home/ada/x.db"), ("sqlite:///my papers/x.db", "my papers/x.db"),
     ("'sqlite:///x.db'", "x.db"), ('"sqlite:///x.db"', "x.db"), ("  sqlite:///x.db  ", "x.db"),
     ("sqlite:///../x.db", "../x.db"), ("sqlite:///./x", "x"), ("sqlite:///a#b.db", "a#b.db"),
     ("sqlite:///пример.db", "пример.db"), (" ", "data/papers.db"), ("''", "data/papers.db")],
)  # fmt: skip
def test_a_database_is_understood(value: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert load({"DATABASE_URL": value}).database == Path(path)


@pytest.mark.parametrize(
    ("value", "words"),
    [("postgres://Ada:hunter2@host/papers", "postgres:// is another database"),
     ("postgresql+asyncpg://Ada:hunter2@host/papers", "is another database"),
     ("mysql://Ada:hunt@er2@host", "mysql:// is another"), ("Ada:hunter2@host/papers", ""),
     ("host=db user=Ada password=hunter2", ""), ("jdbc:postgresql://host/?password=hunter2", ""),
     ("Server=db;User=Ada;Pwd=hunter2", ""), ("hunter2", ""), ("postgres:hunter2", ""),
     ("postgres://host?user=Ada&password=hunter2", "is another database"),
     ("data/papers.db", ""), ("/var/papers.db", ""), ("papers.db", ""), ("file:papers.db", ""),
     ("sqlite://data/papers.db", "three slashes"), ("sqlite://", "three slashes"),
     ("sqlite:papers.db", "three slashes"), ("sqlite:///", "three slashes"),
     ("sqlite:///:memory:", "in memory"), ("sqlite:////:memory:", "in memory"),
     ("sqlite:///file::memory:?cache=shared", "in memory"), (":memory:", ""),
     ("sqlite:///x.db?timeout=5&key=hunter2", "without anything after it"),
     ("sqlite:///my%20papers.db", "not as %20"), ("sqlite:///file:x.db", "without file:"),
     (r"sqlite:///C:\papers\x.db", "without a drive"), ("sqlite:///C:/x.db", "without a drive"),
     (r"sqlite:///data\x.db", "with /"), (r"C:\papers\x.db", ""),
     ("sqlite:///.", "a folder"), ("sqlite:////", "a folder"), ("sqlite:///data/", "a folder"),
     ("sqlite:////tmp", "a folder"), ("sqlite:///~nobody-here/x.db", "no such home"),
     ("sqlite:///" + "x" * 5000, "File name too long"), ("sqlite:///a\nb", "on one line")],
)  # fmt: skip
def test_another_form_is_told_the_right_one(value: str, words: str) -> None:
    with pytest.raises(ConfigError) as fault:
        load({"DATABASE_URL": value})
    told = str(fault.value)
    assert told.startswith("DATABASE_URL must look like sqlite:///data/papers.db")
    assert words in told and told.endswith(".") and "\n" not in told and len(told) < 250
    assert "Ada" not in told and "er2" not in told


ADDRESSES = (
    "HF_API_BASE", "ARXIV_API_BASE", "ARXIV_OAI_BASE", "DISCORD_API_BASE", "DISCORD_GATEWAY_URL",
    "TELEGRAM_API_BASE",
)  # fmt: skip


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "value",
    ["huggingface.co", "http:/host", "//host", "http://", "http://:80", "http://host:99999",
     "http://host:port", "http://[::1", "http://ho st", "http://host/?a=hunter2", "http://host/#x",
     "ftp://Ada:hunter2@host", "https://Ada:hunter2@host:x", "http://ho\nst", "http://h\\x",
     "hf_" + "hunter2" * 5, "MTIz.hunter2." + "x" * 60, "x" * 100_000, "\udcff", "http://\udcff"],
)  # fmt: skip
def test_an_address_that_is_none_is_one_sentence(name: str, value: str) -> None:
    if name == "DISCORD_GATEWAY_URL":
        value = value.replace("http", "ws")
    with pytest.raises(ConfigError) as fault:
        load({name: value})
    told = str(fault.value)
    kind = "wss" if name == "DISCORD_GATEWAY_URL" else "https"
    assert told.startswith(f"{name} must be a URL like {kind}://host") and len(told) < 150
    assert "hunter2" not in told and "Ada" not in told and told.isprintable()


def test_addresses_of_the_other_kind_are_none() -> None:
    for name, value in (("HF_API_BASE", "wss://host"), ("DISCORD_GATEWAY_URL", "https://host")):
        with pytest.raises(ConfigError, match=f"{name} must be a URL like"):
            load({name: value})


def test_an_address_is_understood_as_it_is_meant() -> None:
    made = load({"HF_API_BASE": ' "HTTPS://Mirror.example:8443/hf/" '})
    assert made.hf_api_base == "https://Mirror.example:8443/hf"


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "TELEGRAM_TOKEN"])
def test_a_token_may_stand_in_quotes_and_has_no_odd_characters(name: str) -> None:
    for value in ("'123:abc'", '"123:abc"', "\t123:abc\u00a0", "123:abc", "“123:abc”",
                  "Bot 123:abc", "123:abc\u2060", f"{name}=123:abc", "<123:abc>"):  # fmt: skip
        assert load({name: value}).tokens == {name: "123:abc"}
    for value in ("Bearer 123:abc", "123:abc\n4", "123:abc 123:abd", "123:ab\udcff", "…", "ключ"):
        with pytest.raises(ConfigError, match=rf"^{name} has characters .*copy it again") as fault:
            load({name: value})
        assert "123" not in str(fault.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("DISCORD_GUILD", "9" * 5000), ("DISCORD_GUILD", "-1"), ("DISCORD_GUILD", "MTIz.hunter2." * 9),
     ("TELEGRAM_PAID_BROADCAST", "yes, and hunter2 " * 9), ("ARXIV_CATEGORIES", "hunter2 " * 99),
     ("ARXIV_CATEGORIES", "\udcff")],
)  # fmt: skip
def test_no_setting_is_told_at_length(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name} .*\.$") as fault:
        load({name: value})
    assert "hunter2" not in str(fault.value) and len(str(fault.value)) < 150


@pytest.mark.parametrize(
    ("url", "shown"),
    [("https://host/x", "https://host/x"), ("https://Ada:hunter2@host", "https://host"),
     ("Ada:hunter2@host", "host"), ("https://Ada:hun@ter2@host", "https://host")],
)  # fmt: skip
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


TELEGRAM = "123456789:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4." + "GaBcDe." + "abcdefghijklmnopqrstuvwxyz0123456789AB"


@pytest.mark.parametrize(
    "value",
    [f"bot{TELEGRAM}", f"https://api.telegram.org/bot{TELEGRAM}/", f"“{TELEGRAM}”",
     f"https://api.telegram.org/bot{TELEGRAM}/getMe?x=1", f"{TELEGRAM[:20]}\n{TELEGRAM[20:]}",
     f"{TELEGRAM[:20]} {TELEGRAM[20:]}", f"Use this token:\n{TELEGRAM}\nKeep it secure.",
     f"{TELEGRAM} # mine", f"`{TELEGRAM}`", f"BOT {TELEGRAM}"],
)  # fmt: skip
def test_a_telegram_token_is_cut_out_of_what_is_around_it(value: str) -> None:
    assert load({"TELEGRAM_TOKEN": value}).tokens == {"TELEGRAM_TOKEN": TELEGRAM}


@pytest.mark.parametrize(
    "value",
    [f"Bot {DISCORD}", f"bot  {DISCORD}", f"Authorization: Bot {DISCORD}", f"“{DISCORD}”",
     f"{DISCORD[:30]}\n{DISCORD[30:]}", f"{DISCORD[:30]} {DISCORD[30:]}", f"token: {DISCORD}"],
)  # fmt: skip
def test_a_discord_token_is_cut_out_of_what_is_around_it(value: str) -> None:
    assert load({"DISCORD_TOKEN": value}).tokens == {"DISCORD_TOKEN": DISCORD}


@pytest.mark.parametrize(
    ("name", "value"),
    [("TELEGRAM_TOKEN", DISCORD), ("TELEGRAM_TOKEN", "https://t.me/hunter2bot"),
     ("TELEGRAM_TOKEN", "hunter2"), ("TELEGRAM_TOKEN", f"{TELEGRAM} {TELEGRAM[:-1]}x"),
     ("DISCORD_TOKEN", TELEGRAM), ("DISCORD_TOKEN", "1234567890123456789"),
     ("DISCORD_TOKEN", "https://discord.com/hunter2"), ("DISCORD_TOKEN", "ab" * 32),
     ("DISCORD_TOKEN", f"{DISCORD[:66]} {DISCORD[66:]}"), ("DISCORD_TOKEN", f"{DISCORD} hunter2")],
)  # fmt: skip
def test_what_is_surely_no_token_is_told_the_form(name: str, value: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"^{name} .*; a token is .*: copy it again, alone\.$"
    ) as fault:
        load({name: value})
    told = str(fault.value)
    assert not any(part in told for part in ("hunter2", TELEGRAM[:12], DISCORD[:12], "12345678901"))
